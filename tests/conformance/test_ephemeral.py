"""Ephemeral models: the statements that they become are Databricks'."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from dbt.tests.adapter.ephemeral.test_ephemeral import BaseEphemeralMulti, BaseEphemeralNested
from dbt.tests.util import check_relations_equal, run_dbt

from conformance.published import adopt


class TestEphemeralMulti(BaseEphemeralMulti):
    def test_ephemeral_multi(self, project: Any) -> None:
        run_dbt(["seed"])
        assert len(run_dbt(["run"])) == 3
        for model in ("dependent", "double_dependent", "super_dependent"):
            check_relations_equal(project.adapter, ["seed", model])


class TestEphemeralNested(BaseEphemeralNested):
    def test_ephemeral_nested(self, project: Any) -> None:
        assert len(run_dbt(["run"])) == 2
        written = Path("target/run/test/models/root_view.sql").read_text(encoding="utf-8")
        schema = f"`{project.database}`.`{project.test_schema}`"
        expected = f"""
            create or replace view {schema}.`root_view` as (
            with __dbt__cte__ephemeral_level_two as (select * from {schema}.`source_table`),
            __dbt__cte__ephemeral as (select * from __dbt__cte__ephemeral_level_two)
            select * from __dbt__cte__ephemeral)
        """
        assert re.sub(r"\s", "", written) == re.sub(r"\s", "", expected)


adopt(__name__, "ephemeral")
