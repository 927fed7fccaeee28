"""What is done once on a machine: the archive of Java's classes, which engines start from."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sql_client import connect, serving

from localbricks.engine.class_path import ClassPath, class_path
from localbricks.engine.jars import cache_folder
from localbricks.engine.java import Java, find_java
from localbricks.home import Home

pytestmark = pytest.mark.own_server


def prepare() -> str:
    """Run the command: in a process of its own, because this one may have a Spark session already. What it says."""
    command = [sys.executable, "-m", "localbricks", "prepare"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stderr


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory, engine_memory: None) -> Iterator[Path]:
    """The archive of a cache that had nothing, made by the command."""
    jars = cache_folder() / "jars"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LOCALBRICKS_CACHE", str(tmp_path_factory.mktemp("cache")))
        patch.setenv("LOCALBRICKS_JARS_FOLDER", str(jars))
        assert class_path(find_java()).archive() is None
        said = prepare()
        made = class_path(find_java()).archive()
        assert made is not None and str(made) in said
        yield made


@contextmanager
def engine(home: Home) -> Iterator[str]:
    """The files that the engine of a new workspace has mapped, when it has answered a statement."""
    with serving(home) as server:
        with connect(home, server.state.port) as connection, connection.cursor() as cursor:
            assert cursor.execute("select sum(id) from range(10)").fetchall()[0][0] == 45
        yield Path(f"/proc/{server.state.jvm_pid}/maps").read_text()


def test_engines_start_from_it(archive: Path, tmp_path: Path) -> None:
    os.utime(archive, (0, 0))
    with engine(Home(tmp_path / "home")) as mapped:
        assert str(archive) in mapped
    assert time.time() - archive.stat().st_mtime < 300, "its use is not to be seen"


def test_it_is_made_once(archive: Path) -> None:
    before = archive.stat().st_ino
    assert str(archive) in prepare()
    assert archive.stat().st_ino == before
    left = {path.suffix for path in archive.parent.parent.rglob("*") if path.is_file()}
    assert left == {".jar", ".jsa"}, "nothing else stays of the making"


def test_a_damaged_one_stops_no_engine(archive: Path, tmp_path: Path) -> None:
    content = archive.read_bytes()
    archive.chmod(0o600)
    with archive.open("r+b") as file:
        file.seek(len(content) // 2)
        file.write(bytes(2**20))
    with engine(Home(tmp_path / "home")) as mapped:
        assert str(archive) not in mapped
    archive.write_bytes(content)


def test_one_that_is_cut_short_is_none(archive: Path) -> None:
    content = archive.read_bytes()
    archive.chmod(0o600)
    os.truncate(archive, len(content) // 2)
    assert class_path(find_java()).archive() is None
    archive.write_bytes(content)
    assert class_path(find_java()).archive() == archive


def test_other_jars_or_another_java_have_another_one(archive: Path, tmp_path: Path) -> None:
    known = class_path(find_java())
    assert ClassPath(Java(known.java.launcher, 17, "another build"), known.delta, known.own).archive() is None
    other = tmp_path / known.own.name
    other.write_bytes(known.own.read_bytes())
    assert ClassPath(known.java, known.delta, other).archive() is None
    assert ClassPath(known.java, known.delta, tmp_path / "missing.jar").archive() is None


def test_those_that_nobody_uses_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOCALBRICKS_CACHE", str(tmp_path))
    jar, made = tmp_path / "own.jar", tmp_path / "made"
    jar.touch()
    made.write_bytes(b"classes")
    folder = tmp_path / "classes"
    folder.mkdir()
    for days in (29, 31):
        file = folder / f"{days}.0.jsa"
        file.touch()
        os.utime(file, (0, time.time() - days * 24 * 3600))
    jars = ClassPath(Java("java", 17), (), jar)
    kept = jars.keep_archive(made)
    assert jars.archive() == kept and kept.read_bytes() == b"classes"
    assert {path.name for path in folder.iterdir()} == {"29.0.jsa", kept.name}
