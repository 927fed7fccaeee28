"""One interpreter as an operating system process: its messages, its output, its end."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

from localbricks.python_runs.template import Template, signal_group

_READ_BYTES = 256 * 1024
_LARGEST_MESSAGE = 256 * 1024 * 1024


class ProcessEnded(Exception):
    """The interpreter ended before it answered."""


class InterpreterProcess:
    """A started interpreter. Belongs to the event loop it was started on; not thread-safe."""

    def __init__(
        self, pid: int, exited: asyncio.Future[int], folder: Path, channel: socket.socket, output: int
    ) -> None:
        """Of a process that runs: see `start`."""
        self.pid = pid
        self.exited = exited
        self.on_output: Callable[[bytes], None] = lambda _: None
        self.on_resolve: Callable[[str], Path] | None = None
        self._loop = asyncio.get_running_loop()
        self._folder = folder
        self._output = output
        self._messages: asyncio.Queue[dict[str, Any] | None] = asyncio.Queue()
        self._loop.add_reader(self._output, self._read_output)
        self._tasks = [asyncio.ensure_future(self._read_messages(channel)), asyncio.ensure_future(self._clean_up())]
        self._writer: asyncio.StreamWriter | None = None
        self._unsent: list[bytes] = []

    @classmethod
    async def start(cls, template: Template, folder: Path) -> InterpreterProcess:
        """Start an interpreter in `folder`, which is created here and removed at the end.

        Raises:
            TemplateEnded: when the template ends first.
            OSError: when the system has no room for one more process.
        """
        folder.mkdir(mode=0o700, parents=True)
        channel, theirs = socket.socketpair()
        read, write = os.pipe()
        os.set_blocking(read, False)
        try:
            pid, exited = await template.start_interpreter(folder, theirs.fileno(), write)
        except BaseException:
            os.close(read)
            channel.close()
            shutil.rmtree(folder, ignore_errors=True)
            raise
        finally:
            theirs.close()
            os.close(write)
        return cls(pid, exited, folder, channel, read)

    @property
    def is_alive(self) -> bool:
        """Whether the process has not ended."""
        return not self.exited.done()

    def send(self, **message: object) -> None:
        """Send a message; lost if the process has ended."""
        line = json.dumps(message).encode() + b"\n"
        if self._writer is None:
            self._unsent.append(line)
        else:
            self._writer.write(line)

    async def receive(self) -> dict[str, Any]:
        """The next message.

        Raises:
            ProcessEnded: when there will be none.
        """
        message = await self._messages.get()
        if message is None:
            self._messages.put_nowait(None)
            raise ProcessEnded
        return message

    def signal_group(self, number: signal.Signals) -> None:
        """Signal the interpreter and all that it started."""
        signal_group(self.pid, number)

    async def wait_exit(self, seconds: float) -> bool:
        """Wait for the end; whether it has come."""
        await asyncio.wait({self.exited}, timeout=seconds)
        return self.exited.done()

    async def end(self, grace: float = 0.0) -> None:
        """End the process and all it started: asked, then SIGTERM, then SIGKILL."""
        if grace and self.is_alive:
            self.send(op="exit")
            await self.wait_exit(grace)
        if self.is_alive:
            self.signal_group(signal.SIGTERM)
            await self.wait_exit(2.0)
        # Also when the interpreter has ended: what it started may be alive.
        self.signal_group(signal.SIGKILL)
        await self._tasks[1]

    def drain(self) -> None:
        """Take the output that is there now."""
        self._read_output()

    def _read_output(self) -> None:
        """Bounded, so that a talkative model does not keep the loop from its other work."""
        for _ in range(4):
            try:
                chunk = os.read(self._output, _READ_BYTES)
            except BlockingIOError:
                return
            except OSError:
                chunk = b""
            if not chunk:
                self._loop.remove_reader(self._output)
                return
            self.on_output(chunk)

    async def _read_messages(self, channel: socket.socket) -> None:
        reader, self._writer = await asyncio.open_connection(sock=channel, limit=_LARGEST_MESSAGE)
        for line in self._unsent:
            self._writer.write(line)
        self._unsent.clear()
        try:
            while line := await reader.readline():
                message = json.loads(line)
                if message["event"] == "resolve":
                    self._resolve(message["path"])
                else:
                    self._messages.put_nowait(message)
        except (OSError, ValueError):
            # Broken off in the middle of a message, or a message too large: the process is of no use any more.
            self.signal_group(signal.SIGKILL)
        finally:
            self._messages.put_nowait(None)

    def _resolve(self, path: str) -> None:
        if self.on_resolve is None:
            self.send(op="answer", path=None, problem=f"{path}: no volumes here.")
            return
        try:
            self.send(op="answer", path=str(self.on_resolve(path)), problem=None)
        except Exception as error:
            self.send(op="answer", path=None, problem=str(error))

    async def _clean_up(self) -> None:
        """After the end: the last output, open descriptors, the folder."""
        await self.exited
        self._read_output()
        self._loop.remove_reader(self._output)
        os.close(self._output)
        # A message sent just before the end is still read; a child that holds the socket is not waited for.
        await asyncio.wait({self._tasks[0]}, timeout=1.0)
        self._tasks[0].cancel()
        self._messages.put_nowait(None)
        if self._writer is not None:
            self._writer.close()
        await self._loop.run_in_executor(None, lambda: shutil.rmtree(self._folder, ignore_errors=True))
