"""SHOW TABLE EXTENDED, whose text open-source Spark writes without the columns of a Delta table."""

from __future__ import annotations

import re

from localbricks.catalog.facts import information, tree
from localbricks.engine.results import Result
from localbricks.limits import refusal
from localbricks.sql.lexer import Statement, quoted
from localbricks.sql.outcome import Answered, Outcome, Rule
from localbricks.sql.rules.namespaces import like
from localbricks.sql.session import SqlSession

_COLUMNS = "database string, tableName string, isTemporary boolean, information string"


def show_table_extended(statement: Statement, session: SqlSession) -> Outcome | None:
    """`SHOW TABLE EXTENDED [IN schema] LIKE 'a*|b'`."""
    if not statement.starts("show", "table", "extended"):
        return None
    reader = statement.reader()
    reader.position = 3
    schema = session.current_schema()
    if reader.take("in") or reader.take("from"):
        schema = session.schema_name(reader.name())
    if not reader.peek("like"):
        raise reader.error("Expected LIKE.")
    if any(token.lower == "partition" for token in statement.tokens):
        raise refusal("show table extended of a partition")
    matches = like(reader)
    session.require_schema(schema)
    rows = [(schema, name, False, text) for name, text in _tables(session, schema, matches)]
    rows += [("", name, True, text) for name, text in _temporary_views(session, matches)]
    return Answered(Result.from_rows(_COLUMNS, rows, session.home.tmp))


def _tables(session: SqlSession, schema: str, matches: re.Pattern[str] | None) -> list[tuple[str, str]]:
    found = [entry for entry in session.catalog.tables([schema]) if matches is None or matches.fullmatch(entry.name)]
    return [(entry.name, information(session.catalog.detail(entry))) for entry in found]


def _temporary_views(session: SqlSession, matches: re.Pattern[str] | None) -> list[tuple[str, str]]:
    found = [name for name in session.spark.temporary_views() if matches is None or matches.fullmatch(name)]
    return [(name, f"Table: {name}\nType: VIEW\nSchema: {_tree(session, name)}") for name in found]


def _tree(session: SqlSession, view: str) -> str:
    return tree(session.spark.schema(session.spark.java.table(quoted(view))))


RULES: list[tuple[tuple[str, ...], Rule]] = [(("show",), show_table_extended)]
