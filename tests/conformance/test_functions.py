"""User-defined functions."""

from __future__ import annotations

from conformance.published import adopt

_NO_MACRO = "dbt-databricks 1.12 makes scalar functions in SQL and in Python, and no aggregates"
_SNOWFLAKE = "functions in JavaScript: Databricks has none"
adopt(
    __name__,
    "functions",
    skipped={
        "BasicPythonUDAF": _NO_MACRO,
        "BasicSQLUDAF": _NO_MACRO,
        "PythonUDAFDefaultArgSupport": _NO_MACRO,
        "BasicJSUDF": _SNOWFLAKE,
        "JSUDFMultiLineBody": _SNOWFLAKE,
        "JSUDFDeterministicVolatility": _SNOWFLAKE,
        "JSUDFNonDeterministicVolatility": _SNOWFLAKE,
        "JSUDFStableVolatilityWarns": _SNOWFLAKE,
        "JSUDFDefaultArgSupport": _SNOWFLAKE,
        "BasicJSAggregateUDF": _SNOWFLAKE,
        "JSAggregateUDFVolatilityIgnored": _SNOWFLAKE,
    },
)
