"""`kill -9` in the middle of a load and of builds: after `up` and a new build all tables are right."""

from __future__ import annotations

from pathlib import Path

import psutil
import pytest
from project_in_use import ProjectInUse

pytestmark = [pytest.mark.server, pytest.mark.slow, pytest.mark.timeout(1200)]
TABLES = ("market", "staging", "intermediate", "quality")
BUILD = ("dbt", "run", "--full-refresh", "--selector", "market")


@pytest.mark.parametrize(
    ("arguments", "victim", "marker", "count"),
    [
        (BUILD, "server", "OK created", 2),
        (BUILD, "jvm", "OK created", 5),
        (BUILD, "command", "START sql incremental model market.fct_sales", 1),
        (("rwe", "ingest", "--reset"), "jvm", "uk_epd.prescribing: loading", 2),
    ],
)
def test_killed_and_built_again(
    built: ProjectInUse, landing: Path, arguments: tuple[str, ...], victim: str, marker: str, count: int
) -> None:
    before = built.hashes(*TABLES)
    old = built.status()
    seen = 0

    def moment(line: str) -> bool:
        nonlocal seen
        seen += marker in line
        return seen == count

    if arguments[0] == "rwe":
        arguments = (*arguments, "--landing", str(landing))
    built.kill_during(arguments, victim, moment)
    built.good("rwe", "up")
    if victim != "command":
        assert not psutil.pid_exists(old["jvm_pid"]) or old["jvm_pid"] == built.status()["jvm_pid"]
        assert built.status()["pid"] != old["pid"]
    built.good("rwe", "ingest", "--landing", str(landing))
    built.good("dbt", "run", "--selector", "market")
    if arguments[0] == "rwe":
        built.good("dbt", "run", "--select", "staging", "quality")
    assert built.hashes(*TABLES) == before
