"""Drug eras: the rule on tiny frames, a plain loop on 20,000 histories, gap days, stable ids."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from pyspark.sql import DataFrame, SparkSession

EXPOSURES = (
    "drug_exposure_id bigint, person_id bigint, drug_concept_id int, drug_exposure_start_date date, "
    "drug_exposure_end_date date, days_supply int"
)
ANCESTORS = "ancestor_concept_id int, descendant_concept_id int"
CONCEPTS = "concept_id int, concept_class_id string, vocabulary_id string, standard_concept string"
ERA_SCHEMA = [
    ("drug_era_id", "bigint"),
    ("person_id", "bigint"),
    ("drug_concept_id", "int"),
    ("drug_era_start_date", "date"),
    ("drug_era_end_date", "date"),
    ("drug_exposure_count", "int"),
    ("gap_days", "int"),
]
INGREDIENTS = {11: [1], 12: [1, 2], 2: [2], 13: [3]}
"""Drug to its ingredients: a single drug, a combination, an ingredient by itself, and a third."""

CONCEPT_ROWS = [(n, "Ingredient", "RxNorm", "S") for n in (1, 2, 3)] + [
    (11, "Clinical Drug", "RxNorm", "S"),
    (12, "Clinical Drug", "RxNorm", "S"),
    (13, "Clinical Drug", "RxNorm", "S"),
    # a class, an ingredient that is not standard, and one of another vocabulary
    (20, "ATC 5th", "ATC", "C"),
    (21, "Ingredient", "RxNorm", None),
    (22, "Ingredient", "HemOnc", "S"),
]
ANCESTOR_ROWS = [(above, drug) for drug, all_above in INGREDIENTS.items() for above in all_above] + [
    (20, 11), (21, 11), (22, 11), (11, 11), (12, 12), (99, 99),
]  # fmt: skip
pytestmark = pytest.mark.spark

Exposure = tuple[int, int, int, date, date | None, int | None]
Era = tuple[int, int, date, date, int, int]
FIRST_DAY = date(2020, 1, 1)


def day(number: int) -> date:
    """The day so many days after the first."""
    return FIRST_DAY + timedelta(days=number)


@pytest.fixture(scope="module")
def eras_model(load_model: Callable[[str], ModuleType]) -> ModuleType:
    """The model's module."""
    return load_model("intermediate/omop/int_omop__drug_eras_merged.py")


@pytest.fixture(scope="module")
def vocabulary(spark: SparkSession) -> tuple[DataFrame, DataFrame]:
    """Ancestors and concepts."""
    return spark.createDataFrame(ANCESTOR_ROWS, ANCESTORS), spark.createDataFrame(CONCEPT_ROWS, CONCEPTS)


@pytest.fixture(scope="module")
def eras_of(
    spark: SparkSession, eras_model: ModuleType, vocabulary: tuple[DataFrame, DataFrame]
) -> Callable[[Iterable[Exposure]], list[Era]]:
    """Run the model's `transform` on exposures; the eras without their ids, sorted."""

    def run(exposures: Iterable[Exposure]) -> list[Era]:
        frame = eras_model.transform(spark.createDataFrame(list(exposures), EXPOSURES), *vocabulary)
        return sorted(tuple(row)[1:] for row in frame.collect())

    return run


def plain_eras(exposures: Iterable[Exposure], persistence_days: int = 30) -> list[Era]:
    """The rule as a loop over the sorted spans of one person and ingredient at a time."""
    histories: dict[tuple[int, int], list[tuple[date, date]]] = {}
    for _, person, drug, start, end, days in exposures:
        if days is not None and days < 0:
            continue
        last = end
        if last is None:
            last = start + timedelta(days=days) if days else start + timedelta(days=1)
        if last < start:
            continue
        for ingredient in INGREDIENTS.get(drug, []):
            histories.setdefault((person, ingredient), []).append((start, last))
    eras: list[Era] = []
    for (person, ingredient), spans in histories.items():
        spans.sort()
        first, last, count, gaps = spans[0][0], spans[0][1], 1, 0
        for start, end in spans[1:]:
            between = (start - last).days
            if between <= persistence_days:
                gaps += max(0, between)
                last, count = max(last, end), count + 1
            else:
                eras.append((person, ingredient, first, last, count, gaps))
                first, last, count, gaps = start, end, 1, 0
        eras.append((person, ingredient, first, last, count, gaps))
    return sorted(eras)


def random_exposures(seed: int, persons: int) -> list[Exposure]:
    """Histories full of ties, open ends, long spans over short ones, combinations and gaps of 29 to 32 days."""
    draw = random.Random(seed)
    exposures: list[Exposure] = []
    for person in range(persons):
        at = draw.randrange(400)
        for _ in range(draw.randrange(1, 10)):
            length = draw.choice([None, None, 0, 0, 1, 5, 14, 90, -3])
            end = None if length is None else day(at + length)
            drug = draw.choice([0, 11, 11, 12, 12, 2, 13, 99])
            exposures.append((len(exposures), person, drug, day(at), end, draw.choice([None, 0, 1, 10, 30, -1])))
            at += draw.choice([0, 0, 1, 28, 29, 30, 31, 32, 33, 44, 45, 46, 120])
    draw.shuffle(exposures)
    return exposures


@pytest.mark.parametrize(("gap", "count_eras", "gap_days"), [(0, 1, 0), (29, 1, 29), (30, 1, 30), (31, 2, 0)])
def test_a_gap_of_thirty_days_merges_and_counts_and_of_thirty_one_splits(
    eras_of: Callable[[Iterable[Exposure]], list[Era]], gap: int, count_eras: int, gap_days: int
) -> None:
    """The gap runs from the last covered day to the next start."""
    found = eras_of([(1, 1, 11, day(0), day(10), 10), (2, 1, 11, day(10 + gap), day(12 + gap), 2)])
    assert len(found) == count_eras
    assert sum(era[5] for era in found) == gap_days


def test_a_combination_exposes_each_of_its_ingredients(eras_of: Callable[[Iterable[Exposure]], list[Era]]) -> None:
    """And a single drug joins the era of its ingredient."""
    found = eras_of([(1, 1, 12, day(0), day(10), 10), (2, 1, 11, day(20), day(30), 10)])
    assert found == [(1, 1, day(0), day(30), 2, 10), (1, 2, day(0), day(10), 1, 0)]


def test_the_end_is_the_exposures_else_that_of_the_supply_else_a_day_later(
    eras_of: Callable[[Iterable[Exposure]], list[Era]],
) -> None:
    """A supply of no days says nothing."""
    found = eras_of(
        [
            (n, n, 11, day(0), end, days)
            for n, (end, days) in enumerate([(day(3), 10), (None, 10), (None, 0), (None, None)])
        ]
    )
    assert [(era[3] - FIRST_DAY).days for era in found] == [3, 10, 1, 1]


def test_no_gap_is_counted_under_a_long_exposure(eras_of: Callable[[Iterable[Exposure]], list[Era]]) -> None:
    """Nested exposures are covered, whatever lies between them."""
    found = eras_of(
        [(1, 1, 11, day(0), day(100), 100), (2, 1, 11, day(10), day(11), 1), (3, 1, 11, day(50), day(51), 1),
         (4, 1, 11, day(110), day(111), 1)]
    )  # fmt: skip
    assert found == [(1, 1, day(0), day(111), 4, 10)]


def test_drugs_without_an_ingredient_and_impossible_spans_make_no_era(
    eras_of: Callable[[Iterable[Exposure]], list[Era]],
) -> None:
    """They are counted elsewhere."""
    assert eras_of([(1, 1, 0, day(0), day(9), 9), (2, 1, 99, day(0), day(9), 9), (3, 1, 11, day(9), day(0), 9),
                    (4, 1, 11, day(0), day(9), -1)]) == []  # fmt: skip


def test_twenty_thousand_histories_agree_with_the_plain_loop(
    eras_of: Callable[[Iterable[Exposure]], list[Era]],
) -> None:
    """In one job, gap days included."""
    exposures = random_exposures(1, persons=20_000)
    found = eras_of(exposures)
    assert found == plain_eras(exposures)
    assert max(era[5] for era in found) > 30


def test_shuffled_input_gives_the_same_rows_and_ids(
    spark: SparkSession, eras_model: ModuleType, vocabulary: tuple[DataFrame, DataFrame]
) -> None:
    """Order and partitions of the input leave no trace."""
    exposures = random_exposures(3, persons=300)

    def rows(given: list[Exposure], partitions: int) -> list[Any]:
        frame = spark.createDataFrame(given, EXPOSURES).repartition(partitions)
        return sorted(eras_model.transform(frame, *vocabulary).collect())

    assert rows(exposures, 1) == rows(random.Random(4).sample(exposures, k=len(exposures)), 3)


def test_the_schema_is_the_published_one_and_ids_differ(
    spark: SparkSession, eras_model: ModuleType, vocabulary: tuple[DataFrame, DataFrame]
) -> None:
    """Names, types and order; one positive id an era."""
    frame = eras_model.transform(spark.createDataFrame(random_exposures(5, persons=500), EXPOSURES), *vocabulary)
    assert frame.dtypes == ERA_SCHEMA
    ids = [row.drug_era_id for row in frame.select("drug_era_id").collect()]
    assert len(set(ids)) == len(ids)
    assert min(ids) >= 0


def test_model_builds_a_table_from_the_published_exposures(
    spark: SparkSession, eras_model: ModuleType, vocabulary: tuple[DataFrame, DataFrame]
) -> None:
    """What dbt calls: the configuration, and the tables it reads."""
    tables = {
        "drug_exposure": spark.createDataFrame([(1, 1, 11, day(0), day(10), 10)], EXPOSURES),
        "concept_ancestor": vocabulary[0],
        "concept": vocabulary[1],
    }
    configured: dict[str, Any] = {}
    dbt = SimpleNamespace(config=lambda **given: configured.update(given), ref=tables.__getitem__)
    assert [tuple(era)[1:] for era in eras_model.model(dbt, spark).collect()] == [(1, 1, day(0), day(10), 1, 0)]
    assert configured == {"materialized": "table"}
