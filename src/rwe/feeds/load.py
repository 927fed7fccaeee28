"""Read contracts from a folder, and say every problem at once: file, line, path, found, expected."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from rwe.feeds.checks import Location, Problem, check_contract
from rwe.feeds.contract import Contract

# libyaml's parser is ten times as fast; not every system's PyYAML has it.
_FastLoader: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class ContractError(ValueError):
    """One or more contracts are wrong. The message lists every problem, one a line."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        """One sentence a problem: `file:line: path: found …, expected …`."""
        super().__init__("\n".join(self.problems))


def load_contracts(folder: Path) -> dict[str, Contract]:
    """Read every `*.yml` of a folder, in the order of the file names, by feed name.

    Raises ContractError with the problems of all files, or when the folder holds none.
    """
    paths = sorted(folder.glob("*.yml"))
    if not paths:
        raise ContractError([f"{folder}: found no *.yml, expected one feed contract a file. Name the right folder."])
    contracts: dict[str, Contract] = {}
    problems: list[str] = []
    for path in paths:
        try:
            contract = load_contract(path)
        except ContractError as error:
            problems.extend(error.problems)
        else:
            contracts[contract.feed] = contract
    if problems:
        raise ContractError(problems)
    return contracts


def load_contract(path: Path) -> Contract:
    """Read one contract. Raises ContractError with everything that is wrong with it."""
    try:
        loader, root = _parsed(path.read_text(encoding="utf-8"))
    except UnicodeDecodeError as error:
        raise ContractError([f"{path}: found bytes that are not UTF-8 ({error})"]) from error
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise ContractError([f"{path}:{line}: found text that is not YAML ({error.problem}), expected YAML"]) from error
    if root is None:
        raise ContractError([f"{path}:1: found an empty file, expected a feed contract"])

    def said(problem: Problem) -> str:
        location, found, expected = problem
        where = _path_text(location) or "(the whole file)"
        return f"{path}:{_line_of(root, location)}: {where}: found {found}, expected {expected}"

    if repeated := _repeated_keys(root, ()):
        raise ContractError(said(problem) for problem in repeated)
    try:
        contract = Contract.model_validate(_tuples(loader.construct_document(root)))
    except ValidationError as error:
        raise ContractError(said(_schema_problem(e)) for e in error.errors()) from error
    problems = list(check_contract(contract))
    if contract.feed != path.stem:
        problems.insert(0, (("feed",), repr(contract.feed), f"{path.stem!r}, the file's name"))
    if problems:
        raise ContractError(said(problem) for problem in problems)
    return contract


def _parsed(text: str) -> tuple[yaml.SafeLoader, yaml.Node | None]:
    """The document of a text, and what makes values of it. Errors are those of Python's parser, which knows the line."""
    try:
        loader = _FastLoader(text)
        return loader, loader.get_single_node()
    except yaml.MarkedYAMLError:
        loader = yaml.SafeLoader(text)
        return loader, loader.get_single_node()


def _schema_problem(error: Any) -> Problem:
    location = tuple(error["loc"])
    kind = error["type"]
    if kind == "extra_forbidden":
        return location, f"the unknown key {str(location[-1])!r}", "no such key"
    if kind == "missing":
        return location[:-1], f"no key {str(location[-1])!r}", "that key"
    found = error["input"]
    if kind == "too_short":
        return location, "an empty list", "at least one item"
    if kind == "model_type":
        return location, repr(list(found) if isinstance(found, tuple) else found), "keys with values"
    expected = error["msg"].removeprefix("Value error, ").removeprefix("Input should be ")
    return location, repr(list(found) if isinstance(found, tuple) else found), expected


def _path_text(location: Location) -> str:
    text = ""
    for part in location:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def _line_of(node: yaml.Node, location: Location) -> int:
    """Line of the deepest node on the way to a location, from 1."""
    line = node.start_mark.line + 1
    for part in location:
        if isinstance(node, yaml.MappingNode):
            pair = next(((k, v) for k, v in reversed(node.value) if k.value == part), None)
            if pair is None:
                break
            key, node = pair
            line = key.start_mark.line + 1
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int):
            if part >= len(node.value):
                break
            node = node.value[part]
            line = node.start_mark.line + 1
        else:
            break
    return line


def _repeated_keys(node: yaml.Node, location: Location) -> list[Problem]:
    """Keys written twice in one mapping: YAML would silently keep the last."""
    problems: list[Problem] = []
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            if key.value in seen:
                problems.append(
                    (
                        (*location, key.value),
                        f"the key {key.value!r} twice",
                        "each key once",
                    )
                )
            seen.add(key.value)
            problems.extend(_repeated_keys(value, (*location, key.value)))
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            problems.extend(_repeated_keys(value, (*location, index)))
    return problems


def _tuples(value: Any) -> Any:
    """Lists as tuples, which the strict frozen models expect."""
    if isinstance(value, list):
        return tuple(_tuples(item) for item in value)
    if isinstance(value, dict):
        return {key: _tuples(item) for key, item in value.items()}
    return value
