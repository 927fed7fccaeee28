"""Row filters and column masks: MASK and ROW FILTER in CREATE, SET and DROP in ALTER. The engine applies them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from localbricks.catalog.policies import arguments
from localbricks.catalog.store import Policy
from localbricks.engine.results import Result
from localbricks.errors import DatabricksError
from localbricks.sql.lexer import Kind, Reader, Statement, quoted, replaced
from localbricks.sql.outcome import Answered, Outcome, Rewritten, Rule
from localbricks.sql.session import SqlSession, TableName

_KINDS = (("table",), ("streaming", "table"), ("materialized", "view"))

_TYPED = ("interval", "date", "timestamp", "timestamp_ntz", "x")
"""Words that a constant begins with."""


def create(statement: Statement, session: SqlSession) -> Outcome | None:
    """`CREATE … (c type MASK f [USING COLUMNS (…)]) [WITH] ROW FILTER f ON (…)`: the clauses go, the policies come after."""
    words = {token.lower for token in statement.tokens}
    if not ("mask" in words or ("row" in words and "filter" in words)):
        return None
    reader = statement.reader()
    reader.expect("create")
    if reader.take("or"):
        reader.next()
    if not any(reader.take(*kind) for kind in _KINDS):
        return None
    reader.take("if", "not", "exists")
    name = session.table_name(reader.name())
    found, cuts = _clauses(reader, statement, session, name)
    if not found:
        return None
    for policy in found:
        session.functions.require(*policy.function)
    existed = session.catalog.table(name.schema, name.table) is not None

    def set_policies() -> None:
        try:
            kept = [_checked(session, policy) for policy in found]
        except DatabricksError:
            if not existed:
                session.spark.frame(f"drop table {name.sql}")
            raise
        session.store.set_policies(kept)

    return Rewritten(replaced(statement.text, ((*cut, " ") for cut in cuts)), after=set_policies)


def alter(statement: Statement, session: SqlSession) -> Outcome | None:
    """`ALTER TABLE t ALTER COLUMN c SET MASK f | DROP MASK`, `ALTER TABLE t SET ROW FILTER f ON (…) | DROP ROW FILTER`."""
    reader = statement.reader()
    reader.expect("alter")
    is_view = reader.take("view")
    if not (is_view or any(reader.take(*kind) for kind in _KINDS)):
        return None
    parts = reader.name()
    target: list[str] = []
    if reader.take("alter") or reader.take("change"):
        reader.take("column")
        target = reader.name()
    # Only now is it known whether the statement is about a mask at all.
    is_drop = reader.take("drop", "mask") if target else False
    is_mask = not is_drop and bool(target) and reader.take("set", "mask")
    column = _single(target, "COLUMN_MASKS_MULTI_PART_TARGET_COLUMN_NAME") if is_drop or is_mask else ""
    if is_drop:
        return _drop(session, reader, session.table_name(parts), column.lower())
    if not target and reader.take("drop", "row", "filter"):
        return _drop(session, reader, session.table_name(parts), "")
    if not is_mask and not (not target and reader.take("set", "row", "filter")):
        return None
    name = session.table_name(parts)
    policy = _mask(reader, session, name, column) if is_mask else _row_filter(reader, session, name)
    reader.end()
    session.functions.require(*policy.function)
    session.store.set_policies([_checked(session, policy)])
    return Answered(Result.empty(session.home.tmp))


def _clauses(
    reader: Reader, statement: Statement, session: SqlSession, name: TableName
) -> tuple[list[Policy], list[tuple[int, int]]]:
    """The policies of a CREATE and the stretches of its text that say so, up to the query behind AS."""
    found: list[Policy] = []
    cuts: list[tuple[int, int]] = []
    depth, column = 0, ""
    while (token := reader.token) is not None and not (depth == 0 and token.lower == "as"):
        start = token.start
        if depth == 1 and reader.peek("mask") and _names_next(reader):
            reader.next()
            found.append(_mask(reader, session, name, column))
        elif depth == 0 and (reader.take("with", "row", "filter") or reader.take("row", "filter")):
            found.append(_row_filter(reader, session, name))
        else:
            before = statement.tokens[reader.position - 1].text
            if depth == 1 and before in ("(", ",") and token.is_name:
                column = token.value
            depth += {"(": 1, ")": -1}.get(token.text, 0) if token.kind is Kind.SYMBOL else 0
            reader.next()
            continue
        cuts.append((start, statement.tokens[reader.position - 1].end))
    return found, cuts


def _names_next(reader: Reader) -> bool:
    before, after = reader.ahead(-1), reader.ahead(1)
    return before is not None and before.text not in ("(", ",") and after is not None and after.is_name


def _mask(reader: Reader, session: SqlSession, name: TableName, column: str) -> Policy:
    function = session.table_name(reader.name())
    others: list[str] = []
    if reader.take("using", "columns"):
        others = reader.listed(lambda: _argument(reader, "COLUMN_MASKS_MULTI_PART_USING_COLUMN_NAME"))
    _no_doubles(others, "COLUMN_MASKS_DUPLICATE_USING_COLUMN_NAME")
    if quoted(column.lower()) in others:
        raise DatabricksError(
            "COLUMN_MASKS_USING_COLUMN_NAME_SAME_AS_TARGET_COLUMN",
            f"The column {quoted(column)} had the same name as the target column, which is invalid; remove the column "
            "from the USING COLUMNS list and retry the command.",
            "428GB",
        )
    return Policy(name.schema, name.table, column.lower(), (function.schema, function.table), tuple(others))


def _row_filter(reader: Reader, session: SqlSession, name: TableName) -> Policy:
    function = session.table_name(reader.name())
    reader.expect("on")
    if reader.take("(", ")"):
        columns: list[str] = []
    else:
        columns = reader.listed(lambda: _argument(reader, "ROW_LEVEL_SECURITY_MULTI_PART_COLUMN_NAME"))
    _no_doubles(columns, "ROW_LEVEL_SECURITY_DUPLICATE_COLUMN_NAME")
    return Policy(name.schema, name.table, "", (function.schema, function.table), tuple(columns))


def _argument(reader: Reader, error_class: str) -> str:
    """A column, quoted and in lower case, or a constant as it is written: `-1`, `'a'`, `interval 2 days`."""
    token, follows = reader.token, reader.ahead(1)
    is_typed = (
        token is not None and token.lower in _TYPED and follows is not None and follows.text not in (",", ")", ".")
    )
    if token is not None and token.is_name and not is_typed and token.lower not in ("null", "true", "false"):
        return quoted(_single(reader.name(), error_class).lower())
    return reader.item()


def _single(parts: Sequence[str], error_class: str) -> str:
    if len(parts) > 1:
        raise DatabricksError(error_class, f"{quoted(*parts)} has several name parts, expected one.", "42K05")
    return parts[0]


def _no_doubles(columns: Sequence[str], error_class: str) -> None:
    double = next((one for one in columns if columns.count(one) > 1 and one.startswith("`")), None)
    if double:
        raise DatabricksError(error_class, f"The column {double} is named twice.", "42734")


def _checked(session: SqlSession, policy: Policy) -> Policy:
    """A policy whose table has the columns, and whose function takes them.

    Raises:
        DatabricksError: what Unity Catalog refuses a policy for.
    """
    kind = "COLUMN_MASKS" if policy.column else "ROW_LEVEL_SECURITY"
    entry = session.catalog.require(policy.schema, policy.table)
    if entry.is_view:
        raise DatabricksError(
            f"{kind}_FEATURE_NOT_SUPPORTED.VIEWS", f"Views have none: `{policy.schema}`.`{policy.table}`.", "0A000"
        )
    columns = {field.name.lower() for field in session.catalog.detail(entry).columns.fields}
    given = arguments(policy)
    for argument in given:
        if argument.startswith("`") and argument[1:-1].replace("``", "`") not in columns:
            raise DatabricksError(
                "UNRESOLVED_COLUMN.WITH_SUGGESTION",
                f"A column with name {argument} cannot be resolved. Did you mean one of the following? "
                f"[{', '.join(quoted(column) for column in sorted(columns))}].",
                "42703",
            )
    function = session.functions.require(*policy.function)
    wanted = len(function.parameters.fields)
    if len(given) != wanted:
        raise DatabricksError(
            "WRONG_NUM_ARGS.WITHOUT_SUGGESTION",
            f"The {quoted(*policy.function)} requires {wanted} parameters but the actual number is {len(given)}.",
            "42605",
        )
    if not policy.column and function.returns.simpleString() != "boolean":
        raise DatabricksError(
            "INVALID_ROW_FILTER_FUNCTION",
            f"A row filter returns BOOLEAN; {quoted(*policy.function)} returns {function.returns.simpleString()}.",
            "42K09",
        )
    return replace(policy)


def _drop(session: SqlSession, reader: Reader, name: TableName, column: str) -> Outcome:
    reader.end()
    session.catalog.require(name.schema, name.table)
    existing = [one for one in session.store.policies_of(name.schema, name.table) if one.column == column]
    if not existing and column:
        session.require_column(name, column)
    session.store.drop_policies(existing)
    return Answered(Result.empty(session.home.tmp))


def refuse_clone(statement: Statement, session: SqlSession) -> Outcome | None:
    """A table with policies is not cloned: the copy would hold what the policies hide."""
    found = statement.tokens
    for index, token in enumerate(found[:-1]):
        if token.lower == "clone" and found[index - 1].lower in ("shallow", "deep"):
            reader = statement.reader()
            reader.position = index + 1
            source = session.table_name(reader.name())
            _refuse(session.store.policies_of(source.schema, source.table), source)
            return None
    return None


def _refuse(policies: Iterable[Policy], source: TableName) -> None:
    for policy in policies:
        kind = "COLUMN_MASKS" if policy.column else "ROW_LEVEL_SECURITY"
        raise DatabricksError(
            f"{kind}_FEATURE_NOT_SUPPORTED.CLONE", f"{source.sql} has policies: it cannot be cloned.", "0A000"
        )


RULES: list[tuple[tuple[str, ...], Rule]] = [
    (("create",), refuse_clone),
    (("create",), create),
    (("alter",), alter),
]
