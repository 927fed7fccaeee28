"""The template's side of its bond with the runner: orders come, interpreters are made, and their ends are told."""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import signal
import socket
from dataclasses import dataclass
from typing import Any

_LONGEST_ORDER = 65_536


@dataclass(frozen=True)
class Order:
    """What the runner gives an interpreter: where it works, and descriptors for its messages and its output."""

    folder: str
    channel: int
    output: int


def next_order(control: socket.socket) -> Order | None:
    """Fork for every order. Returns in each new process with its order; in the template, with None, once the runner is gone."""
    ended, wakes = socket.socketpair()
    for end in (ended, wakes):
        end.setblocking(False)
    signal.set_wakeup_fd(wakes.fileno())
    signal.signal(signal.SIGCHLD, lambda _signal, _frame: None)
    with control, ended, wakes, selectors.DefaultSelector() as ready:
        ready.register(control, selectors.EVENT_READ)
        ready.register(ended, selectors.EVENT_READ)
        while True:
            for key, _ in ready.select():
                if key.fileobj is ended:
                    ended.recv(_LONGEST_ORDER)
                    _tell_ends(control)
                elif (order := _receive(control)) is None or _fork(control, order):
                    signal.set_wakeup_fd(-1)
                    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                    return order


def _receive(control: socket.socket) -> Order | None:
    """The order that has come: the runner sends the next when this one is answered. None where the runner is gone."""
    line, descriptors, _, _ = socket.recv_fds(control, _LONGEST_ORDER, 2)
    return Order(json.loads(line)["folder"], *descriptors) if line else None


def _fork(control: socket.socket, order: Order) -> bool:
    """Make an interpreter; whether this is it."""
    try:
        pid = os.fork()
    except OSError as error:
        _tell(control, event="failed", problem=str(error))
    else:
        # A group of its own: one signal reaches all that a model starts. Said on both sides, so that neither is late;
        # the system refuses the one that is, where the interpreter has started anew.
        with contextlib.suppress(PermissionError):
            os.setpgid(pid, pid)
        if pid == 0:
            return True
        _tell(control, event="started", pid=pid)
    os.close(order.channel)
    os.close(order.output)
    return False


def _tell_ends(control: socket.socket) -> None:
    """Tell how interpreters have ended: exit codes, negative for signals."""
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if pid == 0:
            return
        _tell(control, event="ended", pid=pid, code=os.waitstatus_to_exitcode(status))


def _tell(control: socket.socket, **message: Any) -> None:
    control.sendall(json.dumps(message).encode() + b"\n")
