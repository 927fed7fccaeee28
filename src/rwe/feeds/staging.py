"""Write the staging models of the entities whose contract asks for it.

In this room: the text of base, staging and quarantine model of each entity whose contract says
`staging: generated`, and of the file that describes them, `_<feed>_generated__models.yml`. Not in
this room: models that are written by hand, because they read codes or put columns together.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from rwe.feeds.contract import Contract, Entity
from rwe.properties import property_file

SQL_HEADER = "-- Generated from feeds/ by `rwe feeds sync`. Do not edit: change the contract and run it again.\n"
YAML_HEADER = "# Generated from feeds/ by `rwe feeds sync`. Do not edit: change the contract and run it again.\n"

FILE_COLUMNS = (
    "_header_generation",
    "_file_path",
    "_file_modified_at",
    "_row_position",
    "_loaded_at",
    "_typing_version",
)
"""Columns of every base and staging model after those of the contract."""

REASON_COLUMNS = ("is_superseded", "is_quarantined", "quarantine_reasons", "quarantine_details", "raw_record")
"""Why a row is not staged."""

QUARANTINE_COLUMNS = (
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


def rendered_staging(contract: Contract) -> dict[Path, str]:
    """The generated files of one feed: path below the project's root to text."""
    folder = Path("models/staging") / contract.feed
    entities = {name: entity for name, entity in contract.entities.items() if entity.staging == "generated"}
    files: dict[Path, str] = {}
    for name, entity in entities.items():
        suffix = f"{contract.feed}__{name}.sql"
        files[folder / f"base_{suffix}"] = render_base(contract.feed, name, entity)
        files[folder / f"stg_{suffix}"] = render_stg(contract.feed, name, entity)
        files[folder / f"quarantine_{suffix}"] = render_quarantine(contract.feed, name)
    if entities:
        files[folder / f"_{contract.feed}_generated__models.yml"] = render_properties(contract.feed, entities)
    return files


def render_base(feed: str, name: str, entity: Entity) -> str:
    """The base model: every row, typed, with the reasons against it.

    Where no row depends on another file it is kept file by file, and files that supersede each other
    as a whole are told apart once all are there. A key in the whole feed, and files that supersede
    each other row by row, need all files at once.
    """
    if entity.superseded_by or (entity.key and entity.key_within == "feed"):
        config = "{{ config(materialized='table', access='private') }}"
    else:
        post_hook = ',\n        post_hook="{{ supersede_older_files() }}"' if entity.each_file_is_whole else ""
        config = f"""{{{{
    config(
        materialized='incremental',
        incremental_strategy='delete+insert',
        unique_key='_file_path',
        on_schema_change='sync_all_columns',
        access='private',
        pre_hook="{{{{ delete_rows_gone_from(source('{feed}', '{name}'), ['_file_path']) }}}}"{post_hook}
    )
}}}}"""
    return f"{SQL_HEADER}{config}\n\n{{{{ base_entity('{feed}', '{name}') }}}}\n"


def render_stg(feed: str, name: str, entity: Entity) -> str:
    """The staging model: the good rows, without the columns that name a person."""
    columns = [
        f"{one.name} as {one.staged_as}" if one.staged_as else one.name for one in entity.columns if not one.personal
    ]
    columns += [mark["name"] for mark in _marks(entity)]
    staged = ",\n".join(f"        {one}" for one in columns)
    about_file = ",\n".join(f"        {one}" for one in FILE_COLUMNS)
    return (
        f"{SQL_HEADER}with\n\n"
        f"base_rows as (\n    select * from {{{{ ref('base_{feed}__{name}') }}}}\n),\n\n"
        f"{name} as (\n    select\n{staged},\n\n{about_file}\n"
        f"    from base_rows\n    where not is_quarantined and not is_superseded\n)\n\n"
        f"select * from {name}\n"
    )


def render_quarantine(feed: str, name: str) -> str:
    """The quarantine model: the other rows, with the reasons."""
    return (
        f"{SQL_HEADER}{{{{ config(materialized='view', schema='quality') }}}}\n\n"
        f"{{{{ quarantine_entity('{feed}', '{name}') }}}}\n"
    )


def render_properties(feed: str, entities: dict[str, Entity]) -> str:
    """The descriptions of the three models of every entity."""
    models = [
        model
        for name, entity in entities.items()
        for model in (_base(feed, name, entity), _stg(feed, name, entity), _quarantine(feed, name))
    ]
    text = property_file("models", models, width=100)
    return YAML_HEADER + re.sub(r"\n  - name: (base|stg|quarantine)_", r"\n\n  - name: \1_", text)


def _base(feed: str, name: str, entity: Entity) -> dict[str, Any]:
    return {
        "name": f"base_{feed}__{name}",
        "description": (
            f"One row per record of the feed's {name} files, good or not. Typed as the contract says, "
            "with the reasons against a row beside it. Only staging and quarantine read it."
        ),
        "columns": [
            *({"name": one.name, "description": one.description} for one in entity.columns),
            *_marks(entity),
            *_documented(*REASON_COLUMNS, *FILE_COLUMNS),
        ],
    }


def _stg(feed: str, name: str, entity: Entity) -> dict[str, Any]:
    return {
        "name": f"stg_{feed}__{name}",
        "description": (
            f"{entity.description} Only the good rows; the others are in quarantine_{feed}__{name}."
            + (" Of what several files say, the newest file's rows." if entity.superseded_by else "")
            + (" Of several files, the newest one's rows." if entity.each_file_is_whole else "")
        ),
        "columns": [
            *(
                {"name": one.staged_as or one.name, "description": one.description}
                for one in entity.columns
                if not one.personal
            ),
            *_marks(entity),
            *_documented(*FILE_COLUMNS),
        ],
    }


def _quarantine(feed: str, name: str) -> dict[str, Any]:
    return {
        "name": f"quarantine_{feed}__{name}",
        "description": f"One row per record of the feed's {name} files that is not staged, with the reasons.",
        "columns": _documented(*QUARANTINE_COLUMNS),
    }


def _marks(entity: Entity) -> list[dict[str, str]]:
    """The columns that base_entity adds for what a contract says of totals and suppression."""
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
    """Columns with the doc block of their name, without its first _."""
    return [{"name": name, "description": f"{{{{ doc('{name.removeprefix('_')}') }}}}"} for name in names]
