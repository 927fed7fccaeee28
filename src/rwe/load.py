"""Landing files into the raw tables of the local workspace: the demo's, or those of a folder that was named.

In this room: which folder, whether the tables must be emptied first, the demo's files. Not here: looking at
files and loading them (`landing`), writing them (`demo`).
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Collection
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from localbricks.client import connect
from rwe.demo import write_landing
from rwe.demo.report import REPORT_NAME, read_report
from rwe.feeds.load import load_contracts
from rwe.home import PROJECT, RweHome
from rwe.landing.ingest import IngestError, IngestReport, expect_folder, ingest
from rwe.landing.origin import Origin, read_origin, to_empty, write_origin

CATALOG = "spark_catalog"
CONNECTIONS = 4
"""Statements that load at once: a few files each leave a machine idle when they load one after another."""


@dataclass(frozen=True)
class Demo:
    """How much of a demo is wanted."""

    patients: int = 200
    months: int = 6
    seed: int = 1


def prepare_demo(home: RweHome, demo: Demo) -> Path:
    """The folder of the demo's landing files, written unless it holds what is wanted. Whole, or not there."""
    folder = home.demo_landing
    if _is_written(folder, demo):
        return folder
    partial = folder.with_name(folder.name + ".partial")
    shutil.rmtree(partial, ignore_errors=True)
    write_landing(partial, demo.patients, demo.months, demo.seed)
    shutil.rmtree(folder, ignore_errors=True)
    partial.rename(folder)
    return folder


def load_landing(
    home: RweHome, landing: Path, *, reset: bool, progress: Callable[[str], None], feeds: Collection[str] = ()
) -> IngestReport:
    """Bring the raw tables up to what lies in `landing`; those of other files are emptied first.

    `feeds` names the feeds that are looked at, none all of them; `reset` empties their raw tables first.

    Raises:
        IngestError: the folder or a feed is absent, or feeds that are not named hold files of another folder.
        ContractError: a feed contract is unsound.
        LocalbricksError: no server runs.
    """
    contracts = load_contracts(PROJECT / "feeds")
    # before anything is remembered of it: a mistyped folder must not make the next load begin anew
    expect_folder(landing, contracts)
    if unknown := sorted(set(feeds) - set(contracts)):
        raise IngestError(f"Found no contract of {', '.join(unknown)}, expected one of {', '.join(contracts)}.")
    chosen = {feed: contract for feed, contract in contracts.items() if not feeds or feed in feeds}
    edition = _edition(landing)
    emptied = to_empty(read_origin(home.landing_state), landing, edition, contracts)
    if others := sorted(emptied - set(chosen)):
        raise IngestError(
            f"Found raw tables that hold files of another folder than {landing}, or were being emptied, "
            f"of {', '.join(others)} too, expected that only of feeds that are named. Load all feeds once."
        )
    emptied |= set(chosen if reset else ())
    with ExitStack() as stack:
        connections = [stack.enter_context(connect(home.localbricks)) for _ in range(CONNECTIONS)]
        if emptied:
            write_origin(home.landing_state, Origin(str(landing), edition, tuple(sorted(emptied))))
        report = ingest(connections, chosen, landing, CATALOG, reset=emptied, progress=progress)
    write_origin(home.landing_state, Origin(str(landing), edition))
    return report


def _is_written(folder: Path, demo: Demo) -> bool:
    try:
        report = read_report(folder)
    except (FileNotFoundError, ValueError, TypeError, KeyError):
        return False
    return Demo(report.patients, report.months, report.seed) == demo


def _edition(landing: Path) -> str:
    """What the writer of a demo says of its files; empty for any other folder, whose files only come in addition."""
    report = landing / REPORT_NAME
    return hashlib.sha256(report.read_bytes()).hexdigest() if report.is_file() else ""
