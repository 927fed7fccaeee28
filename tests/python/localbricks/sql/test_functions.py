"""SQL functions: made, called, described, listed in the information schema, dropped."""

from __future__ import annotations

import pytest
from sql_client import Client

pytestmark = pytest.mark.server
ME = "test_functions"


@pytest.fixture(scope="module", autouse=True)
def objects(session: Client) -> None:
    """A scalar and a table function."""
    session.run(
        "create table t (id bigint, s string)",
        "insert into t values (1, 'a'), (2, 'b')",
        "create function f(x int comment 'the x', y string default 'a') returns string language sql "
        "comment 'a function' return concat(y, x)",
        "create function rows_over(n bigint) returns table (i bigint comment 'the id', s string) "
        "return select id, s from t where id > n",
    )


@pytest.mark.parametrize(
    ("statement", "rows"),
    [
        ("select f(1), f(2, 'b')", [("a1", "b2")]),
        (f"select {ME}.f(3), spark_catalog.{ME}.f(y => 'c', x => 4)", [("a3", "c4")]),
        ("select * from rows_over(1)", [(2, "b")]),
        ("select t.id, r.i from t, lateral rows_over(t.id) r", [(1, 2)]),
        ("select is_account_group_member('admins'), is_member('nobody')", [(True, False)]),
    ],
)
def test_called(session: Client, statement: str, rows: list[tuple[object, ...]]) -> None:
    assert session.rows(statement) == rows


def test_described(session: Client) -> None:
    assert session.values("describe function f") == [
        f"Function:      spark_catalog.{ME}.f",
        "Type:          SCALAR",
        "Input:         x INT 'the x'",
        "               y STRING DEFAULT 'a'",
        "Returns:       STRING",
    ]
    told = session.values(f"describe function extended {ME}.rows_over")
    assert told[3:5] == ["Returns:       i BIGINT 'the id'", "               s STRING"]
    assert "Data Access:   READS SQL DATA" in told
    assert told[-1] == "Body:          select id, s from t where id > n"


def test_listed(session: Client) -> None:
    name = f"spark_catalog.{ME}"
    assert session.values("show user functions") == [f"{name}.f", f"{name}.rows_over"]
    assert session.values(f"show user functions in {ME} like 'r*'") == [f"{name}.rows_over"]


def test_in_the_information_schema(session: Client) -> None:
    assert session.rows(
        "select routine_name, data_type, full_data_type, routine_body, routine_definition, sql_data_access, comment "
        f"from system.information_schema.routines where routine_schema = '{ME}' order by 1"
    ) == [
        ("f", "STRING", "string", "SQL", "concat(y, x)", "CONTAINS SQL", "a function"),
        ("rows_over", "TABLE", "TABLE", "SQL", "select id, s from t where id > n", "READS SQL DATA", None),
    ]
    assert session.rows(
        "select parameter_name, ordinal_position, full_data_type, parameter_default, comment "
        f"from information_schema.parameters where specific_schema = '{ME}' and specific_name = 'f' order by 2"
    ) == [("x", 0, "int", None, "the x"), ("y", 1, "string", "'a'", None)]
    assert session.rows(
        "select column_name, ordinal_position, full_data_type, comment "
        f"from information_schema.routine_columns where specific_schema = '{ME}' order by 2"
    ) == [("i", 0, "bigint", "the id"), ("s", 1, "string", None)]


def test_replaced_and_dropped(session: Client) -> None:
    session.run("create or replace function g() returns int return 1", "grant execute on function g to someone")
    session.run("create function if not exists g() returns int return 3")
    assert session.value("select g()") == 1
    session.run("create or replace function g() returns int return 2")
    assert session.value("select g()") == 2
    session.run("drop function g", "drop function if exists g")
    assert session.rows("select 1 from information_schema.routine_privileges where routine_name = 'g'") == []


@pytest.mark.parametrize(
    ("statement", "error_class", "sqlstate"),
    [
        ("drop function nothing", "ROUTINE_NOT_FOUND", "42883"),
        ("create function f() returns int return 1", "ROUTINE_ALREADY_EXISTS", "42723"),
        ("select nothing(1)", "UNRESOLVED_ROUTINE", "42883"),
        ("select f()", "WRONG_NUM_ARGS.WITHOUT_SUGGESTION", "42605"),
        ("select is_member()", "WRONG_NUM_ARGS.WITHOUT_SUGGESTION", "42605"),
    ],
)
def test_refused(session: Client, statement: str, error_class: str, sqlstate: str) -> None:
    session.fails(statement, error_class, sqlstate)
