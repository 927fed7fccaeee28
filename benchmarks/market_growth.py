"""From a landing file to the fact: rows a second by feed, growth with the size, a new file against a full refresh.

The last two files of a feed's demo are repeated, under other practices or products, until the first has the asked number
of records and the second a tenth of it. In a home folder of its own the first is loaded and built; then the second comes
as next month's does, and is merged; then everything is built anew. Both ways must give the same fact.

    .local/venv/bin/python benchmarks/market_growth.py --rows 10000 --rows 100000 --feeds uk_epd
"""

from __future__ import annotations

import csv
import gzip
import io
import itertools
import math
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from localbricks.client import connect
from localbricks.lifecycle import daemon
from rwe.demo import write_landing
from rwe.feeds import load_contracts
from rwe.home import PROJECT, RweHome

Record = dict[str, str]
TENTH = 10


@dataclass(frozen=True)
class Feed:
    """Which of a feed's entities is repeated, and how a record becomes another one."""

    entity: str
    repeat: Callable[[Record, int], Record]


def _practice(record: Record, copy: int) -> Record:
    code = f"{record['PRACTICE_CODE'][:1] or 'Y'}{(int(record['PRACTICE_CODE'][1:] or 0) + copy * 97) % 100_000:05d}"
    return {**record, "PRACTICE_CODE": f"{code}{copy // 1000}" if copy >= 1000 else code}


def _labeler(record: Record, copy: int) -> Record:
    names = {name.strip().lower().replace(" ", "_"): name for name in record}
    labeler = f"{(int(record[names['labeler_code']]) + copy) % 100_000:05d}"
    return {**record, names["labeler_code"]: labeler, names["ndc"]: labeler + record[names["ndc"]][5:]}


def _item(record: Record, copy: int) -> Record:
    code = record["ITEM_CODE"]
    return {**record, "ITEM_CODE": f"{(int(code[:5]) + copy * 7) % 100_000:05d}{code[5:]}"}


def _pack(record: Record, copy: int) -> Record:
    return {**record, "CIP13": str(int(record["CIP13"]) + copy * 10_000_000)}


# Not here: Denmark, whose file is a table over closed lists and does not grow.
FEEDS = {
    "uk_epd": Feed("prescribing", _practice),
    "au_pbs": Feed("supply", _item),
    "fr_open_medic": Feed("dispensing", _pack),
    "us_sdud": Feed("utilization", _labeler),
    # A record is one sale: the same sale again is another one.
    "br_sngpc": Feed("dispensing", lambda record, copy: record),
}


@dataclass(frozen=True)
class Figures:
    """Seconds of the steps."""

    ingest: float
    build: float
    merge: float
    anew: float


def main(
    rows: Annotated[list[int], typer.Option(help="Records of the first file.")] = [10_000, 100_000],  # noqa: B006
    feeds: Annotated[list[str], typer.Option(help="Feeds to measure.")] = list(FEEDS),  # noqa: B006
) -> None:
    """Measure each feed at each size, in one run."""
    console = Console(width=120)
    with tempfile.TemporaryDirectory() as folder:
        os.environ["RWE_HOME"] = folder
        os.environ["LOCALBRICKS_HOME"] = str(Path(folder) / "localbricks")
        try:
            bench = Bench(Path(folder), Console(stderr=True, highlight=False))
            table = Table(
                "feed", "records", "ingest s", "build s", "rows a second", "growth", "merge s", "anew s", "ratio"
            )
            for feed in feeds:
                last: tuple[int, float] | None = None
                for size in sorted(rows):
                    found = bench.measure(feed, size)
                    spent = found.ingest + found.build
                    growth = "" if last is None else f"{math.log(spent / last[1], size / last[0]):.2f}"
                    ratio = f"{found.merge / found.anew:.2f}"
                    figures = (found.ingest, found.build, size / spent)
                    table.add_row(
                        feed, f"{size:,}", *(f"{figure:,.1f}" for figure in figures), growth,
                        f"{found.merge:.1f}", f"{found.anew:.1f}", ratio,
                    )  # fmt: skip
                    last = (size, spent)
            console.print(table)
            console.print(f"{os.cpu_count()} cores; growth: exponent of the seconds over the records")
        finally:
            daemon.down(RweHome.default().localbricks)


class Bench:
    """A home folder, and the demo's files that are repeated."""

    def __init__(self, folder: Path, console: Console) -> None:
        self.folder = folder
        self.console = console
        self.home = RweHome.default()
        self.demo = folder / "demo"
        self.contracts = load_contracts(PROJECT / "feeds")
        write_landing(self.demo, 200, 2, 7, quirks=False)
        self._run("rwe", "up")
        # Every feed's raw tables, and every table of the lineage: what a feed costs is then its own.
        self._run("rwe", "ingest", "--landing", str(self.demo))
        self._run("dbt", "seed")
        self._run("dbt", "run", "--select", "+fct_sales")

    def measure(self, feed: str, size: int) -> Figures:
        """Load and build a file of that many records, then a second one in both ways."""
        landing = self.folder / f"{feed}_{size}"
        entity = self.contracts[feed].entities[FEEDS[feed].entity]
        first, second = sorted(path for path in (self.demo / feed).iterdir() if entity.accepts(path.name))[-2:]
        self._write(feed, first, landing, size)
        others = [
            f"path:models/staging/{other.name}"
            for other in (PROJECT / "models/staging").iterdir()
            if other.name != feed
        ]
        select = ("dbt", "run", "--select", "+fct_sales", "--exclude", *others)
        self.console.print(f"{feed}, {size:,} records")
        ingest = self._run("rwe", "ingest", "--reset", "--landing", str(landing))
        build = self._run(*select, "--full-refresh")
        self._write(feed, second, landing, size // TENTH)
        merge = self._run("rwe", "ingest", "--landing", str(landing)) + self._run(*select)
        merged = self._fact(feed)
        anew = self._run("rwe", "ingest", "--reset", "--landing", str(landing)) + self._run(*select, "--full-refresh")
        assert self._fact(feed) == merged, "merged and built anew differ"
        return Figures(ingest, build, merge, anew)

    def _write(self, feed: str, source: Path, landing: Path, size: int) -> None:
        target = landing / feed / source.name.removesuffix(".gz")
        target.parent.mkdir(parents=True, exist_ok=True)
        layout = self.contracts[feed].format_of(FEEDS[feed].entity)
        data = source.read_bytes()
        text = (gzip.decompress(data) if source.suffix == ".gz" else data).decode(layout.encoding)
        reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=layout.separator)
        records, header = list(reader), list(reader.fieldnames or [])
        with target.open("w", encoding=layout.encoding, newline="") as file:
            writer = csv.DictWriter(file, header, delimiter=layout.separator, lineterminator="\n")
            writer.writeheader()
            writer.writerows(itertools.islice(_repeated(records, FEEDS[feed].repeat), size))

    def _fact(self, feed: str) -> tuple[int, str]:
        """Rows of a feed in the fact, and an order-free hash of their ids and values."""
        statement = (
            "select count(*), cast(sum(cast(xxhash64(sales_id, amount_list_local, amount_reimbursed_local, count_items) "
            f"as decimal(38, 0))) as string) from market.fct_sales where source_feed = '{feed}'"
        )
        with connect(self.home.localbricks) as connection, connection.cursor() as cursor:
            cursor.execute(statement)
            ((count, found),) = cursor.fetchall()
            return int(count), str(found)

    def _run(self, *command: str) -> float:
        """The seconds of a command, which must end well."""
        state = daemon.up(self.home.localbricks)
        begin = time.monotonic()
        done = subprocess.run(
            [str(Path(sys.executable).with_name(command[0])), *command[1:]],
            cwd=PROJECT,
            env={**os.environ, **self.home.dbt_environment(state)},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise SystemExit(f"{' '.join(command)} failed:\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}")
        seconds = time.monotonic() - begin
        self.console.print(f"{seconds:8.1f} s  {' '.join(command)[:90]}")
        return seconds


def _repeated(records: list[Record], repeat: Callable[[Record, int], Record]) -> Iterator[Record]:
    for copy in itertools.count():
        for record in records:
            yield repeat(record, copy)


if __name__ == "__main__":
    typer.run(main)
