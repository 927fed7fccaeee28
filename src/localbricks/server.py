"""The server process: puts the rooms together, serves until told to stop, ends when the JVM does."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import random
import shutil
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import anyio.to_thread
import uvicorn
from pyspark.logger import PySparkLogger

from localbricks import __version__
from localbricks.catalog.store import CatalogStore
from localbricks.engine.jvm import OUT_OF_MEMORY, Engine, EngineOptions
from localbricks.errors import LocalbricksError
from localbricks.home import CLUSTER_ID, USER_NAME, WAREHOUSE_ID, Home
from localbricks.http.app import create_app
from localbricks.http.limits import BoundedHttp
from localbricks.lifecycle.state import ServerState, clear_state, only_server, start_time, write_state
from localbricks.operation import status_page
from localbricks.operation.log import FILE, log_to_files, statement_facts
from localbricks.operation.metrics import Counters
from localbricks.operation.warm_up import is_on, warm_up
from localbricks.python_runs.interpreter.memory import VARIABLE as MEMORY_VARIABLE
from localbricks.python_runs.runner import PythonRunner
from localbricks.rest import routes
from localbricks.sql.warehouse import Execution, Warehouse
from localbricks.thrift.service import ThriftService
from localbricks.volumes.paths import Volumes

_OWN_PORTS = range(20_000, 32_768)
"""Systems lend the ports above for a connection, or to whoever asks for any: Linux from 32768 on, others from 49152. One
that a server keeps might be lent out when it comes back."""
_TRIES = 100
THREADS = 200
LAST_WORDS_SECONDS = 2.0
_log = logging.getLogger("localbricks.server")


@dataclass(frozen=True)
class Services:
    """What the REST API needs of the other rooms."""

    user_name: str
    workspace_dir: Path
    runner: PythonRunner
    volumes: Volumes
    warehouse: Warehouse
    statements: Callable[[], list[Execution]]
    runtime_version: str = "18.0.x-scala2.13"
    cluster_id: str = CLUSTER_ID
    warehouse_id: str = WAREHOUSE_ID


def serve(home: Home, port: int | None, ready_fd: int | None) -> int:
    """Run the server of a home in this process; the exit code.

    Args:
        ready_fd: a file descriptor that is told `ready`, or the reason why not, in one line.
    """
    say = _teller(ready_fd)
    # It writes the engine's stack of every statement that fails, whatever the reason.
    PySparkLogger.getLogger("SQLQueryContextLogger").disabled = True
    sys.excepthook = lambda kind, value, trace: _log.critical("unexpected", exc_info=(kind, value, trace))
    try:
        home.prepare()
        log_to_files(home, [home.token()])
        with only_server(home), _listen(home, port) as listener:
            return _run(home, listener, say)
    except LocalbricksError as error:
        _log.error("%s", error)
        say(str(error))
        return 2
    except OSError as error:
        _log.exception("the server failed")
        say(
            f"The server cannot use {error.filename or home.root}: {error.strerror or error}. Run `localbricks doctor`."
        )
        return 2
    except Exception as error:
        _log.exception("the server failed")
        say(f"The server failed: {type(error).__name__}: {error}. See {home.logs / FILE}.")
        return 1


def _run(home: Home, listener: socket.socket, say: Callable[[str], None]) -> int:
    shutil.rmtree(home.tmp, ignore_errors=True)
    home.tmp.mkdir(mode=0o700, exist_ok=True)
    _clear_half_made(home)
    options, warms = EngineOptions.from_environment(), is_on()
    store = CatalogStore(home.catalog_file)
    engine = Engine(home, options)
    stopping = threading.Event()
    server: list[uvicorn.Server] = []
    runners: list[PythonRunner] = []
    exit_code = 0

    def on_jvm_death(code: int) -> None:
        nonlocal exit_code
        if stopping.is_set():
            return
        why = ", out of memory" if code == OUT_OF_MEMORY else ""
        _log.error("the JVM ended with code %s%s; the server ends too", code, why)
        exit_code = 3
        for one in runners:
            one.abort("The Spark JVM has ended. Run `localbricks up`.")
        # Clients that ask for their statements' states are to hear why, not that nobody is there.
        stopping.wait(LAST_WORDS_SECONDS)
        for other in server:
            other.should_exit = True

    engine.start(on_jvm_death)
    volumes = Volumes(home, store)
    counters = Counters()

    def on_ended(execution: Execution) -> None:
        counters.statement_ended(execution)
        _log.info("", extra=statement_facts(execution))

    warehouse = Warehouse(home, engine, store, volumes, USER_NAME, on_ended)
    runner = PythonRunner(
        engine.connect_url,
        work_dir=home.tmp,
        log_dir=home.logs,
        resolve_volume=volumes.resolve,
        env=_run_environment(),
    )
    runners.append(runner)
    runner.warm()
    services = Services(USER_NAME, home.workspace, runner, volumes, warehouse, warehouse.history)
    pages = status_page.routes(warehouse, counters, engine.pid, home.root)
    app = create_app(home.token(), ThriftService(warehouse), [*pages, *routes(services)], counters.request_ended)
    config = uvicorn.Config(
        app,
        http=BoundedHttp,
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=75,
        lifespan="off",
    )
    server.append(uvicorn.Server(config))
    port = listener.getsockname()[1]
    pid = os.getpid()
    write_state(home, ServerState(pid, start_time(pid), engine.pid, start_time(engine.pid), port, __version__))
    _log.info("ready on port %s, engine process %s", port, engine.pid)
    if warms:
        warm_up(warehouse, stopping)
    try:
        asyncio.run(_serve(server[0], listener, lambda: say("ready")))
    finally:
        stopping.set()
        runner.close()
        warehouse.close()
        engine.stop()
        store.close()
        clear_state(home)
        _log.info("stopped")
    return exit_code


def _clear_half_made(home: Home) -> None:
    """Remove a catalog that a kill in the first start left unfinished, as long as no table can have been in it.

    Raises:
        LocalbricksError: there are data, so this was a catalog once.
    """
    if not home.metastore.exists() or (home.metastore / "service.properties").exists():
        return
    if any(home.warehouse.iterdir()):
        raise LocalbricksError(
            f"The catalog {home.metastore} has lost its file service.properties, and {home.warehouse} has data. "
            "Restore the folder `metastore` from a copy, or move it away to begin with an empty catalog."
        )
    _log.warning("%s was never finished and is made anew", home.metastore)
    shutil.rmtree(home.metastore)


async def _serve(server: uvicorn.Server, listener: socket.socket, ready: Callable[[], None]) -> None:
    anyio.to_thread.current_default_thread_limiter().total_tokens = THREADS
    ready()
    await server.serve(sockets=[listener])


def _run_environment() -> dict[str, str]:
    kept = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", MEMORY_VARIABLE)
    return {key: os.environ[key] for key in kept if key in os.environ}


@contextlib.contextmanager
def _listen(home: Home, port: int | None) -> Iterator[socket.socket]:
    """A listening socket on loopback. The port is kept in the settings, so that profiles stay valid."""
    settings = home.settings()
    wanted = port if port is not None else int(settings.get("port", 0))
    # The protocol is named: asyncio turns Nagle's algorithm off for named TCP alone, and with it the second part of
    # an answer waits for the client's delayed acknowledgement of the first, 40 ms.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        _bind(listener, wanted)
    except OSError as error:
        listener.close()
        raise LocalbricksError(
            f"Port {wanted} on 127.0.0.1 cannot be used ({error.strerror}). "
            "Stop what uses it, or name another one: `localbricks up --port N` (0 for any free one)."
        ) from None
    listener.listen(128)
    bound = listener.getsockname()[1]
    if settings.get("port") != bound:
        home.save_settings({**settings, "port": bound})
    with listener:
        yield listener


def _bind(listener: socket.socket, wanted: int) -> None:
    """Take a port, or one of those that are nobody else's for a moment."""
    if not wanted:
        for port in random.sample(_OWN_PORTS, _TRIES):
            with contextlib.suppress(OSError):
                listener.bind(("127.0.0.1", port))
                return
    listener.bind(("127.0.0.1", wanted))


def _teller(ready_fd: int | None) -> Callable[[str], None]:
    def say(text: str) -> None:
        nonlocal ready_fd
        if ready_fd is not None:
            os.write(ready_fd, (" ".join(text.split()) + "\n").encode())
            os.close(ready_fd)
            ready_fd = None

    return say
