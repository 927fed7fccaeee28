"""Headers of Synthea's CSV files, by version of Synthea.

The one place that knows them. A version names only the tables whose header it changed; the rest is
as in the version before. Another table is one more entry.
"""

from __future__ import annotations

from collections.abc import Mapping

PAYER_FIELDS = (
    "ADDRESS CITY STATE_HEADQUARTERED ZIP PHONE AMOUNT_COVERED AMOUNT_UNCOVERED REVENUE "
    "COVERED_ENCOUNTERS UNCOVERED_ENCOUNTERS COVERED_MEDICATIONS UNCOVERED_MEDICATIONS "
    "COVERED_PROCEDURES UNCOVERED_PROCEDURES COVERED_IMMUNIZATIONS UNCOVERED_IMMUNIZATIONS "
    "UNIQUE_CUSTOMERS QOLS_AVG MEMBER_MONTHS"
)
"""Columns of `payers` after the name."""

CHANGES: Mapping[str, Mapping[str, str]] = {
    "3.0": {
        "patients": (
            "Id BIRTHDATE DEATHDATE SSN DRIVERS PASSPORT PREFIX FIRST LAST SUFFIX MAIDEN MARITAL "
            "RACE ETHNICITY GENDER BIRTHPLACE ADDRESS CITY STATE COUNTY ZIP LAT LON "
            "HEALTHCARE_EXPENSES HEALTHCARE_COVERAGE"
        ),
        "encounters": (
            "Id START STOP PATIENT ORGANIZATION PROVIDER PAYER ENCOUNTERCLASS CODE DESCRIPTION "
            "BASE_ENCOUNTER_COST TOTAL_CLAIM_COST PAYER_COVERAGE REASONCODE REASONDESCRIPTION"
        ),
        "conditions": "START STOP PATIENT ENCOUNTER CODE DESCRIPTION",
        "allergies": (
            "START STOP PATIENT ENCOUNTER CODE SYSTEM DESCRIPTION TYPE CATEGORY REACTION1 DESCRIPTION1 "
            "SEVERITY1 REACTION2 DESCRIPTION2 SEVERITY2"
        ),
        "careplans": "Id START STOP PATIENT ENCOUNTER CODE DESCRIPTION REASONCODE REASONDESCRIPTION",
        "claims": (
            "Id PATIENTID PROVIDERID PRIMARYPATIENTINSURANCEID SECONDARYPATIENTINSURANCEID DEPARTMENTID "
            "PATIENTDEPARTMENTID DIAGNOSIS1 DIAGNOSIS2 DIAGNOSIS3 DIAGNOSIS4 DIAGNOSIS5 DIAGNOSIS6 "
            "DIAGNOSIS7 DIAGNOSIS8 REFERRINGPROVIDERID APPOINTMENTID CURRENTILLNESSDATE SERVICEDATE "
            "SUPERVISINGPROVIDERID STATUS1 STATUS2 STATUSP OUTSTANDING1 OUTSTANDING2 OUTSTANDINGP "
            "LASTBILLEDDATE1 LASTBILLEDDATE2 LASTBILLEDDATEP HEALTHCARECLAIMTYPEID1 "
            "HEALTHCARECLAIMTYPEID2"
        ),
        "claims_transactions": (
            "ID CLAIMID CHARGEID PATIENTID TYPE AMOUNT METHOD FROMDATE TODATE PLACEOFSERVICE "
            "PROCEDURECODE MODIFIER1 MODIFIER2 DIAGNOSISREF1 DIAGNOSISREF2 DIAGNOSISREF3 DIAGNOSISREF4 "
            "UNITS DEPARTMENTID NOTES UNITAMOUNT TRANSFEROUTID TRANSFERTYPE PAYMENTS ADJUSTMENTS "
            "TRANSFERS OUTSTANDING APPOINTMENTID LINENOTE PATIENTINSURANCEID FEESCHEDULEID PROVIDERID "
            "SUPERVISINGPROVIDERID"
        ),
        "devices": "START STOP PATIENT ENCOUNTER CODE DESCRIPTION UDI",
        "imaging_studies": (
            "Id DATE PATIENT ENCOUNTER SERIES_UID BODYSITE_CODE BODYSITE_DESCRIPTION MODALITY_CODE "
            "MODALITY_DESCRIPTION INSTANCE_UID SOP_CODE SOP_DESCRIPTION PROCEDURE_CODE"
        ),
        "immunizations": "DATE PATIENT ENCOUNTER CODE DESCRIPTION BASE_COST",
        "medications": (
            "START STOP PATIENT PAYER ENCOUNTER CODE DESCRIPTION BASE_COST PAYER_COVERAGE DISPENSES "
            "TOTALCOST REASONCODE REASONDESCRIPTION"
        ),
        "observations": "DATE PATIENT ENCOUNTER CATEGORY CODE DESCRIPTION VALUE UNITS TYPE",
        "organizations": "Id NAME ADDRESS CITY STATE ZIP LAT LON PHONE REVENUE UTILIZATION",
        "payer_transitions": ("PATIENT MEMBERID START_YEAR END_YEAR PAYER SECONDARY_PAYER OWNERSHIP OWNERNAME"),
        "payers": f"Id NAME {PAYER_FIELDS}",
        "procedures": ("START STOP PATIENT ENCOUNTER CODE DESCRIPTION BASE_COST REASONCODE REASONDESCRIPTION"),
        "providers": ("Id ORGANIZATION NAME GENDER SPECIALITY ADDRESS CITY STATE ZIP LAT LON UTILIZATION"),
        "supplies": "DATE PATIENT ENCOUNTER CODE DESCRIPTION QUANTITY",
    },
    "3.1": {
        "payer_transitions": ("PATIENT MEMBERID START_DATE END_DATE PAYER SECONDARY_PAYER PLAN_OWNERSHIP OWNER_NAME"),
        "payers": f"Id NAME OWNERSHIP {PAYER_FIELDS}",
        "providers": ("Id ORGANIZATION NAME GENDER SPECIALITY ADDRESS CITY STATE ZIP LAT LON ENCOUNTERS PROCEDURES"),
        "patients": (
            "Id BIRTHDATE DEATHDATE SSN DRIVERS PASSPORT PREFIX FIRST LAST SUFFIX MAIDEN MARITAL "
            "RACE ETHNICITY GENDER BIRTHPLACE ADDRESS CITY STATE COUNTY FIPS ZIP LAT LON "
            "HEALTHCARE_EXPENSES HEALTHCARE_COVERAGE INCOME"
        ),
    },
    "3.2": {},
    "3.3": {
        "patients": (
            "Id BIRTHDATE DEATHDATE SSN DRIVERS PASSPORT PREFIX FIRST MIDDLE LAST SUFFIX MAIDEN "
            "MARITAL RACE ETHNICITY GENDER BIRTHPLACE ADDRESS CITY STATE COUNTY FIPS ZIP LAT LON "
            "HEALTHCARE_EXPENSES HEALTHCARE_COVERAGE INCOME"
        ),
        "conditions": "START STOP PATIENT ENCOUNTER SYSTEM CODE DESCRIPTION",
        "procedures": ("START STOP PATIENT ENCOUNTER SYSTEM CODE DESCRIPTION BASE_COST REASONCODE REASONDESCRIPTION"),
    },
}
"""Version to table to header, columns parted by blanks, oldest version first."""

VERSIONS = tuple(CHANGES)
"""Versions of Synthea that can be written, oldest first."""


def generation(version: str, table: str) -> str:
    """The oldest version that has the header which a table has in this version of Synthea.

    Raises ValueError for a version or table that is not known.
    """
    if version not in CHANGES:
        raise ValueError(
            f"Synthea version {version!r} is not known, expected one of {', '.join(VERSIONS)}: name one of them"
        )
    until = VERSIONS[: VERSIONS.index(version) + 1]
    found = [one for one in until if table in CHANGES[one]]
    if not found:
        raise ValueError(
            f"table {table!r} is not known in Synthea {version}, expected one of "
            f"{', '.join(CHANGES[VERSIONS[0]])}: name one of them"
        )
    return found[-1]


def columns(version: str, table: str) -> tuple[str, ...]:
    """The header of a table in a version of Synthea.

    Raises ValueError for a version or table that is not known.
    """
    return tuple(CHANGES[generation(version, table)][table].split())
