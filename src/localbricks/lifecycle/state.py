"""Who runs on a home: process ids that are checked against their start times, so that a reused id fools nobody."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass

import psutil

from localbricks.errors import LocalbricksError
from localbricks.home import Home, read_json, write_private


@dataclass(frozen=True)
class ServerState:
    """A server that has said it is ready."""

    pid: int
    pid_started: float
    jvm_pid: int
    jvm_started: float
    port: int
    version: str

    @property
    def server(self) -> psutil.Process | None:
        """The server's process, None when it is gone."""
        return _process(self.pid, self.pid_started)

    @property
    def jvm(self) -> psutil.Process | None:
        """The JVM's process, None when it is gone."""
        return _process(self.jvm_pid, self.jvm_started)


@contextlib.contextmanager
def only_server(home: Home) -> Iterator[None]:
    """Be the one server of a home. The lock goes with the process, however it ends, and names it while it lives.

    Raises:
        LocalbricksError: another one is.
    """
    with home.lock_file.open("a", encoding="ascii") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise LocalbricksError(f"Another server runs on {home.root}. Run `localbricks down` first.") from None
        stream.truncate(0)
        stream.write(f"{os.getpid()} {start_time(os.getpid())}")
        stream.flush()
        clear_state(home)
        yield


@contextlib.contextmanager
def turn(home: Home) -> Iterator[None]:
    """Wait for the turn to start or stop the server of a home: one at a time does."""
    with home.turn_file.open("a") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        yield


def holder(home: Home) -> psutil.Process | None:
    """The process that is the server of a home, also while it starts or stops and the state says nothing."""
    try:
        pid, started = home.lock_file.read_text(encoding="ascii").split()
        return _process(int(pid), float(started))
    except (OSError, ValueError):
        return None


def start_time(pid: int) -> float:
    """When a process started."""
    return psutil.Process(pid).create_time()


def read_state(home: Home) -> ServerState | None:
    """The state that the last server wrote, whether it still runs or not."""
    try:
        values = read_json(home.state_file)
        return ServerState(**values) if values else None
    except (LocalbricksError, TypeError):
        # Half written by a crash of the machine: nothing can be said of the last server.
        return None


def write_state(home: Home, state: ServerState) -> None:
    """Say who runs."""
    write_private(home.state_file, json.dumps(asdict(state)))


def clear_state(home: Home) -> None:
    """Say that nobody runs."""
    home.state_file.unlink(missing_ok=True)


def _process(pid: int, started: float) -> psutil.Process | None:
    try:
        process = psutil.Process(pid)
        alive = process.is_running() and process.status() != psutil.STATUS_ZOMBIE
        return process if alive and abs(process.create_time() - started) < 1 else None
    except psutil.NoSuchProcess:
        return None
