"""Statements on one table that Spark refuses for Delta tables or does not know: SHOW CREATE TABLE, SHOW PARTITIONS,
CLUSTER BY AUTO, ANALYZE TABLE; and DESCRIBE CATALOG, UNDROP, owners."""

from __future__ import annotations

from pyspark.sql import types as t

from localbricks.catalog.facts import AUTO_CLUSTERING, clustering_columns, constraints, quoted_list, settable_properties
from localbricks.catalog.spark_catalog import CATALOG, TableDetail, path_of
from localbricks.engine.results import Result
from localbricks.engine.types import ddl, declared_type
from localbricks.errors import DatabricksError
from localbricks.limits import refusal
from localbricks.sql.lexer import Statement, literal, quoted
from localbricks.sql.outcome import Answered, Outcome, Rewritten, Rule
from localbricks.sql.session import SqlSession, TableName


def show_create_table(statement: Statement, session: SqlSession) -> Outcome | None:
    """`SHOW CREATE TABLE t`; views are Spark's."""
    if not statement.starts("show", "create", "table"):
        return None
    reader = statement.reader()
    reader.position = 3
    name = session.table_name(reader.name())
    reader.end()
    entry = session.catalog.require(name.schema, name.table)
    if entry.is_view or entry.provider != "delta":
        return None
    text = _create_text(session, name, session.catalog.detail(entry))
    return Answered(Result.from_rows("createtab_stmt string", [(text,)], session.home.tmp))


def _create_text(session: SqlSession, name: TableName, detail: TableDetail) -> str:
    entry = detail.entry
    lines = [_column_text(field) for field in detail.columns.fields]
    keys = constraints(session.store.keys_of(name.schema, name.table))
    lines += [f"CONSTRAINT {quoted(key)} {clause}" for key, clause in keys]
    what = entry.relation.kind.replace("_", " ") if entry.relation else "TABLE"
    clauses = [f"CREATE {what} {CATALOG}.{name.schema}.{name.table} (\n  " + ",\n  ".join(lines) + ")"]
    if not entry.relation:
        clauses.append("USING delta")
    if detail.partition_columns:
        clauses.append(f"PARTITIONED BY ({quoted_list(detail.partition_columns)})")
    if columns := clustering_columns(detail):
        clauses.append(f"CLUSTER BY ({', '.join(columns)})")
    elif detail.properties.get(AUTO_CLUSTERING) == "true":
        clauses.append("CLUSTER BY AUTO")
    if entry.kind == "EXTERNAL" and entry.location:
        clauses.append(f"LOCATION {literal(str(path_of(entry.location)))}")
    if detail.comment:
        clauses.append(f"COMMENT {literal(detail.comment)}")
    properties = {
        key: value
        for key, value in sorted(settable_properties(detail).items())
        if key != AUTO_CLUSTERING and not key.startswith("delta.constraints.")
    }
    if properties:
        listed = ",\n  ".join(f"{literal(key)} = {literal(value)}" for key, value in properties.items())
        clauses.append(f"TBLPROPERTIES (\n  {listed})")
    if entry.relation:
        clauses.append(f"AS {entry.relation.query}")
    return "\n".join(clauses) + "\n"


def _column_text(field: t.StructField) -> str:
    metadata = field.metadata or {}
    text = f"{_name(field.name)} {ddl(declared_type(field)).upper()}"
    text += "" if field.nullable else " NOT NULL"
    text += f" DEFAULT {metadata['CURRENT_DEFAULT']}" if metadata.get("CURRENT_DEFAULT") else ""
    return text + (f" COMMENT {literal(metadata['comment'])}" if metadata.get("comment") else "")


def _name(name: str) -> str:
    return name if name.isidentifier() else quoted(name)


def show_partitions(statement: Statement, session: SqlSession) -> Outcome | None:
    """`SHOW PARTITIONS t [PARTITION (c = …)]`: the values that a Delta table's files are partitioned by."""
    if not statement.starts("show", "partitions"):
        return None
    reader = statement.reader()
    reader.position = 2
    name = session.table_name(reader.name())
    entry = session.catalog.require(name.schema, name.table)
    if entry.provider != "delta":
        return None
    columns = session.catalog.detail(entry).partition_columns
    if not columns:
        raise DatabricksError(
            "INVALID_PARTITION_OPERATION.PARTITION_SCHEMA_IS_EMPTY",
            f"The partition command is invalid. Table {name.sql} is not partitioned.",
            "42601",
        )
    where = ""
    if reader.take("partition"):
        where = " where " + " and ".join(f"({one})" for one in _assignments(reader.parenthesised()))
    reader.end()
    listed = quoted_list(columns)
    rows = f"delta.{quoted(str(path_of(entry.location or '')))}"
    return Rewritten(f"select distinct {listed} from {rows}{where} order by {listed}")


def _assignments(text: str) -> list[str]:
    found, depth, start = [], 0, 0
    for index, sign in enumerate(text):
        depth += {"(": 1, ")": -1}.get(sign, 0)
        if sign == "," and depth == 0:
            found.append(text[start:index])
            start = index + 1
    return [*found, text[start:]]


def analyze_table(statement: Statement, session: SqlSession) -> Outcome | None:
    """`ANALYZE TABLE t COMPUTE STATISTICS`: Delta has kept its statistics when it wrote; the table must be there."""
    if not statement.starts("analyze", "table"):
        return None
    reader = statement.reader()
    reader.position = 2
    name = session.table_name(reader.name())
    if session.catalog.require(name.schema, name.table).provider != "delta":
        return None
    reader.expect("compute")
    reader.take("delta")
    reader.expect("statistics")
    if reader.take("for", "columns"):
        session.require_column(name, reader.name()[-1])
        while reader.take(","):
            session.require_column(name, reader.name()[-1])
    return Answered(Result.empty(session.home.tmp))


def describe_catalog(statement: Statement, session: SqlSession) -> Outcome | None:
    """`DESCRIBE CATALOG [EXTENDED] c`."""
    if statement.head[1:2] != ("catalog",):
        return None
    reader = statement.reader()
    reader.position = 2
    extended = reader.take("extended")
    session.check_catalog(reader.name()[0])
    reader.end()
    comment = session.store.schema_comments().get("") or ""
    rows = [("Catalog Name", CATALOG), ("Comment", comment), ("Owner", session.user)]
    if extended:
        rows.append(("Catalog Type", "Regular"))
        tags = [(tag.name, tag.value) for tag in session.store.tags() if not tag.schema]
        rows += [("Tags", f"({', '.join(f'({name}, {value})' for name, value in tags)})")] if tags else []
    return Answered(Result.from_rows("info_name string, info_value string", rows, session.home.tmp))


def refuse(statement: Statement, session: SqlSession) -> Outcome | None:
    """UNDROP, and owners other than the one user."""
    if statement.starts("undrop"):
        raise refusal("undrop")
    # Behind the name: `ALTER TABLE t [SET] OWNER TO p`.
    tail = statement.tokens[-3:]
    if len(tail) == 3 and (tail[0].lower, tail[1].lower) == ("owner", "to"):
        if tail[2].value != session.user:
            raise refusal("owners", tail[2].value)
        return Answered(Result.empty(session.home.tmp))
    return None


RULES: list[tuple[tuple[str, ...], Rule]] = [
    (("show",), show_create_table),
    (("show",), show_partitions),
    (("analyze",), analyze_table),
    (("describe", "desc"), describe_catalog),
    (("undrop", "alter"), refuse),
]
