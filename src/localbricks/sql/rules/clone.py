"""`CREATE TABLE … CLONE`: deep clones, which open-source Delta lacks, and clones that replace a table with rows.

A deep clone is a shallow clone whose rows are then written into the table's own files: between the two commits it is
a good table, of other files. A table that is replaced keeps its history, as on Databricks.
"""

from __future__ import annotations

from localbricks.engine.results import Result
from localbricks.sql.lexer import Reader, Statement
from localbricks.sql.outcome import Answered, Outcome, Rule
from localbricks.sql.session import SqlSession, TableName

_COLUMNS = (
    "source_table_size bigint, source_num_of_files bigint, num_removed_files bigint, "
    "num_copied_files bigint, removed_files_size bigint, copied_files_size bigint"
)


def clone(statement: Statement, session: SqlSession) -> Outcome | None:
    """`CREATE [OR REPLACE] TABLE [IF NOT EXISTS] t [SHALLOW|DEEP] CLONE s`; without a word it is deep."""
    reader = statement.reader()
    reader.expect("create")
    replaced = reader.take("or", "replace")
    if not reader.take("table"):
        return None
    absent_only = reader.take("if", "not", "exists")
    parts = reader.name()
    shallow = reader.peek("shallow", "clone")
    if not (shallow or reader.peek("deep", "clone") or reader.peek("clone")):
        return None
    name = session.table_name(parts)
    exists = session.catalog.table(name.schema, name.table) is not None
    if exists and absent_only:
        return Answered(Result.empty(session.home.tmp))
    result = _cloned(session, name, _as_shallow(statement, reader), emptied=exists and replaced)
    session.table_replaced(name)
    if not shallow:
        return Answered(_copied(session, name, new=not exists))
    session.store.add_shallow_clone(name.schema, name.table)
    return Answered(result)


def _as_shallow(statement: Statement, reader: Reader) -> str:
    """The statement as open-source Delta knows it."""
    token = reader.token
    assert token is not None
    while not reader.take("clone"):
        reader.next()
    return f"{statement.text[: token.start]}shallow clone {reader.rest()}"


def _cloned(session: SqlSession, name: TableName, statement: str, *, emptied: bool) -> Result:
    """Clone; a table that has rows is emptied for it, and has them again where the clone fails."""
    rows = emptied and session.spark.rows(f"select 1 from {name.sql} limit 1")
    if not rows:
        return session.spark.run(statement)
    version = session.spark.rows(f"describe history {name.sql} limit 1")[0][0]
    session.spark.run(f"delete from {name.sql}")
    try:
        return session.spark.run(statement)
    except Exception:
        session.spark.run(f"restore table {name.sql} to version as of {version}")
        raise


def _copied(session: SqlSession, name: TableName, *, new: bool) -> Result:
    """Write the rows of a clone into files of its own; a new table whose rows cannot be written goes again."""
    try:
        session.spark.run(f"insert overwrite {name.sql} select * from {name.sql}")
    except Exception:
        if new:
            session.spark.run(f"drop table if exists {name.sql}")
        raise
    detail = session.spark.run(f"describe detail {name.sql}").to_arrow()
    files, size = (detail[column][0].as_py() for column in ("numFiles", "sizeInBytes"))
    return Result.from_rows(_COLUMNS, [(size, files, 0, files, 0, size)], session.home.tmp)


RULES: list[tuple[tuple[str, ...], Rule]] = [(("create",), clone)]
