"""The project in the one workspace, and a landing folder with the demo and every kind of bad file."""

from __future__ import annotations

from pathlib import Path

import pytest
from bad_files import add_bad_files
from project_in_use import ProjectInUse, late_sales
from sql_client import Server

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
    """The project after two `rwe build`: of the demo and its bad files without the late sales, and of all, which merges them."""
    held = tmp_path_factory.mktemp("held")
    late = late_sales(landing)
    for path in late:
        path.rename(held / path.name)
    project.said = project.good("rwe", "build", RWE_LANDING=str(landing))
    project.fewer_sales = project.count_sales()
    for path in late:
        (held / path.name).rename(path)
    project.said_again = project.good("rwe", "build", RWE_LANDING=str(landing))
    return project
