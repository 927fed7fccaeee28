"""Failing rows of tests that are kept as tables and views."""

from conformance.published import adopt

adopt(__name__, "store_test_failures_tests")
