"""Named queries that are used several times, in views of views: what they give, and which errors are still found."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from databricks.sql.exc import Error
from sql_client import Client

pytestmark = pytest.mark.server
NAMED = "with a as (select k, n from numbers), b as (select x.k, y.n from a x join a y on x.k = y.k)"


@pytest.fixture(scope="module", autouse=True)
def views(session: Client) -> Iterator[None]:
    """A table, and two views, the second of the first twice, each with named queries that are used twice."""
    session.run(
        "create table numbers as select id % 3 as k, id as n from range(6)",
        f"create view pairs as {NAMED} select x.k, x.n, y.n as m from b x join b y on x.k = y.k and x.n = y.n",
        "create view pairs_of_pairs as with p as (select * from pairs) "
        "select x.k, x.n, y.m from p x join p y using (k) join pairs z using (k)",
    )
    yield
    session.run("drop view pairs_of_pairs", "drop view pairs", "drop table numbers")


def test_rows_are_those_of_tables_in_their_place(session: Client) -> None:
    numbers = [(k % 3, k) for k in range(6)]
    b = [(k, m) for k, _ in numbers for j, m in numbers if k == j]
    pairs = [(k, n, m) for k, n in b for j, m in b if k == j and n == m]
    assert sorted(session.rows("select * from pairs")) == sorted(pairs)
    expected = [(k, n, m) for k, n, _ in pairs for j, _, m in pairs for i, _, _ in pairs if k == j == i]
    assert sorted(session.rows("select * from pairs_of_pairs")) == sorted(expected)
    twice = session.rows("select count(*) from pairs_of_pairs x join pairs_of_pairs y on x.k = y.k and x.n = y.m")
    assert twice == [(sum(x[0] == y[0] and x[1] == y[2] for x in expected for y in expected),)]


def test_a_value_that_differs_each_time_is_one_in_both_uses(session: Client) -> None:
    drawn = (
        "with d as (select k, rand() as r from numbers) select count(*) from d x join d y on x.k = y.k and x.r = y.r"
    )
    assert session.rows(drawn) == [(6,)]


def test_a_query_of_itself_is_used_twice(session: Client) -> None:
    counted = "with recursive r(n) as (select 1 union all select n + 1 from r where n < 5)"
    assert session.rows(f"{counted} select count(*) from r x join r y on x.n = y.n + 1") == [(4,)]


@pytest.mark.parametrize(
    ("query", "error"),
    [
        ("select k, n from a group by k", "MISSING_AGGREGATION"),
        ("select x.k, count(*) from a x join a y using (k) group by y.n", "MISSING_AGGREGATION"),
        ("select k from a x join a y on x.k = y.k", "AMBIGUOUS_REFERENCE"),
        ("select nothing from b x join b y using (k)", "UNRESOLVED_COLUMN"),
        ("select k from b where sum(n) > 1", "INVALID_WHERE_CONDITION"),
        ("select (select n from a y where y.k = x.k) + (select n, k from a limit 1) from a x", "SUBQUERY"),
        ("select x.k from a x join a y on x.n + y.n", "JOIN_CONDITION_IS_NOT_BOOLEAN_TYPE"),
        ("select k from a union select k, n from b", "NUM_COLUMNS_MISMATCH"),
    ],
)
def test_errors_of_a_query_are_found(session: Client, query: str, error: str) -> None:
    with pytest.raises(Error, match=error):
        session.rows(f"{NAMED} {query}")


def test_an_error_in_a_query_that_nothing_uses_is_found(session: Client) -> None:
    with pytest.raises(Error, match="MISSING_AGGREGATION"):
        session.rows("with unused as (select k, n from numbers group by k) select 1")


def test_a_view_whose_table_has_changed_says_so_through_named_queries(session: Client) -> None:
    session.run(
        "create table changing as select 1 as k, 2 as n",
        "create view over_it as with a as (select k, n from changing) select x.* from a x join a y using (k)",
    )
    assert session.rows("select * from over_it") == [(1, 2)]
    session.run("create or replace table changing as select 1 as k")
    with pytest.raises(Error, match="UNRESOLVED_COLUMN"):
        session.rows("with p as (select * from over_it) select * from p x join p y using (k)")
    session.run("drop view over_it", "drop table changing")
