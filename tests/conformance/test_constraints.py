"""Contracts and constraints: Databricks' types, and constraints that are altered into the table after it was made."""

from __future__ import annotations

from typing import Any

import pytest
from dbt.tests.adapter.constraints import fixtures
from dbt.tests.adapter.constraints.test_constraints import (
    BaseConstraintQuotedColumn,
    BaseConstraintsRollback,
    BaseConstraintsRuntimeDdlEnforcement,
    BaseIncrementalConstraintsColumnsEqual,
    BaseIncrementalConstraintsRollback,
    BaseIncrementalConstraintsRuntimeDdlEnforcement,
    BaseIncrementalForeignKeyConstraint,
    BaseTableConstraintsColumnsEqual,
    BaseViewConstraintsColumnsEqual,
)

from conformance.published import adopt

SCHEMA = fixtures.model_schema_yml.replace("text", "string").replace("primary key", "")
FOREIGN_KEY_SCHEMA = """
models:
  - name: raw_numbers
    config: {contract: {enforced: true}, materialized: table}
    columns:
      - {name: n, data_type: integer, constraints: [{type: primary_key}, {type: not_null}]}
  - name: stg_numbers
    config: {contract: {enforced: true}, materialized: incremental, on_schema_change: append_new_columns, unique_key: n}
    columns:
      - name: n
        data_type: integer
        constraints: [{type: foreign_key, name: fk_n, expression: "(n) references {schema}.raw_numbers"}]
"""


class Types:
    """Pairs of a value and its type: expression, type in the contract, type in the error."""

    @pytest.fixture
    def string_type(self) -> str:
        return "string"

    @pytest.fixture
    def int_type(self) -> str:
        return "int"

    @pytest.fixture
    def data_types(self) -> list[list[str]]:
        return [
            ["1", "int", "int"],
            ['"1"', "string", "string"],
            ["true", "boolean", "boolean"],
            ['array("1","2","3")', "array<string>", "array"],
            ["array(1,2,3)", "array<int>", "array"],
            ["cast('2019-01-01' as date)", "date", "date"],
            ["cast('2019-01-01' as timestamp)", "timestamp", "timestamp"],
            ["cast(1.0 as decimal(4, 2))", "decimal", "decimal"],
        ]


class TestTableConstraintsColumnsEqual(Types, BaseTableConstraintsColumnsEqual):
    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        return {
            "my_model_wrong_order.sql": fixtures.my_model_wrong_order_sql,
            "my_model_wrong_name.sql": fixtures.my_model_wrong_name_sql,
            "constraints_schema.yml": SCHEMA,
        }


class TestViewConstraintsColumnsEqual(Types, BaseViewConstraintsColumnsEqual):
    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        return {
            "my_model_wrong_order.sql": fixtures.my_model_view_wrong_order_sql,
            "my_model_wrong_name.sql": fixtures.my_model_view_wrong_name_sql,
            "constraints_schema.yml": SCHEMA,
        }


class TestIncrementalConstraintsColumnsEqual(Types, BaseIncrementalConstraintsColumnsEqual):
    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        return {
            "my_model_wrong_order.sql": fixtures.my_model_incremental_wrong_order_sql,
            "my_model_wrong_name.sql": fixtures.my_model_incremental_wrong_name_sql,
            "constraints_schema.yml": SCHEMA,
        }


class Statement:
    """The statement that makes the table; the constraints follow in statements of their own."""

    @pytest.fixture(scope="class")
    def expected_sql(self) -> str:
        return """
            create or replace table <model_identifier> using delta as
            select id, color, date_day from
            ( select 'blue' as color, 1 as id, '2019-01-01' as date_day ) as model_subq
        """


class TestTableConstraintsDdlEnforcement(Statement, BaseConstraintsRuntimeDdlEnforcement):
    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        return {"my_model.sql": fixtures.my_model_wrong_order_sql, "constraints_schema.yml": SCHEMA}


class TestIncrementalConstraintsDdlEnforcement(Statement, BaseIncrementalConstraintsRuntimeDdlEnforcement):
    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        return {"my_model.sql": fixtures.my_model_incremental_wrong_order_sql, "constraints_schema.yml": SCHEMA}


class TestConstraintQuotedColumn(BaseConstraintQuotedColumn):
    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        schema = fixtures.model_quoted_column_schema_yml.replace("text", "string").replace('"from"', "`from`")
        return {"my_model.sql": fixtures.my_model_with_quoted_column_name_sql, "constraints_schema.yml": schema}

    @pytest.fixture(scope="class")
    def expected_sql(self) -> str:
        return """
            create or replace table <model_identifier> using delta as
            select id, `from`, date_day from
            ( select 'blue' as `from`, 1 as id, '2019-01-01' as date_day ) as model_subq
        """


class Errors:
    """What Databricks says of a row that breaks a constraint."""

    @pytest.fixture(scope="class")
    def expected_error_messages(self) -> list[str]:
        return [
            "DELTA_NEW_CHECK_CONSTRAINT_VIOLATION",
            "DELTA_NEW_NOT_NULL_VIOLATION",
            "DELTA_VIOLATE_CONSTRAINT_WITH_VALUES",
        ]

    def assert_expected_error_messages(self, error_message: str, expected_error_messages: list[str]) -> None:
        assert any(message in error_message for message in expected_error_messages), error_message


class TestTableConstraintsRollback(Errors, BaseConstraintsRollback):
    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        return {"my_model.sql": fixtures.my_model_sql, "constraints_schema.yml": SCHEMA}

    # The table is replaced before the constraint is added to it.
    @pytest.fixture(scope="class")
    def expected_color(self) -> str:
        return "red"


class TestIncrementalConstraintsRollback(Errors, BaseIncrementalConstraintsRollback):
    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        return {"my_model.sql": fixtures.my_incremental_model_sql, "constraints_schema.yml": SCHEMA}


class TestIncrementalForeignKeyConstraint(BaseIncrementalForeignKeyConstraint):
    @pytest.fixture(scope="class")
    def macros(self) -> dict[str, str]:
        return {}

    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        return {
            "raw_numbers.sql": fixtures.incremental_foreign_key_model_raw_numbers_sql,
            "stg_numbers.sql": fixtures.incremental_foreign_key_model_stg_numbers_sql,
        }

    @pytest.fixture(scope="class")
    def properties(self, unique_schema: str) -> dict[str, Any]:
        return {"schema.yml": FOREIGN_KEY_SCHEMA.replace("{schema}", unique_schema)}

    def test_incremental_foreign_key_constraint(self, project: Any) -> None:
        from dbt.tests.util import run_dbt

        for model in ("raw_numbers", "stg_numbers", "stg_numbers"):
            run_dbt(["run", "--select", model])


adopt(
    __name__,
    "constraints",
    parents=("BaseConstraintsColumnsEqual", "BaseContractSqlHeader"),
    skipped={
        "BaseModelConstraintsRuntimeEnforcement": "expects constraints in CREATE TABLE, with UNIQUE, which Databricks "
        "has not; the adapter alters them into the table afterwards",
        **dict.fromkeys(
            ("BaseTableContractSqlHeader", "BaseIncrementalContractSqlHeader"),
            "sends a SET and the query as one text; Databricks takes one statement at a time",
        ),
    },
)
