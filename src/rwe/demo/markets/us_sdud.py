"""Posts of the United States' Medicaid drug utilization: states, the nation's row, suppression, restated quarters.

Every post after the first restates the five quarters before its own. Counts of 1 to 10 are suppressed, and a further
row of a product where a single hidden one could be worked out from the nation's. `truth` tells what is hidden.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from rwe.demo import quirks
from rwe.demo.markets.catalogue import Product, packs_sold, price_of, products, words
from rwe.demo.numerals import fixed
from rwe.demo.output import LandingFile
from rwe.demo.quirks import Fault
from rwe.demo.report import FileReport
from rwe.demo.rng import Draws

FEED, ENTITY = "us_sdud", "utilization"
COLUMNS = words(
    "utilization_type state ndc labeler_code product_code package_size year quarter suppression_used product_name "
    "units_reimbursed number_of_prescriptions total_amount_reimbursed medicaid_amount_reimbursed "
    "non_medicaid_amount_reimbursed"
)
STATES = (("AK", 1.2), ("NY", 14.0), ("TX", 9.0), ("WY", 0.8))
TYPES = (("FFSU", 0.4), ("MCOU", 1.0))
FIRST_YEAR, COUNT_QUARTERS, FIRST_POST = 2022, 12, 8
RESTATED_QUARTERS = 5
SUPPRESSED_BELOW = 11


@dataclass(frozen=True)
class Cell:
    """What was sold of one product in one state and quarter under one type, as one post knows it."""

    utilization_type: str
    state: str
    product: Product
    quarter: int
    """Number of the quarter from 0."""
    units: int
    """Units reimbursed."""
    prescriptions: int
    total: int
    """Amount reimbursed in cents."""
    other: int
    """The part of other payers in cents."""


def posts() -> list[int]:
    """Last quarter of each post, by its number from 0."""
    return list(range(FIRST_POST - 1, COUNT_QUARTERS))


def posted_on(quarter: int) -> date:
    """Day of the post whose last quarter it is: half a year after."""
    month = quarter * 3 + 8
    return date(FIRST_YEAR + month // 12, month % 12 + 1, 15)


def quarters_of(post: int) -> range:
    """Quarters that a post holds: all in the first one, then its own and the five before it."""
    return range(0 if post == posts()[0] else post - RESTATED_QUARTERS, post + 1)


def truth(seed: int, scale: float, quarter: int, post: int) -> list[Cell]:
    """Every cell of a quarter as a post knows it, with nothing hidden."""
    cells = []
    for type_number, (kind, type_size) in enumerate(TYPES):
        for state, state_size in STATES:
            for product in products():
                draws = Draws(seed, FEED, kind, state, product.key, quarter)
                packs = sum(
                    packs_sold(draws, product, quarter * 3 + n, state_size * type_size * scale) for n in range(3)
                )
                # Late claims: a later post knows a little more of the quarter.
                packs = packs * (100 + min(post - quarter, RESTATED_QUARTERS) * (1 + type_number)) // 100
                if packs == 0:
                    continue
                total = packs * price_of(product, quarter * 3, 1.4)
                cells.append(
                    Cell(
                        kind,
                        state,
                        product,
                        quarter,
                        packs * product.pieces,
                        packs,
                        total,
                        total * (7 + packs % 5) // 100,
                    )
                )
    return cells


def hidden(cells: list[Cell]) -> set[tuple[str, str, str]]:
    """Type, state and product of the cells that are suppressed, first by count, then so that none can be told."""
    found: set[tuple[str, str, str]] = set()
    for kind, _ in TYPES:
        for product in products():
            mine = [cell for cell in cells if (cell.utilization_type, cell.product) == (kind, product)]
            small = [cell for cell in mine if cell.prescriptions < SUPPRESSED_BELOW]
            if len(small) == 1 and len(mine) > 1:
                rest = [cell for cell in mine if cell not in small]
                small.append(min(rest, key=lambda cell: (cell.prescriptions, cell.state)))
            found |= {(kind, cell.state, product.key) for cell in small}
    return found


def ndc_of(product: Product) -> tuple[str, str, str]:
    """Labeler, product and package of a product's NDC."""
    labeler = 2 + sum(map(ord, product.company)) * 7
    return f"{labeler:05d}", f"{product.number * 17 + 33:04d}", f"{product.pieces % 90 + 1:02d}"


def product_name_of(product: Product) -> str:
    """Ten characters, padded."""
    return f"{(product.brand or product.molecule).upper():10.10s}"


def _record(cell: Cell, state: str, is_hidden: bool) -> dict[str, str]:
    labeler, code, package = ndc_of(cell.product)
    measures = (
        f"{cell.units}.000",
        f"{cell.prescriptions}.000000000",
        fixed(cell.total, 2),
        fixed(cell.total - cell.other, 2),
        fixed(cell.other, 2),
    )
    values = (
        cell.utilization_type,
        state,
        labeler + code + package,
        labeler,
        code,
        package,
        str(FIRST_YEAR + cell.quarter // 4),
        str(cell.quarter % 4 + 1),
        str(is_hidden).lower(),
        product_name_of(cell.product),
        *(("",) * 5 if is_hidden else measures),
    )
    return dict(zip(COLUMNS, values, strict=True))


def _records(seed: int, scale: float, post: int) -> Iterator[dict[str, str]]:
    for quarter in quarters_of(post):
        cells = truth(seed, scale, quarter, post)
        suppressed = hidden(cells)
        nation: dict[tuple[str, str], list[Cell]] = {}
        for cell in cells:
            yield _record(cell, cell.state, (cell.utilization_type, cell.state, cell.product.key) in suppressed)
            nation.setdefault((cell.utilization_type, cell.product.key), []).append(cell)
        for parts in nation.values():
            whole = Cell(
                parts[0].utilization_type,
                "XX",
                parts[0].product,
                quarter,
                sum(part.units for part in parts),
                sum(part.prescriptions for part in parts),
                sum(part.total for part in parts),
                sum(part.other for part in parts),
            )
            yield _record(whole, "XX", whole.prescriptions < SUPPRESSED_BELOW)


def _faults() -> list[Fault]:
    return [
        Fault("NDC_PARTS", "ndc", "99999999999"),
        Fault(quirks.BAD_PATTERN, "labeler_code", "2"),
        Fault("AMOUNT_MISMATCH", "medicaid_amount_reimbursed", "1.00"),
        Fault(quirks.BAD_TYPE, "units_reimbursed", "12,5"),
        Fault(quirks.NOT_ACCEPTED, "utilization_type", "ALL"),
        Fault("SUPPRESSED_WITH_MEASURES", "suppression_used", "true"),
        Fault(quirks.FIELD_COUNT, "year", "fewer"),
    ]


def write_us_sdud(
    folder: Path, seed: int, scale: float, *, with_quirks: bool
) -> tuple[list[FileReport], dict[str, str]]:
    """Write the posts to `<folder>/us_sdud/`; the reports, and the totals of the latest version of every quarter."""
    reports = []
    rows = suppressed = items = cents = 0
    for post in posts():
        # The second post is in the other spelling of the header.
        header = COLUMNS if post % 2 else [name.replace("_", " ").title() for name in COLUMNS]
        file = LandingFile(
            folder, FEED, ENTITY, f"sdud_{posted_on(post):%Y%m%d}.csv", header_generation="1991", line_end="\n"
        )
        faults = _faults() if with_quirks and post == posts()[-1] else []
        due = dict(zip(quirks.places(len(faults), 600), faults, strict=True))
        with file:
            file.header(header)
            for position, record in enumerate(_records(seed, scale, post), 1):
                file.record([record[name] for name in COLUMNS])
                fault = due.get(position)
                if fault and record["suppression_used"] == "false":
                    # A quarter of its own, so that the key of the clean record is not taken.
                    file.faulty({**record, "year": "1999"}, COLUMNS, fault)
                    del due[position]
                elif fault:
                    due[position + 1] = due.pop(position)
                quarter = (int(record["year"]) - FIRST_YEAR) * 4 + int(record["quarter"]) - 1
                is_latest = post == min(posts()[-1], max(quarter + RESTATED_QUARTERS, posts()[0]))
                if is_latest and record["state"] != "XX":
                    rows += 1
                    suppressed += record["suppression_used"] == "true"
                    items += int(float(record["number_of_prescriptions"] or 0))
                    cents += round(float(record["total_amount_reimbursed"] or 0) * 100)
        reports.append(file.report())
    totals = {
        "count_latest_rows": str(rows),
        "count_suppressed": str(suppressed),
        "count_items": str(items),
        "amount_reimbursed_local": fixed(cents, 2),
    }
    return reports, totals
