"""Headers of Synthea's CSV files, by version of Synthea.

The one place that knows them. A version names only the tables whose header it changed; the rest is
as in the version before. Another table is one more entry.
"""

from __future__ import annotations

from collections.abc import Mapping

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
    },
    "3.1": {
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
