"""What stands of the last build, so that the next one does only what has changed since.

dbt compares the project with the manifest of the last build (`state:modified`). In this room is what dbt does not look
at: relations that something else has written or dropped since, the raw tables first of all; nodes that did not go well;
a build that was stopped half-way; that unit tests, which have rows of their own, stand while the project's files do.
Not here: running dbt, and what is said of it (`build`).
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from localbricks.client import connect
from localbricks.home import Home, write_private
from rwe.dbt import DONE, NodeResult, RunResults
from rwe.home import PROJECT, RweHome

SETTINGS = ("dbt_project.yml", "profiles/profiles.yml", "requirements.lock")
"""Files that may change what any node does, in ways dbt's comparison of nodes does not see."""
CODE = ("macros", "models", "seeds", "snapshots", "tests")
CODE_SUFFIXES = {".csv", ".py", ".sql", ".yml"}
"""Folders of what dbt reads of the project, and what it reads there."""
RELATIONS = ("model", "seed", "snapshot")
COMPILED = ("compiled", "compiled_code", "compiled_path", "extra_ctes", "extra_ctes_injected")
"""What dbt's manifest has of a node that the command has compiled."""
STATEMENT = "select table_schema, table_name, created, last_altered from system.information_schema.tables"

Stamps = dict[str, str]
"""By the unique id of a node or source: when its relation was created and last written. Absent where there is none."""


class Basis(BaseModel, frozen=True):
    """What a build begins with."""

    settings: str
    """The day and the settings, which all nodes depend on."""
    code: str
    """A digest of the project's files."""


class Standing(BaseModel):
    """What a build left."""

    basis: Basis
    stamps: Stamps
    results: dict[str, NodeResult]
    """The last result of every node, by its unique id."""
    pending: list[str] = []
    """What a build that has not ended was about to do, as dbt selects it."""


def basis() -> Basis:
    """What a build begins with now. The day belongs to the settings, because a model may ask which it is."""
    settings = [PROJECT / name for name in SETTINGS]
    code = sorted(path for name in CODE for path in (PROJECT / name).rglob("*") if path.suffix in CODE_SUFFIXES)
    return Basis(settings=f"{datetime.now(UTC).date()} {_digest(settings)}", code=_digest(code))


def _digest(paths: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for path in paths:
        content = path.read_bytes()
        digest.update(f"{path.relative_to(PROJECT)} {len(content)}\n".encode())
        digest.update(content)
    return digest.hexdigest()


def read_standing(home: RweHome) -> Standing | None:
    """What the last build left, None where there was none or nothing can be said."""
    try:
        found = Standing.model_validate_json(_record(home).read_bytes())
    except (FileNotFoundError, ValidationError):
        return None
    return found if _manifest(home).is_file() else None


def begin(home: RweHome, standing: Standing | None, selection: list[str] | None) -> None:
    """Note what a build is about to do; nothing stands while everything is built."""
    if standing is None or selection is None:
        shutil.rmtree(home.standing, ignore_errors=True)
    else:
        _write(home, standing.model_copy(update={"pending": selection}))


def finish(home: RweHome, standing: Standing | None, began: Basis, results: RunResults) -> RunResults:
    """Note what a build left: its results, and those of the nodes it had no reason to touch; all of them.

    `began` is the basis when it began: it may have ended on another day. What the build did not compile stays in dbt's
    manifest as an earlier one compiled it, for the documentation.
    """
    newest = home.dbt_target / "manifest.json"
    text = newest.read_text(encoding="utf-8")
    manifest = json.loads(text)
    if _manifest(home).is_file():
        carry_over(json.loads(_manifest(home).read_bytes()), manifest)
        text = json.dumps(manifest)
        newest.write_text(text, encoding="utf-8")
    known = {*manifest["nodes"], *manifest["unit_tests"], *manifest["exposures"]}
    before = {} if standing is None else {name: one for name, one in standing.results.items() if name in known}
    found = Standing(
        basis=began,
        stamps=read_stamps(home.localbricks, manifest),
        results={**before, **{node.unique_id: node for node in results.nodes}},
    )
    home.standing.mkdir(parents=True, exist_ok=True)
    # In this order: beside an older manifest the next build does more than it must, beside a newer one less.
    _write(home, found)
    write_private(_manifest(home), text)
    return RunResults(tuple(found.results.values()))


def carry_over(before: dict[str, Any], manifest: dict[str, Any]) -> None:
    """Give the nodes of a manifest that were not compiled what was compiled of the same nodes before."""
    for name, node in manifest["nodes"].items():
        old = before["nodes"].get(name, {})
        if old.get("compiled") and not node.get("compiled") and old.get("checksum") == node.get("checksum"):
            node |= {key: old[key] for key in COMPILED if key in old}


def select(home: RweHome, standing: Standing | None, now: Basis) -> list[str] | None:
    """What dbt has to build on a basis, as it selects it; None for everything."""
    if standing is None or standing.basis.settings != now.settings:
        return None
    manifest = json.loads(_manifest(home).read_bytes())
    return selectors(standing, manifest, read_stamps(home.localbricks, manifest))


def selectors(standing: Standing, manifest: dict[str, Any], stamps: Stamps) -> list[str]:
    """What has changed since a build: the project, relations with all that comes after them, and what is not done."""
    written = {
        f"{_method(one)}+" for name, one in _relations(manifest) if stamps.get(name) != standing.stamps.get(name)
    }
    # A node that went wrong has left its followers skipped: they are in the list themselves.
    nodes = {**manifest["nodes"], **manifest["unit_tests"], **manifest["exposures"]}
    undone = {
        ".".join(nodes[name]["fqn"])
        for name, node in standing.results.items()
        if node.status not in DONE and name in nodes
    }
    return ["state:modified+", *sorted(written | undone | set(standing.pending) - {"state:modified+"})]


def has_unit_tested(standing: Standing, now: Basis) -> bool:
    """Whether all unit tests went well with the project's files as they are: other rows do not concern them."""
    tested = (node for node in standing.results.values() if node.kind == "unit_test")
    return standing.basis.code == now.code and all(node.status in DONE for node in tested)


def read_stamps(home: Home, manifest: dict[str, Any]) -> Stamps:
    """When the relations of a manifest were created and last written."""
    with connect(home) as connection, connection.cursor() as cursor:
        cursor.execute(STATEMENT)
        times = {(row[0], row[1]): f"{row[2]} {row[3]}" for row in cursor.fetchall()}
    found = {}
    for name, one in _relations(manifest):
        relation = (one["schema"].lower(), one.get("identifier", one.get("alias", "")).lower())
        if relation in times:
            found[name] = times[relation]
    return found


def _relations(manifest: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Sources and nodes that are tables or views."""
    yield from manifest["sources"].items()
    for name, one in manifest["nodes"].items():
        if one["resource_type"] in RELATIONS:
            yield name, one


def _method(one: dict[str, Any]) -> str:
    return f"source:{one['source_name']}.{one['name']}" if one["resource_type"] == "source" else str(one["name"])


def _manifest(home: RweHome) -> Path:
    return home.standing / "manifest.json"


def _record(home: RweHome) -> Path:
    return home.standing / "standing.json"


def _write(home: RweHome, standing: Standing) -> None:
    write_private(_record(home), standing.model_dump_json(indent=1))
