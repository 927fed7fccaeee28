"""Why a statement failed, below the words that a client is told: the messages of the JVM's causes."""

from __future__ import annotations

from collections.abc import Iterator

from py4j.protocol import Py4JError, Py4JJavaError
from pyspark.errors import AnalysisException, PySparkException

from localbricks.errors import DatabricksError

DEPTH = 12


def messages(error: BaseException) -> Iterator[str]:
    """The messages of an exception of the JVM and of its causes, the outermost first; none of any other exception.

    What a client is told stands for the exception that it was made from.

    Of an analysis that failed there are none either: it touches no data, and its own words say all.
    """
    for _ in range(DEPTH):
        # One that passes through twice is its own cause.
        if isinstance(error, DatabricksError) and error.__cause__ is not None:
            error = error.__cause__
    if isinstance(error, AnalysisException):
        return
    java = getattr(error, "_origin", None) if isinstance(error, PySparkException) else None
    if isinstance(error, Py4JJavaError):
        java = error.java_exception
    try:
        for _ in range(DEPTH):
            if java is None:
                return
            yield str(java.getMessage())
            java = java.getCause()
    except Py4JError:
        return  # the engine has ended meanwhile
