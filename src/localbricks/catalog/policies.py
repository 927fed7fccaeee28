"""Row filters and column masks as SQL over a table's columns, as the engine's governor takes them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from localbricks.catalog.functions import FunctionCatalog, FunctionEntry
from localbricks.catalog.spark_catalog import CATALOG
from localbricks.catalog.store import Policy, Relation
from localbricks.engine.governor import PolicyRow
from localbricks.engine.types import ddl
from localbricks.sql.lexer import Edit, Kind, quoted, replaced, tokens


def policy_rows(
    functions: FunctionCatalog, policies: Iterable[Policy], relations: Iterable[Relation]
) -> list[PolicyRow]:
    """All that the governor is to know."""
    rows: list[PolicyRow] = []
    for one in policies:
        rows += _policy(functions, one)
    for relation in relations:
        if relation.kind == "METRIC_VIEW":
            rows.append(PolicyRow(f"{relation.schema}.{relation.table}", "refused", "", _metric_view(relation)))
    return rows


def call(policy: Policy) -> str:
    """The call of a policy's function."""
    return f"{quoted(CATALOG, *policy.function)}({', '.join(arguments(policy))})"


def arguments(policy: Policy) -> list[str]:
    """SQL of all arguments; the masked column is the first."""
    return [*([quoted(policy.column)] if policy.column else []), *policy.arguments]


def _policy(functions: FunctionCatalog, policy: Policy) -> list[PolicyRow]:
    table = f"{policy.schema}.{policy.table}"
    if policy.column:
        return [PolicyRow(table, "mask", policy.column, call(policy))]
    rows = [PolicyRow(table, "filter", "", call(policy))]
    function = functions.function(*policy.function)
    inlined = inline(function, arguments(policy)) if function else None
    return [*rows, PolicyRow(table, "inlined", "", inlined)] if inlined else rows


def inline(function: FunctionEntry, given: Sequence[str]) -> str | None:
    """A function's body with its arguments in place of its parameters; None where the body is a query or calls another.

    Spark takes SQL functions in queries only, and not in the conditions of UPDATE, DELETE and MERGE.
    """
    found = list(tokens(function.body))
    if any(token.kind is Kind.WORD and token.lower in ("select", "with") for token in found):
        return None
    if len(given) != len(function.parameters.fields):
        return None
    values = {
        field.name.lower(): f"cast({value} as {ddl(field.dataType)})"
        for field, value in zip(function.parameters.fields, given, strict=True)
    }
    edits: list[Edit] = []
    for index, token in enumerate(found):
        follows = found[index + 1].text if index + 1 < len(found) else ""
        before = found[index - 1].text if index else ""
        if token.is_name and follows == "(" and (before == "." or token.kind is Kind.QUOTED):
            return None
        if token.is_name and token.value.lower() in values and before != "." and follows != "(":
            edits.append((token.start, token.end, values[token.value.lower()]))
    return f"cast({replaced(function.body, edits)} as {ddl(function.returns)})"


def _metric_view(relation: Relation) -> str:
    return (
        "UNSUPPORTED_FEATURE.LOCALBRICKS|0A000|localbricks does not support reading the metric view "
        f"`{relation.schema}`.`{relation.table}` here. Read it in a SELECT of a SQL warehouse, its measures as "
        "MEASURE(name)."
    )
