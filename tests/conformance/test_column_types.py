"""What the adapter says of a column's type."""

from __future__ import annotations

from conformance.published import adopt

adopt(
    __name__,
    "column_types",
    skipped={
        "BasePostgresColumnTypes": "dbt-databricks takes these checks from dbt-spark, which knows the names of "
        "PostgreSQL's types: int, decimal(10,2), string and varchar(20) are none of them, on Databricks as here",
    },
)
