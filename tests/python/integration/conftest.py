"""One workspace for all tests of this folder, and a landing folder with the demo and every kind of bad file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from bad_files import add_bad_files
from project_in_use import ProjectInUse

from rwe.demo import write_landing


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ProjectInUse]:
    """Commands on a home folder of their own; the workspace is down afterwards."""
    home = tmp_path_factory.mktemp("rwe-home")
    used = ProjectInUse(home)
    yield used
    used.good("rwe", "down")


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
