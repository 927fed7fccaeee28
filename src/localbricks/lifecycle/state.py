"""Who runs on a home: process ids that are checked against their start times, so that a reused id fools nobody."""

from __future__ import annotations

import json
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
