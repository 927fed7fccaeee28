"""Condition eras: spans of time in which a person is taken to have had one condition.

Grain: one row per person, standard condition concept and era.

Columns, in order:
    condition_era_id            bigint, hash of person, concept and first day
    person_id                   bigint
    condition_concept_id        int
    condition_era_start_date    date, first day
    condition_era_end_date      date, last day
    condition_occurrence_count  int, occurrences in the era

Source: the condition era convention of the OMOP CDM 5.4, with a persistence window of 30 days. An
occurrence without an end lasts to the day after its start. An occurrence joins the era before it
when it starts 30 days or less after the last day covered so far. Concept 0 makes no era, and
neither does an occurrence that ends before it starts (both are counted in quality.era_exclusions).
"""

from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

PERSISTENCE_DAYS = 30


def transform(occurrences: DataFrame) -> DataFrame:
    """Merge the rows of condition_occurrence into eras, whatever order they come in."""
    spans = (
        occurrences.select(
            "condition_occurrence_id",
            "person_id",
            "condition_concept_id",
            F.col("condition_start_date").alias("start_date"),
            F.coalesce("condition_end_date", F.date_add("condition_start_date", 1)).alias("end_date"),
        )
        .where(F.col("condition_concept_id") != 0)
        .where(F.col("end_date") >= F.col("start_date"))
    )

    # The id is in the order so that ties fall the same way on every run.
    history = Window.partitionBy("person_id", "condition_concept_id").orderBy(
        "start_date", "end_date", "condition_occurrence_id"
    )
    before = history.rowsBetween(Window.unboundedPreceding, -1)
    until_now = history.rowsBetween(Window.unboundedPreceding, Window.currentRow)

    covered_until = F.max("end_date").over(before)
    opens_era = F.coalesce(F.col("start_date") > F.date_add("covered_until", PERSISTENCE_DAYS), F.lit(True))
    eras = (
        spans.withColumn("covered_until", covered_until)
        .withColumn("opens_era", opens_era.cast("int"))
        .withColumn("era_number", F.sum("opens_era").over(until_now))
        .groupBy("person_id", "condition_concept_id", "era_number")
        .agg(
            F.min("start_date").alias("condition_era_start_date"),
            F.max("end_date").alias("condition_era_end_date"),
            F.count("*").cast("int").alias("condition_occurrence_count"),
        )
    )

    return eras.select(
        hash_id("condition_era", "person_id", "condition_concept_id", "condition_era_start_date").alias(
            "condition_era_id"
        ),
        "person_id",
        "condition_concept_id",
        "condition_era_start_date",
        "condition_era_end_date",
        "condition_occurrence_count",
    )


def hash_id(entity: str, *natural_key: str):
    """The positive bigint that the macro of the same name gives for the same natural key."""
    texts = [F.coalesce(F.col(name).cast("string"), F.lit("\0")) for name in natural_key]
    return F.xxhash64(F.lit(entity), *texts).bitwiseAND(F.lit(9223372036854775807))


def model(dbt, session):
    """Build the table from the published occurrences."""
    dbt.config(materialized="table")
    return transform(dbt.ref("condition_occurrence"))
