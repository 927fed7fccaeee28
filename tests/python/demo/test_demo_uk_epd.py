"""The EPD files: published headers, every generation, money and codes."""

from __future__ import annotations

from collections import Counter
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from demo_reading import Landing, read, read_bytes
from hypothesis import given
from hypothesis import strategies as st

from rwe.demo import write_landing
from rwe.demo.numerals import fixed, plain
from rwe.demo.report import FileReport
from rwe.demo.uk_epd.columns import GENERATIONS, month_after, plan
from rwe.demo.uk_epd.writer import presentations

OLD = (
    "YEAR_MONTH,REGIONAL_OFFICE_NAME,REGIONAL_OFFICE_CODE,{area}_NAME,{area}_CODE,PCO_NAME,PCO_CODE,"
    "PRACTICE_NAME,PRACTICE_CODE,ADDRESS_1,ADDRESS_2,ADDRESS_3,ADDRESS_4,POSTCODE,"
    "BNF_CHEMICAL_SUBSTANCE,CHEMICAL_SUBSTANCE_BNF_DESCR,BNF_CODE,BNF_DESCRIPTION,"
    "BNF_CHAPTER_PLUS_CODE,QUANTITY,ITEMS,TOTAL_QUANTITY,ADQUSAGE,NIC,ACTUAL_COST,UNIDENTIFIED"
)
NEW = (
    "YEAR_MONTH,REGIONAL_OFFICE_NAME,REGIONAL_OFFICE_CODE,ICB_NAME,ICB_CODE,PCO_NAME,PCO_CODE,"
    "PRACTICE_NAME,PRACTICE_CODE,ADDRESS_1,ADDRESS_2,ADDRESS_3,ADDRESS_4,POSTCODE,"
    "BNF_CHEMICAL_SUBSTANCE_CODE,BNF_CHEMICAL_SUBSTANCE,BNF_PRESENTATION_CODE,"
    "BNF_PRESENTATION_NAME,BNF_CHAPTER_PLUS_CODE,QUANTITY,ITEMS,TOTAL_QUANTITY,ADQ_USAGE,NIC,"
    "ACTUAL_COST,UNIDENTIFIED,SNOMED_CODE"
)
HEADERS = {
    "2014": OLD.format(area="AREA_TEAM"),
    "2020": OLD.format(area="STP"),
    "2022": OLD.format(area="ICB"),
    "2026": NEW,
}


def _is_epd(entry: FileReport) -> bool:
    return (entry.feed, entry.entity) == ("uk_epd", "prescribing")


def test_headers_are_the_published_ones(landing: Landing) -> None:
    seen = set()
    for entry in landing.report.files:
        if _is_epd(entry) and entry.header_generation:
            text = read_bytes(landing.folder / "uk_epd" / entry.file_path).decode("utf-8")
            assert text.splitlines()[0] == HEADERS[entry.header_generation]
            seen.add(entry.header_generation)
    assert seen == set(HEADERS)


@given(months=st.integers(1, 96))
def test_any_plan_has_so_many_months_in_order(months: int) -> None:
    planned = plan(months)
    assert len({month for month, _ in planned}) == months
    assert [month for month, _ in planned] == sorted(month for month, _ in planned)
    used = {generation.id for _, generation in planned}
    assert len(used) == min(months, len(GENERATIONS))
    assert months < 3 or {"2014", "2022", "2026"} <= used


def test_months_are_written_as_their_time_wrote_them(clean: Landing) -> None:
    texts = {
        entry.file_path: {row["YEAR_MONTH"] for row in _rows(clean, entry.file_path)}
        for entry in clean.report.files
        if _is_epd(entry)
    }
    assert texts == {
        "EPD_201709.csv": {"2017_09"},
        "EPD_201710.csv.gz": {"2017_10"},
        "EPD_202006.csv": {"202006"},
        "EPD_202007.csv": {"202007"},
        "EPD_202210.csv": {"202210"},
        "EPD_202506.csv.gz": {"202506"},
    }


def _rows(landing: Landing, file_path: str) -> list[dict[str, str]]:
    return read(landing.folder / "uk_epd" / file_path).whole()


def test_rows_have_the_shapes_of_the_data_set(clean: Landing) -> None:
    rows = _rows(clean, "EPD_201709.csv")
    keys = Counter((row["PRACTICE_NAME"], row["BNF_CODE"]) for row in rows)
    assert max(keys.values()) > 1
    assert {len(row["BNF_CODE"]) for row in rows} == {11, 15}
    assert {row["UNIDENTIFIED"] for row in rows} == {"Y", "N"}
    assert {row["PRACTICE_CODE"] for row in rows if row["UNIDENTIFIED"] == "Y"} == {"-"}
    assert any("," in row["AREA_TEAM_NAME"] for row in rows)
    assert any('"' in row["PRACTICE_NAME"] for row in rows)
    assert any(not row["PRACTICE_NAME"].isascii() for row in rows)
    assert any(Decimal(row["ADQUSAGE"]) == 0 for row in rows)
    assert any("." in row["QUANTITY"].removesuffix(".0") for row in rows)
    for row in rows:
        nic, cost = Decimal(row["NIC"]), Decimal(row["ACTUAL_COST"])
        assert nic > 0
        assert cost > 0
        assert cost < nic + Decimal("0.02") * int(row["ITEMS"])
    newest = _rows(clean, "EPD_202506.csv.gz")
    assert {len(row["SNOMED_CODE"]) for row in newest} == {18}
    assert all(int(float(row["SNOMED_CODE"])) != int(row["SNOMED_CODE"]) for row in newest[:1])
    assert "Omeprazole" in {row["BNF_CHEMICAL_SUBSTANCE"] for row in newest}


def test_line_ends_and_compression(landing: Landing) -> None:
    with_cr = {
        entry.file_path
        for entry in landing.report.files
        if _is_epd(entry) and b"\r" in read_bytes(landing.folder / entry.feed / entry.file_path)
    }
    assert with_cr == {"EPD_202007.csv"}
    data = read_bytes(landing.folder / "uk_epd/EPD_202007.csv")
    assert data.count(b"\n") == data.count(b"\r\n")
    compressed = (landing.folder / "uk_epd/EPD_202506.csv.gz").read_bytes()
    assert compressed[3:8] == bytes(5), "no file name and no time in the gzip header"


@pytest.mark.parametrize("months", [1, 2, 3])
def test_few_months_have_a_compressed_file_and_the_faulty_ones(months: int, tmp_path: Path) -> None:
    report = write_landing(tmp_path, 2, months, 1)
    epd = [entry for entry in report.files if _is_epd(entry)]
    assert len(epd) == months + 3
    assert any(entry.file_path.endswith(".gz") for entry in epd)
    assert len(report.expected.epd_months) == months


def test_presentations_are_well_formed() -> None:
    items = presentations()
    assert len({item.bnf_code for item in items}) == len({item.snomed_code for item in items}) == len(items)
    for item in items:
        is_appliance = item.bnf_code[:2] in ("20", "21", "22", "23")
        assert len(item.bnf_code) == (11 if is_appliance else 15)
        assert item.bnf_code.startswith(item.substance_code)
        assert item.chapter.startswith(item.bnf_code[:2])
        assert _is_snomed(item.snomed_code)
    assert {item.is_brand for item in items} == {True, False}


def _is_snomed(code: str) -> bool:
    """18 digits whose last is the check digit of Verhoeff's scheme (dihedral group of order 10)."""

    def product(a: int, b: int) -> int:
        if a < 5:
            return (a + b) % 5 if b < 5 else (a + b - 5) % 5 + 5
        return (a - b) % 5 + 5 if b < 5 else (a - b) % 5

    permutation = (1, 5, 7, 6, 2, 8, 3, 0, 9, 4)
    check = 0
    for place, digit in enumerate(reversed(code)):
        value = int(digit)
        for _ in range(place % 8):
            value = permutation[value]
        check = product(check, value)
    return len(code) == 18 and check == 0


@given(number=st.integers(0, 10**12), places=st.integers(1, 6))
def test_decimals_are_exact(number: int, places: int) -> None:
    assert Decimal(fixed(number, places)) == Decimal(number).scaleb(-places)
    assert Decimal(plain(number, places)) == Decimal(number).scaleb(-places)
    assert not plain(number, places).endswith(".")


@given(count=st.integers(0, 500))
def test_months_after(count: int) -> None:
    found = month_after(date(2017, 9, 1), count)
    assert (found.year - 2017) * 12 + found.month - 9 == count
