"""EXECUTE IMMEDIATE … USING: the values go into the text, because Delta's parser loses what Spark would bind."""

from __future__ import annotations

from dataclasses import dataclass

from localbricks.sql.lexer import Kind, Reader, Statement, literal, quoted
from localbricks.sql.outcome import Outcome, Rewritten, Rule
from localbricks.sql.parameters import Parameter, bind
from localbricks.sql.session import SqlSession


@dataclass(frozen=True)
class _Expression(Parameter):
    """A value that is SQL already."""

    def sql(self) -> str:
        return f"({self.value})"


def execute_immediate(statement: Statement, session: SqlSession) -> Outcome | None:
    """`EXECUTE IMMEDIATE {'…' | variable} [INTO v, …] USING e [AS name], …`."""
    if not statement.starts("execute", "immediate"):
        return None
    reader = statement.reader()
    reader.position = 2
    text = _text(reader, session)
    into = ""
    if reader.take("into"):
        names = [reader.name()]
        while reader.take(","):
            names.append(reader.name())
        into = " into " + ", ".join(quoted(*name) for name in names)
    if not reader.take("using"):
        return None
    given = _arguments(reader.parenthesised() if reader.peek("(") else reader.rest())
    return Rewritten(f"execute immediate {literal(bind(text, given))}{into}")


def _text(reader: Reader, session: SqlSession) -> str:
    token = reader.token
    if token is not None and token.kind is Kind.STRING:
        return reader.string()
    ((text,),) = session.spark.rows(f"select {quoted(*reader.name())}")
    return str(text)


def _arguments(text: str) -> list[Parameter]:
    """Expressions with commas between, each with a name where it has one."""
    reader = Statement(text).reader()
    found: list[Parameter] = []
    start, depth, name = 0, 0, None
    end = 0
    while (token := reader.token) is not None:
        if depth == 0 and token.text == ",":
            found.append(_Expression(name, "", text[start:end]))
            start, name = token.end, None
            reader.next()
        elif depth == 0 and token.lower == "as":
            reader.next()
            name = reader.next().value
        else:
            depth += {"(": 1, ")": -1}.get(token.text, 0)
            end = reader.next().end
    return [*found, _Expression(name, "", text[start:end])]


RULES: list[tuple[tuple[str, ...], Rule]] = [(("execute",), execute_immediate)]
