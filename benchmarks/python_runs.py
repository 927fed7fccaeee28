"""How long a Python source of one line takes: interpreters that are copies of a template, and such that start anew.

Both have a runner of their own, without an engine, and take turns. Prints milliseconds from the order to the end and the
ratio (2 is twice as fast). Run it on a machine that does nothing else:

    .local/venv/bin/python benchmarks/python_runs.py
"""

from __future__ import annotations

import statistics
import tempfile
import time
from pathlib import Path

import typer
from rich.console import Console
from rich.table import Table

from localbricks.python_runs.run import RunState
from localbricks.python_runs.runner import PythonRunner

SOURCE = "import pandas\nprint(len(pandas.DataFrame({'n': [1]})))"


def main(rounds: int = 10) -> None:
    """Compare `rounds` of one run alone, and of two, four and eight that are ordered at once."""
    table = Table("ordered at once", "copies: ms", "anew: ms", "ratio")
    with tempfile.TemporaryDirectory() as folder:
        runners = [_runner(Path(folder) / str(copies), copies) for copies in (True, False)]
        try:
            for count in (1, 2, 4, 8):
                times = [[_timed(runner, count) for runner in runners] for _ in range(rounds)]
                copied, anew = (statistics.median(side) for side in zip(*times, strict=True))
                table.add_row(str(count), f"{copied:.0f}", f"{anew:.0f}", f"{anew / copied:.1f}")
        finally:
            for runner in runners:
                runner.close()
    Console().print(table)


def _runner(folder: Path, copies: bool) -> PythonRunner:
    """A runner that has run once."""
    runner = PythonRunner(_no_engine, work_dir=folder / "work", log_dir=folder / "logs", copies=copies)
    _timed(runner, 1)
    return runner


def _no_engine() -> str:
    raise RuntimeError("no engine here")


def _timed(runner: PythonRunner, count: int) -> float:
    """Milliseconds until `count` runs, ordered at once, have ended."""
    start = time.perf_counter()
    runs = [runner.submit(SOURCE, name="/Workspace/model") for _ in range(count)]
    for run in runs:
        run.wait()
        assert run.state is RunState.SUCCEEDED, run.result
    return 1_000 * (time.perf_counter() - start)


if __name__ == "__main__":
    typer.run(main)
