"""Headers of the EPD by generation, and the months that each generation writes.

The one place that knows them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

_PLACE = "PCO_NAME PCO_CODE PRACTICE_NAME PRACTICE_CODE ADDRESS_1 ADDRESS_2 ADDRESS_3 ADDRESS_4 POSTCODE"
_OLD_PRODUCT = (
    "BNF_CHEMICAL_SUBSTANCE CHEMICAL_SUBSTANCE_BNF_DESCR BNF_CODE BNF_DESCRIPTION "
    "BNF_CHAPTER_PLUS_CODE QUANTITY ITEMS TOTAL_QUANTITY ADQUSAGE NIC ACTUAL_COST UNIDENTIFIED"
)
_NEW_PRODUCT = (
    "BNF_CHEMICAL_SUBSTANCE_CODE BNF_CHEMICAL_SUBSTANCE BNF_PRESENTATION_CODE "
    "BNF_PRESENTATION_NAME BNF_CHAPTER_PLUS_CODE QUANTITY ITEMS TOTAL_QUANTITY ADQ_USAGE NIC "
    "ACTUAL_COST UNIDENTIFIED SNOMED_CODE"
)
_REGION = "YEAR_MONTH REGIONAL_OFFICE_NAME REGIONAL_OFFICE_CODE"

LONGEST_RUN = 24
"""Months that one generation can have."""


@dataclass(frozen=True)
class Generation:
    """A header and how the values under it are written."""

    id: str
    """Year from which it is used."""
    columns: tuple[str, ...]
    """The header. `BNF_CHEMICAL_SUBSTANCE` is a code in the old ones, a name in the newest."""
    first_month: date
    """The first month that the demo writes in it."""
    month_format: str
    """Form of YEAR_MONTH."""
    has_decimal_quantities: bool
    """Quantities as `28.0` and not as `28`."""


GENERATIONS = (
    Generation(
        "2014",
        tuple(f"{_REGION} AREA_TEAM_NAME AREA_TEAM_CODE {_PLACE} {_OLD_PRODUCT}".split()),
        date(2017, 9, 1),
        "%Y_%m",
        True,
    ),
    Generation(
        "2020",
        tuple(f"{_REGION} STP_NAME STP_CODE {_PLACE} {_OLD_PRODUCT}".split()),
        date(2020, 6, 1),
        "%Y%m",
        False,
    ),
    Generation(
        "2022",
        tuple(f"{_REGION} ICB_NAME ICB_CODE {_PLACE} {_OLD_PRODUCT}".split()),
        date(2022, 10, 1),
        "%Y%m",
        False,
    ),
    Generation(
        "2026",
        tuple(f"{_REGION} ICB_NAME ICB_CODE {_PLACE} {_NEW_PRODUCT}".split()),
        date(2025, 6, 1),
        "%Y%m",
        False,
    ),
)
"""Every header, oldest first."""


def plan(months: int) -> list[tuple[date, Generation]]:
    """The months to write, oldest first, each with its header.

    Months of a generation follow each other. One month has the oldest header, two have the oldest
    and the newest, three those and that of 2022; from four on every header is there. Raises
    ValueError outside 1 to 96 months.
    """
    most = LONGEST_RUN * len(GENERATIONS)
    if not 1 <= months <= most:
        raise ValueError(f"months is {months}, expected 1 to {most}: ask for a number in that range")
    oldest, _, icb, newest = GENERATIONS
    used = {1: (oldest,), 2: (oldest, newest), 3: (oldest, icb, newest)}.get(months, GENERATIONS)
    found = []
    for number, generation in enumerate(used):
        count = months // len(used) + (number < months % len(used))
        found += [(month_after(generation.first_month, n), generation) for n in range(count)]
    return found


def month_after(month: date, count: int) -> date:
    """The first day of the month that comes so many months later."""
    number = month.year * 12 + month.month - 1 + count
    return date(number // 12, number % 12 + 1, 1)
