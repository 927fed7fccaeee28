"""Years of France's Open Medic, in both headers, with reversals, and the two files of its drug database."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from rwe.demo import quirks
from rwe.demo.markets.catalogue import Product, packs_sold, price_of, products, words
from rwe.demo.output import LandingFile
from rwe.demo.quirks import Fault
from rwe.demo.report import FileReport
from rwe.demo.rng import Draws

FEED = "fr_open_medic"
LABELLED = words(
    "ATC1 l_ATC1 ATC2 L_ATC2 ATC3 L_ATC3 ATC4 L_ATC4 ATC5 L_ATC5 CIP13 l_cip13 TOP_GEN GEN_NUM age sexe BEN_REG "
    "PSP_SPE BOITES REM BSE"
)
CODES = words("ATC1 ATC2 ATC3 ATC4 ATC5 CIP13 TOP_GEN GEN_NUM AGE sexe BEN_REG PSP_SPE BOITES REM BSE")
YEARS = (2021, 2022, 2023)
REGIONS = (("11", 12.0), ("93", 5.0), ("99", 0.3))
AGES = ("0", "20", "60", "99")
SEXES = ("1", "2")
MOLECULES = {
    "semaglutide": "SEMAGLUTIDE",
    "dulaglutide": "DULAGLUTIDE",
    "liraglutide": "LIRAGLUTIDE",
    "atorvastatin": "ATORVASTATINE",
    "simvastatin": "SIMVASTATINE",
    "rosuvastatin": "ROSUVASTATINE",
    "fluvastatin": "FLUVASTATINE",
    "empagliflozin": "EMPAGLIFLOZINE",
    "dapagliflozin": "DAPAGLIFLOZINE",
    "amoxicillin": "AMOXICILLINE",
    "amoxicillin + clavulanic acid": "AMOXICILLINE/ACIDE CLAVULANIQUE",
    "azithromycin": "AZITHROMYCINE",
    "ciprofloxacin": "CIPROFLOXACINE",
    "nitrofurantoin": "NITROFURANTOÏNE",
    "morphine": "SULFATE DE MORPHINE",
    "oxycodone": "CHLORHYDRATE D'OXYCODONE",
    "tramadol": "CHLORHYDRATE DE TRAMADOL",
    "fentanyl": "FENTANYL",
    "codeine + paracetamol": "CODÉINE/PARACÉTAMOL",
}
"""Molecules as French labels have them, salts in front."""
FORMS = {
    "tablet": "comprimé pelliculé",
    "capsule": "gélule",
    "suspension": "poudre pour suspension buvable",
    "pen": "solution injectable en stylo prérempli",
    "patch": "dispositif transdermique",
}


def cip13_of(product: Product) -> str:
    """The pack's code."""
    return f"34009{30000000 + product.number * 1237:08d}"


def label_of(product: Product) -> str:
    """Name of the pack."""
    name = product.brand.upper() or f"{MOLECULES[product.molecule]} {product.company.upper()}"
    strength = product.strength.replace("mg", " mg").replace("mcg", " microgrammes").replace(".", ",").replace("+", "/")
    return f"{name} {strength}, {FORMS[product.form]}"


def presentation_of(product: Product) -> str:
    """What the pack is."""
    if product.form in ("tablet", "capsule"):
        noun = "comprimé(s)" if product.form == "tablet" else "gélule(s)"
        return f"plaquette(s) thermoformée(s) PVC PVDC aluminium de {product.pieces} {noun}"
    if product.form == "suspension":
        return f"{product.pieces} flacon(s) en verre brun de {product.millilitres:.0f} ml avec cuillère-mesure"
    if product.form == "pen":
        content = f"{product.millilitres:g}".replace(".", ",")
        return f"{product.pieces} cartouche(s) en verre de {content} ml dans stylo(s) prérempli(s)"
    return f"{product.pieces} sachet(s) papier de 1 dispositif(s)"


def _comma(cents: int, *, thousands: bool) -> str:
    whole, rest = divmod(abs(cents), 100)
    sign = "-" if cents < 0 else ""
    return f"{sign}{f'{whole:,}'.replace(',', '.') if thousands else whole},{rest:02d}"


def _rows(seed: int, scale: float, year: int) -> Iterator[tuple[dict[str, str], int, int, int]]:
    """Records of a year with their packs, reimbursed cents and base in cents."""
    first = (year - YEARS[0]) * 12
    for product in products():
        for region, size in REGIONS:
            for age in AGES:
                for sex in SEXES:
                    draws = Draws(seed, FEED, year, product.key, region, age, sex)
                    packs = sum(packs_sold(draws, product, first + n, size * scale) for n in range(12))
                    if packs == 0:
                        continue
                    base = packs * price_of(product, first, 1.1)
                    yield _row(product, region, age, sex, "01", packs, base, year)
                    if draws.chance(0.05):
                        back = -max(1, packs // 40)
                        yield _row(product, region, age, sex, "99", back, back * price_of(product, first, 1.1), year)


def _row(
    product: Product, region: str, age: str, sex: str, specialty: str, packs: int, base: int, year: int
) -> tuple[dict[str, str], int, int, int]:
    atc = product.atc
    reimbursed = base * 65 // 100
    thousands = year == YEARS[1]
    row = {
        **{f"ATC{level}": atc[:length] for level, length in enumerate((1, 3, 4, 5, 7), 1)},
        **{
            f"{'l' if level == 1 else 'L'}_ATC{level}": f"GROUPE {atc[:length]}"
            for level, length in enumerate((1, 3, 4, 5), 1)
        },
        "L_ATC5": MOLECULES[product.molecule],
        "CIP13": cip13_of(product),
        "l_cip13": label_of(product),
        "TOP_GEN": "4" if product.brand else "1",
        "GEN_NUM": str(100 + product.number),
        "age": age,
        "AGE": age,
        "sexe": sex,
        "BEN_REG": region,
        "PSP_SPE": specialty,
        "BOITES": f"{packs:,}".replace(",", ".") if thousands else str(packs),
        "REM": _comma(reimbursed, thousands=thousands),
        "BSE": _comma(base, thousands=thousands),
    }
    return row, packs, reimbursed, base


def write_fr_open_medic(
    folder: Path, seed: int, scale: float, *, with_quirks: bool
) -> tuple[list[FileReport], dict[str, str]]:
    """Write years and drug database to `<folder>/fr_open_medic/`; the reports and the totals."""
    reports = []
    rows = packs = reimbursed = base = 0
    for year in YEARS:
        columns = CODES if year == YEARS[0] else LABELLED
        file = LandingFile(
            folder,
            FEED,
            "dispensing",
            f"OPEN_MEDIC_{year}.CSV",
            header_generation="codes" if year == YEARS[0] else "labelled",
            delimiter=";",
            line_end="\r\n",
            encoding="latin-1",
        )
        with file:
            file.header(columns)
            for row, row_packs, row_reimbursed, row_base in _rows(seed, scale, year):
                file.record([row[name] for name in columns])
                rows += 1
                packs += row_packs
                reimbursed += row_reimbursed
                base += row_base
            if with_quirks and year == YEARS[-1]:
                for fault in (
                    Fault(quirks.BAD_TYPE, "REM", "12.50"),
                    Fault(quirks.BAD_PATTERN, "CIP13", "3400930"),
                    Fault(quirks.NOT_ACCEPTED, "sexe", "3"),
                    Fault("SIGNS_DIFFER", "BOITES", "-77777"),
                    Fault("ATC_LEVELS", "ATC5", "Z99ZZ99"),
                    Fault(quirks.FIELD_COUNT, "PSP_SPE", "more"),
                ):
                    # Of a specialty of its own, so that no key is taken.
                    file.faulty({**row, "PSP_SPE": "88"}, columns, fault)
        reports.append(file.report())
    reports += [_packs(folder), _specialities(folder)]
    totals = {
        "count_rows": str(rows),
        "count_packs": str(packs),
        "amount_reimbursed_local": _comma(reimbursed, thousands=False).replace(",", "."),
        "amount_list_local": _comma(base, thousands=False).replace(",", "."),
    }
    return sorted(reports, key=lambda one: one.file_path), totals


def _packs(folder: Path) -> FileReport:
    file = _database_file(folder, "packs", "CIS_CIP_bdpm.txt")
    with file:
        for product in products():
            price = _comma(product.price, thousands=False)
            file.record(
                [
                    _cis(product),
                    f"{3000000 + product.number}",
                    presentation_of(product),
                    "Présentation active",
                    "Déclaration de commercialisation",
                    f"{product.number % 28 + 1:02d}/03/2019",
                    cip13_of(product),
                    "oui",
                    "65%",
                    price,
                    price,
                    "1,02",
                ]
            )
    return file.report()


def _specialities(folder: Path) -> FileReport:
    file = _database_file(folder, "specialities", "CIS_bdpm.txt")
    with file:
        for product in products():
            file.record(
                [
                    _cis(product),
                    label_of(product),
                    FORMS[product.form],
                    "orale",
                    "Autorisation active",
                    "Procédure nationale",
                    "Commercialisée",
                    f"{product.number % 28 + 1:02d}/01/2015",
                    "",
                    "",
                    f" {product.company.upper()} SANTÉ",
                    "Non",
                ]
            )
    return file.report()


def _database_file(folder: Path, entity: str, name: str) -> LandingFile:
    return LandingFile(
        folder,
        FEED,
        entity,
        name,
        header_generation="12",
        delimiter="\t",
        line_end="\r\n",
        quoting=False,
        encoding="cp1252",
        has_header=False,
    )


def _cis(product: Product) -> str:
    return f"{60000000 + product.number * 311:08d}"
