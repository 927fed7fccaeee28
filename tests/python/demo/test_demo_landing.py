"""The landing folder as a whole: the same bytes, whole files, bounded memory, honest counts."""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
import tracemalloc
from collections import Counter
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path

import pytest
import typer
import yaml
from demo_reading import Landing, contents, read, read_bytes
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from rwe.demo import quirks, read_report, write_landing
from rwe.demo.command import land
from rwe.demo.report import REPORT_NAME, FileReport
from rwe.demo.synthea import writer as synthea_writer
from rwe.demo.synthea.columns import VERSIONS
from rwe.feeds import load_contracts
from rwe.feeds.headers import normalise

PROJECT = Path(__file__).parents[3]


def test_same_arguments_give_same_bytes_under_any_hash_seed(tmp_path: Path) -> None:
    write_landing(tmp_path / "here", 15, 4, 7)
    script = (
        "import sys; from pathlib import Path; from rwe.demo import write_landing; "
        "write_landing(Path(sys.argv[1]), 15, 4, 7)"
    )
    for hash_seed in ("0", "4242"):
        folder = tmp_path / hash_seed
        subprocess.run(
            [sys.executable, "-c", script, str(folder)],
            check=True,
            env={**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": str(PROJECT / "src")},
        )
        assert contents(folder) == contents(tmp_path / "here")


@pytest.mark.parametrize("version", VERSIONS)
def test_files_and_faults_are_those_of_the_feed_contracts(version: str, tmp_path: Path) -> None:
    general = {
        quirks.FIELD_COUNT,
        quirks.MISSING_REQUIRED,
        quirks.BAD_TYPE,
        quirks.NOT_ACCEPTED,
        quirks.BAD_PATTERN,
        quirks.DUPLICATE_KEY,
    }
    contracts = {
        feed: yaml.safe_load((PROJECT / f"feeds/{feed}.yml").read_text(encoding="utf-8"))
        for feed in sorted(path.stem for path in (PROJECT / "feeds").glob("*.yml"))
    }
    for entry in write_landing(tmp_path, 2, 4, 1, synthea_version=version).files:
        contract = contracts[entry.feed]["entities"][entry.entity]
        header = read(tmp_path / entry.feed / entry.file_path).header
        generations = {one["id"]: one["columns"] for one in contract["generations"]}
        form = {**contracts[entry.feed]["format"], **contract.get("format", {})}
        published = generations[entry.header_generation] if header else []
        if form["header"]:
            assert [normalise(name) for name in header] == [normalise(name) for name in published], entry.file_path
        else:
            assert len(header) == len(published), entry.file_path
        known = general | {rule["reason"] for rule in contract.get("rules", ())}
        assert set(entry.reasons) <= known, entry.file_path


def test_another_seed_gives_other_patients(tmp_path: Path) -> None:
    for seed in (1, 2):
        write_landing(tmp_path / str(seed), 5, 1, seed)
    one, two = (read(tmp_path / str(seed) / "synthea/patients.csv").records for seed in (1, 2))
    assert not {record[0] for record in one} & {record[0] for record in two}


def test_report_on_disk_is_the_report_returned(landing: Landing) -> None:
    assert read_report(landing.folder) == landing.report


def test_report_missing_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="write them first"):
        read_report(tmp_path)


def test_every_file_is_in_the_report_and_no_other(landing: Landing) -> None:
    written = set(contents(landing.folder)) - {REPORT_NAME}
    assert written == {f"{one.feed}/{one.file_path}" for one in landing.report.files}


@pytest.mark.parametrize("quirky", [True, False])
def test_counts_equal_a_recount_by_the_csv_module(quirky: bool, landing: Landing, clean: Landing) -> None:
    one = landing if quirky else clean
    for entry in one.report.files:
        path = one.folder / entry.feed / entry.file_path
        content = read(path)
        bad = [
            (number, record) for number, record in enumerate(content.records, 1) if len(record) != len(content.header)
        ]
        assert entry.size_bytes == path.stat().st_size, path
        assert entry.sha256 == hashlib.sha256(read_bytes(path)).hexdigest(), path
        assert entry.count_records == len(content.records), path
        assert entry.count_blank_lines == content.blank_lines, path
        assert entry.count_malformed == len(bad), path
        malformed = [x.row_position for x in entry.spoiled if x.reason == quirks.FIELD_COUNT]
        assert malformed == [number for number, _ in bad], path
        assert Counter(x.reason for x in entry.spoiled) == Counter(entry.reasons), path
        if entry.status != "DUPLICATE_FILE":
            assert entry.count_clean == entry.count_records - len(entry.spoiled), path


def _parses(text: str, kind: type) -> bool:
    try:
        if kind is Decimal:
            Decimal(text)
        elif kind is date:
            date.fromisoformat(text)
        else:
            datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ")
    except (ValueError, InvalidOperation):
        return False
    return True


def _reason_of_epd(row: dict[str, str]) -> str | None:
    """What a reader of the data set's description would say is wrong with a whole record."""
    code = row.get("BNF_CODE") or row.get("BNF_PRESENTATION_CODE") or ""
    if not code:
        return quirks.MISSING_REQUIRED
    if not re.fullmatch(r"20\d\d_?(0[1-9]|1[0-2])", row["YEAR_MONTH"]):
        return quirks.BAD_TYPE
    measures = ("QUANTITY", "ITEMS", "TOTAL_QUANTITY", "NIC", "ACTUAL_COST")
    if not all(_parses(row[name], Decimal) for name in measures):
        return quirks.BAD_TYPE
    if not re.fullmatch(r"[0-9A-Z]{11}([0-9A-Z]{4})?", code):
        return quirks.BAD_PATTERN
    if row["UNIDENTIFIED"] not in ("Y", "N"):
        return quirks.NOT_ACCEPTED
    if Decimal(row["TOTAL_QUANTITY"]) != Decimal(row["QUANTITY"]) * Decimal(row["ITEMS"]):
        return quirks.TOTAL_QUANTITY_MISMATCH
    if (len(code) == 11) != (code[:2] in ("20", "21", "22", "23")):
        return quirks.APPLIANCE_CODE_LENGTH
    if not row["PRACTICE_CODE"] and row["UNIDENTIFIED"] == "N":
        return quirks.PRACTICE_UNKNOWN
    if any(Decimal(row[name]) < 0 for name in measures):
        return quirks.NEGATIVE_MEASURE
    return None


def test_epd_reasons_and_totals_equal_an_independent_reading(landing: Landing) -> None:
    nic = cost = quantity = Decimal(0)
    items = records = 0
    for entry in landing.report.files:
        if (entry.feed, entry.entity) != ("uk_epd", "prescribing") or entry.status == "DUPLICATE_FILE":
            continue
        content = read(landing.folder / entry.feed / entry.file_path)
        reasons = Counter({quirks.FIELD_COUNT: entry.count_malformed} if entry.count_malformed else {})
        for row in content.whole():
            reason = _reason_of_epd(row)
            if reason:
                reasons[reason] += 1
                continue
            records += 1
            items += int(row["ITEMS"])
            nic += Decimal(row["NIC"])
            cost += Decimal(row["ACTUAL_COST"])
            quantity += Decimal(row["TOTAL_QUANTITY"])
        assert reasons == Counter(entry.reasons), entry.file_path
    expected = landing.report.expected
    assert (records, items) == (expected.epd_records, expected.epd_items)
    assert nic == Decimal(expected.epd_nic)
    assert cost == Decimal(expected.epd_actual_cost)
    assert quantity == Decimal(expected.epd_total_quantity)
    assert sum(Decimal(month.nic) for month in expected.epd_months) == nic


def _reason_of_synthea(table: str, row: dict[str, str], seen: set[tuple[str, ...]]) -> str | None:
    """What is wrong with a whole record, given the keys of the good records before it."""
    required, first, last, kind = {
        "patients": (("Id", "BIRTHDATE", "GENDER"), "BIRTHDATE", "DEATHDATE", date),
        "encounters": (("Id", "START", "PATIENT", "CODE"), "START", "STOP", datetime),
        "conditions": (("START", "PATIENT", "ENCOUNTER", "CODE"), "START", "STOP", date),
    }[table]
    key = tuple(row[name] for name in (("Id",) if "Id" in row else required))
    if not all(row[name] for name in required):
        return quirks.MISSING_REQUIRED
    if not _parses(row[first], kind) or (row[last] and not _parses(row[last], kind)):
        return quirks.BAD_TYPE
    if not _parses(row.get("TOTAL_CLAIM_COST", "0"), Decimal):
        return quirks.BAD_TYPE
    if not re.fullmatch(
        r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}",
        row.get("Id", row.get("PATIENT", "")),
    ):
        return quirks.BAD_PATTERN
    if row.get("GENDER", "F") not in ("F", "M"):
        return quirks.NOT_ACCEPTED
    if row[last] and row[last] < row[first]:
        return quirks.DEATH_BEFORE_BIRTH if table == "patients" else quirks.STOP_BEFORE_START
    if key in seen:
        return quirks.DUPLICATE_KEY
    seen.add(key)
    return None


def expected_rows(landing: Landing) -> set[str]:
    return {one.entity for one in landing.report.files if one.feed == "synthea"}


def test_synthea_reasons_and_totals_equal_an_independent_reading(landing: Landing) -> None:
    clean_rows: dict[str, list[dict[str, str]]] = {}
    for table in expected_rows(landing) - {"patients", "encounters", "conditions"}:
        entry = landing.report.file("synthea", f"{table}.csv")
        assert entry.count_clean == landing.report.expected.patient_rows[table] > 0, table
    for table in ("patients", "encounters", "conditions"):
        entry = landing.report.file("synthea", f"{table}.csv")
        reasons = Counter({quirks.FIELD_COUNT: entry.count_malformed})
        seen: set[tuple[str, ...]] = set()
        clean_rows[table] = []
        for row in read(landing.folder / "synthea" / entry.file_path).whole():
            reason = _reason_of_synthea(table, row, seen)
            if reason:
                reasons[reason] += 1
            else:
                clean_rows[table].append(row)
        assert reasons == Counter(entry.reasons), table
    expected = landing.report.expected
    assert len(clean_rows["patients"]) == expected.persons == 120
    assert sum(bool(row["DEATHDATE"]) for row in clean_rows["patients"]) == expected.deaths
    assert len(clean_rows["encounters"]) == expected.encounters
    assert len(clean_rows["conditions"]) == expected.conditions
    assert Counter(row["CODE"] for row in clean_rows["encounters"]) == expected.encounter_codes
    assert Counter(row["CODE"] for row in clean_rows["conditions"]) == expected.condition_codes


def test_spoiled_records_stand_where_the_report_says(landing: Landing) -> None:
    in_utf8 = {
        feed for feed, contract in load_contracts(PROJECT / "feeds").items() if contract.format.encoding == "UTF-8"
    }
    spoiled = [entry for entry in landing.report.files if entry.spoiled and entry.feed in in_utf8]
    assert {entry.feed for entry in spoiled} >= {"synthea", "uk_epd"}
    for entry in spoiled:
        path = landing.folder / entry.feed / entry.file_path
        lines = read_bytes(path).decode("utf-8").splitlines()
        content = read(path)
        for one in entry.spoiled:
            record = content.records[one.row_position - 1]
            first = next(field for field in record if field)
            assert first in lines[one.line_number - 1]
            if one.reason == quirks.MISSING_REQUIRED:
                assert record[content.header.index(one.column)] == ""


def test_faults_are_few_and_do_not_grow(landing: Landing, tmp_path: Path) -> None:
    def reasons(files: tuple[FileReport, ...]) -> list[tuple[str, dict[str, int]]]:
        return [(one.file_path, one.reasons) for one in files]

    larger = write_landing(tmp_path, 300, 6, 2)
    assert reasons(larger.files) == reasons(landing.report.files)
    assert max(len(one.spoiled) for one in larger.files) < 10


def test_whole_file_faults(landing: Landing) -> None:
    folder = landing.folder / "uk_epd"
    assert (folder / "EPD_201709_resent.csv").read_bytes() == (folder / "EPD_201709.csv").read_bytes()
    by_status = {
        status: [one.file_path for one in landing.report.files if one.status == status]
        for status in ("DUPLICATE_FILE", "HEADER_ONLY", "EMPTY_FILE")
    }
    assert by_status == {
        "DUPLICATE_FILE": ["EPD_201709_resent.csv"],
        "HEADER_ONLY": ["EPD_202507.csv"],
        "EMPTY_FILE": ["EPD_202508.csv"],
    }
    assert (folder / "EPD_202508.csv").stat().st_size == 0
    assert len((folder / "EPD_202507.csv").read_text(encoding="utf-8").splitlines()) == 1
    conditions = (landing.folder / "synthea/conditions.csv").read_bytes()
    assert not conditions.endswith(b"\n")


def test_without_quirks_nothing_is_spoiled_and_the_rest_is_the_same(clean: Landing, landing: Landing) -> None:
    assert clean.report.expected == landing.report.expected
    assert {one.status for one in clean.report.files} == {"LOADED"}
    assert not any(one.spoiled or one.count_blank_lines for one in clean.report.files)
    for entry in clean.report.files:
        spoiled_entry = landing.report.file(entry.feed, entry.file_path)
        gone = {one.row_position for one in spoiled_entry.spoiled}
        with_faults = read(landing.folder / entry.feed / entry.file_path).records
        kept = [record for number, record in enumerate(with_faults, 1) if number not in gone]
        assert kept == read(clean.folder / entry.feed / entry.file_path).records


def test_interrupted_run_leaves_no_half_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = synthea_writer.history

    def stop_at_five(seed: int, index: int) -> object:
        if index == 5:
            raise KeyboardInterrupt
        return real(seed, index)

    monkeypatch.setattr(synthea_writer, "history", stop_at_five)
    with pytest.raises(KeyboardInterrupt):
        write_landing(tmp_path, 10, 1, 1)
    left = contents(tmp_path)
    assert not any("partial" in name or name.startswith("synthea/") for name in left)
    assert REPORT_NAME not in left


def test_writing_again_removes_only_what_the_earlier_landing_wrote(tmp_path: Path) -> None:
    write_landing(tmp_path, 5, 4, 1)
    own_file = tmp_path / "uk_epd" / "mine.csv"
    own_file.write_text("mine\n")
    outside = tmp_path.parent / "outside.csv"
    outside.write_text("outside\n")
    report = json.loads((tmp_path / REPORT_NAME).read_text())
    report["files"].append({"feed": "..", "file_path": "outside.csv"})
    (tmp_path / REPORT_NAME).write_text(json.dumps(report))
    write_landing(tmp_path, 5, 1, 1)
    months = sorted(path.name for path in (tmp_path / "uk_epd").glob("EPD_*"))
    assert months == [
        "EPD_201709.csv.gz",
        "EPD_201709_resent.csv.gz",
        "EPD_201710.csv",
        "EPD_201711.csv",
    ]
    assert own_file.exists()
    assert outside.exists()


@pytest.mark.parametrize(
    ("patients", "months", "version", "message"),
    [
        (0, 1, "3.0", "patients is 0, expected 1 or more"),
        (1, 0, "3.0", "months is 0, expected 1 to 96"),
        (1, 97, "3.0", "months is 97, expected 1 to 96"),
        (1, 1, "2.7", "expected one of 3.0, 3.1, 3.2, 3.3"),
    ],
)
def test_arguments_out_of_range_write_nothing(
    patients: int, months: int, version: str, message: str, tmp_path: Path
) -> None:
    folder = tmp_path / "new"
    with pytest.raises(ValueError, match=re.escape(message)):
        write_landing(folder, patients, months, 1, synthea_version=version)
    assert not folder.exists()


@settings(max_examples=15, deadline=None)
@given(patients=st.integers(1, 12), months=st.integers(1, 9), seed=st.integers(0, 2**40))
def test_any_small_landing_accounts_for_every_record(
    patients: int, months: int, seed: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("any")
    report = write_landing(folder, patients, months, seed)
    assert report.expected.persons == patients
    for entry in report.files:
        content = read(folder / entry.feed / entry.file_path)
        assert entry.count_records == len(content.records)
        assert entry.count_malformed == entry.count_records - len(content.whole())
        assert sum(entry.reasons.values()) == len(entry.spoiled)
    for table, faults in synthea_writer.FAULTS.items():
        truncated = table in synthea_writer.TRUNCATED
        assert len(report.file("synthea", f"{table}.csv").spoiled) == len(faults) + truncated


def test_memory_does_not_grow_with_patients(tmp_path: Path) -> None:
    def peak(patients: int) -> int:
        tracemalloc.start()
        write_landing(tmp_path / str(patients), patients, 1, 1)
        found = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return found

    peak(50)
    few, many = peak(100), peak(800)
    assert many < few + 500_000


def test_progress_is_told_to_the_end(tmp_path: Path) -> None:
    told: list[tuple[str, int, int]] = []
    write_landing(tmp_path, 3, 2, 1, progress=lambda *step: told.append(step))
    assert told[-1] == ("patients", 3, 3)
    assert ("EPD months", 2, 2) in told


def test_command_writes_and_sums_up(tmp_path: Path) -> None:
    app = typer.Typer()
    app.command()(land)
    arguments = ["--patients", "4", "--months", "1", "--seed", "3", "--out", str(tmp_path)]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0, result.output
    assert "4 persons" in result.output
    assert read_report(tmp_path).seed == 3
    refused = CliRunner().invoke(app, ["--months", "97", "--out", str(tmp_path / "no")])
    assert refused.exit_code == 2
    assert not (tmp_path / "no").exists()
