"""The eighteen files of an export, in one pass over the patients.

In this room: the order of the records, the spoiled ones among them, and the totals of the clean
ones. One patient is in memory at a time.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from operator import itemgetter
from pathlib import Path

from rwe.demo import quirks
from rwe.demo.output import LandingFile
from rwe.demo.quirks import Fault
from rwe.demo.report import FileReport
from rwe.demo.synthea import care, codes
from rwe.demo.synthea.columns import columns, generation
from rwe.demo.synthea.history import SYSTEM, Row, history

FEED = "synthea"

FAULTS: Mapping[str, tuple[Fault, ...]] = {
    "patients": (
        Fault(quirks.DUPLICATE_KEY, "", ""),
        Fault(quirks.FIELD_COUNT, "CITY", "more"),
        Fault(quirks.MISSING_REQUIRED, "BIRTHDATE", ""),
        Fault(quirks.BAD_TYPE, "BIRTHDATE", "1985-02-30"),
        Fault(quirks.DUPLICATE_KEY, "ADDRESS", "1 Another Street"),
        Fault(quirks.NOT_ACCEPTED, "GENDER", "?"),
        Fault(quirks.DEATH_BEFORE_BIRTH, "DEATHDATE", "1850-01-01"),
        Fault(quirks.FIELD_COUNT, "COUNTY", "fewer"),
    ),
    "encounters": (
        Fault(quirks.BAD_TYPE, "START", "2021-13-40T08:00:00Z"),
        Fault(quirks.DUPLICATE_KEY, "", ""),
        Fault(quirks.MISSING_REQUIRED, "START", ""),
        Fault(quirks.FIELD_COUNT, "DESCRIPTION", "more"),
        Fault(quirks.BAD_TYPE, "TOTAL_CLAIM_COST", "n/a"),
        Fault(quirks.DUPLICATE_KEY, "TOTAL_CLAIM_COST", "1.00"),
        Fault(quirks.BAD_PATTERN, "Id", "encounter-7"),
        Fault(quirks.STOP_BEFORE_START, "STOP", "1999-01-01T00:00:00Z"),
    ),
    "conditions": (
        Fault(quirks.BAD_TYPE, "START", "31/12/2019"),
        Fault(quirks.MISSING_REQUIRED, "CODE", ""),
        Fault(quirks.FIELD_COUNT, "DESCRIPTION", "more"),
        Fault(quirks.MISSING_REQUIRED, "PATIENT", ""),
        Fault(quirks.DUPLICATE_KEY, "DESCRIPTION", "The same in other words"),
        Fault(quirks.STOP_BEFORE_START, "STOP", "1999-01-01"),
    ),
    "medications": (
        Fault(quirks.BAD_TYPE, "TOTALCOST", "n/a"),
        Fault(quirks.DUPLICATE_KEY, "TOTALCOST", "0.01"),
        Fault(quirks.STOP_BEFORE_START, "STOP", "1999-01-01T00:00:00Z"),
        Fault(quirks.MISSING_REQUIRED, "CODE", ""),
    ),
    "observations": (
        Fault(quirks.BAD_TYPE, "DATE", "yesterday"),
        Fault(quirks.FIELD_COUNT, "DESCRIPTION", "more"),
    ),
    "procedures": (Fault(quirks.MISSING_REQUIRED, "PATIENT", ""),),
    "claims_transactions": (Fault(quirks.NOT_ACCEPTED, "TYPE", "GIFT"),),
}
"""Spoiled records of each file. A duplicate repeats the key of the first patient's first record."""

BLANK_LINES: Mapping[str, int] = {"encounters": 2}
"""Empty lines of each file."""

TRUNCATED: Mapping[str, str] = {"conditions": "CODE"}
"""Files that end in the middle of a record, and the column before which it breaks off."""


TABLES = tuple(sorted((*care.TABLES, *care.POOLS, "patients", "encounters", "conditions")))
"""All files."""


@dataclass(frozen=True)
class PatientTotals:
    """What must survive of the files."""

    persons: int
    """Patients."""
    deaths: int
    """Patients with a DEATHDATE."""
    encounter_codes: Counter[str]
    """Encounters by CODE."""
    condition_codes: Counter[str]
    """Conditions by CODE."""
    rows: Counter[str]
    """Clean rows by file."""


def _to_spoil(seed: int, table: str, number: int, fault: Fault) -> Row:
    """The row that a fault spoils: the first patient's for a duplicate, else a stranger's.

    A stranger is in no file as a clean patient, and no two faults share one, so that a spoiled
    record shares its keys with no other record.
    """
    if fault.reason == quirks.DUPLICATE_KEY:
        first = history(seed, 0)
        repeated: dict[str, Sequence[Row]] = {
            "encounters": first.encounters,
            "conditions": first.conditions,
            **first.care,
        }
        return repeated[table][0] if table in repeated else first.patient
    stranger = history(seed, -1 - number)
    visit = stranger.encounters[0]
    if table == "patients":
        return stranger.patient
    if table == "encounters":
        return visit
    if table in stranger.care:
        return stranger.care[table][0]
    return {
        "START": visit["START"][:10],
        "STOP": "",
        "PATIENT": visit["PATIENT"],
        "ENCOUNTER": visit["Id"],
        "SYSTEM": SYSTEM,
        "CODE": codes.HYPERTENSION.code,
        "DESCRIPTION": codes.HYPERTENSION.text,
    }


def write_synthea(
    folder: Path,
    patients: int,
    seed: int,
    *,
    version: str,
    with_quirks: bool,
    progress: Callable[[str, int, int], None],
) -> tuple[list[FileReport], PatientTotals]:
    """Write the files to `<folder>/synthea/`; the reports by name, and the totals to survive."""
    headers = {table: columns(version, table) for table in TABLES}
    fields = {table: itemgetter(*header) for table, header in headers.items()}
    files = {
        table: LandingFile(folder, FEED, table, f"{table}.csv", header_generation=generation(version, table))
        for table in TABLES
    }
    due = _planned(patients) if with_quirks else {}
    deaths = 0
    encounter_codes: Counter[str] = Counter()
    condition_codes: Counter[str] = Counter()
    rows: Counter[str] = Counter()
    with ExitStack() as stack:
        for table, file in files.items():
            stack.enter_context(file)
            file.header(headers[table])
        for table, pooled in care.pools(seed):
            files[table].record(fields[table](pooled))
            rows[table] += 1
        for index in range(patients):
            one = history(seed, index)
            deaths += bool(one.patient["DEATHDATE"])
            encounter_codes.update(row["CODE"] for row in one.encounters)
            condition_codes.update(row["CODE"] for row in one.conditions)
            own: dict[str, Sequence[Row]] = {
                "patients": [one.patient],
                "encounters": one.encounters,
                "conditions": one.conditions,
                **one.care,
            }
            for table, lines in own.items():
                rows[table] += len(lines)
                for line in lines:
                    files[table].record(fields[table](line))
            for table, number, fault in due.get(index + 1, ()):
                if fault is None:
                    files[table].blank_line()
                    continue
                files[table].faulty(_to_spoil(seed, table, number, fault), headers[table], fault)
            if (index + 1) % 1000 == 0 or index + 1 == patients:
                progress("patients", index + 1, patients)
        if with_quirks:
            for table, column in TRUNCATED.items():
                cut = Fault(quirks.FIELD_COUNT, column, "fewer")
                row = _to_spoil(seed, table, len(FAULTS[table]), cut)
                files[table].truncated(quirks.spoil(row, headers[table], cut), column)
    totals = PatientTotals(patients, deaths, encounter_codes, condition_codes, rows)
    return [files[table].report() for table in TABLES], totals


def _planned(patients: int) -> dict[int, list[tuple[str, int, Fault | None]]]:
    """After which patient (from 1) what stands: file, number and fault, or an empty line for no fault."""
    due: dict[int, list[tuple[str, int, Fault | None]]] = defaultdict(list)
    for table, faults in FAULTS.items():
        spots = quirks.places(len(faults), patients)
        for number, (planned, place) in enumerate(zip(faults, spots, strict=True)):
            due[place].append((table, number, planned))
    for table, count in BLANK_LINES.items():
        for place in quirks.places(count, patients):
            due[place].append((table, 0, None))
    return due
