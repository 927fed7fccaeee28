"""Observation periods: records and insurance, and a plain loop on thousands of lives."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable
from datetime import date, datetime, timedelta
from types import ModuleType

import pytest
from pyspark.sql import SparkSession

PERSONS = "person_id bigint, birth_date date, death_date date"
VISITS = "person_id bigint, start_at timestamp, end_at timestamp"
EVENTS = "person_id bigint, start_date date, end_date date"
PLANS = (
    "person_id bigint, payer_plan_period_start_date date, payer_plan_period_end_date date, payer_source_value string"
)
pytestmark = pytest.mark.spark

Period = tuple[int, date, date]


def day(number: int) -> date:
    """The day so many days after the first."""
    return date(2020, 1, 1) + timedelta(days=number)


def at(number: int) -> datetime:
    """Noon of that day."""
    return datetime(2020, 1, 1, 12) + timedelta(days=number)


@pytest.fixture(scope="module")
def periods_of(spark: SparkSession, load_model: Callable[[str], ModuleType]) -> Callable[..., list[Period]]:
    """Run the model's `transform`; the periods without their ids, sorted."""
    model = load_model("intermediate/omop/int_omop__observation_periods_merged.py")

    def run(persons: list, visits: list, events: list, plans: list) -> list[Period]:
        frames = [
            spark.createDataFrame(rows, schema)
            for rows, schema in ((persons, PERSONS), (visits, VISITS), (events, EVENTS), (plans, PLANS))
        ]
        return sorted(tuple(row)[1:] for row in model.transform(*frames).collect())

    return run


def test_records_alone_are_one_period(periods_of: Callable[..., list[Period]]) -> None:
    """From the first to the last day, years apart; an event without an end counts by its start."""
    found = periods_of(
        [(1, day(-9000), None)],
        [(1, at(0), at(1)), (None, at(-99), at(99))],
        [(1, day(900), None), (1, day(5), day(7)), (None, day(-99), day(999))],
        [],
    )
    assert found == [(1, day(0), day(900))]


@pytest.mark.parametrize(("gap", "count"), [(1, 1), (32, 1), (33, 2)])
def test_insurance_within_thirty_two_days_extends_it(
    periods_of: Callable[..., list[Period]], gap: int, count: int
) -> None:
    """From the last covered day to the next start."""
    found = periods_of([(1, day(-9000), None)], [(1, at(0), at(1))], [], [(1, day(-100 - gap), day(-gap), "Medicare")])
    assert len(found) == count
    assert found[0][1] == day(-100 - gap)


def test_insurance_is_cut_at_birth_at_death_and_at_the_last_day_on_record(
    periods_of: Callable[..., list[Period]],
) -> None:
    """Nobody is observed before or after, nor in the future; no insurance is none."""
    found = periods_of(
        [(1, day(0), day(50)), (2, day(-900), None), (3, day(-900), None)],
        [(1, at(10), at(20)), (2, at(0), at(10)), (3, at(0), at(60))],
        [],
        [
            (1, day(-20), day(300), "Medicare"),
            (2, day(0), day(300), "Medicare"),
            (3, day(-500), day(0), "NO_INSURANCE"),
        ],
    )
    assert found == [(1, day(0), day(50)), (2, day(0), day(60)), (3, day(0), day(60))]


def test_thousands_of_lives_agree_with_the_plain_loop_and_periods_lie_apart(
    periods_of: Callable[..., list[Period]],
) -> None:
    """And every event lies in a period of its person."""
    draw = random.Random(2)
    persons, visits, events, plans = [], [], [], []
    for person in range(3_000):
        death = draw.choice([None, None, day(draw.randrange(300, 500))])
        persons.append((person, day(draw.randrange(-500, 0)), death))
        for _ in range(draw.randrange(1, 4)):
            start = draw.randrange(0, 300)
            visits.append((person, at(start), at(start + draw.randrange(3))))
            events.append((person, day(start), draw.choice([None, day(start + draw.randrange(40))])))
        begin = draw.randrange(-700, 0)
        for _ in range(draw.randrange(4)):
            length = draw.randrange(1, 200)
            plans.append((person, day(begin), day(begin + length), draw.choice(["A", "B", "NO_INSURANCE", None])))
            begin += length + draw.choice([1, 31, 32, 33, 60])
    found = periods_of(persons, visits, events, plans)

    lives = {person: (birth, death) for person, birth, death in persons}
    recorded: dict[int, list[date]] = {}
    for person, start, end in visits:
        recorded.setdefault(person, []).extend([start.date(), end.date()])
    for person, start, end in events:
        recorded[person].extend([start, end or start])
    last_day = max(day for days in recorded.values() for day in days)
    expected = []
    for person, days in recorded.items():
        birth, death = lives[person]
        spans = [(min(days), max(days))]
        for one, start, end, payer in plans:
            if one == person and payer != "NO_INSURANCE":
                start, end = max(start, birth), min(end, last_day, death or last_day)
                if end >= start:
                    spans.append((start, end))
        spans.sort()
        first, last = spans[0]
        for start, end in spans[1:]:
            if (start - last).days <= 32:
                last = max(last, end)
            else:
                expected.append((person, first, last))
                first, last = start, end
        expected.append((person, first, last))
    assert found == sorted(expected)
    covered: dict[int, list[tuple[date, date]]] = {}
    for person, first, last in found:
        covered.setdefault(person, []).append((first, last))
    for person, spans in covered.items():
        assert all((late[0] - early[1]).days > 1 for early, late in itertools.pairwise(spans))
        assert all(any(first <= one <= last for first, last in spans) for one in recorded[person])
