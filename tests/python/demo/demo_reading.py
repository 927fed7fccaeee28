"""A second, independent reading of landing files, for tests: Python's csv module and no writer's
help."""

from __future__ import annotations

import csv
import fnmatch
import gzip
from collections import Counter
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from rwe.demo import LandingReport

PROJECT = Path(__file__).parents[3]


@dataclass(frozen=True)
class Landing:
    """A landing folder and the report that `write_landing` returned for it."""

    folder: Path
    report: LandingReport


@dataclass(frozen=True)
class Content:
    """What stands in a file: all text."""

    header: list[str]
    records: list[list[str]]
    blank_lines: int

    def whole(self) -> list[dict[str, str]]:
        """The records that have as many fields as the header, by column."""
        return [
            dict(zip(self.header, record, strict=True)) for record in self.records if len(record) == len(self.header)
        ]


def read_bytes(path: Path) -> bytes:
    """The file's content, uncompressed."""
    return gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()


@cache
def _contract(feed: str) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((PROJECT / f"feeds/{feed}.yml").read_text(encoding="utf-8"))
    return found


def form_of(path: Path) -> dict[str, Any]:
    """How the contract says that a file is cut."""
    contract = _contract(path.parent.name)
    name = path.name.removesuffix(".gz").lower()
    for entity in contract["entities"].values():
        if any(fnmatch.fnmatchcase(name, glob.lower()) for glob in entity["files"]):
            return {**contract["format"], **entity.get("format", {})}
    raise AssertionError(f"no entity takes {path}")


def read(path: Path) -> Content:
    """Read a landing file as its contract says; one without a header has the record before the first one empty."""
    form = form_of(path)
    text = read_bytes(path).decode(form["encoding"])
    ends = text.replace("\r\n", "\n")
    if form["delimiter"] is None:
        lines = [[line] for line in ends.split("\n")[:-1]]
    elif form["quote"] is None:
        lines = [line.split(form["delimiter"]) if line else [] for line in ends.split("\n")[:-1]]
    else:
        lines = list(csv.reader(text.splitlines(keepends=True), delimiter=form["delimiter"], strict=True))
    if not form["header"]:
        # The most frequent number of fields stands for the header's.
        counts = Counter(map(len, filter(None, lines)))
        lines = [[""] * counts.most_common(1)[0][0], *lines]
    found = [line for line in lines[1:] if line]
    return Content(lines[0] if lines else [], found, len(lines[1:]) - len(found))


def contents(folder: Path) -> dict[str, bytes]:
    """Every file under the folder, by its path."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()
    }
