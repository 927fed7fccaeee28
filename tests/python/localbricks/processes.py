"""The processes of a server, for tests that look at them or end them."""

from __future__ import annotations

import psutil

from localbricks.lifecycle.state import ServerState


def family(state: ServerState) -> list[psutil.Process]:
    """The server, its JVM and all their children."""
    server = psutil.Process(state.pid)
    return [server, *server.children(recursive=True)]


def is_gone(pid: int) -> bool:
    """Whether a process has ended, if nobody has asked how yet."""
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True
