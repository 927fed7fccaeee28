"""How fast rows come to a client: a table through the SQL connector, and PySpark's `toArrow` in a bare session.

Both have the same settings and the same Delta table's content and take turns. Prints, for each shape of rows, rows per
second and the ratio (1 is as fast as PySpark, 0.5 half as fast). Run it on a machine that does nothing else:

    .local/venv/bin/python benchmarks/fetch.py
"""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import typer
from bare_session import bare_session
from rich.console import Console
from rich.table import Table

from localbricks.client import connect
from localbricks.home import Home
from localbricks.lifecycle import daemon

SETUP = [
    "create schema bench",
    "create table bench.facts as select id, id % 1000 as product, cast(id % 997 as decimal(18,2)) as amount, "
    "date_add(date '2020-01-01', cast(id % 900 as int)) as day, concat('text of ', id % 5000) as note "
    "from range({rows})",
]
SHAPES = {
    "numbers": "select id, product from bench.facts",
    "decimals and dates": "select id, amount, day from bench.facts",
    "all": "select * from bench.facts",
}
Fetch = Callable[[str], pa.Table]


def main(rows: int = 1_000_000, warm: int = 3, rounds: int = 7) -> None:
    """Compare `rounds` fetches of `rows` rows after `warm` of them."""
    with tempfile.TemporaryDirectory() as folder:
        home, bare_home = Home(Path(folder) / "localbricks"), Home(Path(folder) / "bare")
        bare_home.prepare()
        daemon.up(home, 0)
        try:
            served, spark = _served(home), bare_session(bare_home)
            bare: Fetch = lambda sql: spark.sql(sql).toArrow()  # noqa: E731
            for statement in SETUP:
                for run in (served, bare):
                    run(statement.format(rows=rows))
            _report(rows, {name: _compare(sql, rows, (served, bare), warm, rounds) for name, sql in SHAPES.items()})
        finally:
            daemon.down(home)


def _served(home: Home) -> Fetch:
    cursor = connect(home).cursor()

    def run(statement: str) -> pa.Table:
        cursor.execute(statement)
        return cursor.fetchall_arrow()

    return run


def _compare(sql: str, rows: int, fetches: tuple[Fetch, Fetch], warm: int, rounds: int) -> tuple[float, float]:
    """Median seconds of each way."""
    times: tuple[list[float], list[float]] = ([], [])
    for number in range(warm + rounds):
        for fetch, seconds in zip(fetches, times, strict=True):
            start = time.perf_counter()
            found = fetch(sql).num_rows
            if number >= warm:
                seconds.append(time.perf_counter() - start)
            assert found == rows, f"{found} rows came, expected {rows}"
    return statistics.median(times[0]), statistics.median(times[1])


def _report(rows: int, results: dict[str, tuple[float, float]]) -> None:
    table = Table("rows", "localbricks rows/s", "PySpark toArrow rows/s", "ratio")
    for name, (served, bare) in results.items():
        table.add_row(name, f"{rows / served:,.0f}", f"{rows / bare:,.0f}", f"{bare / served:.2f}")
    console = Console()
    console.print(table)
    worst = min(bare / served for served, bare in results.values())
    console.print(f"{rows:,} rows, {os.cpu_count()} cores. Worst ratio {worst:.2f}.")


if __name__ == "__main__":
    typer.run(main)
