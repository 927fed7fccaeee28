"""The project in the one workspace, and a landing folder with the demo and every kind of bad file."""

from __future__ import annotations

from pathlib import Path

import pytest
from bad_files import add_bad_files
from project_in_use import GONE, ProjectInUse, late_sales
from sql_client import Server
from vocabulary_releases import NewerRelease, add_newer_releases

from rwe.demo import write_landing


@pytest.fixture(scope="session")
def project(rwe_home: Path, server: Server) -> ProjectInUse:
    """Commands on the one workspace's home folder."""
    return ProjectInUse(rwe_home)


@pytest.fixture(scope="session")
def landing(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo's landing files, and a file for every fault."""
    folder = tmp_path_factory.mktemp("landing")
    write_landing(folder, 60, 6, 7)
    add_bad_files(folder)
    return folder


@pytest.fixture(scope="session")
def built(project: ProjectInUse, landing: Path, tmp_path_factory: pytest.TempPathFactory) -> ProjectInUse:
    """The project after two `rwe build`: of the demo and its bad files without the late sales, and of all, which merges them.

    Between the two a table goes that has nothing to do with sales, so the second one makes it again.
    """
    held = tmp_path_factory.mktemp("held")
    late = late_sales(landing)
    for path in late:
        path.rename(held / path.name)
    project.said = project.good("rwe", "build", RWE_LANDING=str(landing))
    project.fewer_sales = project.count_sales()
    project.periods = project.hashes("omop", like="%period")
    project.good("rwe", "sql", f"drop table omop.{GONE}")
    for path in late:
        (held / path.name).rename(path)
    project.said_again = project.good("rwe", "build", RWE_LANDING=str(landing))
    return project


@pytest.fixture(scope="session")
def newer_release(built: ProjectInUse, landing: Path) -> NewerRelease:
    """Newer releases of the vocabularies beside the first one: they stand until they are withdrawn."""
    return add_newer_releases(built, landing)
