"""Which schemas and tables a reference to the information schema can see at most, read from the statement's equalities.

Only what is plain is read: `column = 'literal'` behind WHERE or ON in the query block of the reference, with its
alias, or with none where it stands alone. What is not plain narrows nothing: the rows are then computed for all.
"""

from __future__ import annotations

from collections.abc import Iterator

from localbricks.catalog.information_schema_base import Scope
from localbricks.sql.lexer import Kind, Token

_SCHEMA = ("table_schema", "schema_name", "constraint_schema")
_TABLE = ("table_name",)
_UNCLEAR = {"not", "union", "except", "intersect", "minus", "left", "right", "full", "anti"}
_UNCLEAR |= {"case", "if", "iff", "ifnull", "nvl", "coalesce"}
_CONDITIONS = {"where": True, "on": True} | dict.fromkeys(("select", "group", "having", "order", "qualify"), False)


def scope(found: list[Token], reference: int, alias: str) -> Scope:
    """What the reference at a token, known by an alias, can see."""
    columns = _mentioned(found)
    block = _block(found, reference)
    words = [token.lower for token in block]
    if _UNCLEAR.intersection(words):
        return Scope(None, None, columns)
    alone = _stands_alone(words)
    schemas = list(_literals(block, _SCHEMA, alias, alone))
    if "or" in words:
        # `(schema = a and table = b) or (schema = c and …)`: each branch names a schema, the tables differ.
        return Scope(frozenset(schemas) if alone and len(schemas) > words.count("or") else None, None, columns)
    tables = frozenset(_literals(block, _TABLE, alias, alone))
    return Scope(frozenset(schemas) or None, tables or None, columns)


def _mentioned(found: list[Token]) -> frozenset[str] | None:
    if any(token.text == "*" for token in found):
        return None
    return frozenset(token.value.lower() for token in found if token.is_name)


def _block(found: list[Token], reference: int) -> list[Token]:
    """The tokens of the query block around a token, without those of the queries inside it."""
    stack: list[list[Token]] = [[]]
    opened: list[bool] = []
    wanted = stack[0]
    for index, token in enumerate(found):
        if token.text == "(":
            opened.append(index + 1 < len(found) and found[index + 1].lower in ("select", "with"))
            if opened[-1]:
                stack.append([])
        elif token.text == ")" and opened and opened.pop():
            stack.pop()
        stack[-1].append(token)
        if index == reference:
            wanted = stack[-1]
    return wanted


def _stands_alone(words: list[str]) -> bool:
    """Whether the query block reads one relation."""
    start = words.index("from") if "from" in words else 0
    end = words.index("where") if "where" in words else len(words)
    return "join" not in words and "," not in words[start:end]


def _literals(block: list[Token], columns: tuple[str, ...], alias: str, alone: bool) -> Iterator[str]:
    """Literals that the reference's columns must be equal to."""
    is_condition = False
    for index, token in enumerate(block[:-2]):
        is_condition = _CONDITIONS.get(token.lower, is_condition)
        if not is_condition or not token.is_name or token.value.lower() not in columns:
            continue
        if block[index + 1].text != "=" or block[index + 2].kind is not Kind.STRING:
            continue
        if index + 3 < len(block) and block[index + 3].text == "|":
            continue
        qualified = block[index - 1].text == "."
        if block[index - 2].value.lower() == alias.lower() if qualified else alone:
            yield block[index + 2].value.lower()
