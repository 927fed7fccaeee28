"""`(DESCRIBE HISTORY t)` and `(DESCRIBE DETAIL t)` in a query: what Delta tells of a table, as a relation."""

from __future__ import annotations

from localbricks.sql.lexer import Reader, Statement, quoted
from localbricks.sql.outcome import Outcome, Rewritten, Rule
from localbricks.sql.session import SqlSession

_TOLD = ("history", "detail")


def told_relations(statement: Statement, session: SqlSession) -> Outcome | None:
    """Replace each by a temporary view of the rows as they are now."""
    if "desc" not in statement.text.lower() or (statement.starts("create") and "view" in statement.head):
        return None
    pieces: list[str] = []
    views: list[str] = []
    at, found = 0, statement.tokens
    for index, token in enumerate(found):
        end = _end(statement, index) if token.text == "(" else 0
        if not end:
            continue
        # The statement itself runs as it is outside a query, where names are looked up as everywhere.
        kind = found[index + 2].lower
        reader = statement.reader()
        reader.position = index + 3
        name = session.table_name(reader.name())
        view = f"__{kind}_{session.tag[:12]}_{len(views)}"
        session.spark.frame(f"describe {kind} {name.sql}").createOrReplaceTempView(view)
        pieces += [statement.text[at : token.start], quoted(view)]
        at = found[end - 1].end
        views.append(view)
    if not views:
        return None
    return Rewritten("".join([*pieces, statement.text[at:]]), temporary_views=tuple(views))


def _end(statement: Statement, start: int) -> int:
    """The token behind `(describe history t)` that begins at a token, 0 where something else does."""
    reader: Reader = statement.reader()
    reader.position = start + 1
    if not (reader.take("describe") or reader.take("desc")) or not any(reader.take(kind) for kind in _TOLD):
        return 0
    if reader.done or reader.token is None or not reader.token.is_name:
        return 0
    reader.name()
    return reader.position if reader.take(")") else 0


RULES: list[tuple[tuple[str, ...], Rule]] = [
    (("select", "with", "from", "create", "insert", "merge", "explain", "("), told_relations)
]
