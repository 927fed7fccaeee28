"""Functions between vectors and arrays are there when the first of them is called, and after that."""

from __future__ import annotations

import pytest
from sql_client import Server, run_python

pytestmark = pytest.mark.server
CODE = """
from pyspark.ml.functions import array_to_vector, vector_to_array

for _ in range(2):
    frame = spark.sql("select array(1.5D, 0D, -2D) as a").select(array_to_vector("a").alias("v"))
    print(frame.select(vector_to_array("v").alias("a"), vector_to_array("v", "float32").alias("f")).collect())
"""


def test_they_are_there(server: Server) -> None:
    ended = run_python(server, CODE)
    assert ended.data is not None
    assert ended.data.splitlines() == ["[Row(a=[1.5, 0.0, -2.0], f=[1.5, 0.0, -2.0])]"] * 2
