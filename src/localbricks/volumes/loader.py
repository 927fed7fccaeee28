"""Loads files into a Delta table so that each file is loaded once, whatever is killed when.

The list of a load's files is written beside the table's log before the rows are committed, under the number of
the transaction that commits them. After a crash a list whose transaction never came is void, one whose
transaction came counts: there is no moment in between.
"""

from __future__ import annotations

import json
import os
import threading
import uuid
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from localbricks.catalog import delta
from localbricks.catalog.spark_catalog import path_of
from localbricks.engine.session import EngineSession
from localbricks.errors import DatabricksError
from localbricks.sql.lexer import Token, literal, quoted, replaced, tokens
from localbricks.volumes.headers import check_headers

APPLICATION = "localbricks-copy-into"
# Fields of a CSV record beyond its header that can be rescued.
_EXTRA_FIELDS = 64
_locks: dict[str, threading.Lock] = defaultdict(threading.Lock)


@dataclass(frozen=True)
class SourceFile:
    """A file by its path relative to the source, with `/`, and where it is."""

    name: str
    path: Path


@dataclass(frozen=True)
class Load:
    """What is to be loaded into which table.

    Attributes:
        root: local folder of the source; `public_root` is how Databricks names it.
        format_options: options of the reader, keys in lower case.
        select: the expressions of `SELECT … FROM path`, None for all columns.
        force: load files that were loaded before, too.
    """

    schema: str
    table: str
    location: str
    root: Path
    public_root: str
    files: list[SourceFile]
    file_format: str
    format_options: dict[str, str]
    select: str | None
    force: bool
    merge_schema: bool


def load(session: EngineSession, request: Load) -> int:
    """Load the files that are new; the number of rows added.

    Raises:
        DatabricksError: the files cannot be read or do not fit the table; nothing is loaded then.
    """
    with _locks[request.location]:
        identifier, last = delta.last_transaction(session, request.schema, request.table, APPLICATION)
        ledger = Ledger(path_of(request.location), identifier)
        loaded = ledger.loaded(last)
        new = [one for one in request.files if request.force or _public(request, one) not in loaded]
        if not new:
            return 0
        version = last + 1
        ledger.announce(version, [_public(request, one) for one in new])
        view = f"__copy_into_{uuid.uuid4().hex}"
        try:
            frame = _frame(session, request, new, view)
            session.expect_input(sum(file.path.stat().st_size for file in new))
            _write(frame, request, version)
        except Exception as error:
            # The list stays: whether the transaction came, only the table's log can tell.
            raise session.error(error) from error
        finally:
            session.drop_temporary_views([view, f"{view}_rows"])
        return ledger.rows_of(version)


def _write(frame: Any, request: Load, version: int) -> None:
    """Append the rows in one transaction, which bears the number of the list of files."""
    writer = frame.write().format("delta").mode("append")
    writer = writer.option("txnAppId", APPLICATION).option("txnVersion", str(version))
    if request.merge_schema:
        writer = writer.option("mergeSchema", "true")
    writer.saveAsTable(f"{quoted(request.schema)}.{quoted(request.table)}")


class Ledger:
    """Lists of loaded files, in a folder of the table's log: they go when the table does.

    A table that is replaced keeps its folder and gets another identifier: it has none of the files.
    """

    def __init__(self, table: Path, identifier: str) -> None:
        self._identifier = identifier
        self._log = table / "_delta_log"
        self._folder = self._log / "_copy_into_log"

    def loaded(self, last_transaction: int) -> set[str]:
        """Files of every load into this table that was committed; lists of loads that were not are removed."""
        found: set[str] = set()
        for path in self._lists():
            if int(path.stem) > last_transaction:
                path.unlink()
            else:
                load = json.loads(path.read_text(encoding="utf-8"))
                found.update(load["files"] if load["table"] == self._identifier else ())
        return found

    def announce(self, version: int, files: list[str]) -> None:
        """Write, durably, which files a transaction is about to load."""
        self._folder.mkdir(exist_ok=True)
        temporary = self._folder / f".{version}.tmp"
        with temporary.open("w", encoding="utf-8") as stream:
            json.dump({"table": self._identifier, "version": version, "files": files}, stream)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(self._path(version))

    def rows_of(self, version: int) -> int:
        """Rows that a load's commit added, by Delta's own count. Others may have committed since."""
        for commit in sorted(self._log.glob("[0-9]*.json"), reverse=True):
            actions: dict[str, Any] = {}
            for line in commit.read_text(encoding="utf-8").splitlines():
                actions |= json.loads(line)
            transaction = actions.get("txn", {})
            if (transaction.get("appId"), transaction.get("version")) == (APPLICATION, version):
                return int(actions["commitInfo"].get("operationMetrics", {}).get("numOutputRows", 0))
        return 0

    def _path(self, version: int) -> Path:
        return self._folder / f"{version:020d}.json"

    def _lists(self) -> Iterator[Path]:
        return iter(sorted(self._folder.glob("[0-9]*.json")))


def _public(request: Load, file: SourceFile) -> str:
    return f"{request.public_root}/{file.name}"


def _frame(session: EngineSession, request: Load, files: list[SourceFile], view: str) -> Any:
    """The rows to add, with the table's columns in the table's types, behind temporary views."""
    columns = _register(session, request, files, view)
    chosen = _expand_star(request.select, columns) if request.select else ", ".join(quoted(c) for c in columns)
    source = session.frame(f"select {chosen} from {quoted(view)}")
    given = {field.name.lower(): field for field in session.schema(source).fields}
    table = session.schema(session.frame(f"select * from {quoted(request.schema, request.table)}")).fields
    known = {field.name.lower() for field in table}
    unknown = [name for name in given if name not in known]
    if unknown and not request.merge_schema:
        raise DatabricksError(
            "COPY_INTO_SCHEMA_MISMATCH_WITH_TARGET_TABLE",
            f"A schema mismatch was detected while copying into {request.schema}.{request.table}: the table has no "
            f"column {', '.join(unknown)}. Add it, or set COPY_OPTIONS ('mergeSchema' = 'true').",
            "42KDG",
        )
    casts = [
        f"cast({quoted(given[field.name.lower()].name)} as {field.dataType.simpleString()}) as {quoted(field.name)}"
        for field in table
        if field.name.lower() in given
    ]
    casts += [quoted(given[name].name) for name in unknown]
    source.createOrReplaceTempView(f"{view}_rows")
    return session.frame(f"select {', '.join(casts)} from {quoted(f'{view}_rows')}")


def _register(session: EngineSession, request: Load, files: list[SourceFile], view: str) -> list[str]:
    """Register the files as a temporary view with a `_metadata` column; the names of the file's own columns."""
    options = dict(request.format_options)
    rescued = options.pop("rescueddatacolumn", None)
    options.pop("inferschema", None)
    paths = session.string_array([str(file.path) for file in files])
    reader = session.java.read().format(request.file_format)
    # Files with different headers are an error here, never columns that slip.
    reader = reader.option("enforceSchema", "false")
    for key, value in options.items():
        reader = reader.option(key, value)
    if request.file_format == "csv":
        check_headers([file.path for file in files], options, lambda path: _columns(session, reader.load(str(path))))
    frame = reader.load(paths)
    columns = _columns(session, frame)
    if rescued:
        columns_ddl = [f"{quoted(c)} string" for c in columns]
        extra = [f"_c{index}" for index in range(len(columns), len(columns) + _EXTRA_FIELDS)]
        reader = reader.option("enforceSchema", "true").schema(
            ", ".join([*columns_ddl, *(f"{c} string" for c in extra)])
        )
        frame = reader.load(paths)
    public = _public_path(session, request)
    metadata = (
        f"named_struct('file_path', {public}, 'file_name', _metadata.file_name, 'file_size', _metadata.file_size, "
        "'file_block_start', _metadata.file_block_start, 'file_block_length', _metadata.file_block_length, "
        "'file_modification_time', _metadata.file_modification_time)"
    )
    chosen = [quoted(column) for column in columns]
    if rescued:
        chosen.append(f"{_rescued(extra, public)} as {quoted(rescued)}")
        columns = [*columns, rescued]
    # The hidden column of a file source is lost in a view, so it is made a plain one before.
    frame.selectExpr(session.string_array([*chosen, f"{metadata} as _metadata"])).createOrReplaceTempView(view)
    return columns


def _columns(session: EngineSession, frame: Any) -> list[str]:
    return [field.name for field in session.schema(frame).fields]


def _public_path(session: EngineSession, request: Load) -> str:
    """SQL for the path of a row's file as Databricks names it, percent-encoded as both engines do."""

    def encoded(path: str) -> str:
        return str(session.java_class("org.apache.hadoop.fs.Path")(path).toUri().getRawPath())

    path = "regexp_replace(_metadata.file_path, '^file:/+', '/')"
    if not request.public_root.startswith("/Volumes/"):
        return f"concat('file://', {path})"
    inside = f"substring({path}, {len(encoded(str(request.root))) + 1})"
    return f"concat({literal('dbfs:' + encoded(request.public_root))}, {inside})"


def _rescued(extra: list[str], path: str) -> str:
    """JSON of the fields that the header has no name for, and the file; NULL where there are none."""
    pairs = ", ".join(f"'{column}', {column}" for column in extra)
    return (
        f"case when coalesce({', '.join(extra)}) is not null "
        f"then to_json(named_struct({pairs}, '_file_path', {path})) end"
    )


def _expand_star(select: str, columns: list[str]) -> str:
    """A bare `*` stands for the file's columns, without `_metadata`."""
    found = list(tokens(select))
    listed = ", ".join(quoted(column) for column in columns)
    stars = (token for index, token in enumerate(found) if token.text == "*" and _is_bare(found, index))
    return replaced(select, ((star.start, star.end, listed) for star in stars))


def _is_bare(found: list[Token], index: int) -> bool:
    before = found[index - 1].text if index else ","
    after = found[index + 1].text if index + 1 < len(found) else ","
    return before == "," and after == ","
