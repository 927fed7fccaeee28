"""The command that writes demo landing files: a function for a typer application to mount.

In this room: options, progress on the terminal, and the summary. Not here: the writing (`landing`).
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from rwe.demo.landing import write_landing
from rwe.demo.report import REPORT_NAME
from rwe.demo.synthea.columns import VERSIONS


def land(
    patients: Annotated[int, typer.Option(min=1, help="Patients to invent.")] = 200,
    months: Annotated[int, typer.Option(min=1, help="Months of prescribing, 96 at most.")] = 6,
    seed: Annotated[int, typer.Option(help="Another seed gives other data.")] = 1,
    out: Annotated[Path, typer.Option(help="Folder to write to.", file_okay=False)] = Path("landing"),
    synthea_version: Annotated[str, typer.Option(help=f"Synthea's header version: {', '.join(VERSIONS)}.")] = "3.0",
    quirks: Annotated[bool, typer.Option(help="Put the faults of real deliveries into the files.")] = True,
) -> None:
    """Write synthetic landing files, the same for the same options."""
    try:
        report = write_landing(
            out,
            patients,
            months,
            seed,
            progress=_show,
            synthea_version=synthea_version,
            quirks=quirks,
        )
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error
    expected = report.expected
    spoiled = sum(len(entry.spoiled) for entry in report.files if entry.status == "LOADED")
    typer.echo(
        f"{len(report.files)} files in {out}: {expected.persons} persons, {expected.encounters} "
        f"encounters, {expected.conditions} conditions, {expected.epd_records} prescribing "
        f"records of {expected.epd_nic} GBP; {spoiled} spoiled records. "
        f"Counts by file: {out / REPORT_NAME}"
    )


def _show(what: str, done: int, total: int) -> None:
    typer.echo(f"{what}: {done} of {total}", err=True)
