"""Catalogs and schemas: what is current, what is listed, what is refused."""

from __future__ import annotations

import pytest
from sql_client import Client, Server, connect

pytestmark = pytest.mark.server
ME = "test_namespaces"


@pytest.fixture(scope="module", autouse=True)
def objects(session: Client) -> None:
    """A table, a view and a temporary view."""
    session.run(
        "create table one (id int)",
        "create table two (id int)",
        "create view seen as select id from one",
        "create temporary view passing as select 1 as id",
    )


@pytest.mark.parametrize(
    "statement",
    [
        "use catalog spark_catalog",
        "use catalog `SPARK_CATALOG`",
        "use catalog 'spark_catalog'",
        "set catalog spark_catalog",
        "use spark_catalog",
        f"use {ME}",
        f"use schema {ME.upper()}",
        f"use database {ME}",
        f"use spark_catalog.{ME}",
        f"/* query comment */ use schema `spark_catalog`.`{ME}`; -- done",
    ],
)
def test_use(session: Client, statement: str) -> None:
    session.run(statement)
    assert session.rows("select current_catalog(), current_schema(), current_database()") == [("spark_catalog", ME, ME)]


def test_use_changes_this_session_only(session: Client, server: Server) -> None:
    with connect(server.home, server.state.port, schema="default") as connection:
        other = Client(connection)
        assert other.value("select current_schema()") == "default"
        other.run(f"use schema {ME}", "use schema default")
    assert session.value("select current_schema()") == ME


def test_who_asks(session: Client) -> None:
    assert session.rows("select current_user(), session_user()") == [("localbricks@localhost",) * 2]


@pytest.mark.parametrize(
    "statement",
    [
        "use catalog other",
        "set catalog other",
        "use other.s",
        "use schema other.s",
        "show schemas in other",
        "show tables in other.s",
        "show table extended in other.s like '*'",
        "select * from other.s.t",
        "create table other.s.t (id int)",
        "create schema other.s",
        "drop table other.s.t",
        "describe table other.s.t",
        "select * from other.information_schema.tables",
        "grant select on table other.s.t to someone",
        "create volume other.s.v",
    ],
)
def test_there_is_one_catalog(session: Client, statement: str) -> None:
    session.fails(statement, "NO_SUCH_CATALOG_EXCEPTION", "42704", "'other'", "`spark_catalog`")


@pytest.mark.parametrize("statement", ["create catalog c", "drop catalog spark_catalog"])
def test_catalogs_are_not_made(session: Client, statement: str) -> None:
    session.fails(statement, "UNSUPPORTED_FEATURE.LOCALBRICKS", "0A000", "more than one catalog")


def test_show_catalogs(session: Client) -> None:
    assert session.values("show catalogs") == ["spark_catalog", "system"]
    assert session.columns == ["catalog"]
    assert session.values("show catalogs like 'sys*'") == ["system"]


@pytest.mark.parametrize(
    ("rest", "expected"),
    [
        (f"like '{ME}'", [ME]),
        (f"in spark_catalog like '{ME}'", [ME]),
        (f"in `spark_catalog` '{ME[:8]}*s'", [ME]),
        ("like 'nowhere|default'", ["default"]),
        ("like 'd_fault'", []),
        ("like 'nowhere'", []),
    ],
)
def test_show_schemas(session: Client, rest: str, expected: list[str]) -> None:
    assert session.values(f"show schemas {rest}") == expected
    assert session.columns == ["databaseName"]
    assert session.values(f"show databases {rest}") == expected


@pytest.mark.parametrize("where", ["", f"in {ME}", f"from spark_catalog.{ME}"])
def test_show_tables(session: Client, where: str) -> None:
    assert session.rows(f"show tables {where}") == [
        (ME, "one", False),
        (ME, "seen", False),
        (ME, "two", False),
        ("", "passing", True),
    ]
    assert session.columns == ["database", "tableName", "isTemporary"]


def test_show_tables_like(session: Client) -> None:
    assert [row[1] for row in session.rows("show tables like 'o*|TWO'")] == ["one", "two"]


def test_show_views(session: Client) -> None:
    assert session.rows(f"show views in {ME}") == [(ME, "seen", False, False), ("", "passing", True, False)]
    assert session.columns == ["namespace", "viewName", "isTemporary", "isMaterialized"]


def test_a_missing_schema(session: Client) -> None:
    for statement in (
        "use schema nowhere",
        "show tables in nowhere",
        "show views in nowhere",
        "show table extended in nowhere like '*'",
        "create table nowhere.t (id int)",
        "create volume nowhere.v",
        "drop schema nowhere",
    ):
        session.fails(statement, "SCHEMA_NOT_FOUND", "42704", "nowhere")


def test_too_many_parts(session: Client) -> None:
    session.fails("describe table a.b.c.d", "IDENTIFIER_TOO_MANY_NAME_PARTS", "42601")
    session.fails("use a.b.c", "IDENTIFIER_TOO_MANY_NAME_PARTS", "42601")


class TestTemporaryViews:
    def test_are_of_their_session(self, session: Client, server: Server) -> None:
        with connect(server.home, server.state.port, schema=ME) as connection:
            other = Client(connection)
            other.fails("select * from passing", "TABLE_OR_VIEW_NOT_FOUND", "42P01")
            other.run("create temporary view passing as select 2 as id")
            assert other.value("select id from passing") == 2
        assert session.value("select id from passing") == 1

    def test_come_before_tables(self, session: Client) -> None:
        session.run("create or replace temporary view two as select 'temporary' as id")
        assert session.value("select id from two") == "temporary"
        session.run("drop view two")
        assert session.rows("select id from two") == []

    def test_are_described(self, session: Client) -> None:
        assert session.rows("describe passing") == [("id", "int", None)]


def test_drop_schema(session: Client) -> None:
    session.run("create schema gone", "create table gone.t (id int)")
    session.fails("drop schema gone", "SCHEMA_NOT_EMPTY", "2BP01")
    session.run("drop schema gone cascade", "drop schema if exists gone")
    assert session.values("show schemas like 'gone'") == []
    session.run("create schema gone", "drop schema gone")


def test_create_schema(session: Client) -> None:
    session.fails(f"create schema {ME}", "SCHEMA_ALREADY_EXISTS", "42P06")
    session.run(f"create schema if not exists {ME}", f"comment on schema {ME} is 'for tests'")
    found = session.pairs(f"describe schema {ME}")
    assert session.columns == ["database_description_item", "database_description_value"]
    assert list(found) == ["Catalog Name", "Namespace Name", "Comment", "Location", "Owner"]
    assert (found["Catalog Name"], found["Namespace Name"], found["Comment"]) == ("spark_catalog", ME, "for tests")
    session.fails("describe schema nowhere", "SCHEMA_NOT_FOUND", "42704")


def test_comments_of_schemas(session: Client) -> None:
    def comment() -> object:
        return session.value("select comment from information_schema.schemata where schema_name = 'commented'")

    session.run("create schema commented comment 'first'")
    assert comment() == "first"
    session.run("comment on schema commented is 'second'")
    assert comment() == "second"
    session.run("comment on schema commented is null")
    assert comment() is None
    session.run("drop schema commented", "create schema commented comment 'third'")
    assert comment() == "third"
    session.run("drop schema commented")
