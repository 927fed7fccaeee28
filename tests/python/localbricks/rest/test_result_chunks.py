"""Results cut into chunks, and numbers as Java writes them."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest
from pyspark.sql import types as t

from localbricks.engine.results import Batch, Result, Spool
from localbricks.rest.result_chunks import arrow_stream, batches, cut
from localbricks.rest.result_text import java_number, text_rows

SCHEMA = t.StructType([t.StructField("id", t.LongType())])


@pytest.fixture
def result(tmp_path: Path) -> Result:
    """Three batches of four rows."""
    spool = Spool(tmp_path)
    made = Result.from_rows(SCHEMA, [], tmp_path)
    for first in (0, 4, 8):
        batch = pa.record_batch([pa.array(range(first, first + 4))], schema=made.arrow_schema)
        spool.add(Batch(batch.serialize().to_pybytes(), 4))
    return Result(made.schema, made.arrow_schema, spool)


@pytest.mark.parametrize(
    ("chunk_bytes", "row_limit", "byte_limit", "rows", "truncated"),
    [
        (10**6, None, None, [12], False),
        (1, None, None, [4, 4, 4], False),
        (1, 4, None, [4], True),
        (1, 6, None, [4, 2], True),
        (10**6, 12, None, [12], False),
        (10**6, 13, None, [12], False),
        (10**6, None, 10**6, [12], False),
        (10**6, None, 1, [], True),
    ],
)
def test_cut(
    result: Result, chunk_bytes: int, row_limit: int | None, byte_limit: int | None, rows: list[int], truncated: bool
) -> None:
    made = cut(result, chunk_bytes, row_limit, byte_limit)
    assert ([chunk.row_count for chunk in made.chunks], made.is_truncated) == (rows, truncated)
    assert made.row_count == sum(rows)
    told = [row for chunk in made.chunks for batch in batches(result, chunk) for row in text_rows(batch)]
    assert told == [(str(number),) for number in range(sum(rows))]
    streamed = [pa.ipc.open_stream(arrow_stream(result, chunk)).read_all().num_rows for chunk in made.chunks]
    assert streamed == rows


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0.0, "0.0"), (-0.0, "-0.0"), (1.0, "1.0"), (-1.5, "-1.5"), (0.001, "0.001"), (0.0001, "1.0E-4"),
        (123456.7, "123456.7"), (9999999.0, "9999999.0"), (1e7, "1.0E7"), (12345678.9, "1.23456789E7"),
        (-1e300, "-1.0E300"), (float("inf"), "Infinity"), (float("-inf"), "-Infinity"), (float("nan"), "NaN"),
    ],
)  # fmt: skip
def test_numbers_as_java_writes_them(number: float, text: str) -> None:
    assert java_number(repr(number)) == text
