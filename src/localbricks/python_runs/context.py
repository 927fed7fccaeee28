"""An execution context: one interpreter that runs sources one after the other and keeps their state."""

from __future__ import annotations

import asyncio
import contextlib
import re
import signal
import uuid
from collections.abc import Awaitable, Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from localbricks.python_runs.output import Output, clean, open_log
from localbricks.python_runs.process import InterpreterProcess, ProcessEnded
from localbricks.python_runs.run import PythonRun, RunResult, RunState, Source, now

# After an interrupt, how long the code may clean up before its processes are ended.
INTERRUPT_GRACE = 5.0
# How long an interpreter may take to end by itself, and a forgotten Spark session to be released.
EXIT_GRACE = 10.0
_CANCELED_EARLY = "Canceled before it started."
# What faulthandler prints when an interpreter crashes: a heading, then frames with the innermost first.
_CRASH_REPORT = re.compile(
    r"^Fatal Python error: .*\n+(?:(?:Current thread|Stack) .*\n)?((?:  File .*\n)*)", re.MULTILINE
)
_OWN_FRAME = re.compile(r"^  File \"(?:[^\"]*localbricks/python_runs/interpreter/[^\"]*|<string>)\".*\n", re.MULTILINE)


@dataclass
class ContextServices:
    """What a context needs of its runner."""

    loop: asyncio.AbstractEventLoop
    connect_url: Callable[[], str]
    log_dir: Path
    take_interpreter: Callable[[], Awaitable[InterpreterProcess]]
    release_session: Callable[[str, str], Awaitable[None]]
    """Connect URL and session id of an interpreter that was killed."""
    resolve_volume: Callable[[str], Path] | None
    on_closed: Callable[[ExecutionContext], None]
    """Told once, when nothing of a context is left."""


@dataclass(frozen=True)
class _Target:
    """The Spark Connect server as it was when the context was opened."""

    url: str | None
    problem: str | None
    session_id: str = field(default_factory=lambda: str(uuid.uuid4()))

    @property
    def secret(self) -> str:
        """The token inside the URL, for leaving it out of what is shown."""
        found = re.search(r"[;/]token=([^;]+)", self.url or "")
        return found.group(1) if found else ""


class ExecutionContext:
    """One interpreter. The public methods may be called from any thread."""

    def __init__(self, context_id: str, services: ContextServices) -> None:
        self.id = context_id
        self.ready: Future[None] = Future()
        """Done when the interpreter waits for a source; an exception where it could not be started."""
        self.ready.set_running_or_notify_cancel()
        self.last_used: datetime = now()
        self._services = services
        self._queue: asyncio.Queue[PythonRun | None] = asyncio.Queue()
        self._current: PythonRun | None = None
        self._stop = asyncio.Event()
        self._closing = False
        self._is_closed_by_client = False
        self._end_reason: str | None = None
        self._process: InterpreterProcess | None = None
        self._uses_spark = False
        self._target = _Target(None, "the context is not open")
        self._closed: Future[None] = Future()
        self._post(self._begin)

    @property
    def is_open(self) -> bool:
        """Whether a source can be run."""
        return not self._closing and not self._closed.done()

    @property
    def is_idle(self) -> bool:
        """Whether nothing runs and nothing waits."""
        return self._current is None and self._queue.empty()

    def execute(
        self,
        code: str,
        *,
        name: str,
        timeout: float | None = None,
        libraries: Sequence[str] = (),
        parameters: Mapping[str, str] | None = None,
    ) -> PythonRun:
        """Run a source after those that wait already. Never raises: a closed context gives a failed run."""
        source = Source(code, name, timeout, tuple(libraries), tuple((parameters or {}).items()))
        run_id = f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{uuid.uuid4().hex[:12]}"
        run = PythonRun(run_id, source, self._cancel)
        self._post(self._enqueue, run)
        return run

    def close(self) -> Future[None]:
        """Cancel what runs and end the interpreter. The future is done when nothing of it is left."""
        self._post(self._begin_close, None)
        return self._closed

    def abort(self, reason: str) -> None:
        """As `close`, at once; what runs fails with `reason`."""
        self._post(self._begin_close, reason)

    # Everything below runs on the runner's event loop.

    def _post(self, function: Callable[..., object], *arguments: object) -> None:
        with contextlib.suppress(RuntimeError):  # the runner is closed
            self._services.loop.call_soon_threadsafe(function, *arguments)

    def _begin(self) -> None:
        self._task = asyncio.ensure_future(self._serve())

    def _enqueue(self, run: PythonRun) -> None:
        self.last_used = now()
        if self.is_open:
            self._queue.put_nowait(run)
        else:
            self._refuse(run)

    def _cancel(self, run: PythonRun) -> None:
        self._post(self._cancel_here, run)

    def _cancel_here(self, run: PythonRun) -> None:
        if run is self._current:
            self._stop.set()
        elif not run.state.is_final:
            run.finish(RunState.CANCELED, RunResult(error=_CANCELED_EARLY, ended_at=now()))

    def _begin_close(self, reason: str | None) -> None:
        self._is_closed_by_client = self._is_closed_by_client or (reason is None and not self._closing)
        self._closing = True
        self._end_reason = self._end_reason or reason
        self._stop.set()
        self._queue.put_nowait(None)
        if reason is not None and self._process is not None:
            self._process.signal_group(signal.SIGKILL)

    async def _serve(self) -> None:
        try:
            await self._open()
            while not self._closing and (run := await self._queue.get()) is not None:
                if not run.state.is_final:
                    await self._run(run)
        finally:
            self._closing = True
            if self._current is not None:
                self._fail(self._current, "The runner failed; its log says why.")
            while not self._queue.empty():
                run = self._queue.get_nowait()
                if run is not None and not run.state.is_final:
                    self._refuse(run)
            await self._end_process(EXIT_GRACE)
            self._services.on_closed(self)
            self._closed.set_result(None)

    async def _open(self) -> None:
        """Take an interpreter and tell it where Spark is."""
        try:
            self._target = _Target(self._services.connect_url(), None)
        except Exception as error:
            self._target = _Target(None, str(error))
        try:
            self._process = await self._services.take_interpreter()
        except Exception as error:
            self._end_reason = f"The Python interpreter could not be started: {error}"
            self._closing = True
            self.ready.set_exception(RuntimeError(self._end_reason))
            return
        self._process.on_resolve = self._services.resolve_volume
        target = self._target
        self._process.send(op="open", connect_url=target.url, problem=target.problem, session_id=target.session_id)
        self.ready.set_result(None)

    async def _run(self, run: PythonRun) -> None:
        """One source from its start to its end."""
        assert self._process is not None
        process, source = self._process, run.source
        self._uses_spark = self._uses_spark or "spark" in source.code.lower()
        output = Output(open_log(self._services.log_dir, run.id), self._target.secret)
        output.note(f"{source.name}\n")
        process.drain()
        process.on_output = output.write
        self._current = run
        run.mark_started()
        process.send(
            op="run",
            id=run.id,
            code=source.code,
            name=source.name,
            libraries=source.libraries,
            parameters=source.parameters,
        )
        answer, why = await self._answer(process, run)
        process.drain()
        if answer is None:
            self._closing = True
            await self._end_process(0.0)
        state, result = self._outcome(run, answer, why, output)
        output.note(f"{state.value}\n{result.traceback or ''}\n")
        output.close()
        process.on_output = lambda _: None
        self._current = None
        self.last_used = now()
        if not self._closing:
            self._stop.clear()
        run.finish(state, result)

    async def _answer(
        self, process: InterpreterProcess, run: PythonRun
    ) -> tuple[dict[str, Any] | None, RunState | None]:
        """What the interpreter answered (None if it ended), and why it was stopped (None if it was not)."""
        answer = asyncio.ensure_future(process.receive())
        stop = asyncio.ensure_future(self._stop.wait())
        await asyncio.wait({answer, stop}, timeout=run.source.timeout, return_when=asyncio.FIRST_COMPLETED)
        why: RunState | None = None
        if not answer.done():
            why = RunState.CANCELED if stop.done() else RunState.TIMEDOUT
            process.send(op="interrupt", id=run.id)
            await asyncio.wait({answer}, timeout=INTERRUPT_GRACE)
            if not answer.done():
                await process.end()
        stop.cancel()
        try:
            return await answer, why
        except ProcessEnded:
            return None, why

    def _outcome(
        self, run: PythonRun, answer: dict[str, Any] | None, why: RunState | None, output: Output
    ) -> tuple[RunState, RunResult]:
        """The final state and the result of a run."""
        text = output.text()
        exit_code = None
        if answer is None:
            assert self._process is not None
            exit_code = self._process.exited.result()
            error = self._end_reason or _describe_end(exit_code)
            crash = _CRASH_REPORT.search(text)
            trace = f"{error}\nMost recent call first:\n{_OWN_FRAME.sub('', crash.group(1))}" if crash else error
        else:
            error, trace = answer["error"], answer["traceback"]
        state = RunState.SUCCEEDED
        if error is not None:
            state = why or RunState.FAILED
        if self._end_reason and answer is None:
            state = RunState.FAILED
        if state in (RunState.CANCELED, RunState.TIMEDOUT):
            error = "Canceled."
            if state is RunState.TIMEDOUT:
                error = f"Stopped after {run.source.timeout:g} seconds, the timeout of this run."
            if answer is None:
                trace = f"{error} The code did not react to an interrupt, so that its process was ended."
        secret = self._target.secret
        exit_value = answer["exit_value"] if answer else None
        return state, RunResult(
            output=text,
            output_truncated=output.is_truncated,
            error=None if error is None else clean(error, secret),
            traceback=None if trace is None else clean(trace, secret),
            exit_value=None if exit_value is None else clean(exit_value, secret),
            exit_code=exit_code,
            started_at=run.started_at,
            ended_at=now(),
        )

    def _refuse(self, run: PythonRun) -> None:
        """End a run that cannot start any more."""
        if self._is_closed_by_client:
            run.finish(RunState.CANCELED, RunResult(error=_CANCELED_EARLY, ended_at=now()))
        else:
            self._fail(run, self._end_reason or "The execution context has ended: its Python process is gone.")

    def _fail(self, run: PythonRun, error: str) -> None:
        text = clean(error, self._target.secret)
        run.finish(RunState.FAILED, RunResult(error=text, traceback=text, ended_at=now()))

    async def _end_process(self, grace: float) -> None:
        """End the interpreter, and release its Spark session if it could not do so itself."""
        process = self._process
        if process is None:
            return
        await process.end(grace)
        if process.exited.result() != 0 and self._uses_spark and self._target.url and self._end_reason is None:
            self._uses_spark = False
            await self._services.release_session(self._target.url, self._target.session_id)


def _describe_end(code: int) -> str:
    """Why an interpreter is gone, from its exit code."""
    if code == -signal.SIGKILL:
        return (
            "The Python process was killed by signal 9 (SIGKILL) while it ran the code. Most often the machine ran "
            "out of memory: keep less data in Python (toPandas, collect) or give the machine more."
        )
    if code < 0:
        with contextlib.suppress(ValueError):
            name = signal.Signals(-code).name
            return f"The Python process crashed with signal {-code} ({name}) while it ran the code."
    return f"The Python process ended with exit code {code} before the code was done (os._exit?)."
