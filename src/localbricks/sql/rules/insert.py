"""INSERT with REPLACE ON, REPLACE USING and BY NAME REPLACE WHERE, which open-source Delta's grammar lacks."""

from __future__ import annotations

from localbricks.errors import DatabricksError
from localbricks.sql.lexer import Kind, Reader, Statement, quoted, tokens
from localbricks.sql.outcome import Outcome, Rewritten, Rule
from localbricks.sql.session import SqlSession, TableName

_MARK = "__localbricks_part"


def insert_replace(statement: Statement, session: SqlSession) -> Outcome | None:
    """`INSERT INTO t [AS a] [BY NAME] REPLACE {WHERE c | USING (cols) | ON (c)} query`."""
    reader = statement.reader()
    reader.expect("insert")
    if not reader.take("into"):
        return None
    reader.take("table")
    parts = reader.name()
    alias = _alias(reader, stop=("by", "replace", "select", "with", "values", "table", "from", "partition"))
    by_name = reader.take("by", "name")
    if not reader.take("replace"):
        return None
    name = session.table_name(parts)
    if reader.take("where"):
        return _replace_where(session, reader, name) if by_name else None
    if reader.take("using"):
        columns = reader.names()
        for column in columns:
            session.require_column(name, column)
        query, source_alias = _query(reader)
        condition = " and ".join(f"t.{quoted(c)} <=> s.{quoted(c)}" for c in columns)
        return Rewritten(_merge(session, name, query, condition, "t", source_alias or "s", columns, by_name))
    reader.expect("on")
    condition = reader.parenthesised()
    query, source_alias = _query(reader)
    source_alias = source_alias or "s"
    columns = _columns_of(condition, source_alias)
    return Rewritten(_merge(session, name, query, condition, alias or "t", source_alias, columns, by_name))


def _replace_where(session: SqlSession, reader: Reader, name: TableName) -> Outcome:
    start = reader.token
    depth = 0
    while (token := reader.token) is not None and not (
        depth == 0 and token.lower in ("select", "with", "values", "table")
    ):
        depth += {"(": 1, ")": -1}.get(token.text, 0)
        reader.next()
    if start is None or reader.token is None:
        raise reader.error("Expected a query.")
    query = reader.rest()
    text = reader._statement.text
    condition = text[start.start : reader.token.start]
    columns = ", ".join(_by_name(session, name, query))
    return Rewritten(f"insert into {name.sql} replace where {condition} select {columns} from ({query})")


def _merge(
    session: SqlSession,
    name: TableName,
    query: str,
    condition: str,
    target: str,
    source: str,
    columns: list[str],
    by_name: bool,
) -> str:
    """One MERGE, so one commit: rows of the target that meet the condition go, every row of the query comes.

    The source is the query twice: its distinct keys to find what goes, and its rows, which match nothing.
    """
    table_columns = _target_columns(session, name)
    if by_name:
        rows = ", ".join(_by_name(session, name, query))
    else:
        produced = [field.name for field in session.spark.schema(session.spark.frame(query)).fields]
        if len(produced) != len(table_columns):
            raise DatabricksError(
                "INSERT_COLUMN_ARITY_MISMATCH",
                f"Cannot write to {name.sql}: {len(produced)} columns given, {len(table_columns)} expected.",
                "21S01",
            )
        # By place: two columns of a query may have one name.
        query = f"select * from ({query}) as q ({', '.join(quoted(column) for column in table_columns)})"
        rows = ", ".join(quoted(column) for column in table_columns)
    wanted = {column.lower() for column in columns}
    keys = ", ".join(quoted(c) for c in table_columns if c.lower() in wanted)
    padded = ", ".join(quoted(c) if c.lower() in wanted else f"null as {quoted(c)}" for c in table_columns)
    listed = ", ".join(quoted(c) for c in table_columns)
    values = ", ".join(f"{quoted(source)}.{quoted(c)}" for c in table_columns)
    rows_query = f"select {rows} from ({query})"
    return (
        f"merge into {name.sql} as {quoted(target)} using ("
        f"select {padded}, 0 as {_MARK} from (select distinct {keys or '1'} from ({rows_query})) "
        f"union all select {listed}, 1 as {_MARK} from ({rows_query})) as {quoted(source)} "
        f"on {quoted(source)}.{_MARK} = 0 and ({condition}) when matched then delete "
        f"when not matched and {quoted(source)}.{_MARK} = 1 then insert ({listed}) values ({values})"
    )


def _query(reader: Reader) -> tuple[str, str | None]:
    """The query and the alias behind it when it stands in parentheses."""
    if not reader.peek("("):
        return reader.rest(), None
    mark = reader.position
    inside = reader.parenthesised()
    alias = _alias(reader, stop=("union", "except", "intersect", "minus"))
    if reader.done:
        return inside, alias
    reader.position = mark
    return reader.rest(), None


def _alias(reader: Reader, stop: tuple[str, ...]) -> str | None:
    if reader.take("as"):
        return reader.next().value
    token = reader.token
    if token is not None and token.is_name and not (token.kind is Kind.WORD and token.lower in stop):
        return reader.next().value
    return None


def _columns_of(condition: str, alias: str) -> list[str]:
    """Columns that a condition reads from an alias."""
    found = list(tokens(condition))
    return [
        after.value
        for before, dot, after in zip(found, found[1:], found[2:], strict=False)
        if before.is_name and before.value.lower() == alias.lower() and dot.text == "." and after.is_name
    ]


def _target_columns(session: SqlSession, name: TableName) -> list[str]:
    detail = session.catalog.detail(session.catalog.require(name.schema, name.table))
    return [field.name for field in detail.columns.fields]


def _by_name(session: SqlSession, name: TableName, query: str) -> list[str]:
    """The query's columns in the table's order; those it lacks are NULL."""
    produced = {f.name.lower(): f.name for f in session.spark.schema(session.spark.frame(query)).fields}
    wanted = _target_columns(session, name)
    unknown = set(produced) - {column.lower() for column in wanted}
    if unknown:
        raise DatabricksError(
            "INSERT_COLUMN_ARITY_MISMATCH.TOO_MANY_DATA_COLUMNS",
            f"Cannot write to {name.sql}: it has no column {', '.join(sorted(unknown))}.",
            "21S01",
        )
    return [
        f"{quoted(produced[column.lower()])} as {quoted(column)}"
        if column.lower() in produced
        else f"null as {quoted(column)}"
        for column in wanted
    ]


RULES: list[tuple[tuple[str, ...], Rule]] = [(("insert",), insert_replace)]
