"""Columns that are renamed or dropped, or go with a table that is replaced: their tags and keys."""

from __future__ import annotations

import pytest
from sql_client import Client

pytestmark = pytest.mark.server
ME = "test_columns"
TAGS = (
    "select table_name, column_name, tag_name from information_schema.column_tags where schema_name = current_schema()"
)
KEYS = """select table_name, constraint_name, column_name from information_schema.key_column_usage
    where table_schema = current_schema() order by all"""


@pytest.fixture(autouse=True)
def objects(session: Client) -> None:
    """A table with a key and a tag, and one that refers to it."""
    session.run(
        "drop table if exists child",
        "drop table if exists parent",
        """create table parent (id int not null, name string, day date, constraint pk primary key (id))
        tblproperties ('delta.columnMapping.mode' = 'name')""",
        """create table child (parent_id int, name string, constraint fk foreign key (parent_id) references parent (id))
        tblproperties ('delta.columnMapping.mode' = 'name')""",
        "alter table parent alter column name set tags ('k' = 'v')",
    )


def test_a_renamed_column_keeps_its_tags_and_keys(session: Client) -> None:
    session.run("alter table parent rename column name to called", "alter table parent rename column ID to number")
    assert session.rows(TAGS) == [("parent", "called", "k")]
    assert session.rows(KEYS) == [("child", "fk", "parent_id"), ("parent", "pk", "number")]
    assert session.pairs("describe table extended child")["fk"].endswith(
        "REFERENCES `spark_catalog`.`test_columns`.`parent` (`number`)"
    )
    session.run("alter table child rename column parent_id to of")
    assert session.rows(KEYS) == [("child", "fk", "of"), ("parent", "pk", "number")]


@pytest.mark.parametrize("drop", ["drop column name", "drop columns (day, name)", "drop column if exists name"])
def test_a_dropped_column_leaves_no_tag_to_the_next_of_its_name(session: Client, drop: str) -> None:
    session.run(f"alter table parent {drop}", "alter table parent add column name string")
    assert session.rows(TAGS) == []
    assert len(session.rows(KEYS)) == 2


def test_keys_go_with_their_columns(session: Client) -> None:
    session.run("alter table child drop column parent_id")
    assert session.rows(KEYS) == [("parent", "pk", "id")]
    session.run("alter table child add column parent_id int")
    session.run("alter table child add constraint fk foreign key (parent_id) references parent (id)")
    session.run("alter table parent drop column id")
    assert session.rows(KEYS) == []


def test_a_column_that_cannot_be_renamed_keeps_all(session: Client) -> None:
    session.fails("alter table parent rename column name to day", "FIELD_ALREADY_EXISTS", "42710")
    assert session.rows(TAGS) == [("parent", "name", "k")]


def test_columns_of_a_table_that_is_replaced(session: Client) -> None:
    session.run(
        "alter table parent alter column day set tags ('k' = 'w')", "alter table parent set tags ('of' = 'all')"
    )
    session.run("create or replace table parent as select 'x' as name")
    assert session.rows(TAGS) == [("parent", "name", "k")]
    assert session.values(
        "select tag_name from information_schema.table_tags where schema_name = current_schema()"
    ) == ["of"]
