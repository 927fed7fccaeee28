"""The command `localbricks`: prepare, up, down, status, doctor, sql, logs."""

from __future__ import annotations

import csv
import json
import sys
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from localbricks.errors import LocalbricksError
from localbricks.home import HTTP_PATH, Home
from localbricks.lifecycle import daemon
from localbricks.operation import log

if TYPE_CHECKING:
    from localbricks.operation.doctor import Finding

app = typer.Typer(help="A local Databricks workspace for dbt.", no_args_is_help=True, pretty_exceptions_enable=False)
HomeOption = Annotated[Path | None, typer.Option("--home", help="Home folder; by default LOCALBRICKS_HOME.")]
_err = Console(stderr=True, highlight=False)


class Format(Enum):
    """How rows are written."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"


class Report(Enum):
    """How a report is written."""

    TEXT = "text"
    JSON = "json"


class Level(Enum):
    """Levels of the server's log."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"
    CRITICAL = "critical"


def _home(path: Path | None) -> Home:
    return Home(path.expanduser().resolve()) if path else Home.default()


def _fail(error: Exception) -> typer.Exit:
    _err.print(str(error), style="red", markup=False)
    return typer.Exit(1)


@app.command()
def prepare() -> None:
    """Do what is done once on a machine: fetch jars, compile, archive classes for fast starts (40 seconds)."""
    from localbricks.operation import prepare as preparation

    try:
        archive = preparation.prepare()
    except LocalbricksError as error:
        raise _fail(error) from None
    _err.print(f"localbricks is prepared; Java's archive of classes is {archive}", soft_wrap=True)


@app.command()
def up(
    home: HomeOption = None,
    port: Annotated[int | None, typer.Option(help="Port on 127.0.0.1; 0 for any free one.")] = None,
) -> None:
    """Start the workspace unless it runs."""
    try:
        state = daemon.up(_home(home), port)
    except LocalbricksError as error:
        raise _fail(error) from None
    _err.print(f"localbricks is up on http://127.0.0.1:{state.port} (http_path {HTTP_PATH})")


@app.command()
def down(home: HomeOption = None) -> None:
    """Stop the workspace; no process is left."""
    stopped = daemon.down(_home(home))
    _err.print("localbricks is down" if stopped else "localbricks was not up")


@app.command()
def status(home: HomeOption = None) -> None:
    """Say whether the workspace runs; exit code 3 when it does not."""
    place = _home(home)
    state = daemon.healthy(place)
    if state is None:
        _err.print(f"localbricks is down ({place.root})")
        raise typer.Exit(3)
    print(json.dumps({"port": state.port, "pid": state.pid, "jvm_pid": state.jvm_pid, "http_path": HTTP_PATH}))


@app.command()
def sql(
    statement: Annotated[str, typer.Argument(help="One SQL statement, or - for standard input.")],
    home: HomeOption = None,
    format: Annotated[Format, typer.Option(help="csv and json go to stdout alone.")] = Format.TABLE,
) -> None:
    """Run one statement and print its rows."""
    try:
        run_sql(_home(home), sys.stdin.read() if statement == "-" else statement, format)
    except LocalbricksError as error:
        raise _fail(error) from None


@app.command()
def doctor(
    home: HomeOption = None,
    format: Annotated[Report, typer.Option(help="json is for programs.")] = Report.TEXT,
) -> None:
    """Look at what the workspace needs, and say what to do; exit code 1 where something stands in the way."""
    from localbricks.operation import doctor as examination

    findings = examination.examine(_home(home))
    if format is Report.JSON:
        print(examination.as_json(findings))
    else:
        _print_findings(findings)
    if not examination.is_healthy(findings):
        raise typer.Exit(1)


@app.command()
def logs(
    home: HomeOption = None,
    lines: Annotated[int, typer.Option("--lines", "-n", min=1, help="How many, of each log.")] = 50,
    level: Annotated[Level, typer.Option(help="The least level of the server's log.")] = Level.INFO,
    session: Annotated[str | None, typer.Option(help="One SQL session: how its id begins.")] = None,
    statement: Annotated[str | None, typer.Option(help="One statement: how its id begins.")] = None,
    format: Annotated[Report, typer.Option(help="json gives the server's log alone, as it is written.")] = Report.TEXT,
) -> None:
    """Print the last lines of the server's log, and of what the server and the engine wrote besides."""
    place = _home(home)
    for line in log.last(place, lines, level.value, session, statement):
        print(json.dumps(line, ensure_ascii=False) if format is Report.JSON else log.as_text(line))
    if format is Report.JSON or session or statement:
        return
    for path in (place.logs / name for name in ("server.log", "engine.log")):
        if path.exists() and path.stat().st_size:
            print(f"== {path}")
            print("\n".join(path.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:]))


@app.command(hidden=True)
def serve(home: HomeOption = None, port: int | None = None, ready_fd: int | None = None) -> None:
    """Run the server in the foreground."""
    from localbricks.server import serve as run

    raise typer.Exit(run(_home(home), port, ready_fd))


def run_sql(home: Home, statement: str, format: Format) -> None:
    """Run one statement and write its rows to stdout.

    Raises:
        LocalbricksError: no server, or the statement failed.
    """
    # Takes a second to import, which `up`, `down` and `status` need not wait for.
    from databricks.sql.exc import Error

    from localbricks.client import connect

    try:
        with connect(home) as connection, connection.cursor() as cursor:
            cursor.execute(statement)
            names = [column[0] for column in cursor.description or []]
            if format is Format.TABLE:
                _print_table(names, cursor.fetchall())
            elif format is Format.CSV:
                writer = csv.writer(sys.stdout, lineterminator="\n")
                writer.writerow(names)
                while rows := cursor.fetchmany(10_000):
                    writer.writerows([_cell(value) for value in row] for row in rows)
            else:
                rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
                json.dump(rows, sys.stdout, default=_plain, ensure_ascii=False)
                sys.stdout.write("\n")
    except Error as error:
        raise LocalbricksError(str(error)) from None


def _print_findings(findings: list[Finding]) -> None:
    signs = {"ok": ("ok", "green"), "warning": ("warning", "yellow"), "problem": ("PROBLEM", "red")}
    console = Console(highlight=False, soft_wrap=True)
    for finding in findings:
        sign, colour = signs[finding.verdict.value]
        console.print(f"{sign:<8}", style=colour, end="")
        console.print(f"{finding.check:<9} {finding.found}", markup=False)
        if finding.advice:
            console.print(f"{'':<18}{finding.advice}", markup=False)


def _print_table(names: list[str], rows: list) -> None:
    if not names:
        return
    table = Table(*names)
    for row in rows:
        table.add_row(*("NULL" if value is None else _cell(value) for value in row))
    # Into a file or a pipe nothing is folded: there is no width to keep to.
    Console(markup=False, width=None if sys.stdout.isatty() else 10_000).print(table)


def _cell(value: object) -> str:
    """A value as text: nothing for null, JSON for what is nested, booleans as SQL writes them."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list | dict) or hasattr(value, "tolist"):
        return json.dumps(value, default=_plain, ensure_ascii=False)
    return str(value)


def _plain(value: object) -> object:
    """For JSON: arrays as lists; decimals, dates and times as text, which is exact."""
    tolist = getattr(value, "tolist", None)
    return tolist() if callable(tolist) else str(value)
