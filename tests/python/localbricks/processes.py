"""The processes of a server, for tests that look at them or end them."""

from __future__ import annotations

import psutil

from localbricks.lifecycle.state import ServerState


def family(state: ServerState) -> list[psutil.Process]:
    """The server, its JVM and all their children."""
    server = psutil.Process(state.pid)
    return [server, *server.children(recursive=True)]
