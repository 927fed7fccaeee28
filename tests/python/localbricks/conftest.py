"""One server for all tests that need one; each file of tests works in a schema of its own."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from localbricks.home import Home
from localbricks.lifecycle import daemon

sys.path.insert(0, str(Path(__file__).parent))

from sql_client import Client, Server, connect

MEMORY = "1500m"

# The connector writes every message with its bytes.
logging.getLogger("databricks.sql").setLevel(logging.WARNING)


@pytest.fixture(scope="session")
def engine_memory() -> Iterator[None]:
    """Servers of tests are small."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LOCALBRICKS_MEMORY", MEMORY)
        yield


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory, engine_memory: None) -> Iterator[Server]:
    """The one server."""
    home = Home(tmp_path_factory.mktemp("workspace") / "home")
    state = daemon.up(home, 0)
    yield Server(home, state)
    assert daemon.down(home), "the server did not live until the end of the tests"
    assert not psutil.pid_exists(state.jvm_pid)


@pytest.fixture(scope="module")
def session(server: Server, request: pytest.FixtureRequest) -> Iterator[Client]:
    """A session of this file of tests, in a schema of its own that is called after it."""
    with connect(server.home, server.state.port) as connection:
        client = Client(connection)
        schema = request.module.__name__.rpartition(".")[2]
        client.run(f"create schema {schema}", f"use schema {schema}")
        yield client
        client.run(f"drop schema {schema} cascade")
