"""`localbricks doctor`: what a workspace needs, looked at one by one; each finding with what to do about it.

Nothing is changed here. A check that cannot be made is a finding too, never an exception.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import stat
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from enum import Enum

import psutil
import pyspark

from localbricks import __version__
from localbricks.engine.class_path import SPARK_JARS, class_path
from localbricks.engine.jars import JarState, jar_states, jars_folder
from localbricks.engine.java import MINIMUM, find_java
from localbricks.engine.jvm import EngineOptions
from localbricks.engine.size import heap_bytes, machine_memory
from localbricks.errors import LocalbricksError
from localbricks.home import Home, read_json
from localbricks.lifecycle import daemon
from localbricks.lifecycle.state import holder, read_state
from localbricks.operation.warm_up import is_on

GIB = 1024**3
DISK_NEEDED = 1 * GIB
DISK_WANTED = 5 * GIB


class Verdict(Enum):
    """How a check came out."""

    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"


@dataclass(frozen=True)
class Finding:
    """One line of the report."""

    check: str
    verdict: Verdict
    found: str
    advice: str = ""
    """What to do; empty where all is well."""


def examine(home: Home) -> list[Finding]:
    """Make all checks of a home and of the machine."""
    return [finding for name, check in _CHECKS.items() for finding in _made(name, check, home)]


def is_healthy(findings: list[Finding]) -> bool:
    """Whether nothing stands in the way; warnings do not."""
    return all(finding.verdict is not Verdict.PROBLEM for finding in findings)


def as_json(findings: list[Finding]) -> str:
    """The report for programs."""
    listed = [asdict(finding) | {"verdict": finding.verdict.value} for finding in findings]
    return json.dumps({"healthy": is_healthy(findings), "version": __version__, "findings": listed}, indent=2)


def _made(name: str, check: Callable[[Home], Iterator[Finding]], home: Home) -> Iterator[Finding]:
    try:
        yield from check(home)
    except LocalbricksError as error:
        yield Finding(name, Verdict.PROBLEM, str(error), "Do as it says.")
    except Exception as error:
        text = f"could not be looked at: {type(error).__name__}: {error}"
        yield Finding(name, Verdict.WARNING, text, "Look at it yourself.")


def _java(home: Home) -> Iterator[Finding]:
    java = find_java()
    source = "JAVA_HOME" if os.environ.get("JAVA_HOME") else "the PATH"
    yield Finding(
        "java", Verdict.OK, f"Java {java.version} at {java.launcher}, by {source}; {MINIMUM} or newer is needed"
    )


def _memory(home: Home) -> Iterator[Finding]:
    options = EngineOptions.from_environment()
    heap, machine, free = heap_bytes(options.memory), machine_memory(), psutil.virtual_memory().available
    found = (
        f"heap {options.memory} (LOCALBRICKS_MEMORY), machine {machine / GIB:.1f} GiB, available {free / GIB:.1f} GiB, "
        f"{options.cores} cores (LOCALBRICKS_CORES)"
    )
    if heap > machine / 2:
        advice = "The heap is more than half of the machine: the server and Python models need memory too."
        yield Finding("memory", Verdict.WARNING, found, advice)
    elif heap > free and read_state(home) is None:
        advice = "Other programs have what the heap may want: end some, or set LOCALBRICKS_MEMORY lower."
        yield Finding("memory", Verdict.WARNING, found, advice)
    else:
        yield Finding("memory", Verdict.OK, found)
    warm = "on" if is_on() else "off"
    yield Finding("warm-up", Verdict.OK, f"{warm} (LOCALBRICKS_WARM_UP)")


def _jars(home: Home) -> Iterator[Finding]:
    ivy = next(SPARK_JARS.glob("ivy-*.jar"), None)
    if ivy is None:
        yield Finding("pyspark", Verdict.PROBLEM, f"{pyspark.__version__} without its jars", "Reinstall pyspark.")
    else:
        yield Finding("pyspark", Verdict.OK, f"{pyspark.__version__} with its jars")
    states = jar_states()
    bad = {name: state for name, state in states.items() if state is not JarState.GOOD}
    folder = jars_folder()
    if not bad:
        yield Finding("jars", Verdict.OK, f"{len(states)} jars of Delta Lake in {folder}, SHA-256 as pinned")
        return
    found = ", ".join(f"{name} {state.value}" for name, state in bad.items())
    advice = (
        "`localbricks up` fetches them from Maven Central; without a network name a mirror in LOCALBRICKS_MAVEN_MIRROR "
        "or a folder that has them in LOCALBRICKS_JARS_FOLDER."
    )
    yield Finding("jars", Verdict.WARNING, f"in {folder}: {found}", advice)


def _archive(home: Home) -> Iterator[Finding]:
    archive = class_path(find_java()).archive()
    if archive is None:
        yield Finding(
            "archive", Verdict.OK, "no archive of classes: with `localbricks prepare` starts take half the time"
        )
    else:
        yield Finding("archive", Verdict.OK, f"of Java's classes, for fast starts: {archive}")


def _disk(home: Home) -> Iterator[Finding]:
    place = next(path for path in (home.root, *home.root.parents) if path.exists())
    usage = shutil.disk_usage(place)
    found = f"{usage.free / GIB:.1f} GiB free of {usage.total / GIB:.1f} GiB at {place}"
    if usage.free < DISK_NEEDED:
        yield Finding("disk", Verdict.PROBLEM, found, "Free at least 1 GiB, or name another --home.")
    elif usage.free < DISK_WANTED:
        yield Finding("disk", Verdict.WARNING, found, "Tables, spilled data and results go here: make room soon.")
    else:
        yield Finding("disk", Verdict.OK, found)


def _home(home: Home) -> Iterator[Finding]:
    if not home.root.exists():
        yield Finding("home", Verdict.OK, f"{home.root} does not exist yet: `localbricks up` makes it")
        return
    status = home.root.stat()
    if status.st_uid != os.getuid():
        advice = f"Run as its owner, or name another --home. Owner is user {status.st_uid}, you are {os.getuid()}."
        yield Finding("home", Verdict.PROBLEM, f"{home.root} belongs to somebody else", advice)
    elif not os.access(home.root, os.R_OK | os.W_OK | os.X_OK):
        yield Finding("home", Verdict.PROBLEM, f"{home.root} cannot be written to", f"chmod u+rwx {home.root}")
    elif mode := stat.S_IMODE(status.st_mode) & 0o077:
        found = f"{home.root} is open to others (mode {stat.S_IMODE(status.st_mode):04o}, {mode:03o} too much)"
        yield Finding("home", Verdict.WARNING, found, f"chmod 700 {home.root}")
    else:
        yield Finding("home", Verdict.OK, f"{home.root}, yours alone")
    yield from _token(home)
    yield from _half_written(home)


def _token(home: Home) -> Iterator[Finding]:
    if not home.token_file.exists():
        yield Finding("token", Verdict.OK, "none yet: `localbricks up` writes one")
        return
    try:
        home.token()
    except LocalbricksError as error:
        mode = stat.S_IMODE(home.token_file.stat().st_mode)
        shared = f" Or, if nobody has read it: chmod 600 {home.token_file}" if mode & 0o077 else ""
        yield Finding("token", Verdict.PROBLEM, str(error), f"Delete it, then `localbricks down` and `up`.{shared}")
    else:
        yield Finding("token", Verdict.OK, f"{home.token_file}, mode 0600")


def _half_written(home: Home) -> Iterator[Finding]:
    """What a crash of the machine or a full disk may have left."""
    for path in (home.settings_file, home.state_file):
        try:
            read_json(path)
        except LocalbricksError as error:
            yield Finding("state", Verdict.PROBLEM, str(error), f"rm {path}")
    if home.metastore.exists() and not (home.metastore / "service.properties").exists():
        found = f"the catalog {home.metastore} was never finished: a start was interrupted"
        yield Finding("state", Verdict.WARNING, found, "`localbricks up` makes it anew.")
    old = [path for path in home.root.glob(".*.*") if path.is_file() and time.time() - path.stat().st_mtime > 3600]
    if old:
        names = " ".join(str(path) for path in old[:5])
        yield Finding("state", Verdict.WARNING, f"{len(old)} files were left half written", f"rm {names}")


def _server(home: Home) -> Iterator[Finding]:
    state, process = read_state(home), holder(home)
    if state is not None and daemon.healthy(home):
        if state.version != __version__:
            found = f"runs on port {state.port} with version {state.version}, installed is {__version__}"
            yield Finding("server", Verdict.WARNING, found, "`localbricks down`, then `localbricks up`.")
        else:
            found = f"runs on port {state.port} (process {state.pid}, JVM {state.jvm_pid})"
            yield Finding("server", Verdict.OK, found)
        return
    if process is not None:
        age = time.time() - process.create_time()
        what = "has been starting" if state is None else "does not answer; it has run"
        found = f"process {process.pid} {what} for {age:.0f} s"
        verdict = Verdict.WARNING if state is None and age < daemon.UP_SECONDS else Verdict.PROBLEM
        yield Finding("server", verdict, found, f"Wait, or `localbricks down`. Its logs are in {home.logs}.")
        return
    killed = " (the last one was killed, or ended with its JVM)" if state is not None else ""
    yield Finding("server", Verdict.OK, f"does not run{killed}: `localbricks up` starts it")
    yield from _port(home)


def _port(home: Home) -> Iterator[Finding]:
    port = int(home.settings().get("port", 0))
    if not port:
        yield Finding("port", Verdict.OK, "none yet: `localbricks up` takes a free one and keeps it")
        return
    with socket.socket() as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind(("127.0.0.1", port))
        except OSError as error:
            found = f"127.0.0.1:{port} cannot be used ({error.strerror})"
            yield Finding("port", Verdict.PROBLEM, found, "Stop what uses it, or `localbricks up --port N`.")
        else:
            yield Finding("port", Verdict.OK, f"127.0.0.1:{port} is free")


def _loopback(home: Home) -> Iterator[Finding]:
    try:
        addresses = {str(info[4][0]) for info in socket.getaddrinfo("localhost", 80, type=socket.SOCK_STREAM)}
    except OSError:
        addresses = set()
    if "127.0.0.1" not in addresses:
        found = f"localhost is {', '.join(sorted(addresses)) or 'unknown'}"
        yield Finding(
            "loopback", Verdict.PROBLEM, found, "Python models dial it: add `127.0.0.1 localhost` to /etc/hosts."
        )
    else:
        yield Finding("loopback", Verdict.OK, "localhost is 127.0.0.1")
    proxies = [name for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy") if os.environ.get(name)]
    exempt = {part.strip() for name in ("NO_PROXY", "no_proxy") for part in os.environ.get(name, "").split(",")}
    if proxies and not {"*"} & exempt and not {"127.0.0.1", "localhost"} <= exempt:
        advice = "Clients would ask the proxy for this machine: add 127.0.0.1 and localhost to NO_PROXY and no_proxy."
        yield Finding("proxy", Verdict.WARNING, f"{', '.join(proxies)} is set", advice)


_CHECKS: dict[str, Callable[[Home], Iterator[Finding]]] = {
    "java": _java,
    "memory": _memory,
    "jars": _jars,
    "archive": _archive,
    "disk": _disk,
    "home": _home,
    "server": _server,
    "loopback": _loopback,
}
