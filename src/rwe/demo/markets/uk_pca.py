"""England's Prescription Cost Analysis: suppliers and units of what the prescribing files count."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from rwe.demo import quirks
from rwe.demo.markets.catalogue import words
from rwe.demo.output import LandingFile
from rwe.demo.quirks import Fault
from rwe.demo.report import FileReport
from rwe.demo.rng import Draws
from rwe.demo.uk_epd.writer import Presentation, presentations

FEED, ENTITY = "uk_epd", "cost_analysis"
COLUMNS = words(
    "YEAR_MONTH REGION_NAME REGION_CODE ICB_NAME ICB_CODE DISPENSER_ACCOUNT_TYPE BNF_PRESENTATION_CODE "
    "BNF_PRESENTATION_NAME SNOMED_CODE SUPPLIER_NAME UNIT_OF_MEASURE GENERIC_BNF_EQUIVALENT_CODE "
    "GENERIC_BNF_EQUIVALENT_NAME BNF_CHEMICAL_SUBSTANCE_CODE BNF_CHEMICAL_SUBSTANCE BNF_PARAGRAPH_CODE BNF_PARAGRAPH "
    "BNF_SECTION_CODE BNF_SECTION BNF_CHAPTER_CODE BNF_CHAPTER PREP_CLASS PRESCRIBED_PREP_CLASS ITEMS TOTAL_QUANTITY NIC "
    "PHARMACY_ADVANCED_SERVICE"
)
MONTHS = ((date(2020, 6, 1), "2020"), (date(2025, 6, 1), "2022"))
SUPPLIERS = ("Bioval Ltd", "Pharvene UK Ltd", "Cardiona Ltd", "Astera Pharma Ltd")


def unit_of(item: Presentation) -> str:
    """What the quantity is counted in."""
    name = item.name.lower()
    for word, unit in (("tablet", "tablet"), ("capsule", "capsule"), ("suspension", "ml"), ("inhaler", "dose")):
        if word in name:
            return unit
    return "gram" if "cream" in name or "ointment" in name else "unit"


def write_uk_pca(folder: Path, seed: int, *, with_quirks: bool) -> list[FileReport]:
    """Write two months to `<folder>/uk_epd/`, in both headers."""
    reports = []
    generics = {item.substance_code + item.bnf_code[13:]: item for item in presentations() if not item.is_brand}
    for month, generation in MONTHS:
        header = [name.replace("ICB_", "STP_") if generation == "2020" else name for name in COLUMNS]
        file = LandingFile(folder, FEED, ENTITY, f"PCA_{month:%Y%m}.csv", header_generation=generation)
        with file:
            file.header(header)
            for number, item in enumerate(presentations()):
                generic = generics.get(item.substance_code + item.bnf_code[13:], item)
                items = 20 + Draws(seed, "uk_pca", month.isoformat(), item.bnf_code).below(500)
                quantity = items * item.quantities[0] / 10
                values = (
                    f"{month:%Y%m}", "LONDON", "Y56", "NORTH EAST LONDON", "QMF", "Pharmacy Contractor", item.bnf_code,
                    item.name, item.snomed_code, SUPPLIERS[number % 4] if item.is_brand else "", unit_of(item),
                    generic.bnf_code, generic.name, item.substance_code, item.substance_name, item.bnf_code[:6], "-",
                    item.bnf_code[:4], "-", item.bnf_code[:2], item.chapter, "3" if item.is_brand else "1", "1",
                    str(items), f"{quantity:.1f}", f"{quantity * item.unit_price / 1_000_000:.2f}", "N",
                )  # fmt: skip
                row = dict(zip(COLUMNS, values, strict=True))
                file.record(values)
            if with_quirks and generation == "2022":
                for fault in (
                    Fault(quirks.BAD_TYPE, "ITEMS", "many"),
                    Fault("PCA_NEGATIVE_MEASURE", "NIC", "-1.00"),
                ):
                    file.faulty(row, COLUMNS, fault)
        reports.append(file.report())
    return reports
