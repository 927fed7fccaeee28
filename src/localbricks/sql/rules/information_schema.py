"""Statements that read `system.information_schema` or a catalog's own: its tables become temporary views first."""

from __future__ import annotations

import json

from localbricks.catalog.information_schema import TABLES, Scope
from localbricks.catalog.spark_catalog import CATALOG
from localbricks.errors import DatabricksError
from localbricks.sql.lexer import Kind, Statement, Token, literal, quoted
from localbricks.sql.outcome import Outcome, Rewritten, Rule
from localbricks.sql.session import SqlSession

_NAME = "information_schema"


def read_information_schema(statement: Statement, session: SqlSession) -> Outcome | None:
    """Replace each reference by a temporary view that holds the rows as they are now."""
    if _NAME not in statement.text.lower():
        return None
    found = statement.tokens
    scope = _scope(found)
    views: dict[str, str] = {}
    pieces, at = [], 0
    for index, token in enumerate(found):
        reference = _reference(found, index) if token.is_name and token.value.lower() == _NAME else None
        if reference is None:
            continue
        start, table, end = reference
        if table not in views:
            views[table] = _make_view(session, table, scope)
        view = quoted(views[table])
        following = found[end] if end < len(found) else None
        alias = "" if _is_alias(following) else f" as {quoted(table)}"
        pieces += [statement.text[at : found[start].start], view, alias]
        at = found[end - 1].end
    return Rewritten("".join([*pieces, statement.text[at:]])) if views else None


def _reference(found: list[Token], index: int) -> tuple[int, str, int] | None:
    """A reference around `information_schema`: index of its first token, the table, index behind it."""
    if index + 2 >= len(found) or found[index + 1].text != "." or not found[index + 2].is_name:
        return None
    start = index
    if index >= 2 and found[index - 1].text == "." and found[index - 2].is_name:
        start = index - 2
        catalog = found[start].value.lower()
        if catalog not in (CATALOG, "system"):
            SqlSession.check_catalog(catalog)
    table = found[index + 2].value.lower()
    if table not in TABLES:
        raise DatabricksError(
            "TABLE_OR_VIEW_NOT_FOUND",
            f"The table or view `{_NAME}`.`{table}` cannot be found; localbricks has {', '.join(sorted(TABLES))}.",
            "42P01",
        )
    return start, table, index + 3


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


def _is_alias(token: Token | None) -> bool:
    if token is None:
        return False
    if token.kind is Kind.QUOTED:
        return True
    return token.kind is Kind.WORD and token.lower not in _NOT_ALIASES


def _make_view(session: SqlSession, table: str, scope: Scope) -> str:
    definition = TABLES[table]
    rows = definition.rows(session.catalog, session.store, scope)
    names = definition.names
    data = json.dumps([dict(zip(names, row, strict=True)) for row in rows], ensure_ascii=False)
    fields = ",".join(f"{quoted(name)}:{kind}" for name, kind in definition.columns)
    view = f"__{_NAME}_{table}_{session.tag[:12]}"
    session.spark.frame(
        f"create or replace temporary view {quoted(view)} as "
        f"select inline(from_json({literal(data)}, {literal(f'array<struct<{fields}>>')}))"
    )
    return view


def _scope(found: list[Token]) -> Scope:
    """Which schemas and tables the statement can see at most, from its equalities; all of them where it is not plain."""
    words = {token.lower for token in found if token.kind is Kind.WORD}
    columns = frozenset(token.value.lower() for token in found if token.is_name)
    asks_all = any(token.text == "*" for token in found)
    if words & {"not", "like", "ilike", "rlike", "union", "except"} or any(t.text in ("!", "<", ">") for t in found):
        return Scope(None, None, None if asks_all else columns)
    schemas = _literals(found, ("table_schema", "schema_name", "constraint_schema"))
    tables = _literals(found, ("table_name",))
    if "or" in words:
        # `(schema = a and table = b) or (schema = c)`: every branch names a schema, tables may differ.
        branches = sum(token.lower == "or" for token in found) + 1
        named = sum(1 for token in found if token.is_name and token.value.lower() in ("table_schema", "schema_name"))
        tables = None
        schemas = schemas if named >= branches else None
    return Scope(schemas, tables, None if asks_all else columns)


def _literals(found: list[Token], columns: tuple[str, ...]) -> frozenset[str] | None:
    """Literals that the columns are compared with by `=`; None where one of the columns is used otherwise."""
    values = set()
    for index, token in enumerate(found):
        if not token.is_name or token.value.lower() not in columns:
            continue
        if index + 2 < len(found) and found[index + 1].text == "=" and found[index + 2].kind is Kind.STRING:
            values.add(found[index + 2].value.lower())
    return frozenset(values) or None


RULES: list[tuple[tuple[str, ...], Rule]] = [
    (("select", "with", "create", "insert", "from", "merge"), read_information_schema)
]
