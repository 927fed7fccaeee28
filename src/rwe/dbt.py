"""Run dbt as its users do, as a command (`dbt_process`), and read what it says of its run.

In this room: the process and `run_results.json`. Not here: which commands, in which order (`build`).
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rwe.home import PROJECT

GOOD = ("success", "pass", "no-op")
"""Statuses of nodes that went well. A warning, a skipped node, a failure and an error did not."""
DONE = (*GOOD, "warn")
"""Statuses of nodes that need not be done again while nothing changes."""
PARSED = "partial_parse.msgpack"
"""What dbt keeps of a project that it has read, in its target folder."""


@dataclass(frozen=True)
class NodeResult:
    """What became of one node of a run."""

    unique_id: str
    status: str
    message: str
    seconds: float

    @property
    def kind(self) -> str:
        """model, seed, snapshot, test, unit_test …"""
        return self.unique_id.split(".", 1)[0]

    @property
    def name(self) -> str:
        """The node's own name."""
        return self.unique_id.split(".")[2]


@dataclass(frozen=True)
class RunResults:
    """What a run of dbt did."""

    nodes: tuple[NodeResult, ...]

    def counts(self, kinds: Sequence[str]) -> Counter[str]:
        """Nodes of some kinds by status."""
        return Counter(node.status for node in self.nodes if node.kind in kinds)

    @property
    def bad(self) -> tuple[NodeResult, ...]:
        """Nodes that did not go well, skipped ones left out: they follow from another."""
        return tuple(node for node in self.nodes if node.status not in (*GOOD, "skipped"))


def run_dbt(arguments: Sequence[str], environment: Mapping[str, str]) -> int:
    """Run `dbt <arguments>` in the project's folder, its output on this terminal; the exit code."""
    return subprocess.run(_command(*arguments), cwd=PROJECT, env=dict(environment), check=False).returncode


def _command(*arguments: str) -> list[str]:
    # Without the project's folder among those that modules come from.
    return [sys.executable, "-P", "-m", "rwe.dbt_process", *arguments]


@contextmanager
def parsing_ahead(target: Path, environment: Mapping[str, str]) -> Iterator[None]:
    """Let dbt read the project beside other work, unless it has: the command that comes then goes on from there.

    What is wrong with the project is said by that command.
    """
    if (target / PARSED).is_file():
        yield
        return
    with subprocess.Popen(
        _command("parse"), cwd=PROJECT, env=dict(environment), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        try:
            yield
        except BaseException:
            process.terminate()
            raise


def read_run_results(target: Path) -> RunResults:
    """The results of the last run. Empty when dbt ended before it ran anything."""
    path = target / "run_results.json"
    if not path.is_file():
        return RunResults(())
    results = json.loads(path.read_text(encoding="utf-8"))["results"]
    return RunResults(
        tuple(
            NodeResult(one["unique_id"], one["status"], one.get("message") or "", one["execution_time"])
            for one in results
        )
    )
