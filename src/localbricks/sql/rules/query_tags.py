"""SET QUERY_TAGS: the tags of a session's statements."""

from __future__ import annotations

from localbricks.engine.results import Result
from localbricks.sql.lexer import Reader, Statement
from localbricks.sql.outcome import Answered, Outcome, Rule
from localbricks.sql.session import SqlSession


def set_query_tags(statement: Statement, session: SqlSession) -> Outcome | None:
    """`SET QUERY_TAGS['k'] = 'v' | NULL | UNSET, …`; `SET QUERY_TAGS` lists them."""
    if not statement.starts("set", "query_tags"):
        return None
    reader = statement.reader()
    reader.expect("set")
    if reader.ahead(1) is None:
        rows = list(session.query_tags.items())
        return Answered(Result.from_rows("key string, value string", rows, session.home.tmp))
    changes = [_change(reader)]
    while reader.take(","):
        changes.append(_change(reader))
    reader.end()
    for key, value, stays in changes:
        if stays:
            session.query_tags[key] = value
        else:
            session.query_tags.pop(key, None)
    return Answered(Result.empty(session.home.tmp))


def _change(reader: Reader) -> tuple[str, str | None, bool]:
    """Key, value, and whether it is set."""
    reader.expect("query_tags", "[")
    key = reader.string().strip()
    if not key:
        raise reader.error("The key of a query tag is empty.")
    reader.expect("]", "=")
    if reader.take("unset"):
        return key, None, False
    value = None if reader.take("null") else reader.string().strip() or None
    return key, value, True


RULES: list[tuple[tuple[str, ...], Rule]] = [(("set",), set_query_tags)]
