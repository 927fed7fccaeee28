"""YAML of dbt's property files as the project generates it: sequences indented, nothing by reference.

In this room: how a value is written. Not here: what is written (`rwe.feeds`, `tools/omop`).
"""

from __future__ import annotations

from typing import Any

import yaml


class FlowMapping(dict[str, Any]):
    """A mapping that is written on one line."""


class FlowSequence(list[str]):
    """A sequence that is written on one line."""


class _Dumper(yaml.SafeDumper):
    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)

    def ignore_aliases(self, data: Any) -> bool:
        return True


_Dumper.add_representer(FlowMapping, lambda dumper, data: dumper.represent_mapping("tag:yaml.org,2002:map", data, True))
_Dumper.add_representer(
    FlowSequence, lambda dumper, data: dumper.represent_sequence("tag:yaml.org,2002:seq", data, True)
)


def property_file(kind: str, items: list[dict[str, Any]], width: int) -> str:
    """The text of a property file.

    Args:
        kind: what dbt calls the items, such as `models` or `sources`.
        width: characters after which a long text goes on in the next line.
    """
    return yaml.dump({"version": 2, kind: items}, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=width)
