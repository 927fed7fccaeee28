"""Materialized views: Databricks refreshes them on demand."""

from __future__ import annotations

from typing import Any

import pytest
from dbt.tests.adapter.materialized_view.basic import MaterializedViewBasic
from dbt.tests.adapter.materialized_view.changes import (
    MaterializedViewChanges,
    MaterializedViewChangesApplyMixin,
    MaterializedViewChangesContinueMixin,
    MaterializedViewChangesFailMixin,
)
from dbt.tests.util import get_model_file, set_model_file

from conformance.databricks import relation_config, table_type
from conformance.published import adopt

VIEW = """
{{ config(materialized='materialized_view', partition_by='id', schedule={'cron': '0 0 * * * ? *', 'time_zone_value': 'Etc/UTC'}, tblproperties={'key': 'value'}) }}
select * from {{ ref('my_seed') }}
"""


class TestMaterializedViewBasic(MaterializedViewBasic):
    @staticmethod
    def insert_record(project: Any, table: Any, record: tuple[int, int]) -> None:
        project.run_sql(f"insert into {table} values {record}")

    @staticmethod
    def refresh_materialized_view(project: Any, materialized_view: Any) -> None:
        project.run_sql(f"refresh materialized view {materialized_view}")

    @staticmethod
    def query_row_count(project: Any, relation: Any) -> int:
        return int(project.run_sql(f"select count(*) from {relation}", fetch="one")[0])

    @staticmethod
    def query_relation_type(project: Any, relation: Any) -> str | None:
        found = table_type(project, relation.schema, relation.identifier)
        kinds = {"MATERIALIZED_VIEW": "materialized_view", "VIEW": "view"}
        return kinds.get(found, "table") if found else None


class Changes(MaterializedViewChanges):
    """Changes that are altered (the schedule) and those that need a new view (the partitions)."""

    @pytest.fixture(scope="class", autouse=True)
    def models(self) -> dict[str, str]:
        return {"my_materialized_view.sql": VIEW}

    @staticmethod
    def check_start_state(project: Any, materialized_view: Any) -> None:
        found = relation_config(project, materialized_view)
        assert found["partition_by"].partition_by == ["id"]
        assert found["refresh"].cron == "0 0 * * * ? *"

    @staticmethod
    def change_config_via_alter(project: Any, materialized_view: Any) -> None:
        written = get_model_file(project, materialized_view)
        set_model_file(project, materialized_view, written.replace("0 0 * * * ? *", "0 5 * * * ? *"))

    @staticmethod
    def check_state_alter_change_is_applied(project: Any, materialized_view: Any) -> None:
        assert relation_config(project, materialized_view)["refresh"].cron == "0 5 * * * ? *"

    @staticmethod
    def change_config_via_replace(project: Any, materialized_view: Any) -> None:
        written = get_model_file(project, materialized_view)
        set_model_file(project, materialized_view, written.replace("partition_by='id',", ""))

    @staticmethod
    def check_state_replace_change_is_applied(project: Any, materialized_view: Any) -> None:
        assert relation_config(project, materialized_view)["partition_by"].partition_by == []

    @staticmethod
    def query_relation_type(project: Any, relation: Any) -> str | None:
        return TestMaterializedViewBasic.query_relation_type(project, relation)


class TestMaterializedViewChangesApply(Changes, MaterializedViewChangesApplyMixin):
    pass


class TestMaterializedViewChangesContinue(Changes, MaterializedViewChangesContinueMixin):
    pass


class TestMaterializedViewChangesFail(Changes, MaterializedViewChangesFailMixin):
    pass


adopt(__name__, "materialized_view")
