"""Results: bounded in memory, in order, freed."""

from __future__ import annotations

import struct
from pathlib import Path

import lz4.frame
import pytest
from pyspark.sql import types as t

from localbricks.engine import results
from localbricks.engine.results import Batch, Result, Spool

SCHEMA = t.StructType([t.StructField("id", t.LongType()), t.StructField("name", t.StringType())])


def test_batches_beyond_the_limit_go_to_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(results, "MEMORY_BYTES", 10)
    spool = Spool(tmp_path)
    batches = [Batch(bytes([index]) * 6, index) for index in range(5)]
    for batch in batches:
        spool.add(batch)
    assert [spool.read(index) for index in (4, 0, 2, 1, 3)] == [batches[index] for index in (4, 0, 2, 1, 3)]
    assert (len(spool), spool.rows, spool.size(3)) == (5, 10, 6)
    assert list(tmp_path.iterdir()) == [], "a kill would leave the file behind"
    spool.close()
    assert len(spool) == 0


def test_batches_that_tasks_have_written(tmp_path: Path) -> None:
    path = tmp_path / "result"
    path.write_bytes(b"secondfirst")
    spool = Spool.of_file(tmp_path, path.open("rb"), struct.pack(">qiiqii", 6, 5, 10, 0, 6, 7))
    path.unlink()
    assert [spool.read(index) for index in range(2)] == [Batch(b"first", 10), Batch(b"second", 7)]
    assert (spool.rows, spool.bytes, spool.rows_of(1)) == (17, 11, 7)
    spool.close()
    assert len(spool) == 0


def test_lz4(tmp_path: Path) -> None:
    made = Result.from_rows(SCHEMA, [(1, "a")], tmp_path)
    spool = Spool(tmp_path)
    spool.add(Batch(lz4.frame.compress(made.spool.read(0).data), 1))
    assert Result(made.schema, made.arrow_schema, spool, is_lz4=True).to_arrow() == made.to_arrow()


def test_rows_of_our_own(tmp_path: Path) -> None:
    made = Result.from_rows(SCHEMA, [(1, "a"), (2, None)], tmp_path)
    assert made.to_arrow().to_pylist() == [{"id": 1, "name": "a"}, {"id": 2, "name": None}]


def test_no_rows(tmp_path: Path) -> None:
    assert Result.from_rows(SCHEMA, [], tmp_path).to_arrow().num_rows == 0
    assert Result.empty(tmp_path).schema.fields == []
