"""CREATE, DROP, SHOW and DESCRIBE VOLUME; LIST; and volume paths inside other statements."""

from __future__ import annotations

import re
import shutil
from datetime import UTC, datetime

from localbricks.catalog.spark_catalog import CATALOG
from localbricks.catalog.store import Volume
from localbricks.engine.results import Result
from localbricks.errors import DatabricksError
from localbricks.sql.lexer import Edit, Kind, Statement, Token, literal, quoted, replaced
from localbricks.sql.outcome import Answered, Outcome, Rewritten, Rule
from localbricks.sql.session import SqlSession
from localbricks.volumes.paths import local_path

# What Unity Catalog forbids in names; a name is a folder's name here.
_FORBIDDEN = re.compile(r"[\s./\x00-\x1f\x7f]")


def create_volume(statement: Statement, session: SqlSession) -> Outcome | None:
    """`CREATE [EXTERNAL] VOLUME [IF NOT EXISTS] v [LOCATION '…'] [COMMENT '…']`."""
    reader = statement.reader()
    reader.expect("create")
    external = reader.take("external")
    if not reader.take("volume"):
        return None
    if_not_exists = reader.take("if", "not", "exists")
    name = session.table_name(reader.name())
    location, comment = "", None
    while not reader.done:
        if reader.take("location"):
            location = reader.string()
        elif reader.take("comment"):
            comment = reader.string()
        else:
            raise reader.error("Expected LOCATION or COMMENT.")
    if external != bool(location):
        raise DatabricksError(
            "CANNOT_CREATE_VOLUME", "An EXTERNAL volume has a LOCATION, a managed one has none.", "42601"
        )
    session.require_schema(name.schema)
    if _FORBIDDEN.search(name.table):
        raise DatabricksError(
            "INVALID_PARAMETER_VALUE",
            f"Invalid name of a volume: {quoted(name.table)}. A name has no slash, period, space or control character.",
            "22023",
        )
    if external and not local_path(location).is_dir():
        raise DatabricksError("PATH_NOT_FOUND", f"Path does not exist: {location}.", "42K03")
    kind = "EXTERNAL" if external else "MANAGED"
    volume = Volume(name.schema, name.table, kind, location, comment, datetime.now(UTC).isoformat())
    if session.store.volume(name.schema, name.table) is None:
        # The folder first: a volume that is there has one, whatever is killed when.
        session.volumes.folder(volume).mkdir(parents=True, exist_ok=True)
        session.store.add_volume(volume)
    elif not if_not_exists:
        raise DatabricksError("VOLUME_ALREADY_EXISTS", f"Volume {name.sql} already exists.", "42710")
    return Answered(Result.empty(session.home.tmp))


def drop_volume(statement: Statement, session: SqlSession) -> Outcome | None:
    """`DROP VOLUME [IF EXISTS] v`: files of a managed one go, of an external one stay."""
    reader = statement.reader()
    reader.expect("drop")
    if not reader.take("volume"):
        return None
    if_exists = reader.take("if", "exists")
    name = session.table_name(reader.name())
    reader.end()
    if not if_exists or session.store.volume(name.schema, name.table):
        remove_volume(session, session.volumes.require(name.schema, name.table))
    return Answered(Result.empty(session.home.tmp))


def remove_volume(session: SqlSession, volume: Volume) -> None:
    """Forget a volume; the files of a managed one go with it."""
    session.store.drop_volume(volume.schema, volume.name)
    if volume.kind == "MANAGED":
        shutil.rmtree(session.volumes.folder(volume), ignore_errors=True)


def show_volumes(statement: Statement, session: SqlSession) -> Outcome | None:
    """`SHOW VOLUMES [IN schema]`."""
    if not statement.starts("show", "volumes"):
        return None
    reader = statement.reader()
    reader.position = 2
    schema = session.current_schema()
    if reader.take("in") or reader.take("from"):
        schema = session.schema_name(reader.name())
    reader.end()
    session.require_schema(schema)
    rows = [(volume.schema, volume.name) for volume in session.store.volumes() if volume.schema == schema]
    return Answered(Result.from_rows("database string, volume_name string", rows, session.home.tmp))


def describe_volume(statement: Statement, session: SqlSession) -> Outcome | None:
    """`DESCRIBE VOLUME v`."""
    if statement.head[1:2] != ("volume",):
        return None
    reader = statement.reader()
    reader.position = 2
    name = session.table_name(reader.name())
    volume = session.volumes.require(name.schema, name.table)
    columns = (
        "name string, catalog string, database string, owner string, storage_location string, volume_type string, "
        "comment string, created_at string"
    )
    location = session.volumes.folder(volume).as_uri()
    row = (volume.name, CATALOG, volume.schema, session.user, location, volume.kind, volume.comment, volume.created_at)
    return Answered(Result.from_rows(columns, [row], session.home.tmp))


def list_files(statement: Statement, session: SqlSession) -> Outcome | None:
    """`LIST '/Volumes/…'`."""
    reader = statement.reader()
    reader.expect("list")
    path = reader.string()
    reader.end()
    folder = session.volumes.resolve(path)
    if not folder.exists():
        raise DatabricksError("PATH_NOT_FOUND", f"Path does not exist: {path}.", "42K03")
    files = sorted(folder.iterdir()) if folder.is_dir() else [folder]
    base = path.rstrip("/") if folder.is_dir() else path.rpartition("/")[0]
    rows = []
    for file in files:
        stat = file.stat()
        suffix = "/" if file.is_dir() else ""
        size = 0 if file.is_dir() else stat.st_size
        rows.append((f"{base}/{file.name}{suffix}", file.name + suffix, size, int(stat.st_mtime * 1000)))
    columns = "path string, name string, size bigint, modification_time bigint"
    return Answered(Result.from_rows(columns, rows, session.home.tmp))


def volume_paths(statement: Statement, session: SqlSession) -> Outcome | None:
    """``csv.`/Volumes/…` ``, `LOCATION '/Volumes/…'` and `OPTIONS (path '/Volumes/…')` become the files behind them.

    Any other string is a value and stays.
    """
    if "/Volumes/" not in statement.text:
        return None
    edits: list[Edit] = []
    for index, token in enumerate(statement.tokens):
        if _is_path(statement.tokens, index) and session.volumes.is_volume_path(token.value):
            path = str(session.volumes.resolve(token.value))
            edits.append((token.start, token.end, literal(path) if token.kind is Kind.STRING else quoted(path)))
    return Rewritten(replaced(statement.text, edits)) if edits else None


def _is_path(found: list[Token], index: int) -> bool:
    before = found[index - 1] if index else None
    if before is None:
        return False
    if found[index].kind is Kind.QUOTED:
        return before.text == "."
    if before.text == "=" and index > 1:
        before = found[index - 2]
    return found[index].kind is Kind.STRING and before.value.lower() in ("location", "path")


RULES: list[tuple[tuple[str, ...], Rule]] = [
    (("create",), create_volume),
    (("drop",), drop_volume),
    (("show",), show_volumes),
    (("describe", "desc"), describe_volume),
    (("list",), list_files),
    (("select", "with", "create", "insert", "from", "merge", "("), volume_paths),
]
