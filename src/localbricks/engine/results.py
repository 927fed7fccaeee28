"""Results of statements as Arrow record batches, bounded in memory: Spark's are in a file that its tasks have written
(`ArrowSpool.java`), our own go to a file past a limit."""

from __future__ import annotations

import functools
import os
import struct
import tempfile
import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import lz4.frame
import pyarrow as pa
from pyspark.sql import types as t
from pyspark.sql.pandas.types import to_arrow_schema

MEMORY_BYTES = 32 * 1024 * 1024
_ENTRY = struct.Struct(">qii")


@dataclass(frozen=True)
class Form:
    """How a client takes its rows."""

    native_complex: bool = True
    """Arrays, maps and structs as Arrow has them, otherwise as JSON."""
    native_interval: bool = False
    """Intervals as Arrow has them, otherwise as text."""
    lz4: bool = False
    """Each batch as an LZ4 frame."""
    row_limit: int | None = None
    """More rows than these and one are not computed; that one says that there are more."""


PLAIN = Form()
AFFECTED_ROWS = "num_affected_rows"
"""First column of what INSERT, UPDATE, DELETE, MERGE and COPY INTO answer."""


@dataclass(frozen=True)
class Batch:
    """One Arrow record batch as IPC bytes, without the schema; perhaps as an LZ4 frame."""

    data: bytes
    rows: int


@dataclass
class _Entry:
    rows: int
    size: int
    data: bytes | None
    offset: int = 0


class Spool:
    """Batches in the order of the result; at most `MEMORY_BYTES` of them in memory, the rest in a file."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._entries: list[_Entry] = []
        self._in_memory = 0
        self._file: IO[bytes] | None = None
        self._lock = threading.Lock()

    @classmethod
    def of_file(cls, folder: Path, file: IO[bytes], index: bytes) -> Spool:
        """Batches in a file, which is closed with the spool.

        Args:
            index: for each batch where it begins, its bytes and its rows, as `ArrowSpool.java` writes them.
        """
        spool = cls(folder)
        spool._file = file
        spool._entries = [_Entry(rows, size, None, offset) for offset, size, rows in _ENTRY.iter_unpack(index)]
        return spool

    def add(self, batch: Batch) -> None:
        """Append a batch."""
        entry = _Entry(batch.rows, len(batch.data), batch.data)
        if self._in_memory + entry.size > MEMORY_BYTES:
            self._to_file(entry)
        else:
            self._in_memory += entry.size
        self._entries.append(entry)

    def read(self, index: int) -> Batch:
        """The batch at a position."""
        entry = self._entries[index]
        if entry.data is not None:
            return Batch(entry.data, entry.rows)
        with self._lock:
            if self._file is None:
                raise ValueError("the spool is closed")
            return Batch(os.pread(self._file.fileno(), entry.size, entry.offset), entry.rows)

    def size(self, index: int) -> int:
        """Bytes of the batch at a position."""
        return self._entries[index].size

    def rows_of(self, index: int) -> int:
        """Rows of the batch at a position."""
        return self._entries[index].rows

    def __len__(self) -> int:
        return len(self._entries)

    @property
    def rows(self) -> int:
        """Rows of all batches."""
        return sum(entry.rows for entry in self._entries)

    @property
    def bytes(self) -> int:
        """Bytes of all batches."""
        return sum(entry.size for entry in self._entries)

    def close(self) -> None:
        """Free the memory and the file."""
        with self._lock:
            self._entries = []
            if self._file is not None:
                self._file.close()
                self._file = None

    def _to_file(self, entry: _Entry) -> None:
        if self._file is None:
            # Unlinked at once: nothing is left behind by a kill.
            self._file = tempfile.TemporaryFile(dir=self._folder, prefix="result-")  # noqa: SIM115
        entry.offset = self._file.seek(0, 2)
        self._file.write(entry.data or b"")
        self._file.flush()
        entry.data = None


@dataclass
class Result:
    """A finished statement's rows: Spark's schema, Arrow's schema and the batches."""

    schema: t.StructType
    arrow_schema: pa.Schema
    spool: Spool = field(repr=False)
    is_lz4: bool = False
    """Whether each batch is an LZ4 frame."""

    @classmethod
    def from_rows(cls, schema: str | t.StructType, rows: Iterable[Sequence[Any]], folder: Path) -> Result:
        """A result that was not computed by Spark.

        Args:
            schema: columns as DDL (`name string, size bigint`) or as a Spark struct.
            rows: one sequence a row, values as Python objects.
            folder: where it may spool.
        """
        struct = _struct(schema) if isinstance(schema, str) else schema
        arrow = to_arrow_schema(struct)
        columns = list(zip(*rows, strict=True)) or [()] * len(struct.fields)
        arrays = [pa.array(list(values), type=kind.type) for values, kind in zip(columns, arrow, strict=True)]
        spool = Spool(folder)
        if arrays:
            for batch in pa.Table.from_arrays(arrays, schema=arrow).to_batches():
                spool.add(Batch(batch.serialize().to_pybytes(), batch.num_rows))
        return cls(struct, arrow, spool)

    @classmethod
    def empty(cls, folder: Path) -> Result:
        """The result of a statement that answers nothing."""
        return cls.from_rows(t.StructType([]), [], folder)

    def count_affected(self) -> int | None:
        """Rows that the statement has changed; None of one that changes none."""
        if self.schema.names[:1] != [AFFECTED_ROWS] or self.spool.rows != 1:
            return None
        return self.batch(0).column(0)[0].as_py()

    def data(self, index: int) -> bytes:
        """The batch at a position, as it is without LZ4."""
        data = self.spool.read(index).data
        return lz4.frame.decompress(data) if self.is_lz4 else data

    def batch(self, index: int) -> pa.RecordBatch:
        """The batch at a position, decoded."""
        return pa.ipc.read_record_batch(pa.py_buffer(self.data(index)), self.arrow_schema)

    def batches(self) -> Iterator[pa.RecordBatch]:
        """The batches, decoded."""
        return (self.batch(index) for index in range(len(self.spool)))

    def to_arrow(self) -> pa.Table:
        """The whole result in memory: for small ones."""
        return pa.Table.from_batches(list(self.batches()), schema=self.arrow_schema)


@functools.lru_cache(maxsize=256)
def _struct(ddl: str) -> t.StructType:
    """Columns from DDL. The JVM parses it, so each text once."""
    return t.StructType.fromDDL(ddl)
