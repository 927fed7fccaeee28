"""Constraints: primary and foreign keys (informational, as on Databricks) and NOT NULL, which Delta cannot add."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from localbricks.catalog import delta
from localbricks.catalog.store import KeyConstraint
from localbricks.engine.results import Result
from localbricks.errors import DatabricksError
from localbricks.limits import refusal
from localbricks.sql.lexer import Reader, Statement, quoted
from localbricks.sql.outcome import Answered, Outcome, Rule
from localbricks.sql.rules import keys
from localbricks.sql.rules.keys import Check
from localbricks.sql.session import SqlSession, TableName

# Without one of them there is no constraint in a statement.
_WORDS = {"primary", "references", "check"}


@dataclass
class ColumnList:
    """The column list of CREATE TABLE, taken apart.

    Attributes:
        columns: name and text of each column, without its constraints.
        not_null: columns that are declared so.
    """

    columns: list[tuple[str, str]] = field(default_factory=list)
    not_null: set[str] = field(default_factory=set)
    keys: list[KeyConstraint] = field(default_factory=list)
    checks: list[Check] = field(default_factory=list)

    def add(self, constraint: KeyConstraint | Check) -> None:
        if isinstance(constraint, Check):
            self.checks.append(constraint)
        else:
            self.keys.append(constraint)

    def sql(self) -> str:
        """The list as Spark takes it; columns of the primary key are NOT NULL without a word."""
        primary = {column.lower() for key in self.keys if key.kind == "PRIMARY KEY" for column in key.columns}
        implied = primary - {name.lower() for name in self.not_null}
        return ", ".join(f"{text} not null" if name.lower() in implied else text for name, text in self.columns)


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
        return _drop(reader, session, parts)
    if reader.take("alter") or reader.take("change"):
        reader.take("column")
        column = reader.name()
        if reader.take("set", "not", "null"):
            reader.end()
            return _set_not_null(session, session.table_name(parts), column)
    return None


def create_table(statement: Statement, session: SqlSession) -> Outcome | None:
    """`CREATE TABLE t (c int PRIMARY KEY, …, CONSTRAINT k FOREIGN KEY …)`: Spark creates, then the keys are kept."""
    reader = statement.reader()
    reader.expect("create")
    reader.take("or", "replace")
    reader.take("external")
    if not reader.take("table"):
        return None
    if_not_exists = reader.take("if", "not", "exists")
    name = session.table_name(reader.name())
    opening = reader.token
    if opening is None or opening.text != "(" or not any(token.lower in _WORDS for token in statement.tokens):
        return None
    found = column_list(reader, statement, session, name)
    if not found.keys and not found.checks:
        return None
    rest = statement.text[statement.tokens[reader.position - 1].end :]
    sql = f"{statement.text[: opening.start]}({found.sql()}){rest}"
    existed = session.catalog.table(name.schema, name.table) is not None
    if existed and if_not_exists:
        return Answered(session.spark.run(sql))
    kept = _checked(session, found)
    result = session.spark.run(sql)
    _add_checks(session, name, found.checks, drop_on_failure=not existed)
    session.table_replaced(name)
    for key in kept:
        session.store.add_key(key)
    return Answered(result)


def column_list(reader: Reader, statement: Statement, session: SqlSession, name: TableName) -> ColumnList:
    """Read the column list of a CREATE."""
    found = ColumnList()
    reader.expect("(")
    while True:
        if keys.is_ahead(reader):
            found.add(keys.read_constraint(reader, session, name))
        else:
            _column(reader, statement, session, name, found)
        if reader.take(")"):
            return found
        reader.expect(",")


def _column(reader: Reader, statement: Statement, session: SqlSession, name: TableName, found: ColumnList) -> None:
    """Read one column: what Spark takes of it goes to the columns, its constraints to the others."""
    first = reader.next()
    pieces: list[str] = []
    start, end = first.start, first.end
    while not (reader.done or reader.peek(",") or reader.peek(")")):
        if keys.is_ahead(reader, first.value):
            pieces.append(statement.text[start:end])
            found.add(keys.read_constraint(reader, session, name, first.value))
            start = end = reader.token.start if reader.token else len(statement.text)
            continue
        if reader.peek("not", "null"):
            found.not_null.add(first.value)
        end = _word_or_group(reader)
    pieces.append(statement.text[start:end])
    found.columns.append((first.value, " ".join(piece.strip() for piece in pieces if piece.strip())))


def _word_or_group(reader: Reader) -> int:
    """Read a token, or what stands in parentheses or in the angles of a type; where it ends."""
    first = reader.next()
    angles = first.lower in ("array", "map", "struct") and reader.take("<")
    if not angles and first.text != "(":
        return first.end
    opening, closing = ("<", ">") if angles else ("(", ")")
    depth = 1
    while True:
        token = reader.next()
        depth += {opening: 1, closing: -1}.get(token.text, 0)
        if not depth:
            return token.end


def _checked(session: SqlSession, found: ColumnList) -> list[KeyConstraint]:
    """The keys of a new table, the primary key first: a foreign key may refer to the table itself."""
    columns = {name: False for name, _ in found.columns}
    kept: list[KeyConstraint] = []
    for key in sorted(found.keys, key=lambda key: key.kind != "PRIMARY KEY"):
        kept.append(keys.checked(session, key, columns, kept))
    return kept


def _add_checks(session: SqlSession, name: TableName, checks: Sequence[Check], *, drop_on_failure: bool) -> None:
    """Delta takes checks by ALTER TABLE alone; a table that cannot have its checks is not created."""
    try:
        for check in checks:
            session.spark.frame(
                f"alter table {name.sql} add constraint {quoted(check.name)} check ({check.expression})"
            )
    except DatabricksError:
        if drop_on_failure:
            session.spark.frame(f"drop table {name.sql}")
        raise


def _add(reader: Reader, session: SqlSession, parts: list[str]) -> Outcome | None:
    if not keys.is_ahead(reader):
        return None
    name = session.table_name(parts)
    key = keys.read_constraint(reader, session, name)
    if isinstance(key, Check):
        return None
    reader.end()
    entry = session.catalog.require(name.schema, name.table)
    if entry.is_view:
        raise DatabricksError("EXPECT_TABLE_NOT_VIEW.NO_ALTERNATIVE", f"{name.sql} is a view.", "42809")
    columns = {field.name: field.nullable for field in session.catalog.detail(entry).columns.fields}
    session.store.add_key(keys.checked(session, key, columns, session.store.keys_of(name.schema, name.table)))
    return Answered(Result.empty(session.home.tmp))


def _drop(reader: Reader, session: SqlSession, parts: list[str]) -> Outcome | None:
    kind = next((one for one in ("constraint", "primary", "foreign") if reader.take(one)), None)
    if kind is None:
        return None
    if kind != "constraint":
        reader.expect("key")
    if_exists = reader.take("if", "exists")
    name = session.table_name(parts)
    session.catalog.require(name.schema, name.table)
    existing = session.store.keys_of(name.schema, name.table)
    if kind == "constraint":
        wanted = reader.name()[-1]
        dropped = [key for key in existing if key.name.lower() == wanted.lower()]
        if not dropped:
            return _drop_check(reader, session, name, wanted, if_exists)
    elif kind == "primary":
        dropped = [key for key in existing if key.kind == "PRIMARY KEY"]
    else:
        columns = {column.lower() for column in reader.names()}
        dropped = [key for key in existing if key.kind == "FOREIGN KEY" and {c.lower() for c in key.columns} == columns]
    if not dropped and not if_exists:
        raise DatabricksError("CONSTRAINT_DOES_NOT_EXIST", f"{name.sql} has no such {kind} key.", "42704")
    cascade = reader.take("cascade")
    if not cascade:
        reader.take("restrict")
    reader.end()
    session.store.drop_keys([*dropped, *_dependants(session, dropped, cascade)])
    return Answered(Result.empty(session.home.tmp))


def _dependants(session: SqlSession, dropped: Sequence[KeyConstraint], cascade: bool) -> list[KeyConstraint]:
    """Foreign keys that refer to a primary key that is to go."""
    tables = {(key.schema, key.table) for key in dropped if key.kind == "PRIMARY KEY"}
    found = [key for key in session.store.key_constraints() if (key.parent_schema, key.parent_table) in tables]
    if found and not cascade:
        names = ", ".join(f"`{key.schema}`.`{key.table}`.`{key.name}`" for key in found)
        raise DatabricksError(
            "CANNOT_DROP_PRIMARY_KEY", f"Foreign keys refer to it: {names}. Drop them first, or add CASCADE.", "2BP01"
        )
    return found


def _drop_check(reader: Reader, session: SqlSession, name: TableName, wanted: str, if_exists: bool) -> Outcome:
    # Delta's own, whose grammar lacks what follows the name; nothing depends on a check.
    _ = reader.take("cascade") or reader.take("restrict")
    reader.end()
    exists = "if exists " if if_exists else ""
    return Answered(session.spark.run(f"alter table {name.sql} drop constraint {exists}{quoted(wanted)}"))


def _set_not_null(session: SqlSession, name: TableName, column: list[str]) -> Outcome:
    if len(column) > 1:
        raise refusal("not null of a field")
    session.catalog.require(name.schema, name.table)
    delta.set_not_null(session.spark, name.schema, name.table, column[0])
    return Answered(Result.empty(session.home.tmp))


RULES: list[tuple[tuple[str, ...], Rule]] = [(("alter",), alter_table), (("create",), create_table)]
