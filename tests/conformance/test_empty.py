"""`--empty`."""

from conformance.published import adopt

adopt(__name__, "empty")
