"""Dose eras: spans of time in which a person had one ingredient at one constant daily dose.

Grain: one row per person, ingredient, unit, daily dose and era.

Columns, in order:
    dose_era_id          bigint, hash of person, ingredient, unit, dose and first day
    person_id            bigint
    drug_concept_id      int, standard concept of the ingredient
    unit_concept_id      int, unit of the daily dose
    dose_value           double, daily dose in the unit
    dose_era_start_date  date, first day
    dose_era_end_date    date, last day

Source: the dose era convention of the OMOP CDM 5.4. The daily dose of an exposure follows from
drug_strength: the amount of the ingredient (amount, or for a concentration the numerator per
denominator unit) times the quantity, by the days the exposure lasts, both ends included; for a drug
that gives its dose by the hour, the numerator by the denominator times 24 hours. Micrograms become
milligrams and litres millilitres first. An exposure without quantity, days or strength, or with one
that is not positive, has no dose and makes no era. An exposure joins the era before it when it has
the same dose and starts 30 days or less after the last day covered so far.
"""

from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

PERSISTENCE_DAYS = 30
HOUR, MILLIGRAM, MICROGRAM, GRAM, LITRE, MILLILITRE = 8505, 8576, 9655, 8504, 8519, 8587
TO_SMALLER_UNIT = ((MICROGRAM, MILLIGRAM, 0.001), (GRAM, MILLIGRAM, 1000.0), (LITRE, MILLILITRE, 1000.0))
"""Unit, the unit it is counted in, and the factor."""


def transform(exposures: DataFrame, strengths: DataFrame) -> DataFrame:
    """Merge the exposures that have a daily dose into eras, whatever order they come in."""
    key = ("person_id", "ingredient_concept_id", "unit_concept_id", "dose_value")
    history = Window.partitionBy(*key).orderBy("start_date", "end_date", "drug_exposure_id")
    before = history.rowsBetween(Window.unboundedPreceding, -1)
    until_now = history.rowsBetween(Window.unboundedPreceding, Window.currentRow)

    opens_era = F.coalesce(F.col("start_date") > F.date_add("covered_until", PERSISTENCE_DAYS), F.lit(True))
    eras = (
        doses(exposures, strengths)
        .withColumn("covered_until", F.max("end_date").over(before))
        .withColumn("opens_era", opens_era.cast("int"))
        .withColumn("era_number", F.sum("opens_era").over(until_now))
        .groupBy(*key, "era_number")
        .agg(
            F.min("start_date").alias("dose_era_start_date"),
            F.max("end_date").alias("dose_era_end_date"),
        )
        .withColumnRenamed("ingredient_concept_id", "drug_concept_id")
    )
    return eras.select(
        hash_id(
            "dose_era", "person_id", "drug_concept_id", "unit_concept_id", "dose_value", "dose_era_start_date"
        ).alias("dose_era_id"),
        "person_id",
        "drug_concept_id",
        "unit_concept_id",
        "dose_value",
        "dose_era_start_date",
        "dose_era_end_date",
    )


def doses(exposures: DataFrame, strengths: DataFrame) -> DataFrame:
    """One row per exposure and ingredient whose daily dose is known."""
    days = F.datediff("drug_exposure_end_date", "drug_exposure_start_date") + 1
    given = exposures.where((F.col("drug_concept_id") != 0) & (days > 0)).select(
        "drug_exposure_id",
        "person_id",
        "drug_concept_id",
        F.when(F.col("quantity") > 0, F.col("quantity")).alias("quantity"),
        days.alias("days"),
        F.col("drug_exposure_start_date").alias("start_date"),
        F.col("drug_exposure_end_date").alias("end_date"),
    )
    amount, amount_unit = converted("amount")
    numerator, numerator_unit = converted("numerator")
    denominator, denominator_unit = converted("denominator")
    strength = strengths.where(F.col("invalid_reason").isNull()).select(
        "drug_concept_id",
        "ingredient_concept_id",
        amount.alias("amount"),
        numerator.alias("numerator"),
        F.coalesce(denominator, F.lit(1.0)).alias("denominator"),
        (denominator_unit == HOUR).alias("is_by_hour"),
        F.coalesce(amount_unit, numerator_unit).alias("unit_concept_id"),
    )
    by_hour = F.col("numerator") / F.col("denominator") * 24
    by_amount = F.coalesce("amount", F.col("numerator") / F.col("denominator")) * F.col("quantity") / F.col("days")
    dose = F.when(F.coalesce("is_by_hour", F.lit(False)), by_hour).otherwise(by_amount)
    return (
        given.join(F.broadcast(strength), "drug_concept_id")
        .withColumn("dose_value", F.round(dose, 6))
        .where((F.col("dose_value") > 0) & F.col("unit_concept_id").isNotNull())
    )


def converted(part: str):
    """The value and the unit of a part of a strength, in the unit doses are counted in; null unless positive."""
    value, unit = F.col(f"{part}_value"), F.col(f"{part}_unit_concept_id")
    factor, target = F.lit(1.0), unit
    for larger, smaller, times in TO_SMALLER_UNIT:
        factor = F.when(unit == larger, F.lit(times)).otherwise(factor)
        target = F.when(unit == larger, F.lit(smaller)).otherwise(target)
    return F.when(value > 0, value * factor), target


def hash_id(entity: str, *natural_key: str):
    """The positive bigint that the macro of the same name gives for the same natural key."""
    texts = [F.coalesce(F.col(name).cast("string"), F.lit("\0")) for name in natural_key]
    return F.xxhash64(F.lit(entity), *texts).bitwiseAND(F.lit(9223372036854775807))


def model(dbt, session):
    """Build the table from the published exposures."""
    dbt.config(materialized="table")
    return transform(dbt.ref("drug_exposure"), dbt.ref("drug_strength"))
