"""kill -9, and an engine out of memory, while five clients write: nothing that was answered is lost, nothing is half there.

`make test` takes one moment of one seed. `make faults` takes FAULT_KILLS moments of a new seed, which it prints; with
FAULT_SEED set to it the same victims come at the same times, in so far as a machine repeats itself.
"""

from __future__ import annotations

import contextlib
import os
import re
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

import psutil
import pytest
from databricks.sql.exc import Error
from load import Writer, during, prepare, writers
from sql_client import Client, connect

from localbricks.errors import LocalbricksError
from localbricks.home import Home
from localbricks.lifecycle import daemon
from localbricks.lifecycle.state import ServerState, holder
from localbricks.operation.log import read

KILLS = int(os.environ.get("FAULT_KILLS", "1"))
SEED = int(os.environ.get("FAULT_SEED", "1"))
LONG = pytest.mark.skipif("FAULT_KILLS" not in os.environ, reason="costs minutes: `make faults`")
# One text of 1.8 GB, for which the heap of a test's engine has no room in one piece.
TOO_LARGE = "select length(repeat(cast(rand() as string), 95000000)) from range(1)"

pytestmark = [pytest.mark.own_server, pytest.mark.timeout(3600)]


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory, engine_memory: None) -> Iterator[Home]:
    """A home whose processes are killed."""
    print(f"FAULT_SEED={SEED} FAULT_KILLS={KILLS}")
    home = Home(tmp_path_factory.mktemp("faults") / "home")
    yield home
    daemon.down(home)


def gone(state: ServerState) -> None:
    """Wait until the processes of a server have ended."""
    alive = [process for process in (state.server, state.jvm) if process is not None]
    _, left = psutil.wait_procs(alive, timeout=60)
    assert not left


def out_of_memory(home: Home, state: ServerState) -> None:
    """A statement that needs more than the heap: its error says so, and what to do."""
    with pytest.raises(Error) as caught:
        Client(connect(home, state.port)).rows(TOO_LARGE)
    assert str(caught.value).startswith("[LOCALBRICKS_ENGINE_OUT_OF_MEMORY]"), caught.value
    assert "LOCALBRICKS_MEMORY" in str(caught.value) and "SQLSTATE: 53200" in str(caught.value)
    gone(state)
    assert any("out of memory; the server ends too" in line.get("message", "") for line in read(home))


def under_load(loads: list[Writer]) -> None:
    """Wait until some statement was answered, or every writer has given up."""
    before, deadline = sum(writer.finished for writer in loads), time.monotonic() + 300
    while sum(writer.finished for writer in loads) == before and not all(writer.errors for writer in loads):
        assert time.monotonic() < deadline, "no statement was answered"
        time.sleep(0.05)


def killed(which: str, home: Home, state: ServerState) -> None:
    """`kill -9` of the server or of the JVM."""
    os.kill(state.pid if which == "server" else state.jvm_pid, signal.SIGKILL)
    gone(state)


# What a client hears of a server that has gone: a broken connection, or the engine's end by its name.
_EXPECTED = re.compile(
    r"LOCALBRICKS_ENGINE_(STOPPED|OUT_OF_MEMORY)|Connection|connection|RequestError|MaxRetryError|OPERATION_CANCELED|"
    r"Error during request to server"
)


def test_what_was_answered_is_there(own: Home) -> None:
    random, loads = Random(SEED), writers()
    state = daemon.up(own, 0)
    prepare(Client(connect(own, state.port)), loads)
    victims = ["server", "jvm", "memory"]
    for number in range(KILLS):
        victim = victims[number] if number < 3 else random.choice(victims[:2] * 3 + victims[2:])
        seconds = random.uniform(0.5, 6.0)

        def moment(victim: str = victim, seconds: float = seconds, state: ServerState = state) -> None:
            under_load(loads)
            time.sleep(seconds)  # the fault's moment is a time, not a condition
            out_of_memory(own, state) if victim == "memory" else killed(victim, own, state)

        during(own, state.port, loads, moment)
        told = [error for writer in loads for error in writer.errors]
        assert all(_EXPECTED.search(error) for error in told), told
        state = daemon.up(own)
        check(own, state, loads, f"seed {SEED}, fault {number}: {victim} after {seconds:.2f} s")
    assert sum(writer.finished for writer in loads) >= KILLS, "there was a load"


def check(home: Home, state: ServerState, loads: list[Writer], told: str) -> None:
    """All that the writers were answered is there."""
    print(f"{told}: {', '.join(f'{writer.name} {writer.finished}' for writer in loads)}")
    client = Client(connect(home, state.port))
    for writer in loads:
        try:
            writer.check(client, writer)
        except (AssertionError, Error) as error:
            raise AssertionError(f"{told}: {error}") from error
        writer.errors.clear()


def test_a_metastore_that_was_never_finished(own: Home, tmp_path: Path) -> None:
    """As a kill in the first second of the first start leaves it: it is made anew."""
    home = Home(tmp_path / "home")
    home.prepare()
    for name in ("seg0", "log"):
        (home.metastore / name).mkdir(parents=True)
    (home.metastore / "db.lck").write_bytes(b"")
    try:
        state = daemon.up(home, 0)
        assert Client(connect(home, state.port)).values("show schemas") == ["default"]
    finally:
        daemon.down(home)


@LONG
def test_killed_while_it_starts(tmp_path: Path, engine_memory: None) -> None:
    """At any moment of the first start and of those after it."""
    random, home = Random(SEED), Home(tmp_path / "home")
    for _ in range(max(3, KILLS // 3)):
        command = [sys.executable, "-m", "localbricks", "up", "--home", str(home.root)]
        up = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        time.sleep(random.uniform(0.5, 12))  # the fault's moment is a time, not a condition
        server = holder(home) if home.root.exists() else None
        if server is not None:
            victims = [server, *server.children(recursive=True)]
            victim = random.choice(victims)
            with contextlib.suppress(psutil.NoSuchProcess):
                victim.kill()
        _, said = up.communicate(timeout=240)
        assert up.returncode == 0 or "Traceback" not in said, said
    state = daemon.up(home)
    client = Client(connect(home, state.port))
    client.run("create or replace table kept as select 1 as id")
    assert client.rows("select * from kept") == [(1,)]
    daemon.down(home)


FULL = "No space left on device"


@dataclass
class Disk:
    """A home on a disk that can be full, and how to make room on it."""

    home: Home
    up: Callable[[], ServerState]
    make_room: Callable[[], None]
    error: str


@pytest.fixture(params=["small file system", "limit of a file's size"])
def disk(request: pytest.FixtureRequest, tmp_path: Path, engine_memory: None) -> Iterator[Disk]:
    """A tmpfs of 96 MB, where it may be mounted; and a server whose files may have 4 MB."""
    place = tmp_path / "disk"
    place.mkdir()
    home = Home(place / "home")
    with contextlib.ExitStack() as after:
        if request.param == "small file system":
            mount = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=96m", "none", str(place)], check=False)
            if mount.returncode:
                pytest.skip("mounting is not allowed here")
            after.callback(subprocess.run, ["umount", "--lazy", str(place)], check=True)

            def grow() -> None:
                subprocess.run(["mount", "-o", "remount,size=512m", str(place)], check=True)

            after.callback(daemon.down, home)
            yield Disk(home, lambda: daemon.up(home, 0), grow, FULL)
            return
        after.callback(daemon.down, home)
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        after.callback(resource.setrlimit, resource.RLIMIT_FSIZE, (soft, hard))

        def up() -> ServerState:
            # Inherited by the server and its JVM; taken back here at once.
            daemon.up(home, 0)
            daemon.down(home)
            resource.setrlimit(resource.RLIMIT_FSIZE, (4_000_000, hard))
            try:
                return daemon.up(home)
            finally:
                resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

        def lift() -> None:
            daemon.down(home)
            daemon.up(home)

        yield Disk(home, up, lift, "File too large")


@LONG
def test_a_full_disk(disk: Disk) -> None:
    """The statement fails with a named error; what was finished is there, then and when there is room again."""
    state = disk.up()
    client = Client(connect(disk.home, state.port))
    client.run("create table kept as select id from range(1000)")
    fill = "insert into kept select hash(uuid()) as id from range(60000000)"
    client.fails(fill, "LOCALBRICKS_DISK_FULL", "53100", disk.error, str(disk.home.root))
    try:
        assert client.value("select count(*) from kept") == 1000
    except Error as error:
        # Delta leaves the files of what failed to VACUUM: a file system that is full may have no room for an answer.
        assert disk.error == FULL, error
        assert str(error).startswith("[LOCALBRICKS_DISK_FULL]"), error
    disk.make_room()
    running = daemon.healthy(disk.home)
    assert running is not None
    client = Client(connect(disk.home, running.port))
    client.run("insert into kept select id from range(1000)")
    assert client.value("select count(*) from kept") == 2000


@LONG
def test_a_disk_that_is_full_before_the_start(tmp_path: Path) -> None:
    place = tmp_path / "disk"
    place.mkdir()
    mount = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "none", str(place)], check=False)
    if mount.returncode:
        pytest.skip("mounting is not allowed here")
    try:
        with contextlib.suppress(OSError):
            (place / "filler").write_bytes(b"x" * 65536)
        with pytest.raises(LocalbricksError, match=r"No space left on device.*Make room"):
            daemon.up(Home(place / "home"), 0)
    finally:
        subprocess.run(["umount", "--lazy", str(place)], check=True)
