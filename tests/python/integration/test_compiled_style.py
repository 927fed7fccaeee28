"""sqlfluff on the SQL that dbt compiles, which needs a workspace that answers."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from project_in_use import ROOT, ProjectInUse

pytestmark = [pytest.mark.server, pytest.mark.slow]
PARTS = ("dbt_project.yml", ".sqlfluff", "profiles", "macros", "models", "seeds", "selectors.yml")
OTHER_TESTS = ("generic", "python", "conformance")


def lint(built: ProjectInUse, project: Path, *paths: str) -> subprocess.CompletedProcess[str]:
    fluff = str(ROOT / "tools" / "fluff.py")
    options = ("--disable-progress-bar", "--processes", "0", "--templater", "dbt")
    command = built.command("python", fluff, "lint", *options, *paths)
    environment = {name: value for name, value in built.environment.items() if not name.startswith("DBT_PRO")}
    environment["DBT_TARGET_PATH"] = str(built.home / "sqlfluff")
    return subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True, check=False)


def written_by_macros() -> list[str]:
    """The longest file for each set of macros that write a part of it.

    `make lint` knows all the other files as they are; a macro that is in style for one contract is so for the next.
    `make lint-dbt` takes every file.
    """
    macros = re.compile(rf"\b({'|'.join(path.stem for path in (ROOT / 'macros').glob('*.sql'))})\(")
    longest: dict[tuple[frozenset[str], bool], Path] = {}
    # dbt knows generic tests as macros and compiles none of them.
    folders = [ROOT / "models", *(path for path in (ROOT / "tests").iterdir() if path.name not in OTHER_TESTS)]
    for path in sorted(file for folder in folders for file in folder.rglob("*.sql")):
        text = path.read_text(encoding="utf-8")
        called, branches = frozenset(macros.findall(text)), "{%" in text
        if called or branches:
            key = called, branches
            longest[key] = max(longest.get(key, path), path, key=lambda file: file.stat().st_size)
    return [str(path.relative_to(ROOT)) for path in longest.values()]


def test_compiled_sql_is_in_style(built: ProjectInUse) -> None:
    files = written_by_macros()
    assert len(files) > 15
    done = lint(built, ROOT, *files)
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
