"""Seeds: types and statements of Databricks; nothing is dropped in cascade."""

from __future__ import annotations

from typing import Any

import pytest
from dbt.tests.adapter.simple_seed import fixtures, seeds
from dbt.tests.adapter.simple_seed.test_seed import (
    BaseBasicSeedTests,
    BaseSeedConfigFullRefreshOff,
    BaseSeedConfigFullRefreshOn,
    BaseSeedCustomSchema,
    BaseSeedParsing,
    BaseSeedSpecificFormats,
    BaseSeedWithEmptyDelimiter,
    BaseSeedWithUniqueDelimiter,
    BaseSeedWithWrongDelimiter,
    BaseSimpleSeedWithBOM,
)
from dbt.tests.adapter.simple_seed.test_seed_type_override import BaseSimpleSeedColumnOverride
from dbt.tests.util import run_dbt

from conformance.databricks import run_script
from conformance.published import adopt


class Expected:
    """The table that a seed is held against."""

    @pytest.fixture(scope="class", autouse=True)
    def setUp(self, project: Any) -> None:
        run_script(project, seeds.seeds__expected_sql)


class TestBasicSeedTests(Expected, BaseBasicSeedTests):
    # A view on a seed outlives a full refresh: Databricks does not drop in cascade.
    def test_simple_seed_full_refresh_flag(self, project: Any) -> None:
        self._build_relations_for_test(project)
        self._check_relation_end_state(run_dbt(["seed", "--full-refresh"]), project, exists=True)


class TestSeedConfigFullRefreshOn(Expected, BaseSeedConfigFullRefreshOn):
    def test_simple_seed_full_refresh_config(self, project: Any) -> None:
        self._build_relations_for_test(project)
        self._check_relation_end_state(run_dbt(["seed"]), project, exists=True)


class TestSeedConfigFullRefreshOff(Expected, BaseSeedConfigFullRefreshOff):
    pass


class TestSeedCustomSchema(Expected, BaseSeedCustomSchema):
    pass


class TestSeedWithUniqueDelimiter(Expected, BaseSeedWithUniqueDelimiter):
    pass


class TestSeedWithWrongDelimiter(Expected, BaseSeedWithWrongDelimiter):
    pass


class TestSeedWithEmptyDelimiter(Expected, BaseSeedWithEmptyDelimiter):
    pass


class TestSeedParsing(Expected, BaseSeedParsing):
    pass


class TestSimpleSeedWithBOM(BaseSimpleSeedWithBOM):
    @pytest.fixture(scope="class", autouse=True)
    def setUp(self, project: Any) -> None:
        run_script(project, seeds.seeds__expected_sql)
        path = project.project_root / "seeds" / "seed_bom.csv"
        path.write_text(seeds.seed__actual_csv, encoding="utf-8-sig")


class TestSeedSpecificFormats(BaseSeedSpecificFormats):
    # A name with dots is no table name on Databricks.
    @pytest.fixture(scope="class")
    def seeds(self) -> dict[str, str]:
        big = "\n".join(["seed_id", *map(str, range(20_000))])
        return {"big_seed.csv": big, "seed_unicode.csv": seeds.seed__unicode_csv}

    def test_simple_seed(self, project: Any) -> None:
        assert len(run_dbt(["seed"])) == 2


class TestSimpleSeedColumnOverride(BaseSimpleSeedColumnOverride):
    @staticmethod
    def seed_enabled_types() -> dict[str, str]:
        return {"seed_id": "string", "birthday": "date"}

    @staticmethod
    def seed_tricky_types() -> dict[str, str]:
        return dict.fromkeys(("seed_id_str", "looks_like_a_bool", "looks_like_a_date"), "string")

    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        schema = fixtures.properties__schema_yml
        for published, here in (("type: text", "type: string"), ("timestamp without time zone", "timestamp")):
            schema = schema.replace(published, here)
        return {"schema.yml": schema.replace("type: integer", "type: bigint")}


adopt(__name__, "simple_seed")
