"""Brazil's SNGPC: one row a dispensing of antimicrobials and controlled medicines, texts in Portuguese, no price."""

from __future__ import annotations

from pathlib import Path

from rwe.demo import quirks
from rwe.demo.markets.catalogue import Product, packs_sold, products, words
from rwe.demo.output import LandingFile
from rwe.demo.quirks import Fault
from rwe.demo.report import FileReport
from rwe.demo.rng import Draws

FEED, ENTITY = "br_sngpc", "dispensing"
COLUMNS = words(
    "NU_ANO_VENDA NU_MES_VENDA SG_UF_VENDA NO_MUNICIPIO_VENDA DS_PRINCIPIO_ATIVO DS_DESCRICAO_APRESENTACAO QT_VENDIDA "
    "DS_UNIDADE_MEDIDA NO_CONSELHO_PRESCRITOR SG_UF_CONSELHO_PRESCRITOR TP_RECEITUARIO CO_CID10 SG_SEXO NU_IDADE "
    "NU_UNIDADE_IDADE"
)
FIRST_YEAR, COUNT_MONTHS = 2022, 26
STATES = (("SP", "SÃO PAULO", 1.6), ("RJ", "NITERÓI", 0.7), ("BA", "SALVADOR", 0.5))
MOLECULES = {
    "amoxicillin": "AMOXICILINA TRI-HIDRATADA",
    "amoxicillin + clavulanic acid": "AMOXICILINA TRI-HIDRATADA + CLAVULANATO DE POTÁSSIO",
    "azithromycin": "AZITROMICINA DI-HIDRATADA",
    "ciprofloxacin": "CLORIDRATO DE CIPROFLOXACINO",
    "nitrofurantoin": "NITROFURANTOÍNA",
    "morphine": "SULFATO DE MORFINA PENTAIDRATADO",
    "oxycodone": "CLORIDRATO DE OXICODONA",
    "tramadol": "CLORIDRATO DE TRAMADOL",
    "fentanyl": "FENTANILA",
    "codeine + paracetamol": "FOSFATO DE CODEÍNA + PARACETAMOL",
}
"""Molecules as the feed writes them; what is not here is not under control."""
FORMS = {
    "tablet": "COM REV CT BL AL PLAS TRANS X {}",
    "capsule": "CAP GEL DURA CT BL AL PLAS INC X {}",
    "suspension": "PO SUS OR CT FR VD AMB X {} ML",
    "patch": "ADES TRANSD CT ENV AL PLAS X {}",
}


def presentation_of(product: Product) -> str:
    """Strength, form and pack in one text."""
    amount = (
        product.strength.upper().replace("MG", " MG").replace("MCG", " MCG").replace("+", " + ").replace("M CG", "MCG")
    )
    if "/" in amount and product.form == "suspension":
        # 250mg/5ml is 50 MG/ML here.
        mass, volume = product.strength.removesuffix("ml").split("mg/")
        amount = f"{float(mass) / float(volume):g} MG/ML"
    content = f"{product.millilitres:.0f}" if product.millilitres else str(product.pieces)
    return f"{amount} {FORMS[product.form].format(content)}"


def write_br_sngpc(
    folder: Path, seed: int, scale: float, *, with_quirks: bool
) -> tuple[list[FileReport], dict[str, str]]:
    """Write the months to `<folder>/br_sngpc/`; the reports and the totals."""
    reports = []
    rows = packs = 0
    for month in range(COUNT_MONTHS):
        year, number = FIRST_YEAR + month // 12, month % 12 + 1
        is_other = month % 9 == 4
        columns = ["QTD_VENDIDA" if name == "QT_VENDIDA" and is_other else name for name in COLUMNS]
        file = LandingFile(
            folder,
            FEED,
            ENTITY,
            f"EDA_Industrializados_{year}{number:02d}.csv",
            header_generation="QTD" if is_other else "2014",
            delimiter=";",
            line_end="\r\n",
            quote_all=True,
            encoding="latin-1",
        )
        with file:
            file.header(columns)
            for product in products():
                if product.molecule not in MOLECULES:
                    continue
                for state, town, size in STATES:
                    draws = Draws(seed, FEED, product.key, state, month)
                    for _ in range(packs_sold(draws, product, month, size * scale)):
                        sold = 1 + draws.below(3)
                        row = _row(product, (year, number), state, town, sold, draws)
                        file.record([row[name] for name in COLUMNS])
                        rows += 1
                        packs += sold
            if with_quirks and month == COUNT_MONTHS - 1:
                for fault in (
                    Fault("QUANTITY_IMPLAUSIBLE", "QT_VENDIDA", "48000"),
                    Fault(quirks.NOT_ACCEPTED, "DS_UNIDADE_MEDIDA", "DUZIA"),
                    Fault("MONTH_OUT_OF_RANGE", "NU_MES_VENDA", "13"),
                    Fault(quirks.BAD_TYPE, "QT_VENDIDA", "1.5"),
                ):
                    file.faulty(row, COLUMNS, fault)
        reports.append(file.report())
    return reports, {"count_rows": str(rows), "count_packs": str(packs)}


def _row(product: Product, when: tuple[int, int], state: str, town: str, sold: int, draws: Draws) -> dict[str, str]:
    is_antimicrobial = product.atc.startswith("J01")
    return {
        "NU_ANO_VENDA": str(when[0]),
        "NU_MES_VENDA": str(when[1]),
        "SG_UF_VENDA": state,
        "NO_MUNICIPIO_VENDA": town,
        "DS_PRINCIPIO_ATIVO": MOLECULES[product.molecule],
        "DS_DESCRICAO_APRESENTACAO": presentation_of(product),
        "QT_VENDIDA": str(sold),
        "DS_UNIDADE_MEDIDA": "FRASCO" if product.form == "suspension" else "CAIXA",
        "NO_CONSELHO_PRESCRITOR": "CRM",
        "SG_UF_CONSELHO_PRESCRITOR": state,
        "TP_RECEITUARIO": "5" if is_antimicrobial else "1",
        "CO_CID10": "",
        "SG_SEXO": draws.pick(("1", "2")) if is_antimicrobial else "",
        "NU_IDADE": str(1 + draws.below(90)) if is_antimicrobial else "",
        "NU_UNIDADE_IDADE": "1" if is_antimicrobial else "",
    }
