"""A small dbt project with what the adapter can do, built on the one server."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from dbt_command import Dbt

PROJECT = Path(__file__).parent / "project"


@pytest.fixture(scope="module")
def dbt(server: Any, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Dbt:
    """dbt in a folder and a schema of this file of tests."""
    schema = request.module.__name__.rpartition(".")[2]
    folder = tmp_path_factory.mktemp(schema) / "project"
    shutil.copytree(PROJECT, folder)
    return Dbt(folder, server, schema)
