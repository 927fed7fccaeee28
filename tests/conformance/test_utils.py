"""The macros that every adapter has: arguments and types as Databricks takes them."""

from __future__ import annotations

import pytest
from dbt.tests.adapter.utils import fixture_listagg
from dbt.tests.adapter.utils.data_types import test_type_float, test_type_int
from dbt.tests.adapter.utils.data_types.test_type_numeric import BaseTypeNumeric
from dbt.tests.adapter.utils.fixture_get_intervals_between import models__test_get_intervals_between_yml
from dbt.tests.adapter.utils.test_get_intervals_between import BaseGetIntervalsBetween
from dbt.tests.adapter.utils.test_listagg import BaseListagg
from dbt.tests.adapter.utils.test_timestamps import BaseCurrentTimestamps

from conformance.published import adopt


def _seed_type(column: str, kind: str) -> str:
    return f"seeds: [{{name: expected, config: {{column_types: {{{column}: {kind}}}}}}}]"


class TestTypeFloat(test_type_float.BaseTypeFloat):
    # What looks like a fraction in a seed is a double otherwise.
    @pytest.fixture(scope="class")
    def seeds(self) -> dict[str, str]:
        return {"expected.csv": test_type_float.seeds__expected_csv, "expected.yml": _seed_type("float_col", "float")}


class TestTypeInt(test_type_int.BaseTypeInt):
    # What looks like an integer in a seed is a bigint otherwise.
    @pytest.fixture(scope="class")
    def seeds(self) -> dict[str, str]:
        return {"expected.csv": test_type_int.seeds__expected_csv, "expected.yml": _seed_type("int_col", "int")}


class TestTypeNumeric(BaseTypeNumeric):
    def numeric_fixture_type(self) -> str:
        return "decimal(28,6)"


class TestGetIntervalsBetween(BaseGetIntervalsBetween):
    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        model = (
            """select {{ get_intervals_between("'2023-09-01'", "'2023-09-12'", "day") }} as intervals, 11 as expected"""
        )
        return {
            "test_get_intervals_between.yml": models__test_get_intervals_between_yml,
            "test_get_intervals_between.sql": self.interpolate_macro_namespace(model, "get_intervals_between"),
        }


class TestListagg(BaseListagg):
    # The adapter's listagg collects a list, which has no order: without what asks for one.
    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        head, _, rest = fixture_listagg.models__test_listagg_sql.partition("calculate as (")
        *ordered, last = rest.split("union all")
        unordered = [one for one in ordered if "order by" not in one]
        assert len(ordered) - len(unordered) == 2
        model = f"{head}calculate as ({'union all'.join([*unordered, last])}"
        return {
            "test_listagg.yml": fixture_listagg.models__test_listagg_yml,
            "test_listagg.sql": self.interpolate_macro_namespace(model, "listagg"),
        }


class TestCurrentTimestamps(BaseCurrentTimestamps):
    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        return {"get_current_timestamp.sql": "select {{ current_timestamp() }} as current_timestamp"}

    @pytest.fixture(scope="class")
    def expected_schema(self) -> dict[str, str]:
        return {"current_timestamp": "timestamp"}

    @pytest.fixture(scope="class")
    def expected_sql(self) -> str:
        return "select current_timestamp() as current_timestamp"


adopt(
    __name__,
    "utils",
    parents=("BaseUtils", "BaseArrayUtils", "BaseDataTypeMacro", "BaseCurrentTimestamp"),
    skipped={
        "BaseCurrentTimestampNaive": "is the other of two: a timestamp has a zone on Databricks",
    },
)
