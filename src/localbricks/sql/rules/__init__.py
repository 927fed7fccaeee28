"""The rules, each with the first words of the statements that it may serve."""

from __future__ import annotations

from localbricks.sql.outcome import Rule
from localbricks.sql.rules import (
    clone,
    clustering,
    comments,
    constraints,
    copy_into,
    describe,
    execute_immediate,
    functions,
    grants,
    information_schema,
    insert,
    live_tables,
    metric_views,
    namespaces,
    policies,
    read_files,
    settings,
    table_information,
    table_life,
    table_statements,
    tags,
    volumes,
)

RULES: list[tuple[tuple[str, ...], Rule]] = [
    *settings.RULES,
    *execute_immediate.RULES,
    *namespaces.RULES,
    *metric_views.RULES,
    *policies.RULES,
    *live_tables.RULES,
    *volumes.RULES,
    *read_files.RULES,
    *copy_into.RULES,
    *grants.RULES,
    *tags.RULES,
    *constraints.RULES,
    *clone.RULES,
    *clustering.RULES,
    *comments.RULES,
    *functions.RULES,
    *table_statements.RULES,
    *describe.RULES,
    *table_information.RULES,
    *insert.RULES,
    *table_life.RULES,
    *information_schema.RULES,
]
