"""up and down: one server a home, nothing left behind, nothing lost when something is killed."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from databricks.sql.exc import Error
from processes import family
from sql_client import Client, connect
from urllib3.exceptions import HTTPError

from localbricks.errors import LocalbricksError
from localbricks.home import Home
from localbricks.lifecycle import daemon
from localbricks.lifecycle.state import ServerState, read_state, start_time, write_state

pytestmark = pytest.mark.own_server


def wait_gone(processes: list[psutil.Process]) -> None:
    _, alive = psutil.wait_procs(processes, timeout=40)
    assert not alive


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory, engine_memory: None) -> Iterator[Home]:
    """A home whose server may be killed."""
    home = Home(tmp_path_factory.mktemp("own") / "home")
    yield home
    daemon.down(home)


@pytest.fixture
def fresh(tmp_path: Path, engine_memory: None) -> Iterator[Home]:
    """A home where no server has been."""
    home = Home(tmp_path / "home")
    yield home
    daemon.down(home)


class TestBeforeAnythingRuns:
    def test_down_when_not_up(self, fresh: Home) -> None:
        assert daemon.down(fresh) is False
        fresh.prepare()
        assert daemon.down(fresh) is False

    def test_a_damaged_token(self, fresh: Home) -> None:
        fresh.prepare()
        fresh.token_file.write_text("short", encoding="ascii")
        with pytest.raises(LocalbricksError, match=r"token is damaged \(5 characters"):
            daemon.up(fresh)
        assert read_state(fresh) is None

    def test_a_port_that_is_taken(self, fresh: Home) -> None:
        with socket.socket() as other:
            other.bind(("127.0.0.1", 0))
            other.listen()
            port = other.getsockname()[1]
            with pytest.raises(LocalbricksError, match=rf"Port {port} on 127\.0\.0\.1 cannot be used .* --port N"):
                daemon.up(fresh, port)
        assert daemon.healthy(fresh) is None and read_state(fresh) is None

    def test_no_java(self, fresh: Home, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        monkeypatch.setenv("JAVA_HOME", str(tmp_path))
        with pytest.raises(LocalbricksError, match="Java 17 or newer is needed"):
            daemon.up(fresh, 0)
        assert daemon.down(fresh) is False


@pytest.fixture(scope="module")
def landing(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A landing folder with one file."""
    folder = tmp_path_factory.mktemp("landing")
    (folder / "a.csv").write_text("id\n1\n", encoding="utf-8")
    return folder


COPY = "copy into kept.loaded from '/Volumes/spark_catalog/kept/landing' fileformat = csv format_options ('header' = 'true')"


def sql(home: Home, state: ServerState) -> Client:
    """A session; what is still open ends with its server."""
    return Client(connect(home, state.port))


def fill(client: Client, landing: Path) -> None:
    """One of everything that must survive."""
    client.run(
        "create schema kept comment 'first'",
        "comment on schema kept is 'second'",
        "create table kept.parent (id int primary key, name string, constraint named check (name <> ''))",
        "insert into kept.parent values (1, 'a')",
        "create table kept.child (pid int constraint to_parent references kept.parent)",
        "create view kept.seen comment 'a view' as select id from kept.parent",
        "comment on column kept.seen.id is 'seen'",
        "alter table kept.parent set tags ('a' = 'b')",
        "grant select on kept.parent to someone",
        "create volume kept.own",
        f"create external volume kept.landing location '{landing.as_uri()}'",
        "create table kept.loaded (id string)",
        COPY,
    )


def check(client: Client) -> None:
    """All of it is there."""
    assert client.rows("select * from kept.parent") == [(1, "a")]
    client.fails("insert into kept.parent values (2, '')", "DELTA_VIOLATE_CONSTRAINT_WITH_VALUES", "23001")
    assert client.rows("select * from kept.seen") == [(1,)]
    assert client.rows("describe kept.seen") == [("id", "int", "seen")]
    assert client.pairs("describe schema kept")["Comment"] == "second"
    assert client.values(
        "select constraint_name from information_schema.table_constraints where table_schema = 'kept' order by 1"
    ) == ["named", "parent_pk", "to_parent"]
    assert client.rows("select tag_name, tag_value from information_schema.table_tags") == [("a", "b")]
    assert [row[:2] for row in client.rows("show grants on kept.parent")] == [("someone", "SELECT")]
    assert [row[1] for row in client.rows("show volumes in kept")] == ["landing", "own"]
    assert client.rows("list '/Volumes/spark_catalog/kept/own'") == []
    assert client.rows(COPY) == [(0, 0, 0)], "what was loaded is not loaded again"


class TestOneHomeThroughItsLife:
    """The tests go on from where the one before has left the home."""

    def test_it_gets_one_of_everything(self, own: Home, landing: Path) -> None:
        fill(sql(own, daemon.up(own, 0)), landing)

    def test_the_server_is_killed(self, own: Home, landing: Path) -> None:
        state = read_state(own)
        assert state is not None
        processes = family(state)
        assert len(processes) >= 3, "server, JVM and the template of interpreters"
        os.kill(state.pid, signal.SIGKILL)
        wait_gone(processes)
        assert daemon.healthy(own) is None
        again = daemon.up(own)
        assert again.port == state.port and again.pid != state.pid
        check(sql(own, again))

    def test_the_jvm_is_killed(self, own: Home, landing: Path) -> None:
        state = read_state(own)
        assert state is not None
        processes = family(state)
        client = sql(own, state)
        os.kill(state.jvm_pid, signal.SIGKILL)
        wait_gone(processes)
        assert "the JVM ended with code -9" in (own.logs / "localbricks.log").read_text(encoding="utf-8")
        with pytest.raises((Error, HTTPError)):
            client.rows("select 1")
        (landing / "b.csv").write_text("id\n2\n", encoding="utf-8")
        again = sql(own, daemon.up(own))
        assert again.rows(COPY) == [(1, 1, 0)], "the new file alone"
        assert again.rows("select id from kept.loaded order by id") == [("1",), ("2",)]

    def test_the_state_file_is_damaged(self, own: Home) -> None:
        """The server runs, and nobody knows: it is found by its lock, stopped, and started anew."""
        state = read_state(own)
        assert state is not None
        processes = family(state)
        own.state_file.write_text("{", encoding="utf-8")
        again = daemon.up(own)
        wait_gone(processes)
        assert again.pid != state.pid and daemon.healthy(own) == again

    def test_two_ups_at_once_give_one_server_beside_it(self, own: Home, fresh: Home) -> None:
        """`localbricks up` from two terminals, on another home: it knows nothing of this one."""
        command = [sys.executable, "-m", "localbricks", "up", "--home", str(fresh.root)]
        ups = [subprocess.Popen(command, stderr=subprocess.PIPE, text=True) for _ in range(2)]
        said = [up.communicate(timeout=180)[1] for up in ups]
        assert [up.returncode for up in ups] == [0, 0], said
        here, there = read_state(own), read_state(fresh)
        assert here is not None and there is not None and daemon.healthy(fresh) == there
        assert all(str(there.port) in text for text in said)
        assert there.port != here.port and own.token() != fresh.token()
        client = sql(fresh, there)
        assert "kept" not in client.values("show schemas")
        assert client.rows("select * from information_schema.table_privileges where table_schema = 'kept'") == []

    def test_down_leaves_no_process(self, own: Home) -> None:
        state = read_state(own)
        assert state is not None
        processes = family(state)
        client = sql(own, state)
        client.cursor.execute_async("select count(*) from range(1000000000000) where hash(id) % 7 = 3")
        assert daemon.down(own) is True
        assert not any(process.is_running() for process in processes)
        assert read_state(own) is None
        assert daemon.down(own) is False
        assert not [path for path in own.root.rglob("*") if path.is_socket() or path.name.endswith(".tmp")]

    def test_a_stale_state_of_a_reused_process(self, own: Home) -> None:
        """Another process has got the number: it is not taken for the server, and it is not stopped."""
        with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as bystander:
            started = start_time(bystander.pid) - 1000
            write_state(own, ServerState(bystander.pid, started, bystander.pid, started, 1, "0"))
            own.lock_file.write_text(f"{bystander.pid} {started}", encoding="ascii")
            assert daemon.healthy(own) is None
            assert daemon.down(own) is False
            assert bystander.poll() is None
            bystander.kill()
        write_state(own, ServerState(bystander.pid, started, bystander.pid, started, 1, "0"))
