"""COMMENT ON, and SET and UNSET TAGS."""

from __future__ import annotations

import pytest
from sql_client import Client

pytestmark = pytest.mark.server
ME = "test_comments_and_tags"
WORDS = 'it\'s\na "comment", with \\ and é'


@pytest.fixture(scope="module", autouse=True)
def objects(session: Client) -> None:
    """A table and a view of it."""
    session.run(
        "create table t (id int comment 'old', name string, s struct<a: int>) comment 'old'",
        "create view v comment 'old' tblproperties ('k' = 'v') as select id, name from t",
    )


def table_comment(session: Client, name: str) -> str | None:
    found: str | None = session.value(
        f"select comment from information_schema.tables where table_schema = '{ME}' and table_name = '{name}'"
    )
    return found


def column_comments(session: Client, name: str) -> dict[str, str | None]:
    return {row[0]: row[2] for row in session.rows(f"describe {name}")}


class TestComments:
    @pytest.mark.parametrize(("kind", "name"), [("table", "t"), ("view", "v"), ("table", "v")])
    def test_tables_and_views(self, session: Client, kind: str, name: str) -> None:
        literal = WORDS.replace("\\", "\\\\").replace("'", "\\'")
        session.run(f"comment on {kind} {ME}.{name} is '{literal}'")
        assert table_comment(session, name) == WORDS
        session.run(f"comment on {kind} spark_catalog.{ME}.{name} is null")
        assert table_comment(session, name) is None

    def test_columns(self, session: Client) -> None:
        for name in ("t", "v"):
            session.run(f"comment on column {name}.id is 'the id'", f"comment on column {ME}.{name}.`name` is 'a name'")
            assert {"id": "the id", "name": "a name"}.items() <= column_comments(session, name).items()

    def test_a_column_of_a_view_leaves_the_view_as_it_is(self, session: Client) -> None:
        """Also where the session is in another schema than the view was made in."""
        session.run("comment on view v is 'stays'", "use schema default")
        session.run(f"comment on column {ME}.v.id is 'from afar'", f"use schema {ME}")
        assert column_comments(session, "v")["id"] == "from afar"
        assert table_comment(session, "v") == "stays"
        assert session.pairs("show tblproperties v")["k"] == "v"
        assert session.rows("select * from v") == []

    def test_alter_column_comment(self, session: Client) -> None:
        session.run("alter table t alter column id comment 'altered'", "alter view v alter column id comment 'altered'")
        assert column_comments(session, "t")["id"] == column_comments(session, "v")["id"] == "altered"

    def test_refused(self, session: Client) -> None:
        session.fails("comment on table nothing is 'x'", "TABLE_OR_VIEW_NOT_FOUND", "42P01")
        session.fails("comment on column t.nothing is 'x'", "UNRESOLVED_COLUMN.WITH_SUGGESTION", "42703")
        session.fails("comment on column v.nothing is 'x'", "COLUMN_NOT_FOUND_IN_TABLE", "42703")
        session.fails("comment on column id is 'x'", "PARSE_SYNTAX_ERROR", "42601", "table.column")
        session.fails("comment on table t is x", "PARSE_SYNTAX_ERROR", "42601", "string literal")
        session.fails("comment on table t is 'x' y", "PARSE_SYNTAX_ERROR", "42601", "'y'")
        session.fails("comment on volume t is 'x'", "VOLUME_NOT_FOUND", "42704")


def tags(session: Client, kind: str, condition: str) -> dict[str, str]:
    return session.pairs(f"select tag_name, tag_value from information_schema.{kind}_tags where {condition}")


class TestTags:
    @pytest.mark.parametrize(("kind", "name"), [("table", "t"), ("view", "v")])
    def test_tables_and_views(self, session: Client, kind: str, name: str) -> None:
        condition = f"schema_name = '{ME}' and table_name = '{name}'"
        session.run(f"alter {kind} {name} set tags ('a' = 'b', 'c d' = 'it\\'s', 'e')")
        assert tags(session, "table", condition) == {"a": "b", "c d": "it's", "e": ""}
        session.run(f"ALTER {kind} {ME}.{name}\nSET TAGS ('a' = 'new')", f"alter {kind} {name} unset tags ('e', 'c d')")
        assert tags(session, "table", condition) == {"a": "new"}
        session.run(f"alter {kind} {name} unset tags ('a')")
        assert tags(session, "table", condition) == {}

    @pytest.mark.parametrize("name", ["t", "v"])
    @pytest.mark.parametrize("column", ["alter column id", "alter column `ID`", "alter id", "change column id"])
    def test_columns(self, session: Client, name: str, column: str) -> None:
        condition = f"schema_name = '{ME}' and table_name = '{name}' and column_name = 'id'"
        session.run(f"alter table {name} {column} set tags ('pii' = 'yes')")
        assert tags(session, "column", condition) == {"pii": "yes"}
        session.run(f"alter table {name} {column} unset tags ('pii')")
        assert tags(session, "column", condition) == {}

    def test_schemas(self, session: Client) -> None:
        condition = f"schema_name = '{ME}'"
        session.run(f"alter schema {ME} set tags ('area' = 'x')")
        assert tags(session, "schema", condition) == {"area": "x"}
        session.run(f"alter database spark_catalog.{ME} unset tags ('area')")
        assert tags(session, "schema", condition) == {}

    @pytest.mark.parametrize(
        ("kind", "target", "condition"),
        [
            ("table", "table t", "table_name = 't'"),
            ("table", f"view {ME}.v", "table_name = 'v'"),
            ("column", f"column {ME}.t.ID", "column_name = 'id' and table_name = 't'"),
            ("column", "column v.id", "column_name = 'id' and table_name = 'v'"),
            ("schema", f"database {ME}", f"schema_name = '{ME}'"),
            ("catalog", "catalog spark_catalog", "true"),
            ("volume", "volume tagged_volume", "volume_name = 'tagged_volume'"),
        ],
    )
    def test_one_by_its_own_statement(self, session: Client, kind: str, target: str, condition: str) -> None:
        session.run("create volume if not exists tagged_volume")
        session.run(f"set tag on {target} `cost center` = hr", f"SET TAG ON {target} pii")
        assert tags(session, kind, condition) == {"cost center": "hr", "pii": ""}
        session.fails(f"set tag on {target} pii = yes", "RESOURCE_ALREADY_EXISTS", "42710", "'pii'")
        session.run(f"unset tag on {target} `cost center`")
        assert tags(session, kind, condition) == {"pii": ""}
        session.run(f"unset tag on {target} pii")
        assert tags(session, kind, condition) == {}

    def test_one_refused(self, session: Client) -> None:
        session.fails("set tag on table nothing a = b", "TABLE_OR_VIEW_NOT_FOUND", "42P01")
        session.fails("set tag on column t.no a", "COLUMN_NOT_FOUND_IN_TABLE", "42703")
        session.fails("unset tag on column t a", "PARSE_SYNTAX_ERROR", "42601")
        session.fails("set tag on table t a = b c", "PARSE_SYNTAX_ERROR", "42601", "'c'")
        session.fails("set tag on table t a.b", "PARSE_SYNTAX_ERROR", "42601")
        session.fails("set tag on function f a = b", "PARSE_SYNTAX_ERROR", "42601", "'function'")

    def test_refused(self, session: Client) -> None:
        session.fails("alter table nothing set tags ('a' = 'b')", "TABLE_OR_VIEW_NOT_FOUND", "42P01")
        session.fails("alter schema nothing set tags ('a' = 'b')", "SCHEMA_NOT_FOUND", "42704")
        session.fails("alter table t alter column no set tags ('a' = 'b')", "COLUMN_NOT_FOUND_IN_TABLE", "42703")
        session.fails("alter table t set tags ('a' 'b')", "PARSE_SYNTAX_ERROR", "42601")
        session.fails("alter table t set tags ()", "PARSE_SYNTAX_ERROR", "42601")
        session.fails("alter table t set tags ('a' = 'b') more", "PARSE_SYNTAX_ERROR", "42601", "'more'")


def test_a_column_may_be_called_tags(session: Client) -> None:
    session.run("create table tagged (tags string)", "alter table tagged alter column tags comment 'no tag'")
    assert column_comments(session, "tagged") == {"tags": "no tag"}
