"""Our classes that stand in for Spark's and Delta's: they come first, and those still have what they stand in for."""

from __future__ import annotations

import os
import zipfile

import pytest

from localbricks.engine.class_path import ensure_class_path
from localbricks.engine.defaults import LISTS
from localbricks.engine.java import find_java
from localbricks.engine.plain_lambdas import PLAIN

STAND_IN = {
    **dict.fromkeys(PLAIN, "spark-catalyst"),
    "org/apache/spark/internal/config/ConfigEntry": "spark-common-utils",
    "org/apache/spark/util/SparkClosureCleaner$": "spark-core",
    "org/apache/spark/sql/catalyst/analysis/DeduplicateRelations$": "spark-catalyst",
    "org/apache/spark/sql/catalyst/optimizer/InlineCTE": "spark-catalyst",
    "org/apache/spark/sql/catalyst/rules/QueryExecutionMetering": "spark-catalyst",
    "org/apache/spark/sql/catalyst/expressions/InterpretedMutableProjection$": "spark-catalyst",
    "org/apache/spark/sql/delta/OptimisticTransaction": "delta-spark",
    "org/apache/spark/sql/delta/Snapshot": "delta-spark",
    "org/apache/spark/sql/delta/commands/WriteIntoDelta": "delta-spark",
    "org/apache/spark/sql/delta/stats/DeltaTaskStatisticsTracker": "delta-spark",
    "org/apache/spark/sql/execution/QueryExecution": "spark-sql",
    "org/apache/spark/sql/execution/aggregate/ResolveEncodersInScalaAgg$$anonfun$apply$1": "spark-sql",
    "org/apache/spark/sql/ml/InternalFunctionRegistration": "spark-mllib",
    "org/apache/spark/util/SerializableConfiguration": "spark-core",
}


@pytest.mark.parametrize("name", STAND_IN)
def test_a_class_that_stands_in_comes_first(name: str) -> None:
    path = ensure_class_path(find_java())
    assert path.text.split(os.pathsep)[0] == str(path.own)
    having = [jar for jar in (path.own, *path.libraries) if f"{name}.class" in zipfile.ZipFile(jar).namelist()]
    assert having[0] == path.own
    assert [jar.name.partition("_")[0] for jar in having[1:]] == [STAND_IN[name]]


def test_nothing_else_of_ours_stands_in() -> None:
    path = ensure_class_path(find_java())
    ours = {name for name in zipfile.ZipFile(path.own).namelist() if not name.startswith("localbricks/")}
    theirs = {name for jar in path.libraries for name in zipfile.ZipFile(jar).namelist()}
    assert ours & theirs == {*(f"{name}.class" for name in STAND_IN), *LISTS}
