"""Ids are hashes of natural keys: a million keys have a million ids, all positive, and no two of them look alike."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

pytestmark = pytest.mark.spark
KEYS = 1_000_000
Macro = Callable[[str, list[str]], str]


@pytest.mark.parametrize(
    "key",
    [
        ["id"],
        ["uuid"],
        ["cast(id % 1000 as string)", "cast(id / 1000 as int)", "date_add(date '1990-01-01', cast(id % 1000 as int))"],
        ["if(id % 2 = 0, null, id)", "if(id % 2 = 0, id, null)", "'same'"],
    ],
    ids=["running numbers", "uuids", "person, concept and day", "with nulls"],
)
def test_a_million_keys_have_a_million_ids(spark: SparkSession, hash_id: Macro, key: list[str]) -> None:
    rows = spark.range(KEYS).withColumn("uuid", F.expr("concat_ws('-', sha1(cast(id as string)), id)"))
    ids = rows.select(F.expr(hash_id("person", key)).alias("hashed"))
    (found,) = ids.agg(
        F.countDistinct("hashed").alias("ids"),
        F.min("hashed").alias("least"),
        # how often each of the upper bits is set: half of the time, within six standard deviations
        *(F.count_if(F.col("hashed").bitwiseAND(1 << bit) != 0).alias(f"bit_{bit}") for bit in (0, 31, 62)),
    ).collect()
    assert found["ids"] == KEYS
    assert found["least"] >= 0
    for bit in (0, 31, 62):
        assert abs(found[f"bit_{bit}"] - KEYS / 2) < 6 * (KEYS / 4) ** 0.5


def test_what_differs_in_entity_place_or_null_has_another_id(spark: SparkSession, hash_id: Macro) -> None:
    terms = {
        "person": hash_id("person", ["'1'", "'2'"]),
        "another entity": hash_id("provider", ["'1'", "'2'"]),
        "another order": hash_id("person", ["'2'", "'1'"]),
        "another cut": hash_id("person", ["'12'", "''"]),
        "null": hash_id("person", ["'12'", "null"]),
        "shorter": hash_id("person", ["'12'"]),
    }
    (row,) = spark.range(1).select(*(F.expr(term).alias(name) for name, term in terms.items())).collect()
    assert len(set(row)) == len(terms)
    (again,) = spark.range(1).select(F.expr(hash_id("person", ["1", "cast(2 as bigint)"]))).collect()
    assert again[0] == row["person"], "a number and its text are one key"
