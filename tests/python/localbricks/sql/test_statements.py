"""Statements as Spark runs them: their errors, settings, literals, what is refused."""

from __future__ import annotations

import random

import pytest
from databricks.sql.exc import Error
from sql_client import Client, Server, connect

from localbricks.sql.lexer import Kind, tokens, unquote

pytestmark = pytest.mark.server
ME = "test_statements"


@pytest.mark.parametrize(
    ("statement", "error_class", "sqlstate"),
    [
        ("select * from nothing", "TABLE_OR_VIEW_NOT_FOUND", "42P01"),
        ("select * from nowhere.nothing", "TABLE_OR_VIEW_NOT_FOUND", "42P01"),
        ("drop table nothing", "TABLE_OR_VIEW_NOT_FOUND", "42P01"),
        ("select nope from (select 1 as id)", "UNRESOLVED_COLUMN.WITH_SUGGESTION", "42703"),
        ("select nope", "UNRESOLVED_COLUMN.WITHOUT_SUGGESTION", "42703"),
        ("use schema nowhere", "SCHEMA_NOT_FOUND", "42704"),
        ("selec 1", "PARSE_SYNTAX_ERROR", "42601"),
        ("select 1 +", "PARSE_SYNTAX_ERROR", "42601"),
        ("select 'a", "PARSE_SYNTAX_ERROR", "42601"),
        ("select 1 /* open", "UNCLOSED_BRACKETED_COMMENT", "42601"),
        ("", "PARSE_EMPTY_STATEMENT", "42617"),
        ("select 1; select 2", "PARSE_SYNTAX_ERROR", "42601"),
        ("select 1/0", "DIVIDE_BY_ZERO", "22012"),
        ("select cast('x' as int)", "CAST_INVALID_INPUT", "22018"),
        ("select cast('2020-13-01' as date)", "CAST_INVALID_INPUT", "22018"),
        ("select cast(300 as tinyint)", "CAST_OVERFLOW", "22003"),
        ("select 2147483647 + 1", "ARITHMETIC_OVERFLOW", "22003"),
        ("select cast(123.45 as decimal(3,2))", "NUMERIC_VALUE_OUT_OF_RANGE.WITH_SUGGESTION", "22003"),
        ("select array(1)[5]", "INVALID_ARRAY_INDEX", "22003"),
        ("select nope(1)", "UNRESOLVED_ROUTINE", "42883"),
        ("select abs('a', 'b')", "WRONG_NUM_ARGS.WITHOUT_SUGGESTION", "42605"),
        (
            "select id from (select 1 as id) group by all having sum(x) > 1",
            "UNRESOLVED_COLUMN.WITH_SUGGESTION",
            "42703",
        ),
        ("select id, count(*) from (select 1 as id)", "MISSING_GROUP_BY", "42803"),
        ("select raise_error('my words')", "USER_RAISED_EXCEPTION", "P0001"),
        ("create view v as select * from nothing", "TABLE_OR_VIEW_NOT_FOUND", "42P01"),
        ("select 1 union select 1, 2", "NUM_COLUMNS_MISMATCH", "42826"),
        ("select :x", "UNBOUND_SQL_PARAMETER", "42P02"),
    ],
)
def test_errors(session: Client, statement: str, error_class: str, sqlstate: str) -> None:
    session.fails(statement, error_class, sqlstate)


def test_an_error_is_told_without_plan_and_stack(session: Client) -> None:
    with pytest.raises(Error) as caught:
        session.run("select nope from (select 1 as id)")
    message = str(caught.value)
    assert "Did you mean one of the following? [`id`]" in message
    assert "'Project" not in message and "\tat " not in message


class TestSettings:
    @pytest.fixture(autouse=True)
    def restore(self, session: Client) -> object:
        yield
        session.run("set ansi_mode = true", "set timezone = 'UTC'")

    @pytest.mark.parametrize("statement", ["set ansi_mode = false", "SET ANSI_MODE=FALSE", "set ansi_mode = 'false'"])
    def test_ansi_mode(self, session: Client, statement: str) -> None:
        session.run(statement)
        assert session.rows("select 1/0, cast('x' as int)") == [(None, None)]

    @pytest.mark.parametrize(
        "statement", ["set timezone = Asia/Tokyo", "set timezone = 'Asia/Tokyo'", "set time zone 'Asia/Tokyo'"]
    )
    def test_timezone(self, session: Client, statement: str) -> None:
        session.run(statement)
        assert session.value("select current_timezone()") == "Asia/Tokyo"
        assert session.value("select hour(timestamp'2020-01-01 00:00:00Z')") == 9

    def test_are_told(self, session: Client) -> None:
        assert session.rows("set ansi_mode") == [("spark.sql.ansi.enabled", "true")]
        assert session.columns == ["key", "value"]
        version = session.rows("set spark.databricks.clusterUsageTags.sparkVersion")
        assert version == [("spark.databricks.clusterUsageTags.sparkVersion", "18.0.x-scala2.13")]

    def test_are_of_the_session(self, session: Client, server: Server) -> None:
        session.run("set ansi_mode = false")
        with connect(server.home, server.state.port) as connection:
            Client(connection).fails("select 1/0", "DIVIDE_BY_ZERO", "22012")

    def test_of_the_connection(self, server: Server) -> None:
        options = {"ansi_mode": "false", "TIMEZONE": "Asia/Tokyo", "use_cached_result": "true", "query_tags": "a:b"}
        with connect(server.home, server.state.port, session_configuration=options) as connection:
            assert Client(connection).rows("select 1/0, current_timezone()") == [(None, "Asia/Tokyo")]

    @pytest.mark.parametrize(
        ("options", "message"),
        [
            ({"nonsense": "1"}, r"\[CONFIG_NOT_AVAILABLE\] Configuration nonsense is not available. SQLSTATE: 42K0I"),
            ({"spark.sql.shuffle.partitions": "x"}, r"\[INVALID_CONF_VALUE"),
            ({"timezone": "Mars/Crater"}, r"\[INVALID_CONF_VALUE.TIME_ZONE\]"),
        ],
    )
    def test_of_the_connection_refused(self, server: Server, options: dict[str, str], message: str) -> None:
        with pytest.raises(Error, match=message):
            connect(server.home, server.state.port, session_configuration=options)


class TestViewsAndTables:
    def test_a_view_follows_its_table(self, session: Client) -> None:
        session.run(
            "create or replace table base as select 1 as id", "create or replace view follows as select * from base"
        )
        session.run("insert into base values (2)")
        assert sorted(session.values("select id from follows")) == [1, 2]
        session.run("drop view follows")
        session.fails("drop view follows", "TABLE_OR_VIEW_NOT_FOUND", "42P01")

    def test_rename(self, session: Client) -> None:
        """A new name without a schema is in the schema of the old one."""
        session.run("create table before_it (id int)", "grant select on before_it to someone", "use schema default")
        session.run(f"alter table {ME}.before_it rename to after_it", f"use schema {ME}")
        assert [row[1] for row in session.rows("show tables like '*_it'")] == ["after_it"]
        assert [row[3] for row in session.rows("show grants on after_it")] == [f"spark_catalog.{ME}.after_it"]
        session.run(f"alter table after_it rename to `spark_catalog`.{ME}.`last_it`")
        session.fails("alter table last_it rename to default.last_it", "CANNOT_RENAME_ACROSS_SCHEMA", "0AKD0")
        session.run(
            "create view seen as select * from last_it", f"alter view seen rename to spark_catalog.{ME}.seen_too"
        )
        session.run("drop view seen_too", "drop table last_it")

    def test_columns(self, session: Client) -> None:
        session.run(
            "create or replace table wide (id int, name string) tblproperties ('delta.columnMapping.mode' = 'name')",
            "alter table wide add columns (extra int comment 'more' after id)",
            "alter table wide rename column name to label",
            "alter table wide drop column extra",
        )
        assert [row[0] for row in session.rows("describe wide")] == ["id", "label"]


def test_literals_are_read_as_spark_reads_them(session: Client) -> None:
    chance = random.Random(20240101)
    pieces = [
        "a",
        "'",
        '"',
        "\\",
        "\\",
        "n",
        "u0041",
        "U0001F600",
        "101",
        "377",
        "0",
        "%",
        "_",
        "é",
        "\n",
        "--",
        "/*",
        "`",
    ]
    literals = set()
    while len(literals) < 300:
        quote = chance.choice(["'", '"', "r'", 'R"'])
        text = quote + "".join(chance.choices(pieces, k=chance.randint(0, 6))) + quote[-1]
        found = list(tokens(text))
        if [one.text for one in found] == [text] and found[0].kind is Kind.STRING:
            literals.add(text)
    ordered = sorted(literals)
    (row,) = session.rows("select " + ", ".join(f"({text})" for text in ordered))
    assert dict(zip(ordered, row, strict=True)) == {text: unquote(text) for text in ordered}
