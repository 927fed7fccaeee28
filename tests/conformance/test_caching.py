"""The adapter's cache of relations."""

from conformance.published import adopt

adopt(__name__, "caching", parents=("BaseCachingTest",))
