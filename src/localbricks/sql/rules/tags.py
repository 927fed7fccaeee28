"""SET TAGS and UNSET TAGS on schemas, tables, views and columns."""

from __future__ import annotations

from localbricks.engine.results import Result
from localbricks.sql.lexer import Reader, Statement
from localbricks.sql.outcome import Answered, Outcome, Rule
from localbricks.sql.session import SqlSession


def alter_tags(statement: Statement, session: SqlSession) -> Outcome | None:
    """`ALTER TABLE t [ALTER COLUMN c] SET TAGS ('k' = 'v')`, `UNSET TAGS ('k')`."""
    if " tags" not in statement.text.lower():
        return None
    reader = statement.reader()
    reader.expect("alter")
    if reader.take("schema") or reader.take("database"):
        schema, table = session.schema_name(reader.name()), ""
    elif (
        reader.take("table")
        or reader.take("view")
        or reader.take("materialized", "view")
        or reader.take("streaming", "table")
    ):
        name = session.table_name(reader.name())
        schema, table = name.schema, name.table
    else:
        return None
    column = ""
    if reader.take("alter", "column") or reader.take("change", "column"):
        column = reader.name()[-1].lower()
    if reader.take("set", "tags"):
        tags = _pairs(reader)
        _require(session, schema, table)
        session.store.set_tags(schema, table, column, tags)
    elif reader.take("unset", "tags"):
        names = _names(reader)
        _require(session, schema, table)
        session.store.unset_tags(schema, table, column, names)
    else:
        return None
    return Answered(Result.empty(session.home.tmp))


def _require(session: SqlSession, schema: str, table: str) -> None:
    if table:
        session.catalog.require(schema, table)


def _pairs(reader: Reader) -> dict[str, str]:
    found: dict[str, str] = {}
    reader.expect("(")
    while not reader.take(")"):
        key = reader.next().value
        found[key] = reader.next().value if reader.take("=") else ""
        reader.take(",")
    return found


def _names(reader: Reader) -> list[str]:
    found = []
    reader.expect("(")
    while not reader.take(")"):
        found.append(reader.next().value)
        reader.take(",")
    return found


RULES: list[tuple[tuple[str, ...], Rule]] = [(("alter",), alter_tags)]
