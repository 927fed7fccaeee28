"""Command Execution API: contexts, which are interpreters, and commands, which are sources run in them."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from starlette.requests import Request
from starlette.routing import Route

from localbricks.python_runs.context import ExecutionContext
from localbricks.python_runs.run import PythonRun, RunState, now
from localbricks.rest.clusters import check_cluster
from localbricks.rest.endpoint import Json, endpoint, json_body, text_field
from localbricks.rest.errors import ApiError, missing, not_served
from localbricks.rest.long_poll import hold, hold_for_run
from localbricks.rest.services import Services

# A client that was killed never destroys its contexts.
_IDLE_LIMIT = timedelta(hours=1)
# Contexts of one cluster, as on Databricks; each is a process.
_LARGEST_NUMBER = 64


@dataclass
class _Context:
    """A context, and the commands it was given."""

    context: ExecutionContext
    commands: dict[str, PythonRun] = field(default_factory=dict)


class CommandExecution:
    """Handlers of the Command Execution API and the contexts that are open."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._contexts: dict[str, _Context] = {}

    def routes(self) -> list[Route]:
        """Routes of this family."""
        return [
            endpoint("POST", "/api/1.2/contexts/create", self._create),
            endpoint("GET", "/api/1.2/contexts/status", self._context_status),
            endpoint("POST", "/api/1.2/contexts/destroy", self._destroy),
            endpoint("POST", "/api/1.2/commands/execute", self._execute),
            endpoint("GET", "/api/1.2/commands/status", self._command_status),
            endpoint("POST", "/api/1.2/commands/cancel", self._cancel),
        ]

    async def _create(self, request: Request) -> Json:
        body = await json_body(request)
        check_cluster(self._services, body.get("clusterId"))
        _check_language(body.get("language"))
        self._close_idle()
        if len(self._contexts) >= _LARGEST_NUMBER:
            message = f"Too many execution contexts are open right now (limit {_LARGEST_NUMBER}). Destroy some."
            raise ApiError(429, "RESOURCE_EXHAUSTED", message)
        context = self._services.runner.create_context()
        self._contexts[context.id] = _Context(context)
        return {"id": context.id}

    async def _context_status(self, request: Request) -> Json:
        context = self._find_context(request.query_params).context
        # Held like the status of a command: the SDK looks again only after a second or two.
        event, loop = asyncio.Event(), asyncio.get_running_loop()
        context.ready.add_done_callback(lambda _: loop.call_soon_threadsafe(event.set))
        await hold(request, event)
        if not context.ready.done():
            return {"id": context.id, "status": "Pending"}
        has_failed = context.ready.exception() is not None or not context.is_open
        return {"id": context.id, "status": "Error" if has_failed else "Running"}

    async def _destroy(self, request: Request) -> Json:
        found = self._find_context(await json_body(request))
        del self._contexts[found.context.id]
        found.context.close()
        return {"id": found.context.id}

    async def _execute(self, request: Request) -> Json:
        body = await json_body(request)
        found = self._find_context(body)
        _check_language(body.get("language"))
        number = len(found.commands) + 1
        run = found.context.execute(text_field(body, "command"), name=f"<command {number}>")
        found.commands[run.id] = run
        return {"id": run.id}

    async def _command_status(self, request: Request) -> Json:
        run = self._find_command(request.query_params)
        await hold_for_run(request, run)
        return describe_command(run)

    async def _cancel(self, request: Request) -> Json:
        run = self._find_command(await json_body(request))
        run.cancel()
        return {"id": run.id}

    def _find_context(self, values: Mapping[str, Any]) -> _Context:
        check_cluster(self._services, values.get("clusterId"))
        context_id = text_field(values, "contextId")
        if context_id not in self._contexts:
            raise missing(f"Context {context_id} does not exist: it was destroyed, or the server was restarted.")
        return self._contexts[context_id]

    def _find_command(self, values: Mapping[str, Any]) -> PythonRun:
        found = self._find_context(values)
        command_id = text_field(values, "commandId")
        if command_id not in found.commands:
            raise missing(f"Command {command_id} does not exist in context {found.context.id}.")
        return found.commands[command_id]

    def _close_idle(self) -> None:
        for context_id, found in list(self._contexts.items()):
            context = found.context
            if context.is_idle and now() - context.last_used > _IDLE_LIMIT:
                del self._contexts[context_id]
                context.close()


def _check_language(language: object) -> None:
    if language != "python":
        raise not_served(f"commands in {language!r}", "Send Python; SQL goes to the SQL warehouse.")


def describe_command(run: PythonRun) -> Json:
    """A command as `commands/status` shows it.

    A failure is `Finished` with a result of type `error`: then the adapter raises with `cause`, where the
    traceback is. With the status `Error` it would show `data` alone, which has no place for one.
    """
    result = run.result
    if result is None:
        is_pending = run.state is RunState.PENDING
        status = "Cancelling" if run.is_cancelling else "Queued" if is_pending else "Running"
        return {"id": run.id, "status": status, "results": None}
    if run.state is RunState.SUCCEEDED:
        text = result.output
        if result.exit_value is not None:
            text += f"Notebook exited: {result.exit_value}\n"
        results = {"resultType": "text", "data": text, "truncated": result.output_truncated}
        return {"id": run.id, "status": "Finished", "results": results}
    status = "Cancelled" if run.state is RunState.CANCELED else "Finished"
    results = {"resultType": "error", "summary": result.error, "cause": result.traceback or result.error}
    return {"id": run.id, "status": status, "results": results}
