"""localbricks stands alone: it imports nothing of this project, names what it needs, and packs into a wheel that works."""

from __future__ import annotations

import ast
import shutil
import subprocess
import sys
import tomllib
import zipfile
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement

import localbricks

FOLDER = Path(localbricks.__file__).parent
ROOT = FOLDER.parents[1]
PROJECT = tomllib.loads((FOLDER / "pyproject.toml").read_text(encoding="utf-8"))
README = (FOLDER / "README.md").read_text(encoding="utf-8")


def imported() -> dict[str, list[str]]:
    """Top-level packages that the sources import, and where."""
    found: dict[str, list[str]] = {}
    for path in sorted(FOLDER.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names: list[str] = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.level == 0:
                names = [node.module or ""]
            for name in names:
                found.setdefault(name.partition(".")[0], []).append(str(path.relative_to(FOLDER)))
    return found


def name(requirement: str) -> str:
    return Requirement(requirement).name.lower()


def test_it_imports_nothing_of_this_project() -> None:
    others = {path.name for path in FOLDER.parent.iterdir() if path.is_dir()} - {"localbricks"}
    assert "rwe" in others
    assert {package: places for package, places in imported().items() if package in others} == {}


def test_it_names_what_it_needs() -> None:
    dependencies = {name(line) for line in PROJECT["project"]["dependencies"]}
    third = set(imported()) - set(sys.stdlib_module_names) - {"localbricks"}
    providers = packages_distributions()
    # py4j comes with pyspark, in the version that fits its jars.
    needed = {package: {one.lower() for one in providers[package]} for package in third - {"py4j"}}
    assert {package for package, given in needed.items() if not given & dependencies} == set(), "imported, not named"
    used = {one for given in needed.values() for one in given}
    # uvicorn's parser; Spark Connect's client and the template of interpreters.
    assert dependencies - used - {"httptools", "pandas"} == set(), "named, not imported"


def test_versions_are_those_of_the_repository() -> None:
    listed = (line.partition("#")[0].strip() for line in (ROOT / "requirements.in").read_text().splitlines())
    pinned = {name(line): line for line in listed if line}
    for line in PROJECT["project"]["dependencies"]:
        if name(line) in pinned:
            assert pinned[name(line)] == line
    assert PROJECT["project"]["version"] == localbricks.__version__


def test_all_folders_are_packed() -> None:
    folders = {path.parent.relative_to(FOLDER.parent) for path in FOLDER.rglob("*.py")}
    assert PROJECT["tool"]["setuptools"]["packages"] == sorted(".".join(folder.parts) for folder in folders)


@pytest.mark.slow
def test_a_wheel_works_on_its_own(tmp_path: Path) -> None:
    source, wheels, place = tmp_path / "source", tmp_path / "wheels", tmp_path / "place"
    shutil.copytree(FOLDER, source, ignore=shutil.ignore_patterns("__pycache__"))
    build = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "-w", str(wheels)]
    subprocess.run([*build, str(source)], check=True, timeout=120)
    (wheel,) = wheels.glob("localbricks-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(place)
    data = {str(path.relative_to(FOLDER)) for path in FOLDER.rglob("*.json")}
    assert data and all((place / "localbricks" / path).exists() for path in data)
    # Not this project's: the wheel's folder comes first, and the process says where it took the package from.
    code = (
        f"import sys; sys.path.insert(0, {str(place)!r}); import localbricks.server, localbricks.operation.doctor; "
        "from localbricks.cli import app; print(localbricks.__file__); app(['doctor', '--help'])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=True, cwd=tmp_path
    )
    assert done.stdout.startswith(str(place)) and "Look at what the workspace needs" in done.stdout


def blocks(language: str) -> list[str]:
    """The fenced blocks of the README in a language."""
    return [part.partition("```")[0] for part in README.split(f"```{language}\n")[1:]]


def test_the_files_to_copy_are_files() -> None:
    profile, pipeline = (yaml.safe_load(block) for block in blocks("yaml"))
    (target,) = profile["my_project"]["outputs"].values()
    assert target["type"] == "databricks" and target["catalog"] == "spark_catalog"
    assert pipeline["dbt"]["script"] and "localbricks down" in pipeline["dbt"]["after_script"]
    (jenkins,) = blocks("groovy")
    assert jenkins.count("{") == jenkins.count("}")


def test_every_setting_is_told() -> None:
    """Each variable that the sources read is in the README's table, and nothing else is."""
    read = {
        node.value
        for path in FOLDER.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.startswith("LOCALBRICKS_")
    }
    settings = {word for word in read if word.isupper() and " " not in word} - {
        "LOCALBRICKS_ENGINE_STOPPED",
        "LOCALBRICKS_ENGINE_OUT_OF_MEMORY",
        "LOCALBRICKS_DISK_FULL",
    }
    table = README.partition("## Settings")[2].partition("##")[0]
    told = {
        cell.strip("`, ")
        for line in table.splitlines()
        if line.startswith("| `")
        for cell in [line.split("|")[1].strip()]
    }
    assert settings == {one for one in told if one.startswith("LOCALBRICKS_")}
