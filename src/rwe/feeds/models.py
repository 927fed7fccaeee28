"""Write the staging models of the entities whose contract asks for it.

In this room: the text of base, staging and quarantine models and of the file that describes them,
`models/staging/<feed>/_<feed>_generated__models.yml`. The statements themselves are macros
(`base_entity`, `staged_entity`, `quarantine_entity`), so that a model is one line. Not in this
room: models that are written by hand.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from rwe.feeds.contract import Contract, Entity

HEADER = """\
# Generated from feeds/ by `rwe feeds sync`. Do not edit: change the contract and run it again.
"""
SQL_HEADER = "{#- Generated from feeds/ by `rwe feeds sync`: change the contract. -#}\n"

_FILE_COLUMNS = {
    "_header_generation": "header_generation",
    "_file_path": "file_path",
    "_file_modified_at": "file_modified_at",
    "_row_position": "row_position",
    "_loaded_at": "loaded_at",
    "_typing_version": "typing_version",
}
"""Columns of every base and staging model after those of the contract, with their doc blocks."""

_QUARANTINE_COLUMNS = (
    "feed",
    "entity",
    "file_path",
    "row_position",
    "reason_code",
    "reason_codes",
    "reason_detail",
    "raw_record",
    "loaded_at",
)


class _Dumper(yaml.SafeDumper):
    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)


def rendered_models(contract: Contract) -> dict[Path, str]:
    """The generated files of a feed: path below the project's root to text."""
    folder = Path("models/staging") / contract.feed
    entities = {name: entity for name, entity in contract.entities.items() if entity.models == "generated"}
    files: dict[Path, str] = {}
    described: list[dict[str, Any]] = []
    for name, entity in entities.items():
        suffix = f"{contract.feed}__{name}"
        files[folder / f"base_{suffix}.sql"] = _base(contract.feed, name, entity)
        files[folder / f"stg_{suffix}.sql"] = f"{SQL_HEADER}{{{{ staged_entity('{contract.feed}', '{name}') }}}}\n"
        files[folder / f"quarantine_{suffix}.sql"] = (
            f"{SQL_HEADER}{{{{ config(schema='quality') }}}}\n\n"
            f"{{{{ quarantine_entity('{contract.feed}', '{name}') }}}}\n"
        )
        described += [_base_properties(suffix, entity), _stg_properties(suffix, entity), _quarantine_properties(suffix)]
    if described:
        body = yaml.dump(
            {"version": 2, "models": described}, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=10_000
        )
        files[folder / f"_{contract.feed}_generated__models.yml"] = HEADER + body
    return files


def _base(feed: str, name: str, entity: Entity) -> str:
    """A table by file where no row depends on another file, else a table made anew."""
    if entity.key and entity.key_within == "feed":
        config = "{{ config(materialized='table', access='private') }}"
    else:
        config = f"""{{{{
    config(
        materialized='incremental',
        incremental_strategy='delete+insert',
        unique_key='_file_path',
        on_schema_change='sync_all_columns',
        access='private',
        pre_hook="{{{{ delete_rows_gone_from(source('{feed}', '{name}'), ['_file_path']) }}}}"
    )
}}}}"""
    return f"{SQL_HEADER}{config}\n\n{{{{ base_entity('{feed}', '{name}') }}}}\n"


def _base_properties(suffix: str, entity: Entity) -> dict[str, Any]:
    return {
        "name": f"base_{suffix}",
        "description": f"One row per record of the files, good or not, typed as the contract says. {entity.description}",
        "columns": [
            *({"name": column.name, "description": column.description} for column in entity.columns),
            *_marks(entity),
            *_documented("is_quarantined", "quarantine_reasons", "quarantine_details", "raw_record"),
            *({"name": name, "description": _doc(block)} for name, block in _FILE_COLUMNS.items()),
        ],
    }


def _stg_properties(suffix: str, entity: Entity) -> dict[str, Any]:
    return {
        "name": f"stg_{suffix}",
        "description": f"{entity.description} The good rows; the others are in quarantine_{suffix}.",
        "data_tests": [{"unique_combination": {"arguments": {"columns": ["_file_path", "_row_position"]}}}],
        "columns": [
            *(
                {"name": column.staged_as or column.name, "description": column.description}
                for column in entity.columns
            ),
            *_marks(entity),
            *({"name": name, "description": _doc(block)} for name, block in _FILE_COLUMNS.items()),
        ],
    }


def _quarantine_properties(suffix: str) -> dict[str, Any]:
    return {
        "name": f"quarantine_{suffix}",
        "description": "One row per record that is not staged, with the reasons.",
        "columns": list(_documented(*_QUARANTINE_COLUMNS)),
    }


def _marks(entity: Entity) -> list[dict[str, str]]:
    marks = []
    if entity.totals:
        kinds = " ".join(f"{total.kind}: {total.description}" for total in entity.totals)
        marks.append(
            {"name": "total_kinds", "description": f"Which totals of other rows the row is, empty for none. {kinds}"}
        )
    if entity.suppression is not None:
        marks.append(
            {"name": "is_suppressed", "description": f"The measures are hidden. {entity.suppression.description}"}
        )
    return marks


def _documented(*names: str) -> list[dict[str, str]]:
    return [{"name": name, "description": _doc(name)} for name in names]


def _doc(block: str) -> str:
    return "{{ doc('" + block + "') }}"
