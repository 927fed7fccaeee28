"""What is kept of a table beside Spark's catalog follows its life: drop, rename, replace."""

from __future__ import annotations

from localbricks.sql.lexer import Statement
from localbricks.sql.outcome import Answered, Outcome, Rule
from localbricks.sql.session import SqlSession


def drop(statement: Statement, session: SqlSession) -> Outcome | None:
    """DROP TABLE, VIEW, SCHEMA: Spark drops, then its keys, tags and grants go."""
    reader = statement.reader()
    reader.expect("drop")
    if reader.take("table") or reader.take("view"):
        reader.take("if", "exists")
        parts = reader.name()
        result = session.spark.run(statement.text, session.tag)
        name = session.table_name(parts)
        if session.catalog.table(name.schema, name.table) is None:
            session.store.forget_table(name.schema, name.table)
        return Answered(result)
    if reader.take("schema") or reader.take("database"):
        reader.take("if", "exists")
        schema = session.schema_name(reader.name())
        result = session.spark.run(statement.text, session.tag)
        session.store.forget_schema(schema)
        return Answered(result)
    return None


def rename(statement: Statement, session: SqlSession) -> Outcome | None:
    """`ALTER TABLE a RENAME TO b`."""
    reader = statement.reader()
    reader.expect("alter")
    if not (reader.take("table") or reader.take("view")):
        return None
    old = reader.name()
    if not reader.take("rename", "to"):
        return None
    source, target = session.table_name(old), session.table_name(reader.name())
    result = session.spark.run(statement.text, session.tag)
    session.store.rename_table(source.schema, source.table, target.schema, target.table)
    return Answered(result)


def replace(statement: Statement, session: SqlSession) -> Outcome | None:
    """`CREATE OR REPLACE TABLE|VIEW`: the keys of the old table do not hold for the new one; grants and tags stay."""
    if not (
        statement.starts("create", "or", "replace", "table") or statement.starts("create", "or", "replace", "view")
    ):
        return None
    reader = statement.reader()
    reader.position = 4
    name = session.table_name(reader.name())
    # Most tables have none: nothing to do then.
    had = any((key.schema, key.table) == (name.schema, name.table) for key in session.store.key_constraints())
    if not had:
        return None
    result = session.spark.run(statement.text, session.tag)
    session.store.forget_table(name.schema, name.table, keep_grants=True)
    return Answered(result)


RULES: list[tuple[tuple[str, ...], Rule]] = [
    (("drop",), drop),
    (("alter",), rename),
    (("create",), replace),
]
