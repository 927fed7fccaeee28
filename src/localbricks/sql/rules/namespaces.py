"""Catalogs and schemas: USE, SHOW CATALOGS/SCHEMAS/TABLES/VIEWS with Databricks' column names."""

from __future__ import annotations

import re

from localbricks.catalog.spark_catalog import CATALOG
from localbricks.engine.results import Result
from localbricks.limits import refusal
from localbricks.sql.lexer import Reader, Statement, quoted
from localbricks.sql.outcome import Answered, Outcome, Rewritten, Rule
from localbricks.sql.session import SqlSession


def use(statement: Statement, session: SqlSession) -> Outcome | None:
    """`USE CATALOG c`, `USE c.s`, `USE SCHEMA s`."""
    reader = statement.reader()
    reader.expect("use")
    if reader.take("catalog"):
        token = reader.next()
        session.check_catalog(token.value)
        reader.end()
        return Answered(Result.empty(session.home.tmp))
    reader.take("schema") or reader.take("database") or reader.take("namespace")
    parts = reader.name()
    if len(parts) == 1 and parts[0].lower() == CATALOG:
        return Answered(Result.empty(session.home.tmp))
    return Rewritten(f"use {quoted(session.schema_name(parts))}")


def set_catalog(statement: Statement, session: SqlSession) -> Outcome | None:
    """`SET CATALOG c` is `USE CATALOG c`."""
    if not statement.starts("set", "catalog"):
        return None
    session.check_catalog(statement.tokens[2].value)
    return Answered(Result.empty(session.home.tmp))


def show(statement: Statement, session: SqlSession) -> Outcome | None:
    """SHOW CATALOGS, SCHEMAS, TABLES, VIEWS."""
    reader = statement.reader()
    reader.expect("show")
    if reader.take("catalogs"):
        return _rows(session, "catalog string", [(CATALOG,), ("system",)], like(reader))
    if reader.take("schemas") or reader.take("databases"):
        if reader.take("in") or reader.take("from"):
            session.check_catalog(reader.name()[0])
        rows = [(name,) for name in session.catalog.schemas()]
        return _rows(session, "databaseName string", rows, like(reader))
    if reader.take("tables"):
        return _show_tables(session, reader, views_only=False)
    if reader.take("views"):
        return _show_tables(session, reader, views_only=True)
    return None


def _show_tables(session: SqlSession, reader: Reader, *, views_only: bool) -> Outcome:
    schema = session.current_schema()
    if reader.take("in") or reader.take("from"):
        schema = session.schema_name(reader.name())
    sql = f"show {'views' if views_only else 'tables'} in {quoted(CATALOG, schema)}"
    matches = like(reader)
    # Views that the rules made for themselves are nobody's tables.
    rows = [row[:3] for row in session.spark.rows(sql) if not (row[2] and row[1].startswith("__"))]
    if views_only:
        columns = "namespace string, viewName string, isTemporary boolean, isMaterialized boolean"
        views = [(*row, False) for row in rows]
        relations = session.store.relations().values()
        views += [
            (schema, r.table, False, True) for r in relations if (r.schema, r.kind) == (schema, "MATERIALIZED_VIEW")
        ]
        # Temporary ones last, as Spark lists them.
        views.sort(key=lambda row: (row[2], row[1]))
        return _rows(session, columns, views, matches, column=1)
    return _rows(session, "database string, tableName string, isTemporary boolean", rows, matches, column=1)


def like(reader: Reader) -> re.Pattern[str] | None:
    """The pattern of `LIKE 'a*|b'`: `*` any characters, `|` either."""
    if reader.done:
        return None
    reader.take("like")
    alternatives = reader.string().split("|")
    reader.end()
    wild = "|".join(re.escape(one.strip()).replace(r"\*", ".*") for one in alternatives)
    return re.compile(wild, re.IGNORECASE)


def _rows(
    session: SqlSession, columns: str, rows: list[tuple], matches: re.Pattern[str] | None, column: int = 0
) -> Answered:
    kept = [row for row in rows if matches is None or matches.fullmatch(row[column])]
    return Answered(Result.from_rows(columns, kept, session.home.tmp))


def refuse_catalogs(statement: Statement, session: SqlSession) -> Outcome | None:
    """There is one catalog: none is created or dropped."""
    if statement.head[1:2] == ("catalog",):
        raise refusal("catalogs")
    return None


RULES: list[tuple[tuple[str, ...], Rule]] = [
    (("use",), use),
    (("set",), set_catalog),
    (("show",), show),
    (("create", "drop"), refuse_catalogs),
]
