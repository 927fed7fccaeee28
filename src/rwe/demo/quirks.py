"""The faults that real deliveries have, and where the demo files have them.

A quirk is always an extra record (or an extra file, or an extra empty line): the clean records
around it are whole, so what must survive is known. In this room: the names of the faults, the
broken records, and where in a file they stand. Not here: writing them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

FIELD_COUNT = "FIELD_COUNT"
MISSING_REQUIRED = "MISSING_REQUIRED"
BAD_TYPE = "BAD_TYPE"
BAD_PATTERN = "BAD_PATTERN"
NOT_ACCEPTED = "NOT_ACCEPTED"
DUPLICATE_KEY = "DUPLICATE_KEY"
TOTAL_QUANTITY_MISMATCH = "TOTAL_QUANTITY_MISMATCH"
APPLIANCE_CODE_LENGTH = "APPLIANCE_CODE_LENGTH"
PRACTICE_UNKNOWN = "PRACTICE_UNKNOWN"
NEGATIVE_MEASURE = "NEGATIVE_MEASURE"
DEATH_BEFORE_BIRTH = "DEATH_BEFORE_BIRTH"
STOP_BEFORE_START = "STOP_BEFORE_START"
"""Reason codes of a quarantined record: the general ones, then those of the feeds' contracts."""


@dataclass(frozen=True)
class Fault:
    """One way to spoil a record."""

    reason: str
    """The one reason code that the record deserves."""
    column: str
    """The column that is spoiled; for FIELD_COUNT where fields are lost or won; may be empty."""
    value: str
    """What stands in the column instead. For FIELD_COUNT: `fewer` cuts the record before the
    column, `more` puts a field after it, as an unquoted comma does."""


def spoil(row: Mapping[str, str], columns: Sequence[str], fault: Fault) -> list[str]:
    """The fields of the row under the columns, with the fault in them.

    Raises ValueError when the fault names a column that the header does not have.
    """
    if fault.column and fault.column not in columns:
        raise ValueError(
            f"fault {fault.reason} names column {fault.column!r}, the header has {list(columns)}: "
            "name a column of the header"
        )
    fields = [row[column] for column in columns]
    if fault.reason == FIELD_COUNT:
        at = columns.index(fault.column)
        if fault.value == "fewer":
            return fields[:at]
        return [*fields[: at + 1], " and more", *fields[at + 1 :]]
    if fault.column:
        fields[columns.index(fault.column)] = fault.value
    return fields


def places(count_faults: int, count_steps: int) -> list[int]:
    """After which step (from 1) each fault stands, spread evenly over a file of so many steps."""
    return [max(1, (n + 1) * count_steps // (count_faults + 1)) for n in range(count_faults)]
