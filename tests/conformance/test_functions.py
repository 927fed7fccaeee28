"""User-defined functions: a Python one has the body of the function as its text."""

from __future__ import annotations

import pytest
from dbt.tests.adapter.functions import files
from dbt.tests.adapter.functions.test_udfs import PythonUDFDefaultArgSupport, PythonUDFSupported

from conformance.published import adopt

BODY = "return price * 2"
refused = pytest.mark.xfail(
    reason="functions in another language than SQL are a known limit, refused by name", strict=True
)


@refused
class TestPythonUDFSupported(PythonUDFSupported):
    @pytest.fixture(scope="class")
    def functions(self) -> dict[str, str]:
        return {"price_for_xlarge.py": BODY, "price_for_xlarge.yml": files.MY_UDF_PYTHON_YML}


@refused
class TestPythonUDFDefaultArgSupport(PythonUDFDefaultArgSupport):
    @pytest.fixture(scope="class")
    def functions(self) -> dict[str, str]:
        return {"price_for_xlarge.py": BODY, "price_for_xlarge.yml": files.MY_UDF_PYTHON_WITH_DEFAULT_ARG_YML}


_SCALAR = "dbt-databricks makes scalar functions in SQL and in Python, and no aggregates"
_JAVASCRIPT = "functions in JavaScript: Databricks has none"
_VOLATILITY = "dbt-databricks writes no volatility"
_OPTIONAL = "dbt-databricks takes the setting and does without it"
adopt(
    __name__,
    "functions",
    parents=("UDAFBase",),
    skipped={
        "DeterministicUDF": _VOLATILITY,
        "StableUDF": _VOLATILITY,
        "NonDeterministicUDF": _VOLATILITY,
        "PythonUDFVolatilitySupport": _VOLATILITY,
        "PythonUDFNotSupported": "Databricks has functions in Python",
        "PythonUDFRuntimeVersionRequired": _OPTIONAL,
        "PythonUDFEntryPointRequired": _OPTIONAL,
        "PythonUDFWithPackagesSupported": "dbt-databricks writes no packages of a function",
        "CanFindScalarFunctionRelation": "dbt-databricks lists tables and views, no functions",
        "BasicPythonUDAF": _SCALAR,
        "BasicSQLUDAF": _SCALAR,
        "PythonUDAFDefaultArgSupport": _SCALAR,
        "BasicJSUDF": _JAVASCRIPT,
        "JSUDFMultiLineBody": _JAVASCRIPT,
        "JSUDFDeterministicVolatility": _JAVASCRIPT,
        "JSUDFNonDeterministicVolatility": _JAVASCRIPT,
        "JSUDFStableVolatilityWarns": _JAVASCRIPT,
        "JSUDFDefaultArgSupport": _JAVASCRIPT,
        "BasicJSAggregateUDF": _JAVASCRIPT,
        "JSAggregateUDFVolatilityIgnored": _JAVASCRIPT,
    },
)
