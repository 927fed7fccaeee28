"""One server for the whole suite, and the table of its results."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import failures
import pytest

from conformance.fixtures import *  # noqa: F403
from conformance.report import Report
from localbricks.home import Home
from localbricks.lifecycle import daemon
from localbricks.lifecycle.state import ServerState

# The connector writes every message with its bytes, and asks for that by a logger with a level of its own.
for name in ("databricks.sql", "databricks.sql.unsafe"):
    logging.getLogger(name).setLevel(logging.WARNING)


@dataclass(frozen=True)
class Server:
    """A server that runs, and its home."""

    home: Home
    state: ServerState


@pytest.fixture(scope="session")
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The one server: of the home that was named, otherwise a new one."""
    named = request.config.getoption("--home")
    home = Home(Path(named).resolve() if named else tmp_path_factory.mktemp("workspace") / "home")
    running = daemon.healthy(home)
    yield Server(home, running or daemon.up(home, 0))
    if running is None:
        daemon.down(home)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Where the table goes, and the results of this run on their way to it."""
    parser.addoption("--table", type=Path, help="Write the table of results to this file.")
    parser.addoption("--home", help="Use the server of this home, which must be up.")


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    """Begin the report; show failures at once."""
    failures.show_at_once(config)
    config.pluginmanager.register(Report(config.getoption("--table")), "conformance-report")
    warnings.simplefilter("ignore")
