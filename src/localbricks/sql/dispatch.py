"""Which rules may serve a statement, by its first word; and running it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable

from localbricks.engine.results import AFFECTED_ROWS, PLAIN, Form, Result
from localbricks.errors import DatabricksError
from localbricks.sql.lexer import Statement
from localbricks.sql.outcome import Answered, Rewritten, Rule
from localbricks.sql.rules import RULES
from localbricks.sql.session import SqlSession

CONFLICTS = ("DELTA_CONCURRENT_APPEND", "DELTA_CONCURRENT_DELETE_READ", "DELTA_CONCURRENT_DELETE_DELETE")
"""Error classes of a write that another one has overtaken. Nothing of it is there."""
WRITES_AGAIN = 20
"""Of each round one writer is done at least."""
_INSERT_COLUMNS = f"{AFFECTED_ROWS} bigint, num_inserted_rows bigint"


class Dispatcher:
    """Runs statements: asks the rules in order, then Spark."""

    def __init__(self, rules: Iterable[tuple[tuple[str, ...], Rule]] = RULES) -> None:
        self._rules: dict[str, list[Rule]] = defaultdict(list)
        for words, rule in rules:
            for word in words:
                self._rules[word].append(rule)

    def run(self, text: str, session: SqlSession, form: Form = PLAIN) -> Result:
        """Run one statement and give its rows.

        Raises:
            DatabricksError: the statement failed or is refused.
        """
        statement = Statement(text)
        first = statement.head[0] if statement.head else ""
        views: list[str] = []
        after: list[Callable[[], None]] = []
        try:
            for rule in self._rules[first]:
                outcome = rule(statement, session)
                if isinstance(outcome, Answered):
                    return _finished(outcome.result, after)
                if isinstance(outcome, Rewritten):
                    views += outcome.temporary_views
                    after += [outcome.after] if outcome.after else []
                    statement = Statement(outcome.sql)
            return _finished(_run(statement, session, form), after)
        finally:
            session.spark.drop_temporary_views(views)


def _run(statement: Statement, session: SqlSession, form: Form) -> Result:
    """Run what Spark is given; again where another writer was faster, as of what that one has left.

    Databricks finds out row by row whether two writers are in each other's way, open-source Delta by files.
    """
    run = _insert if statement.starts("insert") else _query
    for _ in range(WRITES_AGAIN):
        try:
            return run(statement.text, session, form)
        except DatabricksError as error:
            if not error.error_class.startswith(CONFLICTS):
                raise
    return run(statement.text, session, form)


def _query(sql: str, session: SqlSession, form: Form) -> Result:
    return session.spark.run(sql, form)


def _insert(sql: str, session: SqlSession, form: Form) -> Result:
    """Spark answers an INSERT with nothing, Databricks with two counts."""
    added = session.spark.insert(sql)
    if added is None:
        return Result.empty(session.home.tmp)
    return Result.from_rows(_INSERT_COLUMNS, [(added, added)], session.home.tmp)


def _finished(result: Result, after: Iterable[Callable[[], None]]) -> Result:
    for done in after:
        done()
    return result
