"""Delta's jars and Java: what is said when they cannot be had."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from localbricks.engine import jars
from localbricks.engine.jars import Jar, ensure_jars, pinned_jars
from localbricks.engine.java import find_java
from localbricks.errors import LocalbricksError

CONTENT = b"a jar"
ONE = Jar("group", "one", "1.0", hashlib.sha256(CONTENT).hexdigest())


@pytest.fixture
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    """An empty cache, and a folder that is named as the source of jars."""
    cache, folder = tmp_path / "cache", tmp_path / "offline"
    folder.mkdir()
    monkeypatch.setenv("LOCALBRICKS_CACHE", str(cache))
    monkeypatch.setenv("LOCALBRICKS_JARS_FOLDER", str(folder))
    monkeypatch.setattr(jars, "pinned_jars", lambda: [ONE])
    return cache / "jars" / ONE.file_name, folder / ONE.file_name


def test_jars_are_pinned() -> None:
    assert {jar.group for jar in pinned_jars()} == {"io.delta"}
    assert all(len(jar.sha256) == 64 for jar in pinned_jars())


def test_jars_of_a_folder_go_to_the_cache_once(places: tuple[Path, Path]) -> None:
    cached, offered = places
    offered.write_bytes(CONTENT)
    assert ensure_jars("no java", offered.parent) == [cached]
    offered.unlink()
    assert ensure_jars("no java", offered.parent) == [cached]


def test_a_damaged_jar_is_fetched_anew(places: tuple[Path, Path]) -> None:
    cached, offered = places
    offered.write_bytes(CONTENT)
    ensure_jars("no java", offered.parent)
    cached.write_bytes(b"half")
    ensure_jars("no java", offered.parent)
    assert cached.read_bytes() == CONTENT


def test_another_content_is_not_used(places: tuple[Path, Path]) -> None:
    cached, offered = places
    offered.write_bytes(b"something else")
    with pytest.raises(LocalbricksError, match=f"has SHA-256 [0-9a-f]{{64}}, expected {ONE.sha256}: not used"):
        ensure_jars("no java", offered.parent)
    assert not cached.exists()


def test_a_missing_jar_says_how_to_go_on(places: tuple[Path, Path]) -> None:
    with pytest.raises(LocalbricksError, match=r"LOCALBRICKS_MAVEN_MIRROR.*LOCALBRICKS_JARS_FOLDER: one-1\.0\.jar"):
        ensure_jars("no java", places[1].parent)


def java_of_version(home: Path, version: str) -> None:
    launcher = home / "bin" / "java"
    launcher.parent.mkdir(parents=True)
    launcher.write_text(f"#!/bin/sh\necho 'openjdk version \"{version}\" 2020-01-01' >&2\n", encoding="utf-8")
    launcher.chmod(0o755)


@pytest.mark.parametrize(("version", "major"), [("17.0.9", 17), ("21", 21)])
def test_java_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str, major: int) -> None:
    java_of_version(tmp_path, version)
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    assert find_java().version == major


@pytest.mark.parametrize(("version", "major"), [("1.8.0_392", 8), ("11.0.2", 11)])
def test_an_old_java_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str, major: int) -> None:
    java_of_version(tmp_path, version)
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    with pytest.raises(LocalbricksError, match=f"Java 17 or newer is needed; .* is Java {major}"):
        find_java()


def test_no_java(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    with pytest.raises(LocalbricksError, match="has no bin/java"):
        find_java()
    monkeypatch.delenv("JAVA_HOME")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(LocalbricksError, match="no `java` on the PATH"):
        find_java()
