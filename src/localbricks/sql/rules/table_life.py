"""What is kept of a table beside Spark's catalog follows its life: drop, rename, replace."""

from __future__ import annotations

from localbricks.errors import DatabricksError
from localbricks.sql.lexer import Statement, quoted
from localbricks.sql.outcome import Answered, Outcome, Rule
from localbricks.sql.rules.volumes import remove_volume
from localbricks.sql.session import SqlSession


def drop(statement: Statement, session: SqlSession) -> Outcome | None:
    """DROP TABLE, VIEW, SCHEMA: Spark drops, then its keys, tags and grants go."""
    reader = statement.reader()
    reader.expect("drop")
    if reader.take("table") or reader.take("view"):
        reader.take("if", "exists")
        parts = reader.name()
        result = session.spark.run(statement.text)
        name = session.table_name(parts)
        if session.catalog.table(name.schema, name.table) is None:
            session.store.forget_table(name.schema, name.table)
        return Answered(result)
    if reader.take("schema") or reader.take("database"):
        reader.take("if", "exists")
        return _drop_schema(session, statement, session.schema_name(reader.name()), reader.take("cascade"))
    return None


def _drop_schema(session: SqlSession, statement: Statement, schema: str, cascade: bool) -> Outcome:
    volumes = [volume for volume in session.store.volumes() if volume.schema == schema]
    if volumes and not cascade:
        raise DatabricksError(
            "SCHEMA_NOT_EMPTY",
            f"Cannot drop a schema {quoted(schema)} because it contains objects.\n"
            "Use DROP SCHEMA ... CASCADE to drop the schema and all its objects.",
            "2BP01",
        )
    result = session.spark.run(statement.text)
    for volume in volumes:
        remove_volume(session, volume)
    session.store.forget_schema(schema)
    return Answered(result)


def rename(statement: Statement, session: SqlSession) -> Outcome | None:
    """`ALTER TABLE|VIEW a RENAME TO b`; a new name without a schema is in the schema of the old one.

    Raises:
        DatabricksError: CANNOT_RENAME_ACROSS_SCHEMA.
    """
    reader = statement.reader()
    reader.expect("alter")
    kind = reader.next().lower
    if kind not in ("table", "view"):
        return None
    old = reader.name()
    if not reader.take("rename", "to"):
        return None
    source = session.table_name(old)
    new = reader.name()
    reader.end()
    target = session.table_name(new if len(new) > 1 else [source.schema, *new])
    if target.schema != source.schema:
        raise DatabricksError(
            "CANNOT_RENAME_ACROSS_SCHEMA",
            f"Renaming a {kind} across schemas is not allowed: from {source.sql} to {target.sql}.",
            "0AKD0",
        )
    # Spark takes no catalog in the new name.
    result = session.spark.run(f"alter {kind} {source.sql} rename to {quoted(source.schema, new[-1])}")
    session.store.rename_table(source.schema, source.table, target.schema, target.table)
    return Answered(result)


def replace(statement: Statement, session: SqlSession) -> Outcome | None:
    """`CREATE OR REPLACE TABLE|VIEW`: keys of the old table do not hold for the new one; grants and tags stay.

    Tags and masks of columns that are gone go with them.
    """
    if not (
        statement.starts("create", "or", "replace", "table") or statement.starts("create", "or", "replace", "view")
    ):
        return None
    reader = statement.reader()
    reader.position = 4
    name = session.table_name(reader.name())
    # Most tables have nothing of it: nothing to do then.
    if not session.store.is_replacement_noted(name.schema, name.table):
        return None
    result = session.spark.run(statement.text)
    session.table_replaced(name)
    return Answered(result)


RULES: list[tuple[tuple[str, ...], Rule]] = [
    (("drop",), drop),
    (("alter",), rename),
    (("create",), replace),
]
