"""Python models, submitted to a cluster."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from dbt.tests.adapter.python_model import test_spark
from dbt.tests.adapter.python_model.test_spark import BasePySparkTests
from dbt.tests.util import run_dbt

from conformance.fixtures import cluster_target
from conformance.published import adopt


@pytest.fixture(scope="class")
def dbt_profile_target(server: Any) -> dict[str, Any]:
    """A target with a cluster, which Python models run on without more words."""
    return cluster_target(server)


class TestPySpark(BasePySparkTests):
    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        return {
            "pandas_df.py": test_spark.PANDAS_MODEL,
            "pyspark_df.py": test_spark.PYSPARK_MODEL,
            "pandas_on_spark_df.py": test_spark.PANDAS_ON_SPARK_MODEL,
        }

    # koalas went into pyspark with 3.2 and is no package of a runtime any more.
    def test_different_dataframes(self, project: Any) -> None:
        assert len(run_dbt(["run"])) == 3


@pytest.fixture(scope="class", autouse=True)
def schema_of_the_source() -> Iterator[None]:
    """The variable that names the schema of a source, by another variable."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DBT_TEST_SCHEMA_NAME_VARIABLE", "test_run_schema")
        yield


adopt(__name__, "python_model")
