"""What localbricks costs on top of Spark: the same statements through the SQL connector and in a bare PySpark session.

Both have the same settings and the same Delta tables' content; they take turns, statement by statement, so that the
machine's mood meets both. Prints a table with medians and ratios. Run it on a machine that does nothing else:

    .local/venv/bin/python benchmarks/statement_overhead.py
"""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import typer
from bare_session import bare_session
from rich.console import Console
from rich.table import Table

from localbricks.client import connect
from localbricks.home import Home
from localbricks.lifecycle import daemon

Run = Callable[[str], Any]
SETUP = [
    "create schema bench",
    "create table bench.sales as select id, id % 1000 as product, id % 37 as area, "
    "cast(id % 997 as decimal(18,2)) as amount, date_add(date '2020-01-01', cast(id % 900 as int)) as day "
    "from range({rows})",
    "create table bench.products as select id as product, concat('product ', id) as name, id % 20 as class from range(1000)",
    "create table bench.target as select * from bench.products",
]
STATEMENTS = {
    "select 1": "select 1",
    "describe": "describe table bench.sales",
    "count": "select count(*) from bench.sales where amount is null",
    "unique test": "select count(*) from (select product from bench.products group by product having count(*) > 1)",
    "relationship test": "select count(*) from bench.sales left anti join bench.products using (product)",
    "group": "select product, area, sum(amount), count(*) from bench.sales group by product, area",
    "join and group": "select class, sum(amount) from bench.sales join bench.products using (product) group by class",
    "window": "select count(*) from (select row_number() over (partition by product order by day, id) as n "
    "from bench.sales) where n = 1",
    "distinct": "select count(distinct id, day) from bench.sales",
    "rows out": "select * from bench.sales limit 50000",
    "create or replace view": "create or replace view bench.v as select * from bench.sales where area = 1",
    "create or replace table as": "create or replace table bench.made as select product, sum(amount) as amount "
    "from bench.sales group by product",
    "insert": "insert into bench.made select product, cast(1 as decimal(28,2)) from bench.products",
    "merge": "merge into bench.target t using (select product, name, class from bench.products where class < 5) s "
    "on t.product = s.product when matched then update set * when not matched then insert *",
}


def main(rows: int = 2_000_000, warm: int = 8, rounds: int = 15) -> None:
    """Compare `rounds` runs of each statement after `warm` of them, on a table of `rows` rows."""
    console = Console()
    with tempfile.TemporaryDirectory() as folder:
        home, bare_home = Home(Path(folder) / "localbricks"), Home(Path(folder) / "bare")
        bare_home.prepare()
        daemon.up(home, 0)
        try:
            served: Run = _served(home)
            spark = bare_session(bare_home)
            bare: Run = lambda statement: spark.sql(statement).toArrow()  # noqa: E731
            for statement in SETUP:
                for run in (served, bare):
                    run(statement.format(rows=rows))
            _report(console, [_compare(name, sql, served, bare, warm, rounds) for name, sql in STATEMENTS.items()])
        finally:
            daemon.down(home)


def _served(home: Home) -> Run:
    cursor = connect(home).cursor()

    def run(statement: str) -> None:
        cursor.execute(statement)
        if cursor.description:
            cursor.fetchall_arrow()

    return run


def _compare(name: str, sql: str, served: Run, bare: Run, warm: int, rounds: int) -> tuple[str, float, float]:
    times: dict[int, list[float]] = {0: [], 1: []}
    for number in range(warm + rounds):
        for which, run in enumerate((served, bare)):
            start = time.perf_counter()
            run(sql)
            if number >= warm:
                times[which].append(time.perf_counter() - start)
    return name, statistics.median(times[0]) * 1000, statistics.median(times[1]) * 1000


def _report(console: Console, results: list[tuple[str, float, float]]) -> None:
    table = Table("statement", "localbricks ms", "bare PySpark ms", "ratio", "difference ms")
    for name, served, bare in results:
        table.add_row(name, f"{served:.0f}", f"{bare:.0f}", f"{served / bare:.2f}", f"{served - bare:.0f}")
    console.print(table)
    slow = [served / bare for _, served, bare in results if bare >= 100]
    fast = [served - bare for _, served, bare in results if bare < 100]
    console.print(
        f"{os.cpu_count()} cores. Of 100 ms and more: median ratio {statistics.median(slow):.2f}, worst {max(slow):.2f}."
    )
    console.print(f"Below 100 ms: median difference {statistics.median(fast):.0f} ms, worst {max(fast):.0f} ms.")


if __name__ == "__main__":
    typer.run(main)
