"""All the markets' files, and what must arrive of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from rwe.demo.markets.au_pbs import write_au_pbs
from rwe.demo.markets.br_sngpc import write_br_sngpc
from rwe.demo.markets.dk_medstat import write_dk_medstat
from rwe.demo.markets.fr_open_medic import write_fr_open_medic
from rwe.demo.markets.uk_pca import write_uk_pca
from rwe.demo.markets.us_sdud import write_us_sdud
from rwe.demo.report import FileReport

WRITERS = {
    "au_pbs": write_au_pbs,
    "br_sngpc": write_br_sngpc,
    "dk_medstat": write_dk_medstat,
    "fr_open_medic": write_fr_open_medic,
    "us_sdud": write_us_sdud,
}


def write_markets(
    folder: Path, scale: float, seed: int, *, with_quirks: bool, progress: Callable[[str, int, int], None]
) -> tuple[list[FileReport], dict[str, dict[str, str]]]:
    """Write every market; the reports, and the totals by feed.

    `scale` multiplies what is sold: 1 is the smallest demo. Rows grow with it in Brazil alone, where a row is a
    dispensing; elsewhere the figures in the rows do.
    """
    reports = write_uk_pca(folder, seed, with_quirks=with_quirks)
    totals: dict[str, dict[str, str]] = {}
    for number, (feed, write) in enumerate(WRITERS.items(), 1):
        written, totals[feed] = write(folder, seed, scale, with_quirks=with_quirks)
        reports += written
        progress("markets", number, len(WRITERS))
    return reports, totals
