"""Numbers for jobs, runs and workspace objects: growing, and not used again after a restart."""

from __future__ import annotations

import time

_last = 0


def new_id() -> int:
    """A number that no other object has: milliseconds since 1970, or the last one plus one."""
    global _last
    _last = max(_last + 1, now_ms())
    return _last


def now_ms() -> int:
    """The time in milliseconds since 1970, as Databricks gives times."""
    return int(time.time() * 1000)
