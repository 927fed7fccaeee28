"""SET TAGS and UNSET TAGS on the catalog, schemas, tables, views, columns and volumes."""

from __future__ import annotations

from localbricks.engine.results import Result
from localbricks.sql.lexer import Reader, Statement
from localbricks.sql.outcome import Answered, Outcome, Rule
from localbricks.sql.session import SqlSession, TableName


def alter_tags(statement: Statement, session: SqlSession) -> Outcome | None:
    """`ALTER TABLE t [ALTER COLUMN c] SET TAGS ('k' = 'v')`, `UNSET TAGS ('k')`."""
    if not any(token.lower == "tags" for token in statement.tokens):
        return None
    reader = statement.reader()
    reader.expect("alter")
    schema, table, column = "", "", ""
    if reader.take("volume"):
        return _volume_tags(reader, session)
    if reader.take("catalog"):
        session.check_catalog(reader.name()[0])
    elif reader.take("schema") or reader.take("database"):
        schema = session.schema_name(reader.name())
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
    if table and (reader.take("alter") or reader.take("change")):
        reader.take("column")
        column = reader.name()[-1].lower()
    if reader.take("set", "tags"):
        tags = dict(reader.listed(lambda: _pair(reader)))
        reader.end()
        _require(session, schema, table, column)
        session.store.set_tags(schema, table, column, tags)
    elif reader.take("unset", "tags"):
        names = reader.listed(lambda: reader.next().value)
        reader.end()
        _require(session, schema, table, column)
        session.store.unset_tags(schema, table, column, names)
    else:
        return None
    return Answered(Result.empty(session.home.tmp))


def _volume_tags(reader: Reader, session: SqlSession) -> Outcome:
    name = session.table_name(reader.name())
    session.volumes.require(name.schema, name.table)
    if reader.take("unset", "tags"):
        session.store.unset_volume_tags(name.schema, name.table, reader.listed(lambda: reader.next().value))
    else:
        reader.expect("set", "tags")
        session.store.set_volume_tags(name.schema, name.table, dict(reader.listed(lambda: _pair(reader))))
    reader.end()
    return Answered(Result.empty(session.home.tmp))


def _require(session: SqlSession, schema: str, table: str, column: str) -> None:
    if column:
        session.require_column(TableName(schema, table), column)
    elif table:
        session.catalog.require(schema, table)
    elif schema:
        session.require_schema(schema)


def _pair(reader: Reader) -> tuple[str, str]:
    name = reader.next().value
    return name, reader.next().value if reader.take("=") else ""


RULES: list[tuple[tuple[str, ...], Rule]] = [(("alter",), alter_tags)]
