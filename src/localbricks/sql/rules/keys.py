"""A constraint as it is written (PRIMARY KEY, FOREIGN KEY, CHECK), and what Unity Catalog demands of a key."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from localbricks.catalog.facts import quoted_list
from localbricks.catalog.store import KeyConstraint
from localbricks.errors import DatabricksError
from localbricks.sql.lexer import Kind, Reader
from localbricks.sql.session import SqlSession, TableName

# Words that may follow a key and say how far it is trusted.
_OPTIONS = ("rely", "norely", "not", "enforced", "deferrable", "initially", "deferred", "enable", "novalidate")


@dataclass(frozen=True)
class Check:
    """A check constraint: Delta's own, enforced."""

    name: str
    expression: str


def is_ahead(reader: Reader, column: str | None = None) -> bool:
    """Whether a constraint, of the column where one is named, is ahead, and not a column that is called so."""
    offset = 2 if reader.peek("constraint") else 0
    first, second = reader.ahead(offset), reader.ahead(offset + 1)
    if first is None or second is None or first.kind is not Kind.WORD:
        return False
    follows = {"primary": "key", "foreign": "key", "check": "("}.get(first.lower)
    return second.lower == follows or (column is not None and first.lower == "references")


def read_constraint(
    reader: Reader, session: SqlSession, table: TableName, column: str | None = None
) -> KeyConstraint | Check:
    """Read a constraint of a table, or of one column of it."""
    name = reader.name()[-1] if reader.take("constraint") else None
    if reader.take("check"):
        return Check(name or f"check_{uuid.uuid4().hex[:8]}", reader.parenthesised())
    if reader.take("primary", "key"):
        columns = (column,) if column else _primary_columns(reader)
        _read_options(reader)
        return KeyConstraint(table.schema, table.table, name or f"{table.table}_pk", "PRIMARY KEY", columns)
    if column is None or reader.peek("foreign"):
        reader.expect("foreign", "key")
    columns = (column,) if column else tuple(reader.names())
    reader.expect("references")
    parent = session.table_name(reader.name())
    listed = tuple(reader.names()) if reader.peek("(") else ()
    _read_options(reader)
    name = name or f"{table.table}_{parent.table}_fk"
    return KeyConstraint(table.schema, table.table, name, "FOREIGN KEY", columns, parent.schema, parent.table, listed)


def _primary_columns(reader: Reader) -> tuple[str, ...]:
    reader.expect("(")
    found = []
    while True:
        found.append(reader.name()[-1])
        reader.take("timeseries")
        if reader.take(")"):
            return tuple(found)
        reader.expect(",")


def _read_options(reader: Reader) -> None:
    while (token := reader.token) is not None and not reader.peek("not", "null"):
        if reader.take("match", "full") or reader.take("on", "update", "no", "action"):
            continue
        if reader.take("on", "delete", "no", "action"):
            continue
        if token.lower not in _OPTIONS:
            return
        reader.next()


def checked(
    session: SqlSession, key: KeyConstraint, columns: Mapping[str, bool], others: Iterable[KeyConstraint]
) -> KeyConstraint:
    """The key as it is kept: columns spelt as the table has them, a foreign key with its parent's columns.

    Args:
        columns: the table's columns, and whether each may be NULL.
        others: the keys that the table has beside this one.

    Raises:
        DatabricksError: what Unity Catalog refuses a key for.
    """
    spelt = {column.lower(): column for column in columns}
    unknown = [column for column in key.columns if column.lower() not in spelt]
    if unknown:
        table = f"`{key.schema}`.`{key.table}`"
        raise DatabricksError(
            "COLUMN_NOT_FOUND_IN_TABLE", f"Column {', '.join(unknown)} is not found in {table}.", "42703"
        )
    own = tuple(spelt[column.lower()] for column in key.columns)
    if any(one.name.lower() == key.name.lower() for one in others):
        raise DatabricksError("CONSTRAINT_ALREADY_EXISTS", f"Constraint `{key.name}` already exists.", "42710")
    if key.kind == "PRIMARY KEY":
        _check_primary(key, [column for column in own if columns[column]], others)
        return KeyConstraint(key.schema, key.table, key.name, key.kind, own)
    parent = _parent_columns(session, key, others)
    return KeyConstraint(key.schema, key.table, key.name, key.kind, own, key.parent_schema, key.parent_table, parent)


def _check_primary(key: KeyConstraint, nullable: list[str], others: Iterable[KeyConstraint]) -> None:
    if nullable:
        raise DatabricksError(
            "DELTA_PRIMARY_KEY_COLUMN_NULLABLE",
            f"Cannot create the primary key `{key.name}` because its child column(s) {quoted_list(nullable)} is "
            "nullable. Change the column nullability and retry.",
            "42830",
        )
    if any(one.kind == "PRIMARY KEY" for one in others):
        raise DatabricksError(
            "PRIMARY_KEY_ALREADY_EXISTS", f"`{key.schema}`.`{key.table}` already has a primary key.", "42710"
        )


def _parent_columns(session: SqlSession, key: KeyConstraint, others: Iterable[KeyConstraint]) -> tuple[str, ...]:
    """The parent's columns in the order of the key's own: all of its primary key, as listed or by position."""
    schema, table = key.parent_schema or "", key.parent_table or ""
    candidates = others
    if (schema, table) != (key.schema, key.table):
        session.catalog.require(schema, table)
        candidates = session.store.keys_of(schema, table)
    primary = next((one.columns for one in candidates if one.kind == "PRIMARY KEY"), ())
    listed = key.parent_columns or primary
    spelt = {column.lower(): column for column in primary}
    if not primary or len(listed) != len(key.columns) or {column.lower() for column in listed} != set(spelt):
        raise DatabricksError(
            "FOREIGN_KEY_MISMATCH",
            f"Foreign key parent columns {', '.join(listed) or '(none)'} do not match primary key child columns "
            f"{', '.join(primary) or '(none)'} of `{schema}`.`{table}`: a foreign key refers to a primary key.",
            "42830",
        )
    return tuple(spelt[column.lower()] for column in listed)
