"""The Data Quality Dashboard's checks: each way of counting finds the faults of a table that has them."""

from __future__ import annotations

import importlib.util
import re
import sys
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from types import ModuleType

import pytest
from pyspark.sql import SparkSession

ROOT = Path(__file__).parents[3]
pytestmark = pytest.mark.spark


@pytest.fixture(scope="module")
def dqd() -> ModuleType:
    """The tool."""
    spec = importlib.util.spec_from_file_location("dqd", ROOT / "tools/omop/dqd.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["dqd"] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def spark() -> Iterator[SparkSession]:
    """A session with the tables of a small CDM, each fault once."""
    session = (
        SparkSession.builder.master("local[1]")
        .config("spark.ui.enabled", "false")
        .config("spark.driver.memory", "1g")
        # The quick compiler's own 48 MB are full after some dozen tests.
        .config("spark.driver.extraJavaOptions", "-XX:ReservedCodeCacheSize=256m")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.sql.shuffle.partitions", "1")
        .config("spark.sql.session.timeZone", "UTC")
        .getOrCreate()
    )
    tables = {
        "person": (
            "person_id bigint, gender_concept_id int, birth_datetime timestamp, year_of_birth int, month_of_birth int, "
            "day_of_birth int",
            [
                (1, 8507, datetime(1980, 1, 1), 1980, 1, 1),
                (2, 8532, None, 1990, None, None),
                (3, 8532, datetime(2000, 1, 1), 2000, 1, 1),
            ],
        ),
        "death": ("person_id bigint, death_date date", [(1, date(2020, 1, 1))]),
        "visit_occurrence": (
            "visit_occurrence_id bigint, visit_start_date date, visit_end_date date",
            [(11, date(2019, 5, 10), date(2019, 5, 12))],
        ),
        "condition_occurrence": (
            "condition_occurrence_id bigint, person_id bigint, visit_occurrence_id bigint, condition_concept_id int, "
            "condition_source_value string, condition_start_date date, condition_end_date date, quantity int",
            [
                (1, 1, 11, 5, "a", date(2019, 5, 10), date(2019, 5, 12), 1),
                # the key again, no visit, ends before it starts, before birth of person 2 (1 January 1990)
                (1, 2, None, 6, "b", date(1989, 12, 31), date(1989, 12, 30), 0),
                # 61 days after death, nine days after the visit's end, no end, nothing in quantity
                (2, 1, 11, 0, "c", date(2020, 3, 2), None, None),
                # nobody, and a visit that is not there
                (3, 9, 99, None, None, date(1949, 12, 31), date(2019, 1, 1), 400),
            ],
        ),
    }
    for name, (schema, rows) in tables.items():
        session.createDataFrame(rows, schema).createOrReplaceTempView(name)
    yield session
    session.stop()


def row(name: str, field: str, **more: str) -> dict[str, str]:
    """A row of the dashboard's list of fields with one check switched on."""
    return {"cdmTableName": "CONDITION_OCCURRENCE", "cdmFieldName": field, name: "Yes", **more}


EXPECTED = {
    "isRequired": (row("isRequired", "quantity"), (1, 4)),
    "measureValueCompleteness": (row("measureValueCompleteness", "condition_end_date"), (1, 4)),
    "isPrimaryKey": (row("isPrimaryKey", "condition_occurrence_id"), (1, 4)),
    "isForeignKey": (row("isForeignKey", "visit_occurrence_id", fkTableName="VISIT_OCCURRENCE"), (1, 4)),
    "plausibleValueLow": (row("", "condition_start_date", plausibleValueLow="'19500101'"), (1, 4)),
    "plausibleValueHigh": (row("", "quantity", plausibleValueHigh="365"), (1, 3)),
    "plausibleTemporalAfter": (
        row(
            "plausibleTemporalAfter",
            "condition_end_date",
            plausibleTemporalAfterTableName="CONDITION_OCCURRENCE",
            plausibleTemporalAfterFieldName="CONDITION_START_DATE",
        ),
        (1, 4),
    ),
    "plausibleDuringLife": (row("plausibleDuringLife", "condition_start_date"), (1, 2)),
    "plausibleBeforeDeath": (row("plausibleBeforeDeath", "condition_end_date"), (0, 1)),
    "plausibleAfterBirth": (row("plausibleAfterBirth", "condition_start_date"), (1, 4)),
    "withinVisitDates": (row("withinVisitDates", "condition_start_date"), (1, 2)),
    "plausibleStartBeforeEnd": (
        row("plausibleStartBeforeEnd", "condition_start_date", plausibleStartBeforeEndFieldName="CONDITION_END_DATE"),
        (1, 4),
    ),
    "measurePersonCompleteness": (row("measurePersonCompleteness", ""), (1, 3)),
}
"""Check to the row that switches it on, what is wrong and among how many; counted by hand."""


def test_every_way_of_counting_is_tested(dqd: ModuleType) -> None:
    assert set(EXPECTED) == set(dqd.COUNTERS)


def test_one_pass_finds_each_fault(dqd: ModuleType, spark: SparkSession) -> None:
    one = dqd.Pass("condition_occurrence")
    wanted = {}
    for name, (about_field, counts) in EXPECTED.items():
        level = "TABLE" if name == "measurePersonCompleteness" else "FIELD"
        check = dqd.Check({"checkName": name, "checkLevel": level}, about_field)
        one.add(check)
        wanted[check.id] = counts
    keys = ",\n\n".join(dqd.keys_of(table) for table in ("person", "visit_occurrence"))
    text = f"with\n\n{keys},\n\n{one.sql()}\n\nselect * from condition_occurrence_counted"
    found = spark.sql(re.sub(r"\{\{ ref\('(\w+)'\) \}\}", r"\1", text)).collect()
    assert {one.check_id: (one.count_violated, one.count_rows) for one in found} == wanted


def test_concepts_are_counted_with_source_value_and_gender(dqd: ModuleType, spark: SparkSession) -> None:
    text = (
        "with person_genders as (select person_id, gender_concept_id from person), "
        + dqd.concepts_of("condition_occurrence", {"condition_concept_id": "condition_source_value"})
        + " select * from condition_occurrence_concepts"
    )
    found = spark.sql(re.sub(r"\{\{ ref\('(\w+)'\) \}\}", r"\1", text)).collect()
    assert sorted((str(one.concept_id), one.source_value, one.gender_concept_id) for one in found) == [
        ("0", "c", 8507),
        ("5", "a", 8507),
        ("6", "b", 8532),
        ("None", None, None),
    ]


def test_the_checks_are_those_of_the_dashboard() -> None:
    """2,535 for the CDM 5.4, of all 27 kinds, each once; what rows answer is counted."""
    listed = (ROOT / "models/marts/quality/dqd_checks.sql").read_text(encoding="utf-8")
    checks = re.findall(r"^ +\('(\w+)', '(\w+)', .*, '(SCHEMA|ROWS|CONCEPTS)', .*D\),?$", listed, re.MULTILINE)
    assert len(checks) == len({identifier for identifier, _, _ in checks}) == 2_535
    assert len({name for _, name, _ in checks}) == 27
    counted = (ROOT / "models/marts/quality/dqd_counts.sql").read_text(encoding="utf-8")
    for identifier, _, source in checks:
        assert (f"'{identifier}'" in counted) == (source == "ROWS"), identifier
