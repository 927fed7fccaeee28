"""How an interpreter comes to be: a template that has imported what models import, and copies of it (forks).

The imports take a second of processor time, a copy a few milliseconds. Nothing that a model does reaches the template,
so every copy is as fresh as a new process. Where the system's own libraries do not bear a fork (macOS), a copy starts
anew and imports for itself.
"""

from __future__ import annotations

import contextlib
import ctypes
import faulthandler
import gc
import os
import signal
import socket
import sys
from pathlib import Path

from .channel import Channel
from .memory import limit_memory
from .orders import Order, next_order
from .serve import Interpreter

_PR_SET_PDEATHSIG = 1


def main(role: str, descriptor: str, parent_pid: str) -> None:
    """Start as what the command line says.

    Args:
        role: `copied` and `renewed` are templates, of interpreters that are copies and of those that start anew;
            `interpreter` is one of the latter.
        descriptor: of the socket on which orders come, or an interpreter's messages.
        parent_pid: the process that this one ends with.
    """
    _end_with(int(parent_pid))
    if role == "interpreter":
        _prepare()
        _serve(int(descriptor))
    else:
        _serve_orders(int(descriptor), copies=role == "copied")


def _serve_orders(control: int, copies: bool) -> None:
    """Serve the runner's orders for interpreters; in each interpreter, its context."""
    limit_memory()
    if copies:
        _prepare()
        # What is here stays, so that collections in copies need not write to its memory, which all share.
        gc.freeze()
    pid = os.getpid()
    order = next_order(socket.socket(fileno=control))
    if order is None:
        return
    _end_with(pid)
    _settle(order)
    if copies:
        _renew_chance()
        _serve(order.channel)
    else:
        os.set_inheritable(order.channel, True)
        os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:-3], "interpreter", str(order.channel), str(pid)])


def _serve(channel: int) -> None:
    # Seen by the model as its own: where it runs.
    sys.path.insert(0, str(Path.cwd()))
    Interpreter(Channel(channel)).serve()


def _end_with(pid: int) -> None:
    """Linux kills this process when its parent ends, even if Python is busy and cannot see a socket close."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != pid:
            os._exit(1)


def _prepare() -> None:
    """Import what models import. A package that is not installed is the source's business."""
    faulthandler.enable(all_threads=False)
    for name in ("pandas", "pyarrow", "pyspark.sql.functions", "pyspark.sql.connect.session", "pyspark.pandas"):
        with contextlib.suppress(ImportError):
            __import__(name)
    # A model's own modules leave no byte-code that could go stale.
    sys.dont_write_bytecode = True
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]


def _settle(order: Order) -> None:
    """Take the output and the folder that the runner has made, and be the first to go when memory is short."""
    for stream in (1, 2):
        os.dup2(order.output, stream)
    os.close(order.output)
    os.chdir(order.folder)
    # Linux should end this process and not the engine.
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("500")


def _renew_chance() -> None:
    """Python seeds its own random numbers anew in a copy; numpy's would be the same in every one."""
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed()
