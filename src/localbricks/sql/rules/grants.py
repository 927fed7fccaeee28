"""GRANT, REVOKE and SHOW GRANTS: recorded and shown, not enforced — a workspace has one user."""

from __future__ import annotations

from localbricks.catalog.spark_catalog import CATALOG
from localbricks.catalog.store import Privilege
from localbricks.engine.results import Result
from localbricks.sql.lexer import Reader, Statement
from localbricks.sql.outcome import Answered, Outcome, Rule
from localbricks.sql.session import SqlSession

_SECURABLES = ("catalog", "schema", "database", "volume", "function", "view", "table")
_PRIVILEGES = {
    "ALL PRIVILEGES",
    "APPLY TAG",
    "BROWSE",
    "CREATE FUNCTION",
    "CREATE MATERIALIZED VIEW",
    "CREATE MODEL",
    "CREATE SCHEMA",
    "CREATE TABLE",
    "CREATE VOLUME",
    "EXECUTE",
    "EXTERNAL USE SCHEMA",
    "MANAGE",
    "MODIFY",
    "READ VOLUME",
    "REFRESH",
    "SELECT",
    "USE CATALOG",
    "USE SCHEMA",
    "WRITE VOLUME",
}
_COLUMNS = "Principal string, ActionType string, ObjectType string, ObjectKey string"


def grant_or_revoke(statement: Statement, session: SqlSession) -> Outcome | None:
    """`GRANT privileges ON securable TO principal`, `REVOKE … FROM principal`."""
    reader = statement.reader()
    is_grant = reader.next().lower == "grant"
    privileges = _privileges(reader)
    kind, name = _securable(reader, session)
    reader.expect("to" if is_grant else "from")
    principal = reader.next().value
    reader.end()
    entries = [Privilege(kind, name, principal, privilege) for privilege in privileges]
    if is_grant:
        session.store.grant(entries)
    else:
        session.store.revoke(entries)
    return Answered(Result.empty(session.home.tmp))


def show_grants(statement: Statement, session: SqlSession) -> Outcome | None:
    """`SHOW GRANTS [principal] ON securable`."""
    if not (statement.starts("show", "grants") or statement.starts("show", "grant")):
        return None
    reader = statement.reader()
    reader.position = 2
    principal = None if reader.peek("on") else reader.next().value
    kind, name = _securable(reader, session)
    reader.end()
    rows = [
        (one.principal, one.privilege, one.kind, f"{CATALOG}.{one.name}" if one.kind != "CATALOG" else one.name)
        for one in session.store.privileges(kind, name)
        if principal is None or one.principal == principal
    ]
    return Answered(Result.from_rows(_COLUMNS, rows, session.home.tmp))


def _privileges(reader: Reader) -> list[str]:
    found: list[str] = []
    words: list[str] = []
    while not reader.peek("on"):
        token = reader.next()
        if token.text == ",":
            found.append(" ".join(words))
            words = []
        else:
            words.append(token.text.upper())
    found = ["ALL PRIVILEGES" if one == "ALL" else one for one in [*found, " ".join(words)]]
    unknown = [one for one in found if one not in _PRIVILEGES]
    if unknown:
        raise reader.error(f"{unknown[0] or 'Nothing'} is no privilege.")
    return found


def _securable(reader: Reader, session: SqlSession) -> tuple[str, str]:
    reader.expect("on")
    kind = next((word for word in _SECURABLES if reader.take(word)), "table")
    if kind == "catalog":
        name = reader.name()[0]
        session.check_catalog(name)
        return "CATALOG", CATALOG
    if kind in ("schema", "database"):
        schema = session.schema_name(reader.name())
        session.require_schema(schema)
        return "SCHEMA", schema
    full = session.table_name(reader.name())
    if kind == "volume":
        session.volumes.require(full.schema, full.table)
    elif kind == "function":
        session.catalog.require_function(full.schema, full.table)
    else:
        session.catalog.require(full.schema, full.table)
        kind = "table"
    return kind.upper(), full.dotted


RULES: list[tuple[tuple[str, ...], Rule]] = [
    (("grant", "revoke"), grant_or_revoke),
    (("show",), show_grants),
]
