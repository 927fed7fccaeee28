"""The command `rwe`: the local workspace, landing files, the build, queries, feed contracts."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from localbricks import cli as localbricks_cli
from localbricks.errors import LocalbricksError
from localbricks.lifecycle import daemon
from rwe.demo.command import land
from rwe.feeds.commands import app as feeds_app
from rwe.feeds.load import ContractError
from rwe.home import RweHome
from rwe.landing.ingest import IngestError

app = typer.Typer(
    help="Real World Evidence on Databricks, and on this machine.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
app.command()(localbricks_cli.down)
app.command()(localbricks_cli.status)
app.command()(localbricks_cli.sql)
app.command()(localbricks_cli.doctor)
app.command()(localbricks_cli.logs)
app.command()(land)
app.add_typer(feeds_app)

Landing = Annotated[
    Path | None,
    typer.Option(envvar="RWE_LANDING", help="Landing files, a folder a feed; the demo's by default."),
]
_console = Console(stderr=True, highlight=False)


@app.callback()
def main() -> None:
    """Everything below works on the home folder of this project."""
    os.environ.update(RweHome.default().variables())


@app.command()
def up(
    port: Annotated[int | None, typer.Option(help="Port on 127.0.0.1; 0 for any free one.")] = None,
) -> None:
    """Start the local workspace unless it runs, and write the file to source for plain dbt."""
    home = RweHome.default()
    try:
        state = daemon.up(home.localbricks, port)
    except LocalbricksError as error:
        raise _fail(error) from None
    home.write_env_file(state)
    _console.print(
        f"The local workspace is up on http://127.0.0.1:{state.port}. For plain dbt: source {escape(str(home.env_file))}",
        soft_wrap=True,
    )


@app.command()
def build(
    landing: Landing = None,
    patients: Annotated[int, typer.Option(min=1, envvar="RWE_PATIENTS", help="Patients of the demo.")] = 200,
    months: Annotated[int, typer.Option(min=1, envvar="RWE_MONTHS", help="Months of sales of the demo.")] = 6,
    seed: Annotated[int, typer.Option(envvar="RWE_SEED", help="Another seed gives other demo data.")] = 1,
    everything: Annotated[
        bool, typer.Option("--all", envvar="RWE_ALL", help="Build also what has not changed since the last build.")
    ] = False,
) -> None:
    """Landing files to tested, documented marts."""
    from rwe.build import build as run
    from rwe.build import print_summary
    from rwe.load import Demo

    home = RweHome.default()
    try:
        outcome = run(home, landing or None, Demo(patients, months, seed), _console, everything=everything)
    except (LocalbricksError, IngestError, ContractError, ValueError) as error:
        raise _fail(error) from None
    print_summary(home, outcome, _console)
    if not outcome.is_good:
        raise typer.Exit(1)


@app.command()
def report(
    output: Annotated[Path | None, typer.Option(help="The page; report.html in the home folder by default.")] = None,
) -> None:
    """Write the quality report: row accounts, data quality checks, unmapped codes on one page."""
    from rwe.report import ReportError, write_report

    home = RweHome.default()
    path = output or home.report
    try:
        daemon.up(home.localbricks)
        write_report(home.localbricks, path)
    except (LocalbricksError, ReportError, OSError) as error:
        raise _fail(error) from None
    print(path)


@app.command()
def ingest(
    landing: Landing = None,
    reset: Annotated[bool, typer.Option(help="Empty the raw tables first and load every file anew.")] = False,
    feed: Annotated[list[str] | None, typer.Option(help="This feed alone; may be given several times.")] = None,
) -> None:
    """Load landing files into the raw tables; files that are loaded already stay as they are."""
    from rwe.load import load_landing

    home = RweHome.default()
    try:
        home.write_env_file(daemon.up(home.localbricks))
        report = load_landing(
            home,
            (landing or home.demo_landing).resolve(),
            reset=reset,
            feeds=feed or (),
            progress=lambda line: _console.print(escape(line), style="dim"),
        )
    except (LocalbricksError, IngestError, ContractError) as error:
        raise _fail(error) from None
    for line in report.lines():
        print(line)
    if report.errors:
        raise typer.Exit(1)


def _fail(error: Exception) -> typer.Exit:
    _console.print(str(error), style="red", markup=False)
    return typer.Exit(1)
