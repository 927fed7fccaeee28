"""`kill -9` in the middle of a load and of builds: after `up` and a new build all tables are right."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest
from project_in_use import ProjectInUse

pytestmark = [pytest.mark.server, pytest.mark.slow, pytest.mark.timeout(1200)]
EVERYTHING = ("omop", "market", "staging", "intermediate", "quality")
BUILD = ("dbt", "run", "--full-refresh", "--selector", "market")


@dataclass(frozen=True)
class Kill:
    """Who is killed, and when: at the n-th line of the command's output with a text."""

    victim: str
    command: tuple[str, ...]
    text: str
    count: int

    def comes_at(self, landing: Path) -> tuple[tuple[str, ...], list[str]]:
        """The command in full, and the lines that are still to come."""
        more = ("--landing", str(landing)) if self.command[0] == "rwe" else ()
        return (*self.command, *more), [self.text] * self.count


KILLS = (
    Kill("jvm", ("rwe", "ingest", "--reset"), "uk_epd.prescribing: loading", 2),
    Kill("server", BUILD, "OK created", 2),
    Kill("jvm", BUILD, "OK created", 5),
    Kill("command", BUILD, "START sql incremental model market.fct_sales", 1),
)


def test_killed_again_and_again_then_built_the_tables_are_as_before(built: ProjectInUse, landing: Path) -> None:
    """The kills follow each other on the same tables, and one more load and one more build put everything right."""
    before = built.hashes(*EVERYTHING)
    assert sum(rows for rows, _ in before.values()) > 5_000
    for kill in KILLS:
        old = built.status()
        command, awaited = kill.comes_at(landing)

        def moment(line: str, awaited: list[str] = awaited) -> bool:
            if awaited[0] in line:
                awaited.pop()
            return not awaited

        built.kill_during(command, kill.victim, moment)
        built.good("rwe", "up")
        if kill.victim != "command":
            assert built.status()["pid"] != old["pid"]
            assert not psutil.pid_exists(old["jvm_pid"]) or old["jvm_pid"] == built.status()["jvm_pid"]
        if kill.command[0] == "rwe":
            built.good("rwe", "ingest", "--landing", str(landing))
    built.good("dbt", "run")
    assert built.hashes(*EVERYTHING) == before
