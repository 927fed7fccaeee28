"""A Python model that fails shows its own line in dbt's output, and harms nothing."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from project_in_use import ROOT, ProjectInUse

pytestmark = [pytest.mark.server, pytest.mark.slow]
MODEL = Path("models/intermediate/omop/int_omop__condition_eras_merged.py")
PROJECT_PARTS = ("dbt_project.yml", "selectors.yml", "models", "macros", "seeds", "tests/generic", "snapshots")


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The dbt project in a folder where a model may be broken."""
    for part in PROJECT_PARTS:
        source = ROOT / part
        if source.is_dir():
            shutil.copytree(source, tmp_path / part)
        elif source.exists():
            shutil.copy(source, tmp_path / part)
    return tmp_path


BROKEN = {
    'eras = eras.withColumn("x", F.col("no_such_column"))': "UNRESOLVED_COLUMN",
    "eras = 1 / 0": "ZeroDivisionError: division by zero",
}


def test_own_line_is_shown_and_the_next_run_works(built: ProjectInUse, copy: Path) -> None:
    model = copy / MODEL
    good = model.read_text()
    published = "select * from omop.condition_era order by condition_era_id"
    before = built.rows(published)
    select = ("--select", MODEL.stem, "condition_era")
    for line, error in BROKEN.items():
        model.write_text(good.replace("\n    return eras.select(", f"\n    {line}  # broken\n    return eras.select("))
        done = built.run("dbt", "run", *select, DBT_PROJECT_DIR=str(copy))
        assert done.returncode == 1
        assert f"{line}  # broken" in done.stdout
        assert error in done.stdout
        assert built.rows(published) == before, "what was published stays until a run succeeds"
    model.write_text(good)
    built.good("dbt", "run", *select, DBT_PROJECT_DIR=str(copy))
    assert built.rows(published) == before
