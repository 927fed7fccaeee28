"""Runs Python sources: has interpreters made, hands them out, and ends them with the server."""

from __future__ import annotations

import asyncio
import contextlib
import sys
import threading
import uuid
from collections.abc import Callable, Coroutine, Mapping, Sequence
from pathlib import Path
from typing import Any

from localbricks.python_runs.context import EXIT_GRACE, ContextServices, ExecutionContext
from localbricks.python_runs.environment import interpreter_environment, packages_stamp
from localbricks.python_runs.process import InterpreterProcess, ProcessEnded
from localbricks.python_runs.run import PythonRun
from localbricks.python_runs.template import COPIES, Template, TemplateEnded

_START_SECONDS = 120.0


class PythonRunner:
    """Has a fresh interpreter made for every execution context.

    Interpreters are copies of a template, which has imported pandas and Spark Connect: a run starts in
    milliseconds. The template is replaced when packages have changed.
    """

    def __init__(
        self,
        connect_url: Callable[[], str],
        python: str = sys.executable,
        *,
        work_dir: Path,
        log_dir: Path,
        resolve_volume: Callable[[str], Path] | None = None,
        volumes_root: Path | None = None,
        env: Mapping[str, str] | None = None,
        copies: bool = COPIES,
    ) -> None:
        """
        Args:
            connect_url: gives `sc://localhost:PORT/;token=…;user_id=…`, or raises when there is no engine.
            python: the interpreter to run sources with.
            work_dir: gets one folder for each interpreter, its working directory, removed at its end.
            log_dir: gets one log for each run; the newest 200 are kept.
            resolve_volume: from a `/Volumes/…` path to a local one, for `dbutils.fs`.
            volumes_root: instead of `resolve_volume` where every volume is `<root>/<schema>/<volume>`.
            env: environment variables of the interpreters; the server's own are not inherited.
            copies: whether interpreters are copies of the template; otherwise each starts anew, within a second.
        """
        self._python = python
        self._work_dir = work_dir
        self._environment = interpreter_environment(env)
        self._copies = copies
        self._template: Template | None = None
        self._contexts: dict[str, ExecutionContext] = {}
        self._is_closed = False
        self._tasks: set[asyncio.Task[None]] = set()
        self._loop = asyncio.new_event_loop()
        self._services = ContextServices(
            loop=self._loop,
            connect_url=connect_url,
            log_dir=log_dir,
            take_interpreter=self._take,
            release_session=self._release_session,
            resolve_volume=resolve_volume or (_resolver(volumes_root) if volumes_root else None),
            on_closed=self._forget,
        )
        # Linux ends the template when the thread that started it ends: it must live as long as the runner.
        self._thread = threading.Thread(target=self._loop.run_forever, name="localbricks-python-runs", daemon=True)
        self._thread.start()

    def warm(self) -> None:
        """Start the template, so that the first run need not wait. Returns at once."""
        self._loop.call_soon_threadsafe(self._warm)

    def submit(
        self,
        code: str,
        *,
        name: str,
        timeout: float | None = None,
        libraries: Sequence[str] = (),
        parameters: Mapping[str, str] | None = None,
    ) -> PythonRun:
        """Run a source in an interpreter of its own. Returns at once."""
        context = self.create_context()
        run = context.execute(code, name=name, timeout=timeout, libraries=libraries, parameters=parameters)
        run.add_done_callback(lambda _: _close(context))
        return run

    def create_context(self) -> ExecutionContext:
        """Open an execution context. Returns at once; `context.ready` says when it can run."""
        if self._is_closed:
            raise RuntimeError("The Python runner is closed.")
        context = ExecutionContext(uuid.uuid4().hex, self._services)
        self._contexts[context.id] = context
        return context

    def abort(self, reason: str) -> None:
        """End every interpreter now, and fail what runs with `reason`: for when the engine is gone."""
        for context in list(self._contexts.values()):
            context.abort(reason)

    def close(self) -> None:
        """Cancel everything and end every process. Returns when none is left."""
        if self._is_closed:
            return
        self._is_closed = True
        ends = [context.close() for context in list(self._contexts.values())]
        for end in ends:
            with contextlib.suppress(TimeoutError):
                end.result(3 * EXIT_GRACE)
        with contextlib.suppress(TimeoutError):
            asyncio.run_coroutine_threadsafe(self._end_template(), self._loop).result(EXIT_GRACE)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(EXIT_GRACE)
        if not self._thread.is_alive():
            self._loop.close()

    # Everything below runs on the event loop.

    def _warm(self) -> None:
        # What goes wrong here goes wrong again, and is told, when an interpreter is needed.
        with contextlib.suppress(OSError):
            self._fresh_template()

    def _fresh_template(self) -> Template:
        """The template, which knows the packages as they are now. An older one ends with its last interpreter.

        Raises:
            OSError: when it cannot be started.
        """
        stamp = packages_stamp(self._python)
        template = self._template
        if template is None or not template.is_alive or template.stamp != stamp:
            self._template = Template(self._python, self._environment, stamp, copies=self._copies)
            if template is not None:
                self._in_background(template.end_when_idle())
            return self._template
        return template

    async def _take(self) -> InterpreterProcess:
        """A fresh interpreter that waits for its first message.

        Raises:
            RuntimeError: when it ends or says nothing while it starts.
        """
        template = self._fresh_template()
        folder = self._work_dir / f"python-{uuid.uuid4().hex[:12]}"
        printed, process = bytearray(), None
        try:
            async with asyncio.timeout(_START_SECONDS):
                process = await InterpreterProcess.start(template, folder)
                process.on_output = printed.extend
                await process.receive()
        except (OSError, TemplateEnded, ProcessEnded) as error:
            if process is not None:
                await process.end()
            elif isinstance(error, TimeoutError):
                await template.end()
            said = printed.decode("utf-8", "replace").strip()[-2000:] or str(error)
            raise RuntimeError(f"{self._python}: {said or type(error).__name__}") from None
        return process

    def _forget(self, context: ExecutionContext) -> None:
        self._contexts.pop(context.id, None)

    async def _end_template(self) -> None:
        """End the template, and older ones with what is left of their interpreters."""
        if self._template is not None:
            await self._template.end()
        await asyncio.gather(*self._tasks)

    async def _release_session(self, connect_url: str, session_id: str) -> None:
        """Have another interpreter stop and release the Spark session of one that was killed."""
        try:
            process = await self._take()
        except RuntimeError:
            return
        process.send(op="release", connect_url=connect_url, session_id=session_id)
        await process.end(EXIT_GRACE)

    def _in_background(self, work: Coroutine[Any, Any, None]) -> None:
        task = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _close(context: ExecutionContext) -> None:
    context.close()


def _resolver(root: Path) -> Callable[[str], Path]:
    """Resolves `/Volumes/<catalog>/<schema>/<volume>/…` below `root`."""

    def resolve(path: str) -> Path:
        parts = [part for part in path.split("/") if part]
        local = root.joinpath(*parts[2:]).resolve()
        if len(parts) < 4 or not local.is_relative_to(root.resolve()):
            raise ValueError(f"{path}: expected /Volumes/<catalog>/<schema>/<volume>/…, and no way out of it.")
        return local

    return resolve
