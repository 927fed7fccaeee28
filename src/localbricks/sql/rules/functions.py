"""SQL functions: what Databricks shows of them, and the other languages, which are refused. Spark makes and runs them."""

from __future__ import annotations

from pyspark.sql import types as t

from localbricks.catalog.functions import FunctionEntry
from localbricks.catalog.spark_catalog import CATALOG
from localbricks.engine.results import Result
from localbricks.engine.types import ddl
from localbricks.limits import refusal
from localbricks.sql.lexer import Statement
from localbricks.sql.outcome import Answered, Outcome, Rewritten, Rule
from localbricks.sql.rules.namespaces import like
from localbricks.sql.session import SqlSession

_LABEL = 15


def create(statement: Statement, session: SqlSession) -> Outcome | None:
    """`CREATE [OR REPLACE] FUNCTION`: Spark's own; a policy may call what has changed."""
    reader = statement.reader()
    reader.expect("create")
    reader.take("or", "replace")
    if reader.take("procedure"):
        raise refusal("procedures")
    if not reader.take("function"):
        return None
    while (token := reader.token) is not None and token.lower not in ("return", "as"):
        reader.next()
        if token.lower == "language" and not reader.peek("sql"):
            raise refusal("functions in other languages", f"LANGUAGE {reader.next().text.upper()}")
    return Rewritten(statement.text, after=session.store.tell)


def drop(statement: Statement, session: SqlSession) -> Outcome | None:
    """`DROP FUNCTION [IF EXISTS] f`."""
    reader = statement.reader()
    reader.expect("drop")
    if not reader.take("function"):
        return None
    if_exists = reader.take("if", "exists")
    name = session.table_name(reader.name())
    reader.end()
    if not if_exists:
        session.functions.require(name.schema, name.table)
    session.spark.frame(f"drop function if exists {name.sql}")
    session.store.forget_function(name.schema, name.table)
    return Answered(Result.empty(session.home.tmp))


def describe(statement: Statement, session: SqlSession) -> Outcome | None:
    """`DESCRIBE FUNCTION [EXTENDED] f` of a SQL function; built-in ones are Spark's."""
    if statement.head[1:2] != ("function",):
        return None
    reader = statement.reader()
    reader.position = 2
    extended = reader.take("extended")
    if reader.token is None or not reader.token.is_name:
        return None
    name = session.table_name(reader.name())
    reader.end()
    found = session.functions.function(name.schema, name.table)
    if found is None:
        return None
    lines = _described(found, extended)
    return Answered(Result.from_rows("function_desc string", [(line,) for line in lines], session.home.tmp))


def _described(found: FunctionEntry, extended: bool) -> list[str]:
    facts = [
        ("Function", [f"{CATALOG}.{found.schema}.{found.name}"]),
        ("Type", ["TABLE" if found.is_table else "SCALAR"]),
    ]
    facts.append(("Input", _columns(found.parameters.fields) or ["()"]))
    is_table = isinstance(found.returns, t.StructType) and found.is_table
    returned = _columns(found.returns.fields) if is_table else [ddl(found.returns).upper()]
    facts.append(("Returns", returned))
    if extended:
        facts += [("Comment", [found.comment])] if found.comment else []
        facts.append(("Deterministic", [str(found.deterministic).lower()]))
        facts.append(("Data Access", ["READS SQL DATA" if found.reads_data else "CONTAINS SQL"]))
        facts.append(("Owner", [found.owner]))
        facts.append(("Create Time", [found.created_at.strftime("%a %b %d %H:%M:%S UTC %Y")]))
        facts.append(("Body", [found.body]))
    lines: list[str] = []
    for label, values in facts:
        for index, value in enumerate(values):
            lines.append((f"{label}:" if not index else "").ljust(_LABEL) + value)
    return lines


def _columns(fields: list[t.StructField]) -> list[str]:
    found = []
    for field in fields:
        metadata = field.metadata or {}
        default = metadata.get("default") or metadata.get("CURRENT_DEFAULT")
        text = f"{field.name} {ddl(field.dataType).upper()}"
        text += f" DEFAULT {default}" if default else ""
        found.append(text + (f" '{metadata['comment']}'" if metadata.get("comment") else ""))
    return found


def show(statement: Statement, session: SqlSession) -> Outcome | None:
    """`SHOW USER FUNCTIONS [{IN | FROM} schema] [LIKE 'a*']`: the schema's own; Spark lists Delta's among them."""
    if not statement.starts("show", "user", "functions"):
        return None
    reader = statement.reader()
    reader.position = 3
    schema = session.current_schema()
    if reader.take("in") or reader.take("from"):
        schema = session.schema_name(reader.name())
    matches = like(reader)
    session.require_schema(schema)
    names = [name for name in session.functions.names(schema) if matches is None or matches.fullmatch(name)]
    rows = [(f"{CATALOG}.{schema}.{name}",) for name in names]
    return Answered(Result.from_rows("function string", rows, session.home.tmp))


RULES: list[tuple[tuple[str, ...], Rule]] = [
    (("create",), create),
    (("drop",), drop),
    (("describe", "desc"), describe),
    (("show",), show),
]
