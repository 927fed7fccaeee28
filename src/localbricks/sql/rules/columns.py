"""Columns that are renamed or dropped: what is kept beside Spark's catalog by their names follows, or keeps them there."""

from __future__ import annotations

from collections.abc import Sequence

from localbricks.errors import DatabricksError
from localbricks.sql.lexer import Statement, quoted
from localbricks.sql.outcome import Answered, Outcome, Rule
from localbricks.sql.session import SqlSession, TableName


def alter(statement: Statement, session: SqlSession) -> Outcome | None:
    """`ALTER TABLE t RENAME COLUMN a TO b`, `ALTER TABLE t DROP COLUMN[S] [IF EXISTS] a | (a, …)`.

    Tags follow a column and go with it. So do keys: one that has lost a column is none.

    Raises:
        DatabricksError: a row filter or column mask is about the column, and would no longer be.
    """
    reader = statement.reader()
    reader.expect("alter")
    if not (reader.take("table") or reader.take("streaming", "table")):
        return None
    parts = reader.name()
    new: list[str] = []
    if reader.take("rename", "column"):
        columns = [reader.name()]
        reader.expect("to")
        new = reader.name()
    elif reader.take("drop", "column") or reader.take("drop", "columns"):
        reader.take("if", "exists")
        columns = reader.listed(reader.name) if reader.peek("(") else [reader.name()]
        while reader.take(","):
            columns.append(reader.name())
    else:
        return None
    reader.end()
    name = session.table_name(parts)
    _refuse_governed(session, name, "RENAME COLUMN" if new else "DROP COLUMN", [column[0] for column in columns])
    result = session.spark.run(statement.text)
    # Tags and keys are of columns, not of fields in them.
    for (column,) in (parts for parts in columns if len(parts) == 1):
        if new:
            session.store.rename_column(name.schema, name.table, column, new[-1])
        else:
            session.store.forget_column(name.schema, name.table, column)
    return Answered(result)


def _refuse_governed(session: SqlSession, name: TableName, verb: str, columns: Sequence[str]) -> None:
    """A policy finds its columns by their names: without them it would hide nothing, or everything."""
    for policy in session.store.policies_of(name.schema, name.table):
        about = {policy.column, *(one[1:-1].replace("``", "`") for one in policy.arguments if one.startswith("`"))}
        for column in columns:
            if column.lower() not in about:
                continue
            of = (
                f"a column mask policy for column {quoted(policy.column)}"
                if policy.column
                else "a row level security policy"
            )
            kind = "COLUMN_MASKS" if policy.column else "ROW_LEVEL_SECURITY"
            raise DatabricksError(
                f"{kind}_INCOMPATIBLE_SCHEMA_CHANGE",
                f"Unable to {verb} {quoted(column)} from table {name.sql} because it's referenced in {of}. The table "
                "owner must remove or alter this policy before proceeding.",
                "0A000",
            )


RULES: list[tuple[tuple[str, ...], Rule]] = [(("alter",), alter)]
