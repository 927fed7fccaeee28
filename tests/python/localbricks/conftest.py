"""Each file of tests works on the one server, in a schema of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sql_client import Client, Server, connect


@pytest.fixture(scope="module")
def session(server: Server, request: pytest.FixtureRequest) -> Iterator[Client]:
    """A session of this file of tests, in a schema of its own that is called after it."""
    with connect(server.home, server.state.port) as connection:
        client = Client(connection)
        schema = request.module.__name__.rpartition(".")[2]
        client.run(f"create schema {schema}", f"use schema {schema}")
        yield client
        client.run(f"drop schema {schema} cascade")
