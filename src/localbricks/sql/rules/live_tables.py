"""Materialized views and streaming tables: Delta tables with a query that REFRESH runs again.

A refresh of a materialized view is one commit that replaces its rows. A streaming table is filled by Spark's
structured streaming, with a checkpoint in the home folder: a refresh takes what is new in its sources, once.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from localbricks.catalog import delta
from localbricks.catalog.facts import clustering_columns, quoted_list, settable_properties, user_properties
from localbricks.catalog.spark_catalog import path_of
from localbricks.catalog.store import Relation
from localbricks.engine.results import Result
from localbricks.engine.session import EngineSession
from localbricks.engine.types import ddl, declared_type
from localbricks.errors import DatabricksError
from localbricks.limits import refusal
from localbricks.sql.lexer import Reader, Statement, literal, quoted
from localbricks.sql.outcome import Answered, Outcome, Rewritten, Rule
from localbricks.sql.rules import keys, live_definition, refresh_schedule
from localbricks.sql.rules.live_definition import Definition
from localbricks.sql.rules.read_files import expand
from localbricks.sql.rules.volumes import volume_paths
from localbricks.sql.session import SqlSession, TableName

_KINDS = {("materialized", "view"): "MATERIALIZED_VIEW", ("streaming", "table"): "STREAMING_TABLE"}


def create(statement: Statement, session: SqlSession) -> Outcome | None:
    """`CREATE [OR REPLACE] MATERIALIZED VIEW …`, `CREATE [OR REFRESH] STREAMING TABLE …`."""
    if not ({"materialized", "streaming"} & set(statement.head)):
        return None
    found = live_definition.read(statement, session)
    if found is None:
        return None
    session.require_schema(found.name.schema)
    existing = session.catalog.table(found.name.schema, found.name.table)
    if existing is not None:
        if found.if_not_exists:
            return Answered(Result.empty(session.home.tmp))
        if not found.or_replace or existing.kind != found.kind:
            raise DatabricksError(
                "TABLE_OR_VIEW_ALREADY_EXISTS",
                f"Cannot create table or view {found.name.sql} because it already exists, as {existing.kind}. Choose a "
                "different name, drop or replace the existing object, or add the IF NOT EXISTS clause.",
                "42P07",
            )
    schema = session.current_schema()
    relation = Relation(found.name.schema, found.name.table, found.kind, found.query, found.schedule, schema)
    fill = _fill_view if found.kind == "MATERIALIZED_VIEW" else _fill_stream
    _kept(session, relation, lambda: fill(session, relation, found, existed=existing is not None))
    return Answered(Result.empty(session.home.tmp))


def refresh(statement: Statement, session: SqlSession) -> Outcome | None:
    """`REFRESH {MATERIALIZED VIEW | STREAMING TABLE} t [FULL] [SYNC | ASYNC]`; it is done when it returns."""
    reader = statement.reader()
    reader.expect("refresh")
    kind = _kind(reader)
    if kind is None:
        return None
    name = session.table_name(reader.name())
    full = reader.take("full")
    reader.take("sync") or reader.take("async")
    full = full or reader.take("full")
    reader.end()
    relation = _require(session, name, kind)
    run = _refresh_view if kind == "MATERIALIZED_VIEW" else _refresh_stream
    _kept(session, relation, lambda: run(session, relation, full))
    return Answered(Result.empty(session.home.tmp))


def alter(statement: Statement, session: SqlSession) -> Outcome | None:
    """`ALTER {MATERIALIZED VIEW | STREAMING TABLE} t {ADD | ALTER | DROP} SCHEDULE …`; the rest as ALTER TABLE."""
    reader = statement.reader()
    reader.expect("alter")
    kind = _kind(reader)
    if kind is None:
        return None
    name = session.table_name(reader.name())
    relation = _require(session, name, kind)
    if reader.take("drop", "schedule"):
        reader.end()
        return _schedule(session, relation, refresh_schedule.MANUAL)
    mark = reader.position
    if (reader.take("add") or reader.take("alter")) and refresh_schedule.is_ahead(reader):
        schedule = refresh_schedule.read(reader)
        reader.end()
        return _schedule(session, relation, schedule)
    reader.position = mark
    if reader.peek("rename"):
        raise DatabricksError(
            f"{kind}_OPERATION_NOT_ALLOWED.RENAME", f"{name.sql} cannot be renamed: create it anew.", "42601"
        )
    return Rewritten(f"alter table {name.sql} {reader.rest()}")


def drop(statement: Statement, session: SqlSession) -> Outcome | None:
    """`DROP MATERIALIZED VIEW [IF EXISTS] v`; `DROP VIEW` and `DROP TABLE` of one, too."""
    reader = statement.reader()
    reader.expect("drop")
    kind = _kind(reader)
    if kind is None and not (reader.take("view") or reader.take("table")):
        return None
    if_exists = reader.take("if", "exists")
    name = session.table_name(reader.name())
    relation = session.store.relation(name.schema, name.table)
    if relation is None or relation.kind == "METRIC_VIEW":
        if kind is None:
            return None
        if if_exists and session.catalog.table(name.schema, name.table) is None:
            return Answered(Result.empty(session.home.tmp))
    if kind is not None:
        _require(session, name, kind)
    reader.end()
    session.spark.frame(f"drop table if exists {name.sql}")
    session.store.forget_table(name.schema, name.table)
    shutil.rmtree(_checkpoint(session, name), ignore_errors=True)
    return Answered(Result.empty(session.home.tmp))


def guard_writes(statement: Statement, session: SqlSession) -> Outcome | None:
    """What a materialized view or a metric view holds comes from its definition: no other statement writes to it."""
    reader = statement.reader()
    verb = reader.next().lower
    if verb == "create":
        if not (reader.take("or", "replace", "table") or reader.take("or", "replace", "view")):
            return None
    elif verb == "insert":
        if not (reader.take("into") or reader.take("overwrite")):
            return None
        reader.take("table")
    else:
        reader.take("into") if verb == "merge" else reader.take("from")
    if reader.token is None or not reader.token.is_name:
        return None
    name = session.table_name(reader.name())
    relation = session.store.relation(name.schema, name.table)
    if relation is None or session.catalog.table(name.schema, name.table) is None:
        return None
    if verb == "create":
        raise DatabricksError(
            "TABLE_OR_VIEW_ALREADY_EXISTS",
            f"Cannot create table or view {name.sql} because it already exists, as {relation.kind}. Drop it first.",
            "42P07",
        )
    if relation.kind == "STREAMING_TABLE":
        return None
    raise DatabricksError(
        f"{relation.kind}_OPERATION_NOT_ALLOWED.{verb.upper()}",
        f"{verb.upper()} is not allowed on {name.sql}. Change its query instead.",
        "42601",
    )


def _kind(reader: Reader) -> str | None:
    return next((kind for words, kind in _KINDS.items() if reader.take(*words)), None)


def _require(session: SqlSession, name: TableName, kind: str) -> Relation:
    entry = session.catalog.require(name.schema, name.table)
    if entry.relation is None or entry.kind != kind:
        raise DatabricksError(
            "WRONG_COMMAND_FOR_OBJECT_TYPE",
            f"The operation requires a {kind}. But {name.sql} is a {entry.kind}.",
            "42809",
        )
    return entry.relation


def _kept(session: SqlSession, relation: Relation, work: Callable[[], None]) -> None:
    """Do the work of a relation that is kept first: a table is there under its kind, whatever is killed when."""
    before = session.store.relation(relation.schema, relation.table)
    session.store.set_relation(relation)
    try:
        work()
    except BaseException:
        if before is not None:
            session.store.set_relation(before)
        else:
            session.store.drop_relation(relation.schema, relation.table)
        raise
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    session.store.set_relation(replace(relation, refreshed_at=now))


def _schedule(session: SqlSession, relation: Relation, schedule: str) -> Outcome:
    session.store.set_relation(replace(relation, schedule=schedule))
    return Answered(Result.empty(session.home.tmp))


def _runnable(session: SqlSession, spark: EngineSession, query: str) -> str:
    """The query as the session that runs it takes it: files of volumes by their paths, read_files as views."""
    outcome = volume_paths(Statement(query), session)
    text, _ = expand(Statement(outcome.sql if isinstance(outcome, Rewritten) else query), session, spark)
    return text


# materialized views


def _fill_view(session: SqlSession, relation: Relation, found: Definition, *, existed: bool) -> None:
    name = found.name
    spark = session.spark.sibling(relation.current_schema)
    query = found.select(_runnable(session, spark, found.query))
    kept = _checked_keys(session, found, spark.schema(spark.frame(f"select * from ({query}) limit 0")).names)
    spark.run(f"create or replace table {name.sql} using delta {' '.join(found.clauses)} as {query}")
    delta.declare(session.spark, name.schema, name.table, found.comments, found.not_null)
    session.table_replaced(name)
    for key in kept:
        session.store.add_key(key)


def _checked_keys(session: SqlSession, found: Definition, columns: list[str]) -> list[Any]:
    # Columns of a primary key are declared NOT NULL where the table is filled.
    primary = {column.lower() for key in found.keys if key.kind == "PRIMARY KEY" for column in key.columns}
    found.not_null |= primary
    nullable = {column: column.lower() not in found.not_null for column in columns}
    kept: list[Any] = []
    for key in sorted(found.keys, key=lambda key: key.kind != "PRIMARY KEY"):
        kept.append(keys.checked(session, key, nullable, kept))
    return kept


def _refresh_view(session: SqlSession, relation: Relation, full: bool) -> None:
    name = TableName(relation.schema, relation.table)
    spark = session.spark.sibling(relation.current_schema)
    detail = session.catalog.detail(session.catalog.require(name.schema, name.table))
    query = _runnable(session, spark, relation.query)
    produced = spark.schema(spark.frame(f"select * from (\n{query}\n) limit 0"))
    names = ", ".join(quoted(field.name) for field in detail.columns.fields)
    if len(produced.fields) == len(detail.columns.fields) and all(
        ddl(new.dataType) == ddl(declared_type(old)) or ddl(new.dataType) == ddl(old.dataType)
        for new, old in zip(produced.fields, detail.columns.fields, strict=True)
    ):
        spark.run(f"insert overwrite table {name.sql} select * from (\n{query}\n) as q ({names})")
        return
    # The query gives other columns than before: the table is made anew, with what was said of it.
    clauses = [f"comment {literal(detail.comment)}"] if detail.comment else []
    if detail.partition_columns:
        clauses.append(f"partitioned by ({quoted_list(detail.partition_columns)})")
    if columns := clustering_columns(detail):
        clauses.append(f"cluster by ({', '.join(quoted(*column.split('.')) for column in columns)})")
    if properties := settable_properties(detail):
        listed = ", ".join(f"{literal(key)} = {literal(value)}" for key, value in properties.items())
        clauses.append(f"tblproperties ({listed})")
    spark.run(f"create or replace table {name.sql} using delta {' '.join(clauses)} as {query}")


# streaming tables


def _fill_stream(session: SqlSession, relation: Relation, found: Definition, *, existed: bool) -> None:
    spark = session.spark.sibling(relation.current_schema)
    frame = _stream(spark, found.select(_runnable(session, spark, found.query)), found.name)
    if existed:
        _change_stream_table(session, found)
    else:
        shutil.rmtree(_checkpoint(session, found.name), ignore_errors=True)
        _make_stream_table(session, spark, frame, found)
    try:
        _run_stream(session, frame, found.name)
    except BaseException:
        if not existed:
            session.spark.frame(f"drop table if exists {found.name.sql}")
            shutil.rmtree(_checkpoint(session, found.name), ignore_errors=True)
        raise


def _make_stream_table(session: SqlSession, spark: EngineSession, frame: Any, found: Definition) -> None:
    columns = []
    for field in spark.schema(frame).fields:
        comment = found.comments.get(field.name.lower())
        not_null = " not null" if field.name.lower() in found.not_null else ""
        text = f"{quoted(field.name)} {ddl(field.dataType)}{not_null}"
        columns.append(text + (f" comment {literal(comment)}" if comment else ""))
    spark.frame(f"create table {found.name.sql} ({', '.join(columns)}) using delta {' '.join(found.clauses)}")


def _change_stream_table(session: SqlSession, found: Definition) -> None:
    """What CREATE OR REFRESH says of a table that is there already, and what it says no more."""
    detail = session.catalog.detail(session.catalog.require(found.name.schema, found.name.table))
    if detail.comment and not any(clause.startswith("comment ") for clause in found.clauses):
        session.spark.frame(f"comment on table {found.name.sql} is null")
    if left := sorted(set(user_properties(detail)) - found.properties):
        names = ", ".join(literal(name) for name in left)
        session.spark.frame(f"alter table {found.name.sql} unset tblproperties ({names})")
    for clause in found.clauses:
        kind = clause.split()[0].lower()
        if kind == "comment":
            session.spark.frame(f"comment on table {found.name.sql} is {clause.split(None, 1)[1]}")
        elif kind == "partitioned":
            wanted = Statement(clause).reader()
            wanted.expect("partitioned", "by")
            if [name.lower() for name in wanted.names()] != [name.lower() for name in detail.partition_columns]:
                raise DatabricksError(
                    "STREAMING_TABLE_OPERATION_NOT_ALLOWED.CHANGE_PARTITIONING",
                    f"The partitioning of {found.name.sql} cannot be changed: drop it and create it anew.",
                    "42601",
                )
        else:
            change = f"set {clause}" if kind == "tblproperties" else clause
            session.spark.frame(f"alter table {found.name.sql} {change}")


def _refresh_stream(session: SqlSession, relation: Relation, full: bool) -> None:
    name = TableName(relation.schema, relation.table)
    spark = session.spark.sibling(relation.current_schema)
    frame = _stream(spark, _runnable(session, spark, relation.query), name)
    if full:
        # The rows go first: a stop between the two leaves an empty table that the next refresh fills from the start.
        shutil.rmtree(_checkpoint(session, name), ignore_errors=True)
        spark.frame(f"delete from {name.sql}")
    _run_stream(session, frame, name)


def _stream(spark: EngineSession, query: str, name: TableName) -> Any:
    frame = spark.frame(query)
    if not frame.isStreaming():
        raise DatabricksError(
            "STREAMING_TABLE_QUERY_INVALID",
            f"Streaming table {name.sql} can only be created from a streaming query. Please add the STREAM keyword to "
            "your FROM clause to turn this relation into a streaming query.",
            "42000",
        )
    return frame


def _run_stream(session: SqlSession, frame: Any, name: TableName) -> None:
    """Take what the sources have now, and wait for the end of it."""
    checkpoint = _checkpoint(session, name)
    checkpoint.parent.mkdir(parents=True, exist_ok=True)
    trigger = session.spark.java_class("org.apache.spark.sql.streaming.Trigger").AvailableNow()
    try:
        writer = frame.writeStream().format("delta").outputMode("append").trigger(trigger)
        # By its path: Delta does not take a streaming write by the name of a table of Spark's own catalog.
        location = str(path_of(session.catalog.require(name.schema, name.table).location or ""))
        query = writer.option("checkpointLocation", str(checkpoint)).start(location)
        try:
            query.awaitTermination()
        finally:
            query.stop()
    except Exception as error:
        raise _told(session.spark.error(error)) from error


def _told(error: BaseException) -> BaseException:
    """A stream's failure without the query's plan, which no client of Databricks is shown."""
    if not isinstance(error, DatabricksError):
        return error
    words = error.message.partition("\n=== Streaming Query ===")[0]
    return DatabricksError(error.error_class, words.removeprefix(f"[{error.error_class}] "), error.sqlstate)


def _checkpoint(session: SqlSession, name: TableName) -> Path:
    return session.home.root / "streams" / name.schema / name.table


def refuse_pipelines(statement: Statement, session: SqlSession) -> Outcome | None:
    """CREATE FLOW, APPLY CHANGES and the like belong to pipelines."""
    if statement.starts("create", "flow") or statement.starts("apply", "changes"):
        raise refusal("pipelines")
    return None


RULES: list[tuple[tuple[str, ...], Rule]] = [
    (("create", "apply"), refuse_pipelines),
    (("create",), create),
    (("refresh",), refresh),
    (("alter",), alter),
    (("drop",), drop),
    (("create", "insert", "update", "delete", "merge"), guard_writes),
]
