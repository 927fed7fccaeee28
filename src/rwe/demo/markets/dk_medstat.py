"""Denmark's medstat: years with totals in every dimension, units by ATC code, and the population behind the DID."""

from __future__ import annotations

from calendar import isleap
from collections.abc import Iterator
from pathlib import Path

from rwe.demo import quirks
from rwe.demo.markets.catalogue import packs_sold, price_of, products
from rwe.demo.output import LandingFile
from rwe.demo.report import FileReport
from rwe.demo.rng import Draws

FEED = "dk_medstat"
YEARS = (2019, 2020, 2021, 2022, 2023)
"""One of them is a leap year."""
REGIONS = ((1, "Region Hovedstaden", 1_840_000), (2, "Region Midtjylland", 1_320_000), (3, "Region Nordjylland", 590_000),
           (4, "Region Sjælland", 840_000), (5, "Region Syddanmark", 1_220_000))  # fmt: skip
DDD_PER_PACK = {"pen": 30.0, "patch": 12.5, "suspension": 3.3}
"""DDDs of a pack in thousandths of nothing: round figures that do for a made-up country."""
NO_DDD = ("N02AJ06",)
Key = tuple[str, int, int, str]
"""ATC code, sector, region, sex."""


def population(year: int, region: int, sex: str) -> int:
    """Inhabitants of a region, of both sexes under A."""
    both = round(REGIONS[region - 1][2] * (1 + (year - YEARS[0]) * 0.004))
    men = both * 49 // 100
    return both if sex == "A" else men if sex == "1" else both - men


def leaves(seed: int, scale: float, year: int) -> dict[Key, tuple[float, float]]:
    """Units in thousands and turnover in thousand DKK of what makes up everything else."""
    first = (year - YEARS[0]) * 12
    found: dict[Key, tuple[float, float]] = {}
    for product in products():
        per_pack = DDD_PER_PACK.get(product.form, product.pieces)
        places = [(0, region, sex, people / 400_000) for region, _, people in REGIONS for sex in ("1", "2")]
        for sector, region, sex, size in [*places, (1, 0, "A", 1.5)]:
            draws = Draws(seed, FEED, product.key, sector, region, sex, year)
            packs = sum(packs_sold(draws, product, first + n, size * scale) for n in range(12))
            key = (product.atc, sector, region, sex)
            before = found.get(key, (0.0, 0.0))
            money = packs * price_of(product, first, 7.4) / 100_000
            found[key] = (round(before[0] + packs * per_pack / 1000, 3), round(before[1] + money, 3))
    return {key: value for key, value in found.items() if value != (0.0, 0.0)}


def _totals(parts: dict[Key, tuple[float, float]]) -> dict[Key, tuple[float, float]]:
    """Every row of the file: the leaves, and the totals over sexes, regions, sectors and levels of the code."""
    rows: dict[Key, tuple[float, float]] = {}

    def add(key: Key, value: tuple[float, float]) -> None:
        before = rows.get(key, (0.0, 0.0))
        rows[key] = (round(before[0] + value[0], 3), round(before[1] + value[1], 3))

    for (atc, sector, region, sex), value in parts.items():
        for code in (atc, atc[:5], atc[:4], atc[:3], atc[:1]):
            if sector == 0:
                for one_region in (region, 0):
                    for one_sex in (sex, "A"):
                        add((code, 0, one_region, one_sex), value)
            else:
                add((code, 1, 0, "A"), value)
            add((code, 2, 0, "A"), value)
    return rows


def _records(seed: int, scale: float, year: int) -> Iterator[list[str]]:
    days = 366 if isleap(year) else 365
    rows = _totals(leaves(seed, scale, year))
    for (atc, sector, region, sex), (units, money) in sorted(rows.items()):
        places = (region,) if region else tuple(one for one, _, _ in REGIONS)
        people = sum(population(year, one, sex) for one in places)
        did = "" if atc in NO_DDD else f"{units * 1_000_000 / people / days:.4f}"
        persons = str(round(units * 2)) if sector == 0 else ""
        share = ">99" if sector == 0 else ""
        head = [atc, str(year), str(sector), str(region), sex]
        yield [*head, "A", persons, "", f"{money:.3f}", "", f"{units:.3f}", did, share, ""]
        if region == 0 and sector == 0:
            # Parts by age of the country's row.
            half = round(units / 2, 3)
            yield [*head, "00-64", "", "", f"{money / 2:.3f}", "", f"{half:.3f}", "", "", ""]
            yield [*head, "65+", "", "", f"{money / 2:.3f}", "", f"{units - half:.3f}", "", "", ""]


def write_dk_medstat(
    folder: Path, seed: int, scale: float, *, with_quirks: bool
) -> tuple[list[FileReport], dict[str, str]]:
    """Write years, units and population to `<folder>/dk_medstat/`; the reports and the totals of the leaves."""
    reports = []
    rows, units, money = 0, 0.0, 0.0
    for year in YEARS:
        file = _file(folder, "sales", f"{year}_atc_code_data.txt", "14")
        with file:
            for record in _records(seed, scale, year):
                file.record(record)
            if with_quirks and year == YEARS[-1]:
                file.spoiled(
                    ["C10AA99", str(year), "7", "1", "1", "A", *("",) * 2, "1", "", "1", "", "", ""],
                    quirks.NOT_ACCEPTED,
                    "sector",
                )
                file.spoiled(
                    ["c10aa05", str(year), "0", "1", "1", "A", *("",) * 2, "1", "", "1", "", "", ""],
                    quirks.BAD_PATTERN,
                    "atc",
                )
                file.spoiled(
                    ["C10AA99", str(year), "0", "1", "1", "A", *("",) * 2, "1,5", "", "1", "", "", ""],
                    quirks.BAD_TYPE,
                    "turnover",
                )
                file.spoiled(["C10AA99", str(year), "0", "1", "1", "A"], quirks.FIELD_COUNT, "persons")
        reports.append(file.report())
        for value in leaves(seed, scale, year).values():
            rows += 1
            units += value[0]
            money += value[1]
    reports += [_groups(folder), _population(folder)]
    totals = {"count_rows": str(rows), "quantity_thousand": f"{units:.3f}", "turnover_thousand": f"{money:.3f}"}
    return sorted(reports, key=lambda one: one.file_path), totals


def _file(folder: Path, entity: str, name: str, generation: str) -> LandingFile:
    return LandingFile(
        folder,
        FEED,
        entity,
        name,
        header_generation=generation,
        delimiter=";",
        line_end="\r\n",
        quoting=False,
        encoding="latin-1",
        has_header=False,
    )


def _groups(folder: Path) -> FileReport:
    codes = {code for product in products() for code in (product.atc[:n] for n in (1, 3, 4, 5, 7))}
    file = _file(folder, "groups", "atc_groups.txt", "6")
    with file:
        for code in sorted(codes):
            unit = "Packages" if code in NO_DDD else "DDD" if len(code) == 7 else "No common unit for volume"
            file.record([code, f"Gruppe {code}", "0", unit, "1", ""])
    return file.report()


def _population(folder: Path) -> FileReport:
    file = _file(folder, "population", "population_data.txt", "7")
    with file:
        for year in YEARS:
            for sex in ("A", "1", "2"):
                for region, name, _ in REGIONS:
                    file.record([str(year), name, str(region), sex, "A", str(population(year, region, sex)), ""])
                whole = sum(population(year, region, sex) for region, _, _ in REGIONS)
                file.record([str(year), "Hele landet", "0", sex, "A", str(whole), ""])
    return file.report()
