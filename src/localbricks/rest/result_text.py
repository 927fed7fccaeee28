"""Values of a result as the text that the Statement Execution API gives for them: JSON_ARRAY and CSV.

Nested values, intervals and variants are text already when they come from the engine (`Form`); what is left are
the plain types.
"""

from __future__ import annotations

import base64
import csv
import datetime
import io
import json
import math
from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any

import pyarrow as pa

Rows = list[tuple[str | None, ...]]


def text_rows(batch: pa.RecordBatch) -> Rows:
    """The rows of a batch, each value as text or None."""
    columns = [_column(column) for column in batch.columns]
    return list(zip(*columns, strict=True))


def json_array(rows: Iterable[tuple[str | None, ...]]) -> bytes:
    """Rows as compact JSON."""
    return json.dumps(list(rows), ensure_ascii=False, separators=(",", ":")).encode()


def csv_text(rows: Iterable[tuple[str | None, ...]], header: list[str] | None) -> bytes:
    """Rows as CSV by RFC 4180; a null is the word `null`."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    if header is not None:
        writer.writerow(header)
    writer.writerows(["null" if value is None else value for value in row] for row in rows)
    return out.getvalue().encode()


def _column(column: pa.Array) -> list[str | None]:
    kind = column.type
    if pa.types.is_timestamp(kind):
        return [None if micros is None else _timestamp(micros, kind.tz) for micros in _micros(column)]
    if pa.types.is_integer(kind) or pa.types.is_date(kind):
        return list(column.cast(pa.string()).to_pylist())
    convert: Callable[[Any], str] = str
    if pa.types.is_boolean(kind):
        convert = lambda value: "true" if value else "false"  # noqa: E731
    elif pa.types.is_float32(kind):
        # The shortest text that reads back as the same 32 bits, which str() of a Python float is not.
        return [None if value is None else java_number(str(value)) for value in _shortest(column)]
    elif pa.types.is_floating(kind):
        convert = lambda value: java_number(repr(value))  # noqa: E731
    elif pa.types.is_decimal(kind):
        convert = _decimal
    elif pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        convert = lambda value: base64.b64encode(value).decode()  # noqa: E731
    return [None if value is None else convert(value) for value in column.to_pylist()]


def _micros(column: pa.Array) -> list[int | None]:
    return list(column.cast(pa.timestamp("us", tz=column.type.tz)).cast(pa.int64()).to_pylist())


def _shortest(column: pa.Array) -> list[Any]:
    numbers = column.to_numpy(zero_copy_only=False)
    return [None if not valid else number for number, valid in zip(numbers, column.is_valid().to_pylist(), strict=True)]


_EPOCH = datetime.datetime(1970, 1, 1)


def _timestamp(micros: int, zone: str | None) -> str:
    """Milliseconds, or microseconds where there are some; `Z` for a moment, nothing for a local time."""
    moment = _EPOCH + datetime.timedelta(microseconds=micros)
    return moment.isoformat(timespec="microseconds" if micros % 1000 else "milliseconds") + ("Z" if zone else "")


def _decimal(value: Decimal) -> str:
    return format(value, "f")


def java_number(text: str) -> str:
    """A floating point number as Java writes it: plain from 0.001 to 10 million, otherwise `1.0E10`."""
    number = float(text)
    if math.isnan(number):
        return "NaN"
    if math.isinf(number):
        return "Infinity" if number > 0 else "-Infinity"
    if number == 0:
        return text if text in ("0.0", "-0.0") else "0.0"
    decimal = Decimal(text)
    if 1e-3 <= abs(number) < 1e7:
        plain = format(decimal, "f")
        return plain if "." in plain else f"{plain}.0"
    sign, digits, _ = decimal.as_tuple()
    kept = "".join(map(str, digits)).rstrip("0") or "0"
    return f"{'-' if sign else ''}{kept[0]}.{kept[1:] or '0'}E{decimal.adjusted()}"
