"""`CLUSTER BY AUTO`: the choice of clustering columns is left to the platform, which notes so in `clusterByAuto`.

Here nothing is chosen: the tables of one machine are small, and a table without clustering columns is a good one. The
note is kept where Databricks shows it, so that a client that compares it finds what it asked for.
"""

from __future__ import annotations

from localbricks.sql.lexer import Statement
from localbricks.sql.outcome import Answered, Outcome, Rewritten, Rule
from localbricks.sql.session import SqlSession, TableName

_PROPERTY = "clusterByAuto"


def create(statement: Statement, session: SqlSession) -> Outcome | None:
    """`CREATE [OR REPLACE] TABLE … CLUSTER BY AUTO …`: the note among the table's properties."""
    if "table" not in statement.head[1:4]:
        return None
    auto = statement.clause("cluster", "by", "auto")
    if auto is None:
        return None
    text, note = statement.text, f"'{_PROPERTY}' = 'true'"
    pieces = {(auto[0].start, auto[2].end): f"tblproperties ({note})"}
    if (written := statement.clause("tblproperties", "(")) is not None:
        pieces = {(auto[0].start, auto[2].end): "", (written[1].end, written[1].end): f"{note}, "}
    for (start, end), piece in sorted(pieces.items(), reverse=True):
        text = text[:start] + piece + text[end:]
    return Rewritten(text)


def alter(statement: Statement, session: SqlSession) -> Outcome | None:
    """`ALTER TABLE t CLUSTER BY AUTO|NONE|(columns)`: with columns, or none, the choice is no longer the platform's."""
    if not statement.starts("alter", "table"):
        return None
    reader = statement.reader()
    reader.expect("alter", "table")
    parts = reader.name()
    if not reader.take("cluster", "by"):
        return None
    name = session.table_name(parts)
    if reader.take("auto"):
        reader.end()
        session.catalog.require(name.schema, name.table)
        return Rewritten(f"alter table {name.sql} set tblproperties ('{_PROPERTY}' = 'true')")
    result = session.spark.run(statement.text, session.tag)
    if _is_auto(session, name):
        session.spark.run(f"alter table {name.sql} unset tblproperties ('{_PROPERTY}')", session.tag)
    return Answered(result)


def _is_auto(session: SqlSession, name: TableName) -> bool:
    detail = session.catalog.detail(session.catalog.require(name.schema, name.table))
    return _PROPERTY in detail.properties


RULES: list[tuple[tuple[str, ...], Rule]] = [(("create",), create), (("alter",), alter)]
