"""What several areas say in Databricks' words: SQL of PostgreSQL in its dialect, one statement at a time."""

from __future__ import annotations

import re
from typing import Any

_WORDS = [
    (re.compile(r"\btimestamp without time zone\b", re.IGNORECASE), "timestamp"),
    (re.compile(r"\btext\b", re.IGNORECASE), "string"),
    (re.compile(r'"(\w+)"'), r"`\1`"),
]


def translated(sql: str) -> str:
    """Types and quoted names of PostgreSQL as Databricks has them."""
    for pattern, replacement in _WORDS:
        sql = pattern.sub(replacement, sql)
    return sql


def statements(sql: str) -> list[str]:
    """The statements of a script whose string literals have no semicolon."""
    return [one for one in map(str.strip, sql.split(";")) if one]


def run_script(project: Any, sql: str) -> None:
    """Run a script of PostgreSQL, statement by statement."""
    for statement in statements(translated(sql)):
        project.run_sql(statement)


def table_type(project: Any, schema: str, name: str) -> str | None:
    """What the information schema has a relation for, None where there is none."""
    found = project.run_sql(
        "select table_type from system.information_schema.tables "
        f"where table_schema = '{schema}' and table_name = '{name}'",
        fetch="one",
    )
    return str(found[0]) if found else None


def relation_config(project: Any, relation: Any) -> Any:
    """How the adapter reads a relation's settings."""
    with project.adapter.connection_named("_test"):
        return project.adapter.get_relation_config(relation).config
