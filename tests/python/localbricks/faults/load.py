"""Writers that note what was answered, and the check that exactly this is there after a crash.

Each writer has tables of its own and one statement under way. After a crash all that was answered must be there in
whole; the statement that was under way must be there in whole or not at all.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from sql_client import Client, connect

from localbricks.home import Home

ROWS = 10


@dataclass
class Writer:
    """One kind of statement, numbered: `statement(n)` is the n-th."""

    name: str
    statement: Callable[[int], str]
    check: Callable[[Client, Writer], None]
    setup: str = ""
    finished: int = 0
    """Number of the last statement that was answered as finished."""
    begun: int = 0
    errors: list[str] = field(default_factory=list)

    def run(self, home: Home, port: int, stop: threading.Event) -> None:
        """Send statements one after the other until told to stop or until there is no server."""
        try:
            client = Client(connect(home, port))
            while not stop.is_set():
                self.begun = self.finished + 1
                client.run(self.statement(self.begun))
                self.finished = self.begun
        except Exception as error:
            self.errors.append(f"{type(error).__name__}: {error}")

    def settled(self, last: int) -> None:
        """Go on behind what is there."""
        assert last in (self.finished, self.begun), f"{self.name}: {last} is there, {self.finished} was answered"
        self.finished = self.begun = last


def _appended(client: Client, writer: Writer) -> None:
    counts = client.pairs(f"select batch, count(*) from load.{writer.name} group by batch")
    last = max(counts, default=0)
    assert counts == dict.fromkeys(range(1, last + 1), ROWS), f"{writer.name}: {counts}"
    writer.settled(last)


def _replaced(client: Client, writer: Writer) -> None:
    counts = client.rows(f"select version, count(*), count(distinct id) from load.{writer.name} group by version")
    assert len(counts) == 1 and counts[0][1:] == (ROWS, ROWS), f"{writer.name}: {counts}"
    writer.settled(counts[0][0])


def _created(client: Client, writer: Writer) -> None:
    names = client.values(f"select table_name from information_schema.tables where table_name like '{writer.name}_%'")
    there = sorted(int(name.rpartition("_")[2]) for name in names)
    assert there == list(range(1, len(there) + 1)), f"{writer.name}: {there}"
    for number in there[-3:]:
        assert client.value(f"select count(*) from load.{writer.name}_{number}") == ROWS
    writer.settled(len(there))
    # A name that was under way is free, or a table that can be read and dropped.
    client.run(f"create or replace table load.{writer.name}_{len(there) + 1} as select id from range({ROWS})")
    client.run(f"drop table load.{writer.name}_{len(there) + 1}")


def _tagged(client: Client, writer: Writer) -> None:
    statement = "select tag_value from information_schema.table_tags where schema_name = 'load' and tag_name = 'number'"
    writer.settled(int(next(iter(client.values(statement)), 0)))


def writers() -> list[Writer]:
    """An appending, a replacing, a merging, a creating and a tagging one."""
    source = f"select id, {{}} as version from range({ROWS})"
    return [
        Writer(
            "appended",
            lambda n: f"insert into load.appended select {n} as batch, id from range({ROWS})",
            _appended,
            "create table load.appended (batch int, id bigint)",
        ),
        Writer(
            "replaced",
            lambda n: f"create or replace table load.replaced as {source.format(n)}",
            _replaced,
            f"create table load.replaced as {source.format(0)}",
        ),
        Writer(
            "merged",
            lambda n: (
                f"merge into load.merged t using ({source.format(n)}) s on t.id = s.id "
                "when matched then update set version = s.version"
            ),
            _replaced,
            f"create table load.merged as {source.format(0)}",
        ),
        Writer("created", lambda n: f"create table load.created_{n} as select id from range({ROWS})", _created),
        Writer(
            "tagged",
            lambda n: f"alter table load.tagged set tags ('number' = '{n}')",
            _tagged,
            "create table load.tagged (id int)",
        ),
    ]


def prepare(client: Client, loads: list[Writer]) -> None:
    """Create what the writers write to."""
    client.run("create schema load", *(writer.setup for writer in loads if writer.setup))


def during(home: Home, port: int, loads: list[Writer], moment: Callable[[], None]) -> None:
    """Let the writers write until `moment` has passed and they have seen it."""
    stop = threading.Event()
    threads = [threading.Thread(target=writer.run, args=(home, port, stop), daemon=True) for writer in loads]
    for thread in threads:
        thread.start()
    moment()
    stop.set()
    for thread in threads:
        thread.join(timeout=90)
        assert not thread.is_alive(), "a client hangs on a server that is gone"
