"""The Synthea files: published headers, stable patients, and the cases a warehouse must get
right."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest
from demo_reading import Landing, read
from hypothesis import given, settings
from hypothesis import strategies as st

from rwe.demo import write_landing
from rwe.demo.synthea import care, codes
from rwe.demo.synthea.columns import VERSIONS, columns, generation
from rwe.demo.synthea.history import LAST_DAY, History, history

PATIENTS_3_0 = (
    "Id,BIRTHDATE,DEATHDATE,SSN,DRIVERS,PASSPORT,PREFIX,FIRST,LAST,SUFFIX,MAIDEN,MARITAL,RACE,"
    "ETHNICITY,GENDER,BIRTHPLACE,ADDRESS,CITY,STATE,COUNTY,ZIP,LAT,LON,HEALTHCARE_EXPENSES,"
    "HEALTHCARE_COVERAGE"
)
PATIENTS_3_1 = (
    "Id,BIRTHDATE,DEATHDATE,SSN,DRIVERS,PASSPORT,PREFIX,FIRST,LAST,SUFFIX,MAIDEN,MARITAL,RACE,"
    "ETHNICITY,GENDER,BIRTHPLACE,ADDRESS,CITY,STATE,COUNTY,FIPS,ZIP,LAT,LON,HEALTHCARE_EXPENSES,"
    "HEALTHCARE_COVERAGE,INCOME"
)
PATIENTS_3_3 = (
    "Id,BIRTHDATE,DEATHDATE,SSN,DRIVERS,PASSPORT,PREFIX,FIRST,MIDDLE,LAST,SUFFIX,MAIDEN,MARITAL,"
    "RACE,ETHNICITY,GENDER,BIRTHPLACE,ADDRESS,CITY,STATE,COUNTY,FIPS,ZIP,LAT,LON,"
    "HEALTHCARE_EXPENSES,HEALTHCARE_COVERAGE,INCOME"
)
ENCOUNTERS = (
    "Id,START,STOP,PATIENT,ORGANIZATION,PROVIDER,PAYER,ENCOUNTERCLASS,CODE,DESCRIPTION,"
    "BASE_ENCOUNTER_COST,TOTAL_CLAIM_COST,PAYER_COVERAGE,REASONCODE,REASONDESCRIPTION"
)
CONDITIONS_3_0 = "START,STOP,PATIENT,ENCOUNTER,CODE,DESCRIPTION"
CONDITIONS_3_3 = "START,STOP,PATIENT,ENCOUNTER,SYSTEM,CODE,DESCRIPTION"


@pytest.mark.parametrize(
    ("version", "patients", "conditions"),
    [
        ("3.0", PATIENTS_3_0, CONDITIONS_3_0),
        ("3.1", PATIENTS_3_1, CONDITIONS_3_0),
        ("3.2", PATIENTS_3_1, CONDITIONS_3_0),
        ("3.3", PATIENTS_3_3, CONDITIONS_3_3),
    ],
)
def test_headers_are_the_published_ones(version: str, patients: str, conditions: str, tmp_path: Path) -> None:
    report = write_landing(tmp_path, 2, 1, 1, synthea_version=version)
    headers = {
        table: (tmp_path / f"synthea/{table}.csv").read_text(encoding="utf-8").split("\n", 1)[0]
        for table in ("patients", "encounters", "conditions")
    }
    assert headers == {"patients": patients, "encounters": ENCOUNTERS, "conditions": conditions}
    assert report.file("synthea", "encounters.csv").header_generation == "3.0"


def test_every_version_is_tested_and_names_the_oldest_with_its_header() -> None:
    assert VERSIONS == ("3.0", "3.1", "3.2", "3.3")
    assert [generation(one, "patients") for one in VERSIONS] == ["3.0", "3.1", "3.1", "3.3"]
    with pytest.raises(ValueError, match="table 'invoices' is not known"):
        columns("3.0", "invoices")


def test_patients_do_not_depend_on_their_number_or_the_version(tmp_path: Path) -> None:
    for patients in (4, 40):
        write_landing(tmp_path / str(patients), patients, 1, 5, quirks=False)
    for table in ("patients", "encounters", "conditions"):
        few, many = (read(tmp_path / n / f"synthea/{table}.csv").records for n in ("4", "40"))
        assert many[: len(few)] == few
    write_landing(tmp_path / "newer", 4, 1, 5, quirks=False, synthea_version="3.3")
    older, newer = (read(tmp_path / n / "synthea/patients.csv").whole() for n in ("4", "newer"))
    assert [{name: row[name] for name in PATIENTS_3_0.split(",")} for row in newer] == older


@settings(max_examples=100, deadline=None)
@given(seed=st.integers(0, 2**32), index=st.integers(0, 10**7))
def test_any_history_is_consistent(seed: int, index: int) -> None:
    _check(history(seed, index))


def test_a_thousand_histories_are_consistent() -> None:
    histories = [history(1, index) for index in range(0, 20_000, 20)]
    for one in histories:
        _check(one)
    assert any(one.encounters[-1]["STOP"].endswith("T23:00:00Z") for one in histories)


def _check(one: History) -> None:
    birth = date.fromisoformat(one.patient["BIRTHDATE"])
    death = one.patient["DEATHDATE"]
    last = date.fromisoformat(death) if death else LAST_DAY
    assert birth <= last <= LAST_DAY
    assert one.encounters
    by_id = {row["Id"]: row for row in one.encounters}
    assert len(by_id) == len(one.encounters)
    for row in one.encounters:
        assert birth <= date.fromisoformat(row["START"][:10])
        assert row["START"] <= row["STOP"]
        assert date.fromisoformat(row["STOP"][:10]) <= last
    assert len({(row["CODE"], row["START"]) for row in one.conditions}) == len(one.conditions)
    for row in one.conditions:
        assert row["START"] == by_id[row["ENCOUNTER"]]["START"][:10]
        assert not row["STOP"] or row["START"] <= row["STOP"] <= last.isoformat()
    assert {row["PATIENT"] for row in (*one.encounters, *one.conditions)} <= {one.patient["Id"]}
    _check_care(one, by_id)


KEYS = {
    "allergies": ("ENCOUNTER", "CODE", "START"),
    "careplans": ("Id",),
    "claims": ("Id",),
    "claims_transactions": ("ID",),
    "devices": ("ENCOUNTER", "CODE", "START", "UDI"),
    "imaging_studies": ("Id", "INSTANCE_UID"),
    "immunizations": ("ENCOUNTER", "CODE", "DATE"),
    "medications": ("ENCOUNTER", "CODE", "START", "STOP"),
    "observations": ("ENCOUNTER", "CODE", "DATE"),
    "payer_transitions": ("START_DATE",),
    "procedures": ("ENCOUNTER", "CODE", "START"),
    "supplies": ("ENCOUNTER", "CODE", "DATE"),
}


def _check_care(one: History, by_id: dict[str, dict[str, str]]) -> None:
    """The other files: own encounters only, no key twice, no end before its start, claims that add up."""
    assert set(one.care) == set(KEYS)
    for table, rows in one.care.items():
        assert len({tuple(row[name] for name in KEYS[table]) for row in rows}) == len(rows), table
        for row in rows:
            assert row.get("PATIENT", row.get("PATIENTID")) == one.patient["Id"]
            visit = row.get("ENCOUNTER", row.get("APPOINTMENTID", ""))
            assert not visit or visit in by_id
            assert not row.get("STOP") or row["STOP"] >= row["START"]
            assert row.get("END_DATE", "9") >= row.get("START_DATE", "")
    assert one.care["medications"]
    assert one.care["procedures"]
    billed = sum(Decimal(row["AMOUNT"]) for row in one.care["claims_transactions"] if row["TYPE"] == "CHARGE")
    paid = sum(Decimal(row["PAYMENTS"]) for row in one.care["claims_transactions"] if row["TYPE"] == "PAYMENT")
    assert billed == paid == sum(Decimal(row["TOTAL_CLAIM_COST"]) for row in one.encounters)


def _conditions_by_patient(landing: Landing, code: str) -> dict[str, list[dict[str, str]]]:
    found = defaultdict(list)
    for row in read(landing.folder / "synthea/conditions.csv").whole():
        if row["CODE"] == code:
            found[row["PATIENT"]].append(row)
    return found


def test_recurrences_leave_gaps_of_29_30_and_31_days(clean: Landing) -> None:
    gaps = []
    open_ends = 0
    for rows in _conditions_by_patient(clean, codes.SINUSITIS.code).values():
        for row, following in pairwise(rows):
            open_ends += not row["STOP"]
            start = date.fromisoformat(row["START"])
            end = date.fromisoformat(row["STOP"]) if row["STOP"] else start + timedelta(days=1)
            gaps.append((date.fromisoformat(following["START"]) - end).days)
    assert set(gaps) == {29, 30, 31}
    assert open_ends


def _moment(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ")


def test_stays_follow_each_other_and_hold_other_visits(clean: Landing) -> None:
    stays, others = defaultdict(list), defaultdict(list)
    classes = set()
    for row in read(clean.folder / "synthea/encounters.csv").whole():
        classes.add(row["ENCOUNTERCLASS"])
        place = stays if row["ENCOUNTERCLASS"] == "inpatient" else others
        place[row["PATIENT"]].append(row)
    assert classes == {
        "ambulatory", "emergency", "inpatient", "outpatient", "urgentcare", "wellness",
    }  # fmt: skip
    waits, inside, leading, together = set(), set(), 0, 0
    for patient, rows in stays.items():
        for row, following in pairwise(rows):
            waits.add(_moment(following["START"]) - _moment(row["STOP"]))
        for visit in others[patient]:
            kind = visit["ENCOUNTERCLASS"]
            if any(row["START"] < visit["START"] and visit["STOP"] < row["STOP"] for row in rows):
                inside.add(kind)
            leading += kind == "emergency" and visit["STOP"] in {row["START"] for row in rows}
    for rows in others.values():
        starts = [row["START"] for row in rows if row["ENCOUNTERCLASS"] == "emergency"]
        together += len(starts) - len(set(starts))
    assert {timedelta(), timedelta(hours=20), timedelta(days=1), timedelta(days=2)} <= waits
    assert {"emergency", "outpatient"} <= inside
    assert leading
    assert together


def test_refills_of_a_combination_leave_gaps_of_29_30_and_31_days(clean: Landing) -> None:
    gaps = set()
    refills = defaultdict(list)
    for row in read(clean.folder / "synthea/medications.csv").whole():
        if row["CODE"] == care.OXYCODONE.code:
            refills[row["PATIENT"]].append(row)
    for rows in refills.values():
        gaps |= {(_moment(late["START"]) - _moment(early["STOP"])).days for early, late in pairwise(rows)}
    assert gaps == {29, 30, 31}


def test_deaths_with_and_without_a_cause(tmp_path: Path) -> None:
    write_landing(tmp_path, 1500, 1, 1, quirks=False)
    reasons = {
        row["REASONCODE"]
        for row in read(tmp_path / "synthea/encounters.csv").whole()
        if row["CODE"] == codes.DEATH_CERTIFIED.code
    }
    assert reasons == {"", *(cause.code for cause in codes.CAUSES_OF_DEATH)}


def test_names_are_not_all_ascii(clean: Landing) -> None:
    names = [row["FIRST"] for row in read(clean.folder / "synthea/patients.csv").whole()]
    assert any(not name.isascii() for name in names)
