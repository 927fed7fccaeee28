"""`kill -9` in the middle of builds and of a load of the same records in another order: in the end all marts are as before.

The kills follow each other on the same tables, each hitting what the one before has left. One more load and one more
build put everything right, with the ids and rows of the first build, although every file was shuffled meanwhile.
"""

from __future__ import annotations

import gzip
import random
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest
from project_in_use import ProjectInUse

pytestmark = [pytest.mark.server, pytest.mark.slow]
PUBLISHED = ("omop", "market")
MARKET = ("dbt", "run", "--full-refresh", "--select", "base_uk_epd__prescribing", "dim_calendar", "fct_sales")


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


def test_killed_again_and_again_and_shuffled_the_marts_are_as_before(
    built: ProjectInUse, landing: Path, tmp_path: Path
) -> None:
    before, accounts, positions = built.hashes(*PUBLISHED), row_accounts(built), raw_positions(built)
    assert sum(rows for rows, _ in before.values()) > 1_000
    shuffled = shuffled_copy(landing, tmp_path / "landing")
    built.landing = None
    for kill in KILLS:
        kill_and_raise(built, kill, shuffled)
    built.good("rwe", "ingest", "--landing", str(shuffled))
    built.good("dbt", "run")
    assert raw_positions(built) != positions, "the rows came in another order"
    assert built.hashes(*PUBLISHED) == before
    assert row_accounts(built) == accounts
    built.landing = shuffled


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


def shuffled_copy(landing: Path, folder: Path) -> Path:
    """The landing files with their records in another order."""
    shutil.copytree(landing, folder)
    for path in folder.glob("*/*.csv*"):
        _shuffle(path)
    return folder


def _shuffle(path: Path) -> None:
    """Put a file's records into another order, the header first. Files of one content stay so."""
    data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    chance = random.Random(data)
    header, *records = [line for line in data.split(b"\n") if line.strip()] or [b""]
    chance.shuffle(records)
    text = b"\n".join([header, *records])
    path.write_bytes(gzip.compress(text) if path.suffix == ".gz" else text)
