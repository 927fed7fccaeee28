"""SCHEDULE and TRIGGER clauses of materialized views and streaming tables, as DESCRIBE EXTENDED shows them.

They are kept and shown. Nothing is refreshed by itself here: REFRESH does it.
"""

from __future__ import annotations

from localbricks.sql.lexer import Kind, Reader

MANUAL = "MANUAL"
_SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86400, "week": 604800}
_EVERY = ("hour", "day", "week")


def is_ahead(reader: Reader) -> bool:
    """Whether such a clause is ahead."""
    return reader.peek("schedule") or reader.peek("trigger", "on", "update")


def read(reader: Reader) -> str:
    """Read `SCHEDULE [REFRESH] {CRON '…' [AT TIME ZONE '…'] | EVERY n unit}` or `TRIGGER ON UPDATE [AT MOST EVERY …]`."""
    if reader.take("trigger", "on", "update"):
        if not reader.take("at", "most", "every"):
            return "TRIGGER ON UPDATE"
        reader.take("interval")
        count, unit = _quantity(reader, tuple(_SECONDS))
        return f"TRIGGER ON UPDATE AT MOST EVERY INTERVAL {count * _SECONDS[unit]} SECONDS"
    reader.expect("schedule")
    reader.take("refresh")
    if reader.take("every"):
        count, unit = _quantity(reader, _EVERY)
        return f"EVERY {count} {unit.upper()}{'S' if count > 1 else ''}"
    reader.expect("cron")
    cron = reader.string()
    zone = reader.string() if reader.take("at", "time", "zone") else "Etc/UTC"
    return f"CRON '{cron}' AT TIME ZONE '{zone}'"


def _quantity(reader: Reader, units: tuple[str, ...]) -> tuple[int, str]:
    token = reader.next()
    text = token.value if token.kind in (Kind.NUMBER, Kind.STRING) else ""
    if not text.isdigit():
        raise reader.error("Expected a number.")
    unit = reader.next().lower.removesuffix("s")
    if unit not in units:
        raise reader.error(f"Expected one of {', '.join(units).upper()}.")
    return int(text), unit
