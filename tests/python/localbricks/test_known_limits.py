"""The register of limits: its page is written from it, and the example of every row meets the row's error."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sql_client import Client, Server, connect

from localbricks.limits import LIMITS, markdown

SCHEMA = "test_limits_of_one"
PAGE = Path(__file__).parents[3] / "docs" / "localbricks-limits.md"


def test_the_page_is_written_from_the_register() -> None:
    assert PAGE.read_text(encoding="utf-8") == markdown(), (
        "run: python -m localbricks.limits > docs/localbricks-limits.md"
    )


@pytest.fixture(scope="module")
def client(server: Server) -> Iterator[Client]:
    """One session for all examples."""
    with connect(server.home, server.state.port) as connection:
        yield Client(connection)


@pytest.mark.server
@pytest.mark.parametrize("name", sorted(LIMITS))
def test_example(client: Client, name: str) -> None:
    limit = LIMITS[name]
    client.run(f"create schema {SCHEMA}", f"use schema {SCHEMA}")
    try:
        client.run(*limit.setup)
        client.fails(limit.example.replace("{schema}", SCHEMA), limit.error_class, limit.sqlstate)
    finally:
        client.run("use schema default", f"drop schema {SCHEMA} cascade")
