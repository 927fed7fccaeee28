"""Condition eras: the rule on tiny frames, a plain loop on thousands of histories, stable ids."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from pyspark.sql import DataFrame, SparkSession

SCHEMA = (
    "condition_occurrence_id bigint, person_id bigint, condition_concept_id int, "
    "condition_start_date date, condition_end_date date"
)
ERA_SCHEMA = [
    ("condition_era_id", "bigint"),
    ("person_id", "bigint"),
    ("condition_concept_id", "int"),
    ("condition_era_start_date", "date"),
    ("condition_era_end_date", "date"),
    ("condition_occurrence_count", "int"),
]
pytestmark = pytest.mark.spark

Occurrence = tuple[int, int, int, date, date | None]
Era = tuple[int, int, date, date, int]
FIRST_DAY = date(2020, 1, 1)


def day(number: int) -> date:
    """The day so many days after the first."""
    return FIRST_DAY + timedelta(days=number)


@pytest.fixture(scope="module")
def eras_model(load_model: Callable[[str], ModuleType]) -> ModuleType:
    """The model's module."""
    return load_model("intermediate/omop/int_omop__condition_eras_merged.py")


@pytest.fixture(scope="module")
def eras_of(spark: SparkSession, eras_model: ModuleType) -> Callable[[Iterable[Occurrence]], list[Era]]:
    """Run the model's `transform` on occurrences; the eras without their ids, sorted."""

    def run(occurrences: Iterable[Occurrence]) -> list[Era]:
        frame = eras_model.transform(spark.createDataFrame(list(occurrences), SCHEMA))
        return sorted(tuple(row)[1:] for row in frame.collect())

    return run


def plain_eras(occurrences: Iterable[Occurrence], persistence_days: int = 30) -> list[Era]:
    """The rule as a loop over one person's and concept's occurrences at a time."""
    histories: dict[tuple[int, int], list[tuple[date, date]]] = {}
    for _, person, concept, start, end in occurrences:
        last = start + timedelta(days=1) if end is None else end
        if concept != 0 and last >= start:
            histories.setdefault((person, concept), []).append((start, last))
    eras: list[Era] = []
    for (person, concept), spans in histories.items():
        spans.sort()
        first, last, count = spans[0][0], spans[0][1], 1
        for start, end in spans[1:]:
            if (start - last).days <= persistence_days:
                last, count = max(last, end), count + 1
            else:
                eras.append((person, concept, first, last, count))
                first, last, count = start, end, 1
        eras.append((person, concept, first, last, count))
    return sorted(eras)


def random_occurrences(seed: int, persons: int) -> list[Occurrence]:
    """Histories full of ties, open ends, long spans over short ones and gaps of 29 to 32 days."""
    draw = random.Random(seed)
    occurrences: list[Occurrence] = []
    for person in range(persons):
        for concept in draw.sample([0, 7, 8, 9], k=2):
            at = draw.randrange(400)
            for _ in range(draw.randrange(1, 9)):
                length = draw.choice([None, 0, 0, 1, 5, 14, 90, -3])
                end = None if length is None else day(at + length)
                occurrences.append((len(occurrences), person, concept, day(at), end))
                at += draw.choice([0, 0, 1, 28, 29, 30, 31, 32, 33, 44, 45, 46, 120])
    draw.shuffle(occurrences)
    return occurrences


@pytest.mark.parametrize(("gap", "count_eras"), [(0, 1), (29, 1), (30, 1), (31, 2), (32, 2)])
def test_a_gap_of_thirty_days_merges_and_of_thirty_one_splits(
    eras_of: Callable[[Iterable[Occurrence]], list[Era]], gap: int, count_eras: int
) -> None:
    """The gap runs from the end of one occurrence to the start of the next."""
    found = eras_of([(1, 1, 7, day(0), day(10)), (2, 1, 7, day(10 + gap), day(12 + gap))])
    assert len(found) == count_eras
    assert sum(era[4] for era in found) == 2


def test_an_occurrence_without_an_end_lasts_to_the_day_after_its_start(
    eras_of: Callable[[Iterable[Occurrence]], list[Era]],
) -> None:
    """So the next one merges up to 31 days after the start, and not on the 32nd."""
    assert eras_of([(1, 1, 7, day(0), None)]) == [(1, 7, day(0), day(1), 1)]
    assert len(eras_of([(1, 1, 7, day(0), None), (2, 1, 7, day(31), day(31))])) == 1
    assert len(eras_of([(1, 1, 7, day(0), None), (2, 1, 7, day(32), day(32))])) == 2


def test_a_short_occurrence_inside_a_long_one_does_not_end_the_era(
    eras_of: Callable[[Iterable[Occurrence]], list[Era]],
) -> None:
    """The running maximum of the ends counts, not the end of the row before."""
    found = eras_of([(1, 1, 7, day(0), day(200)), (2, 1, 7, day(5), day(6)), (3, 1, 7, day(230), day(231))])
    assert found == [(1, 7, day(0), day(231), 3)]


def test_persons_and_concepts_do_not_mix(
    eras_of: Callable[[Iterable[Occurrence]], list[Era]],
) -> None:
    """Each has its own eras."""
    found = eras_of([(n, n % 2, 7 + n // 2, day(n), day(n)) for n in range(4)])
    assert len(found) == 4


def test_concept_zero_and_reversed_dates_make_no_era(
    eras_of: Callable[[Iterable[Occurrence]], list[Era]],
) -> None:
    """They are counted elsewhere."""
    assert eras_of([(1, 1, 0, day(0), day(10)), (2, 1, 7, day(10), day(9))]) == []


def test_twenty_thousand_histories_agree_with_the_plain_loop(
    eras_of: Callable[[Iterable[Occurrence]], list[Era]],
) -> None:
    """Two concepts a person, of which a quarter is concept 0; in one job."""
    occurrences = random_occurrences(1, persons=14_000)
    assert len({(person, concept) for _, person, concept, *_ in occurrences if concept != 0}) > 20_000
    assert eras_of(occurrences) == plain_eras(occurrences)


def test_shuffled_input_gives_the_same_rows_and_ids(spark: SparkSession, eras_model: ModuleType) -> None:
    """Order and partitions of the input leave no trace."""
    occurrences = random_occurrences(3, persons=200)

    def rows(given: list[Occurrence], partitions: int) -> list[Any]:
        frame = spark.createDataFrame(given, SCHEMA).repartition(partitions)
        return sorted(eras_model.transform(frame).collect())

    shuffled = random.Random(4).sample(occurrences, k=len(occurrences))
    assert rows(occurrences, 1) == rows(shuffled, 3)


def test_ids_are_positive_and_differ(spark: SparkSession, eras_model: ModuleType) -> None:
    """One id an era."""
    frame = eras_model.transform(spark.createDataFrame(random_occurrences(5, persons=2_000), SCHEMA))
    ids = [row.condition_era_id for row in frame.select("condition_era_id").collect()]
    assert len(set(ids)) == len(ids)
    assert min(ids) >= 0


def test_the_schema_is_the_published_one(spark: SparkSession, eras_model: ModuleType) -> None:
    """Names, types and order; an empty input gives an empty table."""
    frame = eras_model.transform(spark.createDataFrame([], SCHEMA))
    assert frame.dtypes == ERA_SCHEMA
    assert frame.count() == 0


def test_the_id_is_that_of_the_sql_macro(
    spark: SparkSession, eras_model: ModuleType, hash_id: Callable[[str, list[str]], str]
) -> None:
    """Python and SQL hash one natural key to one id, missing parts included."""
    expression = hash_id("condition_era", ["person", "concept", "start"])
    keys = spark.createDataFrame(
        [(1, 7, day(0)), (None, 7, day(0)), (7, None, day(0)), (-1, 0, None)],
        "person bigint, concept int, start date",
    )
    both = keys.select(eras_model.hash_id("condition_era", "person", "concept", "start").alias("in_python"))
    in_sql = keys.selectExpr(f"{expression} as in_sql")
    found = [row.in_python for row in both.collect()]
    assert found == [row.in_sql for row in in_sql.collect()]
    assert len(set(found)) == 4


def test_model_builds_a_table_from_the_published_occurrences(spark: SparkSession, eras_model: ModuleType) -> None:
    """What dbt calls: the configuration, and the one table it reads."""
    configured: dict[str, Any] = {}
    read: list[str] = []

    def ref(name: str) -> DataFrame:
        read.append(name)
        return spark.createDataFrame([(1, 1, 7, day(0), day(10))], SCHEMA)

    dbt = SimpleNamespace(config=lambda **given: configured.update(given), ref=ref)
    eras = eras_model.model(dbt, spark).collect()
    assert [tuple(era)[1:] for era in eras] == [(1, 7, day(0), day(10), 1)]
    assert read == ["condition_occurrence"]
    assert configured == {"materialized": "table"}
