"""The SQL behind a metric view: its rows as a subquery, and each measure as an aggregate over them.

The subquery has the dimensions under their names, and beside them every column of the source and of the joined tables
under a name that nobody else has, for the measures to read.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from localbricks.errors import DatabricksError
from localbricks.metrics.definition import MetricView
from localbricks.sql.lexer import Edit, Kind, Token, quoted, replaced, tokens

Columns = dict[str, list[str]]
"""Columns by relation: the source is `source`, the others have the names of their joins."""

_QUERY = re.compile(r"\s*\(?\s*(select|with|from|values)\b", re.IGNORECASE)


def relations(view: MetricView) -> dict[str, str]:
    """SQL of each relation by its name."""
    return {"source": _relation(view.source)} | {join.name: _relation(join.source) for join in view.joins}


def rows(view: MetricView, columns: Columns) -> str:
    """The subquery, with parentheses."""
    inputs = [
        f"{quoted(relation, column)} as {quoted(_input(relation, column))}"
        for relation, listed in columns.items()
        for column in listed
    ]
    dimensions = [f"{one.expression} as {quoted(one.name)}" for one in view.dimensions]
    sql = f"select {', '.join([*dimensions, *inputs])} from {_relation(view.source)} as source"
    for join in view.joins:
        sql += f" left join {_relation(join.source)} as {quoted(join.name)}"
        using = f"using ({', '.join(quoted(column) for column in join.using)})"
        sql += f" on {join.on}" if join.on else f" {using}"
    return f"({sql}{f' where {view.filter}' if view.filter else ''})"


def measure(view: MetricView, columns: Columns, name: str, seen: tuple[str, ...] = ()) -> str:
    """A measure as an expression over the subquery's columns.

    Raises:
        DatabricksError: there is no measure of that name, or it needs itself.
    """
    found = view.measure(name)
    if found is None or name.lower() in seen:
        known = ", ".join(quoted(one.name) for one in view.measures)
        raise DatabricksError(
            "UNRESOLVED_COLUMN.WITH_SUGGESTION",
            f"A measure with name {quoted(name)} cannot be resolved. Did you mean one of the following? [{known}].",
            "42703",
        )
    inner = replace_measures(found.expression, lambda other: measure(view, columns, other, (*seen, name.lower())))
    return f"({_with_inputs(inner, view, columns)})"


def replace_measures(text: str, replacement: Callable[[str], str]) -> str:
    """A text with each `MEASURE(name)` replaced."""
    found = list(tokens(text))
    pieces, at = [], 0
    for index in range(len(found) - 3):
        if is_measure(found, index):
            pieces += [text[at : found[index].start], replacement(found[index + 2].value)]
            at = found[index + 3].end
    return "".join([*pieces, text[at:]])


def is_measure(found: list[Token], index: int) -> bool:
    """Whether `MEASURE(name)` stands at a token."""
    if index + 3 >= len(found) or found[index].lower != "measure" or found[index].kind is not Kind.WORD:
        return False
    return found[index + 1].text == "(" and found[index + 2].is_name and found[index + 3].text == ")"


def _with_inputs(text: str, view: MetricView, columns: Columns) -> str:
    """An expression with the relations' columns under the names that the subquery gives them."""
    relations_of = {name.lower(): name for name in columns}
    found = list(tokens(text))
    edits: list[Edit] = []
    skip = -1
    for index, token in enumerate(found):
        follows = found[index + 1].text if index + 1 < len(found) else ""
        if index <= skip or not token.is_name or follows == "(" or (index and found[index - 1].text == "."):
            continue
        name, end = None, index
        relation = relations_of.get(token.value.lower())
        if relation is not None and follows == "." and index + 2 < len(found):
            column = _column(columns[relation], found[index + 2].value)
            name, end = (_input(relation, column), index + 2) if column else (None, index)
        if name is None:
            column = _column(columns["source"], token.value)
            name, end = (_input("source", column), index) if column else (None, index)
        if name is not None:
            edits.append((token.start, found[end].end, quoted(name)))
            skip = end
    return replaced(text, edits)


def _column(columns: list[str], name: str) -> str | None:
    return next((column for column in columns if column.lower() == name.lower()), None)


def _input(relation: str, column: str) -> str:
    return f"__{relation}.{column}"


def _relation(source: str) -> str:
    return f"({source.strip().removesuffix(';')})" if _QUERY.match(source) else source
