"""Dose eras: daily doses from every kind of strength, and a plain loop on thousands of histories."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from types import ModuleType

import pytest
from pyspark.sql import SparkSession

EXPOSURES = (
    "drug_exposure_id bigint, person_id bigint, drug_concept_id int, drug_exposure_start_date date, "
    "drug_exposure_end_date date, quantity double"
)
STRENGTHS = (
    "drug_concept_id int, ingredient_concept_id int, amount_value double, amount_unit_concept_id int, "
    "numerator_value double, numerator_unit_concept_id int, denominator_value double, "
    "denominator_unit_concept_id int, invalid_reason string"
)
MG, MCG, ML, LITRE, HOUR, UNIT = 8576, 9655, 8587, 8519, 8505, 8718
STRENGTH_ROWS = [
    (11, 1, 5.0, MG, None, None, None, None, None),
    (12, 1, 5000.0, MCG, None, None, None, None, None),
    # 2 mg in a millilitre, 2000 mg in a litre, 25 mg in an hour, 100 units without a denominator
    (13, 1, None, None, 2.0, MG, 1.0, ML, None),
    (14, 1, None, None, 2000.0, MG, 1.0, LITRE, None),
    (15, 1, None, None, 25.0, MG, 1.0, HOUR, None),
    (16, 2, None, None, 100.0, UNIT, None, None, None),
    # nothing in it, a strength that is not in force, and two ingredients
    (17, 1, 0.0, MG, None, None, None, None, None),
    (18, 1, 5.0, MG, None, None, None, None, "D"),
    (19, 1, 325.0, MG, None, None, None, None, None),
    (19, 2, 5.0, MG, None, None, None, None, None),
]
pytestmark = pytest.mark.spark

Exposure = tuple[int, int, int, date, date, float | None]
Era = tuple[int, int, int, float, date, date]


def day(number: int) -> date:
    """The day so many days after the first."""
    return date(2020, 1, 1) + timedelta(days=number)


@pytest.fixture(scope="module")
def eras_of(spark: SparkSession, load_model: Callable[[str], ModuleType]) -> Callable[[Iterable[Exposure]], list[Era]]:
    """Run the model's `transform` on exposures; the eras without their ids, sorted."""
    model = load_model("intermediate/omop/int_omop__dose_eras_merged.py")
    strengths = spark.createDataFrame(STRENGTH_ROWS, STRENGTHS)

    def run(exposures: Iterable[Exposure]) -> list[Era]:
        frame = model.transform(spark.createDataFrame(list(exposures), EXPOSURES), strengths)
        assert next(name for name, _ in frame.dtypes) == "dose_era_id"
        return sorted(tuple(row)[1:] for row in frame.collect())

    return run


@pytest.mark.parametrize(
    ("drug", "dose", "unit"),
    [(11, 15.0, MG), (12, 15.0, MG), (13, 6.0, MG), (14, 6.0, MG), (15, 600.0, MG), (16, 300.0, UNIT)],
)
def test_the_daily_dose_follows_from_the_strength(
    eras_of: Callable[[Iterable[Exposure]], list[Era]], drug: int, dose: float, unit: int
) -> None:
    """Thirty units over ten days: tablets, millilitres, a patch by the hour."""
    found = eras_of([(1, 1, drug, day(0), day(9), 30.0)])
    assert [(era[2], era[3]) for era in found] == [(unit, dose)]


@pytest.mark.parametrize(("drug", "quantity"), [(11, None), (11, 0.0), (11, -3.0), (17, 30.0), (18, 30.0), (99, 30.0)])
def test_without_quantity_or_strength_there_is_no_dose(
    eras_of: Callable[[Iterable[Exposure]], list[Era]], drug: int, quantity: float | None
) -> None:
    """And no era, rather than one of zero."""
    assert eras_of([(1, 1, drug, day(0), day(9), quantity)]) == []


def test_another_dose_is_another_era(eras_of: Callable[[Iterable[Exposure]], list[Era]]) -> None:
    """Twice the tablets in the same days; then the first dose again, in time."""
    found = eras_of(
        [(1, 1, 11, day(0), day(9), 10.0), (2, 1, 11, day(10), day(19), 20.0), (3, 1, 11, day(20), day(29), 10.0)]
    )
    assert found == [(1, 1, MG, 5.0, day(0), day(29)), (1, 1, MG, 10.0, day(10), day(19))]


def test_thousands_of_histories_agree_with_the_plain_loop(
    eras_of: Callable[[Iterable[Exposure]], list[Era]],
) -> None:
    """Combinations, ties, gaps of 29 to 32 days."""
    draw = random.Random(1)
    exposures: list[Exposure] = []
    for person in range(5_000):
        at = draw.randrange(100)
        for _ in range(draw.randrange(1, 8)):
            length = draw.choice([0, 4, 9, 29, -2])
            exposures.append(
                (
                    len(exposures),
                    person,
                    draw.choice([11, 12, 19]),
                    day(at),
                    day(at + length),
                    draw.choice([10.0, 30.0, None]),
                )
            )
            at += draw.choice([0, 1, 9, 29, 30, 31, 32, 39, 40, 41])
    draw.shuffle(exposures)
    per_tablet = {11: [(1, 5.0)], 12: [(1, 5.0)], 19: [(1, 325.0), (2, 5.0)]}
    histories: dict[tuple[int, int, float], list[tuple[date, date]]] = {}
    for _, person, drug, start, end, quantity in exposures:
        days = (end - start).days + 1
        if quantity and days > 0:
            for ingredient, amount in per_tablet[drug]:
                dose = round(amount * quantity / days, 6)
                histories.setdefault((person, ingredient, dose), []).append((start, end))
    expected = []
    for (person, ingredient, dose), spans in histories.items():
        spans.sort()
        first, last = spans[0]
        for start, end in spans[1:]:
            if (start - last).days <= 30:
                last = max(last, end)
            else:
                expected.append((person, ingredient, MG, dose, first, last))
                first, last = start, end
        expected.append((person, ingredient, MG, dose, first, last))
    assert eras_of(exposures) == sorted(expected)
