"""The main job: landing files to tested, documented marts on the local workspace, and a summary at the end.

A second build does what has changed since the first (`standing`); `everything` builds all of it again.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from localbricks.lifecycle import daemon
from rwe import standing
from rwe.dbt import RunResults, parsing_ahead, read_run_results, run_dbt
from rwe.home import PROJECT, RweHome
from rwe.landing.ingest import IngestReport
from rwe.landing.verdict import LOADED_STATUSES
from rwe.load import Demo, load_landing, prepare_demo
from rwe.report import ReportError, write_report

TESTS = ("test", "unit_test")
BUILT = ("model", "seed", "snapshot")
HANDLED = 1
"""dbt's exit code when it came to an end, and something went wrong on the way. Otherwise it was stopped."""
NO_REMARK = {"PYTHONWARNINGS": 'ignore:"comment" does not match the name of any column'}
"""dbt-databricks gives a type to a column that its catalog query has under another name, and agate remarks on it."""


@dataclass
class Outcome:
    """What a build did, gathered part by part."""

    seconds: dict[str, float] = field(default_factory=dict)
    """How long each part took."""
    ingested: IngestReport | None = None
    results: RunResults = field(default_factory=lambda: RunResults(()))
    """What became of every node, in this build or in the one that it goes on from."""
    now: RunResults = field(default_factory=lambda: RunResults(()))
    """What this build did itself."""
    is_whole: bool = True
    """Whether this build did everything itself."""
    dbt_code: int = 0
    docs_code: int = 0
    report_error: str = ""
    """Why there is no quality report."""

    @property
    def has_ended(self) -> bool:
        """Whether dbt came to an end; otherwise it was stopped."""
        return self.dbt_code == 0 or (self.dbt_code == HANDLED and bool(self.now.nodes))

    @property
    def is_compiled(self) -> bool:
        """Whether dbt's manifest has the compiled SQL of all nodes, of this build or of earlier ones."""
        return self.is_whole or self.has_ended

    @property
    def is_good(self) -> bool:
        """Whether everything that was asked for is there, as it should be."""
        return not (self.dbt_code or self.docs_code or self.report_error or (self.ingested and self.ingested.errors))

    @contextmanager
    def timed(self, part: str) -> Iterator[None]:
        """Take the time of a part."""
        start = time.monotonic()
        try:
            yield
        finally:
            self.seconds[part] = time.monotonic() - start


def build(home: RweHome, landing: Path | None, demo: Demo, console: Console, *, everything: bool = False) -> Outcome:
    """Build from `landing`, or from the demo's files, which are written where they are absent.

    What the last build left and nothing has changed stays as it is, unless `everything` is asked for.

    Raises:
        LocalbricksError: the local workspace does not start.
        IngestError: the landing folder is absent.
        ContractError: a feed contract is unsound.
    """
    outcome = Outcome()
    with outcome.timed("local workspace"):
        console.print("Starting the local workspace …")
        state = daemon.up(home.localbricks)
        home.write_env_file(state)
    with outcome.timed("landing files"):
        folder = landing.resolve() if landing else prepare_demo(home, demo)
    environment = home.dbt_environment(state)
    with outcome.timed("ingest"), parsing_ahead(home.dbt_target, environment):
        console.print(f"Loading landing files from {escape(str(folder))} …")
        outcome.ingested = load_landing(
            home, folder, reset=False, progress=lambda line: console.print(f"  {escape(line)}", style="dim")
        )
    with outcome.timed("dbt build"):
        _build_nodes(home, outcome, environment, everything, console)
    with outcome.timed("dbt docs generate"):
        _document(home, outcome, environment)
    with outcome.timed("report"):
        outcome.report_error = _report(home)
    _remember(home, outcome)
    return outcome


def _build_nodes(
    home: RweHome, outcome: Outcome, environment: Mapping[str, str], everything: bool, console: Console
) -> None:
    """`dbt build` of what has changed since the last build, or of everything."""
    before = None if everything else standing.read_standing(home)
    began = standing.basis()
    selection = standing.select(home, before, began)
    standing.begin(home, before, selection)
    outcome.is_whole = selection is None
    (home.dbt_target / "run_results.json").unlink(missing_ok=True)
    arguments: list[str] = []
    if selection is not None:
        console.print("Building what has changed since the last build …")
        arguments = ["--state", str(home.standing), "--select", *selection]
        if before is not None and standing.has_unit_tested(before, began):
            arguments += ["--exclude-resource-type", "unit_test"]
    outcome.dbt_code = run_dbt(["build", *arguments], environment)
    outcome.now = outcome.results = read_run_results(home.dbt_target)
    if outcome.has_ended:
        outcome.results = standing.finish(home, before, began, outcome.now)


def _document(home: RweHome, outcome: Outcome, environment: Mapping[str, str]) -> None:
    """The documentation, unless it stands with everything else."""
    page = home.dbt_target / "static_index.html"
    if page.is_file() and not (outcome.now.nodes or outcome.dbt_code):
        return
    page.unlink(missing_ok=True)
    compiled = ["--no-compile"] if outcome.is_compiled else []
    outcome.docs_code = run_dbt(["--quiet", "docs", "generate", "--static", *compiled], {**environment, **NO_REMARK})


def print_summary(home: RweHome, outcome: Outcome, console: Console) -> None:
    """Say in a few lines what was built and what was not, how to look at it, and how long it took."""
    console.rule("rwe build")
    for line in (*_landing_lines(outcome.ingested), *_dbt_lines(outcome)):
        console.print(line, soft_wrap=True)
    if outcome.docs_code == 0:
        console.print(f"docs      {escape(str(home.dbt_target / 'static_index.html'))}", soft_wrap=True)
    if outcome.report_error:
        console.print(f"report    [red]not written[/] {escape(outcome.report_error)}", soft_wrap=True)
    else:
        console.print(f"report    {escape(str(home.report))}", soft_wrap=True)
    env = home.env_file.relative_to(PROJECT) if home.env_file.is_relative_to(PROJECT) else home.env_file
    console.print(
        f'query     source {escape(str(env))} && rwe sql "select * from market.fct_sales limit 10"', soft_wrap=True
    )
    parts = ", ".join(f"{part} {seconds:.0f} s" for part, seconds in outcome.seconds.items())
    console.print(f"time      {sum(outcome.seconds.values()):.0f} s: {parts}", soft_wrap=True)


def _landing_lines(report: IngestReport | None) -> Iterator[str]:
    if report is None:
        return
    loaded = [file for file in report.files if file.status in LOADED_STATUSES]
    records = sum(file.count_records or 0 for file in loaded)
    known = sum(not file.is_new for file in loaded)
    yield f"landing   {len(loaded)} files with {records:,} records, {known} of them loaded before"
    for file in report.files:
        if file.reason:
            yield f"          [yellow]{file.status}[/] {escape(f'{file.feed}/{file.file_path}: {file.reason}')}"
    if report.absent:
        yield f"absent    {', '.join(report.absent)}: no file, so an empty raw table"
    for error in report.errors:
        yield f"          [red]ERROR[/] {escape(error)}"


def _dbt_lines(outcome: Outcome) -> Iterator[str]:
    built, tested = outcome.results.counts(BUILT), outcome.results.counts(TESTS)

    def now(kinds: Sequence[str]) -> str:
        return "" if outcome.is_whole else f", {outcome.now.counts(kinds).total()} of them now"

    yield f"built     {built['success']} of {built.total()} seeds and models{now(BUILT)}"
    yield f"tests     {tested['pass'] + tested['success']} of {tested.total()} passed{now(TESTS)}"
    for node in outcome.results.bad:
        first = (node.message.strip().splitlines() or [""])[0]
        yield f"          [red]{node.status.upper()}[/] {escape(f'{node.kind} {node.name}: {first}')}"
    if outcome.dbt_code and not outcome.results.bad:
        yield "          [red]dbt ended before it built anything; it says why above[/]"
    if outcome.docs_code:
        yield "docs      [red]not written; dbt says why above[/]"


def _report(home: RweHome) -> str:
    """Write the quality report; why not, where it cannot be."""
    home.report.unlink(missing_ok=True)
    try:
        write_report(home.localbricks, home.report)
    except ReportError as error:
        return str(error)
    return ""


def _remember(home: RweHome, outcome: Outcome) -> None:
    """Keep the times of the last build, for whoever compares."""
    path = home.root / "build.json"
    path.write_text(json.dumps({"seconds": outcome.seconds, "is_good": outcome.is_good}, indent=2), encoding="utf-8")
