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
from localbricks.errors import DatabricksError, unsupported
from localbricks.sql.lexer import Token, literal, quoted, tokens

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
        root: local folder of the source; `public_root` is how the client wrote it.
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


def load(session: EngineSession, request: Load, tag: str) -> int:
    """Load the files that are new; the number of rows added.

    Raises:
        DatabricksError: the files cannot be read or do not fit the table; nothing is loaded then.
    """
    with _locks[request.location]:
        ledger = Ledger(path_of(request.location))
        last = delta.last_transaction(session, request.schema, request.table, APPLICATION)
        loaded = ledger.loaded(last)
        new = [one for one in request.files if request.force or _public(request, one) not in loaded]
        if not new:
            return 0
        version = last + 1
        ledger.announce(version, [_public(request, one) for one in new])
        frame = _frame(session, request, new, tag)
        writer = frame.write().format("delta").mode("append")
        writer = writer.option("txnAppId", APPLICATION).option("txnVersion", str(version))
        if request.merge_schema:
            writer = writer.option("mergeSchema", "true")
        try:
            writer.saveAsTable(f"{quoted(request.schema)}.{quoted(request.table)}")
        except Exception as error:
            ledger.withdraw(version)
            raise session.error(error) from error
        return ledger.rows_of_last_commit()


class Ledger:
    """Lists of loaded files, in a folder of the table's log: they go when the table does."""

    def __init__(self, table: Path) -> None:
        self._log = table / "_delta_log"
        self._folder = self._log / "_copy_into_log"

    def loaded(self, last_transaction: int) -> set[str]:
        """Files of every load that was committed; lists of loads that were not are removed."""
        found: set[str] = set()
        for path in self._lists():
            if int(path.stem) > last_transaction:
                path.unlink()
            else:
                found.update(json.loads(path.read_text(encoding="utf-8"))["files"])
        return found

    def announce(self, version: int, files: list[str]) -> None:
        """Write, durably, which files a transaction is about to load."""
        self._folder.mkdir(exist_ok=True)
        temporary = self._folder / f".{version}.tmp"
        with temporary.open("w", encoding="utf-8") as stream:
            json.dump({"version": version, "files": files}, stream)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(self._path(version))

    def withdraw(self, version: int) -> None:
        """The transaction failed."""
        self._path(version).unlink(missing_ok=True)

    def rows_of_last_commit(self) -> int:
        """Rows that the table's last commit added, by Delta's own count."""
        newest = max(self._log.glob("*.json"))
        for line in newest.read_text(encoding="utf-8").splitlines():
            info = json.loads(line).get("commitInfo")
            if info:
                return int(info.get("operationMetrics", {}).get("numOutputRows", 0))
        return 0

    def _path(self, version: int) -> Path:
        return self._folder / f"{version:020d}.json"

    def _lists(self) -> Iterator[Path]:
        return iter(sorted(self._folder.glob("[0-9]*.json")))


def _public(request: Load, file: SourceFile) -> str:
    return f"{request.public_root}/{file.name}"


def _frame(session: EngineSession, request: Load, files: list[SourceFile], tag: str) -> Any:
    """The rows to add, with the table's columns in the table's types."""
    view = f"__copy_into_{uuid.uuid4().hex}"
    columns = _register(session, request, files, view)
    chosen = _expand_star(request.select, columns) if request.select else ", ".join(quoted(c) for c in columns)
    source = session.frame(f"select {chosen} from {quoted(view)}", tag)
    given = {field.name.lower(): field for field in session.schema(source).fields}
    table = session.schema(session.frame(f"select * from {quoted(request.schema, request.table)}")).fields
    unknown = set(given) - {field.name.lower() for field in table}
    if unknown and not request.merge_schema:
        raise DatabricksError(
            "COPY_INTO_SCHEMA_MISMATCH_WITH_TARGET_TABLE",
            f"A schema mismatch was detected while copying into {request.schema}.{request.table}: the table has no "
            f"column {', '.join(sorted(unknown))}. Add it, or set COPY_OPTIONS ('mergeSchema' = 'true').",
            "42KDG",
        )
    casts = [
        f"cast({quoted(given[field.name.lower()].name)} as {field.dataType.simpleString()}) as {quoted(field.name)}"
        for field in table
        if field.name.lower() in given
    ]
    casts += [quoted(given[name].name) for name in sorted(unknown)]
    source.createOrReplaceTempView(f"{view}_rows")
    return session.frame(f"select {', '.join(casts)} from {quoted(f'{view}_rows')}", tag)


def _register(session: EngineSession, request: Load, files: list[SourceFile], view: str) -> list[str]:
    """Register the files as a temporary view with a `_metadata` column; the names of the file's own columns."""
    options = dict(request.format_options)
    rescued = _pop(options, "rescuedDataColumn")
    if _pop(options, "inferSchema", "false").lower() == "true":
        raise unsupported("COPY INTO with inferSchema", "Columns are loaded as text and cast to the table's types.")
    paths = session.string_array([str(file.path) for file in files])
    reader = session.java.read().format(request.file_format)
    # Files with different headers are an error here, never columns that slip.
    reader = reader.option("enforceSchema", "false")
    for key, value in options.items():
        reader = reader.option(key, value)
    frame = reader.load(paths)
    columns = [field.name for field in session.schema(frame).fields]
    if rescued:
        columns_ddl = [f"{quoted(c)} string" for c in columns]
        extra = [f"_c{index}" for index in range(len(columns), len(columns) + _EXTRA_FIELDS)]
        reader = reader.option("enforceSchema", "true").schema(
            ", ".join([*columns_ddl, *(f"{c} string" for c in extra)])
        )
        frame = reader.load(paths)
    path = "regexp_replace(_metadata.file_path, '^file:/+', '/')"
    public = f"concat({literal(request.public_root)}, substring({path}, {len(str(request.root)) + 1}))"
    if request.public_root.startswith("/Volumes/"):
        public = f"concat('dbfs:', {public})"
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


def _rescued(extra: list[str], path: str) -> str:
    """JSON of the fields that the header has no name for, and the file; NULL where there are none."""
    pairs = ", ".join(f"'{column}', {column}" for column in extra)
    return (
        f"case when coalesce({', '.join(extra)}) is not null "
        f"then to_json(named_struct({pairs}, '_file_path', {path})) end"
    )


def _pop(options: dict[str, str], name: str, default: str = "") -> str:
    key = next((key for key in options if key.lower() == name.lower()), None)
    return options.pop(key) if key else default


def _expand_star(select: str, columns: list[str]) -> str:
    """A bare `*` stands for the file's columns, without `_metadata`."""
    found = list(tokens(select))
    pieces, at = [], 0
    for index, token in enumerate(found):
        if token.text == "*" and _is_bare(found, index):
            pieces += [select[at : token.start], ", ".join(quoted(column) for column in columns)]
            at = token.end
    return "".join([*pieces, select[at:]])


def _is_bare(found: list[Token], index: int) -> bool:
    before = found[index - 1].text if index else ","
    after = found[index + 1].text if index + 1 < len(found) else ","
    return before == "," and after == ","
