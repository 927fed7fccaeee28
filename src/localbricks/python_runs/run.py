"""What is known of one run: its state, its result, and who waits for it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum


class RunState(Enum):
    """States of a run; the last four are final."""

    PENDING = "PENDING"
    RUNNING = "RUNNING"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    CANCELED = "CANCELED"
    TIMEDOUT = "TIMEDOUT"

    @property
    def is_final(self) -> bool:
        """Whether nothing can follow."""
        return self not in (RunState.PENDING, RunState.RUNNING)


@dataclass(frozen=True)
class RunResult:
    """How a run ended."""

    output: str = ""
    """stdout and stderr as written, interleaved; the middle is left out where it was too long."""
    output_truncated: bool = False
    error: str | None = None
    """For example `ValueError: no rows`; None after success."""
    traceback: str | None = None
    """The whole traceback as Python prints it, without the frames of the runner."""
    exit_value: str | None = None
    """What `dbutils.notebook.exit(value)` was given."""
    exit_code: int | None = None
    """Exit code of an interpreter that ended during the run, negative for a signal; None while it lives."""
    started_at: datetime | None = None
    """None where the run never started."""
    ended_at: datetime | None = None


@dataclass(frozen=True)
class Source:
    """What is to be run."""

    code: str
    """Python source, optionally in cells separated by `# COMMAND ----------`."""
    name: str
    """The file name shown in tracebacks."""
    timeout: float | None = None
    """Seconds from the start of the run, None for no limit."""
    libraries: tuple[str, ...] = ()
    """Requirements that must be installed, in pip's grammar."""
    parameters: tuple[tuple[str, str], ...] = ()
    """Values for `dbutils.widgets`."""


class PythonRun:
    """One run of one source. Every method may be called from any thread."""

    def __init__(self, run_id: str, source: Source, cancel: Callable[[PythonRun], None]) -> None:
        self.id = run_id
        self.source = source
        self._cancel = cancel
        self._lock = threading.Lock()
        self._done = threading.Event()
        self._state = RunState.PENDING
        self._result: RunResult | None = None
        self._started_at: datetime | None = None
        self._is_cancelling = False
        self._callbacks: list[Callable[[PythonRun], None]] = []

    def __repr__(self) -> str:
        return f"PythonRun(id={self.id!r}, name={self.source.name!r}, state={self._state.value})"

    @property
    def state(self) -> RunState:
        """The state now."""
        return self._state

    @property
    def is_cancelling(self) -> bool:
        """Whether a cancel was asked for and the run has not ended yet."""
        return self._is_cancelling and not self._state.is_final

    @property
    def started_at(self) -> datetime | None:
        """When the code began, None before."""
        return self._started_at

    @property
    def result(self) -> RunResult | None:
        """The result, None before the end."""
        return self._result

    def wait(self, seconds: float | None = None) -> bool:
        """Wait for the end; whether it has come."""
        return self._done.wait(seconds)

    def cancel(self) -> None:
        """Ask for the end. Returns at once; a run that has ended stays as it is."""
        if not self._state.is_final:
            self._is_cancelling = True
            self._cancel(self)

    def add_done_callback(self, callback: Callable[[PythonRun], None]) -> None:
        """Call `callback(run)` once at the end, on the runner's thread, or now if the run has ended."""
        with self._lock:
            if not self._state.is_final:
                self._callbacks.append(callback)
                return
        callback(self)

    def remove_done_callback(self, callback: Callable[[PythonRun], None]) -> None:
        """Forget a callback; nothing happens if it is not there."""
        with self._lock:
            if callback in self._callbacks:
                self._callbacks.remove(callback)

    # What follows is for the context that owns the run.

    def mark_started(self) -> None:
        """The code begins."""
        self._started_at = now()
        self._state = RunState.RUNNING

    def finish(self, state: RunState, result: RunResult) -> None:
        """The end, told to everyone who waits. A second end is ignored."""
        with self._lock:
            if self._state.is_final:
                return
            self._result = result
            self._state = state
            callbacks, self._callbacks = self._callbacks, []
        self._done.set()
        for callback in callbacks:
            callback(self)


def now() -> datetime:
    """The time, in UTC."""
    return datetime.now(UTC)
