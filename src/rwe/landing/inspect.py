"""One streaming pass over a landing file: identity, encoding, header, records, malformed records.

The pass counts what Spark's CSV reader will load, so that the load can be proved against it. How
that reader cuts a file was measured on Spark 4.1.1, and tests/python/landing compares the two on
random files:
- a line ends at LF, CR or CRLF (multiline false);
- a line of nothing but characters up to U+0020 is no record, not even in a file of tabs;
- a UTF-8 byte order mark at the start is skipped, elsewhere it is text;
- a quote counts only at the start of a field, a doubled quote inside is one quote, blanks between a
  closing quote and the delimiter are dropped, a field with text after its closing quote is taken
  literally up to the next delimiter, and a quote left open ends with its line;
- the reader always has a quote (an empty one means U+0000, with rules of its own), so a feed without
  quotes is read with U+FFFF, which is no character and in no text.

Memory is bounded by the block, by the longest record allowed and by the malformed records kept.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
import zlib
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from rwe.feeds.contract import Entity, Format
from rwe.feeds.headers import HeaderMatch, match_header, match_position

NO_QUOTE = "\uffff"
"""What a feed without quotes is read with."""
BLOCK_BYTES = 1 << 20
"""Bytes read (or unpacked) at a time."""
LONGEST_RECORD_BYTES = 16 << 20
"""A record longer than this makes its file unreadable: it is a file without line ends."""
MALFORMED_KEPT = 10_000
"""Malformed records kept with their text, per file."""
MALFORMED_BYTES_KEPT = 32 << 20
"""Bytes of malformed records kept, per file."""

_BLANK = bytes(range(0x21))
_UTF8_MARK = b"\xef\xbb\xbf"
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
_GZIP_MAGIC = b"\x1f\x8b"
_NOT_IN_WINDOWS_1252 = re.compile(rb"[\x81\x8d\x8f\x90\x9d]")
_LINE_END = re.compile(rb"\r\n|\r|\n")
_PYTHON_CODEC = {"UTF-8": "utf-8", "ISO-8859-1": "latin-1", "windows-1252": "cp1252"}


@dataclass(frozen=True)
class MalformedRecord:
    """A record whose number of fields differs from the header's."""

    row_position: int
    """Ordinal among the data records of the file, from 1."""
    line_number: int
    """Line the record begins in, from 1."""
    found_fields: int
    """Number of fields of the record."""
    expected_fields: int
    """Number of fields of the header."""
    raw_record: str
    """The record literally, without its line end."""


@dataclass(frozen=True)
class BadText:
    """The first place where a file is not text in the contract's encoding."""

    line_number: int
    """Line of the byte, from 1."""
    byte_offset: int
    """Offset of the byte in the unpacked file, from 0."""
    found: str
    """What stands there."""


@dataclass(frozen=True)
class Inspection:
    """What one pass over a file showed."""

    size_bytes: int
    """Size of the file as it lies there, packed or not."""
    modified_at_micros: int
    """Modification time in microseconds since 1970 UTC."""
    unreadable: str | None = None
    """Why the file could not be read to its end, else None. Then only the size may be relied on."""
    sha256: str | None = None
    """SHA-256 of the unpacked content, in hexadecimal."""
    bad_text: BadText | None = None
    """The first byte that is not text in the contract's encoding. Then nothing was counted."""
    header_line: str | None = None
    """The header record literally, without byte order mark and line end; where a feed has none, the columns
    that stand for it. None in an empty file."""
    header: tuple[str, ...] = ()
    """The header's fields, unquoted, not trimmed."""
    match: HeaderMatch | None = None
    """The header laid over the entity's columns."""
    count_records: int = 0
    """Data records, the malformed included, header and blank lines not."""
    count_malformed: int = 0
    """Records whose number of fields differs from the header's."""
    malformed: tuple[MalformedRecord, ...] = ()
    """The first malformed records. Fewer than count_malformed where there are too many to keep."""
    widest_record: int = 0
    """Most fields found in a malformed record."""


def inspect_file(path: Path, file_format: Format, entity: Entity) -> Inspection:
    """Read one file, plain or `.gz`, once from begin to end.

    Never raises for what a file holds or lacks: a file that cannot be read says so in `unreadable`.
    """
    try:
        before = path.stat()
    except OSError as error:
        return Inspection(0, 0, unreadable=_os_error(error))
    size, modified = before.st_size, before.st_mtime_ns // 1000
    scan = (_MultilineScan if file_format.multiline else _LineScan)(file_format, entity)
    digest = hashlib.sha256()
    blocks = _hashed(_content(path), digest)
    try:
        scan.run(blocks)
        for _ in blocks:
            pass
        after = path.stat()
    except OSError as error:
        return Inspection(size, modified, unreadable=_os_error(error))
    except _UnreadableError as error:
        return Inspection(size, modified, unreadable=str(error))
    if (after.st_size, after.st_mtime_ns) != (before.st_size, before.st_mtime_ns):
        return Inspection(
            size,
            modified,
            unreadable=f"it changed while it was read ({size} bytes before, {after.st_size} after). "
            "Wait until it is copied and run again",
        )
    return scan.result(size, modified, digest.hexdigest())


def split_record(line: str, delimiter: str, quote: str) -> list[str]:
    """Cut one line into fields as Spark's CSV reader does (see the module's paragraph)."""
    fields: list[str] = []
    start, end = 0, len(line)
    while True:
        if line.startswith(quote, start):
            value, stop = _quoted_field(line, start, delimiter, quote)
        else:
            stop = line.find(delimiter, start)
            stop = end if stop < 0 else stop
            value = line[start:stop]
        fields.append(value)
        if stop >= end:
            return fields
        start = stop + 1


def _quoted_field(line: str, start: int, delimiter: str, quote: str) -> tuple[str, int]:
    """Value of the field whose opening quote stands at `start`, and where its delimiter stands."""
    end = len(line)
    closing = start + 1
    while True:
        closing = line.find(quote, closing)
        if closing < 0:
            return line[start + 1 :].replace(quote * 2, quote), end
        if line.startswith(quote, closing + 1):
            closing += 2
            continue
        break
    stop = closing + 1
    while stop < end and line[stop] <= " " and line[stop] != delimiter:
        stop += 1
    if stop >= end or line[stop] == delimiter:
        return line[start + 1 : closing].replace(quote * 2, quote), stop
    stop = line.find(delimiter, closing)
    stop = end if stop < 0 else stop
    return line[start:stop], stop


class _UnreadableError(Exception):
    """The bytes of a file cannot be had to its end."""


@dataclass
class _Scan(ABC):
    """What a pass has seen so far."""

    file_format: Format
    entity: Entity
    offset: int = 0
    """Bytes of the file before the lines at hand."""
    line_number: int = 0
    """Lines of the file before the lines at hand."""
    count_records: int = 0
    count_malformed: int = 0
    malformed: list[MalformedRecord] = field(default_factory=list)
    malformed_bytes: int = 0
    widest_record: int = 0
    header_line: str | None = None
    header: tuple[str, ...] = ()
    match: HeaderMatch | None = None
    bad_text: BadText | None = None
    first_not_ascii: BadText | None = None
    """Where the first byte above 127 stands, in a file of a single-byte encoding."""
    may_be_utf8: bool = True

    pending_lines: int = 0
    """Lines at hand of a record that has not ended."""

    @property
    def codec(self) -> str:
        """The encoding as Python calls it."""
        return _PYTHON_CODEC[self.file_format.encoding]

    @property
    def quote(self) -> str:
        """The character Spark's reader takes as a quote."""
        return self.file_format.quote or NO_QUOTE

    @abstractmethod
    def run(self, blocks: Iterator[bytes]) -> None:
        """Look at the blocks of the unpacked file, as far as they are text."""

    def whole_lines(self, blocks: Iterator[bytes]) -> Iterator[bytes]:
        """Cut blocks anew so that each ends with a line. Stops at the first bad byte."""
        rest, started = b"", False
        for block in blocks:
            data = rest + block
            if not started:
                if len(data) < len(_UTF8_MARK):
                    rest = data
                    continue
                data, started = self._without_mark(data), True
            cut = data.rfind(b"\n") + 1 or data.rfind(b"\r", 0, -1) + 1
            if cut == 0 and len(data) > LONGEST_RECORD_BYTES:
                raise _UnreadableError(
                    f"line {self.line_number + 1} has no end within {LONGEST_RECORD_BYTES} bytes. "
                    "Check the line ends of the file"
                )
            rest = data[cut:]
            if cut:
                yield from self._checked(data[:cut])
            if self.bad_text is not None:
                return
        if rest:
            yield from self._checked(rest if started else self._without_mark(rest))

    def _checked(self, data: bytes) -> Iterator[bytes]:
        if self.bad_text is None and not data.isascii():
            self._check_text(data)
        if self.bad_text is None:
            yield data
            self.offset += len(data)

    def result(self, size: int, modified: int, sha256: str) -> Inspection:
        bad_text = self.bad_text
        if bad_text is None and self.first_not_ascii is not None and self.may_be_utf8:
            bad_text = self.first_not_ascii
        return Inspection(
            size_bytes=size,
            modified_at_micros=modified,
            sha256=sha256,
            bad_text=bad_text,
            header_line=self.header_line,
            header=self.header,
            match=self.match,
            count_records=self.count_records,
            count_malformed=self.count_malformed,
            malformed=tuple(self.malformed),
            widest_record=self.widest_record,
        )

    def _without_mark(self, block: bytes) -> bytes:
        if block.startswith(_UTF16_MARKS):
            self.bad_text = BadText(1, 0, "the byte order mark of UTF-16")
        if block.startswith(_UTF8_MARK):
            if self.file_format.encoding != "UTF-8":
                self.bad_text = BadText(1, 0, "the byte order mark of UTF-8")
            self.offset += len(_UTF8_MARK)
            return block[len(_UTF8_MARK) :]
        return block

    def _check_text(self, data: bytes) -> None:
        """Look at lines with bytes above 127."""
        encoding = self.file_format.encoding
        if encoding == "UTF-8":
            try:
                data.decode("utf-8")
            except UnicodeDecodeError as error:
                byte = data[error.start]
                self.bad_text = self._place(data, error.start, f"the byte 0x{byte:02X}")
            return
        if encoding == "windows-1252" and (bad := _NOT_IN_WINDOWS_1252.search(data)):
            byte = data[bad.start()]
            self.bad_text = self._place(data, bad.start(), f"the byte 0x{byte:02X}")
        elif self.may_be_utf8:
            try:
                text = data.decode("utf-8")
            except UnicodeDecodeError:
                self.may_be_utf8 = False
            else:
                if self.first_not_ascii is None:
                    character = next(c for c in text if c > "\x7f")
                    start = data.index(character.encode())
                    self.first_not_ascii = self._place(
                        data,
                        start,
                        f"{character!r} as the UTF-8 bytes {character.encode().hex()}",
                    )

    def _place(self, data: bytes, start: int, found: str) -> BadText:
        lines_before = self.pending_lines + len(_LINE_END.findall(data[:start]))
        return BadText(self.line_number + lines_before + 1, self.offset + start, found)

    def _set_header(self, line: str) -> None:
        fields = tuple(split_record(line, self.file_format.separator, self.quote))
        if self.file_format.header:
            self.header_line, self.header = line, fields
            self.match = match_header(self.entity, fields)
        else:
            self.header, self.match = match_position(self.entity, len(fields))
            self.header_line = self.file_format.separator.join(self.header) if self.match.positions else line

    def _keep_malformed(self, text: str, line_number: int, found: int) -> None:
        self.count_malformed += 1
        self.widest_record = max(self.widest_record, found)
        self.malformed_bytes += len(text)
        if self.count_malformed > MALFORMED_KEPT or self.malformed_bytes > MALFORMED_BYTES_KEPT:
            return
        self.malformed.append(MalformedRecord(self.count_records, line_number, found, len(self.header), text))


class _LineScan(_Scan):
    """The pass over a feed whose records are lines."""

    def run(self, blocks: Iterator[bytes]) -> None:
        for data in self.whole_lines(blocks):
            lines = data.splitlines()
            start = 0
            if self.header_line is None:
                start = self._find_header(lines)
            if self.header_line is not None:
                self._count(data, lines, start)
            self.line_number += len(lines)

    def _find_header(self, lines: list[bytes]) -> int:
        """Learn the header from the first line that is not blank. Returns the number of lines used up."""
        for index, line in enumerate(lines):
            if line.strip(_BLANK):
                self._set_header(line.decode(self.codec))
                return index + self.file_format.header
        return len(lines)

    def _count(self, data: bytes, lines: list[bytes], start: int) -> None:
        """Count the records among `lines[start:]`, the lines of `data`."""
        expected = len(self.header)
        delimiter = self.file_format.separator.encode()
        counts = self._delimiters(data, lines)
        if start:
            lines, counts = lines[start:], counts[start:]
        regular = counts.count(expected - 1) == len(lines)
        if regular and (expected == 1 or delimiter in _BLANK):
            regular = all(line.strip(_BLANK) for line in lines)
        if regular:
            self.count_records += len(lines)
            return
        for index, (line, count) in enumerate(zip(lines, counts, strict=True), start + 1):
            if not line.strip(_BLANK):
                continue
            self.count_records += 1
            if count + 1 != expected:
                text = line.decode(self.codec)
                self._keep_malformed(text, self.line_number + index, count + 1)

    def _delimiters(self, data: bytes, lines: list[bytes]) -> list[int]:
        """Number of delimiters that separate fields, line by line."""
        delimiter = self.file_format.separator.encode()
        quote = self.quote.encode()  # NO_QUOTE is in no text but UTF-8
        if quote not in data:
            return [line.count(delimiter) for line in lines]
        outside = _outside_quotes(data, delimiter, quote)
        if outside is not None:
            outside_lines = outside.splitlines()
            if len(outside_lines) == len(lines):
                return [line.count(delimiter) for line in outside_lines]
        return [line.count(delimiter) if quote not in line else self._slow_delimiters(line) for line in lines]

    def _slow_delimiters(self, line: bytes) -> int:
        text = line.decode(self.codec)
        return len(split_record(text, self.file_format.separator, self.quote)) - 1


def _outside_quotes(data: bytes, delimiter: bytes, quote: bytes) -> bytes | None:
    """The data without what stands in quotes, or None where quoting is not plain.

    Plain means: each quoted piece begins after a delimiter, a line end or another piece (a doubled
    quote), ends before one, and holds no line end.
    """
    pieces = data.split(quote)
    if len(pieces) % 2 == 0:
        return None
    inside = b"".join(pieces[1::2])
    if b"\n" in inside or b"\r" in inside:
        return None
    outside = pieces[0::2]
    edges = delimiter + b"\r\n"
    if (outside[0] and outside[0][-1] not in edges) or (outside[-1] and outside[-1][0] not in edges):
        return None
    for piece in outside[1:-1]:
        if piece and (piece[0] not in edges or piece[-1] not in edges):
            return None
    return b"".join(outside)


class _MultilineScan(_Scan):
    """The pass over a feed whose quoted fields may hold line ends, by Python's csv module.

    Spark skips only empty lines then, and takes the file's first line end as the only one: a file
    with mixed line ends is caught by the count after the load.
    """

    def run(self, blocks: Iterator[bytes]) -> None:
        limit = csv.field_size_limit(LONGEST_RECORD_BYTES)
        taken: list[str] = []
        try:
            for row in csv.reader(
                self._text_lines(blocks, taken),
                delimiter=self.file_format.separator,
                quotechar=self.file_format.quote,
            ):
                self._record(row, "".join(taken).rstrip("\r\n"))
                self.line_number += len(taken)
                taken.clear()
        except csv.Error as error:
            raise _UnreadableError(
                f"the record at line {self.line_number + 1} cannot be cut into fields ({error}). Check its quotes"
            ) from error
        finally:
            csv.field_size_limit(limit)

    def _text_lines(self, blocks: Iterator[bytes], taken: list[str]) -> Iterator[str]:
        for data in self.whole_lines(blocks):
            for line in data.splitlines(keepends=True):
                text = line.decode(self.codec)
                taken.append(text)
                yield text
            self.pending_lines = len(taken)

    def _record(self, row: list[str], text: str) -> None:
        if not row:
            return
        if self.header_line is None:
            self.header_line = text
            self.header = tuple(row)
            self.match = match_header(self.entity, self.header)
            return
        self.count_records += 1
        if len(row) != len(self.header):
            self._keep_malformed(text, self.line_number + 1, len(row))


def _hashed(blocks: Iterator[bytes], digest: hashlib._Hash) -> Iterator[bytes]:
    for block in blocks:
        digest.update(block)
        yield block


def _content(path: Path) -> Iterator[bytes]:
    """The bytes of a file, unpacked where its name ends in .gz, in blocks."""
    with path.open("rb") as file:
        if path.name.lower().endswith(".gz"):
            yield from _unpacked(file)
            return
        first = file.read(BLOCK_BYTES)
        if first.startswith(_GZIP_MAGIC):
            raise _UnreadableError("the file is packed by gzip, but its name does not end in .gz. Rename it")
        while first:
            yield first
            first = file.read(BLOCK_BYTES)


def _unpacked(file: io.BufferedReader) -> Iterator[bytes]:
    """Unpack a gzip file of one or more members, BLOCK_BYTES at a time."""
    packed = file.read(BLOCK_BYTES)
    while packed:
        unpacker = zlib.decompressobj(wbits=31)
        while not unpacker.eof:
            if not packed:
                packed = file.read(BLOCK_BYTES)
                if not packed:
                    raise _UnreadableError(f"the gzip stream breaks off after {file.tell()} bytes. Copy the file again")
            try:
                block = unpacker.decompress(packed, BLOCK_BYTES)
            except zlib.error as error:
                raise _UnreadableError(
                    f"the gzip stream is corrupt before byte {file.tell()} ({error}). Copy the file again"
                ) from error
            packed = unpacker.unconsumed_tail
            if block:
                yield block
        packed = unpacker.unused_data.lstrip(b"\0") or file.read(BLOCK_BYTES).lstrip(b"\0")


def _os_error(error: OSError) -> str:
    return f"the system refuses it ({error.strerror or error}). Check the file and its permissions"
