"""From which folder the raw tables were loaded, so that a build on other files begins with empty ones.

Written before the raw tables are emptied and again when all is loaded: a run that was stopped in between
is found out by the next one.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from localbricks.home import write_private


@dataclass(frozen=True)
class Origin:
    """What the raw tables hold."""

    landing: str
    """The landing folder, absolute."""
    edition: str
    """Which writing of it; differs where the folder was written anew."""
    unsettled: tuple[str, ...] = ()
    """Feeds whose raw tables may still hold what was there before: they were being emptied."""


def read_origin(path: Path) -> Origin | None:
    """What was last loaded, None where nothing was or nothing can be said."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        return Origin(found["landing"], found["edition"], tuple(found["unsettled"]))
    except (FileNotFoundError, ValueError, TypeError, KeyError):
        return None


def write_origin(path: Path, origin: Origin) -> None:
    """Remember what is being loaded, or was."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_private(path, json.dumps(asdict(origin), indent=2))


def to_empty(before: Origin | None, landing: Path, edition: str, feeds: Iterable[str]) -> set[str]:
    """Feeds whose raw tables hold, or may hold, files of another folder or of another edition of this one."""
    if before is None:
        return set()
    is_same = (before.landing, before.edition) == (str(landing), edition)
    return set(feeds) & set(before.unsettled) if is_same else set(feeds)
