"""Australia's PBS by date of supply, restated by the next file, its map of items, and a historic sheet of two tables."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from rwe.demo import quirks
from rwe.demo.markets.catalogue import Product, packs_sold, price_of, products, words
from rwe.demo.numerals import fixed
from rwe.demo.output import LandingFile
from rwe.demo.quirks import Fault
from rwe.demo.report import FileReport
from rwe.demo.rng import Draws

FEED = "au_pbs"
LONG = words(
    "MONTH_OF_SUPPLY ITEM_CODE DRUG_TYPE PATIENT_CAT PHRMCY_TYPE SCRIPT_TYPE PRESCRIPTIONS PATIENT_CONTRIB GOVT_CONTRIB "
    "TOTAL_COST RETAIL_MARKUP PATIENT_NET_CONTRIB"
)
SHORT = [{"DRUG_TYPE": "DRG_TYP_CTGRY", "PRESCRIPTIONS": "PRSCRPTN_CNT"}.get(name, name) for name in LONG]
FIRST_YEAR, COUNT_MONTHS = 2021, 36
"""From July 2021, three financial years."""
FILES = ((24, "20230815", LONG), (30, "20240215", SHORT), (36, "20240815", LONG))
"""Months that a file reaches to, its day and its header. Each file restates the months of its last year."""
CATEGORIES = (("C1", 9.0, 770), ("G1", 4.0, 3160))
"""Category of patient, its size and the co-payment in cents."""
FORMS = {
    "tablet": "Tablet",
    "capsule": "Capsule",
    "suspension": "Powder for oral suspension",
    "pen": "Injection",
    "patch": "Transdermal patch",
}
SALTS = {"atorvastatin": "as calcium", "amoxicillin": "as trihydrate", "morphine": "sulfate pentahydrate"}
SHEET_MONTHS = 24
SHEET_ROWS = (
    ("CONCESSIONAL SAFETY NET", "A10", "ANTIDIABETIC THERAPY", 0),
    ("CONCESSIONAL SAFETY NET", "C10", "LIPID MODIFYING AGENTS", 0),
    ("GENERAL NON-SAFETY NET", "A10", "ANTIDIABETIC THERAPY", 0),
    ("GENERAL NON-SAFETY NET", "J01", "ANTIBACTERIALS FOR SYSTEMIC USE", 5),
)
"""Concession, ATC level 2, name, and months before the first listing."""
_MONTHS = words("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec")


def item_code_of(product: Product) -> str:
    """Item code with a leading zero."""
    return f"{8000 + product.number * 13:05d}{'ABCDEFGHJK'[product.number % 10]}"


def form_strength_of(product: Product) -> str:
    """Form and strength in one text, as the map has it."""
    form, strength = FORMS[product.form], product.strength.replace("mg", " mg").replace("+", "-")
    if product.form == "suspension":
        amount, per = strength.split("/")
        salt = f" ({SALTS[product.molecule]})" if product.molecule in SALTS else ""
        return f"{form} {amount.strip()}{salt} per {per.replace('ml', ' mL')}, {product.millilitres:.0f} mL"
    if product.form == "pen":
        amount, per = strength.split("/")
        per = per.removesuffix("ml") or "1"
        return f"{form} {amount.strip()} in {per} mL, {product.millilitres:g} mL pre-filled pen, {product.pieces}"
    if product.form == "patch":
        return f"{form} {product.strength.replace('mcg/h', ' micrograms per hour')}"
    if product.molecule in SALTS:
        return f"{form} {strength} ({SALTS[product.molecule]})"
    return f"{form} {strength}"


def _month_text(month: int) -> str:
    number = FIRST_YEAR * 12 + 6 + month
    return f"{number // 12}{number % 12 + 1:02d}"


def _rows(seed: int, scale: float, month: int, version: int) -> Iterator[tuple[dict[str, str], int, int, int]]:
    """Records of a month as a file of some number knows it, with scripts, government's cents and patients' cents."""
    for product in products():
        for category, size, copayment in CATEGORIES:
            draws = Draws(seed, FEED, product.key, category, month)
            scripts = packs_sold(draws, product, month, size * scale)
            if scripts == 0:
                continue
            # Late scripts come with the next files.
            scripts = scripts * (100 + version) // 100
            price = price_of(product, month, 1.3)
            above = price >= copayment
            patient = scripts * min(price, copayment)
            government = scripts * max(0, price - copayment)
            # The ceiling stands where a script costs less than the co-payment.
            ceiling = scripts * copayment
            row = {
                "MONTH_OF_SUPPLY": _month_text(month),
                "ITEM_CODE": item_code_of(product),
                "DRUG_TYPE": "GENERAL",
                "PATIENT_CAT": category,
                "PHRMCY_TYPE": "S90",
                "SCRIPT_TYPE": "Above co-payment" if above else "Under co-payment",
                "PRESCRIPTIONS": str(scripts),
                "PATIENT_CONTRIB": fixed(ceiling, 2),
                "GOVT_CONTRIB": fixed(government, 2),
                "TOTAL_COST": fixed(government + ceiling, 2),
                "RETAIL_MARKUP": fixed(scripts * 40, 2),
                "PATIENT_NET_CONTRIB": fixed(patient, 2),
            }
            yield row, scripts, government, patient


def write_au_pbs(
    folder: Path, seed: int, scale: float, *, with_quirks: bool
) -> tuple[list[FileReport], dict[str, str]]:
    """Write files by date of supply, the map and the sheet to `<folder>/au_pbs/`; the reports and the totals."""
    reports = []
    rows = items = government = patients = 0
    for version, (end, day, header) in enumerate(FILES):
        file = LandingFile(
            folder,
            FEED,
            "supply",
            f"dos_{day}.csv",
            header_generation="long" if header is LONG else "short",
            encoding="latin-1",
        )
        with file:
            file.header(header)
            for month in range(0 if version == 0 else end - 12, end):
                newest = max(
                    number for number, (to, _, _) in enumerate(FILES) if (to - 12 if number else 0) <= month < to
                )
                for row, count, row_government, row_patients in _rows(seed, scale, month, version):
                    file.record([row[name] for name in LONG])
                    if newest == version:
                        rows += 1
                        items += count
                        government += row_government
                        patients += row_patients
            if with_quirks and version == len(FILES) - 1:
                for fault in (
                    Fault(quirks.BAD_PATTERN, "ITEM_CODE", "8215"),
                    Fault(quirks.BAD_TYPE, "MONTH_OF_SUPPLY", "202413"),
                    Fault("NEGATIVE_MEASURE", "PRESCRIPTIONS", "-4"),
                    Fault(quirks.MISSING_REQUIRED, "GOVT_CONTRIB", ""),
                ):
                    file.faulty({**row, "DRUG_TYPE": "?"}, LONG, fault)
        reports.append(file.report())
    reports += [_map(folder), _sheet(folder, seed)]
    totals = {
        "count_latest_rows": str(rows),
        "count_items": str(items),
        "amount_reimbursed_local": fixed(government, 2),
        "amount_retail_local": fixed(government + patients, 2),
    }
    return sorted(reports, key=lambda one: one.file_path), totals


def _map(folder: Path) -> FileReport:
    file = LandingFile(
        folder, FEED, "items", "pbs-item-drug-map.csv", header_generation="map", quote_all=True, encoding="latin-1"
    )
    with file:
        file.header(["ITEM_CODE", "DRUG_NAME", "FORM/STRENGTH", "ATC5_Code"])
        for product in products():
            file.record([item_code_of(product), product.molecule.upper(), form_strength_of(product), product.atc])
        file.record(["00001A", "EXTEMPORANEOUS PREPARATION", "Cream", "Z"])
    return file.report()


def sheet_cells(seed: int) -> dict[tuple[str, str, int], tuple[int | None, int | None]]:
    """Scripts and cost in dollars of the sheet by concession, ATC code and month; None where not listed yet."""
    cells: dict[tuple[str, str, int], tuple[int | None, int | None]] = {}
    for concession, atc, _, listed in SHEET_ROWS:
        draws = Draws(seed, FEED, "sheet", concession, atc)
        for month in range(SHEET_MONTHS):
            scripts = 1000 + draws.below(9000)
            cells[concession, atc, month] = (
                (scripts, scripts * 23 + draws.below(500)) if month >= listed else (None, None)
            )
    return cells


def _sheet(folder: Path, seed: int) -> FileReport:
    """Two title lines, then the two tables; the last columns with commas for thousands, as the real sheet has them."""
    cells = sheet_cells(seed)
    file = LandingFile(
        folder,
        FEED,
        "history",
        "PBS.csv",
        header_generation="sheet",
        line_end="\r\n",
        has_header=False,
        encoding="latin-1",
    )
    blank = "," * (2 + SHEET_MONTHS)
    header = ",,," + ",".join(f"{_MONTHS[(6 + n) % 12]}-{(91 + (6 + n) // 12) % 100:02d}" for n in range(SHEET_MONTHS))
    with file:
        file.line("PBS SYNTHETIC  Jul 91 - Jun 1993" + blank)
        file.line('"RAW DATA, A SHEET OF TWO TABLES"' + blank)
        file.line(blank)
        for measure, title in enumerate(("SCRIPTS", "GOVT COST $")):
            file.line(title + blank)
            file.line(header)
            totals = [0] * SHEET_MONTHS
            for concession, atc, name, _ in SHEET_ROWS:
                texts = []
                for month in range(SHEET_MONTHS):
                    value = cells[concession, atc, month][measure]
                    totals[month] += value or 0
                    has_comma = month >= SHEET_MONTHS - 2 and value is not None and value >= 1000
                    texts.append("" if value is None else f'"{value:,}"' if has_comma else str(value))
                file.line(f"{concession},{atc},{name}," + ",".join(texts))
            file.line(blank)
            file.line(header)
            file.line(",,Total," + ",".join(f'"{total:,}"' if total >= 1000 else str(total) for total in totals))
            file.line(blank)
    return file.report()
