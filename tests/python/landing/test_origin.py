"""Which raw tables are emptied before a load, and that a load of some feeds does not mix folders."""

from __future__ import annotations

from pathlib import Path

import pytest

from rwe.home import RweHome
from rwe.landing.ingest import IngestError
from rwe.landing.origin import Origin, read_origin, to_empty, write_origin
from rwe.load import load_landing

FEEDS = ("uk_epd", "synthea", "vocabulary")
HERE = Path("/landing")


def load(home: RweHome, landing: Path, feed: str) -> None:
    load_landing(home, landing, reset=False, progress=lambda line: None, feeds=[feed])


@pytest.mark.parametrize(
    ("before", "emptied"),
    [
        (None, set()),
        (Origin(str(HERE), "1"), set()),
        (Origin(str(HERE), "2"), set(FEEDS)),
        (Origin("/elsewhere", "1"), set(FEEDS)),
        (Origin(str(HERE), "1", ("uk_epd", "no_longer_a_feed")), {"uk_epd"}),
    ],
)
def test_what_may_hold_other_files_is_emptied(before: Origin | None, emptied: set[str]) -> None:
    assert to_empty(before, HERE, "1", FEEDS) == emptied


def test_what_is_written_is_read(tmp_path: Path) -> None:
    path = tmp_path / "home" / "landing.json"
    assert read_origin(path) is None
    origin = Origin(str(HERE), "1", ("synthea", "uk_epd"))
    write_origin(path, origin)
    assert read_origin(path) == origin


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"landing": "/landing", "edition": "1", "is_emptied": true}'])
def test_a_damaged_record_is_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "landing.json").write_text(text)
    assert read_origin(tmp_path / "landing.json") is None


def test_a_feed_without_a_contract_is_told(tmp_path: Path) -> None:
    with pytest.raises(IngestError, match=r"no contract of uk_edp, expected one of .*uk_epd"):
        load(RweHome(tmp_path), tmp_path, "uk_edp")


def test_feeds_of_another_folder_are_not_left_beside_those_of_this_one(tmp_path: Path) -> None:
    home = RweHome(tmp_path)
    write_origin(home.landing_state, Origin("/elsewhere", ""))
    with pytest.raises(IngestError, match=r"synthea.*Load all feeds once"):
        load(home, tmp_path, "uk_epd")
    assert read_origin(home.landing_state) == Origin("/elsewhere", "")


def test_a_mistyped_folder_leaves_no_trace(tmp_path: Path) -> None:
    home = RweHome(tmp_path)
    write_origin(home.landing_state, Origin(str(HERE), "1"))
    with pytest.raises(IngestError, match=r"no folder .*mistyped.*Create it, or name another one"):
        load_landing(home, tmp_path / "mistyped", reset=True, progress=lambda line: None)
    assert read_origin(home.landing_state) == Origin(str(HERE), "1")
