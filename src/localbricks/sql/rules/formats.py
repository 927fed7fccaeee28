"""Table formats that open-source Delta does not write: refused by name."""

from __future__ import annotations

from localbricks.limits import refusal
from localbricks.sql.lexer import Statement
from localbricks.sql.outcome import Outcome, Rule
from localbricks.sql.session import SqlSession


def refuse_iceberg(statement: Statement, session: SqlSession) -> Outcome | None:
    """`CREATE [OR REPLACE] TABLE … USING ICEBERG …`."""
    if "table" in statement.head[1:4] and statement.clause("using", "iceberg"):
        raise refusal("managed iceberg")
    return None


RULES: list[tuple[tuple[str, ...], Rule]] = [(("create",), refuse_iceberg)]
