"""Jobs API: jobs and their runs."""

from __future__ import annotations

import asyncio
from typing import TypeVar

from starlette.requests import Request
from starlette.routing import Route

from localbricks.python_runs.run import PythonRun
from localbricks.rest.endpoint import (
    Json,
    endpoints,
    is_true,
    json_body,
    number_field,
    object_field,
    optional_text,
    texts_field,
)
from localbricks.rest.errors import ApiError, invalid, not_served
from localbricks.rest.ids import new_id
from localbricks.rest.job_run import JobRun, TaskRun
from localbricks.rest.job_settings import read_tasks
from localbricks.rest.job_store import JobStore
from localbricks.rest.long_poll import hold
from localbricks.rest.services import Services
from localbricks.rest.workspace_store import WorkspaceStore, normal_path

_VERSIONS = "2.0 2.1 2.2"
_RUNS_KEPT = 1000

Item = TypeVar("Item")


class Jobs:
    """Handlers of the Jobs API, and the runs since the server's start."""

    def __init__(self, services: Services, store: JobStore, workspace: WorkspaceStore) -> None:
        self._services = services
        self._store = store
        self._workspace = workspace
        self._runs: dict[int, JobRun] = {}
        self._by_token: dict[str, int] = {}
        self._executions: set[asyncio.Task[None]] = set()

    def has_job(self, job_id: str) -> bool:
        """Whether a job of this number is defined or was made for a submitted run."""
        return self._store.has(job_id) or any(str(run.job_id) == job_id for run in self._runs.values())

    def routes(self) -> list[Route]:
        """Routes of this family."""
        posts = {
            "/jobs/create": self._create,
            "/jobs/reset": self._reset,
            "/jobs/update": self._update,
            "/jobs/delete": self._delete,
            "/jobs/run-now": self._run_now,
            "/jobs/runs/submit": self._submit,
            "/jobs/runs/cancel": self._cancel,
            "/jobs/runs/cancel-all": self._cancel_all,
            "/jobs/runs/delete": self._delete_run,
            "/jobs/runs/repair": self._refuse_repair,
        }
        gets = {
            "/jobs/get": self._get,
            "/jobs/list": self._list,
            "/jobs/runs/get": self._get_run,
            "/jobs/runs/get-output": self._get_output,
            "/jobs/runs/list": self._list_runs,
        }
        return [
            *[route for path, handler in posts.items() for route in endpoints(_VERSIONS, "POST", path, handler)],
            *[route for path, handler in gets.items() for route in endpoints(_VERSIONS, "GET", path, handler)],
        ]

    # Jobs

    async def _create(self, request: Request) -> Json:
        settings = await json_body(request)
        read_tasks(self._services, settings)
        return {"job_id": self._store.create({"name": "Untitled"} | settings)}

    async def _reset(self, request: Request) -> Json:
        body = await json_body(request)
        settings = body.get("new_settings")
        if not isinstance(settings, dict):
            raise invalid("Missing required field: new_settings (an object).")
        self._store.get(number_field(body, "job_id"))
        read_tasks(self._services, settings)
        self._store.replace_settings(number_field(body, "job_id"), settings)
        return {}

    async def _update(self, request: Request) -> Json:
        body = await json_body(request)
        old = self._store.get(number_field(body, "job_id"))["settings"]
        removed = {name.partition("/")[0] for name in texts_field(body, "fields_to_remove")}
        kept = {name: value for name, value in old.items() if name not in removed}
        settings = kept | object_field(body, "new_settings")
        read_tasks(self._services, settings)
        self._store.replace_settings(number_field(body, "job_id"), settings)
        return {}

    async def _delete(self, request: Request) -> Json:
        self._store.delete(number_field(await json_body(request), "job_id"))
        return {}

    async def _get(self, request: Request) -> Json:
        return self._store.get(number_field(request.query_params, "job_id"))

    async def _list(self, request: Request) -> Json:
        query = request.query_params
        name = query.get("name")
        jobs = self._store.newest_first()
        if name is not None:
            jobs = [job for job in jobs if str(job["settings"].get("name", "")).lower() == name.lower()]
        page, next_token = _page(jobs, query.get("page_token"), number_field(query, "limit", 20))
        if not is_true(query.get("expand_tasks")):
            hidden = ("tasks", "job_clusters", "environments", "parameters")
            page = [
                job | {"settings": {key: value for key, value in job["settings"].items() if key not in hidden}}
                for job in page
            ]
        return {"jobs": page, "has_more": bool(next_token), **({"next_page_token": next_token} if next_token else {})}

    # Runs

    async def _run_now(self, request: Request) -> Json:
        body = await json_body(request)
        job = self._store.get(number_field(body, "job_id"))
        parameters = object_field(body, "notebook_params") | object_field(body, "job_parameters")
        run = self._begin(body, job["job_id"], str(job["settings"].get("name")), job["settings"], parameters)
        return {"run_id": run.run_id, "number_in_job": run.run_id}

    async def _submit(self, request: Request) -> Json:
        body = await json_body(request)
        return {"run_id": self._begin(body, new_id(), str(body.get("run_name") or "Untitled"), body, {}).run_id}

    async def _get_run(self, request: Request) -> Json:
        run = self._find(number_field(request.query_params, "run_id"))
        await hold(request, run.done)
        return run.describe()

    async def _get_output(self, request: Request) -> Json:
        run_id = number_field(request.query_params, "run_id")
        for run in self._runs.values():
            if run.run_id == run_id:
                if len(run.tasks) > 1:
                    raise invalid(
                        "Retrieving the output of runs with multiple tasks is not supported. "
                        "Please retrieve the output of each individual task run instead."
                    )
                return run.describe_output(run.tasks[0])
            for task in run.tasks:
                if task.run_id == run_id:
                    return run.describe_output(task)
        raise invalid(f"Run {run_id} does not exist.")

    async def _list_runs(self, request: Request) -> Json:
        query = request.query_params
        runs = sorted(self._runs.values(), key=lambda run: run.run_id, reverse=True)
        if "job_id" in query:
            runs = [run for run in runs if run.job_id == number_field(query, "job_id")]
        if is_true(query.get("active_only")):
            runs = [run for run in runs if not run.done.is_set()]
        if is_true(query.get("completed_only")):
            runs = [run for run in runs if run.done.is_set()]
        page, next_token = _page(runs, query.get("page_token"), number_field(query, "limit", 20))
        described = [run.describe() for run in page]
        if not is_true(query.get("expand_tasks")):
            described = [{key: value for key, value in run.items() if key != "tasks"} for run in described]
        more = {"next_page_token": next_token} if next_token else {}
        return {"runs": described, "has_more": bool(next_token), **more}

    async def _cancel(self, request: Request) -> Json:
        self._find(number_field(await json_body(request), "run_id")).cancel()
        return {}

    async def _cancel_all(self, request: Request) -> Json:
        body = await json_body(request)
        job_id = number_field(body, "job_id") if "job_id" in body else None
        for run in self._runs.values():
            if not run.done.is_set() and job_id in (None, run.job_id):
                run.cancel()
        return {}

    async def _delete_run(self, request: Request) -> Json:
        run = self._find(number_field(await json_body(request), "run_id"))
        if not run.done.is_set():
            raise ApiError(400, "INVALID_STATE", f"Run {run.run_id} is active: cancel it first.")
        del self._runs[run.run_id]
        return {}

    async def _refuse_repair(self, _: Request) -> Json:
        raise not_served("repairing runs", "Run the job again.")

    def _begin(self, body: Json, job_id: int, name: str, settings: Json, parameters: dict[str, object]) -> JobRun:
        """Start a run, or find the one that was started with the same idempotency token."""
        token = optional_text(body, "idempotency_token")
        if token and self._by_token.get(token) in self._runs:
            return self._runs[self._by_token[token]]
        run = JobRun(job_id, name, read_tasks(self._services, settings), self._services.user_name)
        self._runs[run.run_id] = run
        if token:
            self._by_token[token] = run.run_id
        self._forget_old()
        overriding = {key: str(value) for key, value in parameters.items()}
        execution = asyncio.ensure_future(run.execute(lambda task: self._start(task, overriding)))
        self._executions.add(execution)
        execution.add_done_callback(self._executions.discard)
        return run

    def _start(self, task: TaskRun, parameters: dict[str, str]) -> PythonRun:
        """Start a task's notebook.

        Raises:
            ValueError: there is no such notebook, or it is not Python.
        """
        settings = task.settings
        try:
            notebook = self._workspace.get(settings.notebook_path)
        except ApiError:
            raise ValueError(
                f'Unable to access the notebook "{settings.notebook_path}" in the workspace: it does not exist.'
            ) from None
        if notebook.object_type != "NOTEBOOK" or notebook.language != "PYTHON":
            found = notebook.language or notebook.object_type
            raise ValueError(f"{notebook.path} is {found}, and localbricks runs Python notebooks only.")
        return self._services.runner.submit(
            self._workspace.content(notebook).decode("utf-8"),
            name=f"/Workspace{normal_path(settings.notebook_path)}",
            timeout=settings.timeout,
            libraries=settings.libraries,
            parameters=settings.parameters | parameters,
        )

    def _find(self, run_id: int) -> JobRun:
        """A run by its own number or by the number of one of its tasks."""
        if run_id in self._runs:
            return self._runs[run_id]
        for run in self._runs.values():
            if any(task.run_id == run_id for task in run.tasks):
                return run
        raise invalid(f"Run {run_id} does not exist. Runs are forgotten when the server stops.")

    def _forget_old(self) -> None:
        ended = [run_id for run_id, run in self._runs.items() if run.done.is_set()]
        for run_id in ended[: max(0, len(self._runs) - _RUNS_KEPT)]:
            del self._runs[run_id]
        self._by_token = {token: run_id for token, run_id in self._by_token.items() if run_id in self._runs}


def _page(items: list[Item], token: str | None, limit: int) -> tuple[list[Item], str | None]:
    """A page of a list, and the token of the next one; a token is a position."""
    start = int(token) if token and token.isdigit() else 0
    size = min(limit, 100) if limit > 0 else 100
    return items[start : start + size], str(start + size) if start + size < len(items) else None
