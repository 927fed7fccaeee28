"""Incremental models: Databricks merges where PostgreSQL deletes and inserts."""

from __future__ import annotations

from typing import Any

import pytest
from dbt.tests.adapter.incremental import fixtures
from dbt.tests.adapter.incremental.test_incremental_microbatch import BaseMicrobatch
from dbt.tests.adapter.incremental.test_incremental_on_schema_change import BaseIncrementalOnSchemaChange
from dbt.tests.adapter.incremental.test_incremental_predicates import BaseIncrementalPredicates
from dbt.tests.adapter.incremental.test_incremental_unique_id import BaseIncrementalUniqueKey

from conformance.published import adopt

V2 = {"flags": {"use_materialization_v2": True}}
PREDICATED = """
{{ config(materialized='incremental', unique_key='id') }}
{% if not is_incremental() %}
select cast(1 as bigint) as id, 'hello' as msg, 'blue' as color
union all
select cast(2 as bigint) as id, 'goodbye' as msg, 'red' as color
{% else %}
-- The predicate keeps the row 2 of the table out of the merge, so the new one is inserted beside it.
select cast(1 as bigint) as id, 'hey' as msg, 'blue' as color
union all
select cast(2 as bigint) as id, 'yo' as msg, 'green' as color
union all
select cast(3 as bigint) as id, 'anyway' as msg, 'purple' as color
{% endif %}
"""
MICROBATCH_SCHEMA = """
models:
  - name: input_model
  - name: microbatch_model
    description: A model in batches
    config: {persist_docs: {relation: true, columns: true}}
    columns:
      - {name: id, description: Its key}
      - {name: event_time, description: When it was}
"""
SYNC_ALL = """
{{ config(materialized='incremental', unique_key='id', incremental_strategy='append', on_schema_change='sync_all_columns') }}
with source_data as (select * from {{ ref('model_a') }})
{% set string_type = dbt.type_string() %}
{% if is_incremental() %}
select id,
       cast(field4 as {{ string_type }}) as field4, -- new
       cast(field2 as {{ string_type }}) as field2,
       cast(field1 as {{ string_type }}) as field1  -- in another order
from source_data where id not in (select id from {{ this }})
{% else %}
select id, cast(field1 as {{ string_type }}) as field1, cast(field2 as {{ string_type }}) as field2
from source_data where id <= 3
{% endif %}
"""
SYNC_ALL_TARGET = """
{{ config(materialized='table') }}
select id,
       cast(field1 as string) as field1,
       field2,
       cast(case when id <= 3 then null else field4 end as string) as field4
from {{ ref('model_a') }}
order by id
"""


class TestIncrementalOnSchemaChange(BaseIncrementalOnSchemaChange):
    # Columns cannot be dropped from a Delta table without column mapping: a sync that only adds.
    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        published = {
            "incremental_sync_remove_only": "SYNC_REMOVE_ONLY",
            "incremental_ignore": "IGNORE",
            "incremental_sync_remove_only_target": "SYNC_REMOVE_ONLY_TARGET",
            "incremental_ignore_target": "IGNORE_TARGET",
            "incremental_fail": "FAIL",
            "incremental_append_new_columns": "APPEND_NEW_COLUMNS",
            "incremental_append_new_columns_target": "APPEND_NEW_COLUMNS_TARGET",
            "incremental_append_new_columns_remove_one": "APPEND_NEW_COLUMNS_REMOVE_ONE",
            "incremental_append_new_columns_remove_one_target": "APPEND_NEW_COLUMNS_REMOVE_ONE_TARGET",
        }
        return {
            "model_a.sql": fixtures._MODELS__A,
            "incremental_sync_all_columns.sql": SYNC_ALL,
            "incremental_sync_all_columns_target.sql": SYNC_ALL_TARGET,
            **{f"{name}.sql": getattr(fixtures, f"_MODELS__INCREMENTAL_{key}") for name, key in published.items()},
        }

    def test_run_incremental_sync_all_columns(self, project: Any) -> None:
        self.run_incremental_sync_all_columns(project)


class TestIncrementalOnSchemaChangeAppend(TestIncrementalOnSchemaChange):
    @pytest.fixture(scope="class")
    def project_config_update(self) -> dict[str, Any]:
        return {"models": {"+incremental_strategy": "append"}}


class TestIncrementalOnSchemaChangeV2(TestIncrementalOnSchemaChange):
    @pytest.fixture(scope="class")
    def project_config_update(self) -> dict[str, Any]:
        return V2


class TestIncrementalUniqueKeyV2(BaseIncrementalUniqueKey):
    @pytest.fixture(scope="class")
    def project_config_update(self) -> dict[str, Any]:
        return V2


class TestIncrementalUniqueKey(BaseIncrementalUniqueKey):
    pass


class TestIncrementalPredicatesMerge(BaseIncrementalPredicates):
    @pytest.fixture(scope="class")
    def project_config_update(self) -> dict[str, Any]:
        models = {"+incremental_predicates": ["dbt_internal_dest.id != 2"], "+target_alias": "dbt_internal_dest"}
        return {"models": models}

    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        return {"delete_insert_incremental_predicates.sql": PREDICATED}


class TestPredicatesMerge(TestIncrementalPredicatesMerge):
    @pytest.fixture(scope="class")
    def project_config_update(self) -> dict[str, Any]:
        return {"models": {"+predicates": ["dbt_internal_dest.id != 2"], "+target_alias": "dbt_internal_dest"}}


class TestIncrementalPredicatesMergeV2(TestIncrementalPredicatesMerge):
    @pytest.fixture(scope="class")
    def project_config_update(self) -> dict[str, Any]:
        models = {"+incremental_predicates": ["dbt_internal_dest.id != 2"], "+target_alias": "dbt_internal_dest"}
        return {**V2, "models": models}


class TestMicrobatch(BaseMicrobatch):
    @pytest.fixture(scope="class")
    def models(self, microbatch_model_sql: str, input_model_sql: str) -> dict[str, str]:
        return {
            "schema.yml": MICROBATCH_SCHEMA,
            "input_model.sql": input_model_sql,
            "microbatch_model.sql": microbatch_model_sql,
        }


adopt(
    __name__,
    "incremental",
)
