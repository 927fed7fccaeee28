"""Statement parameters as SQL literals' text and type, for Spark's own binding of named and positional markers."""

from __future__ import annotations

from dataclasses import dataclass

from localbricks.errors import DatabricksError
from localbricks.sql.lexer import Edit, Kind, Token, literal, replaced, tokens

_TEXTUAL = {"STRING", "VARCHAR", "CHAR"}
_PLAIN = {
    "TINYINT",
    "SMALLINT",
    "INT",
    "INTEGER",
    "BIGINT",
    "FLOAT",
    "DOUBLE",
    "BOOLEAN",
    "DATE",
    "TIMESTAMP",
    "TIMESTAMP_NTZ",
}


@dataclass(frozen=True)
class Parameter:
    """A value to bind: `name` is None for a positional `?`; `value` None is NULL; `type` as Databricks names it.

    Attributes:
        items: elements of an ARRAY, keys and values in turn of a MAP.
    """

    name: str | None
    type: str
    value: str | None
    items: tuple[Parameter, ...] = ()

    def sql(self) -> str:
        """The value as a SQL expression."""
        kind = self.type.upper()
        base = kind.split("(")[0]
        if base in ("ARRAY", "MAP"):
            return f"{base.lower()}({', '.join(item.sql() for item in self.items)})"
        if base == "VOID":
            return "null"
        if self.value is None:
            return f"cast(null as {kind})"
        if base in _TEXTUAL:
            return literal(self.value)
        if base in _PLAIN or base in ("DECIMAL", "BINARY") or base.startswith("INTERVAL"):
            return f"cast({literal(self.value)} as {kind})"
        raise DatabricksError("UNSUPPORTED_DATATYPE", f"A parameter of type {self.type} is not supported.", "0A000")


def bind(text: str, parameters: list[Parameter]) -> str:
    """The statement with its markers `:name` and `?` replaced by values.

    Raises:
        DatabricksError: UNBOUND_SQL_PARAMETER, or markers and values of different kinds.
    """
    if not parameters:
        return text
    named = {one.name.lower(): one for one in parameters if one.name}
    positional = [one for one in parameters if not one.name]
    if named and positional:
        raise DatabricksError("INVALID_PARAMETER_MARKERS", "Named and positional parameters cannot be mixed.", "42601")
    edits: list[Edit] = []
    used = 0
    found = list(tokens(text))
    for index, token in enumerate(found):
        if token.kind is not Kind.SYMBOL:
            continue
        if token.text == "?" and positional:
            if used == len(positional):
                raise DatabricksError("UNBOUND_SQL_PARAMETER", f"Found more `?` than the {used} values.", "42P02")
            replacement, end = positional[used].sql(), token.end
            used += 1
        elif token.text == ":" and named and _is_marker(found, index):
            name = found[index + 1].value.lower()
            if name not in named:
                raise DatabricksError("UNBOUND_SQL_PARAMETER", f"Found the unbound parameter: {name}.", "42P02")
            replacement, end = named[name].sql(), found[index + 1].end
        else:
            continue
        edits.append((token.start, end, replacement))
    return replaced(text, edits)


def _is_marker(found: list[Token], index: int) -> bool:
    # `a:b` reads a field of a VARIANT or JSON string, `x::int` casts: neither is a marker.
    after = found[index + 1] if index + 1 < len(found) else None
    before = found[index - 1] if index else None
    if after is None or not after.is_name or after.start != found[index].end:
        return False
    if before is None or before.end != found[index].start:
        return True
    return not (before.is_name or before.text in (":", ")", "]"))
