"""What all tests share: where fetched jars are kept, and the one workspace, whose engine is warm after a while.

A young engine spends its time on code that is interpreted and compiled, so every test that can uses the same one. In one
process the tests of the whole project come last, on an engine that has seen most statements, and those that kill it at
the end. In two processes they are as long as all others together, and begin at once, in a process and a workspace of
their own.
"""

from __future__ import annotations

import functools
import gc
import logging
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

sys.path.insert(0, str(Path(__file__).parent / "localbricks"))

import failures
from sql_client import Server

from localbricks.home import Home
from localbricks.lifecycle import daemon
from localbricks.lifecycle.state import read_state

os.environ.setdefault("LOCALBRICKS_CACHE", str(Path(__file__).parents[2] / ".local" / "cache"))
# Every connection of the connector reads these certificates, for 20 ms: servers of tests speak plain HTTP.
os.environ["SSL_CERT_FILE"] = os.devnull
# Engines of tests live for minutes, with few statements twice: the quick compiler spares them a tenth to a quarter of
# their processor time.
os.environ.setdefault("JDK_JAVA_OPTIONS", "-XX:TieredStopAtLevel=1")

# The tests stay to the end: looking for dead objects among them again and again is a quarter of collecting them.
gc.set_threshold(70_000, 20, 100)

MEMORY = "2g"
LAST = ("integration/", "integration/test_monthly_loads", "integration/test_kill", "integration/test_sample_data")
"""Tests that come after all others, in this order: an engine that was killed is young again."""
BUILD_SECONDS = 3000
"""A test of the whole project may build it first, on a slow machine."""
WHOLE_PROJECT, WORKSPACE, REST = "whole project", "workspace", "rest"
"""Processes may share the tests by these groups, the longest first (`pytest -n 2 --dist loadscope --no-loadscope-reorder`)."""
ALONE = ("test_sample_data.py",)
"""Tests on the whole project that need no other's tables: they go to the process that has time, at the end."""

LESS = 1
"""How much the process that has the other tests steps back (`nice`), so that both come to their end together."""

# The connector writes every message with its bytes, and asks for that by a logger with a level of its own.
for name in ("databricks.sql", "databricks.sql.unsafe"):
    logging.getLogger(name).setLevel(logging.WARNING)


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    """Show failures at once, and end when told to."""
    failures.show_at_once(config)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Bring the tests into their order."""
    unmarked = {
        item.path.name for item in items if "server" in item.fixturenames and not item.get_closest_marker("server")
    }
    if unmarked:
        raise pytest.UsageError(f"Tests in {', '.join(sorted(unmarked))} need the server and have no marker `server`.")

    def place(item: pytest.Item) -> int:
        path = item.path.relative_to(Path(__file__).parent).as_posix()
        return max((number for number, part in enumerate(LAST, 1) if path.startswith(part)), default=0)

    for item in items:
        if place(item):
            item.add_marker(pytest.mark.timeout(BUILD_SECONDS))
    items.sort(key=place)
    if hasattr(config, "workerinput"):
        turns = (WHOLE_PROJECT, WORKSPACE, REST, *ALONE)
        items.sort(key=lambda item: turns.index(_group(item.path)))


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Share the tests between processes by their group."""
    from xdist.scheduler import LoadScopeScheduling

    class ByGroup(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return _group(config.rootpath / nodeid.split("::", 1)[0])

    return ByGroup(config, log)


def pytest_runtest_logstart(nodeid: str, location: tuple[str, int | None, str]) -> None:
    """Let the process that has the whole project go first: it has the longer way."""
    if "PYTEST_XDIST_WORKER" in os.environ and _group(Path(__file__).parents[2] / location[0]) != WHOLE_PROJECT:
        _step_back()


@functools.cache
def _step_back() -> None:
    os.nice(LESS)


@functools.cache
def _group(path: Path) -> str:
    if path.name in ALONE:
        return path.name
    if path.parent.name == "integration":
        return WHOLE_PROJECT
    return WORKSPACE if re.search(r"\bmark\.server\b", path.read_text(encoding="utf-8")) else REST


@pytest.fixture(scope="session")
def engine_memory() -> Iterator[None]:
    """Servers of tests are small, and do nothing by themselves."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LOCALBRICKS_MEMORY", MEMORY)
        patch.setenv("LOCALBRICKS_WARM_UP", "off")
        yield


@pytest.fixture(scope="session")
def rwe_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home folder of the one workspace."""
    return tmp_path_factory.mktemp("workspace") / "home"


@pytest.fixture(scope="session")
def server(rwe_home: Path, engine_memory: None) -> Iterator[Server]:
    """The one workspace's server."""
    home = Home(rwe_home / "localbricks")
    yield Server(home, daemon.up(home, 0))
    last = read_state(home)
    assert daemon.down(home), "the server did not live until the end of the tests"
    assert last is not None and not psutil.pid_exists(last.jvm_pid)
