"""Clones: deep ones have files of their own, shallow ones those of the source; both take what the source has at the time."""

from __future__ import annotations

from pathlib import Path

import pytest
from sql_client import Client

from localbricks.catalog.spark_catalog import path_of

pytestmark = pytest.mark.server


@pytest.fixture(scope="module", autouse=True)
def source(session: Client) -> None:
    session.run(
        "create table source (id bigint, part string) partitioned by (part) tblproperties ('a' = 'b')",
        "insert into source values (1, 'x'), (2, 'y')",
    )


def files(session: Client, table: str) -> list[Path]:
    """The files that a table reads."""
    return [path_of(path) for path in session.values(f"select distinct _metadata.file_path from {table}")]


@pytest.mark.parametrize(("words", "own"), [("deep clone", True), ("clone", True), ("shallow clone", False)])
def test_a_clone_is_the_table_as_it_was(session: Client, words: str, own: bool) -> None:
    session.run(f"create or replace table copy {words} source", "insert into source values (3, 'z')")
    assert session.rows("select * from copy order by id") == [(1, "x"), (2, "y")]
    assert session.pairs("show tblproperties copy")["a"] == "b"
    parents = {path.parents[1].name for path in files(session, "copy")}
    assert parents == ({"copy"} if own else {"source"})
    session.run("delete from source where id = 3", "drop table copy")


def test_a_clone_replaces_rows_and_columns(session: Client) -> None:
    session.run(
        "create or replace table target as select 'old' as name", "create or replace table target deep clone source"
    )
    assert session.rows("select * from target order by id") == [(1, "x"), (2, "y")]
    session.run("create or replace table target shallow clone source")
    assert session.rows("select * from target order by id") == [(1, "x"), (2, "y")]
    assert session.values("select name from target version as of 0") == ["old"], "the history stays"


def test_a_clone_that_fails_leaves_the_table(session: Client) -> None:
    session.run("create or replace table kept as select 1 as id")
    session.fails("create or replace table kept deep clone nothing", "TABLE_OR_VIEW_NOT_FOUND", "42P01")
    assert session.rows("select * from kept") == [(1,)]


def test_a_clone_if_not_exists_keeps_what_exists(session: Client) -> None:
    session.run("create or replace table kept as select 1 as id", "create table if not exists kept clone source")
    assert session.rows("select * from kept") == [(1,)]


def kind(session: Client, table: str) -> str:
    """The type that the information schema has for a table."""
    return str(
        session.value(
            f"select table_type from information_schema.tables where table_schema = current_schema() and table_name = '{table}'"
        )
    )


def test_a_shallow_clone_says_so_until_it_is_replaced(session: Client) -> None:
    session.run("create or replace table copy shallow clone source", "insert into copy values (4, 'x')")
    session.run("alter table copy rename to renamed")
    assert kind(session, "renamed") == "MANAGED_SHALLOW_CLONE"
    assert session.pairs("describe table extended renamed")["Type"] == "MANAGED_SHALLOW_CLONE"
    session.run("create or replace table renamed deep clone source")
    assert kind(session, "renamed") == "MANAGED"
    session.run("create or replace table renamed shallow clone source")
    session.run("create or replace table renamed as select 1 as id")
    assert kind(session, "renamed") == "MANAGED"
    session.run("create or replace table renamed shallow clone source", "drop table renamed")
    session.run("create table renamed (id int)")
    assert kind(session, "renamed") == "MANAGED"
    session.run("drop table renamed")
