"""The parser of presentation texts, as a table of texts and what they say, in three languages."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest
from pyspark.sql import SparkSession

FILE = "intermediate/market/int_market__presentations_parsed.py"

# language, product text, pack text, form, strength in mg, per, of what, units in the pack, counted in; None where the
# text does not say it.
TEXTS: list[
    tuple[str, str, str | None, str | None, float | None, float | None, str | None, float | None, str | None]
] = [
    ("en", "Atorvastatin 20mg tablets", None, "tablet", 20, 1, "piece", None, None),
    ("en", "Omeprazole 10mg gastro-resistant capsules", None, "capsule", 10, 1, "piece", None, None),
    ("en", "Paracetamol 250mg/5ml oral suspension sugar free", None, "oral_liquid", 250, 5, "ml", None, None),
    ("en", "Salbutamol 100micrograms/dose inhaler CFC free", None, "inhaler", 0.1, 1, "dose", None, None),
    ("en", "Levothyroxine sodium 25microgram tablets", None, "tablet", 0.025, 1, "piece", None, None),
    ("en", "Octasa_MR Tab E/C 800mg", None, "tablet", 800, 1, "piece", None, None),
    ("en", "Docusate Sod_Cap 100mg", None, "capsule", 100, 1, "piece", None, None),
    ("en", "Senna_Tab 7.5mg", None, "tablet", 7.5, 1, "piece", None, None),
    ("en", "Morphine 10mg/5ml oral solution", None, "oral_liquid", 10, 5, "ml", None, None),
    ("en", "Fentanyl 25micrograms/hour transdermal patches", None, "patch", 0.025, 1, "hour", None, None),
    ("en", "Dulaglutide 1.5mg/0.5ml solution for injection pre-filled pens", None, "pen", 1.5, 0.5, "ml", None, None),
    (
        "en",
        "Insulin glargine 100units/ml solution for injection 3ml cartridges",
        None,
        "injection",
        None,
        None,
        None,
        None,
        None,
    ),
    ("en", "Hydrocortisone 1% cream", None, "cream", 10, 1, "ml", None, None),
    ("en", "Emolliva cream", None, "cream", None, None, None, None, None),
    ("en", "Co-codamol 30mg/500mg tablets", None, "tablet", 30, 1, "piece", None, None),
    ("en", "Colecalciferol 20,000unit capsules", None, "capsule", None, None, None, None, None),
    ("en", "Glycerol 4g suppositories", None, "suppository", 4000, 1, "piece", None, None),
    ("en", "Tablet 20 mg (as calcium)", None, "tablet", 20, 1, "piece", None, None),
    ("en", "Capsule 500 mg (as trihydrate)", None, "capsule", 500, 1, "piece", None, None),
    (
        "en",
        "Powder for oral suspension 250 mg (as trihydrate) per 5 mL, 100 mL",
        None,
        "oral_liquid",
        250,
        5,
        "ml",
        100,
        "ml",
    ),
    ("en", "Injection 1.5 mg in 0.5 mL, 0.5 mL pre-filled pen, 4", None, "pen", 1.5, 0.5, "ml", 2, "ml"),
    ("en", "Injection 6 mg in 1 mL, 3 mL pre-filled pen, 2", None, "pen", 6, 1, "ml", 6, "ml"),
    ("en", "Transdermal patch 25 micrograms per hour", None, "patch", 0.025, 1, "hour", None, None),
    ("en", "Tablet 875 mg-125 mg", None, "tablet", 875, 1, "piece", None, None),
    ("en", "Eye drops 5 mg per mL, 5 mL", None, "drops", 5, 1, "ml", 5, "ml"),
    ("en", "Simvastatin 40mg tablets", "28 tablets", "tablet", 40, 1, "piece", 28, "piece"),
    ("en", "Ipratropium 250mcg/ml nebuliser liquid", "20 x 1 ml", None, 0.25, 1, "ml", 20, "ml"),
    ("en", "Aspirin 300 mg tablets", "pack of 100", "tablet", 300, 1, "piece", 100, "piece"),
    ("en", "Starter pack tablets", "11 tablets and 42 tablets", "tablet", None, None, None, None, None),
    ("en", "Softpad dressing pad sterile 10cm x 10cm", None, None, None, None, None, None, None),
    (
        "fr",
        "ATORVASTATINE BIOVAL 20 mg, comprimé pelliculé",
        "plaquette(s) thermoformée(s) PVC PVDC aluminium de 30 comprimé(s)",
        "tablet",
        20,
        1,
        "piece",
        30,
        "piece",
    ),
    (
        "fr",
        "AMOXICILLINE ARROW 500 mg, gélule",
        "plaquette(s) thermoformée(s) PVC-Aluminium de 12 gélule(s)",
        "capsule",
        500,
        1,
        "piece",
        12,
        "piece",
    ),
    (
        "fr",
        "AMOXICILLINE SANDOZ 250 mg/5 ml, poudre pour suspension buvable",
        "1 flacon(s) en verre brun de 60 ml avec cuillère-mesure",
        "oral_liquid",
        250,
        5,
        "ml",
        60,
        "ml",
    ),
    (
        "fr",
        "LEVOTHYROX 25 microgrammes, comprimé sécable",
        "3 plaquette(s) PVC aluminium de 10 comprimé(s)",
        "tablet",
        0.025,
        1,
        "piece",
        30,
        "piece",
    ),
    (
        "fr",
        "VICTOZA 6 mg/ml, solution injectable en stylo prérempli",
        "2 cartouche(s) en verre de 3 ml dans stylo(s) prérempli(s)",
        "pen",
        6,
        1,
        "ml",
        6,
        "ml",
    ),
    (
        "fr",
        "FENTANYL RATIOPHARM 25 microgrammes/heure, dispositif transdermique",
        "5 sachet(s) papier de 1 dispositif(s)",
        "patch",
        0.025,
        1,
        "hour",
        5,
        "piece",
    ),
    (
        "fr",
        "DOLIPRANE 2,4 %, suspension buvable",
        "1 flacon(s) polyéthylène téréphtalate (PET) de 100 ml",
        "oral_liquid",
        24,
        1,
        "ml",
        100,
        "ml",
    ),
    ("fr", "TIMOLOL 0,5 %, collyre en solution", "30 récipient(s) unidose(s) de 0,4 ml", "drops", 5, 1, "ml", 12, "ml"),
    (
        "fr",
        "SERETIDE 125 microgrammes/25 microgrammes/dose, suspension pour inhalation",
        "1 flacon(s) pressurisé(s) de 120 dose(s)",
        "inhaler",
        0.125,
        1,
        "piece",
        120,
        "dose",
    ),
    (
        "fr",
        "AUGMENTIN 1 g/125 mg, poudre pour suspension buvable en sachet-dose",
        "8 sachet(s)",
        "oral_liquid",
        1000,
        1,
        "piece",
        8,
        "piece",
    ),
    (
        "fr",
        "CEFTRIAXONE 1 g, poudre pour solution injectable",
        "1 flacon(s) en verre de 1 g + 1 ampoule(s) de 10 ml",
        "injection",
        1000,
        1,
        "piece",
        None,
        None,
    ),
    ("fr", "DIPROSONE 0,05 POUR CENT, crème", "1 tube(s) aluminium verni de 30 g", "cream", None, None, None, 30, "g"),
    (
        "fr",
        "SUPPOSITOIRE A LA GLYCERINE 2,5 g, suppositoire",
        "boîte de 10 suppositoire(s)",
        "suppository",
        2500,
        1,
        "piece",
        10,
        "piece",
    ),
    (
        "fr",
        "SPASFON, comprimé enrobé",
        "plaquette(s) PVC aluminium de 30 comprimé(s)",
        "tablet",
        None,
        None,
        None,
        30,
        "piece",
    ),
    (
        "fr",
        "HUMIRA 40 mg, solution injectable en stylo prérempli",
        "2 stylo(s) prérempli(s)",
        "pen",
        40,
        1,
        "piece",
        2,
        "piece",
    ),
    ("fr", "ROSUCOR 10 mg, comprimé pelliculé", None, "tablet", 10, 1, "piece", None, None),
    ("pt", "500 MG CAP GEL DURA CT BL AL PLAS INC X 21", None, "capsule", 500, 1, "piece", 21, "piece"),
    ("pt", "3 MG/ML + 10 MG/ML SUS OFT CT FR GOT PLAS OPC X 3 ML", None, "drops", 3, 1, "ml", 3, "ml"),
    ("pt", "50 MG/ML PO SUS OR CT FR VD AMB X 150 ML", None, "oral_liquid", 50, 1, "ml", 150, "ml"),
    ("pt", "875 MG + 125 MG COM REV CT BL AL PLAS TRANS X 14", None, "tablet", 875, 1, "piece", 14, "piece"),
    ("pt", "500 MG COM REV CT BL AL PLAS INC X 3", None, "tablet", 500, 1, "piece", 3, "piece"),
    ("pt", "2 MG COM CT 3 BL AL PLAS INC X 10", None, "tablet", 2, 1, "piece", 30, "piece"),
    ("pt", "0,5 MG COM CT BL AL PLAS INC X 30", None, "tablet", 0.5, 1, "piece", 30, "piece"),
    ("pt", "10 MG/ML SOL INJ CT 50 AMP VD AMB X 1 ML", None, "injection", 10, 1, "ml", 50, "ml"),
    ("pt", "25 MCG/H ADES TRANSD CT ENV AL PLAS X 5", None, "patch", 0.025, 1, "hour", 5, "piece"),
    ("pt", "2,5 MG/ML SOL OR CT FR GOT PLAS OPC X 20 ML", None, "oral_liquid", 2.5, 1, "ml", 20, "ml"),
    ("pt", "1 G PO SOL INJ CT FA VD TRANS", None, "injection", 1000, 1, "piece", None, None),
    ("pt", "20 MG/G POM DERM CT BG AL X 15 G", None, "cream", 20, 1, "g", 15, "g"),
    ("pt", "600.000 UI PO SUS INJ CT FA VD INC X 1 + DIL AMP X 2 ML", None, "injection", None, None, None, None, None),
    ("pt", "200 MG/5 ML SUS OR CT FR VD AMB X 60 ML", None, "oral_liquid", 200, 5, "ml", 60, "ml"),
    ("pt", "50 MCG AER INAL CT FR AL X 120 DOSES", None, "inhaler", 0.05, 1, "piece", 120, "dose"),
    ("pt", "10 MG SUP RET CT BL X 6", None, "suppository", 10, 1, "piece", 6, "piece"),
    ("pt", "XAROPE CT FR PLAS X 100 ML", None, "oral_liquid", None, None, None, 100, "ml"),
    ("us", "ATORVASTAT", None, None, None, None, None, None, None),
]

MOLECULES = [
    ("en", "Metformin hydrochloride", None, "metformin"),
    ("en", "AMOXICILLIN with CLAVULANIC ACID", None, "amoxicillin + clavulanic acid"),
    ("en", None, "Levothyroxine sodium 25microgram tablets", "levothyroxine"),
    ("en", "Codeine phosphate + Paracetamol", None, "codeine + paracetamol"),
    ("en", "Potassium chloride", None, "potassium chloride"),
    ("fr", "CHLORHYDRATE DE TRAMADOL", None, "tramadol"),
    ("fr", "CHLORHYDRATE D'OXYCODONE", None, "oxycodone"),
    ("fr", "SULFATE DE MORPHINE", None, "morphine"),
    ("fr", "AMOXICILLINE/ACIDE CLAVULANIQUE", None, "acide clavulanique + amoxicilline"),
    ("fr", "CODÉINE/PARACÉTAMOL", None, "codeine + paracetamol"),
    ("pt", "CLORIDRATO DE CIPROFLOXACINO", None, "ciprofloxacino"),
    ("pt", "AMOXICILINA TRI-HIDRATADA + CLAVULANATO DE POTÁSSIO", None, "amoxicilina + clavulanato"),
    ("pt", "SULFATO DE MORFINA PENTAIDRATADO", None, "morfina"),
    ("pt", "AZITROMICINA DI-HIDRATADA", None, "azitromicina"),
    ("pt", "FOSFATO DE CODEÍNA + PARACETAMOL", None, "codeina + paracetamol"),
]


@pytest.fixture(scope="module")
def parser(load_model: Callable[[str], ModuleType]) -> ModuleType:
    """The model's module."""
    return load_model(FILE)


def test_there_are_sixty_texts_in_three_languages() -> None:
    assert len(TEXTS) >= 60
    assert {row[0] for row in TEXTS} >= {"en", "fr", "pt"}


@pytest.mark.parametrize("row", TEXTS, ids=lambda row: f"{row[0]}:{row[1][:40]}")
def test_text_says(parser: ModuleType, row: tuple[Any, ...]) -> None:
    language, product, pack, form, strength, per, per_unit, units, unit = row
    found = parser.parse(language, None, product, pack)
    assert found.get("form_code") == form
    assert found.get("strength_mg") == (pytest.approx(strength) if strength is not None else None)
    if strength is not None:
        assert (found["strength_per"], found["strength_per_unit"]) == (per, per_unit)
    assert found.get("units_per_pack") == (pytest.approx(units) if units is not None else None)
    assert found.get("counting_unit") == unit
    # What is not there has a reason, what is there has none.
    for value, reason in (
        ("form_code", "form_reason"),
        ("strength_mg", "strength_reason"),
        ("units_per_pack", "pack_reason"),
    ):
        assert (found.get(value) is None) == (found.get(reason) is not None)


@pytest.mark.parametrize("row", MOLECULES, ids=lambda row: f"{row[0]}:{row[1] or row[2]}")
def test_salts_are_stripped_and_combinations_sorted(parser: ModuleType, row: tuple[Any, ...]) -> None:
    language, molecule, product, expected = row
    assert parser.molecule_candidates(language, molecule, product)[0] == expected


def test_empty_texts_say_that_there_is_no_text(parser: ModuleType) -> None:
    found = parser.parse("fr", None, None, "")
    assert {found[name] for name in ("form_reason", "strength_reason", "pack_reason")} == {"NO_TEXT"}
    assert found["candidates"] == []


@pytest.mark.spark
def test_molecules_are_looked_up_by_language_brand_and_cut_name(spark: SparkSession, parser: ModuleType) -> None:
    texts = spark.createDataFrame(
        [
            (1, "fr", "CHLORHYDRATE DE TRAMADOL", None, None),
            (2, "us", None, "ATORVASTAT", None),
            (3, "us", None, "TRULICITY", None),
            (4, "pt", "AMOXICILINA + COISA NOVA", None, None),
            (5, "en", None, "Atorvene 20mg tablets", None),
            (6, "us", None, "HYDROCORTI", None),
            (7, "en", None, None, None),
        ],
        "text_id bigint, language_code string, molecule_text string, product_text string, pack_text string",
    )
    names = spark.createDataFrame(
        [
            ("en", "tramadol", "tramadol"),
            ("fr", "tramadol", "tramadol"),
            ("en", "atorvastatin", "atorvastatin"),
            ("brand", "trulicity", "dulaglutide"),
            ("brand", "atorvene", "atorvastatin"),
            ("pt", "amoxicilina", "amoxicillin"),
            ("en", "hydrocortisone", "hydrocortisone"),
            ("en", "hydrocortisol", "hydrocortisol"),
        ],
        "language_code string, local_name string, molecule_name string",
    )
    found = {
        row.text_id: (row.molecule_name, row.molecule_match, row.molecule_reason)
        for row in parser.transform(texts, names).collect()
    }
    assert found == {
        1: ("tramadol", "name", None),
        2: ("atorvastatin", "prefix", None),
        3: ("dulaglutide", "brand", None),
        4: (None, None, "UNKNOWN_MOLECULE"),
        5: ("atorvastatin", "brand", None),
        6: (None, None, "UNKNOWN_MOLECULE"),
        7: (None, None, "NO_TEXT"),
    }
