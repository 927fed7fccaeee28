"""Write the dbt source files that follow from the contracts.

In this room: the text of `models/staging/<feed>/_<feed>__sources.yml` for each feed and of
`models/staging/landing/_landing__sources.yml` for the tables the landing keeps about its files;
and which generated files are stale, those of `rwe.feeds.staging` among them.
The raw tables' own columns come from here too, so that what is created and what dbt documents
cannot differ.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rwe.feeds.contract import Contract, Entity
from rwe.feeds.staging import YAML_HEADER, rendered_staging
from rwe.properties import FlowMapping, property_file

FILE_COLUMNS: tuple[tuple[str, str, str], ...] = (
    (
        "_rescued_data",
        "string",
        "Columns of the file that the contract does not know, as a JSON object by header name. Null "
        "where there are none.",
    ),
    (
        "_header_generation",
        "string",
        "Generation of the file's header in the contract, null where the header has columns more or "
        "less than every known generation.",
    ),
    (
        "_file_path",
        "string",
        "Path of the file below the feed's landing folder, with / between folders.",
    ),
    ("_file_modified_at", "timestamp", "Modification time of the file."),
    (
        "_row_position",
        "bigint",
        "Ordinal of the data record in its file, from 1. Header and blank lines do not count.",
    ),
    (
        "_loaded_at",
        "timestamp",
        "When the row was loaded. The same for all rows of one statement.",
    ),
)
"""Columns every raw table has after those of the contract: name, type, description."""

STATUSES: dict[str, str] = {
    "LOADED": "all records are in the raw table",
    "LOADED_UNKNOWN_COLUMNS": "the same, and columns the contract does not know are in _rescued_data",
    "HEADER_ONLY": "a header and no record",
    "EMPTY_FILE": "no byte but line ends",
    "WRONG_ENCODING": "bytes that are not text in the contract's encoding, or text in another one",
    "MISSING_COLUMN": "the header lacks a column that every generation has",
    "NO_HEADER": "the first record is no header of the entity, or names a column twice",
    "DUPLICATE_FILE": "the same content as another file of the entity",
    "CHANGED_FILE": "the file was loaded before, and its content is another one now",
    "UNKNOWN_FILE": "no entity of the feed takes a file of this name",
    "UNREADABLE": "the file cannot be read or unpacked",
    "TOO_MANY_MALFORMED": "too many records have another number of fields than the header",
}
"""What became of a landing file, and what each word means."""

LANDING_TABLES: dict[str, tuple[str, tuple[tuple[str, str, str], ...]]] = {
    "files": (
        "One row per feed, file path and content. Every file found in a landing folder is here, the "
        "loaded and the refused, with the reason.",
        (
            ("feed", "string", "Feed whose landing folder holds the file."),
            ("entity", "string", "Entity that takes the file, null for UNKNOWN_FILE."),
            (
                "file_path",
                "string",
                "Path below the feed's landing folder, with / between folders.",
            ),
            (
                "status",
                "string",
                "What became of the file. " + " ".join(f"{name}: {meaning}." for name, meaning in STATUSES.items()),
            ),
            (
                "reason",
                "string",
                "What was found, what was expected, where, and what to do. Null for LOADED.",
            ),
            (
                "sha256",
                "string",
                "SHA-256 of the content after unpacking, in hexadecimal. Null where the file was "
                "not or could not be read to its end.",
            ),
            ("size_bytes", "bigint", "Size of the file as it lies there, in bytes."),
            (
                "header_generation",
                "string",
                "Generation of the header in the contract, null where it is none of the known.",
            ),
            (
                "count_records",
                "bigint",
                "Data records in the file as the landing counted them, without header and blank "
                "lines. Null where the file was not read to its end.",
            ),
            (
                "count_malformed",
                "bigint",
                "Records whose number of fields differs from the header's.",
            ),
            (
                "unknown_columns",
                "string",
                "Header names the contract does not know, separated by a comma and a blank.",
            ),
            ("file_modified_at", "timestamp", "Modification time of the file."),
            ("ingested_at", "timestamp", "When this row was last written."),
        ),
    ),
    "malformed_records": (
        "One row per record of a loaded file whose number of fields differs from the header's. The "
        "record is in the raw table too, cut or filled with nulls, and staging quarantines it as "
        "FIELD_COUNT.",
        (
            ("feed", "string", "Feed of the file."),
            ("entity", "string", "Entity of the file."),
            (
                "file_path",
                "string",
                "Path below the feed's landing folder, with / between folders.",
            ),
            (
                "row_position",
                "bigint",
                "Ordinal of the data record in its file, from 1.",
            ),
            ("line_number", "bigint", "Line of the file the record begins in, from 1."),
            ("found_fields", "int", "Number of fields of the record."),
            ("expected_fields", "int", "Number of fields of the header."),
            ("raw_record", "string", "The record literally, without its line end."),
        ),
    ),
}
"""The tables of schema raw_landing: description, and columns as name, type, description."""

_FRESHNESS: dict[str, tuple[int, int]] = {
    "daily": (2, 7),
    "weekly": (10, 21),
    "monthly": (45, 90),
    "quarterly": (120, 210),
    "yearly": (400, 550),
}
"""Days without a load after which dbt warns and fails, by cadence."""


def render_source(contract: Contract) -> str:
    """Text of the source file of one feed."""
    source: dict[str, Any] = {
        "name": contract.feed,
        "description": (
            f"{contract.title}. Publisher: {contract.publisher}. Licence: {contract.licence}. "
            f"Coverage: {contract.coverage}"
        ),
        "schema": contract.schema_name,
        "loader": "rwe land (COPY INTO)",
        "config": {"loaded_at_field": "_loaded_at"},
        "tables": [_table(contract, name, entity) for name, entity in contract.entities.items()],
    }
    if contract.cadence in _FRESHNESS:
        warn, error = _FRESHNESS[contract.cadence]
        source["config"]["freshness"] = {
            "warn_after": FlowMapping(count=warn, period="day"),
            "error_after": FlowMapping(count=error, period="day"),
        }
    return _dump(source)


def render_landing_source() -> str:
    """Text of the source file of the tables the landing keeps about its files."""
    return _dump(
        {
            "name": "landing",
            "description": "What the landing knows about the files of all feeds.",
            "schema": "raw_landing",
            "loader": "rwe land",
            "tables": [
                {
                    "name": name,
                    "description": description,
                    "columns": [_column(*column) for column in columns],
                }
                for name, (description, columns) in LANDING_TABLES.items()
            ],
        }
    )


def rendered_files(contracts: dict[str, Contract]) -> dict[Path, str]:
    """All generated files: path below the project's root to text."""
    files = {
        Path("models/staging/landing/_landing__sources.yml"): render_landing_source(),
    }
    for feed, contract in contracts.items():
        files[Path(f"models/staging/{feed}/_{feed}__sources.yml")] = render_source(contract)
        files |= rendered_staging(contract)
    return files


def stale_files(contracts: dict[str, Contract], root: Path) -> list[Path]:
    """Generated files that are absent or differ from what the contracts say, sorted."""
    return sorted(
        path
        for path, text in rendered_files(contracts).items()
        if not (root / path).is_file() or (root / path).read_text(encoding="utf-8") != text
    )


def write_sources(contracts: dict[str, Contract], root: Path) -> list[Path]:
    """Write the generated files that are stale. Returns their paths below the root."""
    texts = rendered_files(contracts)
    stale = stale_files(contracts, root)
    for path in stale:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(texts[path], encoding="utf-8")
    return stale


def _table(contract: Contract, name: str, entity: Entity) -> dict[str, Any]:
    return {
        "name": name,
        "description": entity.description,
        "config": {
            "meta": {
                "contract": {
                    "feed": contract.feed,
                    "entity": name,
                    "null_tokens": list(contract.null_tokens),
                    "decimal": contract.format_of(name).decimal,
                    "columns": [
                        FlowMapping(
                            name=column.name,
                            type=column.type,
                            required=column.required,
                            accepted=list(column.accepted) if column.accepted else None,
                            pattern=column.pattern,
                        )
                        for column in entity.columns
                    ],
                    "key": list(entity.key),
                    "rules": [
                        {
                            "reason": rule.reason,
                            "expect": rule.expect,
                            "description": rule.description,
                        }
                        for rule in entity.rules
                    ],
                    **_beyond_rules(entity),
                }
            }
        },
        "columns": [
            *(_column(column.name, "string", column.description) for column in entity.columns),
            *(_column(*column) for column in FILE_COLUMNS),
        ],
    }


def _beyond_rules(entity: Entity) -> dict[str, Any]:
    """What few entities have, so that the others' files stay as short as they are."""
    found: dict[str, Any] = {}
    if entity.key_within != "feed":
        found["key_within"] = entity.key_within
    if entity.superseded_by:
        found["superseded_by"] = list(entity.superseded_by)
    if entity.each_file_is_whole:
        found["each_file_is_whole"] = True
    if entity.totals:
        found["totals"] = [FlowMapping(kind=total.kind, when=total.when) for total in entity.totals]
    if entity.suppression is not None:
        found["suppressed_when"] = entity.suppression.when
    return found


def _column(name: str, data_type: str, description: str) -> dict[str, str]:
    return {"name": name, "description": description, "data_type": data_type}


def _dump(source: dict[str, Any]) -> str:
    return YAML_HEADER + property_file("sources", [source], width=10_000)
