"""`--sample`."""

from conformance.published import adopt

adopt(__name__, "sample_mode")
