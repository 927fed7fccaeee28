"""Are the packages that a notebook or a job asks for installed? Nothing is ever installed from here."""

from __future__ import annotations

import shlex
import sys
from importlib import metadata

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import InvalidWheelFilename, parse_wheel_filename

# Options of `pip install` that are followed by a value.
_OPTIONS_WITH_VALUE = {
    "-i", "--index-url", "--extra-index-url", "-f", "--find-links", "-t", "--target", "--prefix", "--root",
    "--timeout", "--retries", "--trusted-host", "--proxy", "--platform", "--python-version", "--only-binary",
    "--no-binary", "--upgrade-strategy", "--cache-dir", "--log", "--progress-bar", "--report", "--src",
}  # fmt: skip


class RequirementNotSatisfied(ImportError):
    """A package that the source asks for is missing here, or has another version."""

    __module__ = "localbricks"


def pip_requirements(arguments: str) -> list[str]:
    """The requirements in the arguments of `%pip install …`.

    Raises:
        RequirementNotSatisfied: for what cannot be checked: requirement files, folders, other subcommands.
    """
    words = shlex.split(arguments, comments=True)
    if not words or words[0] != "install":
        raise RequirementNotSatisfied(
            f"%pip {arguments}: localbricks understands `%pip install <requirements>` only, and installs nothing."
        )
    found: list[str] = []
    skip = False
    for word in words[1:]:
        if skip:
            skip = False
        elif word in _OPTIONS_WITH_VALUE:
            skip = True
        elif word in ("-r", "--requirement", "-c", "--constraint", "-e", "--editable"):
            raise RequirementNotSatisfied(
                f"%pip install {word} …: localbricks cannot check it and installs nothing. "
                "Name the packages in the line itself."
            )
        elif not word.startswith("-"):
            found.append(word)
    return found


def check(requirements: list[str]) -> list[str]:
    """One line for each satisfied requirement, such as `polars>=1 (1.9.0)`.

    Raises:
        RequirementNotSatisfied: names everything that is missing and how to install it.
    """
    satisfied: list[str] = []
    missing: list[tuple[str, str]] = []
    for text in requirements:
        found, is_satisfied = _look(text)
        if is_satisfied:
            satisfied.append(f"{text} ({found})")
        else:
            missing.append((text, found))
    if missing:
        listed = ", ".join(f"{text} ({found})" for text, found in missing)
        wanted = " ".join(shlex.quote(text) for text, _ in missing)
        raise RequirementNotSatisfied(
            f"Not satisfied in {sys.prefix}: {listed}. localbricks never installs packages while a model runs. "
            f"Install them yourself with `uv pip install --python {sys.executable} {wanted}` "
            "(or pip), add them to the project's requirements, and run again."
        )
    return satisfied


def _look(text: str) -> tuple[str, bool]:
    """What is installed for a requirement (a version or a reason), and whether it satisfies it."""
    if text.endswith(".whl"):
        try:
            name, version, _, _ = parse_wheel_filename(text.rpartition("/")[2])
        except InvalidWheelFilename as error:
            return str(error), False
        text = f"{name}=={version}"
    try:
        requirement = Requirement(text)
    except InvalidRequirement:
        return "not a requirement that can be checked", False
    return _look_requirement(requirement, frozenset())


def _look_requirement(requirement: Requirement, seen: frozenset[str]) -> tuple[str, bool]:
    """As `_look`, for a requirement that was read; `seen` stops circles of extras."""
    if requirement.marker and not requirement.marker.evaluate():
        return "not needed on this platform", True
    try:
        distribution = metadata.distribution(requirement.name)
    except metadata.PackageNotFoundError:
        return "not installed", False
    version = distribution.version
    if requirement.specifier and not requirement.specifier.contains(version, prereleases=True):
        return f"found {version}", False
    for extra in requirement.extras - seen:
        for line in distribution.requires or ():
            needed = Requirement(line)
            marker = needed.marker
            if marker is None or "extra" not in str(marker) or not marker.evaluate({"extra": extra}):
                continue
            needed.marker = None
            found, is_satisfied = _look_requirement(needed, seen | requirement.extras)
            if not is_satisfied:
                return f"found {version}, but its extra {extra} needs {needed}: {found}", False
    return version, True
