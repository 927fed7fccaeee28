"""COMMENT ON: columns, views and schemas, which Spark's own does not take or whose comment Hive does not change."""

from __future__ import annotations

from localbricks.engine.results import Result
from localbricks.sql.lexer import Reader, Statement, literal, quoted
from localbricks.sql.outcome import Answered, Outcome, Rewritten, Rule
from localbricks.sql.session import SqlSession, TableName

_NO_COMMENT = "unset tblproperties if exists ('comment')"


def comment_on(statement: Statement, session: SqlSession) -> Outcome | None:
    """`COMMENT ON COLUMN t.c IS '…'`, `COMMENT ON TABLE|VIEW|SCHEMA t IS '…'`."""
    reader = statement.reader()
    reader.expect("comment", "on")
    if reader.take("column"):
        parts = reader.name()
        if len(parts) < 2:
            raise reader.error("Expected table.column.")
        return _comment_on_column(session, session.table_name(parts[:-1]), parts[-1], _text(reader))
    if reader.take("table") or reader.take("view") or reader.take("materialized", "view"):
        name = session.table_name(reader.name())
        text = _text(reader)
        if session.catalog.require(name.schema, name.table).is_view:
            change = f"set tblproperties ('comment' = {literal(text)})" if text else _NO_COMMENT
            return Rewritten(f"alter view {name.sql} {change}")
        return Rewritten(f"comment on table {name.sql} is {_literal(text)}")
    if reader.take("schema") or reader.take("database"):
        schema = session.schema_name(reader.name())
        text = _text(reader)
        session.require_schema(schema)
        session.store.comment_schema(schema, text)
        return Answered(Result.empty(session.home.tmp))
    if reader.take("catalog"):
        session.check_catalog(reader.name()[0])
        # The empty name is the catalog's own.
        session.store.comment_schema("", _text(reader))
        return Answered(Result.empty(session.home.tmp))
    if reader.take("volume"):
        name = session.table_name(reader.name())
        session.volumes.require(name.schema, name.table)
        session.store.comment_volume(name.schema, name.table, _text(reader))
        return Answered(Result.empty(session.home.tmp))
    return None


def alter_column_comment(statement: Statement, session: SqlSession) -> Outcome | None:
    """`ALTER VIEW v ALTER COLUMN c COMMENT '…'`, which Spark does not have."""
    if not statement.starts("alter", "view"):
        return None
    reader = statement.reader()
    reader.expect("alter", "view")
    name = session.table_name(reader.name())
    if not (reader.take("alter", "column") or reader.take("change", "column")):
        return None
    column = reader.name()[-1]
    reader.expect("comment")
    return _comment_on_column(session, name, column, reader.string())


def _comment_on_column(session: SqlSession, name: TableName, column: str, text: str | None) -> Outcome:
    entry = session.catalog.require(name.schema, name.table)
    if not entry.is_view:
        return Rewritten(f"alter table {name.sql} alter column {quoted(column)} comment {_literal(text or '')}")
    session.catalog.comment_view_column(entry, column, text)
    return Answered(Result.empty(session.home.tmp))


def _text(reader: Reader) -> str | None:
    reader.expect("is")
    text = None if reader.take("null") else reader.string()
    reader.end()
    return text


def _literal(text: str | None) -> str:
    return "null" if text is None else literal(text)


RULES: list[tuple[tuple[str, ...], Rule]] = [
    (("comment",), comment_on),
    (("alter",), alter_column_comment),
]
