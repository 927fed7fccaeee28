"""`--empty`."""

from __future__ import annotations

from typing import Any

import pytest
from dbt.tests.adapter.empty import _models
from dbt.tests.adapter.empty.test_empty import MetadataWithEmptyFlag

from conformance.published import adopt


class TestMetadataWithEmptyFlag(MetadataWithEmptyFlag):
    # Databricks' type of text, and a table whose columns can be dropped. Without `alter_column_type`: the adapter puts
    # what `--empty` makes of a reference, a query, behind ALTER TABLE.
    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        return {
            "schema.yml": _models.SCHEMA,
            "control.sql": _models.CONTROL,
            "get_columns_in_relation.sql": _models.GET_COLUMNS_IN_RELATION,
            "alter_relation_comment.sql": _models.ALTER_RELATION_COMMENT,
            "alter_column_comment.sql": _models.ALTER_COLUMN_COMMENT,
            "alter_relation_add_remove_columns.sql": _models.ALTER_RELATION_ADD_REMOVE_COLUMNS.replace(
                "varchar", "string"
            ),
            "truncate_relation.sql": _models.TRUNCATE_RELATION,
        }

    @pytest.fixture(scope="class")
    def project_config_update(self) -> dict[str, Any]:
        return {"seeds": {"+tblproperties": {"delta.columnMapping.mode": "name"}}}

    @pytest.mark.parametrize(
        "model",
        [
            "control",
            "get_columns_in_relation",
            "alter_relation_comment",
            "alter_column_comment",
            "alter_relation_add_remove_columns",
            "truncate_relation",
        ],
    )
    def test_run(self, project: Any, model: str) -> None:
        super().test_run(project, model)


adopt(__name__, "empty", skipped={"BaseTestEmptySeedFlag": "`dbt seed --empty` comes with dbt-core 1.12"})
