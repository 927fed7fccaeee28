"""One patient's records, from the seed and the patient's number alone.

The cases that a warehouse must get right are dealt out by the patient's number, so that even a
small landing has them: recurrences whose gaps are 29, 30 and 31 days (number divisible by 3),
hospital stays that follow each other (by 4), emergency visits that become a stay or start together
(by 5).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import NamedTuple

from rwe.demo.numerals import fixed
from rwe.demo.rng import Draws, uuid
from rwe.demo.synthea import codes
from rwe.demo.synthea.care import Tables, care
from rwe.demo.synthea.codes import Code

LAST_DAY = date(2024, 12, 31)
"""The day on which the records end."""

SYSTEM = "SNOMED-CT"

FIRST_NAMES = {
    "F": ("Zoë", "Ana", "Mei", "Ruth", "Léa", "Fatima", "Ingrid", "Chloé", "Dolores", "Priya"),
    "M": ("José", "Tom", "Wei", "Søren", "Omar", "Luca", "Björn", "Amir", "Frank", "Kofi"),
}
LAST_NAMES = (
    "Núñez", "Miller", "Okafor", "Schröder", "Lindqvist", "O'Brien", "Tanaka", "Dubois", "García",
    "Novák", "Haddad", "Kowalski", "Van der Berg", "Silva", "Chen", "Evans",
)  # fmt: skip
RACES = ("white",) * 13 + ("black",) * 3 + ("asian",) * 2 + ("native", "hawaiian", "other")
PLACES = (
    ("Norburg", "Middle County", "25017", "01890", 42.45, -71.14),
    ("Easthaven", "Shore County", "25001", "02532", 41.75, -70.59),
    ("Hill Falls", "West County", "25013", "01105", 42.11, -72.58),
    ("Millbrook", "Middle County", "25017", "02155", 42.42, -71.11),
    ("Port Alder", "South County", "25005", "02740", 41.64, -70.93),
)
STREETS = ("Elm", "Mill", "Lake", "Hill")
COUNT_PAYERS = 5
"""The first one pays nothing: no insurance."""
CHRONIC = (
    (codes.HYPERTENSION, 30, 0.25),
    (codes.HYPERLIPIDEMIA, 35, 0.20),
    (codes.DIABETES, 40, 0.12),
    (codes.PREDIABETES, 30, 0.12),
    (codes.HIP, 60, 0.15),
    (codes.OBESITY, 18, 0.15),
    (codes.CHRONIC_SINUSITIS, 20, 0.05),
    (codes.CHRONIC_PAIN, 45, 0.10),
    (codes.ALLERGY, 2, 0.08),
)
"""Condition, age from which it comes, share of people who get it."""

Row = Mapping[str, str]


class History(NamedTuple):
    """One patient's records, as fields by column name; every version's columns are there."""

    patient: Row
    """The line of `patients`."""
    encounters: list[Row]
    """The lines of `encounters`, by start."""
    conditions: list[Row]
    """The lines of `conditions`, by start; no two have the same code and start."""
    care: Tables
    """The lines of every other file with patients in it, by file."""


class Encounter(NamedTuple):
    """What a condition must know of its encounter."""

    id: str
    """Identifier."""
    start: datetime
    """Start, UTC."""
    stop: datetime
    """End, UTC."""


@lru_cache(maxsize=4096)
def _pooled(seed: int, kind: str, number: int) -> str:
    return uuid(seed, kind, number)


class _Chart:
    """A patient's records while they are being made: nothing enters it after the last moment."""

    def __init__(self, seed: int, index: int, draws: Draws, first: date, end: datetime) -> None:
        self.seed = seed
        self.index = index
        self.draws = draws
        self.first = first
        self.end = end
        self.last = end.date()
        self.patient_id = uuid(seed, "patient", index)
        self.home = draws.below(60)
        self.payer_number = draws.below(COUNT_PAYERS)
        self.payer = _pooled(seed, "payer", self.payer_number)
        self.encounters: list[tuple[datetime, dict[str, str]]] = []
        self.conditions: dict[tuple[str, date], dict[str, str]] = {}

    def moment(self, day: date) -> datetime:
        """A moment of the day, in working hours."""
        seconds = self.draws.between(7 * 3600, 18 * 3600)
        return datetime.combine(day, time(0, tzinfo=UTC)) + timedelta(seconds=seconds)

    def encounter(
        self,
        kind: str,
        code: Code,
        start: datetime,
        length: timedelta = timedelta(minutes=15),
        reason: Code | None = None,
    ) -> Encounter | None:
        """Add an encounter that starts in the patient's time; it ends in that time too."""
        if start > self.end or start.date() < self.first:
            return None
        stop = min(start + length, self.end)
        identifier = uuid(self.seed, "encounter", self.index, len(self.encounters))
        base = 12916 if kind in ("emergency", "inpatient", "wellness") else 7749
        total = base + self.draws.below(40_000 if kind == "inpatient" else 4_000) * 10
        covered = total * self.draws.below(5) // 5 if self.payer_number else 0
        row = {
            "Id": identifier,
            "START": f"{start:%Y-%m-%dT%H:%M:%SZ}",
            "STOP": f"{stop:%Y-%m-%dT%H:%M:%SZ}",
            "PATIENT": self.patient_id,
            "ORGANIZATION": _pooled(self.seed, "organization", self.home),
            "PROVIDER": _pooled(self.seed, "provider", self.home * 5 + self.draws.below(5)),
            "PAYER": self.payer,
            "ENCOUNTERCLASS": kind,
            "CODE": code.code,
            "DESCRIPTION": code.text,
            "BASE_ENCOUNTER_COST": fixed(base, 2),
            "TOTAL_CLAIM_COST": fixed(total, 2),
            "PAYER_COVERAGE": fixed(covered, 2),
            "REASONCODE": reason.code if reason else "",
            "REASONDESCRIPTION": reason.text if reason else "",
        }
        self.encounters.append((start, row))
        return Encounter(identifier, start, stop)

    def condition(self, code: Code, at: Encounter | None, days: int | None) -> None:
        """Add a condition found at an encounter, for so many days, or open-ended."""
        if at is None:
            return
        first = at.start.date()
        stop = None if days is None else first + timedelta(days=days)
        self.conditions.setdefault(
            (code.code, first),
            {
                "START": first.isoformat(),
                "STOP": stop.isoformat() if stop and stop <= self.last else "",
                "PATIENT": self.patient_id,
                "ENCOUNTER": at.id,
                "SYSTEM": SYSTEM,
                "CODE": code.code,
                "DESCRIPTION": code.text,
            },
        )


def history(seed: int, index: int) -> History:
    """The records of patient number `index` (0 is the first) under a seed."""
    draws = Draws(seed, "patient", index)
    sex = "F" if draws.chance(0.52) else "M"
    share = draws.share()
    share *= 0.8 + 0.2 * share
    age_days = 60 + int(share * 95 * 365)
    birth = LAST_DAY - timedelta(days=age_days)
    years_kept = draws.between(4, 8)
    first = max(birth, LAST_DAY - timedelta(days=years_kept * 365))
    dies = draws.chance(0.02 + 0.3 * share * share * share)
    last = draws.day(first + timedelta(days=45), LAST_DAY) if dies else LAST_DAY
    end = datetime.combine(last, time(23, 0, tzinfo=UTC))
    chart = _Chart(seed, index, draws, first, end)

    _checks(chart, birth)
    _colds(chart)
    if index % 3 == 0:
        _recurrences(chart)
    if index % 4 == 0:
        _stays(chart)
    if index % 5 == 0:
        _emergencies(chart)
    if sex == "F" and 18 * 365 < age_days < 48 * 365 and draws.chance(0.3):
        _pregnancy(chart)
    if dies:
        _death(chart)

    patient = _patient(chart, draws, sex, birth, last if dies else None)
    chart.encounters.sort(key=lambda one: one[0])
    encounters: list[Row] = [row for _, row in chart.encounters]
    conditions: list[Row] = [
        chart.conditions[key] for key in sorted(chart.conditions, key=lambda key: (key[1], key[0]))
    ]
    return History(patient, encounters, conditions, care(seed, index, patient, encounters, conditions))


def _checks(chart: _Chart, birth: date) -> None:
    """Yearly checks, and what they find: jobs, stress, and conditions that stay."""
    draws = chart.draws
    day = chart.first + timedelta(days=draws.below(30))
    pending = {code for code, _, share in CHRONIC if draws.chance(share)}
    while day <= chart.last:
        age = (day - birth).days // 365
        code = codes.CHECK_ADULT if age >= 18 else codes.CHECK_CHILD
        check = chart.encounter("wellness", code, chart.moment(day), timedelta(minutes=30))
        until = draws.between(180, 400) if age < 5 else draws.between(340, 420)
        if 20 <= age < 66 and draws.chance(0.6):
            job = codes.FULL_TIME if draws.chance(0.8) else codes.PART_TIME
            chart.condition(job, check, until)
            if draws.chance(0.3):
                chart.condition(codes.STRESS, check, until)
        if age == 22:
            chart.condition(codes.UNIVERSITY, check, None)
        if 2 <= age < 14 and draws.chance(0.05):
            chart.condition(codes.CHILD_ASTHMA, check, None)
        for code, from_age, _ in CHRONIC:
            if code in pending and age >= from_age and draws.chance(0.5):
                pending.discard(code)
                chart.condition(code, check, None)
                if code is codes.DIABETES and draws.chance(0.4):
                    chart.condition(codes.DIABETES_KIDNEY, check, None)
                if code is codes.HYPERTENSION:
                    later = chart.moment(day + timedelta(days=draws.between(20, 40)))
                    chart.encounter("ambulatory", codes.VISIT_FOLLOW_UP, later, reason=code)
        day += timedelta(days=until)


def _colds(chart: _Chart) -> None:
    """Short illnesses, each with a visit; some with codes that the vocabulary does not know."""
    draws = chart.draws
    for _ in range(draws.below(6)):
        start = chart.moment(draws.day(chart.first, chart.last))
        condition = draws.pick(codes.ACUTE)
        kind = draws.pick(("ambulatory", "ambulatory", "outpatient", "urgentcare"))
        visit = {
            "ambulatory": codes.VISIT_SYMPTOM,
            "outpatient": codes.VISIT_PROBLEM,
            "urgentcare": codes.UNKNOWN_VISIT,
        }[kind]
        chart.condition(condition, chart.encounter(kind, visit, start, reason=condition), draws.between(5, 21))
    for code, share in ((codes.UNKNOWN_TOOTH, 0.1), (codes.UNKNOWN_RIB, 0.04)):
        if draws.chance(share):
            start = chart.moment(draws.day(chart.first, chart.last))
            procedure = chart.encounter("outpatient", codes.VISIT_PROCEDURE, start, timedelta(hours=1), code)
            chart.condition(code, procedure, draws.between(20, 60))


def _recurrences(chart: _Chart) -> None:
    """Sinus infections 29, 30 and 31 days apart, in an order that depends on the patient.

    Of every third such patient the second infection has no end, so its gap counts from its start
    plus a day.
    """
    turn = chart.index // 3 % 3
    gaps = (29, 30, 31)[turn:] + (29, 30, 31)[:turn]
    room = max(0, (chart.last - chart.first).days - 170)
    start = chart.first + timedelta(days=chart.draws.below(room + 1))
    for number, gap in enumerate((*gaps, 0)):
        days = chart.draws.between(5, 14)
        visit = chart.encounter("ambulatory", codes.VISIT_SYMPTOM, chart.moment(start), reason=codes.SINUSITIS)
        is_open = number == 1 and chart.index // 9 % 3 == 0
        chart.condition(codes.SINUSITIS, visit, None if is_open else days)
        start += timedelta(days=(1 if is_open else days) + gap)


def _stays(chart: _Chart) -> None:
    """Two hospital stays, the second on the same day, a day or two days after the first.

    An emergency visit and an outpatient visit lie inside the first stay.
    """
    draws = chart.draws
    room = max(0, (chart.last - chart.first).days - 30)
    start = chart.moment(chart.first + timedelta(days=draws.below(room + 1)))
    length = timedelta(days=draws.between(2, 6), hours=draws.below(5))
    stay = chart.encounter("inpatient", codes.ADMISSION, start, length, codes.HEART_ATTACK)
    chart.condition(codes.HEART_ATTACK, stay, 30)
    inside = start + timedelta(hours=26)
    chart.encounter("emergency", codes.EMERGENCY, inside, timedelta(hours=1))
    chart.encounter("outpatient", codes.VISIT_PROCEDURE, inside + timedelta(hours=3), timedelta(hours=1))
    wait = (timedelta(), timedelta(hours=20), timedelta(days=1), timedelta(days=2))[chart.index // 4 % 4]
    chart.encounter("inpatient", codes.ADMISSION, start + length + wait, timedelta(days=draws.between(1, 4)))
    after = start + length + timedelta(days=40)
    check = chart.encounter("outpatient", codes.VISIT_CHECK, after, reason=codes.HEART_ATTACK)
    chart.condition(codes.HEART_ATTACK_BEFORE, check, None)


def _emergencies(chart: _Chart) -> None:
    """An emergency visit that becomes a stay, or two that start together."""
    draws = chart.draws
    start = chart.moment(draws.day(chart.first, chart.last))
    hours = timedelta(hours=draws.between(1, 6))
    turn = chart.index // 5 % 3
    if turn == 2:
        visit = chart.encounter("emergency", codes.EMERGENCY, start, hours)
        chart.encounter("emergency", codes.EMERGENCY, start, hours + timedelta(minutes=30))
        chart.condition(codes.CONCUSSION, visit, draws.between(10, 60))
        return
    visit = chart.encounter("emergency", codes.EMERGENCY, start, hours, codes.APPENDICITIS)
    chart.condition(codes.APPENDICITIS, visit, draws.between(5, 12))
    admitted = start if turn == 0 else start + hours
    stay = chart.encounter(
        "inpatient",
        codes.ADMISSION,
        admitted,
        timedelta(days=draws.between(1, 5)),
        codes.APPENDICITIS,
    )
    chart.condition(codes.APPENDIX_OUT, stay, None)


def _pregnancy(chart: _Chart) -> None:
    """Nine months with a visit every 30 days, and an emergency admission at the end."""
    room = max(0, (chart.last - chart.first).days - 290)
    start = chart.moment(chart.first + timedelta(days=chart.draws.below(room + 1)))
    for number in range(9):
        at = start + timedelta(days=30 * number)
        visit = chart.encounter("ambulatory", codes.VISIT_PRENATAL, at, reason=codes.PREGNANCY)
        if number == 0:
            chart.condition(codes.PREGNANCY, visit, 280)
    chart.encounter(
        "emergency",
        codes.EMERGENCY_PREGNANCY,
        start + timedelta(days=278),
        timedelta(hours=1),
        codes.PREGNANCY,
    )


def _death(chart: _Chart) -> None:
    """The end: mostly with a cause, of which some are in no vocabulary or are no conditions."""
    draws = chart.draws
    certified = chart.end - timedelta(minutes=15)
    if draws.chance(0.25):
        chart.encounter("wellness", codes.DEATH_CERTIFIED, certified)
        return
    cause = draws.pick(codes.CAUSES_OF_DEATH)
    visit = chart.encounter("emergency", codes.EMERGENCY, certified - timedelta(hours=2), timedelta(hours=2), cause)
    chart.condition(cause, visit, None)
    chart.encounter("wellness", codes.DEATH_CERTIFIED, certified, reason=cause)


def _patient(chart: _Chart, draws: Draws, sex: str, birth: date, death: date | None) -> Row:
    """The line of `patients`."""
    age = (chart.last - birth).days // 365
    city, county, fips, zip_code, latitude, longitude = draws.pick(PLACES)
    is_married = age >= 25 and draws.chance(0.5)
    prefix = "" if age < 18 else "Mr." if sex == "M" else "Mrs." if is_married else "Ms."
    names = FIRST_NAMES[sex]
    return {
        "Id": chart.patient_id,
        "BIRTHDATE": birth.isoformat(),
        "DEATHDATE": death.isoformat() if death else "",
        "SSN": f"999-{draws.between(10, 99)}-{draws.between(1000, 9999)}",
        "DRIVERS": f"S999{draws.between(10000, 99999)}" if age >= 16 else "",
        "PASSPORT": f"X{draws.between(10**7, 10**8 - 1)}X" if age >= 20 else "",
        "PREFIX": prefix,
        "FIRST": f"{draws.pick(names)}{draws.below(1000)}",
        "MIDDLE": f"{draws.pick(names)}{draws.below(1000)}",
        "LAST": f"{draws.pick(LAST_NAMES)}{draws.below(1000)}",
        "SUFFIX": "PhD" if age >= 30 and draws.chance(0.03) else "",
        "MAIDEN": f"{draws.pick(LAST_NAMES)}{draws.below(1000)}" if prefix == "Mrs." else "",
        "MARITAL": "" if age < 18 else "M" if is_married else draws.pick("SSDW"),
        "RACE": draws.pick(RACES),
        "ETHNICITY": "hispanic" if draws.chance(0.12) else "nonhispanic",
        "GENDER": sex,
        "BIRTHPLACE": f"{draws.pick(PLACES)[0]}  Massachusetts  US",
        "ADDRESS": f"{draws.between(100, 999)} {draws.pick(STREETS)} Street",
        "CITY": city,
        "STATE": "Massachusetts",
        "COUNTY": county,
        "FIPS": fips,
        "ZIP": zip_code if draws.chance(0.9) else "",
        "LAT": f"{latitude + draws.share() / 50:.12f}",
        "LON": f"{longitude - draws.share() / 50:.12f}",
        "HEALTHCARE_EXPENSES": fixed(draws.between(10**6, 10**8), 2),
        "HEALTHCARE_COVERAGE": fixed(draws.between(0, 10**7), 2),
        "INCOME": str(draws.between(0, 200) * 1000 + 417),
    }
