"""Materialized views and streaming tables: made, refreshed, altered, described as the adapter reads them, dropped."""

from __future__ import annotations

import json

import pytest
from sql_client import Client

pytestmark = pytest.mark.server
ME = "test_live_tables"


@pytest.fixture(scope="module", autouse=True)
def objects(session: Client) -> None:
    """A source, a materialized view with all that one may have, a streaming table."""
    session.run(
        "create table src (id bigint, b string)",
        "insert into src values (1, 'a'), (2, 'b')",
        "create materialized view mv (id comment 'the id', b, constraint mv_pk primary key (id)) partitioned by (b) "
        "comment 'a view' tblproperties ('k' = 'v') schedule cron '0 0 * * * ? *' as select id, b from src",
        "create or refresh streaming table st comment 'a stream' as select id, upper(b) as b from stream src",
    )


def described(session: Client, name: str) -> dict[str, str]:
    return session.pairs(f"describe table extended {name}")


def test_a_refresh_takes_what_is_new(session: Client) -> None:
    """The materialized view is computed anew, the streaming table takes each row of its source once."""
    session.run("insert into src values (3, 'c')")
    assert session.values("select id from mv order by id") == [1, 2]
    assert session.rows("select * from st order by id") == [(1, "A"), (2, "B")]
    session.run("refresh materialized view mv", "refresh streaming table st", "refresh streaming table st sync")
    assert session.values("select id from mv order by id") == [1, 2, 3]
    assert session.rows("select * from st order by id") == [(1, "A"), (2, "B"), (3, "C")]


def test_a_full_refresh_starts_anew(session: Client) -> None:
    session.run("delete from st where id = 1", "refresh streaming table st full")
    assert session.values("select id from st order by id") == session.values("select id from src order by id")


class TestDescribed:
    def test_a_materialized_view(self, session: Client) -> None:
        told = described(session, "mv")
        assert told["Type"] == "MATERIALIZED_VIEW"
        assert told["View Text"] == "select id, b from src"
        assert told["Refresh Schedule"] == "CRON '0 0 * * * ? *' AT TIME ZONE 'Etc/UTC'"
        assert told["Latest Refresh Status"] == "Succeeded"
        assert (told["Comment"], told["mv_pk"]) == ("a view", "PRIMARY KEY (`id`)")
        as_json = json.loads(session.value("describe table extended mv as json"))
        assert (as_json["type"], as_json["view_text"]) == ("MATERIALIZED_VIEW", "select id, b from src")
        assert [(one["name"], one["nullable"]) for one in as_json["columns"]] == [("id", False), ("b", True)]

    def test_a_streaming_table(self, session: Client) -> None:
        told = described(session, "st")
        assert (told["Type"], told["Refresh Schedule"]) == ("STREAMING_TABLE", "MANUAL")
        assert told["View Text"] == "select id, upper(b) as b from stream src"

    @pytest.mark.parametrize(("name", "kind"), [("mv", "materialized_view"), ("st", "streaming_table")])
    def test_the_adapter_knows_the_kind(self, session: Client, name: str, kind: str) -> None:
        """As `dbt docs generate` asks for it."""
        from dbt.adapters.databricks.impl import DatabricksAdapter as Adapter

        ((*_, information),) = session.rows(f"show table extended like '{name}'")
        assert Adapter._get_relation_type(Adapter, information) == kind  # type: ignore[arg-type]

    def test_in_lists(self, session: Client) -> None:
        where = f"where table_schema = '{ME}'"
        kinds = session.pairs(f"select table_name, table_type from system.information_schema.tables {where}")
        assert kinds == {"src": "MANAGED", "mv": "MATERIALIZED_VIEW", "st": "STREAMING_TABLE"}
        assert session.rows(f"select table_name, is_materialized from information_schema.views {where}") == [
            ("mv", "TRUE")
        ]
        assert (ME, "mv", False, True) in session.rows("show views")
        assert session.value("show create table mv").startswith(
            f"CREATE MATERIALIZED VIEW spark_catalog.{ME}.mv (\n  id BIGINT NOT NULL COMMENT 'the id',\n  b STRING,\n"
        )


@pytest.mark.parametrize(
    ("clause", "shown"),
    [
        ("alter schedule every 2 hours", "EVERY 2 HOURS"),
        ("alter schedule refresh every 1 day", "EVERY 1 DAY"),
        ("add trigger on update", "TRIGGER ON UPDATE"),
        (
            "alter trigger on update at most every interval 15 minutes",
            "TRIGGER ON UPDATE AT MOST EVERY INTERVAL 900 SECONDS",
        ),
        ("drop schedule", "MANUAL"),
    ],
)
def test_schedules(session: Client, clause: str, shown: str) -> None:
    session.run(f"alter materialized view mv {clause}")
    assert described(session, "mv")["Refresh Schedule"] == shown


def test_replaced_and_refreshed_with_other_columns(session: Client) -> None:
    session.run(
        "create table wide (a int)",
        "create or replace materialized view w comment 'wide' as select * from wide",
        "alter table wide add column b string",
        "insert into wide values (1, 'x')",
        "refresh materialized view w",
    )
    assert session.rows("select * from w") == [(1, "x")]
    assert described(session, "w")["Comment"] == "wide"
    session.run("create or replace materialized view w as select b from wide")
    assert session.rows("select * from w") == [("x",)]
    session.run("drop materialized view w", "drop materialized view if exists w", "drop table wide")


def test_a_streaming_table_keeps_what_its_definition_says_alone(session: Client) -> None:
    query = "as select id from stream src"
    session.run(
        f"create streaming table told comment 'old' tblproperties ('k' = 'v', kept = 'a', 'delta.appendOnly' = 'true') {query}",
        f"create or refresh streaming table told tblproperties (kept = 'b', 'new' = 'c') {query}",
    )
    properties = session.pairs("show tblproperties told")
    assert {key: value for key, value in properties.items() if not key.startswith("delta.")} == {
        "kept": "b",
        "new": "c",
    }
    assert properties["delta.appendOnly"] == "true"
    assert "Comment" not in described(session, "told")
    session.run(f"create or refresh streaming table told {query}")
    assert not {"kept", "new"} & set(session.pairs("show tblproperties told"))
    assert session.value("select count(*) from told") == session.value("select count(*) from src")
    session.run("drop table told")


def test_tags_grants_and_policies(session: Client) -> None:
    session.run(
        "create or replace function small(id bigint) returns boolean return id < 2",
        "create materialized view guarded with row filter small on (id) as select id from src",
        "alter materialized view guarded set tags ('a' = 'b')",
        "grant select on table guarded to someone",
    )
    assert session.values("select id from guarded") == [1]
    session.run("alter materialized view guarded drop row filter")
    assert session.value("select count(*) from guarded") > 1
    session.run("drop view guarded")
    assert session.rows("select 1 from information_schema.table_tags where table_name = 'guarded'") == []


@pytest.mark.parametrize(
    ("statement", "error_class", "sqlstate"),
    [
        ("create materialized view mv as select 1 as a", "TABLE_OR_VIEW_ALREADY_EXISTS", "42P07"),
        ("create or replace materialized view src as select 1 as a", "TABLE_OR_VIEW_ALREADY_EXISTS", "42P07"),
        ("create or replace table mv as select 1 as a", "TABLE_OR_VIEW_ALREADY_EXISTS", "42P07"),
        ("create materialized view broken as select nope from src", "UNRESOLVED_COLUMN.WITH_SUGGESTION", "42703"),
        ("create streaming table broken as select * from src", "STREAMING_TABLE_QUERY_INVALID", "42000"),
        ("create materialized view broken (a) schedule often as select 1", "PARSE_SYNTAX_ERROR", "42601"),
        ("insert into mv values (9, 'x')", "MATERIALIZED_VIEW_OPERATION_NOT_ALLOWED.INSERT", "42601"),
        ("delete from mv", "MATERIALIZED_VIEW_OPERATION_NOT_ALLOWED.DELETE", "42601"),
        ("refresh materialized view src", "WRONG_COMMAND_FOR_OBJECT_TYPE", "42809"),
        ("refresh streaming table nothing", "TABLE_OR_VIEW_NOT_FOUND", "42P01"),
        ("drop materialized view nothing", "TABLE_OR_VIEW_NOT_FOUND", "42P01"),
        ("drop materialized view st", "WRONG_COMMAND_FOR_OBJECT_TYPE", "42809"),
        ("alter streaming table st rename to other", "STREAMING_TABLE_OPERATION_NOT_ALLOWED.RENAME", "42601"),
    ],
)
def test_refused(session: Client, statement: str, error_class: str, sqlstate: str) -> None:
    session.fails(statement, error_class, sqlstate)
    assert session.rows("show tables like 'broken'") == []
