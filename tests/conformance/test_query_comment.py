"""The comment that dbt writes into every statement."""

from conformance.published import adopt

adopt(__name__, "query_comment")
