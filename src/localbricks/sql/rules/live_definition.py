"""CREATE MATERIALIZED VIEW and CREATE STREAMING TABLE taken apart: columns, clauses, query."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise

from localbricks.catalog.store import KeyConstraint
from localbricks.limits import refusal
from localbricks.sql.lexer import Kind, Reader, Statement, literal, quoted, tokens
from localbricks.sql.rules import refresh_schedule
from localbricks.sql.rules.constraints import column_list
from localbricks.sql.session import SqlSession, TableName


@dataclass
class Definition:
    """What such a statement says.

    Attributes:
        columns: name and, where it is given, type of each column.
        clauses: partitioning, clustering, comment and properties, as CREATE TABLE takes them.
        properties: the names of the properties.
        query: as it was written.
    """

    name: TableName
    kind: str
    or_replace: bool
    if_not_exists: bool
    columns: list[tuple[str, str | None]] = field(default_factory=list)
    comments: dict[str, str] = field(default_factory=dict)
    not_null: set[str] = field(default_factory=set)
    keys: list[KeyConstraint] = field(default_factory=list)
    clauses: list[str] = field(default_factory=list)
    properties: set[str] = field(default_factory=set)
    schedule: str = refresh_schedule.MANUAL
    query: str = ""

    def select(self, query: str) -> str:
        """The query under the names, and with the types, of the columns."""
        if not self.columns:
            return f"select * from (\n{query}\n)"
        names = ", ".join(quoted(name) for name, _ in self.columns)
        values = ", ".join(
            f"cast({quoted(name)} as {kind}) as {quoted(name)}" if kind else quoted(name) for name, kind in self.columns
        )
        return f"select {values} from (\n{query}\n) as q ({names})"


def read(statement: Statement, session: SqlSession) -> Definition | None:
    """The definition, None where the statement is another one."""
    reader = statement.reader()
    reader.expect("create")
    or_replace = reader.take("or", "replace") or reader.take("or", "refresh")
    if reader.take("materialized", "view"):
        kind = "MATERIALIZED_VIEW"
    elif reader.take("streaming", "table"):
        kind = "STREAMING_TABLE"
    else:
        return None
    if_not_exists = reader.take("if", "not", "exists")
    found = Definition(session.table_name(reader.name()), kind, or_replace, if_not_exists)
    if reader.peek("("):
        _columns(reader, statement, session, found)
    while not reader.take("as"):
        _clause(reader, statement, found)
    found.query = reader.rest().strip()
    if not found.query:
        raise reader.error("Expected a query.")
    return found


def _columns(reader: Reader, statement: Statement, session: SqlSession, found: Definition) -> None:
    if any(token.lower == "expect" for token in statement.tokens):
        raise refusal("expectations")
    listed = column_list(reader, statement, session, found.name)
    if listed.checks:
        raise reader.error("A check belongs to a table.")
    found.keys = listed.keys
    found.not_null = {name.lower() for name in listed.not_null}
    for name, text in listed.columns:
        parts = list(tokens(text))[1:]
        end = next((i for i, part in enumerate(parts) if part.lower in ("not", "comment", "default")), len(parts))
        found.columns.append((name, text[parts[0].start : parts[end - 1].end] if end else None))
        for word, value in pairwise(parts):
            if word.lower == "comment" and value.kind is Kind.STRING:
                found.comments[name.lower()] = value.value


def _clause(reader: Reader, statement: Statement, found: Definition) -> None:
    start = reader.token
    if refresh_schedule.is_ahead(reader):
        found.schedule = refresh_schedule.read(reader)
        return
    if reader.take("comment"):
        found.clauses.append(f"comment {literal(reader.string())}")
        return
    if reader.take("cluster", "by", "auto") or reader.take("cluster", "by", "none") or reader.take("using", "delta"):
        return
    if reader.take("partitioned", "by") or reader.take("cluster", "by") or reader.peek("tblproperties"):
        if reader.take("tblproperties"):
            found.properties = set(reader.listed(lambda: _property(reader)))
        else:
            reader.parenthesised()
        assert start is not None
        found.clauses.append(statement.text[start.start : statement.tokens[reader.position - 1].end])
        return
    raise reader.error("Expected PARTITIONED BY, CLUSTER BY, COMMENT, TBLPROPERTIES, SCHEDULE, TRIGGER or AS.")


def _property(reader: Reader) -> str:
    """Read a property, whose name is a string or an identifier."""
    is_text = reader.token is not None and reader.token.kind is Kind.STRING
    name = reader.string() if is_text else ".".join(reader.name())
    while not (reader.peek(",") or reader.peek(")")):
        reader.next()
    return name
