"""What a statement can see of the information schema: narrow where it is plain, all where it is not."""

from __future__ import annotations

import pytest

from localbricks.sql.lexer import tokens
from localbricks.sql.rules.scope import scope

NAME = "information_schema"


def scopes(statement: str) -> list[tuple[list[str] | None, list[str] | None]]:
    """Schemas and tables that each reference can see; its alias is the word behind it, or the table's name."""
    found = list(tokens(statement))
    seen = []
    for index, token in enumerate(found):
        if token.lower != NAME:
            continue
        behind = found[index + 3].lower if index + 3 < len(found) else "where"
        alias = found[index + 2].lower if behind in ("where", "join", "on", ")", ",") else behind
        one = scope(found, index, alias)
        seen.append((sorted(one.schemas) if one.schemas else None, sorted(one.tables) if one.tables else None))
    return seen


@pytest.mark.parametrize(
    ("condition", "schemas", "tables"),
    [
        ("table_schema = 'A' and table_name = 'B'", ["a"], ["b"]),
        ("`table_schema` = 'a'", ["a"], None),
        ("tables.table_schema = 'a'", ["a"], None),
        ("table_name = 'b' and table_type = 'VIEW'", None, ["b"]),
        ("table_catalog = 'c' and (table_schema = 'a')", ["a"], None),
        ("(table_schema = 'a' and table_name = 'x') or (table_schema = 'b' and table_name = 'y')", ["a", "b"], None),
        # not plain: all
        ("table_schema = 'a' or table_type = 'VIEW'", None, None),
        ("not table_schema = 'a'", None, None),
        ("table_schema <> 'a'", None, None),
        ("table_schema != 'a'", None, None),
        ("table_schema like 'a%'", None, None),
        ("table_schema in ('a', 'b')", None, None),
        ("lower(table_schema) = 'a'", None, None),
        ("table_schema = lower('A')", None, None),
        ("table_schema = 'a' || 'b'", None, None),
        ("table_schema = current_schema()", None, None),
        ("case when table_schema = 'a' then true end", None, None),
    ],
)
def test_conditions(condition: str, schemas: list[str] | None, tables: list[str] | None) -> None:
    assert scopes(f"select 1 from {NAME}.tables where {condition}") == [(schemas, tables)]


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        (f"select table_schema = 'a' from {NAME}.tables", [(None, None)]),
        (f"select 1 from {NAME}.tables group by 1 having max(table_schema) = 'a'", [(None, None)]),
        # joins: only with the alias
        (
            f"select 1 from {NAME}.tables t join {NAME}.columns c on c.table_name = t.table_name "
            "where t.table_schema = 'a'",
            [(["a"], None), (None, None)],
        ),
        (f"select 1 from {NAME}.tables t, {NAME}.columns c where table_schema = 'a'", [(None, None), (None, None)]),
        (
            f"select 1 from {NAME}.tables t left join {NAME}.columns c on t.table_schema = 'a'",
            [(None, None), (None, None)],
        ),
        # each query block for itself
        (
            f"select 1 from {NAME}.tables t where t.table_schema = 'a' and t.table_name in "
            f"(select table_name from {NAME}.views where table_schema = 'b')",
            [(["a"], None), (["b"], None)],
        ),
        (
            f"select 1 from {NAME}.tables t where table_name in (select x from {NAME}.views where t.table_schema = 'a')",
            [(None, None), (None, None)],
        ),
        (f"select 1 from {NAME}.tables where table_schema = 'a' union select 1", [(None, None)]),
    ],
)
def test_statements(statement: str, expected: list[tuple[list[str] | None, list[str] | None]]) -> None:
    assert scopes(statement) == expected


def test_columns_are_those_mentioned() -> None:
    found = list(tokens(f"select table_name from {NAME}.tables where table_schema = 'a'"))
    one = scope(found, 3, "tables")
    assert one.wants("table_name") and not one.wants("comment", "last_altered")
    assert scope(list(tokens(f"select * from {NAME}.tables")), 3, "tables").wants("comment")
