"""Load landing files: look at what is new, COPY INTO the raw tables, prove the counts, keep books.

A run may be stopped at any moment and started again. COPY INTO loads a file once, the manifest is
written after it and keyed by feed, path and content, and a path whose records are in the table
without a manifest row is recognised. Two runs at the same time are not meant.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from queue import SimpleQueue
from typing import Any, Protocol, TypeVar
from urllib.parse import unquote

from rwe.feeds.contract import Contract
from rwe.feeds.sources import LANDING_TABLES
from rwe.landing import statements as sql
from rwe.landing.inspect import Inspection, inspect_file
from rwe.landing.plan import (
    Decision,
    FoundFile,
    ManifestRow,
    decide,
    entity_of,
    find_files,
    settled,
)
from rwe.landing.verdict import LOADED_STATUSES, Verdict, unknown_columns

ROWS_PER_MERGE = 500
"""Rows written by one MERGE into the landing's tables."""
CHARACTERS_PER_MERGE = 1_000_000
"""Text of malformed records written by one MERGE, about."""

Progress = Callable[[str], None]
T = TypeVar("T")
R = TypeVar("R")


class IngestError(RuntimeError):
    """Nothing can be loaded at all. The message says what was found, expected, and what to do."""


class Cursor(Protocol):
    """What is used of a DB-API cursor."""

    def execute(self, operation: str) -> Any: ...
    def fetchall(self) -> Sequence[Sequence[Any]]: ...
    def close(self) -> None: ...


class Connection(Protocol):
    """What is used of a DB-API connection, such as databricks-sql-connector's."""

    def cursor(self) -> Cursor: ...


@dataclass(frozen=True)
class FileOutcome:
    """What became of one file in the landing folder."""

    feed: str
    entity: str | None
    file_path: str
    status: str
    reason: str | None
    count_records: int | None
    is_new: bool
    """Decided in this run; else the manifest's word from an earlier one."""


@dataclass(frozen=True)
class IngestReport:
    """What a run found and did."""

    files: tuple[FileOutcome, ...]
    """Every file in the landing folders, by feed and path, but those with an error."""
    absent: tuple[str, ...]
    """`feed.entity` of every optional entity without a file; its raw table is there and empty, or
    as an earlier run left it."""
    errors: tuple[str, ...]
    """What must be mended before the run is complete. Empty when all went well."""

    def count(self, status: str) -> int:
        """Number of files with a status."""
        return sum(file.status == status for file in self.files)

    def lines(self) -> Iterator[str]:
        """The report for people, a line each."""
        for file in self.files:
            records = "" if file.count_records is None else f", {file.count_records} records"
            known = "" if file.is_new else " (known)"
            reason = f": {file.reason}" if file.reason else ""
            yield f"{file.feed}/{file.file_path}: {file.status}{records}{known}{reason}"
        for entity in self.absent:
            yield f"{entity}: no file, the raw table got nothing"
        for error in self.errors:
            yield f"ERROR {error}"


def expect_folder(landing: Path, feeds: Iterable[str]) -> None:
    """Raise an IngestError where there is no such folder."""
    if not landing.is_dir():
        raise IngestError(
            f"Found no folder {landing}, expected the landing folder with a folder a feed "
            f"({', '.join(feeds)}). Create it, or name another one."
        )


def ingest(
    connections: Sequence[Connection],
    contracts: dict[str, Contract],
    landing: Path | None,
    catalog: str,
    *,
    reset: Collection[str] = (),
    progress: Progress | None = None,
) -> IngestReport:
    """Bring the raw tables up to what lies in the landing folders.

    Statements on different tables run side by side, as many as there are `connections`, one at least.

    `landing` holds a folder a feed, and an external volume is laid over each. None means the feeds'
    own volumes, read where they are mounted (`/Volumes/<catalog>/raw_<feed>/landing`, on Databricks
    compute). `reset` names the feeds whose raw tables are dropped first, and their files forgotten.
    `progress` gets a line now and then.

    A bad file stops nothing: it is in the report with its status and reason. Exceptions of the
    connection that are not about one load pass through.
    """
    if landing is not None:
        expect_folder(landing, contracts)
    run = _Run(_Sessions(connections), catalog, landing, progress or (lambda line: None))
    run.prepare_books()
    if reset:
        run.reset({feed: contract for feed, contract in contracts.items() if feed in reset})
    run.read_manifest(contracts)
    for contract in contracts.values():
        run.feed(contract)
    return IngestReport(
        files=tuple(sorted(run.files, key=lambda file: (file.feed, file.file_path))),
        absent=tuple(run.absent),
        errors=tuple(run.errors),
    )


class _Sessions:
    """Connections that are lent to one statement at a time: a connection is not for two threads at once."""

    def __init__(self, connections: Sequence[Connection]) -> None:
        self._count = len(connections)
        self._idle: SimpleQueue[Connection] = SimpleQueue()
        for connection in connections:
            self._idle.put(connection)

    @contextmanager
    def cursor(self) -> Iterator[Cursor]:
        """A cursor of the next connection that is idle."""
        connection = self._idle.get()
        try:
            cursor = connection.cursor()
            try:
                yield cursor
            finally:
                cursor.close()
        finally:
            self._idle.put(connection)

    def each(self, work: Callable[[T], R], items: Iterable[T]) -> list[R]:
        """The results of `work` on all items, side by side. The first error is raised when all have ended."""
        with ThreadPoolExecutor(self._count) as pool:
            return list(pool.map(work, items))


@dataclass
class _Run:
    """One run's connections and what it has gathered."""

    sessions: _Sessions
    catalog: str
    landing: Path | None
    progress: Progress
    manifest: list[ManifestRow] = field(default_factory=list)
    known: set[ManifestRow] = field(default_factory=set)
    """The rows of the manifest, to look them up."""
    files: list[FileOutcome] = field(default_factory=list)
    absent: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def execute(self, statement: str) -> None:
        with self.sessions.cursor() as cursor:
            cursor.execute(statement)

    def query(self, statement: str) -> Sequence[Sequence[Any]]:
        with self.sessions.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchall()

    def tables(self, schema: str) -> set[str]:
        return {row[1] for row in self.query(sql.show_tables(self.catalog, schema))}

    def prepare_books(self) -> None:
        """Create the landing's own tables where they are absent."""
        self.execute(
            sql.create_schema(
                self.catalog,
                sql.LANDING_SCHEMA,
                "What the landing knows about its files.",
            )
        )
        existing = self.tables(sql.LANDING_SCHEMA)
        absent = [table for table in LANDING_TABLES if table not in existing]
        self.sessions.each(lambda table: self.execute(sql.create_landing_table(self.catalog, table)), absent)

    def reset(self, contracts: dict[str, Contract]) -> None:
        """Forget feeds. The books go first: rows without a book entry are found again, a book entry
        without rows would hide the loss."""
        self.progress(f"{', '.join(contracts)}: forgetting what was loaded")
        for table in LANDING_TABLES:
            self.execute(sql.delete_feeds(self.catalog, table, contracts))
        for contract in contracts.values():
            schema = contract.schema_name
            self.create_schema(contract)
            drops = [sql.drop_table(self.catalog, schema, table) for table in sorted(self.tables(schema))]
            self.sessions.each(self.execute, drops)
            if self.landing is not None:
                self.execute(sql.drop_volume(self.catalog, schema))

    def create_schema(self, contract: Contract) -> None:
        self.execute(
            sql.create_schema(
                self.catalog,
                contract.schema_name,
                f"{contract.title}: landing files as delivered, all text.",
            )
        )

    def read_manifest(self, contracts: Iterable[str]) -> None:
        rows = self.query(sql.select_manifest(self.catalog, contracts))
        self.manifest = [ManifestRow(*row) for row in rows]
        self.known = set(self.manifest)

    def feed(self, contract: Contract) -> None:
        """Bring one feed up to date."""
        self.create_schema(contract)
        created = self.prepare_tables(contract)
        folder = self.folder(contract)
        if folder is None or not self.prepare_volume(contract, folder):
            if folder is None:
                self.note_absent(contract, set())
            return
        by_entity: dict[str, list[FoundFile]] = {name: [] for name in contract.entities}
        decisions: list[Decision] = []
        for file in find_files(folder):
            entity = entity_of(contract, file, folder)
            if isinstance(entity, Verdict):
                decisions.append(Decision(file, None, entity, None))
            else:
                by_entity[entity].append(file)
        self.note_absent(contract, [name for name, files in by_entity.items() if files])

        rows = [row for row in self.manifest if row.feed == contract.feed]
        booked = {row.file_path for row in rows if row.status in LOADED_STATUSES}
        news = {entity: self.unsettled(contract, entity, files, rows) for entity, files in by_entity.items()}
        in_table = self.counted(
            contract,
            [
                (entity, file.file_path)
                for entity, files in news.items()
                for file in files
                if entity not in created and file.file_path not in booked
            ],
        )
        for entity, files in news.items():
            of_entity = [row for row in rows if row.entity == entity]
            looked_at = self.look(contract, entity, files)
            decisions += decide(contract, entity, looked_at, of_entity, in_table.keys())
        to_prove = [d for d in decisions if d.verdict.status in LOADED_STATUSES and d.file.file_path not in booked]
        to_load = [decision for decision in to_prove if decision.file.file_path not in in_table]
        failed = self.load(contract, to_load, folder)
        self.write(contract, self.proved(contract, decisions, to_prove, in_table, failed))

    def folder(self, contract: Contract) -> Path | None:
        """The feed's landing folder, None where there is none."""
        if self.landing is None:
            self.execute(sql.create_volume(self.catalog, contract.schema_name, None))
            folder = Path("/Volumes", self.catalog, contract.schema_name, sql.VOLUME)
        else:
            folder = self.landing / contract.feed
        return folder.resolve() if folder.is_dir() else None

    def prepare_volume(self, contract: Contract, folder: Path) -> bool:
        """Lay the feed's volume over its folder. False where it lies over another one."""
        if self.landing is None:
            return True
        schema = contract.schema_name
        self.execute(sql.create_volume(self.catalog, schema, folder.as_uri()))
        row = self.query(sql.describe_volume(self.catalog, schema))[0]
        addresses = (str(value) for value in row if str(value).startswith("file:"))
        location = next(addresses, "another place")
        if unquote(location).removeprefix("file://").rstrip("/") == folder.as_posix():
            return True
        self.errors.append(
            f"{contract.feed}: found volume {self.catalog}.{schema}.{sql.VOLUME} over {location}, "
            f"expected {folder.as_uri()}. Land the files there, or load the feed anew with reset."
        )
        return False

    def prepare_tables(self, contract: Contract) -> set[str]:
        """Create raw tables that are absent, add columns the contract has learnt. Returns the created."""
        existing = self.tables(contract.schema_name)
        absent = contract.entities.keys() - existing
        for entity in contract.entities:
            if entity in absent:
                self.forget_vanished(contract, entity)

        def prepare(entity: str) -> None:
            if entity in absent:
                self.execute(sql.create_raw_table(self.catalog, contract, entity))
            else:
                self.add_columns(contract, entity)

        self.sessions.each(prepare, contract.entities)
        return absent

    def add_columns(self, contract: Contract, entity: str) -> None:
        """Add what the contract has learnt to a raw table that is there."""
        described = self.query(sql.describe_table(self.catalog, contract.schema_name, entity))
        columns = {row[0] for row in described}
        addition = sql.add_raw_columns(self.catalog, contract, entity, columns)
        if addition:
            self.progress(f"{contract.feed}.{entity}: adding columns")
            self.execute(addition)

    def forget_vanished(self, contract: Contract, entity: str) -> None:
        """A raw table that somebody dropped takes its files' books along, so they load again."""
        mine = [r for r in self.manifest if (r.feed, r.entity) == (contract.feed, entity)]
        if not mine:
            return
        self.progress(f"{contract.feed}.{entity}: the raw table is gone, loading its files again")
        for table in LANDING_TABLES:
            self.execute(sql.delete_feeds(self.catalog, table, [contract.feed], entity))
        self.known.difference_update(mine)
        self.manifest = [row for row in self.manifest if row in self.known]

    def note_absent(self, contract: Contract, present: Iterable[str]) -> None:
        for name, entity in contract.entities.items():
            if name in set(present):
                continue
            if entity.optional:
                self.absent.append(f"{contract.feed}.{name}")
            else:
                self.errors.append(
                    f"{contract.feed}.{name}: found no file like {', '.join(entity.files)}, expected "
                    f"at least one below the feed's landing folder. Land it, or make the entity "
                    "optional in the contract."
                )

    def unsettled(
        self, contract: Contract, entity: str, files: Sequence[FoundFile], rows: Sequence[ManifestRow]
    ) -> list[FoundFile]:
        """The files that must be looked at. The others go into the report as they stand in the books."""
        by_path: dict[str, list[ManifestRow]] = {}
        for row in rows:
            if row.entity == entity:
                by_path.setdefault(row.file_path, []).append(row)
        news: list[FoundFile] = []
        for file in files:
            booked = settled(file, by_path.get(file.file_path, ()))
            if booked is None:
                news.append(file)
            else:
                self.note(contract, entity, file, booked.status, booked.reason, booked.count_records, False)
        return news

    def look(self, contract: Contract, entity: str, files: Sequence[FoundFile]) -> list[tuple[FoundFile, Inspection]]:
        looked_at = []
        for number, file in enumerate(files, 1):
            self.progress(
                f"{contract.feed}.{entity}: looking at {file.file_path} "
                f"({number} of {len(files)}, {file.size_bytes / 1e6:.1f} MB)"
            )
            looked_at.append((file, inspect_file(file.path, contract.format_of(entity), contract.entities[entity])))
        return looked_at

    def counted(self, contract: Contract, paths: Sequence[tuple[str, str]]) -> dict[str, tuple[int, int]]:
        """Rows and highest row position in the raw tables, of those of the paths that have any.

        `paths` are pairs of entity and file path.
        """
        counts: dict[str, tuple[int, int]] = {}
        for chunk in _chunks(paths, sql.FILES_PER_COPY):
            for path, rows, last in self.query(sql.select_loaded(self.catalog, contract, chunk)):
                counts[path] = (rows, last)
        return counts

    def load(self, contract: Contract, decisions: Sequence[Decision], folder: Path) -> set[str]:
        """COPY INTO, one statement per header and thousand files. Returns the paths that failed."""
        by_entity: dict[str, dict[str, list[Decision]]] = {}
        for decision in decisions:
            assert decision.entity is not None and decision.inspection is not None
            header = decision.inspection.header_line or ""
            by_entity.setdefault(decision.entity, {}).setdefault(header, []).append(decision)

        def load_entity(entity: str) -> set[str]:
            groups = by_entity[entity].values()
            chunks = (chunk for group in groups for chunk in _chunks(group, sql.FILES_PER_COPY))
            return set().union(*(self.copy(contract, entity, chunk, folder) for chunk in chunks))

        return set().union(*self.sessions.each(load_entity, by_entity))

    def copy(self, contract: Contract, entity: str, chunk: Sequence[Decision], folder: Path) -> set[str]:
        """Load files of one header. When that fails, find by one at a time which of them it is."""
        inspection = chunk[0].inspection
        assert inspection is not None and inspection.match is not None
        paths = [decision.file.file_path for decision in chunk]
        self.progress(f"{contract.feed}.{entity}: loading {len(paths)} files from {paths[0]} on")
        statement = sql.copy_into(
            self.catalog,
            contract,
            entity,
            inspection.header,
            inspection.match,
            paths,
            folder.as_posix(),
        )
        try:
            self.execute(statement)
        except Exception as error:
            self.query("select 1")
            if len(chunk) == 1:
                self.errors.append(
                    f"{contract.feed}/{paths[0]}: found an error when loading it into "
                    f"{contract.schema_name}.{entity}, expected {inspection.count_records} records. "
                    f"The engine says: {str(error).splitlines()[0][:500]}"
                )
                return set(paths)
            failed: set[str] = set()
            for decision in chunk:
                failed |= self.copy(contract, entity, [decision], folder)
            return failed
        return set()

    def proved(
        self,
        contract: Contract,
        decisions: Sequence[Decision],
        to_prove: Sequence[Decision],
        in_table: dict[str, tuple[int, int]],
        failed: set[str],
    ) -> list[Decision]:
        """The decisions that the raw tables bear out. The others become errors."""
        counts = self.counted(contract, [(d.entity or "", d.file.file_path) for d in to_prove])
        proving = {decision.file.file_path for decision in to_prove}
        done = []
        for decision in decisions:
            path = decision.file.file_path
            if path in failed:
                continue
            if path in proving and decision.inspection is not None:
                expected = decision.inspection.count_records
                rows, last = counts.get(path, (0, 0))
                if (rows, last) == (expected, expected):
                    done.append(decision)
                else:
                    self.errors.append(
                        f"{contract.feed}/{path}: found {rows} rows with positions up to {last} in "
                        f"{contract.schema_name}.{decision.entity}, expected {expected}, the records counted "
                        "in the file. Load the feed anew with reset."
                    )
            elif path in in_table:
                self.errors.append(
                    f"{contract.feed}/{path}: found {in_table[path][0]} rows in "
                    f"{contract.schema_name}.{decision.entity} from an earlier content of the file, which is "
                    f"{decision.verdict.status} now, expected none. Load the feed anew with reset."
                )
            else:
                done.append(decision)
        return done

    def write(self, contract: Contract, decisions: Sequence[Decision]) -> None:
        """Keep the books of files that are decided: first the malformed records, then the files."""
        malformed = [
            (decision.entity, decision.file.file_path, record)
            for decision in decisions
            if decision.verdict.status in LOADED_STATUSES and decision.inspection and decision.entity
            for record in decision.inspection.malformed
        ]
        for records in _chunks(malformed, ROWS_PER_MERGE, lambda r: len(r[2].raw_record)):
            self.execute(sql.merge_malformed(self.catalog, contract.feed, records))
        rows = []
        for decision in decisions:
            row = file_row(contract.feed, decision)
            is_new = not self.in_manifest(row)
            if is_new:
                rows.append(row)
            self.note(contract, decision.entity, decision.file, row.status, row.reason, row.count_records, is_new)
        for chunk in _chunks(rows, ROWS_PER_MERGE):
            self.execute(sql.merge_files(self.catalog, chunk))

    def in_manifest(self, row: sql.FileRow) -> bool:
        """Say whether the manifest has exactly this already."""
        return (
            ManifestRow(
                row.feed,
                row.entity,
                row.file_path,
                row.status,
                row.reason,
                row.sha256,
                row.size_bytes,
                row.file_modified_at_micros,
                row.count_records,
            )
            in self.known
        )

    def note(
        self,
        contract: Contract,
        entity: str | None,
        file: FoundFile,
        status: str,
        reason: str | None,
        count_records: int | None,
        is_new: bool,
    ) -> None:
        self.files.append(
            FileOutcome(
                contract.feed,
                entity,
                file.file_path,
                status,
                reason,
                count_records,
                is_new,
            )
        )


def file_row(feed: str, decision: Decision) -> sql.FileRow:
    """The manifest's row of a decided file."""
    inspection = decision.inspection
    counted = inspection is not None and inspection.unreadable is None and inspection.bad_text is None
    match = inspection.match if inspection else None
    return sql.FileRow(
        feed=feed,
        entity=decision.entity,
        file_path=decision.file.file_path,
        status=decision.verdict.status,
        reason=decision.verdict.reason,
        sha256=inspection.sha256 if inspection else None,
        size_bytes=inspection.size_bytes if inspection else decision.file.size_bytes,
        header_generation=match.generation if match else None,
        count_records=inspection.count_records if inspection and counted else None,
        count_malformed=inspection.count_malformed if inspection and counted else None,
        unknown_columns=unknown_columns(inspection) if inspection else None,
        file_modified_at_micros=(inspection.modified_at_micros if inspection else decision.file.modified_at_micros),
    )


def _chunks(items: Sequence[T], count: int, weight: Callable[[T], int] = lambda item: 0) -> Iterator[list[T]]:
    """Cut into lists of at most `count` items and about CHARACTERS_PER_MERGE characters."""
    chunk: list[T] = []
    characters = 0
    for item in items:
        if chunk and (len(chunk) == count or characters > CHARACTERS_PER_MERGE):
            yield chunk
            chunk, characters = [], 0
        chunk.append(item)
        characters += weight(item)
    if chunk:
        yield chunk
