"""What a rule makes of a statement."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from localbricks.engine.results import Result
from localbricks.sql.lexer import Statement
from localbricks.sql.session import SqlSession


@dataclass(frozen=True)
class Rewritten:
    """SQL that Spark runs in place of the statement.

    Attributes:
        temporary_views: views that it needs only for that.
        after: what is done when the statement has succeeded.
    """

    sql: str
    temporary_views: tuple[str, ...] = ()
    after: Callable[[], None] | None = None


@dataclass(frozen=True)
class Answered:
    """The statement has been carried out; these are its rows."""

    result: Result


READING = ("select", "with", "from", "create", "insert", "merge", "explain", "(")
"""First words of statements that may read relations."""
Outcome = Rewritten | Answered
Rule = Callable[[Statement, SqlSession], Outcome | None]
