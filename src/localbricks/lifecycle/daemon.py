"""`up` and `down`: a server in the background, ready when `up` returns, gone when `down` does."""

from __future__ import annotations

import contextlib
import http.client
import os
import select
import subprocess
import sys
import time
from pathlib import Path

import psutil

from localbricks.errors import LocalbricksError
from localbricks.home import Home
from localbricks.lifecycle.state import ServerState, clear_state, holder, read_state, turn
from localbricks.operation.log import start_anew

UP_SECONDS = 180
DOWN_SECONDS = 20


def up(home: Home, port: int | None = None) -> ServerState:
    """Start the server of a home unless it runs; return when it answers.

    Args:
        port: where it listens; by default the port it had before, or any free one.

    Raises:
        LocalbricksError: when it cannot start.
    """
    try:
        home.prepare()
        home.token()
        with turn(home):
            running = healthy(home) or _await_start(home)
            if running is None:
                _stop(home)
                _spawn(home, port)
                running = healthy(home)
    except OSError as error:
        raise LocalbricksError(
            f"{error.filename or home.root} cannot be written: {error.strerror or error}. "
            "Make room and see to its rights, or name another home; `localbricks doctor` looks at both."
        ) from None
    if running is None:
        raise LocalbricksError(f"The server ended right after its start. See {home.logs / 'server.log'}.")
    if port not in (None, 0, running.port):
        raise LocalbricksError(
            f"{home.root} is up on port {running.port}, asked for {port}: run `localbricks down` first."
        )
    return running


def down(home: Home) -> bool:
    """Stop what runs on a home and wait until no process is left; whether there was one."""
    if not home.root.exists():
        return False
    with turn(home):
        return _stop(home)


def _stop(home: Home) -> bool:
    state = read_state(home)
    servers = {process for process in (holder(home), state.server if state else None) if process is not None}
    found = servers | ({state.jvm} if state and state.jvm else set())
    family = found.union(*(_children(process) for process in found))
    for server in servers:
        with contextlib.suppress(psutil.NoSuchProcess):
            server.terminate()
    # A server that was killed takes its JVM along by a closed pipe: give it the time, then insist.
    _, left = psutil.wait_procs(family, timeout=DOWN_SECONDS if found else 0)
    for process in left:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(left, timeout=DOWN_SECONDS)
    clear_state(home)
    return bool(found)


def healthy(home: Home) -> ServerState | None:
    """The state of a server that runs and answers, None otherwise."""
    state = read_state(home)
    if state is None or state.server is None or state.jvm is None:
        return None
    connection = http.client.HTTPConnection("127.0.0.1", state.port, timeout=5)
    try:
        connection.request("GET", "/health")
        return state if connection.getresponse().status == 200 else None
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()


def _await_start(home: Home) -> ServerState | None:
    """Wait for a server that starts or stops though whoever began that is gone; its state, or None."""
    deadline = time.monotonic() + UP_SECONDS
    while holder(home) is not None and not home.state_file.exists():
        if time.monotonic() > deadline:
            raise LocalbricksError(
                f"A server has been starting for {UP_SECONDS} s. Run `localbricks down`; its log is in {home.logs}."
            )
        time.sleep(0.1)
    return healthy(home)


def _spawn(home: Home, port: int | None) -> None:
    reading, writing = os.pipe()
    command = [sys.executable, "-m", "localbricks", "serve", "--home", str(home.root), "--ready-fd", str(writing)]
    if port is not None:
        command += ["--port", str(port)]
    start_anew(home.logs / "server.log")
    with (home.logs / "server.log").open("ab") as log:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            pass_fds=(writing,),
            start_new_session=True,
        )
    os.close(writing)
    try:
        _wait_until_ready(reading, process, home.logs / "server.log")
    finally:
        os.close(reading)


def _wait_until_ready(pipe: int, process: subprocess.Popen[bytes], log: Path) -> None:
    """The server writes one line when it is ready or knows that it cannot be; its end closes the pipe."""
    said = b""
    deadline = time.monotonic() + UP_SECONDS
    while not said.endswith(b"\n"):
        ready, _, _ = select.select([pipe], [], [], max(0.0, deadline - time.monotonic()))
        if not ready:
            process.terminate()
            raise LocalbricksError(f"The server was not ready within {UP_SECONDS} s. See {log}.")
        part = os.read(pipe, 65536)
        if not part:
            break
        said += part
    text = said.decode(errors="replace").strip()
    if text != "ready":
        process.wait(timeout=DOWN_SECONDS)
        raise LocalbricksError(text or f"The server ended at its start with code {process.returncode}. See {log}.")


def _children(process: psutil.Process) -> list[psutil.Process]:
    try:
        return process.children(recursive=True)
    except psutil.NoSuchProcess:
        return []
