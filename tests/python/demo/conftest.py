"""Landings that several tests read."""

from __future__ import annotations

import pytest
from demo_reading import Landing

from rwe.demo import write_landing


@pytest.fixture(scope="session")
def landing(tmp_path_factory: pytest.TempPathFactory) -> Landing:
    """The default landing with fewer patients."""
    folder = tmp_path_factory.mktemp("landing")
    return Landing(folder, write_landing(folder, 120, 6, 1))


@pytest.fixture(scope="session")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Landing:
    """The same landing without faults."""
    folder = tmp_path_factory.mktemp("clean")
    return Landing(folder, write_landing(folder, 120, 6, 1, quirks=False))
