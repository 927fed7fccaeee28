"""The same records give the same ids and rows, whatever order they are delivered in.

That a second build of the same landing changes nothing is seen where builds are killed (test_kill).
"""

from __future__ import annotations

import gzip
import random
import shutil
from pathlib import Path

import pytest
from project_in_use import ProjectInUse

pytestmark = [pytest.mark.server, pytest.mark.slow]
PUBLISHED = ("omop", "market")


def test_shuffled_files_give_the_same_marts(built: ProjectInUse, landing: Path, tmp_path: Path) -> None:
    before = built.hashes(*PUBLISHED)
    positions = (
        "select sum(hash(_row_position, year_month, bnf_code, nic, practice_code)) as h from raw_uk_epd.prescribing"
    )
    order = built.row(positions)
    shuffled = tmp_path / "landing"
    shutil.copytree(landing, shuffled)
    for path in shuffled.glob("*/*.csv*"):
        _shuffle(path)
    built.landing = None
    built.good("rwe", "ingest", "--landing", str(shuffled))
    built.good("dbt", "run")
    assert built.row(positions) != order, "the rows came in another order"
    assert built.hashes(*PUBLISHED) == before


def _shuffle(path: Path) -> None:
    """Put a file's records into another order, the header first. Files of one content stay so."""
    data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    chance = random.Random(data)
    header, *records = [line for line in data.split(b"\n") if line.strip()] or [b""]
    chance.shuffle(records)
    text = b"\n".join([header, *records])
    path.write_bytes(gzip.compress(text) if path.suffix == ".gz" else text)
