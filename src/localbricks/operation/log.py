"""The server's log: one JSON object a line, in files that are rotated, without secrets.

In this room: how a line is written and how the lines are read again. A line has `time`, `level`, `room` and either
`message` or `event` with its facts. Statements are told by `statement_facts`: never their bound parameters, never
their rows, and of an error its class alone, because messages quote values. Tokens that the server knows are blotted
out of every line, wherever they come from.
"""

from __future__ import annotations

import json
import logging
import logging.handlers
import traceback
from collections import deque
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from localbricks.home import Home

if TYPE_CHECKING:
    from localbricks.sql.warehouse import Execution

FILE = "localbricks.log"
FILE_BYTES = 10_000_000
KEPT_FILES = 3
TEXT_LENGTH = 300
LEVELS = ("debug", "info", "warning", "error", "critical")
_NOISY = ("py4j", "uvicorn.access")


def shortened(text: str, length: int = TEXT_LENGTH) -> str:
    """A text on one line, without its middle where it is longer than `length` characters."""
    flat = " ".join(text.split())
    if len(flat) <= length:
        return flat
    half = (length - 3) // 2
    return f"{flat[:half]} … {flat[-half:]}"


def facts(event: str, **values: Any) -> dict[str, Any]:
    """`extra` for a logger: an event and its facts, without those that are None."""
    return {"facts": {"event": event} | {key: value for key, value in values.items() if value is not None}}


def where(error: BaseException) -> list[str]:
    """The frames of an exception, the innermost last, without its message: that may quote what a client sent."""
    frames = traceback.extract_tb(error.__traceback__)
    return [f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames[-12:]]


def statement_facts(execution: Execution) -> dict[str, Any]:
    """`extra` of a statement that has ended."""
    return facts(
        "statement",
        session=execution.session_id.hex(),
        statement=execution.tag,
        user=execution.user,
        state=execution.state.value.lower(),
        seconds=round(execution.seconds, 3),
        engine_seconds=round(execution.engine_seconds, 3),
        rows=execution.rows,
        error_class=execution.error_class,
        text=shortened(execution.text),
    )


class JsonLines(logging.Formatter):
    """A record as one JSON object; every secret in it is blotted out."""

    def __init__(self, secrets: Iterable[str]) -> None:
        super().__init__()
        self._secrets = [secret for secret in secrets if secret]

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "room": record.name.removeprefix("localbricks."),
        }
        told: dict[str, Any] = getattr(record, "facts", {})
        if not told or record.msg:
            line["message"] = record.getMessage()
        line |= told
        if record.exc_info and record.exc_info[1] is not None:
            line["exception"] = "".join(traceback.format_exception(record.exc_info[1])).strip()
        text = json.dumps(line, ensure_ascii=False, default=str)
        for secret in self._secrets:
            text = text.replace(secret, "•••")
        return text


def log_to_files(home: Home, secrets: Iterable[str]) -> logging.Handler:
    """Write what all rooms log to the home's log; the handler, which the caller may remove."""
    handler = logging.handlers.RotatingFileHandler(
        home.logs / FILE, maxBytes=FILE_BYTES, backupCount=KEPT_FILES, encoding="utf-8"
    )
    handler.setFormatter(JsonLines(secrets))
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    # A disk that is full must not turn into an error of the statement that is told of.
    logging.raiseExceptions = False
    for noisy in _NOISY:
        logging.getLogger(noisy).setLevel(logging.WARNING)
    return handler


def start_anew(log: Path) -> None:
    """Put a log aside that a process writes to directly, when it has grown long; call it before that process starts."""
    if log.exists() and log.stat().st_size > FILE_BYTES:
        log.replace(log.with_suffix(".old.log"))


def read(home: Home) -> Iterator[dict[str, Any]]:
    """All lines that are kept, the oldest first; a line that is no JSON object is told as a message."""
    files = [home.logs / f"{FILE}.{number}" for number in range(KEPT_FILES, 0, -1)] + [home.logs / FILE]
    for path in files:
        try:
            with path.open(encoding="utf-8", errors="replace") as stream:
                for text in stream:
                    yield _line(text)
        except FileNotFoundError:
            continue


def last(
    home: Home, count: int, level: str = "debug", session: str | None = None, statement: str | None = None
) -> list[dict[str, Any]]:
    """The last lines of at least a level, of one session or statement where these are named.

    Args:
        session: how the session's id begins.
        statement: how the statement's id begins.
    """
    least = LEVELS.index(level)

    def wanted(line: dict[str, Any]) -> bool:
        told = line.get("level", "info")
        return (
            (LEVELS.index(told) if told in LEVELS else least) >= least
            and str(line.get("session", "")).startswith(session or "")
            and str(line.get("statement", "")).startswith(statement or "")
        )

    return list(deque((line for line in read(home) if wanted(line)), maxlen=count))


def as_text(line: dict[str, Any]) -> str:
    """A line for people: time, level, room, then the rest as `key=value`."""
    rest = {key: value for key, value in line.items() if key not in ("time", "level", "room", "message", "exception")}
    told = " ".join(f"{key}={value if isinstance(value, str) else json.dumps(value)}" for key, value in rest.items())
    head = f"{line.get('time', '')} {line.get('level', '').upper():<7} {line.get('room', '')}"
    parts = [head, str(line.get("message", "")), told, *(["\n" + line["exception"]] if "exception" in line else [])]
    return " ".join(part for part in parts if part)


def _line(text: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except ValueError:
        value = None
    return value if isinstance(value, dict) else {"level": "info", "message": text.rstrip("\n")}
