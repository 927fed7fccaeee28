"""Hadoop's default settings in our jar: those of Hadoop's jars, without what belongs to services that are not there."""

from __future__ import annotations

import zipfile
from pathlib import Path
from xml.etree import ElementTree

import pytest

from localbricks.engine.class_path import ensure_class_path
from localbricks.engine.defaults import KEPT, LEFT_OUT, LISTS, lean_defaults
from localbricks.engine.java import find_java


def settings(text: bytes) -> dict[str, str | None]:
    """Values by name."""
    found = ElementTree.fromstring(text).findall("property")
    return {(entry.findtext("name") or "").strip(): entry.findtext("value") for entry in found}


@pytest.mark.parametrize("name", LISTS)
def test_what_is_left_is_as_it_was(name: str) -> None:
    path = ensure_class_path(find_java())
    with zipfile.ZipFile(path.own) as archive:
        ours = settings(archive.read(name))
    (theirs,) = (
        settings(archive.read(name))
        for archive in (zipfile.ZipFile(jar) for jar in path.libraries)
        if name in archive.namelist()
    )
    expected = {key for key in theirs if key.endswith(KEPT) or not key.startswith(LEFT_OUT)}
    assert ours == {key: theirs[key] for key in expected}
    assert len(ours) < len(theirs)


def test_another_hadoop_is_said(tmp_path: Path) -> None:
    other = tmp_path / "hadoop-client-api-9.jar"
    with zipfile.ZipFile(other, "w") as archive:
        archive.writestr("core-default.xml", "<configuration/>")
    with pytest.raises(LookupError, match=r"mapred-default\.xml, yarn-default\.xml .* another Hadoop"):
        lean_defaults([other])
