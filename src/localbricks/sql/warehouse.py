"""The SQL warehouse: sessions, statements that run in threads of their own, their states, cancelling, query history."""

from __future__ import annotations

import contextlib
import logging
import threading
import time
import uuid
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from enum import Enum
from pathlib import Path
from typing import TypeVar

from localbricks.catalog.functions import FunctionCatalog
from localbricks.catalog.policies import policy_rows
from localbricks.catalog.spark_catalog import SparkCatalog
from localbricks.catalog.store import CatalogStore
from localbricks.engine.causes import messages
from localbricks.engine.jvm import Engine
from localbricks.engine.results import PLAIN, Form, Result
from localbricks.engine.session import EngineSession
from localbricks.engine.stopwatch import watched
from localbricks.errors import DatabricksError, disk_full, no_room
from localbricks.home import Home
from localbricks.operation.log import facts, where
from localbricks.sql.dispatch import Dispatcher
from localbricks.sql.lexer import quoted
from localbricks.sql.parameters import Parameter, bind
from localbricks.sql.query_tags import NO_TAGS, QUERY_TAGS, QueryTags, read_query_tags
from localbricks.sql.rules.settings import WITHOUT_EFFECT, spark_setting
from localbricks.sql.session import SqlSession
from localbricks.volumes.paths import Volumes

MAX_SESSIONS = 200
IDLE_SECONDS = 600
"""Of a session that may be closed when there are too many."""
SESSION_SECONDS = 3600
"""Of a session that is closed because nobody uses it."""
SWEEP_SECONDS = 60
HISTORY = 5_000
"""Statements that the query history remembers."""


T = TypeVar("T")
_log = logging.getLogger("localbricks.sql")


class State(Enum):
    """Life of a statement."""

    PENDING = "PENDING"
    RUNNING = "RUNNING"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    CANCELED = "CANCELED"
    CLOSED = "CLOSED"

    @property
    def done(self) -> bool:
        """Whether nothing changes any more."""
        return self not in (State.PENDING, State.RUNNING)


@dataclass
class Execution:
    """One statement of a session. `wait` until it is done, then read `state`, `result` or `error`."""

    id: bytes
    session: SqlSession | None
    """None when it is closed: the history must not keep a session of the engine alive."""
    text: str
    owner: OpenSession | None = field(default=None, repr=False)
    state: State = State.PENDING
    result: Result | None = None
    error: BaseException | None = None
    started: float = field(default_factory=time.time)
    ended: float | None = None
    engine_seconds: float = 0.0
    session_id: bytes = b""
    user: str = ""
    query_tags: QueryTags = field(default_factory=dict)
    rows: int | None = None
    count_affected: int | None = None
    """Rows that it has changed; None of one that changes none."""
    cursor: int = 0
    row_offset: int = 0
    _done: threading.Event = field(default_factory=threading.Event)
    left: threading.Event = field(default_factory=threading.Event)
    """Set when its thread has left the engine, which is later than the end where it was cancelled."""
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _callbacks: list[Callable[[Execution], None]] = field(default_factory=list)

    @property
    def tag(self) -> str:
        """Name under which the engine runs it."""
        return self.id.hex()

    @property
    def seconds(self) -> float:
        """How long it has taken, from its arrival to its end or until now."""
        return (self.ended or time.time()) - self.started

    @property
    def error_class(self) -> str | None:
        """Error class of a statement that failed."""
        if self.state is not State.FAILED or self.error is None:
            return None
        return self.error.error_class if isinstance(self.error, DatabricksError) else type(self.error).__name__

    @property
    def public_id(self) -> str:
        """The id as clients write it."""
        return str(uuid.UUID(bytes=self.id))

    def wait(self, seconds: float | None = None) -> bool:
        """Wait until the statement is done; whether it is."""
        return self._done.wait(seconds)

    def finish(self, state: State, result: Result | None = None, error: BaseException | None = None) -> bool:
        """Note the end; a statement that was cancelled or closed before stays so. Whether this was the end."""
        with self._lock:
            if self.state.done:
                if result:
                    result.spool.close()
                return False
            self.state, self.result, self.error, self.ended = state, result, error, time.time()
            if result:
                self.rows, self.count_affected = result.spool.rows, result.count_affected()
            callbacks, self._callbacks = self._callbacks, []
        self._done.set()
        for callback in callbacks:
            callback(self)
        return True

    def add_done_callback(self, callback: Callable[[Execution], None]) -> None:
        """Call `callback(execution)` once at the end, on the thread that ends it, or now if it has ended."""
        with self._lock:
            if not self.state.done:
                self._callbacks.append(callback)
                return
        callback(self)

    def remove_done_callback(self, callback: Callable[[Execution], None]) -> None:
        """Forget a callback; nothing happens if it is not there."""
        with self._lock:
            if callback in self._callbacks:
                self._callbacks.remove(callback)

    def begin(self) -> bool:
        """Note the start; False when it was cancelled while it waited."""
        with self._lock:
            if self.state is State.PENDING:
                self.state = State.RUNNING
                return True
            return False


@dataclass
class OpenSession:
    """A client's session and the statements it has open."""

    id: bytes
    sql: SqlSession
    executions: dict[bytes, Execution] = field(default_factory=dict)
    last_used: float = field(default_factory=time.time)

    @property
    def is_idle(self) -> bool:
        """Whether nothing runs."""
        return all(execution.state.done for execution in list(self.executions.values()))


class Warehouse:
    """All sessions of a workspace."""

    def __init__(
        self,
        home: Home,
        engine: Engine,
        store: CatalogStore,
        volumes: Volumes,
        user: str,
        on_ended: Callable[[Execution], None] = lambda _: None,
    ) -> None:
        """
        Args:
            on_ended: called once for each statement, when it has ended in whatever way.
        """
        self._home = home
        self._engine = engine
        self._store = store
        self._volumes = volumes
        self._user = user
        self._on_ended = on_ended
        self._catalog = SparkCatalog(engine, store)
        self._functions = FunctionCatalog(engine)
        store.on_policies(self._publish)
        self._publish()
        self._dispatcher = Dispatcher()
        self._sessions: dict[bytes, OpenSession] = {}
        self._executions: dict[bytes, Execution] = {}
        self._history: OrderedDict[bytes, Execution] = OrderedDict()
        self._lock = threading.Lock()
        self._threads = ThreadPoolExecutor(max_workers=64, thread_name_prefix="statement")
        self._closed = threading.Event()
        threading.Thread(target=self._sweep, name="idle-sessions", daemon=True).start()

    def _publish(self) -> None:
        """Tell the engine the policies as they are now."""
        rows = policy_rows(self._functions, self._store.policies(), self._store.relations().values())
        self._engine.governor.publish(rows)

    def open_session(
        self, settings: dict[str, str] | None = None, catalog: str | None = None, schema: str | None = None
    ) -> OpenSession:
        """Open a session.

        Raises:
            DatabricksError: unknown catalog, unknown setting, too many sessions.
        """
        if catalog:
            SqlSession.check_catalog(catalog)
        self._make_room()
        session = self._new_session()
        spark = session.spark
        for key, value in (settings or {}).items():
            if key.lower() == QUERY_TAGS:
                session.query_tags.update(read_query_tags(value))
            elif key.lower() not in WITHOUT_EFFECT:
                spark.set(spark_setting(key), value)
        # A client may name a schema that dbt is about to create: as on Databricks this is no error.
        if schema and self._catalog.has_schema(schema):
            spark.rows(f"use {quoted(schema.lower())}")
        opened = OpenSession(uuid.uuid4().bytes, session)
        with self._lock:
            self._sessions[opened.id] = opened
        return opened

    @property
    def scratch(self) -> Path:
        """A folder for files of no lasting use, emptied at every start."""
        return self._home.tmp

    def _new_session(self) -> SqlSession:
        spark = EngineSession(self._engine, self._home.tmp)
        return SqlSession(self._home, spark, self._catalog, self._functions, self._store, self._volumes, self._user)

    def once(self, work: Callable[[SqlSession], T]) -> T:
        """Do work in a session of its own that no client knows and no history shows.

        Raises:
            DatabricksError: what the work raises.
        """
        session = self._new_session()
        try:
            return work(session)
        except Exception as error:
            raise session.spark.error(error) from error
        finally:
            session.spark.close()

    def run(self, session: SqlSession, text: str) -> Result:
        """Run one statement at once, for the server's own purposes.

        Raises:
            DatabricksError: the statement failed or is refused.
        """
        return self._dispatcher.run(text, session)

    def _make_room(self) -> None:
        """Close the session that was left longest, of a client that went without a word, when there are too many."""
        with self._lock:
            if len(self._sessions) < MAX_SESSIONS:
                return
            idle = [one for one in self._sessions.values() if one.is_idle]
        oldest = min(idle, key=lambda one: one.last_used, default=None)
        if oldest is None or time.time() - oldest.last_used < IDLE_SECONDS:
            raise DatabricksError("RESOURCE_EXHAUSTED", f"{MAX_SESSIONS} sessions are open.", "53000")
        self.close_session(oldest.id)

    def close_idle(self, seconds: float = SESSION_SECONDS) -> int:
        """Close the sessions that nobody has used for so long and in which nothing runs; how many."""
        with self._lock:
            idle = [one for one in self._sessions.values() if one.is_idle and time.time() - one.last_used > seconds]
        for one in idle:
            with contextlib.suppress(DatabricksError):  # closed by its client meanwhile
                self.close_session(one.id)
        return len(idle)

    def _sweep(self) -> None:
        while not self._closed.wait(SWEEP_SECONDS):
            closed = self.close_idle()
            if closed:
                _log.info("", extra=facts("idle sessions closed", count=closed))

    def session(self, session_id: bytes) -> OpenSession:
        """An open session.

        Raises:
            DatabricksError: INVALID_HANDLE.
        """
        with self._lock:
            found = self._sessions.get(session_id)
        if found is None:
            raise DatabricksError("INVALID_HANDLE", f"Invalid SessionHandle: {session_id.hex()}", "08003")
        found.last_used = time.time()
        return found

    def close_session(self, session_id: bytes) -> None:
        """Cancel what runs in a session and close it."""
        session = self.session(session_id)
        with self._lock:
            self._sessions.pop(session_id, None)
        for execution in list(session.executions.values()):
            self.close_execution(execution)
        session.sql.spark.close()

    def submit(
        self,
        session: OpenSession,
        text: str,
        form: Form = PLAIN,
        parameters: list[Parameter] | None = None,
        tags: QueryTags = NO_TAGS,
    ) -> Execution:
        """Start a statement, with query tags of its own beside its session's; it runs in a thread of its own."""
        given = parameters or []
        return self.submit_work(session, text, lambda sql: self._dispatcher.run(bind(text, given), sql, form), tags)

    def submit_work(
        self, session: OpenSession, text: str, work: Callable[[SqlSession], Result], tags: QueryTags = NO_TAGS
    ) -> Execution:
        """Start work that gives a result, under the life-cycle of a statement."""
        execution = Execution(
            uuid.uuid4().bytes,
            session.sql,
            text,
            session,
            session_id=session.id,
            user=session.sql.user,
            query_tags={**session.sql.query_tags, **tags},
        )
        with self._lock:
            session.executions[execution.id] = execution
            self._executions[execution.id] = execution
            self._history[execution.id] = execution
            while len(self._history) > HISTORY:
                self._history.popitem(last=False)
        self._threads.submit(self._run, execution, work)
        return execution

    def execution(self, execution_id: bytes) -> Execution:
        """A statement that is open.

        Raises:
            DatabricksError: INVALID_HANDLE.
        """
        with self._lock:
            found = self._executions.get(execution_id)
        if found is None:
            raise DatabricksError("INVALID_HANDLE", f"Invalid OperationHandle: {execution_id.hex()}", "08003")
        if found.owner is not None:
            found.owner.last_used = time.time()
        return found

    def cancel(self, execution: Execution) -> None:
        """Cancel a statement; what it has committed stays."""
        session = execution.session
        canceled = execution.finish(
            State.CANCELED, error=DatabricksError("OPERATION_CANCELED", "Operation was canceled.", "57014")
        )
        if canceled:
            self._on_ended(execution)
        if canceled and session and not execution.left.is_set():
            threading.Thread(target=self._end, args=(execution, session.spark), name="cancel", daemon=True).start()

    def _end(self, execution: Execution, spark: EngineSession) -> None:
        """Cancel a statement's jobs until it has left the engine.

        Once is not enough: Spark forgets a cancellation that comes before a stage that is submitted by itself, as
        adaptive plans do, and its tasks would then hold the cores for as long as they like.
        """
        pause = 0.05
        while self._engine.alive:
            with contextlib.suppress(Exception):
                spark.cancel(execution.tag)
            if execution.left.wait(pause):
                return
            pause = min(2 * pause, 2.0)

    def keep_result(self, execution: Execution) -> None:
        """Take a statement out of its session, so that its result outlives it; `close_execution` frees it."""
        self._leave_session(execution)

    def close_execution(self, execution: Execution) -> None:
        """Forget a statement and free its rows."""
        if not execution.state.done:
            self.cancel(execution)
        with self._lock:
            self._executions.pop(execution.id, None)
        self._leave_session(execution)
        if execution.result:
            execution.result.spool.close()
        execution.result = None

    def _leave_session(self, execution: Execution) -> None:
        with self._lock:
            if execution.owner is not None:
                execution.owner.executions.pop(execution.id, None)
            execution.session = execution.owner = None

    def history(self) -> list[Execution]:
        """The last statements, the newest first."""
        with self._lock:
            return list(reversed(self._history.values()))

    def counts(self) -> dict[str, int]:
        """Open sessions and running statements."""
        with self._lock:
            running = sum(not one.state.done for one in self._executions.values())
            return {"sessions": len(self._sessions), "running": running}

    def close(self) -> None:
        """Cancel all and close all."""
        self._closed.set()
        with self._lock:
            running = [one for one in self._executions.values() if not one.state.done]
        for execution in running:
            self.cancel(execution)
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _run(self, execution: Execution, work: Callable[[SqlSession], Result]) -> None:
        session = execution.session
        if session is None or not execution.begin():
            execution.left.set()
            return
        # The statement's own view of the session: statements of one session may run side by side.
        sql = replace(session, tag=execution.tag)
        result, told = None, None
        with watched() as watch:
            try:
                sql.spark.begin(sql.tag)
                result = work(sql)
            except BaseException as error:
                told = self._told(sql, error)
        execution.left.set()
        execution.engine_seconds = watch.seconds
        if execution.finish(State.FAILED if told else State.SUCCEEDED, result=result, error=told):
            self._on_ended(execution)

    @staticmethod
    def _told(session: SqlSession, error: BaseException) -> BaseException:
        sign = no_room(error, messages(error))
        if sign:
            return disk_full(session.home.root, sign)
        try:
            told = session.spark.error(error)
        except Exception as other:
            # The engine has ended while it was asked what went wrong.
            told = session.spark.error(other)
        if isinstance(told, DatabricksError):
            return told
        name = type(error).__name__
        _log.error("", extra=facts("internal error", statement=session.tag, error=name, at=where(error)))
        return DatabricksError("INTERNAL_ERROR", f"{name}: {error}", "XX000")
