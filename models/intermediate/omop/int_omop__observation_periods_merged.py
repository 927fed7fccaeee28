"""Observation periods: spans of time in which a person's care is taken to be on record.

Grain: one row per person and period.

Columns, in order:
    observation_period_id          bigint, hash of person and first day
    person_id                      bigint
    observation_period_start_date  date, first day
    observation_period_end_date    date, last day

Source: the observation period convention of the OMOP CDM 5.4. A person is observed from the first to
the last recorded day of any visit or event, as one span, because a health record that knows both ends
would have known what lay between. Insurance spans (not those of a payer that stands for none) extend
it: spans with 32 days or less from the last covered day to the next start are one period. Nothing is
observed before birth or later than the last day on which anything was recorded for anybody, and an
insurance span ends at death. Periods of a person neither overlap nor touch.
"""

from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

PERSISTENCE_DAYS = 32
NO_PAYER = "NO_INSURANCE"


def transform(persons: DataFrame, visits: DataFrame, events: DataFrame, plans: DataFrame) -> DataFrame:
    """Merge what is recorded of every person into periods, whatever order it comes in."""
    recorded = recorded_spans(visits, events)
    insured = insured_spans(plans, persons, recorded)
    spans = recorded.unionByName(insured)

    history = Window.partitionBy("person_id").orderBy("start_date", "end_date")
    before = history.rowsBetween(Window.unboundedPreceding, -1)
    until_now = history.rowsBetween(Window.unboundedPreceding, Window.currentRow)
    opens_period = F.coalesce(F.col("start_date") > F.date_add("covered_until", PERSISTENCE_DAYS), F.lit(True))
    periods = (
        spans.withColumn("covered_until", F.max("end_date").over(before))
        .withColumn("opens_period", opens_period.cast("int"))
        .withColumn("period_number", F.sum("opens_period").over(until_now))
        .groupBy("person_id", "period_number")
        .agg(
            F.min("start_date").alias("observation_period_start_date"),
            F.max("end_date").alias("observation_period_end_date"),
        )
    )
    return periods.select(
        hash_id("observation_period", "person_id", "observation_period_start_date").alias("observation_period_id"),
        "person_id",
        "observation_period_start_date",
        "observation_period_end_date",
    )


def recorded_spans(visits: DataFrame, events: DataFrame) -> DataFrame:
    """One row per person with a record: the first and the last day of it."""
    spans = visits.select(
        "person_id", F.to_date("start_at").alias("start_date"), F.to_date("end_at").alias("end_date")
    ).unionByName(events.select("person_id", "start_date", F.coalesce("end_date", "start_date").alias("end_date")))
    return (
        spans.where(F.col("person_id").isNotNull())
        .groupBy("person_id")
        .agg(
            F.min("start_date").alias("start_date"),
            F.greatest(F.max("start_date"), F.max("end_date")).alias("end_date"),
        )
    )


def insured_spans(plans: DataFrame, persons: DataFrame, recorded: DataFrame) -> DataFrame:
    """The insurance spans, cut at birth, at death and at the last day that is recorded for anybody."""
    last_day = recorded.agg(F.max("end_date").alias("last_day"))
    lives = persons.select("person_id", "birth_date", "death_date")
    return (
        plans.where(F.coalesce("payer_source_value", F.lit("")) != NO_PAYER)
        .join(lives, "person_id")
        .crossJoin(F.broadcast(last_day))
        .select(
            "person_id",
            F.greatest("payer_plan_period_start_date", "birth_date").alias("start_date"),
            F.least("payer_plan_period_end_date", "death_date", "last_day").alias("end_date"),
        )
        .where(F.col("end_date") >= F.col("start_date"))
    )


def hash_id(entity: str, *natural_key: str):
    """The positive bigint that the macro of the same name gives for the same natural key."""
    texts = [F.coalesce(F.col(name).cast("string"), F.lit("\0")) for name in natural_key]
    return F.xxhash64(F.lit(entity), *texts).bitwiseAND(F.lit(9223372036854775807))


def model(dbt, session):
    """Build the table from visits, routed events and insurance spans."""
    dbt.config(materialized="table")
    return transform(
        dbt.ref("int_omop__persons_mapped"),
        dbt.ref("int_omop__visit_details_mapped"),
        dbt.ref("int_omop__events_routed"),
        dbt.ref("payer_plan_period"),
    )
