"""A result in the pieces that the Statement Execution API gives it out in, cut where a limit of rows or bytes says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import pyarrow as pa

from localbricks.engine.results import Result

_END_OF_STREAM = b"\xff\xff\xff\xff\x00\x00\x00\x00"


class Piece(NamedTuple):
    """The first `rows` rows of a batch of the result."""

    batch: int
    rows: int


@dataclass(frozen=True)
class Chunk:
    """Some batches that follow each other."""

    pieces: tuple[Piece, ...]
    row_offset: int
    row_count: int
    byte_count: int
    """As the engine counts them, not as they are sent."""


@dataclass(frozen=True)
class Cut:
    """All chunks of a result, and whether rows were left out."""

    chunks: tuple[Chunk, ...]
    is_truncated: bool

    @property
    def row_count(self) -> int:
        """Rows of all chunks."""
        return sum(chunk.row_count for chunk in self.chunks)

    @property
    def byte_count(self) -> int:
        """Bytes of all chunks."""
        return sum(chunk.byte_count for chunk in self.chunks)


def cut(result: Result, chunk_bytes: int, row_limit: int | None, byte_limit: int | None) -> Cut:
    """Divide a result into chunks of about `chunk_bytes`; a result without rows has none."""
    chunks: list[Chunk] = []
    pieces: list[Piece] = []
    rows = size = offset = total = 0
    is_truncated = False
    for index in range(len(result.spool)):
        there, bytes_there = result.spool.rows_of(index), result.spool.size(index)
        kept = there if row_limit is None else min(there, row_limit - offset - rows)
        if byte_limit is not None and total + bytes_there > byte_limit:
            kept = min(kept, there * max(0, byte_limit - total) // max(1, bytes_there))
        if kept:
            pieces.append(Piece(index, kept))
            rows, size, total = rows + kept, size + bytes_there * kept // there, total + bytes_there
        is_truncated = kept < there
        if pieces and (size >= chunk_bytes or is_truncated):
            chunks.append(Chunk(tuple(pieces), offset, rows, size))
            offset, pieces, rows, size = offset + rows, [], 0, 0
        if is_truncated:
            break
    if pieces:
        chunks.append(Chunk(tuple(pieces), offset, rows, size))
    return Cut(tuple(chunks), is_truncated)


def batches(result: Result, chunk: Chunk) -> list[pa.RecordBatch]:
    """The rows of a chunk, decoded."""
    found = [result.batch(piece.batch) for piece in chunk.pieces]
    return [batch.slice(0, piece.rows) for batch, piece in zip(found, chunk.pieces, strict=True)]


def arrow_stream(result: Result, chunk: Chunk) -> bytes:
    """A chunk as an Arrow IPC stream. Batches that are whole go through as they are."""
    parts = [result.arrow_schema.serialize().to_pybytes()]
    for piece in chunk.pieces:
        if piece.rows == result.spool.rows_of(piece.batch):
            parts.append(result.data(piece.batch))
        else:
            kept = result.batch(piece.batch).slice(0, piece.rows)
            parts.append(kept.serialize().to_pybytes())
    return b"".join([*parts, _END_OF_STREAM])
