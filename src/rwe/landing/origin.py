"""From which folder the raw tables were loaded, so that a build on other files begins with empty ones.

Written before the raw tables are emptied and again when all is loaded: a run that was stopped in between
is found out by the next one.
"""

from __future__ import annotations

import json
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
    is_emptied: bool
    """Whether the raw tables hold nothing of another folder."""


def read_origin(path: Path) -> Origin | None:
    """What was last loaded, None where nothing was or nothing can be said."""
    try:
        return Origin(**json.loads(path.read_text(encoding="utf-8")))
    except (FileNotFoundError, ValueError, TypeError):
        return None


def write_origin(path: Path, origin: Origin) -> None:
    """Remember what is being loaded, or was."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_private(path, json.dumps(asdict(origin), indent=2))


def needs_reset(before: Origin | None, landing: Path, edition: str) -> bool:
    """Whether the raw tables hold, or may hold, files of another folder or of another edition of this one."""
    return before != Origin(str(landing), edition, True)
