"""How the cost of drug eras grows: the model in window form, the classic range self-join, and DuckDB.

    python benchmarks/eras.py --persons 10000 100000 --self-join-up-to 10000

Exposures are made by the engine from hashes of their number, about five a person and three ingredients each. The
eras of all three are compared row by row before anything is timed. A figure is the best of some runs into nowhere (the
noop sink, or a count of DuckDB's rows). In this room: the measurement. Not here: the rule (the model) and its tests.
"""

from __future__ import annotations

import argparse
import importlib.util
import math
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import duckdb
from pyspark.sql import DataFrame, SparkSession

ROOT = Path(__file__).parents[1]
MODEL = ROOT / "models/intermediate/omop/int_omop__drug_eras_merged.py"
EXPOSURES_A_PERSON = 15

EXPOSURES = """
select
    id as drug_exposure_id,
    cast(id / {each} as bigint) as person_id,
    cast(1 + pmod(xxhash64(id, 1), 3) as int) as drug_concept_id,
    date_add(date '2020-01-01', cast(pmod(xxhash64(id, 2), 1500) as int)) as drug_exposure_start_date,
    date_add(
        date_add(date '2020-01-01', cast(pmod(xxhash64(id, 2), 1500) as int)), cast(pmod(xxhash64(id, 3), 60) as int)
    ) as drug_exposure_end_date,
    cast(null as int) as days_supply
from range({rows})
"""

SELF_JOIN = """
with spans as (
    select distinct person_id, drug_concept_id, drug_exposure_start_date as s, drug_exposure_end_date as e from exposures
),
-- an end is an era's last day when no span covers the thirty days after it
ends as (
    select a.person_id, a.drug_concept_id, a.e
    from spans as a
    left join spans as b
        on a.person_id = b.person_id and a.drug_concept_id = b.drug_concept_id
            and b.s <= date_add(a.e, 30) and b.e > a.e
    where b.s is null
    group by a.person_id, a.drug_concept_id, a.e
),
ended as (
    select spans.person_id, spans.drug_concept_id, spans.s, min(ends.e) as era_end
    from spans
    inner join ends
        on spans.person_id = ends.person_id and spans.drug_concept_id = ends.drug_concept_id and spans.s <= ends.e
    group by spans.person_id, spans.drug_concept_id, spans.s
)
select person_id, drug_concept_id, min(s) as drug_era_start_date, era_end as drug_era_end_date
from ended
group by person_id, drug_concept_id, era_end
"""

DUCKDB = """
with covered as (
    select *, max(drug_exposure_end_date) over (
        partition by person_id, drug_concept_id
        order by drug_exposure_start_date, drug_exposure_end_date, drug_exposure_id
        rows between unbounded preceding and 1 preceding
    ) as covered_until
    from exposures
),
numbered as (
    select *, count_if(covered_until is null or drug_exposure_start_date > covered_until + 30) over (
        partition by person_id, drug_concept_id
        order by drug_exposure_start_date, drug_exposure_end_date, drug_exposure_id
    ) as era_number
    from covered
)
select person_id, drug_concept_id, min(drug_exposure_start_date), max(drug_exposure_end_date)
from numbered
group by person_id, drug_concept_id, era_number
"""


def load_model() -> ModuleType:
    """The Python model, from its file."""
    spec = importlib.util.spec_from_file_location(MODEL.stem, MODEL)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def best_of(runs: int, work: Callable[[], object]) -> float:
    """Seconds of the fastest run."""
    seconds = []
    for _ in range(runs):
        start = time.monotonic()
        work()
        seconds.append(time.monotonic() - start)
    return min(seconds)


def to_nowhere(frame: DataFrame) -> None:
    """Compute every row and column."""
    frame.write.format("noop").mode("overwrite").save()


def measure(spark: SparkSession, persons: int, folder: Path, with_self_join: bool, runs: int) -> dict[str, float]:
    """Seconds of each form on so many persons."""
    path = folder / f"exposures-{persons}"
    rows = persons * EXPOSURES_A_PERSON
    spark.sql(EXPOSURES.format(each=EXPOSURES_A_PERSON, rows=rows)).write.mode("overwrite").parquet(str(path))
    exposures = spark.read.parquet(str(path))
    exposures.createOrReplaceTempView("exposures")
    drugs = [(1,), (2,), (3,)]
    ancestors = spark.createDataFrame([(n, n) for (n,) in drugs], "ancestor_concept_id int, descendant_concept_id int")
    concepts = spark.createDataFrame(
        [(n, "Ingredient", "RxNorm", "S") for (n,) in drugs],
        "concept_id int, concept_class_id string, vocabulary_id string, standard_concept string",
    )
    model = load_model()
    eras = model.transform(exposures, ancestors, concepts)
    duck = duckdb.connect()
    duck.execute(f"create view exposures as select * from read_parquet('{path}/*.parquet')")
    if persons <= 10_000:
        columns = ("person_id", "drug_concept_id", "drug_era_start_date", "drug_era_end_date")
        found = sorted(tuple(row) for row in eras.select(*columns).collect())
        assert found == sorted(tuple(row) for row in spark.sql(SELF_JOIN).collect())
        assert found == sorted(duck.execute(DUCKDB).fetchall())
    seconds = {"window form, Spark": best_of(runs, lambda: to_nowhere(eras))}
    if with_self_join:
        seconds["range self-join, Spark"] = best_of(1, lambda: to_nowhere(spark.sql(SELF_JOIN)))
    seconds["window form, DuckDB"] = best_of(runs, lambda: duck.execute(f"select count(*) from ({DUCKDB})").fetchall())
    return seconds


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0] if __doc__ else "")
    parser.add_argument("--persons", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--self-join-up-to", type=int, default=100_000)
    parser.add_argument("--runs", type=int, default=2)
    parser.add_argument("--folder", type=Path, default=ROOT / ".local/benchmarks")
    given = parser.parse_args()
    spark = (
        SparkSession.builder.master("local[2]")
        .config("spark.ui.enabled", "false")
        .config("spark.driver.memory", "3g")
        .config("spark.sql.shuffle.partitions", "8")
        .config("spark.sql.session.timeZone", "UTC")
        .getOrCreate()
    )
    spark.sparkContext.setLogLevel("ERROR")
    measure(spark, 1_000, given.folder, True, 1)
    before: tuple[int, dict[str, float]] | None = None
    for persons in given.persons:
        seconds = measure(spark, persons, given.folder, persons <= given.self_join_up_to, given.runs)
        for form, taken in seconds.items():
            growth = ""
            if before and form in before[1]:
                exponent = math.log(taken / before[1][form]) / math.log(persons / before[0])
                growth = f", growth {exponent:.2f}"
            print(f"{persons:>9,} persons  {form:<24} {taken:8.2f} s{growth}", flush=True)
        before = (persons, seconds)
    spark.stop()


if __name__ == "__main__":
    main()
