"""Where the time of a dbt command goes: dbt, the adapter, localbricks, Spark.

Builds the demo in a home folder of its own, then times a full `dbt build`, a `dbt build` of one model, and the data tests
on one thread and on eight, on the warm workspace. Every moment of the wall clock goes to the innermost part that was at
work: Spark if any statement was in the engine, else localbricks if any was in the warehouse, else the adapter (with the
connector and HTTP) if dbt waited for a statement, else dbt. The warehouse's part comes from its query history, the adapter's
from dbt's own log. The turns of one thread and eight are run without that log, as users do.

    .local/venv/bin/python benchmarks/dbt_build.py
"""

from __future__ import annotations

import itertools
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from statistics import median

import typer
from databricks.sdk import WorkspaceClient
from rich.console import Console
from rich.table import Table

from localbricks.lifecycle import daemon
from localbricks.lifecycle.state import ServerState
from rwe.build import build
from rwe.home import PROJECT, RweHome
from rwe.load import Demo

PARTS = ("Spark", "localbricks", "adapter", "dbt")


@dataclass(frozen=True)
class Span:
    """When a part was at work, in seconds since the epoch."""

    start: float
    end: float
    part: str


@dataclass(frozen=True)
class Timed:
    """A command: from when to when, and its seconds without dbt's start, as dbt itself gives them."""

    start: float
    end: float
    run: float
    count_nodes: int

    @property
    def all(self) -> float:
        """The seconds of the whole command."""
        return self.end - self.start


@dataclass(frozen=True)
class Split:
    """A command's seconds by part."""

    timed: Timed
    spent: dict[str, float]
    count_statements: int


def main(one_model: str = "dim_product", repeat: int = 2, rounds: int = 5) -> None:
    """Time a full build, a build of one model and the data tests, the best of `repeat`; and the tests in `rounds` turns."""
    console = Console(width=140)
    with tempfile.TemporaryDirectory() as folder:
        os.environ["RWE_HOME"] = folder
        os.environ["LOCALBRICKS_HOME"] = str(Path(folder) / "localbricks")
        home = RweHome.default()
        first = build(home, None, Demo(), Console(quiet=True))
        console.print(f"first build: {', '.join(f'{part} {seconds:.0f} s' for part, seconds in first.seconds.items())}")
        state = daemon.up(home.localbricks)
        try:
            table = Table("command", "nodes", *(f"{part} s" for part in PARTS), "all s", "statements")
            tests = ("test", "--select", "test_type:data", "--threads")
            commands = [("build",), ("build", "--select", one_model), (*tests, "1"), (*tests, "8")]
            for command in commands:
                one = min((_split_up(home, state, command) for _ in range(repeat)), key=lambda one: one.timed.all)
                row = (f"{one.spent[part]:.1f} ({one.spent[part] / one.timed.all:.0%})" for part in PARTS)
                name, count = f"dbt {' '.join(command)}", str(one.timed.count_nodes)
                table.add_row(name, count, *row, f"{one.timed.all:.1f}", str(one.count_statements))
            console.print(table)
            console.print(f"{os.cpu_count()} cores; data tests on one thread to eight, medians of {rounds} turns:")
            pairs = [(_timed(home, state, (*tests, "1")), _timed(home, state, (*tests, "8"))) for _ in range(rounds)]
            console.print(f"all of the command {median(one.all / eight.all for one, eight in pairs):.2f}")
            console.print(f"without dbt's start {median(one.run / eight.run for one, eight in pairs):.2f}")
        finally:
            daemon.down(home.localbricks)


def _timed(home: RweHome, state: ServerState, arguments: tuple[str, ...], **variables: str) -> Timed:
    """Run a command as its users do."""
    shutil.rmtree(home.dbt_logs, ignore_errors=True)
    command = [str(Path(sys.executable).with_name("dbt")), *arguments]
    environment = {**home.dbt_environment(state), **variables}
    start = time.time()
    subprocess.run(command, cwd=PROJECT, env=environment, check=True, stdout=subprocess.DEVNULL)
    end = time.time()
    done = json.loads((home.dbt_target / "run_results.json").read_text(encoding="utf-8"))
    return Timed(start, end, done["elapsed_time"], len(done["results"]))


def _split_up(home: RweHome, state: ServerState, arguments: tuple[str, ...]) -> Split:
    """Run a command with a log that says when it waited for what, which costs dbt some time of its own."""
    logged = {"DBT_LOG_FORMAT_FILE": "json", "DBT_LOG_LEVEL_FILE": "debug", "DBT_LOG_FILE_MAX_BYTES": "0"}
    timed = _timed(home, state, arguments, **logged)
    queries = list(_queries(state, home.localbricks.token(), timed.start))
    spans = [*queries, *_waits(home.dbt_logs / "dbt.log")]
    return Split(timed, _split(spans, timed.start, timed.end), len(queries) // 2)


def _queries(state: ServerState, token: str, since: float) -> Iterator[Span]:
    """What the warehouse did: around the engine first, then in it."""
    client = WorkspaceClient(host=f"http://127.0.0.1:{state.port}", token=token)
    page = None
    while True:
        found = client.query_history.list(include_metrics=True, max_results=1000, page_token=page)
        for query in found.res or []:
            start, end = query.query_start_time_ms / 1000, query.query_end_time_ms / 1000
            if start >= since:
                entered = max(start, end - query.metrics.execution_time_ms / 1000)
                yield Span(start, entered, "localbricks")
                yield Span(entered, end, "Spark")
        page = found.next_page_token
        if not found.has_next_page:
            return


def _waits(log: Path) -> Iterator[Span]:
    """From dbt's log: from a statement's sending to its answer, by thread."""
    sent: dict[str, float] = {}
    for line in log.read_text(encoding="utf-8").splitlines():
        info = json.loads(line)["info"]
        when = datetime.fromisoformat(info["ts"].replace("Z", "+00:00")).timestamp()
        if info["name"] == "SQLQuery":
            sent[info["thread"]] = when
        elif info["name"] == "SQLQueryStatus" and info["thread"] in sent:
            yield Span(sent.pop(info["thread"]), when, "adapter")


def _split(spans: list[Span], start: float, end: float) -> dict[str, float]:
    """Every moment to the innermost part that was at work."""
    edges = sorted({start, end, *(edge for span in spans for edge in (span.start, span.end) if start < edge < end)})
    begins = sorted(spans, key=lambda span: span.start)
    spent = dict.fromkeys(PARTS, 0.0)
    active: list[Span] = []
    position = 0
    for left, right in itertools.pairwise(edges):
        while position < len(begins) and begins[position].start <= left:
            active.append(begins[position])
            position += 1
        active = [span for span in active if span.end > left]
        at_work = {span.part for span in active}
        spent[next((part for part in PARTS if part in at_work), "dbt")] += right - left
    return spent


if __name__ == "__main__":
    typer.run(main)
