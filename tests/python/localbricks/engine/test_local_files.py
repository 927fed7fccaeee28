"""Files of tables are made by the JVM itself: no process and no second file for each, with the modes of Hadoop."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
from pathlib import Path

import pytest
from sql_client import connect, serving

from localbricks.home import Home

pytestmark = pytest.mark.own_server
STATEMENTS = (
    "create table kept using delta as select 1 as id",
    "create table readings using delta partitioned by (at) as select id, timestamp'2024-01-02 03:04:05' as at from range(3)",
    "insert into readings values (4, timestamp'2024-01-02 03:04:06')",
    "merge into readings as t using (select 4 as id) as s on t.id = s.id when matched then delete",
    "optimize readings",
    "create or replace table readings as select 1 as id",
    "alter table readings rename to renamed",
    "insert into renamed values (2)",
    "create table dropped using delta as select 1 as id",
    "drop table dropped",
)


@pytest.fixture
def started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where it is noted that somebody starts the programs by which Hadoop works with files."""
    programs, notes = tmp_path / "programs", tmp_path / "started"
    programs.mkdir()
    for name in ("chmod", "readlink"):
        script = programs / name
        script.write_text(f'#!/bin/sh\necho "{name} $*" >> "{notes}"\nexec {shutil.which(name)} "$@"\n')
        script.chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
    return notes


def test_no_statement_starts_a_process(tmp_path: Path, started: Path, engine_memory: None) -> None:
    """In a home behind a link, whose files have two names."""
    subprocess.run(["chmod", "u+x", tmp_path], check=True)
    assert started.read_text().startswith("chmod u+x")
    started.unlink()
    home = Home(tmp_path / "home")
    (tmp_path / "there").mkdir(mode=0o700)
    home.root.symlink_to(tmp_path / "there")
    with serving(home) as server:
        with connect(home, server.state.port) as connection, connection.cursor() as cursor:
            for statement in STATEMENTS:
                cursor.execute(statement)
            assert cursor.execute("select sum(id) from renamed").fetchall()[0][0] == 3
        assert not started.exists(), started.read_text()
        written = list((home.warehouse / "kept").rglob("*"))
        assert written
        for path in written:
            assert stat.S_IMODE(path.stat().st_mode) == (0o755 if path.is_dir() else 0o644), path
            assert not path.name.startswith("."), f"{path} is a file of check sums"
        assert list(home.tmp.glob("artifacts-*")), "sessions keep their folders in the home"
