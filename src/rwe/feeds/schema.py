"""The JSON schema of a contract, so that editors complete and check `feeds/*.yml` while typing."""

from __future__ import annotations

import json
from pathlib import Path

from rwe.feeds.contract import Contract

SCHEMA_PATH = Path("feeds/contract.schema.json")
"""Where the schema lies, below the project's root. The contracts' first lines name it."""


def render_schema() -> str:
    """Text of the JSON schema (draft 2020-12) of one contract file."""
    schema = Contract.model_json_schema()
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["title"] = "Feed contract"
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
