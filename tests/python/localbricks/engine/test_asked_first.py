"""Classes of ours that Spark and Delta ask in the place of another: what comes out is what the other gives."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from sql_client import Client, Server
from tasks import sent

pytestmark = pytest.mark.server
COMPILED = "cross join range(1)"
"""With rows that no table holds a statement is compiled."""


@pytest.fixture(scope="module")
def tables(session: Client) -> Iterator[None]:
    """A table with rows, and one without."""
    session.run("create table source as select id, string(id % 3) as t from range(40)", "create table empty (n int)")
    yield
    session.run("drop table source", "drop table empty")


class TestTaskSettings:
    def test_they_come_to_a_task_as_they_are(self, view: Any) -> None:
        settings = view.org.apache.hadoop.conf.Configuration()
        given = {"one": "1", "empty": "", "é": "naïve ☃ 𝄞", "long": "x" * 40_000, "dfs.umask": "077", "ref": "${one}"}
        for name, value in given.items():
            settings.set(name, value)
        arrived = self.arrived(view, settings)
        assert self.texts(arrived) == self.texts(settings)
        assert len(self.texts(settings)) > 100
        assert arrived.get("ref") == "1"
        settings.set("one", "changed")
        assert arrived.get("one") == "1"

    def test_none_are_none(self, view: Any) -> None:
        assert self.texts(self.arrived(view, view.org.apache.hadoop.conf.Configuration(False))) == {}

    def arrived(self, view: Any, settings: Any) -> Any:
        """The settings after Spark's way to a task."""
        return sent(view, view.org.apache.spark.util.SerializableConfiguration(settings)).value()

    def texts(self, settings: Any) -> dict[str, str]:
        entries = settings.iterator()
        found = {}
        while entries.hasNext():
            entry = entries.next()
            found[entry.getKey()] = entry.getValue()
        return found


@pytest.mark.usefixtures("tables")
class TestPlannedOnce:
    @pytest.mark.parametrize(
        "query",
        [
            "select id, t from source where id in (select max(id) from source group by t)",
            "with a as (select * from source) select a.id, b.t from a join a b on a.id = b.id + 1",
            "select id, cast(null as string) from source order by id desc limit 5",
            "select sum(id), t from source group by t",
            "select n, string(n) from empty",
            "values (7, 'seven')",
        ],
    )
    def test_what_is_inserted_is_what_the_query_gives(self, session: Client, query: str) -> None:
        session.run("create or replace table target (id bigint, t string)", f"insert into target {query}")
        expected = session.rows(query)
        assert sorted(map(str, session.rows("select * from target"))) == sorted(map(str, expected))
        session.run("insert into target by name select t, id from source", "drop table target")

    def test_an_insert_into_itself_doubles_it(self, session: Client) -> None:
        session.run("create table own as select * from source", "insert into own select * from own")
        assert session.rows("select count(*), count(distinct id) from own") == [(80, 40)]
        session.run("drop table own")

    def test_rows_that_are_refused_are_refused(self, session: Client) -> None:
        session.run("create table narrow (id tinyint not null)")
        with pytest.raises(Exception, match="CAST_OVERFLOW"):
            session.run("insert into narrow select 1000")
        with pytest.raises(Exception, match="NULL"):
            session.run("insert into narrow select cast(null as tinyint)")
        assert session.rows("select count(*) from narrow") == [(0,)]
        session.run("drop table narrow")

    def test_explain_shows_the_query(self, session: Client) -> None:
        plan = session.value("explain extended insert into source select id + 7, t from source where t = 'one'")
        optimized = plan.partition("== Optimized Logical Plan ==")[2]
        assert "+ 7" in optimized and "one" in optimized


@pytest.mark.parametrize("more", [COMPILED, ""], ids=["compiled", "interpreted"])
def test_statistics_of_a_file_are_those_of_its_rows(session: Client, server: Server, more: str) -> None:
    rows = "(1, 'b', 1.5, date '2020-02-03'), (null, 'a', null, null), (-3, null, 2.25, date '2019-01-01')"
    one_file = "insert into noted select /*+ coalesce(1) */ n, t, d, day from values"
    session.run("create or replace table noted (n int, t string, d decimal(9, 2), day date)")
    session.run(f"{one_file} {rows} as v(n, t, d, day) {more}")
    session.run(f"{one_file} (5, 'c', 0.5, date '2021-01-01') as v(n, t, d, day) {more}")
    found = []
    folder = server.home.warehouse / f"{session.value('select current_schema()')}.db" / "noted" / "_delta_log"
    for path in sorted(folder.glob("*.json")):
        actions = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        found += [json.loads(action["add"]["stats"]) for action in actions if "add" in action]
    session.run("drop table noted")
    least = {"n": -3, "t": "a", "d": 1.5, "day": "2019-01-01"}
    most = {"n": 1, "t": "b", "d": 2.25, "day": "2020-02-03"}
    own = {"n": 5, "t": "c", "d": 0.5, "day": "2021-01-01"}
    assert [(note["numRecords"], note["minValues"], note["maxValues"], note["nullCount"]) for note in found] == [
        (3, least, most, dict.fromkeys(least, 1)),
        (1, own, own, dict.fromkeys(own, 0)),
    ]


@pytest.mark.usefixtures("tables")
@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("select id from source where id > (select max(id) - 2 from source)", [(38,), (39,)]),
        (
            "select count(*) from source a join source b on a.id = b.id "
            "where a.id in (select id from source where t in (select t from source where id = 4))",
            [(13,)],
        ),
        (
            "with a as (select id, (select min(id) from source s where s.t = o.t) as least from source o) "
            "select x.id, y.least from a x join a y on x.id = y.id + 36",
            [(36, 0), (37, 1), (38, 2), (39, 0)],
        ),
        (
            "select (select count(*) from source) as n union all select (select count(*) from source where id < 3)",
            [(40,), (3,)],
        ),
        (
            "select o.id from source o where exists (select * from source i where i.id = o.id + 38 "
            "and i.t = (select max(t) from source l where l.id < 3 and l.id <= i.id))",
            [(0,)],
        ),
    ],
)
def test_subqueries_that_read_the_same_table(session: Client, query: str, expected: list[tuple[int, ...]]) -> None:
    assert sorted(tuple(row) for row in session.rows(query)) == sorted(expected)
