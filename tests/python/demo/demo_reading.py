"""A second, independent reading of landing files, for tests: Python's csv module and no writer's
help."""

from __future__ import annotations

import csv
import gzip
from dataclasses import dataclass
from pathlib import Path

from rwe.demo import LandingReport


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


def read(path: Path) -> Content:
    """Read a landing file: tabs without quotes in the vocabulary, else commas."""
    text = read_bytes(path).decode("utf-8")
    if path.parent.name == "vocabulary":
        lines = [line.split("\t") for line in text.split("\n")[:-1]]
    else:
        lines = list(csv.reader(text.splitlines(keepends=True), strict=True))
    found = [line for line in lines[1:] if line]
    return Content(lines[0] if lines else [], found, len(lines[1:]) - len(found))


def contents(folder: Path) -> dict[str, bytes]:
    """Every file under the folder, by its path."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()
    }
