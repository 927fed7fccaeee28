"""What the adapter says of a column's type."""

from __future__ import annotations

import pytest
from dbt.tests.adapter.column_types import fixtures
from dbt.tests.adapter.column_types.test_column_types import BasePostgresColumnTypes

from conformance.published import adopt

MODEL = """
select
    1::smallint as smallint_col,
    2::integer as int_col,
    3::bigint as bigint_col,
    4.0::float as real_col,
    5.0::double as double_col,
    6.0::decimal(10, 2) as numeric_col,
    '7'::string as text_col,
    '8'::varchar(20) as varchar_col
"""


class TestColumnTypes(BasePostgresColumnTypes):
    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        return {"model.sql": MODEL, "schema.yml": fixtures.schema_yml}


adopt(__name__, "column_types")
