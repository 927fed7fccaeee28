"""The Spark Connect session of this interpreter, opened when the source first speaks of Spark."""

from __future__ import annotations

import contextlib
import logging
import os
from typing import TYPE_CHECKING

from .origins import explain_origin, remember_origins

if TYPE_CHECKING:
    from pyspark.sql.connect.session import SparkSession

# Five retries take 17 seconds. A local server that does not answer by then is down; the client's own fifteen
# would go on for ten minutes.
_RETRIES = 5


class EngineUnavailable(RuntimeError):
    """The engine that the source needs is not running."""

    __module__ = "localbricks"


class Engine:
    """Where the engine is, and the session that was opened there."""

    def __init__(self, connect_url: str | None, problem: str | None, session_id: str) -> None:
        """`problem` says why there is no `connect_url`."""
        self._problem = problem
        self._url = f"{connect_url};session_id={session_id}" if connect_url else None
        self._session: SparkSession | None = None
        if self._url:
            # For sources that build the session themselves, as on Databricks.
            os.environ["SPARK_REMOTE"] = self._url
            os.environ["SPARK_CONNECT_MODE_ENABLED"] = "1"

    def session(self, retries: int = _RETRIES) -> SparkSession:
        """The session, opened now if it is not.

        Raises:
            EngineUnavailable: when the engine is not running.
        """
        from pyspark.sql.connect.client.retries import DefaultPolicy
        from pyspark.sql.connect.session import SparkSession

        if self._url is None:
            raise EngineUnavailable(f"The code uses Spark, and the engine is not available: {self._problem}")
        if self._session is None:
            session = SparkSession.builder.remote(self._url).getOrCreate()
            session.client.set_retry_policies([DefaultPolicy(max_retries=retries)])
            # They print every error as JSON to stderr, before it is raised and shown as it should be.
            for name in ("SQLQueryContextLogger", "DataFrameQueryContextLogger"):
                logging.getLogger(name).disabled = True
            remember_origins()
            self._session = session
        return self._session

    def explain(self, error: BaseException) -> None:
        """Add to an error what the session knows of its cause."""
        if self._session is not None:
            # An explanation that fails must not take the place of the error.
            with contextlib.suppress(Exception):
                explain_origin(error, self._session)

    def interrupt(self) -> None:
        """Stop what the session is running. A failure is no news: the engine may be what is gone."""
        if self._session is not None:
            try:
                self._session.interruptAll()
            except Exception as error:
                print(f"Spark's work could not be interrupted: {error}")

    def release(self) -> None:
        """Give the session's memory back to the engine; where the engine is gone, so is the session."""
        from pyspark.sql.connect.client.retries import DefaultPolicy

        if self._session is not None:
            session, self._session = self._session, None
            session.client.set_retry_policies([DefaultPolicy(max_retries=1)])
            session.stop()


def release_left_behind(connect_url: str, session_id: str) -> None:
    """Stop and release the session of an interpreter that was killed."""
    engine = Engine(connect_url, None, session_id)
    engine.session(retries=1)
    engine.interrupt()
    engine.release()
