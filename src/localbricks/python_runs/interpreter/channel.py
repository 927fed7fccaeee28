"""JSON messages, one a line, between the runner and an interpreter."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from typing import Any

Message = dict[str, Any]


class Channel:
    """The interpreter's end of the socket."""

    def __init__(self, descriptor: int) -> None:
        self._socket = socket.socket(fileno=descriptor)
        # A process that the model starts must not hold the runner's socket.
        self._socket.set_inheritable(False)
        self._lock = threading.Lock()

    def send(self, message: Message) -> None:
        """Send one message whole, whichever thread sends."""
        line = json.dumps(message).encode() + b"\n"
        with self._lock:
            self._socket.sendall(line)

    def messages(self) -> Iterator[Message]:
        """Messages until the runner closes its end or ends."""
        with self._socket.makefile("rb") as lines:
            for line in lines:
                yield json.loads(line)
