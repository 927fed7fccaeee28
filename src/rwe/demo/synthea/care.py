"""What happens to a patient in the encounters: drugs, procedures, measurements, costs.

In this room: the lines of every file but patients, encounters and conditions, derived from those of
one patient and from a stream of draws of their own, so that they change nothing of the history; and
the pools of organizations, clinicians and payers. Every patient's first encounter has one drug, one
procedure and one set of vital signs, so that even one patient fills the files that most rules are
about. The cases a warehouse must get right: prescriptions whose gaps are 29, 30 and 31 days,
a combination of two ingredients, a procedure that is a measurement, codes that no vocabulary knows,
observations without an encounter, an allergy to a drug.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import NamedTuple

from rwe.demo.numerals import fixed
from rwe.demo.rng import Draws, uuid
from rwe.demo.synthea import codes

Row = Mapping[str, str]
Tables = dict[str, list[dict[str, str]]]

COUNT_ORGANIZATIONS = 60
COUNT_PROVIDERS = 5 * COUNT_ORGANIZATIONS
TABLES = (
    "allergies",
    "careplans",
    "claims",
    "claims_transactions",
    "devices",
    "imaging_studies",
    "immunizations",
    "medications",
    "observations",
    "payer_transitions",
    "procedures",
    "supplies",
)
"""Files with lines of patients, in this room."""

POOLS = ("organizations", "payers", "providers")
"""Files that no patient is in."""


class Coded(NamedTuple):
    """A code of any vocabulary and what it says."""

    vocabulary: str
    """Vocabulary, as the OHDSI vocabularies name it."""
    code: str
    """The code."""
    text: str
    """Description, in the project's own words."""


HEIGHT = Coded("LOINC", "8302-2", "Height")
WEIGHT = Coded("LOINC", "29463-7", "Weight")
BODY_MASS = Coded("LOINC", "39156-5", "Body mass index")
SYSTOLIC = Coded("LOINC", "8480-6", "Upper blood pressure")
DIASTOLIC = Coded("LOINC", "8462-4", "Lower blood pressure")
PULSE = Coded("LOINC", "8867-4", "Heartbeats a minute")
GLUCOSE = Coded("LOINC", "2339-0", "Sugar in blood")
A1C = Coded("LOINC", "4548-4", "Haemoglobin with sugar")
SMOKING = Coded("LOINC", "72166-2", "Do you smoke?")
QALY = Coded("Synthea", "QALY", "Years of life in quality")
FLU = Coded("CVX", "140", "Flu vaccine")
UNKNOWN_VACCINE = Coded("CVX", "998", "No vaccine given")
PARACETAMOL = Coded("RxNorm", "313782", "Paracetamol 325 mg tablet")
IBUPROFEN = Coded("RxNorm", "310965", "Ibuprofen 200 mg tablet")
LISINOPRIL = Coded("RxNorm", "314076", "Lisinopril 10 mg tablet")
AMLODIPINE = Coded("RxNorm", "197361", "Amlodipine 5 mg tablet")
METFORMIN = Coded("RxNorm", "860975", "Metformin 500 mg slow tablet")
OXYCODONE = Coded("RxNorm", "1049221", "Paracetamol 325 mg with oxycodone 5 mg tablet")
UNKNOWN_DRUG = Coded("RxNorm", "999967", "A drug that left the market")
RECONCILED = Coded("SNOMED", "430193006", "Went through the medicines")
APPENDECTOMY = Coded("SNOMED", "80146002", "Took out the appendix")
CHEST_XRAY = Coded("SNOMED", "399208008", "X-ray of the chest")
THROAT_CULTURE = Coded("SNOMED", "117015009", "Culture from the throat")
SELF_CARE = Coded("SNOMED", "384758001", "Care by oneself")
ASTHMA_CARE = Coded("SNOMED", "699728000", "Managing one's asthma")
STENT = Coded("SNOMED", "705643001", "Stent in a heart vessel")
WHEELCHAIR = Coded("SNOMED", "228869008", "Wheelchair")
UNKNOWN_SUPPLY = Coded("SNOMED", "409534002", "Mask that cleans the air")
LATEX = Coded("SNOMED", "111088007", "Latex")
MOULD = Coded("SNOMED", "84489001", "Mould")
ASPIRIN = Coded("RxNorm", "1191", "Aspirin")

UNKNOWN = (QALY, UNKNOWN_VACCINE, UNKNOWN_DRUG, UNKNOWN_SUPPLY)
"""Codes that the miniature vocabulary leaves out on purpose."""

DRUGS_FOR = {
    codes.HYPERTENSION.code: (LISINOPRIL, AMLODIPINE),
    codes.DIABETES.code: (METFORMIN,),
    codes.CHRONIC_PAIN.code: (IBUPROFEN,),
    codes.ANKLE.code: (IBUPROFEN,),
    codes.SINUSITIS.code: (PARACETAMOL,),
    codes.BRONCHITIS.code: (PARACETAMOL,),
    codes.HIP.code: (UNKNOWN_DRUG,),
}
"""What a condition is treated with, one of them. No two of one encounter share a drug."""


def pools(seed: int) -> Iterator[tuple[str, Row]]:
    """The lines of the files in `POOLS`, with the name of the file."""
    for number in range(COUNT_ORGANIZATIONS):
        draws = Draws(seed, "organization", number)
        yield (
            "organizations",
            {
                "Id": uuid(seed, "organization", number),
                "NAME": f"CLINIC {number + 1}",
                **_place(draws),
                "PHONE": f"555{draws.between(1000000, 9999999)}",
                "REVENUE": "0.0",
                "UTILIZATION": str(draws.below(500)),
            },
        )
    for number in range(COUNT_PROVIDERS):
        draws = Draws(seed, "provider", number)
        yield (
            "providers",
            {
                "Id": uuid(seed, "provider", number),
                "ORGANIZATION": uuid(seed, "organization", number // 5),
                "NAME": f"Clinician {number + 1}",
                "GENDER": draws.pick("FM"),
                "SPECIALITY": "GENERAL PRACTICE" if number % 5 < 4 else "WOUND CARE",
                **_place(draws),
                "UTILIZATION": str(draws.below(100)),
                "ENCOUNTERS": str(draws.below(100)),
                "PROCEDURES": str(draws.below(100)),
            },
        )
    for number, name in enumerate(("NO_INSURANCE", "Medicare", "First Health", "Second Health", "Third Health")):
        counts = {
            f"{side}_{what}": "0"
            for side in ("COVERED", "UNCOVERED")
            for what in ("ENCOUNTERS", "MEDICATIONS", "PROCEDURES", "IMMUNIZATIONS")
        }
        yield (
            "payers",
            {
                "Id": uuid(seed, "payer", number),
                "NAME": name,
                "OWNERSHIP": "GOVERNMENT" if number == 1 else "PRIVATE",
                "ADDRESS": f"{number + 1} Main Street" if number else "",
                "CITY": "Norburg" if number else "",
                "STATE_HEADQUARTERED": "MA" if number else "",
                "ZIP": "01890" if number else "",
                "PHONE": "",
                "AMOUNT_COVERED": "0.00",
                "AMOUNT_UNCOVERED": "0.00",
                "REVENUE": "0.00",
                **counts,
                "UNIQUE_CUSTOMERS": "0",
                "QOLS_AVG": "NaN",
                "MEMBER_MONTHS": "0",
            },
        )


def _place(draws: Draws) -> Row:
    return {
        "ADDRESS": f"{draws.between(1, 99)} MAIN STREET",
        "CITY": "NORBURG",
        "STATE": "MA",
        "ZIP": f"0{draws.between(1001, 2790)}",
        "LAT": f"{42 + draws.share():.6f}",
        "LON": f"{-71 - draws.share():.6f}",
    }


def care(seed: int, index: int, patient: Row, encounters: list[Row], conditions: list[Row]) -> Tables:
    """The lines of the files in `TABLES` for one patient, by file; every version's columns are there."""
    draws = Draws(seed, "care", index)
    found: Tables = {table: [] for table in TABLES}
    by_id = {row["Id"]: row for row in encounters}
    ill = {row["ENCOUNTER"]: row for row in reversed(conditions)}
    for number, visit in enumerate(encounters):
        _vitals(found, draws, visit, with_all=number == 0 or visit["ENCOUNTERCLASS"] == "wellness")
        if number == 0 or (visit["ENCOUNTERCLASS"] in ("ambulatory", "wellness") and draws.chance(0.3)):
            _procedure(found, draws, visit, RECONCILED)
        if visit["ENCOUNTERCLASS"] == "inpatient":
            is_appendix = visit["REASONCODE"] == codes.APPENDICITIS.code
            _procedure(found, draws, visit, APPENDECTOMY if is_appendix else CHEST_XRAY)
            _stay(found, draws, seed, index, number, visit, is_appendix)
        if visit["ENCOUNTERCLASS"] == "wellness" and draws.chance(0.5):
            _immunization(found, draws, visit)
    for row in conditions:
        _treat(found, draws, seed, index, by_id[row["ENCOUNTER"]], row)
    if not found["medications"]:
        _drug(found, encounters[0], PARACETAMOL, encounters[0]["START"], 10, None)
    if index % 3 == 0:
        _refills(found, index, encounters[0], patient)
    if draws.chance(0.15):
        _allergy(found, draws, encounters[0])
    _yearly_scores(found, draws, patient, encounters)
    _insurance(found, seed, index, patient, encounters)
    _claims(found, seed, index, encounters, ill)
    return found


def _moment(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ")


def _text(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def _of(visit: Row, what: Coded) -> dict[str, str]:
    return {"PATIENT": visit["PATIENT"], "ENCOUNTER": visit["Id"], "CODE": what.code, "DESCRIPTION": what.text}


def _vitals(found: Tables, draws: Draws, visit: Row, with_all: bool) -> None:
    """Blood pressure and pulse at every visit; the rest at checks."""
    upper = draws.between(100, 160)
    measured = [
        (SYSTOLIC, str(upper), "mm[Hg]", "vital-signs"),
        (DIASTOLIC, str(upper - draws.between(30, 50)), "mm[Hg]", "vital-signs"),
    ]
    if with_all:
        height, weight = draws.between(1200, 1950), draws.between(300, 1100)
        measured += [
            (PULSE, str(draws.between(55, 100)), "/min", "vital-signs"),
            (HEIGHT, f"{height / 10:.1f}", "cm", "vital-signs"),
            (WEIGHT, f"{weight / 10:.1f}", "kg", "vital-signs"),
            (BODY_MASS, f"{weight * 1e5 / height / height:.1f}", "kg/m2", "vital-signs"),
            (GLUCOSE, f"{draws.between(650, 1400) / 10:.1f}", "mg/dL", "laboratory"),
            (A1C, f"{draws.between(45, 95) / 10:.1f}", "%", "laboratory"),
            (SMOKING, draws.pick(("Never smoked", "Smokes every day", "Smoked before")), "", "survey"),
        ]
    for what, value, unit, category in measured:
        found["observations"].append(
            {
                "DATE": visit["START"],
                **_of(visit, what),
                "CATEGORY": category,
                "VALUE": value,
                "UNITS": unit,
                "TYPE": "text" if what is SMOKING else "numeric",
            }
        )


def _procedure(found: Tables, draws: Draws, visit: Row, what: Coded) -> None:
    found["procedures"].append(
        {
            "START": visit["START"],
            "STOP": visit["STOP"],
            **_of(visit, what),
            "SYSTEM": "SNOMED-CT",
            "BASE_COST": fixed(draws.between(5_000, 200_000), 2),
            "REASONCODE": visit["REASONCODE"],
            "REASONDESCRIPTION": visit["REASONDESCRIPTION"],
        }
    )


def _stay(found: Tables, draws: Draws, seed: int, index: int, number: int, visit: Row, is_appendix: bool) -> None:
    """What a hospital stay leaves: images, a device, supplies."""
    if not is_appendix:
        study = uuid(seed, "imaging", index, number)
        for instance in range(draws.between(1, 2)):
            found["imaging_studies"].append(
                {
                    "Id": study,
                    "DATE": visit["START"],
                    "PATIENT": visit["PATIENT"],
                    "ENCOUNTER": visit["Id"],
                    "SERIES_UID": f"1.2.840.{index + 10**6}.{number}",
                    "BODYSITE_CODE": "51185008",
                    "BODYSITE_DESCRIPTION": "Chest",
                    "MODALITY_CODE": "DX",
                    "MODALITY_DESCRIPTION": "Digital X-ray",
                    "INSTANCE_UID": f"1.2.840.{index + 10**6}.{number}.{instance}",
                    "SOP_CODE": "1.2.840.10008.5.1.4.1.1.1.1",
                    "SOP_DESCRIPTION": "Digital X-ray image",
                    "PROCEDURE_CODE": CHEST_XRAY.code,
                }
            )
        found["devices"].append(
            {
                "START": visit["START"],
                "STOP": "" if draws.chance(0.5) else visit["STOP"],
                **_of(visit, STENT if draws.chance(0.5) else WHEELCHAIR),
                "UDI": f"(01){draws.between(10**13, 10**14 - 1)}(21){draws.below(10**9)}",
            }
        )
    found["supplies"].append(
        {"DATE": visit["START"][:10], **_of(visit, UNKNOWN_SUPPLY), "QUANTITY": str(draws.between(1, 24))}
    )


def _immunization(found: Tables, draws: Draws, visit: Row) -> None:
    what = FLU if draws.chance(0.95) else UNKNOWN_VACCINE
    found["immunizations"].append({"DATE": visit["START"], **_of(visit, what), "BASE_COST": "140.52"})


def _drug(found: Tables, visit: Row, what: Coded, start: str, days: int | None, reason: Row | None) -> None:
    """One prescription; without days it has no end."""
    stop = "" if days is None else _text(_moment(start) + timedelta(days=days))
    dispenses = 1 if days is None else max(1, days // 30)
    found["medications"].append(
        {
            "START": start,
            "STOP": stop,
            **_of(visit, what),
            "PAYER": visit["PAYER"],
            "BASE_COST": "12.50",
            "PAYER_COVERAGE": "0.00",
            "DISPENSES": str(dispenses),
            "TOTALCOST": fixed(1250 * dispenses, 2),
            "REASONCODE": reason["CODE"] if reason else "",
            "REASONDESCRIPTION": reason["DESCRIPTION"] if reason else "",
        }
    )


def _treat(found: Tables, draws: Draws, seed: int, index: int, visit: Row, condition: Row) -> None:
    """The drug, the examination and the plan for a condition."""
    code = condition["CODE"]
    if code in DRUGS_FOR:
        days = None if not condition["STOP"] and draws.chance(0.5) else draws.between(7, 60)
        _drug(found, visit, draws.pick(DRUGS_FOR[code]), visit["START"], days, condition)
    if code == codes.PHARYNGITIS.code:
        _procedure(found, draws, visit, THROAT_CULTURE)
    plan = {codes.CHILD_ASTHMA.code: ASTHMA_CARE, codes.DIABETES.code: SELF_CARE}.get(code)
    if plan:
        found["careplans"].append(
            {
                "Id": uuid(seed, "careplan", index, len(found["careplans"])),
                "START": condition["START"],
                "STOP": condition["STOP"],
                **_of(visit, plan),
                "REASONCODE": code,
                "REASONDESCRIPTION": condition["DESCRIPTION"],
            }
        )


def _refills(found: Tables, index: int, visit: Row, patient: Row) -> None:
    """Four prescriptions of ten days, 29, 30 and 31 days apart in an order that depends on the patient."""
    turn = index // 3 % 3
    gaps = (29, 30, 31)[turn:] + (29, 30, 31)[:turn]
    start = _moment(visit["START"])
    for gap in (*gaps, 0):
        stop = start + timedelta(days=10)
        if patient["DEATHDATE"] and stop.date() > date.fromisoformat(patient["DEATHDATE"]):
            return
        _drug(found, visit, OXYCODONE, _text(start), 10, None)
        start = stop + timedelta(days=gap)


def _allergy(found: Tables, draws: Draws, visit: Row) -> None:
    what = draws.pick((LATEX, MOULD, ASPIRIN))
    found["allergies"].append(
        {
            "START": visit["START"][:10],
            "STOP": "",
            **_of(visit, what),
            "SYSTEM": "RxNorm" if what is ASPIRIN else "SNOMED-CT",
            "TYPE": "allergy",
            "CATEGORY": "medication" if what is ASPIRIN else "environment",
            "REACTION1": "418290006" if draws.chance(0.5) else "",
            "DESCRIPTION1": "",
            "SEVERITY1": "MILD",
            "REACTION2": "",
            "DESCRIPTION2": "",
            "SEVERITY2": "",
        }
    )


def _yearly_scores(found: Tables, draws: Draws, patient: Row, encounters: list[Row]) -> None:
    """A score for the last encounter's year, without an encounter."""
    last = encounters[-1]["START"]
    found["observations"].append(
        {
            "DATE": last,
            "PATIENT": patient["Id"],
            "ENCOUNTER": "",
            "CODE": QALY.code,
            "DESCRIPTION": QALY.text,
            "CATEGORY": "",
            "VALUE": f"{draws.below(80)}.0",
            "UNITS": "a",
            "TYPE": "numeric",
        }
    )


def _insurance(found: Tables, seed: int, index: int, patient: Row, encounters: list[Row]) -> None:
    """A span a year, from the first encounter's year to the last's; the last ends with the patient."""
    payer = encounters[0]["PAYER"]
    is_insured = payer != uuid(seed, "payer", 0)
    first, last = int(encounters[0]["START"][:4]), int(encounters[-1]["STOP"][:4])
    for year in range(first, last + 1):
        end = f"{year + 1}-01-01"
        if patient["DEATHDATE"]:
            end = min(end, patient["DEATHDATE"])
        ownership = "Self" if is_insured else ""
        owner = f"{patient['FIRST']} {patient['LAST']}" if is_insured else ""
        found["payer_transitions"].append(
            {
                "PATIENT": patient["Id"],
                "MEMBERID": uuid(seed, "member", index, year) if is_insured else "",
                "START_YEAR": f"{year}-01-01T00:00:00Z",
                "START_DATE": f"{year}-01-01T00:00:00Z",
                "END_YEAR": f"{end}T00:00:00Z",
                "END_DATE": f"{end}T00:00:00Z",
                "PAYER": payer,
                "SECONDARY_PAYER": "",
                "OWNERSHIP": ownership,
                "PLAN_OWNERSHIP": ownership,
                "OWNERNAME": owner,
                "OWNER_NAME": owner,
            }
        )


def _claims(found: Tables, seed: int, index: int, encounters: list[Row], ill: Mapping[str, Row]) -> None:
    """A claim an encounter: what was charged, what the payer paid, what is passed on to the patient."""
    for number, visit in enumerate(encounters):
        claim = uuid(seed, "claim", index, number)
        diagnosis = ill[visit["Id"]]["CODE"] if visit["Id"] in ill else ""
        found["claims"].append(_claim(claim, visit, diagnosis))
        total, covered = (round(100 * float(visit[name])) for name in ("TOTAL_CLAIM_COST", "PAYER_COVERAGE"))
        rest = total - covered
        lines: list[dict[str, str]] = [{"TYPE": "CHARGE", "AMOUNT": fixed(total, 2), "TRANSFERTYPE": "1"}]
        if covered:
            lines.append(
                {"TYPE": "PAYMENT", "PAYMENTS": fixed(covered, 2), "METHOD": "ECHECK", "OUTSTANDING": fixed(rest, 2)}
            )
        if rest:
            lines += [
                {"TYPE": "TRANSFEROUT", "TRANSFERS": fixed(rest, 2), "OUTSTANDING": fixed(rest, 2)},
                {"TYPE": "TRANSFERIN", "AMOUNT": fixed(rest, 2), "TRANSFERTYPE": "p", "OUTSTANDING": fixed(rest, 2)},
                {"TYPE": "PAYMENT", "PAYMENTS": fixed(rest, 2), "METHOD": "CASH", "OUTSTANDING": "0.00"},
            ]
        for place, line in enumerate(lines):
            found["claims_transactions"].append(
                _transaction(uuid(seed, "line", index, number, place), claim, place, visit, line)
            )


def _claim(claim: str, visit: Row, diagnosis: str) -> dict[str, str]:
    names = (
        *(f"DIAGNOSIS{number}" for number in range(2, 9)),
        "REFERRINGPROVIDERID", "STATUS2", "OUTSTANDING2", "LASTBILLEDDATE2",
    )  # fmt: skip
    return {
        **dict.fromkeys(names, ""),
        "Id": claim,
        "PATIENTID": visit["PATIENT"],
        "PROVIDERID": visit["PROVIDER"],
        "PRIMARYPATIENTINSURANCEID": visit["PAYER"],
        "SECONDARYPATIENTINSURANCEID": "0",
        "DEPARTMENTID": "1",
        "PATIENTDEPARTMENTID": "1",
        "DIAGNOSIS1": diagnosis,
        "APPOINTMENTID": visit["Id"],
        "CURRENTILLNESSDATE": visit["START"],
        "SERVICEDATE": visit["START"],
        "SUPERVISINGPROVIDERID": visit["PROVIDER"],
        "STATUS1": "CLOSED",
        "STATUSP": "CLOSED",
        "OUTSTANDING1": "0",
        "OUTSTANDINGP": "0",
        "LASTBILLEDDATE1": visit["STOP"],
        "LASTBILLEDDATEP": visit["STOP"],
        "HEALTHCARECLAIMTYPEID1": "2" if visit["ENCOUNTERCLASS"] == "inpatient" else "1",
        "HEALTHCARECLAIMTYPEID2": "0",
    }


def _transaction(identifier: str, claim: str, place: int, visit: Row, line: Row) -> dict[str, str]:
    names = (
        "AMOUNT", "METHOD", "MODIFIER1", "MODIFIER2", "DIAGNOSISREF2", "DIAGNOSISREF3", "DIAGNOSISREF4",
        "UNITAMOUNT", "TRANSFEROUTID", "TRANSFERTYPE", "PAYMENTS", "ADJUSTMENTS", "TRANSFERS", "OUTSTANDING",
        "LINENOTE",
    )  # fmt: skip
    return {
        **dict.fromkeys(names, ""),
        "ID": identifier,
        "CLAIMID": claim,
        "CHARGEID": str(place),
        "PATIENTID": visit["PATIENT"],
        "FROMDATE": visit["START"],
        "TODATE": visit["STOP"],
        "PLACEOFSERVICE": visit["ORGANIZATION"],
        "PROCEDURECODE": visit["CODE"],
        "DIAGNOSISREF1": "1",
        "UNITS": "1",
        "DEPARTMENTID": "1",
        "NOTES": visit["DESCRIPTION"],
        "APPOINTMENTID": visit["Id"],
        "PATIENTINSURANCEID": visit["PATIENT"],
        "FEESCHEDULEID": "1",
        "PROVIDERID": visit["PROVIDER"],
        "SUPERVISINGPROVIDERID": visit["PROVIDER"],
        **line,
    }
