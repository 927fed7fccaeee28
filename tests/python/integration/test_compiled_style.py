"""sqlfluff on the SQL that dbt compiles, which needs a workspace that answers."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from project_in_use import ROOT, ProjectInUse

pytestmark = [pytest.mark.server, pytest.mark.slow]
PARTS = ("dbt_project.yml", ".sqlfluff", "profiles", "macros", "models", "seeds", "selectors.yml")


def lint(built: ProjectInUse, project: Path, *paths: str) -> subprocess.CompletedProcess[str]:
    command = built.command(
        "sqlfluff", "lint", "--disable-progress-bar", "--processes", "0", "--templater", "dbt", *paths
    )
    environment = {name: value for name, value in built.environment.items() if not name.startswith("DBT_PRO")}
    environment["DBT_TARGET_PATH"] = str(built.home / "sqlfluff")
    return subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True, check=False)


def test_compiled_sql_is_in_style(built: ProjectInUse) -> None:
    # dbt knows generic tests as macros and compiles none of them.
    tests = [f"tests/{path.name}" for path in (ROOT / "tests").iterdir() if path.name not in ("generic", "python")]
    done = lint(built, ROOT, "models", *tests)
    assert done.returncode == 0, done.stdout + done.stderr


def test_bad_style_and_a_model_that_does_not_compile_are_found(built: ProjectInUse, tmp_path: Path) -> None:
    for part in PARTS:
        copied = shutil.copytree if (ROOT / part).is_dir() else shutil.copy
        copied(ROOT / part, tmp_path / part)
    models = tmp_path / "models" / "marts" / "quality"
    (models / "bad_style.sql").write_text("select FEED\nfrom {{ ref('landing_files') }}\n", encoding="utf-8")
    (models / "no_relation.sql").write_text(
        "select {{ run_query('select 1 from nowhere') }} as one\n", encoding="utf-8"
    )
    done = lint(built, tmp_path, *(f"models/marts/quality/{name}.sql" for name in ("bad_style", "no_relation")))
    said = done.stdout + done.stderr
    assert done.returncode == 1, said
    assert "CP02" in said
    assert "TMP" in said
    assert "nowhere" in said
