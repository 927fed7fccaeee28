"""Plans of small tables have no shuffles, but such that would be run twice, and give the same rows as with them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sql_client import Client

from localbricks.engine.interpretation import INTERPRETED

pytestmark = pytest.mark.server
PARTITIONS = "spark.sql.shuffle.partitions"
LEVELS = 60
"""Each is two operators and a shuffle."""
QUERIES = [
    "select k, count(*), sum(n), collect_set(t) from left_side group by k",
    "select distinct k, t from left_side",
    "select count(*), max(n) from left_side",
    "select count(*), max(n) from left_side where n < 0",
    "select * from left_side join right_side using (k)",
    "select * from left_side l full join right_side r on l.k = r.k and l.n > 5",
    "select * from left_side l left join right_side r on l.n > r.m",
    "select k, n, row_number() over (partition by k order by n), sum(n) over (partition by t) from left_side",
    "select * from left_side order by t desc, n",
    "select k from left_side group by k order by count(*) desc, k limit 3",
    "select k, t, sum(n) from left_side group by rollup (k, t)",
    "select k, count(*) from (select k from left_side union all select k from right_side) group by k",
    "select k from left_side except select k from right_side",
    "select k from left_side intersect select k from right_side",
    "select * from left_side where n > (select avg(m) from right_side)",
    "select * from left_side where k not in (select k from right_side where k is not null)",
    "select * from left_side l where exists (select * from right_side r where r.k = l.k and r.m > l.n)",
    "select k, n from left_side where (k, n) in (select k, max(n) from left_side group by k)",
    "select k, count(*) from nobody group by k",
    "select count(*) from nobody full join right_side using (k)",
]


@pytest.fixture(scope="module", autouse=True)
def tables(session: Client) -> Iterator[None]:
    """Two tables of some files each, with nulls, and an empty one."""
    session.run(
        "create table left_side as select id % 7 as k, id as n, string(id % 3) as t from range(40)",
        "insert into left_side select null, id, null from range(3)",
        "create table right_side as select id % 5 + 4 as k, id * 2 as m from range(12)",
        "insert into right_side select null, 7 from range(2)",
        "create table nobody (k bigint)",
        # Rows that no table holds have let Spark compile; the next statement changes that.
        "select * from nobody",
    )
    yield
    session.run("drop table left_side", "drop table right_side", "drop table nobody")


def rows(session: Client, query: str) -> Counter[str]:
    """What a query gives, in any order."""
    return Counter(map(str, session.rows(query)))


def plan(session: Client, query: str) -> str:
    """The physical plan of a query."""
    return "\n".join(session.values(f"explain {query}"))


@contextmanager
def clients_own(session: Client, key: str, value: str) -> Iterator[None]:
    """A setting of the client's, and afterwards the one of plans of small tables again."""
    session.run(f"set {key} = {value}")
    try:
        yield
    finally:
        session.run(f"set {key} = {INTERPRETED[key]}")


def rows_with_shuffles(session: Client, query: str) -> Counter[str]:
    """What a query gives in more than one partition."""
    with clients_own(session, PARTITIONS, "3"):
        return rows(session, query)


@pytest.mark.parametrize("query", QUERIES)
def test_rows_are_those_of_a_plan_with_shuffles(session: Client, query: str) -> None:
    found = rows(session, query)
    assert found == rows_with_shuffles(session, query)
    assert " Exchange " not in plan(session, query)


def test_rows_of_an_order_are_in_it(session: Client) -> None:
    query = "select t, n, k from left_side order by t nulls last, n desc, k"
    found = session.rows(query)
    assert found == sorted(found, key=lambda row: (row[0] is None, row[0] or "", -row[1], row[2] or 0))
    assert session.rows(f"{query} limit 5 offset 2") == found[2:7]


def test_what_a_statement_names_twice_is_run_once(session: Client) -> None:
    query = "with sums as (select k, sum(n) as s from left_side group by k) select * from sums a join sums b on a.s = b.s + 1"
    text = plan(session, query)
    assert "ReusedExchange" in text
    assert rows(session, query) == rows_with_shuffles(session, query)


def test_asked_for_partitions_are_made(session: Client) -> None:
    assert "REPARTITION_BY_NUM" in plan(session, "select /*+ repartition(1) */ * from left_side")


def test_one_partition_of_a_clients_own_keeps_its_shuffles(session: Client) -> None:
    """Its inputs may be large: what is read in many tasks is not to be read in one."""
    query = "select k, count(*) from left_side group by k"
    with clients_own(session, "spark.sql.codegen.factoryMode", "FALLBACK"):
        assert " Exchange " in plan(session, query)
    assert " Exchange " not in plan(session, query)


def test_a_very_deep_plan_is_left_as_it_is(session: Client) -> None:
    """Tasks are serialized by recursion: Spark's own end is a task of some two hundred operators."""
    query = "left_side"
    for _ in range(LEVELS):
        query = f"(select k + 1 as k, sum(n) as n from {query} group by k)"
    assert plan(session, f"select * from {query}").count(" Exchange ") == LEVELS
    first = session.rows("select k, sum(n) from left_side group by k")
    assert dict(session.rows(f"select * from {query}")) == {
        None if key is None else key + LEVELS: n for key, n in first
    }
