"""One landing file for every fault a delivery may have, and what must become of each.

Every file is of a month of its own and has good records worth 1.00, 2.00 … in NIC, so that the sums tell which
records arrived.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from pathlib import Path

from rwe.feeds.load import load_contracts

ROOT = Path(__file__).parents[3]


@dataclass(frozen=True)
class BadFile:
    """A file and its fate."""

    name: str
    content: bytes
    status: str
    reason: str
    """A part of the reason that people are told; empty where none is due."""
    staged: int
    """Records that must arrive."""
    quarantined: tuple[str, ...] = ()
    """Reason codes of the records that must not."""


def bad_files() -> dict[str, BadFile]:
    """The files by their fault."""
    header = _header("2014")
    three = [_record(header, "2015_03", str(number)) for number in (1, 2, 3)]
    without_nic = [name for name in header if name != "NIC"]
    files = {
        "wrong encoding": BadFile(
            "EPD_201501.csv",
            _text(header, [_record(header, "2015_01", "1", practice="Caf\xe9 Street")]).encode("cp1252"),
            "WRONG_ENCODING",
            "Found the byte 0xE9 in line 2",
            0,
        ),
        "missing column": BadFile(
            "EPD_201502.csv",
            _text(without_nic, [_record(without_nic, "2015_02", "1")]).encode(),
            "MISSING_COLUMN",
            "without nic (as NIC)",
            0,
        ),
        "extra column": BadFile(
            "EPD_201503.csv",
            _text([*header, "FORMULARY"], [[*record, "yes"] for record in three]).encode(),
            "LOADED_UNKNOWN_COLUMNS",
            "Found columns the contract does not know: FORMULARY",
            3,
        ),
        "truncated last line": BadFile(
            "EPD_201504.csv",
            _text(header, [_record(header, "2015_04", str(number)) for number in (1, 2, 3)]).encode()[:-60],
            "LOADED",
            "",
            2,
            ("FIELD_COUNT",),
        ),
        "empty file": BadFile("EPD_201505.csv", b"", "EMPTY_FILE", "Found 0 bytes", 0),
        "header only": BadFile("EPD_201506.csv", _text(header, []).encode(), "HEADER_ONLY", "no record", 0),
    }
    twice = _text(header, [_record(header, "2015_07", "1"), _record(header, "2015_07", "2")]).encode()
    files["first of a pair"] = BadFile("EPD_201507.csv", twice, "LOADED", "", 2)
    files["duplicate under another name"] = BadFile(
        "EPD_201507_again.csv", twice, "DUPLICATE_FILE", "the same content as EPD_201507.csv", 0
    )
    return files


def add_bad_files(landing: Path) -> None:
    """Write all of them into a landing folder."""
    for file in bad_files().values():
        (landing / "uk_epd" / file.name).write_bytes(file.content)


def _header(generation: str) -> list[str]:
    entity = load_contracts(ROOT / "feeds")["uk_epd"].entities["prescribing"]
    return next(list(one.columns) for one in entity.generations if one.id == generation)


def _record(header: list[str], month: str, nic: str, practice: str = "A practice") -> list[str]:
    values = {
        "YEAR_MONTH": month,
        "PRACTICE_NAME": practice,
        "PRACTICE_CODE": "A81001",
        "BNF_CODE": "0212000B0AAABAB",
        "QUANTITY": "28",
        "ITEMS": "1",
        "TOTAL_QUANTITY": "28",
        "ADQUSAGE": "28",
        "NIC": nic,
        "ACTUAL_COST": nic,
        "UNIDENTIFIED": "N",
    }
    return [values.get(name, f"some {name.lower()}") for name in header]


def _text(header: list[str], records: list[list[str]]) -> str:
    stream = io.StringIO()
    csv.writer(stream, lineterminator="\n").writerows([header, *records])
    return stream.getvalue()
