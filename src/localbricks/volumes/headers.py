"""Whether CSV files have one header: columns are taken by their place, so files of one load must agree on them.

First lines are compared as text; where they differ the engine says what their columns are.
"""

from __future__ import annotations

import bz2
import gzip
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from localbricks.errors import DatabricksError

_HEAD_BYTES = 256 * 1024
_OPENERS: dict[str, Callable[..., Any]] = {".gz": gzip.open, ".bz2": bz2.open}


def check_headers(
    files: Sequence[Path], options: Mapping[str, str], columns_of: Callable[[Path], Sequence[str]]
) -> None:
    """All files must have the columns of the first.

    Args:
        options: the options of the CSV reader, keys in lower case.
        columns_of: the columns of a file, by the engine.

    Raises:
        DatabricksError: COPY_INTO_HEADERS_DIFFER, which names both files.
    """
    if options.get("header", "false").lower() != "true" or len(files) < 2:
        return
    by_line: dict[str | Path, Path] = {}
    for file in files:
        by_line.setdefault(_first_line(file, options) or file, file)
    distinct = list(by_line.values())
    if len(distinct) == 1:
        return
    expected = list(columns_of(distinct[0]))
    for file in distinct[1:]:
        found = list(columns_of(file))
        if found != expected:
            raise DatabricksError(
                "COPY_INTO_HEADERS_DIFFER",
                f"{distinct[0].name} has the columns {', '.join(expected)}; {file.name} has {', '.join(found)}. "
                "Load files with different headers by different statements (FILES or PATTERN).",
                "42KDG",
            )


def _first_line(file: Path, options: Mapping[str, str]) -> str | None:
    """The first line that is not blank; None where a header cannot be told from it."""
    opener = _OPENERS.get(file.suffix.lower(), open)
    try:
        with opener(file, "rb") as stream:
            text = stream.read(_HEAD_BYTES).decode(options.get("encoding", options.get("charset", "utf-8")), "replace")
    except (OSError, LookupError, EOFError):
        return None
    line = next((line for line in text.lstrip("\ufeff").splitlines() if line.strip()), None)
    # A line break inside quotes: the header goes on.
    return None if line is None or line.count(options.get("quote", '"') or "\0") % 2 else line
