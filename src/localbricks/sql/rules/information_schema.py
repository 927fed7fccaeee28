"""Statements that read `system.information_schema` or a catalog's own: its tables become temporary views first."""

from __future__ import annotations

from dataclasses import dataclass

from localbricks.catalog.information_schema import TABLES
from localbricks.catalog.information_schema_base import Scope, Sources
from localbricks.errors import DatabricksError
from localbricks.limits import refusal
from localbricks.sql.lexer import Edit, Statement, Token, quoted, replaced
from localbricks.sql.outcome import READING, Outcome, Rewritten, Rule
from localbricks.sql.rules.scope import scope
from localbricks.sql.session import SqlSession

_NAME = "information_schema"


def read_information_schema(statement: Statement, session: SqlSession) -> Outcome | None:
    """Replace each reference by a temporary view that holds the rows as they are now."""
    if _NAME not in statement.text.lower():
        return None
    found = statement.tokens
    views: list[str] = []
    edits: list[Edit] = []
    for index, token in enumerate(found):
        reference = _reference(found, index) if token.is_name and token.value.lower() == _NAME else None
        if reference is None:
            continue
        text = _replacement(session, found, reference, views)
        edits.append((found[reference.start].start, found[reference.end - 1].end, text))
    if not edits:
        return None
    if statement.starts("create") and "view" in statement.head:
        raise refusal("information schema in a view")
    return Rewritten(replaced(statement.text, edits), temporary_views=tuple(views))


@dataclass(frozen=True)
class _Reference:
    """Tokens `start` to `end` that name a table of the information schema; a column of it where `is_prefix`."""

    start: int
    end: int
    table: str
    is_prefix: bool


def _reference(found: list[Token], index: int) -> _Reference | None:
    """The reference around the name of the information schema, if it is one."""
    if index + 2 >= len(found) or found[index + 1].text != "." or not found[index + 2].is_name:
        return None
    start = index
    if index >= 2 and found[index - 1].text == "." and found[index - 2].is_name:
        start = index - 2
        catalog = found[start].value.lower()
        if catalog != "system":
            SqlSession.check_catalog(catalog)
    table = found[index + 2].value.lower()
    if table not in TABLES:
        raise DatabricksError(
            "TABLE_OR_VIEW_NOT_FOUND",
            f"The table or view `{_NAME}`.`{table}` cannot be found; localbricks has {', '.join(sorted(TABLES))}.",
            "42P01",
        )
    end = index + 3
    return _Reference(start, end, table, end < len(found) and found[end].text == ".")


def _replacement(session: SqlSession, found: list[Token], reference: _Reference, views: list[str]) -> str:
    """What stands for a reference: a new view, with the table's name for an alias where none is given."""
    if reference.is_prefix:
        return quoted(reference.table)
    alias = _alias(found, reference.end)
    view = f"__{_NAME}_{session.tag[:12]}_{len(views)}"
    _make_view(session, view, reference.table, scope(found, reference.start, alias or reference.table))
    views.append(view)
    return quoted(view) if alias else f"{quoted(view)} as {quoted(reference.table)}"


_NOT_ALIASES = [
    "where",
    "join",
    "left",
    "right",
    "full",
    "inner",
    "cross",
    "on",
    "using",
    "group",
    "order",
    "limit",
    "union",
    "except",
    "intersect",
    "having",
    "lateral",
    "tablesample",
    "window",
    "qualify",
    "natural",
    "anti",
    "semi",
    "cluster",
    "distribute",
    "sort",
    "offset",
    "pivot",
]


def _alias(found: list[Token], index: int) -> str | None:
    """The alias at a token, if there is one."""
    if index < len(found) and found[index].lower == "as":
        index += 1
    if index >= len(found) or not found[index].is_name or found[index].lower in _NOT_ALIASES:
        return None
    return found[index].value


def _make_view(session: SqlSession, view: str, table: str, seen: Scope) -> None:
    definition = TABLES[table]
    rows = definition.rows(Sources(session.catalog, session.functions, session.store), seen)
    session.spark.view_of_rows(view, definition.columns, rows)


RULES: list[tuple[tuple[str, ...], Rule]] = [(READING, read_information_schema)]
