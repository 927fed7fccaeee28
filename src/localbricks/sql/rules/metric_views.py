"""Metric views: CREATE VIEW … WITH METRICS, ALTER VIEW … AS $$…$$, and queries with MEASURE()."""

from __future__ import annotations

from localbricks.catalog.store import Relation
from localbricks.engine.results import Result
from localbricks.errors import DatabricksError
from localbricks.limits import refusal
from localbricks.metrics import sql
from localbricks.metrics.definition import MetricView, parse
from localbricks.sql.lexer import Edit, Kind, Statement, Token, literal, quoted, replaced
from localbricks.sql.outcome import READING, Answered, Outcome, Rewritten, Rule
from localbricks.sql.session import SqlSession, TableName

_NO_ALIAS = {"where", "group", "order", "having", "limit", "union", "except", "intersect", "minus", "qualify", "window"}
_JOINS = {"join", "left", "right", "full", "inner", "cross", "anti", "semi", "natural", "lateral"}


def create(statement: Statement, session: SqlSession) -> Outcome | None:
    """`CREATE [OR REPLACE] VIEW [IF NOT EXISTS] v WITH METRICS LANGUAGE YAML [COMMENT '…'] [TBLPROPERTIES …] AS $$…$$`."""
    reader = statement.reader()
    reader.expect("create")
    or_replace = reader.take("or", "replace")
    if not reader.take("view"):
        return None
    if_not_exists = reader.take("if", "not", "exists")
    name = session.table_name(reader.name())
    if reader.peek("("):
        reader.parenthesised()
    if not reader.take("with", "metrics"):
        return None
    reader.expect("language", "yaml")
    clauses = []
    while not reader.take("as"):
        if reader.take("comment"):
            clauses.append(f"comment {literal(reader.string())}")
        else:
            reader.expect("tblproperties")
            clauses.append(f"tblproperties ({reader.parenthesised()})")
    text = reader.string()
    reader.end()
    existing = session.catalog.table(name.schema, name.table)
    if existing is not None and if_not_exists:
        return Answered(Result.empty(session.home.tmp))
    if existing is not None and or_replace and not existing.is_view:
        raise DatabricksError(
            "EXPECT_VIEW_NOT_TABLE.NO_ALTERNATIVE",
            f"'CREATE OR REPLACE VIEW' expects a view but {name.sql} is a table.",
            "42809",
        )
    if existing is not None and not (or_replace and existing.kind == "METRIC_VIEW"):
        raise DatabricksError(
            "TABLE_OR_VIEW_ALREADY_EXISTS",
            f"Cannot create table or view {name.sql} because it already exists, as {existing.kind}. Choose a different "
            "name, or drop the existing object.",
            "42P07",
        )
    return _define(session, name, text, clauses)


def alter(statement: Statement, session: SqlSession) -> Outcome | None:
    """`ALTER VIEW v AS $$…$$` of a metric view."""
    reader = statement.reader()
    reader.expect("alter")
    if not reader.take("view"):
        return None
    name = session.table_name(reader.name())
    if not reader.take("as") or reader.token is None or not reader.token.text.startswith("$"):
        return None
    entry = session.catalog.require(name.schema, name.table)
    if entry.kind != "METRIC_VIEW":
        raise DatabricksError("EXPECT_VIEW_NOT_TABLE.NO_ALTERNATIVE", f"{name.sql} is no metric view.", "42809")
    text = reader.string()
    reader.end()
    detail = session.catalog.detail(entry)
    return _define(session, name, text, [f"comment {literal(detail.comment)}"] if detail.comment else [])


def _define(session: SqlSession, name: TableName, text: str, clauses: list[str]) -> Outcome:
    """Keep the YAML, and a view of Spark's that has the columns. Nobody reads that view: the engine refuses it."""
    view = parse(text)
    schema = session.current_schema()
    columns = _columns(session, view, schema)
    measures = [f"{sql.measure(view, columns, one.name)} as {quoted(one.name)}" for one in view.measures]
    dimensions = [quoted(one.name) for one in view.dimensions]
    grouped = f" group by {', '.join(dimensions)}" if measures and dimensions else ""
    query = f"select {', '.join([*dimensions, *measures])} from {sql.rows(view, columns)}{grouped}"
    if view.comment and not any(clause.startswith("comment") for clause in clauses):
        clauses = [*clauses, f"comment {literal(view.comment)}"]
    listed = ", ".join(
        quoted(one.name) + (f" comment {literal(one.comment)}" if one.comment else "")
        for one in (*view.dimensions, *view.measures)
    )
    session.spark.frame(f"create or replace view {name.sql} ({listed}) {' '.join(clauses)} as {query}")
    session.store.set_relation(Relation(name.schema, name.table, "METRIC_VIEW", text.strip(), "", schema))
    return Answered(Result.empty(session.home.tmp))


def _columns(session: SqlSession, view: MetricView, schema: str) -> sql.Columns:
    spark = session.spark.sibling(schema)
    return {
        name: spark.schema(spark.frame(f"select * from {relation}")).names
        for name, relation in sql.relations(view).items()
    }


def query(statement: Statement, session: SqlSession) -> Outcome | None:
    """Replace each metric view by its rows, and MEASURE() by its aggregate."""
    views = {key: one for key, one in session.store.relations().items() if one.kind == "METRIC_VIEW"}
    if not views:
        return None
    found = statement.tokens
    blocks = _blocks(found)
    read: dict[int, tuple[MetricView, sql.Columns]] = {}
    edits: list[Edit] = []
    for index, token in enumerate(found):
        if token.lower not in ("from", "join", ",") or index + 1 >= len(found) or not found[index + 1].is_name:
            continue
        parts, end = _name(found, index + 1)
        if len(parts) > 3:
            continue
        relation = views.get((parts[-2].lower() if len(parts) > 1 else session.current_schema(), parts[-1].lower()))
        if relation is None or (token.text == "," and not _in_from(found, index)):
            continue
        if token.lower != "from" or _is_joined(found, end):
            raise refusal("joins of a metric view in a query", parts[-1])
        view = parse(relation.query)
        read[blocks[index]] = (view, _columns(session, view, relation.current_schema))
        alias = "" if _has_alias(found, end) else f" as {quoted(parts[-1])}"
        edits.append((found[index + 1].start, found[end - 1].end, sql.rows(*read[blocks[index]]) + alias))
    if not edits:
        return None
    for index, token in enumerate(found):
        if blocks[index] not in read:
            continue
        view, columns = read[blocks[index]]
        if sql.is_measure(found, index):
            name = found[index + 2].value
            text = sql.measure(view, columns, name) + _name_of(found, index)
            edits.append((token.start, found[index + 3].end, text))
        elif token.text == "*" and found[index - 1].lower in ("select", ",", ".", "distinct"):
            raise DatabricksError(
                "METRIC_VIEW_MISSING_MEASURE_FUNCTION",
                "A metric view is read by its dimensions and MEASURE() of its measures, not by `*`.",
                "42000",
            )
    return Rewritten(replaced(statement.text, sorted(edits)))


def _name(found: list[Token], start: int) -> tuple[list[str], int]:
    """The parts of a name, and the token behind it, which may be the `.` of `t.*`."""
    parts, end = [found[start].value], start + 1
    while end + 1 < len(found) and found[end].text == "." and found[end + 1].is_name:
        parts.append(found[end + 1].value)
        end += 2
    return parts, end


def _blocks(found: list[Token]) -> list[int]:
    """The number of the query block that each token stands in."""
    stack, opened, last = [0], [], 0
    numbers = []
    for index, token in enumerate(found):
        if token.text == "(":
            opened.append(index + 1 < len(found) and found[index + 1].lower in ("select", "with", "from"))
            if opened[-1]:
                last += 1
                stack.append(last)
        elif token.text == ")" and opened and opened.pop():
            stack.pop()
        elif token.kind is Kind.WORD and token.lower in ("union", "except", "intersect", "minus"):
            last += 1
            stack[-1] = last
        numbers.append(stack[-1])
    return numbers


def _in_from(found: list[Token], index: int) -> bool:
    """Whether a comma stands between relations."""
    depth = 0
    for token in reversed(found[:index]):
        depth += {")": 1, "(": -1}.get(token.text, 0)
        if depth < 0 or (depth == 0 and token.lower in ("select", "by", "where", "having")):
            return False
        if depth == 0 and token.lower == "from":
            return True
    return False


def _is_joined(found: list[Token], index: int) -> bool:
    for token in found[index : index + 3]:
        if token.text == "," or (token.kind is Kind.WORD and token.lower in _JOINS):
            return True
        if token.text == ")" or token.lower in _NO_ALIAS:
            return False
    return False


def _has_alias(found: list[Token], index: int) -> bool:
    if index >= len(found):
        return False
    token = found[index]
    return token.is_name and not (token.kind is Kind.WORD and token.lower in _NO_ALIAS)


def _name_of(found: list[Token], index: int) -> str:
    """The name of a measure that is a column of the result and was given none."""
    before = found[index - 1].lower if index else ""
    after = found[index + 4].lower if index + 4 < len(found) else ""
    depth = 0
    for token in reversed(found[:index]):
        depth += {")": 1, "(": -1}.get(token.text, 0)
        if depth < 0 or (depth == 0 and token.lower in ("by", "having", "where", "from")):
            return ""
        if depth == 0 and token.lower == "select":
            is_item = before in ("select", ",", "distinct") and after in (",", "from", "")
            return f" as {quoted(f'measure({found[index + 2].value})')}" if is_item else ""
    return ""


RULES: list[tuple[tuple[str, ...], Rule]] = [
    (("create",), create),
    (("alter",), alter),
    (READING, query),
]
