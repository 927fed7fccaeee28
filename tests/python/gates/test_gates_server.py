"""sqlfluff on the SQL that dbt compiles. It needs a workspace that answers, and this module starts one of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from localbricks.home import Home
from localbricks.lifecycle import daemon

pytestmark = [pytest.mark.server, pytest.mark.slow]

PROJECT = Path(__file__).resolve().parents[3]
PARTS = ("dbt_project.yml", ".sqlfluff", "profiles", "macros", "models", "seeds", "selectors.yml")


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """What dbt reads to find the server."""
    root = tmp_path_factory.mktemp("home")
    home = Home(root / "localbricks")
    state = daemon.up(home)
    try:
        yield {
            **{name: value for name, value in os.environ.items() if not name.startswith("DBT_")},
            "LOCALBRICKS_PORT": str(state.port),
            "LOCALBRICKS_TOKEN": home.token(),
            "DBT_TARGET_PATH": str(root / "dbt" / "target"),
            "DBT_LOG_PATH": str(root / "dbt" / "logs"),
        }
    finally:
        daemon.down(home)


def lint(project: Path, environment: dict[str, str], *paths: str) -> subprocess.CompletedProcess[str]:
    sqlfluff = [str(Path(sys.executable).with_name("sqlfluff")), "lint", "--disable-progress-bar"]
    command = [*sqlfluff, "--processes", "0", "--templater", "dbt", *paths]
    return subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True, check=False)


def test_compiled_sql_is_in_style(environment: dict[str, str]) -> None:
    # dbt knows generic tests as macros and compiles none of them.
    tests = [f"tests/{path.name}" for path in (PROJECT / "tests").iterdir() if path.name not in ("generic", "python")]
    done = lint(PROJECT, environment, "models", *tests)
    assert done.returncode == 0, done.stdout + done.stderr


def test_bad_style_and_a_model_that_does_not_compile_are_found(environment: dict[str, str], tmp_path: Path) -> None:
    for part in PARTS:
        copied = shutil.copytree if (PROJECT / part).is_dir() else shutil.copy
        copied(PROJECT / part, tmp_path / part)
    models = tmp_path / "models" / "marts" / "quality"
    (models / "bad_style.sql").write_text("select FEED\nfrom {{ ref('landing_files') }}\n", encoding="utf-8")
    (models / "no_relation.sql").write_text(
        "select {{ run_query('select 1 from nowhere') }} as one\n", encoding="utf-8"
    )
    done = lint(tmp_path, environment, *(f"models/marts/quality/{name}.sql" for name in ("bad_style", "no_relation")))
    said = done.stdout + done.stderr
    assert done.returncode == 1, said
    assert "CP02" in said
    assert "TMP" in said
    assert "nowhere" in said
