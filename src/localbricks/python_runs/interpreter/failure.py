"""An exception as the analyst should read it: the model's own lines, and the message in full."""

from __future__ import annotations

import os
import traceback
from pathlib import Path

from .memory import VARIABLE, limit

_OWN_FOLDER = str(Path(__file__).parent) + os.sep
_STANDARD_FOLDER = str(Path(os.__file__).parent) + os.sep
_PACKAGES = f"{os.sep}site-packages{os.sep}"
_LIBRARIES = (f"{os.sep}pyspark{os.sep}", f"{os.sep}grpc{os.sep}")
_LARGEST = 256 * 1024


def describe(error: BaseException) -> tuple[str, str]:
    """One message such as `ValueError: no rows`, and the whole traceback."""
    _add_hint(error)
    _hide_jvm_stacktrace(error)
    described = traceback.TracebackException.from_exception(error, compact=True)
    _strip(described)
    return _bounded(_message(error)), _bounded("".join(described.format()).rstrip("\n"))


def _message(error: BaseException) -> str:
    """As the last line of a traceback has it, for every kind of exception in one piece."""
    kind = type(error)
    module = "" if kind.__module__ in ("builtins", "__main__") else f"{kind.__module__}."
    name = f"{module}{kind.__qualname__}"
    text = str(error)
    return f"{name}: {text}" if text else name


def _strip(described: traceback.TracebackException) -> None:
    """Take out the runner's frames, and all but the first of what is deep inside PySpark, in every cause too."""
    frames: list[traceback.FrameSummary] = []
    is_inside = False
    for frame in described.stack:
        if frame.filename.startswith(_OWN_FOLDER):
            continue
        was_inside = is_inside
        is_inside = _is_library(frame) or (was_inside and _is_standard(frame))
        if not (is_inside and was_inside):
            frames.append(frame)
    described.stack = traceback.StackSummary.from_list(frames)
    for other in (described.__cause__, described.__context__, *(described.exceptions or ())):
        if other is not None:
            _strip(other)


def _is_library(frame: traceback.FrameSummary) -> bool:
    return any(part in frame.filename for part in _LIBRARIES)


def _is_standard(frame: traceback.FrameSummary) -> bool:
    name = frame.filename
    return name.startswith("<frozen") or (name.startswith(_STANDARD_FOLDER) and _PACKAGES not in name)


def _hide_jvm_stacktrace(error: BaseException | None) -> None:
    """Spark's message with an error class says it all; sixty frames of the JVM behind it say nothing to an analyst."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        if getattr(error, "_display_stacktrace", False) and error.getCondition():  # type: ignore[attr-defined]
            error._display_stacktrace = False  # type: ignore[attr-defined]
        error = error.__cause__ or error.__context__


def _add_hint(error: BaseException) -> None:
    """Say what to do about failures that have their cause in running locally."""
    if isinstance(error, FileNotFoundError) and str(error.filename or "").startswith("/Volumes/"):
        error.add_note(
            "localbricks serves /Volumes to Spark and to dbutils.fs, not to Python's open(): read the file with "
            "spark.read, or open the path that dbutils.fs.local_path(path) gives."
        )
    elif isinstance(error, MemoryError):
        error.add_note(
            f"A model may have {limit() // 2**20} MB in Python: keep less there (toPandas, collect), "
            f"or set {VARIABLE} (for example 8g) before `localbricks up`."
        )
    elif isinstance(error, ModuleNotFoundError) and error.name:
        import sys

        error.add_note(f"No package in {sys.prefix} has it: install the package there and run again.")


def _bounded(text: str) -> str:
    """The beginning and the end of a long text: the end of a traceback is what matters most."""
    if len(text) <= _LARGEST:
        return text
    half = _LARGEST // 2
    return f"{text[:half]}\n[… {len(text) - 2 * half} characters left out …]\n{text[-half:]}"
