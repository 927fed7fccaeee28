"""One Spark session of its own per SQL session: runs statements, collects their rows, cancels them."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import struct
import tempfile
import threading
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
from py4j.protocol import Py4JError, Py4JJavaError, Py4JNetworkError
from pyspark.errors import AnalysisException, PySparkException
from pyspark.sql import types as t

from localbricks.engine.classes import ARROW_SPOOL, LOCAL_ROWS, NOTED_COMMITS, PLAN_SETTINGS, REACHED_TABLES
from localbricks.engine.interpretation import INTERPRETED, SMALL_BYTES, has_other_rows
from localbricks.engine.jvm import Engine
from localbricks.engine.results import PLAIN, Form, Result, Spool
from localbricks.engine.stopwatch import in_engine
from localbricks.engine.types import as_text
from localbricks.errors import DatabricksError, no_such_catalog

_thread = threading.local()
"""What has been told to the JVM's thread that belongs to this one."""
POOLS = 16
_numbers = itertools.count()


class EngineSession:
    """A Spark session that shares the catalog and isolates temporary views, settings and the current schema.

    Statements of one session may run in several threads; each begins with a tag, by which it is cancelled.
    """

    def __init__(self, engine: Engine, spool_folder: Path) -> None:
        self._engine = engine
        self._folder = spool_folder
        self.java = engine.root_session.newSession()
        self._context = self.java.sparkContext()
        self._interpreted = False
        # Sessions share the engine fairly; inside a pool the first comes first. Spark never drops a pool.
        self._pool = f"sessions-{next(_numbers) % POOLS}"

    def sibling(self, schema: str) -> EngineSession:
        """A new session, with nothing of this one's settings and temporary views, in a schema."""
        other = EngineSession(self._engine, self._folder)
        other.frame(f"use {_quoted(schema)}")
        return other

    def begin(self, tag: str) -> None:
        """Name all that this thread does from now on, so that it can be cancelled.

        Before any of a statement's work: a thread of the JVM keeps the name of what it did before, and if that was
        cancelled, every job of the name is.
        """
        context = self._context
        context.setJobGroup(tag, "", False)
        context.setLocalProperty("spark.scheduler.pool", self._pool)
        if not getattr(_thread, "has_call_site", False):
            # Spark walks the stack for every RDD and job unless it is told where they come from.
            for form in ("callSite.short", "callSite.long"):
                context.setLocalProperty(form, "localbricks")
            _thread.has_call_site = True

    def frame(self, sql: str) -> Any:
        """The Java DataFrame of a statement; commands have run when this returns.

        Raises:
            DatabricksError: with Spark's error class and SQLSTATE.
        """
        return self._given(sql, self.java.sql)

    def insert(self, sql: str) -> int | None:
        """Run an INSERT; the rows that it has added, None where nobody counts them: the table is not one of Delta's."""
        info = self._given(sql, lambda text: self.java_class(NOTED_COMMITS).of(self.java, text))
        if not info:
            return None if info is None else 0
        metrics = json.loads(info)["commitInfo"].get("operationMetrics", {})
        if "numOutputRows" not in metrics:
            return None
        # Of files that REPLACE WHERE has to write anew, the rows that stay are no new ones.
        return int(metrics["numOutputRows"]) - int(metrics.get("numCopiedRows", 0))

    def expect_input(self, size: int) -> None:
        """Tell of `size` bytes that the next plan reads from files that are in no table."""
        self._interpret(size <= SMALL_BYTES)

    def run(self, sql: str, form: Form = PLAIN) -> Result:
        """Run a statement and collect its rows."""
        frame = self.frame(sql)
        try:
            return self.collect(frame, form)
        except Exception as error:
            raise self.error(error) from error

    def set(self, key: str, value: str) -> None:
        """Set one of Spark's settings.

        Raises:
            DatabricksError: the setting is static, or the value none of its.
        """
        try:
            self.java.conf().set(key, value)
        except Exception as error:
            raise self.error(error) from error

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """All rows of a small statement as tuples."""
        table = self.run(sql).to_arrow()
        return list(zip(*(column.to_pylist() for column in table.columns), strict=True))

    def collect(self, frame: Any, form: Form = PLAIN) -> Result:
        """The rows of a Java DataFrame; types that the client cannot take are turned into text first."""
        schema = self.schema(frame)
        frame = self._with_text(frame, schema, form)
        if not schema.fields:
            return Result.empty(self._folder)
        if form.row_limit is not None:
            frame = frame.limit(form.row_limit + 1)
        descriptor, path = tempfile.mkstemp(dir=self._folder, prefix="result-")
        file = os.fdopen(descriptor, "rb")
        try:
            with in_engine():
                answer = self.java_class(ARROW_SPOOL).collect(frame, path, form.lz4)
        except BaseException:
            file.close()
            raise
        finally:
            # A file without a name goes with its last reader.
            Path(path).unlink()
        (size,) = struct.unpack_from(">i", answer)
        arrow_schema = pa.ipc.read_schema(pa.py_buffer(answer[4 : 4 + size]))
        return Result(schema, arrow_schema, Spool.of_file(self._folder, file, answer[4 + size :]), form.lz4)

    def schema(self, frame: Any) -> t.StructType:
        """The columns of a Java DataFrame, or of an entry in Spark's catalog."""
        return t.StructType.fromJson(json.loads(frame.schema().json()))

    def java_class(self, name: str) -> Any:
        """A class of the JVM by its full name, for its static methods."""
        return self._engine.java_class(name)

    def scala_object(self, name: str) -> Any:
        """A Scala object by its full name."""
        return self._engine.scala_object(name)

    def scala_option(self, value: Any = None) -> Any:
        """`Some(value)`, or `None` without one."""
        return self._engine.scala_option(value)

    def string_array(self, items: Sequence[str]) -> Any:
        """A Java array of strings."""
        return self._engine.string_array(items)

    def has_temporary_view(self, name: str) -> bool:
        """Whether this session has a temporary view of that name."""
        return bool(self.java.sessionState().catalog().getRawTempView(name).isDefined())

    def schema_of_temporary_view(self, name: str) -> t.StructType:
        """The columns of a temporary view as they were when it was made: its statement is not analysed again."""
        return self.schema(self.java.sessionState().catalog().getRawTempView(name).get().tableMeta())

    def temporary_views(self) -> list[str]:
        """Names of this session's temporary views, without those that rules made for themselves."""
        listed = self.java.sessionState().catalog().listLocalTempViews("*")
        names = [str(name.table()) for name in self._engine.items(listed)]
        return sorted(name for name in names if not name.startswith("__"))

    def view_of_rows(self, name: str, columns: Sequence[tuple[str, str]], rows: Iterable[Sequence[Any]]) -> None:
        """Make a temporary view of rows that are at hand.

        Args:
            columns: names and types: string, int, bigint, timestamp.
            rows: texts, numbers, None; times as text, with their zone.
        """
        described = ", ".join(f"{_quoted(column)} {kind}" for column, kind in columns)
        data = json.dumps(list(rows), ensure_ascii=False)
        try:
            self.java_class(LOCAL_ROWS).view(self.java, name, described, data)
        except Exception as error:
            raise self.error(error) from error

    def drop_temporary_views(self, names: Iterable[str]) -> None:
        """Drop temporary views, whether they are there or not."""
        for name in names:
            # Of an engine that has just ended the statement itself tells.
            with contextlib.suppress(Py4JError):
                self.java.sessionState().catalog().dropTempView(name)

    def cancel(self, tag: str) -> None:
        """Cancel the Spark jobs of the statement that runs under `tag`, and those that it has not begun yet."""
        self._context.cancelJobGroupAndFutureJobs(tag)

    def close(self) -> None:
        """Drop the session's temporary views; tables belong to the catalog that all share."""
        if self._engine.alive:
            self.java.sessionState().catalog().clearTempTables()

    def error(self, error: BaseException) -> BaseException:
        """The exception that a client is told about."""
        if isinstance(error, DatabricksError):
            return error
        if isinstance(error, PySparkException):
            return _from_spark(error)
        if is_broken(error) or not self._engine.alive:
            return self._engine.gone()
        if isinstance(error, Py4JJavaError):
            return _from_java(error.java_exception)
        if isinstance(error, Py4JError):
            return DatabricksError("INTERNAL_ERROR", str(error).strip(), "XX000")
        return error

    def _given(self, sql: str, run: Callable[[str], Any]) -> Any:
        """What the engine makes of a statement, with the plans that suit it."""
        try:
            self._interpret(self._reads_little(sql))
            with in_engine():
                return run(sql)
        except Exception as error:
            raise self.error(error) from error

    def _reads_little(self, sql: str) -> bool:
        """Whether all that a statement reaches is small, as far as its names tell."""
        if has_other_rows(sql):
            return False
        sizes = self._engine.table_sizes
        if sizes.all_small():
            return True
        reached = self.java_class(REACHED_TABLES).of(self.java, sql)
        return reached is not None and all(sizes.is_small(name) for name in reached.splitlines())

    def _interpret(self, interpreted: bool) -> None:
        """Interpreted plans for small inputs. Statements side by side in one session may choose for each other."""
        if interpreted is self._interpreted:
            return
        usual = self._engine.compiled
        changes = [
            f"{key}\t{usual[key]}\t{small}" if interpreted else f"{key}\t{small}\t{usual[key]}"
            for key, small in INTERPRETED.items()
        ]
        # What a client has set is the client's: that is another value than the one before.
        self.java_class(PLAN_SETTINGS).change(self.java, "\n".join(changes))
        self._interpreted = interpreted

    def _with_text(self, frame: Any, schema: t.StructType, form: Form) -> Any:
        # By place, because a result may have two columns of one name.
        places = [f"c{index}" for index in range(len(schema.fields))]
        turned = [
            as_text(field, place, native_complex=form.native_complex, native_interval=form.native_interval)
            for field, place in zip(schema.fields, places, strict=True)
        ]
        if not any(turned):
            return frame
        expressions = [
            f"{text or place} as {_quoted(field.name)}"
            for text, place, field in zip(turned, places, schema.fields, strict=True)
        ]
        return frame.toDF(self.string_array(places)).selectExpr(self.string_array(expressions))


def is_broken(error: BaseException) -> bool:
    """Whether the connection to the JVM broke, as far as the error tells.

    py4j gives an answer that did not come as an error of the JVM's without a trace.
    """
    if isinstance(error, Py4JNetworkError | ConnectionError):
        return True
    return type(error) is Py4JError and "error occurred while calling" in str(error) and "Trace:" not in str(error)


def _quoted(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"


def _from_spark(error: PySparkException) -> DatabricksError:
    condition = error.getCondition() or ""
    if condition == "REQUIRES_SINGLE_PART_NAMESPACE":
        # A name of three parts whose first is no catalog: Spark takes it for a schema of two.
        named = error.getMessageParameters() or {}
        return no_such_catalog(named.get("namespace", "").split(".")[0].strip("`"), named.get("sessionCatalog", ""))
    sqlstate = error.getSqlState() or "XX000"
    origin = getattr(error, "_origin", None)
    # An analysis error's full text carries the plan, which no client of Databricks is shown.
    simple = getattr(origin, "getSimpleMessage", None) if isinstance(error, AnalysisException) else None
    message = (simple() if simple else None) or getattr(error, "_desc", None) or str(error)
    return _SparkError(condition or "INTERNAL_ERROR", str(message), sqlstate)


def _from_java(exception: Any) -> DatabricksError:
    """An exception that pyspark does not know, for example Delta's: its deepest cause that names an error class."""
    known, cause = exception, exception
    for _ in range(10):
        if _call(cause, "getCondition"):
            known = cause
        cause = cause.getCause()
        if cause is None:
            break
    condition = _call(known, "getCondition") or "INTERNAL_ERROR"
    message = known.getMessage() or known.toString()
    return _SparkError(str(condition), str(message), str(_call(known, "getSqlState") or "XX000"))


def _call(java: Any, method: str) -> Any:
    try:
        return getattr(java, method)()
    except Py4JError:
        return None


class _SparkError(DatabricksError):
    """Spark's own wording already has the class and the SQLSTATE in it."""

    def __str__(self) -> str:
        text = self.message
        if text.startswith(f"[{self.error_class}"):
            return text if "SQLSTATE" in text else f"{text} SQLSTATE: {self.sqlstate}"
        return super().__str__()
