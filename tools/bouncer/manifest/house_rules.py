"""Rules of this project that dbt-bouncer has no check for. dbt-bouncer.yml says which resources each is for.

A check is a function that `fail`s with what was found and what was expected; the name of its first parameter says
what it is called with. dbt-bouncer finds this file by its place, a folder named after the artifact it reads.
"""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import Any

from dbt_bouncer.check_framework.decorator import check, fail

BRANCH = re.compile(r"\bcase\b|\bover\s*\(|\b(?:left|right|full|anti|semi)\s+(?:outer\s+)?join\b", re.IGNORECASE)
COMMENT = re.compile(r"--[^\n]*|\{#.*?#\}", re.DOTALL)
REF = re.compile(r"ref\(\s*['\"](?P<model>\w+)['\"]")


@check
def check_model_has_owned_group(model: Any, ctx: Any) -> None:
    """A model belongs to a group, and the group has an owner with a name and an address."""
    groups = {group.name: group for group in (ctx.manifest_obj.manifest.groups or {}).values()}
    if model.group not in groups:
        fail(f"`{model.name}` has the group {model.group}, expected one of {', '.join(sorted(groups))}.")
    owner = groups[model.group].owner
    if not (owner and owner.name and owner.email):
        fail(f"Group `{model.group}` of `{model.name}` has no owner with a name and an email.")


@check
def check_model_properties_file_name(model: Any, *, file_name_pattern: str) -> None:
    """The properties of a model are in a file of a certain name, in the model's own folder."""
    properties = PurePosixPath((model.patch_path or "").partition("://")[2])
    if not re.fullmatch(file_name_pattern, properties.name):
        fail(f"`{model.name}` has its properties in `{properties}`, expected a file like {file_name_pattern}.")
    if properties.parent != PurePosixPath(model.original_file_path).parent:
        fail(f"`{model.name}` has its properties in `{properties}`, expected them beside {model.original_file_path}.")


@check
def check_model_foreign_keys_are_tested(model: Any, ctx: Any) -> None:
    """Every foreign key of one column has a relationships test: Databricks does not enforce the constraint."""
    tested = set()
    for test in ctx.tests_by_attached_node.get(model.unique_id, []):
        if test.test_metadata and test.test_metadata.name == "relationships":
            kwargs = test.test_metadata.kwargs
            tested.add((kwargs["column_name"], _referred(kwargs["to"]), kwargs["field"]))
    for constraint in model.constraints or []:
        if constraint.type == "foreign_key" and len(constraint.columns) == 1:
            key = (constraint.columns[0], _referred(constraint.to), constraint.to_columns[0])
            if key not in tested:
                fail(f"`{model.name}` has a foreign key without a relationships test: {key[0]} to {key[1]}.{key[2]}.")


@check
def check_model_with_branches_has_unit_test(model: Any, ctx: Any) -> None:
    """A SQL model that decides something (a case, a window, an outer, semi or anti join) has a unit test."""
    branches = BRANCH.search(COMMENT.sub("", model.raw_code or ""))
    if branches and model.language == "sql" and not ctx.unit_tests_by_depends_on_node.get(model.unique_id):
        fail(f"`{model.name}` has a branch ({branches.group(0).strip()}) and no unit test.")


@check
def check_source_columns_described(source: Any) -> None:
    """Every column of a source has a description."""
    _columns_described(f"{source.source_name}.{source.name}", source)


@check
def check_seed_columns_described(seed: Any) -> None:
    """Every column of a seed has a description."""
    _columns_described(seed.name, seed)


def _columns_described(name: str, node: Any) -> None:
    bare = [column.name for column in (node.columns or {}).values() if not (column.description or "").strip()]
    if bare or not node.columns:
        fail(f"`{name}` has columns without a description: {', '.join(bare) or 'none is listed'}.")


def _referred(relation: str) -> str:
    found = REF.search(relation)
    return found["model"] if found else relation
