"""The YAML of a metric view: source, joins, filter, dimensions and measures. What Spark cannot express is refused."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import yaml

from localbricks.errors import DatabricksError
from localbricks.limits import refusal

_TOP = {"version", "source", "filter", "joins", "dimensions", "fields", "measures", "comment", "materialization"}
_COLUMN = {"name", "expr", "comment", "display_name", "format", "synonyms", "window"}
_JOIN = {"name", "source", "on", "using", "joins", "rely"}


@dataclass(frozen=True)
class Column:
    """A dimension or a measure."""

    name: str
    expression: str
    comment: str | None


@dataclass(frozen=True)
class Join:
    """A table that is joined to the source, many to one: `on` a condition, or `using` columns."""

    name: str
    source: str
    on: str | None
    using: tuple[str, ...]


@dataclass(frozen=True)
class MetricView:
    """A metric view. `source` is a table's name or a query."""

    source: str
    filter: str | None
    joins: tuple[Join, ...]
    dimensions: tuple[Column, ...]
    measures: tuple[Column, ...]
    comment: str | None

    def measure(self, name: str) -> Column | None:
        """The measure of a name, in any case."""
        return next((one for one in self.measures if one.name.lower() == name.lower()), None)


def parse(text: str) -> MetricView:
    """The metric view that a YAML text describes.

    Raises:
        DatabricksError: METRIC_VIEW_INVALID_VIEW_DEFINITION, or a refusal of what is not supported.
    """
    try:
        # A loader of a class of its own: YAML 1.1 takes the key `on` for a truth value.
        found = yaml.load(text, Loader=_Loader)
    except yaml.YAMLError as error:
        raise _invalid(f"it is no YAML: {' '.join(str(error).split())}") from None
    if not isinstance(found, dict):
        raise _invalid("expected keys and values")
    _known(found, _TOP, "the view")
    if found.get("materialization"):
        raise refusal("materialization of a metric view")
    if not isinstance(found.get("source"), str):
        raise _invalid("expected `source`, a table's name or a query")
    columns = found.get("dimensions") or found.get("fields") or []
    view = MetricView(
        source=found["source"].strip(),
        filter=_text(found.get("filter")),
        joins=tuple(_join(one) for one in found.get("joins") or []),
        dimensions=tuple(_column(one, "dimension") for one in columns),
        measures=tuple(_column(one, "measure") for one in found.get("measures") or []),
        comment=_text(found.get("comment")),
    )
    if not view.measures and not view.dimensions:
        raise _invalid("expected dimensions or measures")
    names = [one.name.lower() for one in (*view.dimensions, *view.measures)]
    double = next((name for name in names if names.count(name) > 1), None)
    if double:
        raise _invalid(f"the name `{double}` is there twice")
    return view


class _Loader(yaml.SafeLoader):
    """YAML with words for words: only `true` and `false` are truth values."""


_Loader.yaml_implicit_resolvers = {
    key: [one for one in value if one[0] != "tag:yaml.org,2002:bool"]
    for key, value in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def _column(found: Any, kind: str) -> Column:
    if not isinstance(found, dict) or not found.get("name") or found.get("expr") is None:
        raise _invalid(f"a {kind} has `name` and `expr`")
    _known(found, _COLUMN, f"the {kind} {found['name']}")
    if found.get("window"):
        raise refusal("window measures of a metric view", str(found["name"]))
    return Column(str(found["name"]), str(found["expr"]).strip(), _text(found.get("comment")))


def _join(found: Any) -> Join:
    if not isinstance(found, dict) or not found.get("name") or not found.get("source"):
        raise _invalid("a join has `name` and `source`")
    _known(found, _JOIN, f"the join {found['name']}")
    if found.get("joins"):
        raise refusal("nested joins of a metric view", str(found["name"]))
    using = tuple(str(one) for one in found.get("using") or [])
    if bool(found.get("on")) == bool(using):
        raise _invalid(f"the join {found['name']} has either `on` or `using`")
    return Join(str(found["name"]), str(found["source"]).strip(), _text(found.get("on")), using)


def _text(value: Any) -> str | None:
    return None if value is None else str(value).strip()


def _known(found: dict[Any, Any], known: set[str], where: str) -> None:
    unknown = [str(key) for key in found if key not in known]
    if unknown:
        raise _invalid(f"{where} has the unknown key `{unknown[0]}`; known are {', '.join(sorted(known))}")


def _invalid(why: str) -> DatabricksError:
    return DatabricksError(
        "METRIC_VIEW_INVALID_VIEW_DEFINITION", f"The metric view definition is invalid. Reason: {why}.", "42K0L"
    )
