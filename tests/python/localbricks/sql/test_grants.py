"""GRANT, REVOKE, SHOW GRANTS: kept and shown."""

from __future__ import annotations

import pytest
from sql_client import Client

pytestmark = pytest.mark.server
ME = "test_grants"


@pytest.fixture(scope="module", autouse=True)
def objects(session: Client) -> None:
    """One of each securable."""
    session.run(
        "create table t (id int)",
        "create view v as select * from t",
        "create volume files",
        "create function f(x int) returns int return x",
    )


@pytest.fixture(autouse=True)
def clean(session: Client) -> None:
    """No grants."""
    for name in ("t", "v"):
        for row in session.rows(f"show grants on table {name}"):
            session.run(f"revoke {row[1]} on table {name} from `{row[0]}`")


@pytest.mark.parametrize(
    ("on", "kind", "key"),
    [
        ("t", "TABLE", "t"),
        ("table t", "TABLE", "t"),
        (f"table spark_catalog.{ME}.T", "TABLE", "t"),
        ("view v", "TABLE", "v"),
    ],
)
def test_tables(session: Client, on: str, kind: str, key: str) -> None:
    session.run(f"grant select, modify on {on} to `some one@x.y`")
    expected = [("some one@x.y", privilege, kind, f"spark_catalog.{ME}.{key}") for privilege in ("MODIFY", "SELECT")]
    assert session.rows(f"show grants on {on}") == expected
    assert session.columns == ["Principal", "ActionType", "ObjectType", "ObjectKey"]
    session.run(f"revoke modify on {on} from `some one@x.y`", f"revoke modify on {on} from nobody")
    assert session.rows(f"show grants on {on}") == expected[1:]
    session.run(f"revoke select on {on} from `some one@x.y`")
    assert session.rows(f"show grants on {on}") == []


@pytest.mark.parametrize(
    ("privilege", "on", "kind", "key"),
    [
        ("use schema", f"schema {ME}", "SCHEMA", f"spark_catalog.{ME}"),
        ("use catalog", "catalog spark_catalog", "CATALOG", "spark_catalog"),
        ("read volume", "volume files", "VOLUME", f"spark_catalog.{ME}.files"),
        ("execute", f"function {ME}.f", "FUNCTION", f"spark_catalog.{ME}.f"),
    ],
)
def test_other_securables(session: Client, privilege: str, on: str, kind: str, key: str) -> None:
    session.run(f"grant {privilege} on {on} to someone")
    assert session.rows(f"show grants on {on}") == [("someone", privilege.upper(), kind, key)]
    session.run(f"revoke {privilege} on {on} from someone")
    assert session.rows(f"show grants on {on}") == []


def test_all_privileges(session: Client) -> None:
    session.run("grant all privileges on table t to a", "grant ALL on table t to b")
    assert [row[:2] for row in session.rows("show grants on t")] == [("a", "ALL PRIVILEGES"), ("b", "ALL PRIVILEGES")]
    assert [row[0] for row in session.rows("show grants `a` on table t")] == ["a"]


def test_grants_go_with_the_table_and_stay_when_it_is_replaced(session: Client) -> None:
    session.run("create table brief (id int)", "grant select on brief to someone")
    session.run("create or replace table brief as select 1 as id")
    assert len(session.rows("show grants on brief")) == 1
    session.run("drop table brief", "create table brief (id int)")
    assert session.rows("show grants on brief") == []


@pytest.mark.parametrize(
    ("on", "error_class", "sqlstate"),
    [
        ("table nothing", "TABLE_OR_VIEW_NOT_FOUND", "42P01"),
        ("schema nothing", "SCHEMA_NOT_FOUND", "42704"),
        ("volume nothing", "VOLUME_NOT_FOUND", "42704"),
        ("function nothing", "ROUTINE_NOT_FOUND", "42883"),
    ],
)
def test_on_nothing(session: Client, on: str, error_class: str, sqlstate: str) -> None:
    session.fails(f"grant select on {on} to someone", error_class, sqlstate)
    session.fails(f"revoke select on {on} from someone", error_class, sqlstate)
    session.fails(f"show grants on {on}", error_class, sqlstate)


@pytest.mark.parametrize(
    "statement",
    [
        "grant fly on table t to someone",
        "grant select on table t someone",
        "grant select on table t to someone else",
        "grant on table t to someone",
        "grant select, on table t to someone",
        "revoke select on table t to someone",
    ],
)
def test_syntax(session: Client, statement: str) -> None:
    session.fails(statement, "PARSE_SYNTAX_ERROR", "42601")
    assert session.rows("show grants on t") == []
