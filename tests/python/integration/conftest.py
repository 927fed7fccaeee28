"""The project in the one workspace, and a landing folder with the demo and every kind of bad file."""

from __future__ import annotations

from pathlib import Path

import pytest
from bad_files import add_bad_files
from project_in_use import ProjectInUse
from sql_client import Server

from rwe.demo import write_landing

CHANGING = ("test_kill.py", "test_monthly_loads.py", "test_sample_data.py")
"""Files of tests that load other data, each upon what the one before has left: after those that read the demo's marts."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Read what is built before anything changes it: a build takes minutes."""
    items.sort(key=lambda item: CHANGING.index(item.path.name) + 1 if item.path.name in CHANGING else 0)


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


@pytest.fixture
def built(project: ProjectInUse, landing: Path) -> ProjectInUse:
    """The project after `rwe build` on the demo and its bad files."""
    project.build(landing)
    return project
