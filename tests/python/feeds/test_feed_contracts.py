"""The contracts of the project load; wrong ones are refused with file, line, path, found, expected."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from rwe.feeds import ContractError, load_contract, load_contracts
from rwe.feeds.headers import expected_columns, match_header

FEEDS = Path(__file__).parents[3] / "feeds"
CONTRACTS = load_contracts(FEEDS)

GOOD = """\
feed: shop
title: Sales of a shop
publisher: The shop
licence: None
country: GB
cadence: monthly
restatement: none
coverage: All sales.
currency: GBP
price_bases: {amount: list}
format: {encoding: UTF-8, delimiter: ",", quote: '"', escape: '"', header: true, multiline: false, decimal: "."}
null_tokens: [""]
entities:
  sale:
    description: One row per sale.
    files: ["*.csv"]
    generations:
      - {id: "1", valid: first, columns: [ID, NAME, AMOUNT]}
      - {id: "2", valid: then, columns: [ID, CODE, NAME, AMOUNT]}
    columns:
      - {name: sale_id, synonyms: [ID], type: text, required: true, description: Number of the sale.}
      - {name: code, synonyms: [CODE, NAME], type: text, pattern: '^[0-9]+$', description: Code.}
      - {name: label, synonyms: [NAME], type: text, accepted: [tea, milk], description: Name.}
      - {name: amount, synonyms: [AMOUNT], type: "decimal(9,2)", description: Price in GBP.}
    key: [sale_id]
    rules:
      - {reason: NEGATIVE_AMOUNT, expect: amount >= 0, description: Nothing is given away.}
"""
# Generation 1 is wrong on purpose in one test only: there NAME could be code or label.
GOOD = GOOD.replace("columns: [ID, NAME, AMOUNT]", "columns: [ID, LABEL, NAME, AMOUNT]").replace(
    "synonyms: [NAME], type: text, accepted", "synonyms: [LABEL, NAME], type: text, accepted"
)


@pytest.fixture
def contract_of(tmp_path: Path) -> Callable[..., Path]:
    """Write the good contract with one text replaced."""

    def write(old: str = "", new: str = "", name: str = "shop.yml") -> Path:
        assert old in GOOD
        path = tmp_path / name
        path.write_text(GOOD.replace(old, new, 1) if old else GOOD, encoding="utf-8")
        return path

    return write


def test_contracts_of_the_project_load() -> None:
    assert {feed: list(contract.entities) for feed, contract in CONTRACTS.items()} == {
        "au_pbs": ["supply", "items", "history"],
        "br_sngpc": ["dispensing"],
        "dk_medstat": ["sales", "groups", "population"],
        "fr_open_medic": ["dispensing", "packs", "specialities"],
        "synthea": [
            "patients",
            "encounters",
            "conditions",
            "allergies",
            "careplans",
            "claims",
            "claims_transactions",
            "devices",
            "imaging_studies",
            "immunizations",
            "medications",
            "observations",
            "organizations",
            "payer_transitions",
            "payers",
            "procedures",
            "providers",
            "supplies",
        ],
        "uk_epd": ["prescribing", "cost_analysis"],
        "us_sdud": ["utilization"],
        "vocabulary": [
            "concept",
            "concept_relationship",
            "concept_ancestor",
            "concept_synonym",
            "drug_strength",
            "vocabulary",
            "domain",
            "concept_class",
            "relationship",
        ],
    }


@pytest.mark.parametrize(
    ("feed", "entity", "generation"),
    [
        (contract.feed, name, generation.id)
        for contract in CONTRACTS.values()
        for name, entity in contract.entities.items()
        for generation in entity.generations
    ],
)
def test_each_generation_is_recognised_in_any_case_and_order(feed: str, entity: str, generation: str) -> None:
    found = CONTRACTS[feed].entities[entity]
    columns = next(g.columns for g in found.generations if g.id == generation)
    for header in (columns, [f" {c.lower().replace('_', ' ')} " for c in columns], columns[::-1]):
        match = match_header(found, header)
        assert match.generation == generation
        assert (match.unknown, match.missing, match.repeated, match.ambiguous) == ((),) * 4
        assert sorted(match.positions.values()) == list(range(len(columns)))


def test_a_name_that_changed_its_meaning_is_told_apart() -> None:
    epd = CONTRACTS["uk_epd"].entities["prescribing"]
    meanings = {}
    for generation in epd.generations:
        position = generation.columns.index("BNF_CHEMICAL_SUBSTANCE")
        match = match_header(epd, generation.columns)
        meanings[generation.id] = next(c for c, p in match.positions.items() if p == position)
    assert meanings == {
        "2014": "bnf_chemical_substance_code",
        "2020": "bnf_chemical_substance_code",
        "2022": "bnf_chemical_substance_code",
        "2026": "bnf_chemical_substance_name",
    }


def test_header_with_unknown_missing_and_repeated_columns() -> None:
    patients = CONTRACTS["synthea"].entities["patients"]
    header = [c for c in patients.generations[0].columns if c != "GENDER"] + ["gender ", "X", "Gender"]
    match = match_header(patients, header)
    assert match.generation is None
    assert [header[p] for p in match.unknown] == ["X"]
    assert match.repeated == ("gender",)
    assert match_header(patients, header[:-3]).missing == ("gender",)
    assert "income" not in expected_columns(patients)


def test_good_contract_is_good(contract_of: Callable[..., Path]) -> None:
    assert load_contract(contract_of()).entities["sale"].key == ("sale_id",)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("title: Sales", "titel: Sales", "shop.yml:2: titel: found the unknown key 'titel', expected no such key"),
        ("title: Sales of a shop\n", "", "shop.yml:1: (the whole file): found no key 'title', expected that key"),
        (
            "cadence: monthly",
            "cadence: often",
            "shop.yml:6: cadence: found 'often', expected "
            "'daily', 'weekly', 'monthly', 'quarterly', 'yearly' or 'irregular'",
        ),
        (
            "header: true, multiline: false",
            "header: false, multiline: true",
            "shop.yml:11: format.multiline: found true, expected false, because there is no header: records are told by lines",
        ),
        (
            'delimiter: ","',
            "delimiter: null",
            "shop.yml:11: format.delimiter: found null, expected no quote and no header beside it: a record is the whole line",
        ),
        (
            "synonyms: [ID], type: text, required: true",
            "synonyms: [ID], from_file_name: '([0-9]+)', type: text, required: true",
            "shop.yml:21: entities.sale.columns[0]: found 'sale_id', expected synonyms or from_file_name, one of the two",
        ),
        (
            "    key: [sale_id]\n",
            "    key: [sale_id]\n    totals:\n      - {kind: ALL, when: region = 'XX', description: The whole.}\n",
            "shop.yml:27: entities.sale.totals[0].when: found 'region', expected the canonical name of a column of the entity",
        ),
        (
            "    key: [sale_id]\n",
            "    staging: generated\n    key: [sale_id]\n    each_file_is_whole: true\n",
            "shop.yml:14: entities.sale.key_within: found 'feed', expected 'file', because each file holds every row anew",
        ),
        (
            "    key: [sale_id]\n",
            "    staging: generated\n    key: [sale_id]\n    key_within: file\n    each_file_is_whole: true\n"
            "    superseded_by: [sale_id]\n",
            "shop.yml:29: entities.sale.superseded_by: found 'sale_id', expected nothing, because a newer file replaces older ones as a whole",
        ),
        (
            "    key: [sale_id]\n",
            "    key: [sale_id]\n    key_within: file\n    each_file_is_whole: true\n",
            "shop.yml:14: entities.sale.staging: found 'by_hand', expected 'generated', because its base model is what supersedes older files",
        ),
        (
            "delimiter: ','".replace("'", '"'),
            'delimiter: ",,"',
            "shop.yml:11: format.delimiter: found ',,', expected one ASCII character that is not a line end",
        ),
        (
            "escape: '\"'",
            'escape: "\\\\"',
            "shop.yml:11: format.escape: found '\\\\', expected the quote '\"', doubled inside a field; "
            "no other escape is known",
        ),
        (
            "quote: '\"'",
            "quote: null",
            "shop.yml:11: format.escape: found '\"', expected null, because the quote is null: "
            "without quotes nothing is escaped",
        ),
        (
            "quote: '\"', escape: '\"', header: true, multiline: false",
            "quote: null, escape: null, header: true, multiline: true",
            "shop.yml:11: format.multiline: found true, expected false, because the quote is null: "
            "without quotes a record is a line",
        ),
        (
            'null_tokens: [""]',
            'null_tokens: ["-"]',
            "shop.yml:12: null_tokens: found ['-'], expected an empty text among the tokens",
        ),
        (
            "{amount: list}",
            "{price: list}",
            "shop.yml:10: price_bases.price: found 'price', expected the name of a column of the feed",
        ),
        (
            "currency: GBP\n",
            "",
            "shop.yml:1: currency: found null, expected an ISO 4217 code, because price_bases names amounts",
        ),
        (
            "type: text, required",
            "type: strng, required",
            "shop.yml:21: entities.sale.columns[0].type: found 'strng', expected one of text, integer, boolean, "
            "date, date_compact, date_day_first, timestamp, period_month, or decimal(p,s) with 1 <= p <= 38 and s <= p",
        ),
        (
            "decimal(9,2)",
            "decimal(9,12)",
            "shop.yml:24: entities.sale.columns[3].type: found 'decimal(9,12)', expected one of text, integer, "
            "boolean, date, date_compact, date_day_first, timestamp, period_month, or decimal(p,s) with 1 <= p <= 38 and s <= p",
        ),
        (
            "name: sale_id",
            "name: saleId",
            "shop.yml:21: entities.sale.columns[0].name: found 'saleId', expected a name of lower-case letters, "
            "digits and _, beginning with a letter",
        ),
        (
            "name: label",
            "name: code",
            "shop.yml:20: entities.sale.columns: found 'code' 2 times, expected each once",
        ),
        (
            "accepted: [tea, milk]",
            "accepted: []",
            "shop.yml:23: entities.sale.columns[2].accepted: found an empty list, expected at least one item",
        ),
        (
            "accepted: [tea, milk]",
            'accepted: [tea, "", tea]',
            "shop.yml:23: entities.sale.columns[2].accepted: found 'tea' 2 times, expected each once",
        ),
        (
            "columns: [ID, CODE, NAME, AMOUNT]",
            "columns: [ID, CODE, NAME, AMOUNT, COLOUR]",
            "shop.yml:19: entities.sale.generations[1].columns[4]: found 'COLOUR', expected a name that is a "
            "synonym of one of the entity's columns",
        ),
        (
            "columns: [ID, CODE, NAME, AMOUNT]",
            "columns: [ID, NAME, AMOUNT]",
            "shop.yml:19: entities.sale.generations[1].columns: found 'NAME', a synonym of more than one column, "
            "expected names that leave one column for each",
        ),
        (
            "columns: [ID, CODE, NAME, AMOUNT]",
            "columns: [ID, CODE, NAME, id, AMOUNT]",
            "shop.yml:19: entities.sale.generations[1].columns: found more than one name for column sale_id, "
            "expected one name for each column",
        ),
        (
            "columns: [ID, CODE, NAME, AMOUNT]",
            "columns: [LABEL, ID, NAME, AMOUNT]",
            "shop.yml:19: entities.sale.generations[1].columns: found the header of generation 1, "
            "expected a header of its own",
        ),
        (
            "synonyms: [ID]",
            "synonyms: [ID, NUMBER]",
            "shop.yml:21: entities.sale.columns[0].synonyms[1]: found 'NUMBER', expected a name that stands in "
            "at least one generation",
        ),
        (
            "key: [sale_id]",
            "key: [number]",
            "shop.yml:25: entities.sale.key[0]: found 'number', expected the canonical name of a column of the entity",
        ),
        (
            "amount >= 0",
            "price >= 0",
            "shop.yml:27: entities.sale.rules[0].expect: found 'price', expected the canonical name of a column "
            "of the entity",
        ),
        (
            "amount >= 0",
            "amount >= max(amount)",
            "shop.yml:27: entities.sale.rules[0].expect: found 'MAX(amount)', expected an expression on one row, "
            "without subquery, aggregate or window",
        ),
        (
            "amount >= 0",
            "drop table sale",
            "shop.yml:27: entities.sale.rules[0].expect: found 'drop table sale', expected an expression, "
            "not a statement",
        ),
        (
            "amount >= 0",
            "1 = 1",
            "shop.yml:27: entities.sale.rules[0].expect: found '1 = 1', expected a condition on at least one column",
        ),
        (
            "NEGATIVE_AMOUNT",
            "BAD_TYPE",
            "shop.yml:27: entities.sale.rules[0].reason: found 'BAD_TYPE', expected a code that staging does not use",
        ),
        (
            "Nothing is given away.",
            "'Nothing {{ is }} given.'",
            "shop.yml:27: entities.sale.rules[0].description: found 'Nothing {{ is }} given.', expected "
            "no {{, {% or {#, which dbt would evaluate",
        ),
        (
            "feed: shop",
            "feed: store",
            "shop.yml:1: feed: found 'store', expected 'shop', the file's name",
        ),
        (
            "publisher: The shop",
            "feed: shop",
            "shop.yml:3: feed: found the key 'feed' twice, expected each key once",
        ),
        (
            '["*.csv"]',
            '["new/*.csv.gz"]',
            "shop.yml:16: entities.sale.files[0]: found 'new/*.csv.gz', expected a glob on the base name, "
            "without folders and .gz",
        ),
    ],
)
def test_wrong_contract_says_what_and_where(contract_of: Callable[..., Path], old: str, new: str, message: str) -> None:
    path = contract_of(old, new)
    with pytest.raises(ContractError) as caught:
        load_contract(path)
    assert f"{path.parent}/{message}" in caught.value.problems


def test_expression_that_does_not_parse_is_refused(contract_of: Callable[..., Path]) -> None:
    with pytest.raises(ContractError, match=r"shop.yml:27: .*: found 'amount >= \(', expected a SQL expression"):
        load_contract(contract_of("amount >= 0", "amount >= ("))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"feed: [", "shop.yml:1: found text that is not YAML"),
        (b"", "shop.yml:1: found an empty file, expected a feed contract"),
        (b"feed: \xff", "shop.yml: found bytes that are not UTF-8"),
        (b"- a\n", "shop.yml:1: (the whole file): found ['a'], expected keys with values"),
    ],
)
def test_file_that_is_no_contract(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "shop.yml"
    path.write_bytes(content)
    with pytest.raises(ContractError) as caught:
        load_contract(path)
    assert message in str(caught.value)


def test_problems_of_all_files_come_at_once(contract_of: Callable[..., Path]) -> None:
    folder = contract_of("title: Sales of a shop\n", "").parent
    contract_of("cadence: monthly", "cadence: often", name="other.yml")
    with pytest.raises(ContractError) as caught:
        load_contracts(folder)
    assert len(caught.value.problems) == 2
    assert "other.yml:6" in caught.value.problems[0]
    assert "shop.yml:1" in caught.value.problems[1]


def test_folder_without_contracts(tmp_path: Path) -> None:
    with pytest.raises(ContractError, match=r"found no \*\.yml, expected one feed contract a file"):
        load_contracts(tmp_path)


def test_contract_of_the_worked_example_is_sound(tmp_path: Path) -> None:
    """What CONTRIBUTING shows must work when copied."""
    text = (Path(__file__).parents[3] / "CONTRIBUTING.md").read_text(encoding="utf-8")
    (contract,) = [part.split("```")[0] for part in text.split("```yaml\n")[1:]]
    (tmp_path / "example_dispensing.yml").write_text(contract, encoding="utf-8")
    assert list(load_contracts(tmp_path)["example_dispensing"].entities) == ["dispensing"]
