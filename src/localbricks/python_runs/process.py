"""One interpreter as an operating system process: start, messages, output, end."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

# The package's own folder is on the path only while the interpreter's program is imported: a development
# checkout must not decide what a model imports.
_BOOT = """
import sys
root = sys.argv[1]
added = root not in sys.path
if added: sys.path.insert(0, root)
from localbricks.python_runs.interpreter.main import main
if added: sys.path.remove(root)
main(int(sys.argv[2]), int(sys.argv[3]))
"""
_ROOT = str(Path(__file__).resolve().parents[2])
_READ_BYTES = 256 * 1024
_LARGEST_MESSAGE = 256 * 1024 * 1024


class ProcessEnded(Exception):
    """The interpreter ended before it answered."""


class InterpreterProcess:
    """A started interpreter. Belongs to the event loop it was started on; not thread-safe."""

    def __init__(self, python: str, folder: Path, environment: dict[str, str], stamp: tuple[int, ...]) -> None:
        """Start `python` in `folder`, which is created here and removed at the end."""
        self.stamp = stamp
        self.on_output: Callable[[bytes], None] = lambda _: None
        self.on_resolve: Callable[[str], Path] | None = None
        self._loop = asyncio.get_running_loop()
        self._folder = folder
        folder.mkdir(mode=0o700, parents=True)
        ours, theirs = socket.socketpair()
        self._output, output = os.pipe()
        os.set_blocking(self._output, False)
        with theirs:
            try:
                self._process = subprocess.Popen(
                    [python, "-P", "-c", _BOOT, _ROOT, str(theirs.fileno()), str(os.getpid())],
                    cwd=folder,
                    env=environment,
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=output,
                    pass_fds=[theirs.fileno()],
                    # A session of its own: one signal reaches all that a model starts, and Ctrl-C in the
                    # server's terminal reaches none of it.
                    start_new_session=True,
                )
            except OSError:
                os.close(self._output)
                ours.close()
                shutil.rmtree(folder, ignore_errors=True)
                raise
            finally:
                os.close(output)
        self.pid = self._process.pid
        self.exited: asyncio.Future[int] = self._loop.create_future()
        self._messages: asyncio.Queue[dict[str, Any] | None] = asyncio.Queue()
        self._loop.add_reader(self._output, self._read_output)
        self._tasks = [asyncio.ensure_future(self._read_messages(ours)), asyncio.ensure_future(self._clean_up())]
        self._writer: asyncio.StreamWriter | None = None
        self._unsent: list[bytes] = []
        threading.Thread(target=self._wait, name=f"localbricks-python-{self.pid}", daemon=True).start()

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
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, number)

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

    def _wait(self) -> None:
        code = self._process.wait()
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits
            self._loop.call_soon_threadsafe(self._set_exited, code)

    def _set_exited(self, code: int) -> None:
        if not self.exited.done():
            self.exited.set_result(code)

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

    async def _read_messages(self, ours: socket.socket) -> None:
        reader, self._writer = await asyncio.open_connection(sock=ours, limit=_LARGEST_MESSAGE)
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
