"""How the cost of eras grows: the models in window form, the classic range self-join, and DuckDB.

    .local/venv/bin/python benchmarks/eras.py --persons 10000 --persons 100000 --self-join-up-to 10000

Exposures (or occurrences) are made by the engine from hashes of their number, five a person for each of three
ingredients (or conditions). On up to 10,000 persons the eras of all three forms are compared row by row. A figure is
the best of some runs into nowhere (the noop sink, or a count of DuckDB's rows); growth is the exponent of the seconds
over the persons. In this room: the measurement. Not here: the rule (the models) and its tests.
"""

from __future__ import annotations

import functools
import math
import os
import runpy
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import duckdb
import typer
from pyspark.sql import DataFrame, SparkSession
from rich.console import Console
from rich.table import Table

MODELS = Path(__file__).parents[1] / "models/intermediate/omop"
ROWS_A_PERSON = 15
COMPARED_UP_TO = 10_000
CONCEPTS = (1, 2, 3)
WINDOW = "window form, Spark"
Seconds = dict[tuple[str, str], float]
"""By model and form."""

# What is measured: rows with neutral names, renamed for each model.
SPANS = """
select
    id,
    cast(id / {each} as bigint) as person_id,
    cast(1 + pmod(xxhash64(id, 1), 3) as int) as concept_id,
    date_add(date '2020-01-01', cast(pmod(xxhash64(id, 2), 1500) as int)) as start_date,
    date_add(
        date_add(date '2020-01-01', cast(pmod(xxhash64(id, 2), 1500) as int)), cast(pmod(xxhash64(id, 3), 60) as int)
    ) as end_date
from range({rows})
"""

SELF_JOIN = """
with spans as (
    select distinct person_id, concept_id, start_date as s, end_date as e from spans_given
),
-- an end is an era's last day when no span covers the thirty days after it
ends as (
    select a.person_id, a.concept_id, a.e
    from spans as a
    left join spans as b
        on a.person_id = b.person_id and a.concept_id = b.concept_id and b.s <= date_add(a.e, 30) and b.e > a.e
    where b.s is null
    group by a.person_id, a.concept_id, a.e
),
ended as (
    select spans.person_id, spans.concept_id, spans.s, min(ends.e) as era_end
    from spans
    inner join ends
        on spans.person_id = ends.person_id and spans.concept_id = ends.concept_id and spans.s <= ends.e
    group by spans.person_id, spans.concept_id, spans.s
)
select person_id, concept_id, min(s) as era_start, era_end
from ended
group by person_id, concept_id, era_end
"""

DUCKDB = """
with covered as (
    select *, max(end_date) over (
        partition by person_id, concept_id order by start_date, end_date, id
        rows between unbounded preceding and 1 preceding
    ) as covered_until
    from spans_given
),
numbered as (
    select *, count_if(covered_until is null or start_date > covered_until + 30) over (
        partition by person_id, concept_id order by start_date, end_date, id
    ) as era_number
    from covered
)
select person_id, concept_id, min(start_date), max(end_date)
from numbered
group by person_id, concept_id, era_number
"""


@dataclass(frozen=True)
class Eras:
    """A model's eras on the spans, with the columns that the other forms give too."""

    name: str
    frame: Callable[[SparkSession, DataFrame], DataFrame]
    columns: tuple[str, str, str, str]


def _transform(model: str) -> Callable[..., DataFrame]:
    """The function of a Python model, from its file."""
    return runpy.run_path(str(MODELS / f"{model}.py"))["transform"]


def _drug_eras(spark: SparkSession, spans: DataFrame) -> DataFrame:
    exposures = spans.selectExpr(
        "id as drug_exposure_id",
        "person_id",
        "concept_id as drug_concept_id",
        "start_date as drug_exposure_start_date",
        "end_date as drug_exposure_end_date",
        "cast(null as int) as days_supply",
    )
    ancestors = spark.createDataFrame(
        [(each, each) for each in CONCEPTS], "ancestor_concept_id int, descendant_concept_id int"
    )
    concepts = spark.createDataFrame(
        [(each, "Ingredient", "RxNorm", "S") for each in CONCEPTS],
        "concept_id int, concept_class_id string, vocabulary_id string, standard_concept string",
    )
    return _transform("int_omop__drug_eras_merged")(exposures, ancestors, concepts)


def _condition_eras(_: SparkSession, spans: DataFrame) -> DataFrame:
    occurrences = spans.selectExpr(
        "id as condition_occurrence_id",
        "person_id",
        "concept_id as condition_concept_id",
        "start_date as condition_start_date",
        "end_date as condition_end_date",
    )
    return _transform("int_omop__condition_eras_merged")(occurrences)


FORMS = (
    Eras("drug_era", _drug_eras, ("person_id", "drug_concept_id", "drug_era_start_date", "drug_era_end_date")),
    Eras(
        "condition_era",
        _condition_eras,
        ("person_id", "condition_concept_id", "condition_era_start_date", "condition_era_end_date"),
    ),
)


def main(
    persons: Annotated[list[int], typer.Option(help="How many persons.")] = [10_000, 100_000],  # noqa: B006
    self_join_up_to: Annotated[int, typer.Option(help="Most persons for the range self-join.")] = 100_000,
    runs: Annotated[int, typer.Option(help="Runs of each form, of which the best counts.")] = 3,
) -> None:
    """Measure both models at each size, in one run."""
    with tempfile.TemporaryDirectory() as folder:
        spark = (
            SparkSession.builder.master("local[2]")
            .config("spark.ui.enabled", "false")
            .config("spark.ui.showConsoleProgress", "false")
            .config("spark.driver.memory", "3g")
            .config("spark.sql.shuffle.partitions", "8")
            .config("spark.sql.session.timeZone", "UTC")
            .getOrCreate()
        )
        spark.sparkContext.setLogLevel("ERROR")
        _measure(spark, 1_000, Path(folder), 1_000, 1)
        table = Table("persons", "rows", "form", "seconds", "to the window form", "growth")
        size_before, seconds_before = 0, Seconds()
        for size in sorted(persons):
            found = _measure(spark, size, Path(folder), self_join_up_to, runs)
            for (eras, form), seconds in found.items():
                before = seconds_before.get((eras, form))
                growth = "" if before is None else f"{math.log(seconds / before, size / size_before):.2f}"
                ratio = f"{seconds / found[eras, WINDOW]:.2f}"
                rows = f"{size * ROWS_A_PERSON:,}"
                table.add_row(f"{size:,}", rows, f"{eras}: {form}", f"{seconds:.2f}", ratio, growth)
            size_before, seconds_before = size, found
        spark.stop()
    console = Console(width=120)
    console.print(table)
    console.print(f"{os.cpu_count()} cores, best of {runs}")


def _measure(spark: SparkSession, persons: int, folder: Path, self_join_up_to: int, runs: int) -> Seconds:
    """Seconds of each model and form on so many persons."""
    path = folder / f"spans-{persons}"
    rows = persons * ROWS_A_PERSON
    spark.sql(SPANS.format(each=ROWS_A_PERSON, rows=rows)).write.mode("overwrite").parquet(str(path))
    spans = spark.read.parquet(str(path))
    spans.createOrReplaceTempView("spans_given")
    duck = duckdb.connect()
    duck.execute(f"create view spans_given as select * from read_parquet('{path}/*.parquet')")
    seconds: Seconds = {}
    for eras in FORMS:
        frame = eras.frame(spark, spans)
        if persons <= COMPARED_UP_TO:
            found = sorted(tuple(row) for row in frame.select(*eras.columns).collect())
            assert found == sorted(tuple(row) for row in spark.sql(SELF_JOIN).collect())
            assert found == sorted(duck.execute(DUCKDB).fetchall())
        forms: dict[str, Callable[[], object]] = {WINDOW: functools.partial(_to_nowhere, frame)}
        if persons <= self_join_up_to:
            forms["range self-join, Spark"] = lambda: _to_nowhere(spark.sql(SELF_JOIN))
        forms["window form, DuckDB"] = lambda: duck.execute(f"select count(*) from ({DUCKDB})").fetchall()
        for form, work in forms.items():
            seconds[eras.name, form] = _best_of(runs, work)
    return seconds


def _best_of(runs: int, work: Callable[[], object]) -> float:
    """Seconds of the fastest run."""
    seconds = []
    for _ in range(runs):
        start = time.monotonic()
        work()
        seconds.append(time.monotonic() - start)
    return min(seconds)


def _to_nowhere(frame: DataFrame) -> None:
    """Compute every row and column."""
    frame.write.format("noop").mode("overwrite").save()


if __name__ == "__main__":
    typer.run(main)
