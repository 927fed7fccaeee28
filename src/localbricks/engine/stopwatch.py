"""How long a statement was in the engine, as against the rooms around it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar


class Stopwatch:
    """Adds up seconds."""

    def __init__(self) -> None:
        self.seconds = 0.0


_current: ContextVar[Stopwatch | None] = ContextVar("stopwatch", default=None)


@contextmanager
def watched() -> Iterator[Stopwatch]:
    """Take the time that this thread's calls spend in the engine."""
    watch = Stopwatch()
    token = _current.set(watch)
    try:
        yield watch
    finally:
        _current.reset(token)


@contextmanager
def in_engine() -> Iterator[None]:
    """The time of what is within goes to the watch that runs, if any."""
    watch = _current.get()
    start = time.monotonic()
    try:
        yield
    finally:
        if watch is not None:
            watch.seconds += time.monotonic() - start
