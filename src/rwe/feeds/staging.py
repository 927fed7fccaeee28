"""Write the staging of entities that are taken as they are.

In this room: the text of the base and the staging model of each entity whose contract says
`staging: generated`, and of the file that describes them, `_<feed>_tables__models.yml`. An entity
that staging renames, filters or reads codes from has its models written by hand and is not here.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

from rwe.feeds.contract import Contract, Entity

SQL_HEADER = "-- Generated from feeds/ by `rwe feeds sync`. Do not edit: change the contract and run it again.\n"
YAML_HEADER = "# Generated from feeds/ by `rwe feeds sync`. Do not edit: change the contract and run it again.\n"

STAGED_FILE_COLUMNS = ("_file_path", "_row_position", "_loaded_at")
"""What a staging model keeps about the file of a row."""

BASE_COLUMNS = (
    "is_quarantined",
    "quarantine_reasons",
    "quarantine_details",
    "raw_record",
    "_header_generation",
    "_file_path",
    "_file_modified_at",
    "_row_position",
    "_loaded_at",
    "_typing_version",
)
"""Columns of a base model after those of the contract; each has a doc block of its name without the first _."""


def rendered_staging(contract: Contract) -> dict[Path, str]:
    """The generated files of one feed: path below the project's root to text."""
    entities = {name: entity for name, entity in contract.entities.items() if entity.staging == "generated"}
    if not entities:
        return {}
    folder = Path("models/staging") / contract.feed
    files = {}
    for name, entity in entities.items():
        files[folder / f"base_{contract.feed}__{name}.sql"] = render_base(contract.feed, name)
        files[folder / f"stg_{contract.feed}__{name}.sql"] = render_stg(contract.feed, name, entity)
    files[folder / f"_{contract.feed}_tables__models.yml"] = render_models(contract.feed, entities)
    return files


def render_base(feed: str, name: str) -> str:
    """The base model: every row, typed, with the reasons against it."""
    return (
        f"{SQL_HEADER}{{{{ config(materialized='table', access='private') }}}}\n\n"
        f"{{{{ base_entity('{feed}', '{name}') }}}}\n"
    )


def render_stg(feed: str, name: str, entity: Entity) -> str:
    """The staging model: the good rows, without the columns that name a person."""
    kept = [column.name for column in entity.columns if not column.personal]
    columns = ",\n".join(f"        {one}" for one in kept)
    about_file = ",\n".join(f"        {one}" for one in STAGED_FILE_COLUMNS)
    return (
        f"{SQL_HEADER}with\n\n"
        f"base_rows as (\n    select * from {{{{ ref('base_{feed}__{name}') }}}}\n),\n\n"
        f"{name} as (\n    select\n{columns},\n\n{about_file}\n"
        f"    from base_rows\n    where not is_quarantined\n)\n\n"
        f"select * from {name}\n"
    )


def render_models(feed: str, entities: dict[str, Entity]) -> str:
    """The descriptions of both models of every entity."""
    models: list[dict[str, Any]] = []
    for name, entity in entities.items():
        described = [{"name": one.name, "description": one.description} for one in entity.columns]
        models.append(
            {
                "name": f"base_{feed}__{name}",
                "description": (
                    f"One row per record of the feed's {name} files, good or not. Typed as the contract says, "
                    "with the reasons against a row beside it. Only staging and quarantine read it."
                ),
                "columns": [*described, *(_file_column(one) for one in BASE_COLUMNS)],
            }
        )
        personal = {one.name for one in entity.columns if one.personal}
        models.append(
            {
                "name": f"stg_{feed}__{name}",
                "description": f"{entity.description} Only the good rows.",
                "columns": [
                    *(one for one in described if one["name"] not in personal),
                    *(_file_column(one) for one in STAGED_FILE_COLUMNS),
                ],
            }
        )
    text = yaml.dump({"version": 2, "models": models}, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100)
    return YAML_HEADER + re.sub(r"\n  - name: (base|stg)_", r"\n\n  - name: \1_", text)


def _file_column(name: str) -> dict[str, str]:
    return {"name": name, "description": f"{{{{ doc('{name.removeprefix('_')}') }}}}"}


class _Dumper(yaml.SafeDumper):
    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)
