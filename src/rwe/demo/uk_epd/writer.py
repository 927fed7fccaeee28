"""The monthly files `EPD_<yyyymm>.csv`, plain or gzipped, with totals kept in whole numbers.

In this room: practices, rows, money, spoiled records and whole files that are faulty. One row is
in memory at a time. Money is counted in units of 0.00001 GBP and quantities in tenths, so the
totals are exact.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from importlib.resources import files as package_files
from operator import itemgetter
from pathlib import Path

from rwe.demo import quirks
from rwe.demo.numerals import fixed, plain
from rwe.demo.output import LandingFile, copy_whole
from rwe.demo.quirks import Fault
from rwe.demo.report import FileReport, MonthTotals
from rwe.demo.rng import Draws
from rwe.demo.uk_epd.columns import Generation, month_after, plan

FEED = "uk_epd"
ENTITY = "prescribing"

REGIONS = (
    ("NORTH", "Y54", "HILLS AND DALES AREA TEAM", "Q52", "UPPER DALE CCG", "03A00"),
    ("SOUTH", "Y57", "COAST,DOWNS,WEALD & MARSH AREA TEAM", "Q64", "LOWER COAST CCG", "11M00"),
    ("MIDLANDS", "Y60", "FOREST AND VALE", "Q71", "FOREST, EAST", "04C00"),
)
"""Region and code, area (team, STP or ICB) and code, commissioning organisation and code."""

PRACTICE_NAMES = (
    "ORCHARD SURGERY",
    "THE ELMS, GROUP PRACTICE",
    "ST BÉRÉNICE MEDICAL CENTRE",
    "MILL LANE SURGERY",
    'DR JONES "THE OLD FORGE"',
    "RIVERSIDE PRACTICE",
    "HIGH STREET SURGERY",
    "CHURCH VIEW CENTRE",
)

UNIDENTIFIED_EVERY = 6
"""Of so many practices one is unknown to the source: `UNIDENTIFIED = Y`, everything else a dash."""


@dataclass(frozen=True)
class Presentation:
    """Something that is prescribed."""

    bnf_code: str
    """15 characters for a medicine, 11 for an appliance."""
    name: str
    """Name with strength and form."""
    substance_code: str
    """First 9 characters of a medicine's code, first 4 of an appliance's."""
    substance_name: str
    """Name of the substance, or of the kind of appliance."""
    chapter: str
    """Number and name of the chapter."""
    quantities: tuple[int, ...]
    """Usual quantities of one item, in tenths of a unit."""
    unit_price: int
    """List price of a unit, in 0.000001 GBP."""
    adq_per_unit: float
    """Average daily quantities in one unit, 0 where none is defined."""
    snomed_code: str
    """18 digits."""
    weight: int
    """How often it is prescribed, 1 to 9."""

    @property
    def is_brand(self) -> bool:
        """A medicine whose code does not say generic."""
        return len(self.bnf_code) == 15 and self.bnf_code[9:11] != "AA"


@cache
def presentations() -> tuple[Presentation, ...]:
    """Everything that the demo prescribes."""
    text = package_files(__package__).joinpath("presentations.csv").read_text(encoding="utf-8")
    return tuple(
        Presentation(
            bnf_code=row["bnf_code"],
            name=row["name"],
            substance_code=row["substance_code"],
            substance_name=row["substance_name"],
            chapter=row["chapter"],
            quantities=tuple(round(float(one) * 10) for one in row["quantities"].split()),
            unit_price=round(float(row["unit_price_pence"]) * 10_000),
            adq_per_unit=float(row["adq_per_unit"]),
            snomed_code=row["snomed_code"],
            weight=int(row["weight"]),
        )
        for row in csv.DictReader(text.splitlines())
    )


class _Totals:
    """Running totals of clean rows."""

    def __init__(self) -> None:
        self.items = self.tenths = self.pence = self.cost = self.records = 0

    def add(self, items: int, tenths: int, pence: int, cost: int) -> None:
        self.records += 1
        self.items += items
        self.tenths += tenths
        self.pence += pence
        self.cost += cost

    def of(self, month: date) -> MonthTotals:
        return MonthTotals(
            month=month.isoformat(),
            count_records=self.records,
            items=self.items,
            total_quantity=fixed(self.tenths, 1),
            nic=fixed(self.pence, 2),
            actual_cost=fixed(self.cost, 5),
        )


def count_practices(patients: int) -> int:
    """How many practices a landing of so many patients has: 6 to 300."""
    return min(300, 6 + patients // 100)


def _practice(number: int) -> dict[str, str]:
    """Where a practice lies, under every name that a generation has for it."""
    if number % UNIDENTIFIED_EVERY == UNIDENTIFIED_EVERY - 1:
        names = ("UNIDENTIFIED", "-", "UNIDENTIFIED", "-", "UNIDENTIFIED", "-")
        name, code, street, postcode, flag = "UNIDENTIFIED DOCTORS", "-", "-", "-", "Y"
    else:
        names = REGIONS[number % len(REGIONS)]
        name = PRACTICE_NAMES[number % len(PRACTICE_NAMES)]
        code, street = f"{'ABCDEFGHJK'[number % 10]}8{number:04d}", f"{number + 1} STATION ROAD"
        postcode, flag = f"ZZ{number % 90 + 10} {number % 9 + 1}ZZ", "N"
    region, region_code, area, area_code, pco, pco_code = names
    return {
        "REGIONAL_OFFICE_NAME": region,
        "REGIONAL_OFFICE_CODE": region_code,
        **dict.fromkeys(("AREA_TEAM_NAME", "STP_NAME", "ICB_NAME"), area),
        **dict.fromkeys(("AREA_TEAM_CODE", "STP_CODE", "ICB_CODE"), area_code),
        "PCO_NAME": pco,
        "PCO_CODE": pco_code,
        "PRACTICE_NAME": name,
        "PRACTICE_CODE": code,
        "ADDRESS_1": street,
        "ADDRESS_2": "" if flag == "N" else "-",
        "ADDRESS_3": "ZEDTOWN" if flag == "N" else "-",
        "ADDRESS_4": "ZEDSHIRE" if flag == "N" else "-",
        "POSTCODE": postcode,
        "UNIDENTIFIED": flag,
    }


def _rows(seed: int, month: date, generation: Generation, practices: int, totals: _Totals) -> Iterator[dict[str, str]]:
    """The clean rows of a month, by practice and presentation, one for each quantity."""
    number = month.year * 12 + month.month - (2017 * 12 + 9)
    has_decimals = generation.has_decimal_quantities
    is_new = generation.id == "2026"
    year_month = month.strftime(generation.month_format)
    for practice in range(practices):
        draws = Draws(seed, FEED, month.isoformat(), practice)
        row = {"YEAR_MONTH": year_month, **_practice(practice)}
        for item in presentations():
            level = item.weight * (1 - number / 250 if item.is_brand else 1 + number / 400)
            if not draws.chance(min(0.97, 0.35 + level / 10)):
                continue
            price = item.unit_price * (1000 + number % 12 * 3) // 1000
            row["BNF_CODE"] = row["BNF_PRESENTATION_CODE"] = item.bnf_code
            row["BNF_DESCRIPTION"] = row["BNF_PRESENTATION_NAME"] = item.name
            row["BNF_CHEMICAL_SUBSTANCE_CODE"] = item.substance_code
            row["BNF_CHEMICAL_SUBSTANCE"] = item.substance_name if is_new else item.substance_code
            row["CHEMICAL_SUBSTANCE_BNF_DESCR"] = item.substance_name
            row["BNF_CHAPTER_PLUS_CODE"] = item.chapter
            row["SNOMED_CODE"] = item.snomed_code
            for quantity in item.quantities:
                if quantity != item.quantities[0] and draws.chance(0.4):
                    continue
                items = 1 + draws.below(max(1, int(level * 4)))
                tenths = quantity * items
                pence = max(1, (tenths * price + 50_000) // 100_000)
                cost = pence * 1000 * 93 // 100 + items * draws.below(2000)
                row["QUANTITY"] = fixed(quantity, 1) if has_decimals else plain(quantity, 1)
                row["ITEMS"] = str(items)
                row["TOTAL_QUANTITY"] = fixed(tenths, 1) if has_decimals else plain(tenths, 1)
                adq = f"{tenths / 10 * item.adq_per_unit:.4f}".rstrip("0")
                adq = f"{adq}0" if has_decimals and adq.endswith(".") else adq.rstrip(".")
                row["ADQUSAGE"] = row["ADQ_USAGE"] = adq
                row["NIC"] = plain(pence, 2)
                row["ACTUAL_COST"] = plain(cost, 5)
                totals.add(items, tenths, pence, cost)
                yield row


def _faults(number: int, generation: Generation) -> list[Fault]:
    """Spoiled records of the month with this number in the landing."""
    code, name = "BNF_CODE", "BNF_DESCRIPTION"
    if generation.id == "2026":
        code, name = "BNF_PRESENTATION_CODE", "BNF_PRESENTATION_NAME"
    always = [
        Fault(quirks.TOTAL_QUANTITY_MISMATCH, "TOTAL_QUANTITY", "999999"),
        Fault(quirks.BAD_PATTERN, code, "0103050P0AAAAA"),
    ]
    by_turn: Mapping[int, list[Fault]] = {
        0: [
            Fault(quirks.FIELD_COUNT, "PRACTICE_NAME", "more"),
            Fault(quirks.MISSING_REQUIRED, code, ""),
            Fault(quirks.PRACTICE_UNKNOWN, "PRACTICE_CODE", ""),
        ],
        1: [
            Fault(quirks.BAD_TYPE, "ITEMS", "1O"),
            Fault(quirks.FIELD_COUNT, "QUANTITY", "fewer"),
            Fault(quirks.BAD_TYPE, "YEAR_MONTH", "2017_13"),
            Fault(quirks.APPLIANCE_CODE_LENGTH, code, "0103050P0AA"),
        ],
        2: [
            Fault(quirks.FIELD_COUNT, name, "more"),
            Fault(quirks.BAD_TYPE, "NIC", "1,234.50"),
            Fault(quirks.NOT_ACCEPTED, "UNIDENTIFIED", "?"),
            Fault(quirks.NEGATIVE_MEASURE, "NIC", "-5.25"),
        ],
    }
    return always + by_turn[number % 3]


def _spoiled_row(row: Mapping[str, str]) -> dict[str, str]:
    """A row to spoil: as the clean one before it, with a price that would show in any total."""
    return {**row, "UNIDENTIFIED": "N", "NIC": "88888.88", "ACTUAL_COST": "88888.88"}


def write_uk_epd(
    folder: Path,
    patients: int,
    months: int,
    seed: int,
    *,
    with_quirks: bool,
    progress: Callable[[str, int, int], None],
) -> tuple[list[FileReport], list[MonthTotals]]:
    """Write the months to `<folder>/uk_epd/`; the reports by name, and the months' totals."""
    practices = count_practices(patients)
    months_planned = plan(months)
    reports: list[FileReport] = []
    all_totals: list[MonthTotals] = []
    for number, (month, generation) in enumerate(months_planned):
        is_compressed = number == months - 1 or number % 4 == 1
        file = LandingFile(
            folder,
            FEED,
            ENTITY,
            f"EPD_{month:%Y%m}.csv{'.gz' if is_compressed else ''}",
            header_generation=generation.id,
            line_end="\r\n" if number == months // 2 else "\n",
        )
        fields = itemgetter(*generation.columns)
        totals = _Totals()
        faults = _faults(number, generation) if with_quirks else []
        due = dict(zip(quirks.places(len(faults), practices * 20), faults, strict=True))
        blank_after = {practices * 7, practices * 13} if with_quirks and number == 0 else set()
        with file:
            file.header(generation.columns)
            for position, row in enumerate(_rows(seed, month, generation, practices, totals), 1):
                file.record(fields(row))
                if position in blank_after:
                    file.blank_line()
                if fault := due.pop(position, None):
                    file.faulty(_spoiled_row(row), generation.columns, fault)
        reports.append(file.report())
        all_totals.append(totals.of(month))
        progress("EPD months", number + 1, months)
    if with_quirks:
        reports += _faulty_files(folder, reports[0], *months_planned[-1])
    return sorted(reports, key=lambda one: one.file_path), all_totals


def _faulty_files(folder: Path, first: FileReport, last_month: date, generation: Generation) -> list[FileReport]:
    """A copy of the first month under another name, and two months that hold no record.

    The month after the last has a header only, the one after that not a byte.
    """
    name, suffix = first.file_path.split(".", 1)
    copy_path = f"{name}_resent.{suffix}"
    copy_whole(folder / FEED / first.file_path, folder / FEED / copy_path)
    copy = replace(first, file_path=copy_path, status="DUPLICATE_FILE", count_clean=0)
    found = [copy]
    for count in (1, 2):
        month = month_after(last_month, count)
        file = LandingFile(
            folder,
            FEED,
            ENTITY,
            f"EPD_{month:%Y%m}.csv",
            header_generation=generation.id if count == 1 else "",
        )
        with file:
            if count == 1:
                file.header(generation.columns)
        found.append(file.report())
    return found
