"""What becomes of a landing file: status and reason, from what the pass over it showed.

The decisions that need the other files (duplicates, changed files) are in `rwe.landing.plan`.
"""

from __future__ import annotations

from dataclasses import dataclass

from rwe.feeds.contract import Contract, Entity
from rwe.landing.inspect import MALFORMED_KEPT, Inspection

LOADED_STATUSES = frozenset({"LOADED", "LOADED_UNKNOWN_COLUMNS"})
"""Statuses of files whose records are in the raw table."""

MOST_FIELDS = 20_480
"""Spark's CSV reader fails on a record with more fields than this (its option maxColumns)."""

MALFORMED_TOLERATED = 100
"""So many malformed records are always quarantined one by one, whatever their share."""

MALFORMED_SHARE = 0.1
"""Above this share of malformed records, and above the number tolerated, a file is refused."""


@dataclass(frozen=True)
class Verdict:
    """Status of a file, one of rwe.feeds.sources.STATUSES, and why."""

    status: str
    """The status."""
    reason: str | None
    """Found, expected, where, what to do. None for LOADED."""


def judge(inspection: Inspection, contract: Contract, entity_name: str) -> Verdict:
    """Decide on one file by itself."""
    entity = contract.entities[entity_name]
    if inspection.unreadable is not None:
        return Verdict(
            "UNREADABLE",
            f"Found a file that cannot be read to its end: {inspection.unreadable}.",
        )
    if inspection.bad_text is not None:
        bad = inspection.bad_text
        encoding = contract.format_of(entity_name).encoding
        return Verdict(
            "WRONG_ENCODING",
            f"Found {bad.found} in line {bad.line_number} (byte offset {bad.byte_offset}), expected "
            f"text in {encoding}. Convert the file to {encoding}, "
            "or correct format.encoding in the contract.",
        )
    if inspection.match is None:
        return Verdict(
            "EMPTY_FILE",
            f"Found {inspection.size_bytes} bytes without any text, expected a header and records. "
            "Ask the source for the file again if it should hold data.",
        )
    if problem := _header_problem(inspection, entity, entity_name, contract.format_of(entity_name).header):
        return problem
    if inspection.count_records == 0:
        return Verdict(
            "HEADER_ONLY",
            "Found a header and no record, expected at least one. Nothing was loaded. Ask the "
            "source whether the period is really empty.",
        )
    if problem := _malformed_problem(inspection):
        return problem
    if inspection.match.unknown:
        return Verdict(
            "LOADED_UNKNOWN_COLUMNS",
            f"Found columns the contract does not know: {unknown_columns(inspection)}. Their values "
            "are in _rescued_data. Add them to the contract's columns and as a new generation.",
        )
    return Verdict("LOADED", None)


def unknown_columns(inspection: Inspection) -> str | None:
    """Names of the header's unknown columns, comma and blank between them, or None."""
    if inspection.match is None or not inspection.match.unknown:
        return None
    return ", ".join(
        inspection.header[position].strip() or f"(field {position + 1} without a name)"
        for position in inspection.match.unknown
    )


def _header_problem(inspection: Inspection, entity: Entity, entity_name: str, has_header: bool) -> Verdict | None:
    match = inspection.match
    assert match is not None
    if not match.positions and not has_header:
        counts = " or ".join(sorted({str(len(generation.columns)) for generation in entity.generations}))
        return Verdict(
            "NO_HEADER",
            f"Found {len(inspection.header)} fields in the first record, expected {counts}, which tell the columns of "
            f"{entity_name} where no header does. Check the delimiter and ask the source for the file again.",
        )
    if not match.positions:
        return Verdict(
            "NO_HEADER",
            f"Found the first record {_shortened(inspection.header_line or '')}, expected a header "
            f"of {entity_name} such as {_shortened(','.join(entity.generations[-1].columns))}. "
            "Check the delimiter and the encoding, and put the header line back.",
        )
    if match.repeated:
        names = ", ".join(match.repeated)
        return Verdict(
            "NO_HEADER",
            f"Found more than one header field for {names}, expected one for each column. Remove or "
            "rename all but one.",
        )
    if match.missing:
        expected = "; ".join(
            f"{column.name} (as {' or '.join(column.synonyms)})"
            for column in entity.columns
            if column.name in match.missing
        )
        unclear = (
            f" The header's {', '.join(match.ambiguous)} could be more than one column." if match.ambiguous else ""
        )
        return Verdict(
            "MISSING_COLUMN",
            f"Found a header of {len(inspection.header)} fields without {expected}, expected every "
            f"column that all generations of {entity_name} have.{unclear} Ask the source for the "
            "whole file, or add the new header to the contract's generations.",
        )
    return None


def _malformed_problem(inspection: Inspection) -> Verdict | None:
    count, records = inspection.count_malformed, inspection.count_records
    if inspection.widest_record > MOST_FIELDS:
        found = f"a record of {inspection.widest_record} fields"
        expected = f"at most {MOST_FIELDS}, which is what the load can take"
    elif count > len(inspection.malformed):
        found = f"{count} of {records} records with another number of fields than the header"
        expected = f"at most {MALFORMED_KEPT} of ordinary length, which can be listed one by one"
    elif count > MALFORMED_TOLERATED and count > MALFORMED_SHARE * records:
        found = f"{count} of {records} records with another number of fields than the header"
        expected = f"at most {MALFORMED_TOLERATED} or {MALFORMED_SHARE:.0%}"
    else:
        return None
    first = inspection.malformed[0] if inspection.malformed else None
    where = (
        f" The first is line {first.line_number} with {first.found_fields} instead of {first.expected_fields} fields."
        if first
        else ""
    )
    return Verdict(
        "TOO_MANY_MALFORMED",
        f"Found {found}, expected {expected}.{where} Check the delimiter and the quoting, and ask "
        "the source for the file again.",
    )


def _shortened(text: str, length: int = 120) -> str:
    return repr(text if len(text) <= length else text[:length] + "…")
