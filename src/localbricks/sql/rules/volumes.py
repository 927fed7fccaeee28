"""CREATE, DROP, SHOW and DESCRIBE VOLUME; LIST; and volume paths inside other statements."""

from __future__ import annotations

import shutil
import sqlite3
from datetime import UTC, datetime

from localbricks.catalog.spark_catalog import CATALOG
from localbricks.catalog.store import Volume
from localbricks.engine.results import Result
from localbricks.errors import DatabricksError
from localbricks.sql.lexer import Kind, Statement, literal, quoted
from localbricks.sql.outcome import Answered, Outcome, Rewritten, Rule
from localbricks.sql.session import SqlSession
from localbricks.volumes.paths import local_path


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
    if not session.catalog.has_schema(name.schema):
        raise DatabricksError(
            "SCHEMA_NOT_FOUND", f"The schema {quoted(CATALOG, name.schema)} cannot be found.", "42704"
        )
    if external and not local_path(location).is_dir():
        raise DatabricksError("PATH_NOT_FOUND", f"Path does not exist: {location}.", "42K03")
    kind = "EXTERNAL" if external else "MANAGED"
    volume = Volume(name.schema, name.table, kind, location, comment, datetime.now(UTC).isoformat())
    try:
        session.store.add_volume(volume)
    except sqlite3.IntegrityError:
        if not if_not_exists:
            raise DatabricksError("VOLUME_ALREADY_EXISTS", f"Volume {name.sql} already exists.", "42710") from None
    if not external:
        session.volumes.folder(volume).mkdir(parents=True, exist_ok=True)
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
    volume = session.store.volume(name.schema, name.table)
    if volume is None and not if_exists:
        raise DatabricksError("VOLUME_NOT_FOUND", f"Volume {name.sql} does not exist.", "42704")
    if volume is not None:
        session.store.drop_volume(name.schema, name.table)
        if volume.kind == "MANAGED":
            shutil.rmtree(session.volumes.folder(volume), ignore_errors=True)
    return Answered(Result.empty(session.home.tmp))


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
    rows = [(volume.schema, volume.name) for volume in session.store.volumes() if volume.schema == schema]
    return Answered(Result.from_rows("database string, volume_name string", rows, session.home.tmp))


def describe_volume(statement: Statement, session: SqlSession) -> Outcome | None:
    """`DESCRIBE VOLUME v`."""
    if statement.head[1:2] != ("volume",):
        return None
    reader = statement.reader()
    reader.position = 2
    name = session.table_name(reader.name())
    volume = session.store.volume(name.schema, name.table)
    if volume is None:
        raise DatabricksError("VOLUME_NOT_FOUND", f"Volume {name.sql} does not exist.", "42704")
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
    """``csv.`/Volumes/…` `` and string paths in other statements become the files behind them."""
    if "/Volumes/" not in statement.text or statement.starts("copy", "into"):
        return None
    pieces, at = [], 0
    for token in statement.tokens:
        if token.kind in (Kind.STRING, Kind.QUOTED) and session.volumes.is_volume_path(token.value):
            path = str(session.volumes.resolve(token.value))
            pieces += [statement.text[at : token.start], literal(path) if token.kind is Kind.STRING else quoted(path)]
            at = token.end
    return Rewritten("".join([*pieces, statement.text[at:]])) if pieces else None


RULES: list[tuple[tuple[str, ...], Rule]] = [
    (("create",), create_volume),
    (("drop",), drop_volume),
    (("show",), show_volumes),
    (("describe", "desc"), describe_volume),
    (("list",), list_files),
    (("select", "with", "create", "insert", "from"), volume_paths),
]
