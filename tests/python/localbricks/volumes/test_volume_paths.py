"""From a volume's path to the file behind it: no path leaves its volume."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localbricks.catalog.store import CatalogStore, Volume
from localbricks.errors import DatabricksError
from localbricks.home import Home
from localbricks.volumes.paths import Volumes, local_path

NOW = "2024-01-01T00:00:00+00:00"
ROOT = "/Volumes/spark_catalog/s"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home, the folder of an external volume, and what lies outside of both."""
    root = tmp_path_factory.mktemp("volumes")
    for name in ("home", "landing/sub", "outside"):
        (root / name).mkdir(parents=True)
    (root / "landing" / "out").symlink_to(root / "outside")
    (root / "landing" / "in").symlink_to(root / "landing" / "sub")
    return root


@pytest.fixture(scope="module")
def volumes(place: Path) -> Iterator[Volumes]:
    """A managed volume `m` and an external one `e`, in the schema `s`."""
    home = Home(place / "home")
    store = CatalogStore(home.catalog_file)
    store.add_volume(Volume("s", "m", "MANAGED", "", None, NOW))
    store.add_volume(Volume("s", "e", "EXTERNAL", (place / "landing").as_uri(), None, NOW))
    yield Volumes(home, store)
    store.close()


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (f"{ROOT}/m", "home/volumes/s/m"),
        (f"{ROOT}/m/", "home/volumes/s/m"),
        (f"{ROOT}/m/a/b.csv", "home/volumes/s/m/a/b.csv"),
        (f"{ROOT}/m/./a", "home/volumes/s/m/a"),
        (f"{ROOT}/m//etc/passwd", "home/volumes/s/m/etc/passwd"),
        (f"{ROOT}/m/a b/é+%20.csv", "home/volumes/s/m/a b/é+%20.csv"),
        (f"{ROOT}/m/..a/b..", "home/volumes/s/m/..a/b.."),
        (f"dbfs:{ROOT}/e/x.csv", "landing/x.csv"),
        ("/Volumes/SPARK_CATALOG/S/E/X.csv", "landing/X.csv"),
        (f"{ROOT}/e/in/x", "landing/in/x"),
        (f"{ROOT}/m/{'n' * 255}", f"home/volumes/s/m/{'n' * 255}"),
    ],
)
def test_resolve(volumes: Volumes, place: Path, path: str, expected: str) -> None:
    assert volumes.resolve(path) == place / expected


@pytest.mark.parametrize(
    ("path", "error_class"),
    [
        (f"{ROOT}/m/..", "INVALID_VOLUME_PATH"),
        (f"{ROOT}/m/../../../token", "INVALID_VOLUME_PATH"),
        (f"{ROOT}/m/a/../../b", "INVALID_VOLUME_PATH"),
        (f"{ROOT}/m/a\0b", "INVALID_VOLUME_PATH"),
        (f"{ROOT}/e/out", "INVALID_VOLUME_PATH"),
        (f"{ROOT}/e/out/secret", "INVALID_VOLUME_PATH"),
        ("/Volumes/spark_catalog/s", "INVALID_VOLUME_PATH"),
        ("/etc/passwd", "INVALID_VOLUME_PATH"),
        ("", "INVALID_VOLUME_PATH"),
        (f"{ROOT}/m/a/{'n' * 256}", "INVALID_VOLUME_PATH"),
        (f"{ROOT}/m/{'é' * 128}/a", "INVALID_VOLUME_PATH"),
        (f"{ROOT}/m" + "/abc" * 1000, "INVALID_VOLUME_PATH"),
        (f"{ROOT}/nope/x", "VOLUME_NOT_FOUND"),
        (f"{ROOT}/../m", "VOLUME_NOT_FOUND"),
        ("/Volumes/other/s/m/x", "VOLUME_NOT_FOUND"),
    ],
)
def test_refused(volumes: Volumes, path: str, error_class: str) -> None:
    with pytest.raises(DatabricksError) as caught:
        volumes.resolve(path)
    assert caught.value.error_class == error_class


@given(st.lists(st.sampled_from(["..", ".", "a", "", "out", "in", "sub", "/", "\\", "..."]), max_size=6))
def test_whatever_is_resolved_is_inside(volumes: Volumes, place: Path, parts: list[str]) -> None:
    try:
        found = volumes.resolve("/".join([f"{ROOT}/e", *parts]))
    except DatabricksError:
        return
    assert found.resolve().is_relative_to(place / "landing")


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (f"{ROOT}/m", f"{ROOT}/m"),
        ("dbfs:/Volumes/Spark_Catalog/S/M/A/b.csv", f"{ROOT}/m/A/b.csv"),
        (f"/{ROOT}/m/a//./b/", f"{ROOT}/m/a/b"),
    ],
)
def test_a_path_has_one_spelling(volumes: Volumes, path: str, expected: str) -> None:
    assert volumes.canonical(path) == expected


@pytest.mark.parametrize(
    ("location", "expected"),
    [
        ("/a/b c", "/a/b c"),
        ("file:///a/b%20c", "/a/b c"),
        ("file:/a/b", "/a/b"),
        ("file://localhost/a", "/a"),
    ],
)
def test_local_path(location: str, expected: str) -> None:
    assert local_path(location) == Path(expected)


@pytest.mark.parametrize(
    "location", ["s3://bucket/x", "abfss://c@a.dfs/x", "a/b", "file://host/a", "dbfs:/FileStore", ""]
)
def test_other_places_are_refused(location: str) -> None:
    with pytest.raises(DatabricksError, match="reads local folders only") as caught:
        local_path(location)
    assert caught.value.sqlstate == "0A000"
