"""`CLUSTER BY AUTO`: the choice of clustering columns is left to the platform, which notes so in `clusterByAuto`.

Here nothing is chosen: the tables of one machine are small, and a table without clustering columns is a good one. The
note is kept where Databricks shows it, so that a client that compares it finds what it asked for.
"""

from __future__ import annotations

from localbricks.catalog.facts import AUTO_CLUSTERING
from localbricks.sql.lexer import Statement, replaced
from localbricks.sql.outcome import Answered, Outcome, Rewritten, Rule
from localbricks.sql.session import SqlSession, TableName


def create(statement: Statement, session: SqlSession) -> Outcome | None:
    """`CREATE [OR REPLACE] TABLE … CLUSTER BY AUTO|NONE …`: the note among the table's properties, or nothing."""
    if "table" not in statement.head[1:4]:
        return None
    if none := statement.clause("cluster", "by", "none"):
        return Rewritten(replaced(statement.text, [(none[0].start, none[2].end, "")]))
    auto = statement.clause("cluster", "by", "auto")
    if auto is None:
        return None
    note = f"'{AUTO_CLUSTERING}' = 'true'"
    edits = [(auto[0].start, auto[2].end, f"tblproperties ({note})")]
    if written := statement.clause("tblproperties", "("):
        edits = [(auto[0].start, auto[2].end, ""), (written[1].end, written[1].end, f"{note}, ")]
    return Rewritten(replaced(statement.text, sorted(edits)))


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
        return Rewritten(f"alter table {name.sql} set tblproperties ('{AUTO_CLUSTERING}' = 'true')")
    result = session.spark.run(statement.text)
    if _is_auto(session, name):
        session.spark.run(f"alter table {name.sql} unset tblproperties ('{AUTO_CLUSTERING}')")
    return Answered(result)


def _is_auto(session: SqlSession, name: TableName) -> bool:
    detail = session.catalog.detail(session.catalog.require(name.schema, name.table))
    return AUTO_CLUSTERING in detail.properties


RULES: list[tuple[tuple[str, ...], Rule]] = [(("create",), create), (("alter",), alter)]
