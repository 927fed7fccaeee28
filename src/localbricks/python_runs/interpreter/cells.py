"""A notebook in Databricks' source format, taken apart: cells, and the magic lines that open them."""

from __future__ import annotations

import re
from dataclasses import dataclass

_SEPARATOR = re.compile(r"^# COMMAND -{10}\s*$")
_MAGIC_COMMENT = re.compile(r"^# MAGIC ?")


@dataclass(frozen=True)
class Magic:
    """A line such as `%pip install polars`."""

    line: int
    """Line of the source, from 1."""
    name: str
    """`pip`."""
    arguments: str
    """`install polars`."""


@dataclass(frozen=True)
class Cell:
    """Magic lines, then Python."""

    magics: tuple[Magic, ...]
    code: str
    """Python, behind as many empty lines as there are above it: line numbers are those of the source."""


def split_cells(source: str) -> list[Cell]:
    """The cells of a source; a source without separators is one cell."""
    cells: list[Cell] = []
    lines: list[str] = []
    first = 1
    for number, line in enumerate(source.splitlines(), start=1):
        if _SEPARATOR.match(line):
            cells.append(_cell(lines, first))
            lines, first = [], number + 1
        else:
            lines.append(line)
    cells.append(_cell(lines, first))
    return [cell for cell in cells if cell.magics or cell.code.strip()]


def _cell(lines: list[str], first: int) -> Cell:
    """A cell whose first line is line `first` of the source."""
    lines = [_MAGIC_COMMENT.sub("", line) for line in lines]
    magics: list[Magic] = []
    position = 0
    while position < len(lines):
        line = lines[position].strip()
        if line.startswith("%"):
            number = first + position
            # As in a shell, a line that ends in a backslash goes on.
            while line.endswith("\\") and position + 1 < len(lines):
                position += 1
                line = line[:-1] + " " + lines[position].strip()
            name, _, arguments = line.lstrip("%").partition(" ")
            magics.append(Magic(number, name.strip(), arguments.strip()))
            if name == "md":
                return Cell(tuple(magics), "")
        elif line and not line.startswith("#"):
            break
        position += 1
    code = "\n" * (first - 1 + position) + "\n".join(lines[position:])
    return Cell(tuple(magics), code)
