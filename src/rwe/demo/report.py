"""What was written, file by file, and what must be left of it in the warehouse.

In this room: the report's shape and its JSON file. The counts come from the writer's own
arithmetic, never from reading the files again, so that they can be held against what a loader says
it found.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

REPORT_NAME = "landing_report.json"


@dataclass(frozen=True)
class SpoiledRecord:
    """One record that must not survive."""

    reason: str
    """Reason code, as the quarantine tables have it."""
    column: str
    """The spoiled column, as the file's header has it; empty where no single column is at fault."""
    row_position: int
    """Ordinal of the record in its file, from 1; header and empty lines not counted."""
    line_number: int
    """Physical line in the file, from 1, the header being line 1."""


@dataclass(frozen=True)
class FileReport:
    """One file."""

    feed: str
    """Name of the feed, which is also the folder under the landing folder."""
    entity: str
    """Entity of the feed that the file belongs to."""
    file_path: str
    """Path under the feed's folder, `/` separated."""
    status: str
    """LOADED, EMPTY_FILE, HEADER_ONLY or DUPLICATE_FILE: what an ingest should make of it."""
    header_generation: str
    """Which published header the file has, as the feed's contract names it; empty in an empty
    file."""
    sha256: str
    """Digest of the content, unpacked where the file is compressed."""
    size_bytes: int
    """Size on disk."""
    count_records: int
    """Records, malformed ones included, header and empty lines not."""
    count_clean: int
    """Records that must survive (0 in a duplicate file, none of which may be loaded)."""
    count_malformed: int
    """Records whose number of fields is not the header's."""
    count_blank_lines: int
    """Empty lines among the records."""
    reasons: dict[str, int] = field(default_factory=dict)
    """Spoiled records by reason code; a record has one fault only."""
    spoiled: tuple[SpoiledRecord, ...] = ()
    """The spoiled records, by place."""


@dataclass(frozen=True)
class MonthTotals:
    """Clean totals of one EPD month. Decimals as text, exact."""

    month: str
    """First day of the month, ISO."""
    count_records: int
    """Clean records."""
    items: int
    """Sum of ITEMS."""
    total_quantity: str
    """Sum of TOTAL_QUANTITY."""
    nic: str
    """Sum of NIC, GBP, two decimals."""
    actual_cost: str
    """Sum of ACTUAL_COST, GBP, five decimals."""


@dataclass(frozen=True)
class Expected:
    """What the warehouse must answer: only records that survive, each file once."""

    persons: int
    """Patients."""
    deaths: int
    """Patients with a DEATHDATE."""
    encounters: int
    """Encounters."""
    conditions: int
    """Conditions as the source has them, mapped or not."""
    patient_rows: dict[str, int]
    """Rows of each file of the patient feed, by entity."""
    epd_records: int
    """EPD records of all months."""
    epd_items: int
    """Sum of ITEMS of all months."""
    epd_total_quantity: str
    """Sum of TOTAL_QUANTITY of all months."""
    epd_nic: str
    """Sum of NIC of all months, GBP."""
    epd_actual_cost: str
    """Sum of ACTUAL_COST of all months, GBP."""
    epd_months: tuple[MonthTotals, ...]
    """The same by month."""
    encounter_codes: dict[str, int]
    """Encounters by CODE."""
    condition_codes: dict[str, int]
    """Conditions by CODE."""
    unmapped_encounter_codes: dict[str, int]
    """Encounters by CODE, only the codes that lead to no standard concept."""
    unmapped_condition_codes: dict[str, int]
    """Conditions by CODE, only the codes that lead to no standard concept."""
    condition_rows_by_domain: dict[str, int]
    """Rows that the conditions give after mapping, by the domain of the standard concept: a code
    with two standard concepts gives two, an unmapped one gives one under the empty name."""
    market_totals: dict[str, dict[str, str]] = field(default_factory=dict)
    """What fct_sales must hold of each other market, latest versions only, by feed and measure."""


@dataclass(frozen=True)
class LandingReport:
    """All that `write_landing` wrote."""

    patients: int
    """As asked for."""
    months: int
    """As asked for."""
    seed: int
    """As asked for."""
    synthea_version: str
    """As asked for."""
    quirks: bool
    """As asked for."""
    files: tuple[FileReport, ...]
    """Every file, by feed and path."""
    expected: Expected
    """What must survive."""

    def file(self, feed: str, file_path: str) -> FileReport:
        """The report of one file. Raises KeyError when it was not written."""
        for entry in self.files:
            if (entry.feed, entry.file_path) == (feed, file_path):
                return entry
        raise KeyError(
            f"no file {file_path!r} of feed {feed!r}, the report has "
            f"{[f'{entry.feed}/{entry.file_path}' for entry in self.files]}"
        )

    def to_json(self) -> str:
        """The report as JSON text, the same bytes for the same report."""
        return json.dumps(asdict(self), indent=2, ensure_ascii=False) + "\n"


def read_report(folder: Path) -> LandingReport:
    """The report that lies in a landing folder. Raises FileNotFoundError when there is none."""
    path = folder / REPORT_NAME
    if not path.is_file():
        raise FileNotFoundError(
            f"no {REPORT_NAME} in {folder}: expected the folder that demo files were written to; "
            "write them first, or name that folder"
        )
    text: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    expected = text.pop("expected")
    months = tuple(MonthTotals(**month) for month in expected.pop("epd_months"))
    files = tuple(
        FileReport(**{**entry, "spoiled": tuple(SpoiledRecord(**one) for one in entry["spoiled"])})
        for entry in text.pop("files")
    )
    return LandingReport(**text, files=files, expected=Expected(**expected, epd_months=months))
