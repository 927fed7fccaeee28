"""Holds an answer until something has happened, so that a client that polls seldom learns of it at once.

The adapter looks every ten seconds. A test that takes 0.3 s would take ten; with the answer held, the
first look brings the end. Nothing is blocked meanwhile: no thread waits, only a coroutine.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Protocol

from starlette.requests import Request

from localbricks.python_runs.run import PythonRun

# Below the SDK's own HTTP timeout of 60 s by a good margin.
HOLD_SECONDS = 25.0


class Ends(Protocol):
    """Something that ends and tells so: a Python run, a statement."""

    def add_done_callback(self, callback: Callable[[Any], None]) -> None:
        """Call `callback` once at the end, or now if that was."""
        ...

    def remove_done_callback(self, callback: Callable[[Any], None]) -> None:
        """Forget a callback."""
        ...


async def hold(request: Request, event: asyncio.Event, seconds: float = HOLD_SECONDS) -> None:
    """Wait until `event` is set, the client goes away, or `seconds` are over."""
    if event.is_set():
        return
    waiting = {asyncio.ensure_future(event.wait()), asyncio.ensure_future(_disconnect(request))}
    try:
        await asyncio.wait(waiting, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in waiting:
            task.cancel()


async def _disconnect(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


def done_event(run: Ends) -> tuple[asyncio.Event, Callable[[], None]]:
    """An event on this loop that is set when `run` ends, and a function that forgets it."""
    loop = asyncio.get_running_loop()
    event = asyncio.Event()

    def on_done(_: object) -> None:
        loop.call_soon_threadsafe(event.set)

    run.add_done_callback(on_done)
    return event, lambda: run.remove_done_callback(on_done)


async def hold_for_run(request: Request, run: Ends, seconds: float = HOLD_SECONDS) -> None:
    """Wait until `run` has ended, as `hold`."""
    event, forget = done_event(run)
    try:
        await hold(request, event, seconds)
    finally:
        forget()


async def finished(run: PythonRun) -> None:
    """Wait until `run` has ended, however long it takes."""
    event, forget = done_event(run)
    try:
        await event.wait()
    finally:
        forget()
