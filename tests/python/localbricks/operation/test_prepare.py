"""What is done once on a machine: the archive of Java's classes, which engines start from."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sql_client import connect, serving

from localbricks.engine.class_path import ClassPath, class_path
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
def archive(engine_memory: None) -> Path:
    """The archive of the cache that all tests share, made by the command unless it was."""
    said = prepare()
    made = class_path(find_java()).archive()
    assert made is not None and str(made) in said
    return made


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
    """Under its name for a while: engines that run have the file that was there, others start without one meanwhile."""
    kept, damaged = archive.with_suffix(".kept"), tmp_path / archive.name
    shutil.copyfile(archive, damaged)
    with damaged.open("r+b") as file:
        file.seek(damaged.stat().st_size // 2)
        file.write(bytes(2**20))
    archive.rename(kept)
    try:
        shutil.move(damaged, archive)
        with engine(Home(tmp_path / "home")) as mapped:
            assert str(archive) not in mapped
    finally:
        kept.replace(archive)


@pytest.fixture
def jars(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ClassPath:
    """A class path of one jar, in a cache of its own that has the folder of archives."""
    monkeypatch.setenv("LOCALBRICKS_CACHE", str(tmp_path))
    (tmp_path / "classes").mkdir()
    jar = tmp_path / "own.jar"
    jar.touch()
    return ClassPath(Java("java", 17), (), jar)


def kept_archive(jars: ClassPath, folder: Path) -> Path:
    """An archive that was made in a folder, in its place."""
    made = folder / "made"
    made.write_bytes(b"classes")
    return jars.keep_archive(made)


def test_one_that_is_cut_short_is_none(jars: ClassPath, tmp_path: Path) -> None:
    archive = kept_archive(jars, tmp_path)
    assert jars.archive() == archive and archive.read_bytes() == b"classes"
    os.truncate(archive, 3)
    assert jars.archive() is None


def test_other_jars_or_another_java_have_another_one(archive: Path, tmp_path: Path) -> None:
    known = class_path(find_java())
    assert ClassPath(Java(known.java.launcher, 17, "another build"), known.delta, known.own).archive() is None
    other = tmp_path / known.own.name
    other.write_bytes(known.own.read_bytes())
    assert ClassPath(known.java, known.delta, other).archive() is None
    assert ClassPath(known.java, known.delta, tmp_path / "missing.jar").archive() is None


def test_those_that_nobody_uses_go(jars: ClassPath, tmp_path: Path) -> None:
    folder = tmp_path / "classes"
    for days in (29, 31):
        file = folder / f"{days}.0.jsa"
        file.touch()
        os.utime(file, (0, time.time() - days * 24 * 3600))
    kept = kept_archive(jars, tmp_path)
    assert {path.name for path in folder.iterdir()} == {"29.0.jsa", kept.name}
