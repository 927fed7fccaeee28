"""The process that interpreters are copies of: its start, orders to it, its end."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
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
main(*sys.argv[2:])
"""
_ROOT = str(Path(__file__).resolve().parents[2])
COPIES = sys.platform != "darwin"
"""Whether a process may be forked here after what models import: Apple's libraries refuse their work in a copy."""
_READ_BYTES = 64 * 1024
_SAID_BYTES = 2_000


class TemplateEnded(Exception):
    """The template is gone; what it said at last."""


class Template:
    """A started template. Belongs to the event loop it was started on; not thread-safe."""

    def __init__(self, python: str, environment: dict[str, str], stamp: tuple[int, ...], *, copies: bool) -> None:
        """Start it, on the thread that has to live as long as the interpreters.

        Args:
            python: the interpreter to run sources with.
            environment: its environment variables, and those of all interpreters.
            stamp: of the packages that it imports.
            copies: whether interpreters are copies of it; otherwise each starts anew.

        Raises:
            OSError: when `python` cannot be started.
        """
        self.stamp = stamp
        self._loop = asyncio.get_running_loop()
        self._said = b""
        self._unread = b""
        self._turn = asyncio.Lock()
        self._answers: asyncio.Queue[dict[str, Any] | None] = asyncio.Queue()
        self._ends: dict[int, asyncio.Future[int]] = {}
        self._control, theirs = socket.socketpair()
        self._control.setblocking(False)
        self._output, output = os.pipe()
        os.set_blocking(self._output, False)
        role = "copied" if copies else "renewed"
        with theirs:
            try:
                self._process = subprocess.Popen(
                    [python, "-P", "-c", _BOOT, _ROOT, role, str(theirs.fileno()), str(os.getpid())],
                    cwd="/",
                    env=environment,
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=output,
                    pass_fds=[theirs.fileno()],
                    # Ctrl-C in the server's terminal reaches neither this process nor the interpreters.
                    start_new_session=True,
                )
            except OSError:
                os.close(self._output)
                self._control.close()
                raise
            finally:
                os.close(output)
        self._exited: asyncio.Future[None] = self._loop.create_future()
        self._loop.add_reader(self._output, self._read_output)
        self._loop.add_reader(self._control, self._read_control)
        threading.Thread(target=self._wait, name="localbricks-python-template", daemon=True).start()

    @property
    def is_alive(self) -> bool:
        """Whether it can be given orders."""
        return not self._exited.done()

    async def start_interpreter(self, folder: Path, channel: int, output: int) -> tuple[int, asyncio.Future[int]]:
        """Start an interpreter.

        Args:
            folder: its working directory.
            channel: descriptor of its end of the socket for messages.
            output: descriptor for what it prints. Both may be closed afterwards.

        Returns:
            Its process id, which is its group's too, and its exit code to come; negative for a signal.

        Raises:
            TemplateEnded: when the template ends first.
            OSError: when the system has no room for one more process.
        """
        async with self._turn:
            # One that is still starting reads it later. Of one that has ended the answer tells.
            if self.is_alive:
                order = json.dumps({"folder": str(folder)}).encode()
                with contextlib.suppress(BrokenPipeError):
                    socket.send_fds(self._control, [order], [channel, output])
            answer = await self._answer()
        if answer["event"] == "failed":
            raise OSError(answer["problem"])
        return answer["pid"], answer["exit_code"]

    async def end_when_idle(self) -> None:
        """End it when no interpreter of it is left. Orders that were given before are carried out."""
        async with self._turn:
            pass
        while self._ends:
            await asyncio.wait(self._ends.values())
        await self.end()

    async def end(self) -> None:
        """End it, and with it all that is left of its interpreters."""
        signal_group(self._process.pid, signal.SIGKILL)
        await self._exited

    async def _answer(self) -> dict[str, Any]:
        answer = await self._answers.get()
        if answer is None:
            self._answers.put_nowait(None)
            raise TemplateEnded(self._said.decode("utf-8", "replace").strip())
        return answer

    def _wait(self) -> None:
        self._process.wait()
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits
            self._loop.call_soon_threadsafe(self._clean_up)

    def _clean_up(self) -> None:
        """After the end: what it said, and the ends of interpreters that it could not tell."""
        self._read_output()
        self._read_control()
        for descriptor in (self._output, self._control):
            self._loop.remove_reader(descriptor)
        os.close(self._output)
        self._control.close()
        for pid in list(self._ends):
            # Linux has ended them already.
            signal_group(pid, signal.SIGKILL)
            self._set_end(pid, -signal.SIGKILL)
        self._answers.put_nowait(None)
        self._exited.set_result(None)

    def _read_output(self) -> None:
        with contextlib.suppress(BlockingIOError):
            while chunk := os.read(self._output, _READ_BYTES):
                self._said = (self._said + chunk)[-_SAID_BYTES:]
            self._loop.remove_reader(self._output)

    def _read_control(self) -> None:
        with contextlib.suppress(BlockingIOError, ConnectionResetError):
            while chunk := self._control.recv(_READ_BYTES):
                *lines, self._unread = (self._unread + chunk).split(b"\n")
                for line in lines:
                    self._take(json.loads(line))
            self._loop.remove_reader(self._control)

    def _take(self, message: dict[str, Any]) -> None:
        if message["event"] == "ended":
            self._set_end(message["pid"], message["code"])
            return
        if message["event"] == "started":
            message["exit_code"] = self._ends[message["pid"]] = self._loop.create_future()
        self._answers.put_nowait(message)

    def _set_end(self, pid: int, code: int) -> None:
        end = self._ends.pop(pid)
        if not end.done():
            end.set_result(code)


def signal_group(leader: int, number: signal.Signals) -> None:
    """Signal a process and all that it started; nothing where all have ended."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, number)
