"""The quality report: values as readers want them, nothing of the data becomes markup, and a clear word where it cannot be."""

from __future__ import annotations

import stat
from datetime import UTC, datetime
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sql_client import Server

from rwe.report import ReportError, Section, query_sections, write_page
from rwe.report.page import cell, kind

pytestmark = pytest.mark.server


class Tables(HTMLParser):
    """The texts of every table of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tables: list[list[list[str]]] = []
        self._inside = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        if tag == "table":
            self.tables.append([])
        elif tag == "tr":
            self.tables[-1].append([])
        elif tag in ("td", "th"):
            self.tables[-1][-1].append("")
            self._inside = True

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th"):
            self._inside = False

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.tables[-1][-1][-1] += data


@pytest.mark.parametrize(
    ("value", "shown", "style"),
    [
        (None, "", "text"),
        (1234567, "1,234,567", "number"),
        (0, "0", "number"),
        (Decimal("1234.567"), "1,234.57", "number"),
        (0.5, "0.50", "number"),
        (True, "yes", "text"),
        (False, "NO", "bad"),
        ("0012", "0012", "text"),
    ],
)
def test_a_value_is_shown_as_readers_want_it(value: Any, shown: str, style: str) -> None:
    assert (cell(value), kind(value)) == (shown, style)


@given(st.lists(st.text(st.characters(exclude_categories=("Cs", "Cc"))), min_size=1, max_size=5))
def test_what_data_say_stays_text(tmp_path_factory: pytest.TempPathFactory, texts: list[str]) -> None:
    path = tmp_path_factory.mktemp("page") / "report.html"
    section = Section("A <part>", "says & more", "", ("a_column",), tuple((text,) for text in texts))
    write_page((section,), datetime(2026, 1, 2, tzinfo=UTC), path)
    page = path.read_text(encoding="utf-8")
    assert Tables(page).tables == [[["a column"], *([text] for text in texts)]]
    assert "A &lt;part&gt;" in page
    assert "2026-01-02 00:00 UTC" in page
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_part_without_rows_says_none(tmp_path: Path) -> None:
    write_page((Section("A part", "Says.", "", ("x",)),), datetime.now(UTC), tmp_path / "report.html")
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "None." in page
    assert Tables(page).tables == []


def test_a_statement_gives_columns_and_rows(server: Server) -> None:
    (found,) = query_sections(server.home, [Section("One", "", "select 1 as a, 'x' as b union all select 2, null")])
    assert found.columns == ("a", "b")
    assert sorted(found.rows) == [(1, "x"), (2, None)]


def test_tables_that_are_not_there_are_named(server: Server) -> None:
    with pytest.raises(ReportError, match=r"“One”.*`rwe build`.*TABLE_OR_VIEW_NOT_FOUND.*nowhere") as caught:
        query_sections(server.home, [Section("One", "", "select * from nowhere.at_all")])
    assert "\n" not in str(caught.value)
