"""Drug eras: spans of time in which a person is taken to have had one ingredient.

Grain: one row per person, ingredient and era.

Columns, in order:
    drug_era_id          bigint, hash of person, ingredient and first day
    person_id            bigint
    drug_concept_id      int, standard concept of class Ingredient
    drug_era_start_date  date, first day
    drug_era_end_date    date, last day
    drug_exposure_count  int, exposures in the era
    gap_days             int, days between the exposures of the era that none of them covers

Source: the drug era convention of the OMOP CDM 5.4, with a persistence window of 30 days. A drug is
exposed by ingredient: a combination gives one span for each. A span ends on the exposure's end, else
after its days of supply, else on the day after its start. It joins the era before it when it starts
30 days or less after the last day covered so far. Left out are drugs without an ingredient, negative
days of supply and spans that end before they start (counted in quality.era_exclusions).
gap_days is the sum of the days from the last covered day to the next start inside an era.
"""

from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

PERSISTENCE_DAYS = 30


def transform(exposures: DataFrame, ancestors: DataFrame, concepts: DataFrame) -> DataFrame:
    """Merge the rows of drug_exposure into eras by ingredient, whatever order they come in."""
    spans = by_ingredient(exposures, ancestors, concepts).where(F.col("end_date") >= F.col("start_date"))

    # The id is in the order so that ties fall the same way on every run.
    history = Window.partitionBy("person_id", "ingredient_concept_id").orderBy(
        "start_date", "end_date", "drug_exposure_id"
    )
    before = history.rowsBetween(Window.unboundedPreceding, -1)
    until_now = history.rowsBetween(Window.unboundedPreceding, Window.currentRow)

    opens_era = F.coalesce(F.col("start_date") > F.date_add("covered_until", PERSISTENCE_DAYS), F.lit(True))
    gap = F.greatest(F.lit(0), F.datediff("start_date", "covered_until"))
    eras = (
        spans.withColumn("covered_until", F.max("end_date").over(before))
        .withColumn("opens_era", opens_era.cast("int"))
        .withColumn("era_number", F.sum("opens_era").over(until_now))
        .groupBy("person_id", "ingredient_concept_id", "era_number")
        .agg(
            F.min("start_date").alias("drug_era_start_date"),
            F.max("end_date").alias("drug_era_end_date"),
            F.count("*").cast("int").alias("drug_exposure_count"),
            F.sum(F.when(F.col("opens_era") == 0, gap).otherwise(0)).cast("int").alias("gap_days"),
        )
        .withColumnRenamed("ingredient_concept_id", "drug_concept_id")
    )

    return eras.select(
        hash_id("drug_era", "person_id", "drug_concept_id", "drug_era_start_date").alias("drug_era_id"),
        "person_id",
        "drug_concept_id",
        "drug_era_start_date",
        "drug_era_end_date",
        "drug_exposure_count",
        "gap_days",
    )


def by_ingredient(exposures: DataFrame, ancestors: DataFrame, concepts: DataFrame) -> DataFrame:
    """One row per exposure and ingredient of its drug, with the days it covers.

    The vocabulary is small beside the exposures, so it is sent to them and not they to it.
    """
    ingredients = concepts.where(
        (F.col("concept_class_id") == "Ingredient")
        & (F.col("vocabulary_id").isin("RxNorm", "RxNorm Extension"))
        & (F.col("standard_concept") == "S")
    ).select(F.col("concept_id").alias("ingredient_concept_id"))
    ingredients_of = ancestors.select(
        F.col("ancestor_concept_id").alias("ingredient_concept_id"),
        F.col("descendant_concept_id").alias("drug_concept_id"),
    ).join(F.broadcast(ingredients), "ingredient_concept_id")
    end_date = F.coalesce(
        F.col("drug_exposure_end_date"),
        F.when(F.col("days_supply") != 0, F.date_add("drug_exposure_start_date", F.col("days_supply"))),
        F.date_add("drug_exposure_start_date", 1),
    )
    return (
        exposures.where((F.col("drug_concept_id") != 0) & (F.coalesce("days_supply", F.lit(0)) >= 0))
        .join(F.broadcast(ingredients_of), "drug_concept_id")
        .select(
            "drug_exposure_id",
            "person_id",
            "ingredient_concept_id",
            F.col("drug_exposure_start_date").alias("start_date"),
            end_date.alias("end_date"),
        )
    )


def hash_id(entity: str, *natural_key: str):
    """The positive bigint that the macro of the same name gives for the same natural key."""
    texts = [F.coalesce(F.col(name).cast("string"), F.lit("\0")) for name in natural_key]
    return F.xxhash64(F.lit(entity), *texts).bitwiseAND(F.lit(9223372036854775807))


def model(dbt, session):
    """Build the table from the published exposures."""
    dbt.config(materialized="table")
    return transform(dbt.ref("drug_exposure"), dbt.ref("concept_ancestor"), dbt.ref("concept"))
