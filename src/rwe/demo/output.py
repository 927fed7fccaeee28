"""One landing file, written whole or not at all.

In this room: bytes. Text goes to a hidden temporary file that takes its name only when complete;
gzip files carry no name and no time, so the same records give the same bytes. Every record is
counted as it is written. Not here: what the records say.
"""

from __future__ import annotations

import csv
import gzip
import io
import shutil
from collections import Counter
from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from types import TracebackType
from typing import IO, Literal, cast

from rwe.demo.quirks import FIELD_COUNT, Fault, spoil
from rwe.demo.report import FileReport, SpoiledRecord


class _Digested(io.RawIOBase):
    """A stream that digests what goes through it to another; closing it closes the other."""

    def __init__(self, target: IO[bytes]) -> None:
        self._target = target
        self.digest = sha256()

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        view = memoryview(cast(bytes, data))
        self._target.write(view)
        self.digest.update(view)
        return view.nbytes

    def close(self) -> None:
        if not self.closed:
            self._target.close()
            super().close()


class LandingFile:
    """A delimited landing file, open for writing; use it in a `with` statement.

    The file has its name only after the statement ended without an error. A name that ends in
    `.gz` is compressed. `report()` may be asked for after that.
    """

    def __init__(
        self,
        folder: Path,
        feed: str,
        entity: str,
        file_path: str,
        *,
        header_generation: str = "",
        delimiter: str = ",",
        line_end: str = "\n",
        quoting: bool = True,
        quote_all: bool = False,
        encoding: str = "utf-8",
        has_header: bool = True,
    ) -> None:
        self._path = folder / feed / file_path
        self._temporary = self._path.with_name(f".{self._path.name}.partial")
        self._about = (feed, entity, file_path, header_generation)
        self._line_end = line_end
        self._delimiter = delimiter
        self._quoting: Literal[0, 1, 3] = (
            csv.QUOTE_ALL if quote_all else csv.QUOTE_MINIMAL if quoting else csv.QUOTE_NONE
        )
        self._encoding = encoding
        self._expects_header = has_header
        self._count_records = 0
        self._count_blank_lines = 0
        self._has_header = False
        self._spoiled: list[SpoiledRecord] = []

    def __enter__(self) -> LandingFile:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._file = self._temporary.open("wb")
        target: IO[bytes] = self._file
        if self._path.suffix == ".gz":
            packed = gzip.GzipFile("", "wb", compresslevel=6, fileobj=self._file, mtime=0)
            target = cast(IO[bytes], packed)
        self._content = _Digested(target)
        self._text = io.TextIOWrapper(io.BufferedWriter(self._content, 1 << 16), encoding=self._encoding, newline="")
        self._write = csv.writer(
            self._text,
            delimiter=self._delimiter,
            lineterminator=self._line_end,
            quoting=self._quoting,
            quotechar=None if self._quoting == csv.QUOTE_NONE else '"',
        ).writerow
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            self._text.close()
            self._file.close()
            if kind is None:
                self._temporary.replace(self._path)
        finally:
            self._file.close()
            self._temporary.unlink(missing_ok=True)

    def header(self, columns: Sequence[str]) -> None:
        """Write the header line."""
        self._write(columns)
        self._has_header = True

    def record(self, fields: Sequence[str]) -> None:
        """Write one clean record."""
        self._write(fields)
        self._count_records += 1

    def spoiled(self, fields: Sequence[str], reason: str, column: str) -> None:
        """Write one record that must not survive, and remember why."""
        self._write(fields)
        self._remember(reason, column)

    def faulty(self, row: Mapping[str, str], columns: Sequence[str], fault: Fault) -> None:
        """Write a row with a fault in it, and remember why."""
        self.spoiled(spoil(row, columns, fault), fault.reason, fault.column)

    def truncated(self, fields: Sequence[str], column: str) -> None:
        """Write the start of a record, without a line end, as a broken transfer leaves it."""
        self._text.write(self._delimiter.join(fields))
        self._remember(FIELD_COUNT, column)

    def line(self, text: str) -> None:
        """Write one line as it stands, a record of a feed whose records are lines."""
        self._text.write(text + self._line_end)
        self._count_records += 1

    def blank_line(self) -> None:
        """Write an empty line."""
        self._text.write(self._line_end)
        self._count_blank_lines += 1

    def _remember(self, reason: str, column: str) -> None:
        self._count_records += 1
        line = self._count_records + self._count_blank_lines + self._has_header
        self._spoiled.append(SpoiledRecord(reason, column, self._count_records, line))

    def report(self) -> FileReport:
        """What was written: valid after the `with` statement."""
        reasons = Counter(one.reason for one in self._spoiled)
        feed, entity, file_path, generation = self._about
        status = "LOADED" if self._count_records else "HEADER_ONLY"
        return FileReport(
            feed=feed,
            entity=entity,
            file_path=file_path,
            status=status if self._has_header or not self._expects_header else "EMPTY_FILE",
            header_generation=generation,
            sha256=self._content.digest.hexdigest(),
            size_bytes=self._path.stat().st_size,
            count_records=self._count_records,
            count_clean=self._count_records - len(self._spoiled),
            count_malformed=reasons[FIELD_COUNT],
            count_blank_lines=self._count_blank_lines,
            reasons=dict(sorted(reasons.items())),
            spoiled=tuple(self._spoiled),
        )


def write_whole(path: Path, text: str) -> None:
    """Write a small text file, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.partial")
    try:
        temporary.write_text(text, encoding="utf-8", newline="")
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def copy_whole(source: Path, target: Path) -> None:
    """Copy a file's bytes under another name, whole or not at all."""
    temporary = target.with_name(f".{target.name}.partial")
    try:
        shutil.copyfile(source, temporary)
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)
