"""The SQL of the landing, as pure functions that return text. Nothing is executed here.

Every statement exists on Databricks. Names are quoted by backticks, values are literals.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from rwe.feeds.contract import Column, Contract
from rwe.feeds.headers import HeaderMatch
from rwe.feeds.sources import FILE_COLUMNS, LANDING_TABLES
from rwe.landing.inspect import NO_QUOTE, MalformedRecord

LANDING_SCHEMA = "raw_landing"
"""Schema of the tables the landing keeps about its files."""
VOLUME = "landing"
"""Name of each feed's volume, in the feed's raw schema."""
FILES_PER_COPY = 1000
"""Most files one COPY INTO may name."""


@dataclass(frozen=True)
class FileRow:
    """A row of raw_landing.files, without the time it is written."""

    feed: str
    entity: str | None
    file_path: str
    status: str
    reason: str | None
    sha256: str | None
    size_bytes: int
    header_generation: str | None
    count_records: int | None
    count_malformed: int | None
    unknown_columns: str | None
    file_modified_at_micros: int


def name(*parts: str) -> str:
    """A name of one or more parts in backticks."""
    return ".".join("`" + part.replace("`", "``") + "`" for part in parts)


def literal(value: str | int | None) -> str:
    """A string, an integer or null as SQL text."""
    if value is None:
        return "null"
    if isinstance(value, int):
        return str(value)
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return "'" + re.sub(r"[\x00-\x1f\x7f\uffff]", lambda m: f"\\u{ord(m[0]):04x}", escaped) + "'"


def create_schema(catalog: str, schema: str, comment: str) -> str:
    return f"create schema if not exists {name(catalog, schema)} comment {literal(comment)}"


def create_volume(catalog: str, schema: str, location: str | None) -> str:
    """The feed's volume: over a folder given as a URI, or managed where there is none."""
    if location is None:
        return f"create volume if not exists {name(catalog, schema, VOLUME)}"
    return f"create external volume if not exists {name(catalog, schema, VOLUME)} location {literal(location)}"


def describe_volume(catalog: str, schema: str) -> str:
    return f"describe volume {name(catalog, schema, VOLUME)}"


def drop_volume(catalog: str, schema: str) -> str:
    return f"drop volume if exists {name(catalog, schema, VOLUME)}"


def show_tables(catalog: str, schema: str) -> str:
    return f"show tables in {name(catalog, schema)}"


def describe_table(catalog: str, schema: str, table: str) -> str:
    return f"describe table {name(catalog, schema, table)}"


def drop_table(catalog: str, schema: str, table: str) -> str:
    return f"drop table if exists {name(catalog, schema, table)}"


def raw_columns(contract: Contract, entity: str) -> list[tuple[str, str, str]]:
    """Columns of a raw table as name, type, description."""
    return [
        *((c.name, "string", c.description) for c in contract.entities[entity].columns),
        *FILE_COLUMNS,
    ]


def create_raw_table(catalog: str, contract: Contract, entity: str) -> str:
    return _create_table(
        (catalog, contract.schema_name, entity),
        raw_columns(contract, entity),
        contract.entities[entity].description,
    )


def create_landing_table(catalog: str, table: str) -> str:
    description, columns = LANDING_TABLES[table]
    return _create_table((catalog, LANDING_SCHEMA, table), columns, description)


def add_raw_columns(catalog: str, contract: Contract, entity: str, existing: Collection[str]) -> str | None:
    """Add the columns the contract has learnt since the table was made, in contract order."""
    columns = raw_columns(contract, entity)
    added = []
    for index, (column, kind, description) in enumerate(columns):
        if column not in existing:
            place = f"after {name(columns[index - 1][0])}" if index else "first"
            added.append(f"{name(column)} {kind} comment {literal(description)} {place}")
    if not added:
        return None
    return f"alter table {name(catalog, contract.schema_name, entity)} add columns ({', '.join(added)})"


def copy_into(
    catalog: str,
    contract: Contract,
    entity: str,
    header: Sequence[str],
    match: HeaderMatch,
    file_paths: Sequence[str],
    folder: str,
) -> str:
    """Load files with one and the same header, each once and for all.

    `folder` is the feed's landing folder as the system sees it, which is what the engine reports as
    a file's path where the volume is external.
    """
    if len(file_paths) > FILES_PER_COPY:
        raise ValueError(f"found {len(file_paths)} files, expected at most {FILES_PER_COPY}")
    volume_path = f"/Volumes/{catalog}/{contract.schema_name}/{VOLUME}"
    selected = raw_expressions(contract, entity, header, match, (volume_path, folder))
    options = ",\n    ".join(
        f"{literal(key)} = {literal(value)}" for key, value in format_options(contract, entity).items()
    )
    return (
        f"copy into {name(catalog, contract.schema_name, entity)}\n"
        "from (\n    select\n        " + ",\n        ".join(selected) + f"\n    from {literal(volume_path)}\n)\n"
        "fileformat = csv\n"
        f"files = ({', '.join(literal(path) for path in file_paths)})\n"
        f"format_options (\n    {options}\n)"
    )


def raw_expressions(
    contract: Contract, entity: str, header: Sequence[str], match: HeaderMatch, roots: Iterable[str]
) -> list[str]:
    """The raw table's columns as expressions on a file read with its header, `… as name` each.

    `roots` are the addresses of the feed's landing folder, one of which begins a file's address.
    """
    names = spark_names(header if contract.format_of(entity).header else [""] * len(header))
    path = _relative_path(roots)

    def expression(column: Column) -> str:
        if column.from_file_name is not None:
            return f"nullif(regexp_extract({path}, {literal(column.from_file_name)}, 1), '')"
        if column.name in match.positions:
            return name(names[match.positions[column.name]])
        return "cast(null as string)"

    return [
        *(f"{expression(column)} as {name(column.name)}" for column in contract.entities[entity].columns),
        f"{_rescued(names, match)} as `_rescued_data`",
        f"cast({literal(match.generation)} as string) as `_header_generation`",
        f"{path} as `_file_path`",
        "_metadata.file_modification_time as `_file_modified_at`",
        "cast(row_number() over (partition by _metadata.file_path order by _metadata.file_block_start, "
        "monotonically_increasing_id()) as bigint) as `_row_position`",
        "current_timestamp() as `_loaded_at`",
    ]


def format_options(contract: Contract, entity: str) -> dict[str, str]:
    """Options of Spark's CSV reader that follow from the contract."""
    file_format = contract.format_of(entity)
    return {
        "header": str(file_format.header).lower(),
        "delimiter": file_format.separator,
        "quote": file_format.quote or NO_QUOTE,
        "escape": file_format.escape or NO_QUOTE,
        "encoding": file_format.encoding,
        "multiLine": str(file_format.multiline).lower(),
        "mode": "PERMISSIVE",
        "inferSchema": "false",
        "enforceSchema": "true",  # by position: all files of a statement have the very same header
        "ignoreLeadingWhiteSpace": "false",
        "ignoreTrailingWhiteSpace": "false",
    }


def spark_names(header: Sequence[str]) -> list[str]:
    """The column names Spark's CSV reader gives a header.

    An empty name becomes `_c` and its position, a name that stands twice (letter case apart) gets
    its position as a suffix. Source: CSVUtils.makeSafeHeader.
    """
    lowered = [field.lower() for field in header]
    return [
        f"_c{index}" if not field else f"{field}{index}" if lowered.count(key) > 1 else field
        for index, (field, key) in enumerate(zip(header, lowered, strict=True))
    ]


def select_manifest(catalog: str, feeds: Iterable[str]) -> str:
    """Rows of raw_landing.files, in the order of rwe.landing.plan.ManifestRow."""
    return (
        "select feed, entity, file_path, status, reason, sha256, size_bytes, "
        "unix_micros(file_modified_at), count_records "
        f"from {name(catalog, LANDING_SCHEMA, 'files')} where feed in ({_list(feeds)})"
    )


def select_loaded(catalog: str, contract: Contract, paths: Iterable[tuple[str, str]]) -> str:
    """File path, number of rows and highest row position, of those of the paths that have rows.

    `paths` are pairs of entity and file path.
    """
    by_entity: dict[str, list[str]] = {}
    for entity, path in paths:
        by_entity.setdefault(entity, []).append(path)
    return " union all ".join(
        "select _file_path, count(*), max(_row_position) "
        f"from {name(catalog, contract.schema_name, entity)} "
        f"where _file_path in ({_list(files)}) group by _file_path"
        for entity, files in by_entity.items()
    )


def delete_feeds(catalog: str, table: str, feeds: Iterable[str], entity: str | None = None) -> str:
    """Forget feeds, or one entity of them, in one of the landing's tables."""
    where = f"feed in ({_list(feeds)})" + (f" and entity = {literal(entity)}" if entity else "")
    return f"delete from {name(catalog, LANDING_SCHEMA, table)} where {where}"


def merge_files(catalog: str, rows: Sequence[FileRow]) -> str:
    """Write rows of raw_landing.files, each (feed, file_path, sha256) once."""
    columns = [column for column, _, _ in LANDING_TABLES["files"][1] if column != "ingested_at"]
    values = [
        (
            row.feed,
            row.entity,
            row.file_path,
            row.status,
            row.reason,
            row.sha256,
            row.size_bytes,
            row.header_generation,
            row.count_records,
            row.count_malformed,
            row.unknown_columns,
            row.file_modified_at_micros,
        )
        for row in rows
    ]
    casts = {"file_modified_at": "timestamp_micros(file_modified_at)"}
    return _merge(
        catalog,
        "files",
        columns,
        values,
        casts,
        ("feed", "file_path", "sha256"),
        "ingested_at",
    )


def merge_malformed(catalog: str, feed: str, records: Sequence[tuple[str, str, MalformedRecord]]) -> str:
    """Write rows of raw_landing.malformed_records, given as entity, file path and record."""
    columns = [column for column, _, _ in LANDING_TABLES["malformed_records"][1]]
    values = [
        (
            feed,
            entity,
            file_path,
            record.row_position,
            record.line_number,
            record.found_fields,
            record.expected_fields,
            record.raw_record,
        )
        for entity, file_path, record in records
    ]
    return _merge(
        catalog,
        "malformed_records",
        columns,
        values,
        {},
        ("feed", "file_path", "row_position"),
    )


def _merge(
    catalog: str,
    table: str,
    columns: Sequence[str],
    values: Sequence[Sequence[str | int | None]],
    expressions: dict[str, str],
    key: Sequence[str],
    written_at: str | None = None,
) -> str:
    types = {column: kind for column, kind, _ in LANDING_TABLES[table][1]}
    rows = ",\n        ".join("(" + ", ".join(literal(value) for value in row) + ")" for row in values)
    selected = ", ".join(
        f"{expressions.get(column, f'cast({column} as {types[column]})')} as {column}" for column in columns
    )
    targets = [*columns, written_at] if written_at else [*columns]
    sources = [f"source.{column}" for column in columns]
    if written_at:
        sources.append("current_timestamp()")
    return (
        f"merge into {name(catalog, LANDING_SCHEMA, table)} as target\n"
        f"using (\n    select {selected}\n    from values\n        {rows}\n"
        f"    as landed({', '.join(columns)})\n) as source\n"
        f"on {' and '.join(f'target.{column} <=> source.{column}' for column in key)}\n"
        "when matched then update set "
        + ", ".join(
            f"{target} = {source}" for target, source in zip(targets, sources, strict=True) if target not in key
        )
        + f"\nwhen not matched then insert ({', '.join(targets)}) values ({', '.join(sources)})"
    )


def _create_table(
    table: tuple[str, str, str],
    columns: Iterable[tuple[str, str, str]],
    description: str,
) -> str:
    lines = ",\n    ".join(f"{name(column)} {kind} comment {literal(text)}" for column, kind, text in columns)
    return f"create table if not exists {name(*table)} (\n    {lines}\n)\nusing delta\ncomment {literal(description)}"


def _rescued(names: Sequence[str], match: HeaderMatch) -> str:
    if not match.unknown:
        return "cast(null as string)"
    fields = ", ".join(f"{literal(names[position])}, {name(names[position])}" for position in match.unknown)
    return f"nullif(to_json(named_struct({fields})), {literal('{}')})"


def _relative_path(roots: Iterable[str]) -> str:
    """The engine's address of a file, decoded, less the address of the landing folder."""
    alternatives = "|".join(re.sub(r"([^A-Za-z0-9/_-])", r"\\\1", root.strip("/")) for root in roots)
    decoded = "url_decode(replace(_metadata.file_path, '+', '%2B'))"
    pattern = f"^[a-z0-9]+:/+({alternatives})/"
    return f"regexp_replace({decoded}, {literal(pattern)}, '')"


def _list(values: Iterable[str]) -> str:
    return ", ".join(literal(value) for value in values)
