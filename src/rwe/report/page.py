"""The report as one HTML page that needs nothing else, no server and no network."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from localbricks.home import Home, write_private
from rwe.report.sections import Section, query_sections


def write_report(home: Home, path: Path) -> None:
    """Ask the workspace for all parts, and write the page.

    Raises:
        ReportError: the tables are not built, or not as this version of the project builds them.
        LocalbricksError: the workspace does not run.
    """
    write_page(query_sections(home), datetime.now(UTC), path)


def write_page(sections: Sequence[Section], written_at: datetime, path: Path) -> None:
    """Write the page, readable by its owner alone: codes of rare diseases may point to a person."""
    environment = Environment(
        loader=PackageLoader("rwe.report", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["cell"] = cell
    environment.filters["kind"] = kind
    path.parent.mkdir(parents=True, exist_ok=True)
    write_private(path, environment.get_template("report.html.j2").render(sections=sections, written_at=written_at))


def cell(value: Any) -> str:
    """A value as a reader wants it: numbers with separators, nothing for a null."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "NO"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float | Decimal):
        return f"{value:,.2f}"
    return str(value)


def kind(value: Any) -> str:
    """The style of a value's cell."""
    if value is False:
        return "bad"
    return "number" if isinstance(value, int | float | Decimal) and not isinstance(value, bool) else "text"
