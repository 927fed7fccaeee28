"""Constraints: primary and foreign keys (informational, as on Databricks) and NOT NULL, which Delta cannot add."""

from __future__ import annotations

import uuid

from localbricks.catalog import delta
from localbricks.catalog.store import KeyConstraint
from localbricks.engine.results import Result
from localbricks.errors import DatabricksError
from localbricks.sql.lexer import Reader, Statement, quoted
from localbricks.sql.outcome import Answered, Outcome, Rule
from localbricks.sql.session import SqlSession, TableName

# Words that may follow a key and say how far it is trusted.
_KEY_OPTIONS = ("rely", "norely", "not", "enforced", "deferrable", "initially", "deferred", "timeseries")


def alter_table(statement: Statement, session: SqlSession) -> Outcome | None:
    """`ALTER TABLE t ADD CONSTRAINT … PRIMARY KEY|FOREIGN KEY`, `DROP CONSTRAINT|PRIMARY KEY|FOREIGN KEY`, `SET NOT NULL`."""
    if not statement.starts("alter", "table"):
        return None
    reader = statement.reader()
    reader.expect("alter", "table")
    parts = reader.name()
    if reader.take("add"):
        return _add(reader, session, parts)
    if reader.take("drop"):
        return _drop(reader, session, parts, statement)
    if reader.take("alter") or reader.take("change"):
        reader.take("column")
        column = reader.name()
        if reader.take("set", "not", "null"):
            reader.end()
            _set_not_null(session, session.table_name(parts), column)
            return Answered(Result.empty(session.home.tmp))
    return None


def create_table(statement: Statement, session: SqlSession) -> Outcome | None:
    """`CREATE TABLE t (c int PRIMARY KEY, …, CONSTRAINT k FOREIGN KEY …)`: Spark creates, then the keys are kept."""
    reader = statement.reader()
    reader.expect("create")
    reader.take("or", "replace")
    reader.take("external")
    if not reader.take("table"):
        return None
    reader.take("if", "not", "exists")
    name = session.table_name(reader.name())
    if not reader.peek("(") or not any(
        token.lower in ("primary", "foreign", "references", "check", "constraint") for token in statement.tokens
    ):
        return None
    kept, keys, checks = _column_list(reader, statement, session, name)
    start = statement.tokens[reader.position - 1].end
    opening = statement.text.index("(", statement.tokens[_open_index(statement)].start)
    sql = f"{statement.text[:opening]}({', '.join(kept)}){statement.text[start:]}"
    if not keys and not checks:
        return None
    result = session.spark.run(sql, session.tag)
    session.store.forget_table(name.schema, name.table, keep_grants=True)
    for key in keys:
        session.store.add_key(key)
    for check_name, expression in checks:
        session.spark.frame(f"alter table {name.sql} add constraint {quoted(check_name)} check ({expression})")
    return Answered(result)


def _open_index(statement: Statement) -> int:
    return next(index for index, token in enumerate(statement.tokens) if token.text == "(")


def _column_list(
    reader: Reader, statement: Statement, session: SqlSession, name: TableName
) -> tuple[list[str], list[KeyConstraint], list[tuple[str, str]]]:
    """The columns as Spark takes them, and the keys and checks that stood among them."""
    kept: list[str] = []
    keys: list[KeyConstraint] = []
    checks: list[tuple[str, str]] = []
    reader.expect("(")
    while True:
        first = reader.token
        if first is None:
            raise reader.error("Expected a column.")
        if first.lower in ("constraint", "primary", "foreign", "check"):
            _constraint(reader, session, name, None, keys, checks)
        else:
            kept.append(_column(reader, statement, session, name, keys, checks))
        if reader.take(")"):
            return kept, keys, checks
        reader.expect(",")


def _column(
    reader: Reader,
    statement: Statement,
    session: SqlSession,
    name: TableName,
    keys: list[KeyConstraint],
    checks: list[tuple[str, str]],
) -> str:
    column = reader.token
    assert column is not None
    pieces: list[str] = []
    start, depth = column.start, 0
    end = column.end
    while (token := reader.token) is not None:
        if depth == 0 and token.text in (",", ")"):
            break
        if depth == 0 and token.lower in ("constraint", "primary", "foreign", "references", "check"):
            pieces.append(statement.text[start:end])
            _constraint(reader, session, name, column.value, keys, checks)
            following = reader.token
            start = end = following.start if following else len(statement.text)
            continue
        depth += {"(": 1, ")": -1, "<": 1, ">": -1}.get(token.text, 0)
        end = token.end
        reader.next()
    pieces.append(statement.text[start:end])
    return " ".join(piece.strip() for piece in pieces if piece.strip())


def _constraint(
    reader: Reader,
    session: SqlSession,
    name: TableName,
    column: str | None,
    keys: list[KeyConstraint],
    checks: list[tuple[str, str]],
) -> None:
    constraint_name = reader.name()[-1] if reader.take("constraint") else None
    if reader.take("check"):
        checks.append((constraint_name or f"check_{uuid.uuid4().hex[:8]}", reader.parenthesised()))
        return
    keys.append(_key(reader, session, name, constraint_name, column))


def _key(
    reader: Reader, session: SqlSession, name: TableName, constraint_name: str | None, column: str | None
) -> KeyConstraint:
    if reader.take("primary", "key"):
        columns = tuple(_key_columns(reader)) if column is None else (column,)
        _options(reader)
        default = f"{name.table}_pk"
        return KeyConstraint(name.schema, name.table, constraint_name or default, "PRIMARY KEY", columns)
    if column is None:
        reader.expect("foreign", "key")
        columns = tuple(reader.names())
    else:
        reader.take("foreign", "key")
        columns = (column,)
    reader.expect("references")
    parent = session.table_name(reader.name())
    parent_columns = tuple(reader.names()) if reader.peek("(") else ()
    _options(reader)
    default = f"{name.table}_{parent.table}_fk"
    return KeyConstraint(
        name.schema,
        name.table,
        constraint_name or default,
        "FOREIGN KEY",
        columns,
        parent.schema,
        parent.table,
        parent_columns or _primary_key(session, parent),
    )


def _key_columns(reader: Reader) -> list[str]:
    reader.expect("(")
    found = []
    while True:
        found.append(reader.next().value)
        reader.take("timeseries")
        if reader.take(")"):
            return found
        reader.expect(",")


def _options(reader: Reader) -> None:
    while (token := reader.token) is not None:
        if token.lower in _KEY_OPTIONS and not reader.peek("not", "null"):
            reader.next()
        elif token.lower in ("match", "on"):
            # MATCH FULL, ON UPDATE NO ACTION, ON DELETE NO ACTION
            words = 2 if token.lower == "match" else 4
            reader.position += words
        else:
            return


def _primary_key(session: SqlSession, parent: TableName) -> tuple[str, ...]:
    for key in session.store.key_constraints():
        if (key.schema, key.table, key.kind) == (parent.schema, parent.table, "PRIMARY KEY"):
            return key.columns
    return ()


def _add(reader: Reader, session: SqlSession, parts: list[str]) -> Outcome | None:
    constraint_name = None
    if reader.take("constraint"):
        constraint_name = reader.name()[-1]
    if not (reader.peek("primary", "key") or reader.peek("foreign", "key")):
        return None
    name = session.table_name(parts)
    entry = session.catalog.require(name.schema, name.table)
    key = _key(reader, session, name, constraint_name, None)
    reader.end()
    columns = {field.name.lower(): field for field in session.catalog.detail(entry).columns.fields}
    for column in key.columns:
        if column.lower() not in columns:
            raise DatabricksError("COLUMN_NOT_FOUND_IN_TABLE", f"Column {column} is not found in {name.sql}.", "42703")
    nullable = [column for column in key.columns if columns[column.lower()].nullable]
    if key.kind == "PRIMARY KEY" and nullable:
        raise DatabricksError(
            "DELTA_PRIMARY_KEY_COLUMN_NULLABLE",
            f"Cannot create the primary key `{key.name}` because its child column(s) `{', '.join(nullable)}` is nullable. "
            "Change the column nullability and retry.",
            "42830",
        )
    existing = [one for one in session.store.key_constraints() if (one.schema, one.table) == (name.schema, name.table)]
    if any(one.name.lower() == key.name.lower() for one in existing):
        raise DatabricksError("CONSTRAINT_ALREADY_EXISTS", f"Constraint `{key.name}` already exists.", "42710")
    if key.kind == "PRIMARY KEY" and any(one.kind == key.kind for one in existing):
        raise DatabricksError("PRIMARY_KEY_ALREADY_EXISTS", f"{name.sql} already has a primary key.", "42710")
    session.store.add_key(key)
    return Answered(Result.empty(session.home.tmp))


def _drop(reader: Reader, session: SqlSession, parts: list[str], statement: Statement) -> Outcome | None:
    kind = constraint_name = None
    if reader.take("constraint"):
        if_exists = reader.take("if", "exists")
        constraint_name = reader.name()[-1]
    elif reader.take("primary", "key"):
        if_exists, kind = reader.take("if", "exists"), "PRIMARY KEY"
    else:
        return None
    name = session.table_name(parts)
    removed = session.store.drop_keys(name.schema, name.table, constraint_name, kind)
    if removed or kind:
        if not removed and not if_exists:
            raise DatabricksError("CONSTRAINT_DOES_NOT_EXIST", f"{name.sql} has no primary key.", "42704")
        return Answered(Result.empty(session.home.tmp))
    # A check constraint: Delta's own, without the CASCADE that only keys have.
    exists = "if exists " if if_exists else ""
    result = session.spark.run(
        f"alter table {name.sql} drop constraint {exists}{quoted(constraint_name or '')}", session.tag
    )
    return Answered(result)


def _set_not_null(session: SqlSession, name: TableName, column: list[str]) -> None:
    if len(column) > 1:
        raise DatabricksError(
            "UNSUPPORTED_FEATURE.LOCALBRICKS", "SET NOT NULL on a nested field is not supported.", "0A000"
        )
    session.catalog.require(name.schema, name.table)
    delta.set_not_null(session.spark, name.schema, name.table, column[0])


RULES: list[tuple[tuple[str, ...], Rule]] = [(("alter",), alter_table), (("create",), create_table)]
