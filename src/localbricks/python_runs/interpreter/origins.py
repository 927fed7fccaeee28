"""Which line of the model made the DataFrame that fails?

Spark Connect analyses a DataFrame when it is first used: a misspelt column in the model is reported at the
write, in code that dbt generated. Here every plan remembers the line it was made in, and after such an error
the plan is looked at from its end to its beginning, to find the first part of it that fails by itself.
"""

from __future__ import annotations

import linecache
import os
import sys
import time
from collections.abc import Iterator
from types import TracebackType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pyspark.sql.connect.plan import LogicalPlan
    from pyspark.sql.connect.session import SparkSession

_PYSPARK = f"{os.sep}pyspark{os.sep}"
_ORIGIN = "_localbricks_origin"
_DEEPEST = 30
# Every look is a request to the engine; the analyst waits for the error meanwhile.
_SECONDS = 3.0


def remember_origins() -> None:
    """From now on every plan remembers where it was made: file, line, function."""
    from pyspark.sql.connect.plan import LogicalPlan

    initialize = LogicalPlan.__init__

    def initialize_and_remember(self: LogicalPlan, *arguments: Any, **named: Any) -> None:
        initialize(self, *arguments, **named)
        frame = sys._getframe(1)
        for _ in range(_DEEPEST):
            code = frame.f_code
            if _PYSPARK not in code.co_filename:
                setattr(self, _ORIGIN, (code.co_filename, frame.f_lineno, code.co_name))
                return
            if frame.f_back is None:
                return
            frame = frame.f_back

    if not hasattr(initialize, _ORIGIN):
        setattr(initialize_and_remember, _ORIGIN, True)
        LogicalPlan.__init__ = initialize_and_remember


def explain_origin(error: BaseException, session: SparkSession) -> None:
    """Add to an analysis error the line that made the failing DataFrame, where the traceback does not have it."""
    from pyspark.errors import AnalysisException

    if not isinstance(error, AnalysisException):
        return
    plan = _plan_in(error.__traceback__)
    if plan is None:
        return
    origin = getattr(_first_failing(plan, session), _ORIGIN, None)
    if origin is None or origin[:2] in set(_lines_in(error.__traceback__)):
        return
    name, line, function = origin
    text = linecache.getline(name, line).strip()
    error.add_note(f'The DataFrame that fails was made here:\n  File "{name}", line {line}, in {function}\n    {text}')


def _plan_in(trace: TracebackType | None) -> LogicalPlan | None:
    """The plan of the DataFrame, or of the writer of one, whose method failed."""
    from pyspark.sql.connect.plan import LogicalPlan

    while trace is not None:
        used = trace.tb_frame.f_locals.get("self")
        if _PYSPARK in trace.tb_frame.f_code.co_filename:
            for plan in (getattr(used, "_plan", None), getattr(used, "_df", None)):
                if isinstance(plan, LogicalPlan):
                    return plan
        trace = trace.tb_next
    return None


def _first_failing(plan: LogicalPlan, session: SparkSession) -> LogicalPlan:
    """The innermost part of a failing plan that fails too."""
    end = time.monotonic() + _SECONDS
    while time.monotonic() < end:
        inner = next((part for part in _parts(plan) if _fails(part, session)), None)
        if inner is None:
            break
        plan = inner
    return plan


def _parts(plan: LogicalPlan) -> Iterator[LogicalPlan]:
    """The plans that a plan is made of."""
    from pyspark.sql.connect.plan import LogicalPlan

    seen: set[int] = set()
    for value in vars(plan).values():
        for part in value if isinstance(value, list | tuple) else [value]:
            if isinstance(part, LogicalPlan) and id(part) not in seen:
                seen.add(id(part))
                yield part


def _fails(plan: LogicalPlan, session: SparkSession) -> bool:
    from pyspark.errors import AnalysisException
    from pyspark.sql.connect.dataframe import DataFrame

    try:
        DataFrame(plan, session).schema  # noqa: B018
    except AnalysisException:
        return True
    return False


def _lines_in(trace: TracebackType | None) -> Iterator[tuple[str, int]]:
    """File and line of every frame of a traceback."""
    while trace is not None:
        yield trace.tb_frame.f_code.co_filename, trace.tb_lineno
        trace = trace.tb_next
