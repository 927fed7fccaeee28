"""`(DESCRIBE HISTORY t)` and `(DESCRIBE DETAIL t)` in a query: what Delta tells of a table, as a relation."""

from __future__ import annotations

from localbricks.sql.lexer import Edit, Statement, quoted, replaced
from localbricks.sql.outcome import READING, Outcome, Rewritten, Rule
from localbricks.sql.session import SqlSession

_DESCRIBE = ("describe", "desc")
_TOLD = ("history", "detail")


def told_relations(statement: Statement, session: SqlSession) -> Outcome | None:
    """Replace each by a temporary view of the rows as they are now."""
    if "desc" not in statement.text.lower() or (statement.starts("create") and "view" in statement.head):
        return None
    edits: list[Edit] = []
    views: list[str] = []
    found = statement.tokens
    for index, token in enumerate(found[:-4]):
        kind = found[index + 2].lower
        if token.text != "(" or found[index + 1].lower not in _DESCRIBE or kind not in _TOLD:
            continue
        reader = statement.reader()
        reader.position = index + 3
        if not found[reader.position].is_name:
            continue
        name = session.table_name(reader.name())
        if not reader.take(")"):
            continue
        view = f"__{kind}_{session.tag[:12]}_{len(views)}"
        session.spark.frame(f"describe {kind} {name.sql}").createOrReplaceTempView(view)
        edits.append((token.start, found[reader.position - 1].end, quoted(view)))
        views.append(view)
    return Rewritten(replaced(statement.text, edits), temporary_views=tuple(views)) if views else None


RULES: list[tuple[tuple[str, ...], Rule]] = [(READING, told_relations)]
