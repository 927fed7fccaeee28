"""`kill -9` in the middle of builds and of a load of the same records in another order: in the end all is as before.

The kills follow each other on the same tables, each hitting what the one before has left. One more load and one more
run put everything right, with the ids and rows of before, although every file was shuffled meanwhile: the sales, and the
events of patients, whose ids all later tables take over. Late files of all markets and later extracts of patients had
been merged before, and are now built at once with the others.
"""

from __future__ import annotations

import gzip
import os
import random
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest
from project_in_use import PATIENTS, PLACE, ProjectInUse

pytestmark = [pytest.mark.server, pytest.mark.slow]
COMPARED = ("intermediate", "market")
SALES = ("base_uk_epd__prescribing", "int_market__months_staged", "dim_calendar", "fct_sales")
EVERYTHING = ("--select", "+fct_sales", *PATIENTS, "config.materialized:view")
"""Selects what leads to the fact of all markets and to the events of patients. Views have no rows of their own."""
SHEETS = ("PBS.csv",)
"""Two tables under each other: a line means what the lines above it say."""
MARKET = ("dbt", "run", "--full-refresh", "--select", *SALES)


@dataclass(frozen=True)
class Kill:
    """Who is killed, and when: at the n-th line of the command's output with a text."""

    victim: str
    command: tuple[str, ...]
    text: str
    count: int = 1


# Of SQL models: dbt's client of the jobs API asks a server that is gone for five minutes more.
KILLS = (
    Kill("command", MARKET, "START sql incremental model market.fct_sales"),
    Kill("server", MARKET, "OK created"),
    Kill("jvm", MARKET, "OK created", 2),
    Kill("jvm", ("rwe", "ingest", "--reset"), "uk_epd.prescribing: loading", 2),
)


def test_killed_again_and_again_and_shuffled_all_is_as_before(built: ProjectInUse, landing: Path) -> None:
    before, accounts, positions = built.hashes(*COMPARED, without=PLACE), row_accounts(built), raw_positions(built)
    assert sum(rows for rows, _ in before.values()) > 1_000
    for path in landing.glob("*/**/*.*"):
        if path.name not in SHEETS:
            shuffle(path)
    for kill in KILLS:
        kill_and_raise(built, kill, landing)
    built.good("rwe", "ingest", "--landing", str(landing))
    built.good("dbt", "run", "--full-refresh", *EVERYTHING)
    assert raw_positions(built) != positions, "the rows came in another order"
    assert built.hashes(*COMPARED, without=PLACE) == before
    assert row_accounts(built) == accounts


def kill_and_raise(built: ProjectInUse, kill: Kill, landing: Path) -> None:
    """Run the command, kill the victim at its moment, and bring the workspace up again."""
    old, left = built.status(), [kill.text] * kill.count
    arguments = ("--landing", str(landing)) if kill.command[0] == "rwe" else ()

    def moment(line: str) -> bool:
        if kill.text in line:
            left.pop()
        return not left

    built.kill_during((*kill.command, *arguments), kill.victim, moment)
    built.good("rwe", "up")
    if kill.victim != "command":
        assert built.status()["pid"] != old["pid"]
        assert not psutil.pid_exists(old["jvm_pid"]) or old["jvm_pid"] == built.status()["jvm_pid"]


def row_accounts(built: ProjectInUse) -> list[dict[str, Any]]:
    """What became of every file's records."""
    return built.rows("select * from quality.row_accounts order by feed, entity, file_path")


def raw_positions(built: ProjectInUse) -> dict[str, Any]:
    """A hash of which record lies where in its file."""
    return built.row(
        "select sum(hash(_row_position, year_month, bnf_code, nic, practice_code)) as h from raw_uk_epd.prescribing"
    )


def shuffle(path: Path) -> None:
    """Put a file's records into another order, the first line first. Files of one content stay so, and keep their time."""
    time, data = path.stat().st_mtime_ns, path.read_bytes()
    text = gzip.decompress(data) if path.suffix == ".gz" else data
    chance = random.Random(text)
    header, *records = [line for line in text.split(b"\n") if line.strip()] or [b""]
    chance.shuffle(records)
    shuffled = b"\n".join([header, *records])
    path.write_bytes(gzip.compress(shuffled) if path.suffix == ".gz" else shuffled)
    os.utime(path, ns=(time, time))
