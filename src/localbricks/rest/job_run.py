"""A run of a job: its tasks in their order, and the state that follows from theirs."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from localbricks.python_runs.run import PythonRun, RunState
from localbricks.rest.endpoint import Json
from localbricks.rest.ids import new_id, now_ms
from localbricks.rest.job_settings import TaskSettings
from localbricks.rest.long_poll import finished

# Life cycle state and result state on Databricks, for each state of a Python run.
_STATES = {
    RunState.PENDING: ("PENDING", None),
    RunState.RUNNING: ("RUNNING", None),
    RunState.SUCCEEDED: ("TERMINATED", "SUCCESS"),
    RunState.FAILED: ("TERMINATED", "FAILED"),
    RunState.CANCELED: ("TERMINATED", "CANCELED"),
    RunState.TIMEDOUT: ("TERMINATED", "TIMEDOUT"),
}
_CODES = {
    "SUCCESS": ("SUCCESS", "SUCCESS"),
    "FAILED": ("RUN_EXECUTION_ERROR", "CLIENT_ERROR"),
    "CANCELED": ("USER_CANCELED", "SUCCESS"),
    "TIMEDOUT": ("RUN_EXECUTION_ERROR", "CLIENT_ERROR"),
    "UPSTREAM_FAILED": ("RUN_EXECUTION_ERROR", "CLIENT_ERROR"),
}


@dataclass
class TaskRun:
    """One task of a run."""

    settings: TaskSettings
    run_id: int = field(default_factory=new_id)
    python_run: PythonRun | None = None
    """None before it starts, and where it never did."""
    refusal: str | None = None
    """Why it could not be started."""
    is_skipped: bool = False
    """Whether a task it depends on failed."""

    @property
    def states(self) -> tuple[str, str | None]:
        """Life cycle state and result state."""
        if self.refusal is not None:
            return "INTERNAL_ERROR", "FAILED"
        if self.is_skipped:
            return "TERMINATED", "UPSTREAM_FAILED"
        if self.python_run is None:
            return "PENDING", None
        if self.python_run.is_cancelling:
            return "TERMINATING", None
        return _STATES[self.python_run.state]

    @property
    def error(self) -> str | None:
        """For example `ValueError: no rows`."""
        result = self.python_run.result if self.python_run else None
        return self.refusal or (result.error if result else None)


class JobRun:
    """One run. `execute` is awaited once; everything else may be asked at any time."""

    def __init__(self, job_id: int, name: str, tasks: list[TaskSettings], creator: str) -> None:
        self.run_id = new_id()
        self.job_id = job_id
        self.name = name
        self.tasks = [TaskRun(task) for task in tasks]
        self.done = asyncio.Event()
        self._creator = creator
        self._start_time = now_ms()
        self._end_time = 0
        self._is_canceled = False

    async def execute(self, start: Callable[[TaskRun], PythonRun]) -> None:
        """Run every task as soon as those it depends on have succeeded.

        Args:
            start: starts a task's notebook, or raises `ValueError` with what is wrong with it.
        """
        try:
            async with asyncio.TaskGroup() as group:
                ended: dict[str, asyncio.Task[bool]] = {}
                for task in self._in_order():
                    before = [ended[key] for key in task.settings.depends_on]
                    ended[task.settings.key] = group.create_task(self._execute_task(task, start, before))
        finally:
            self._end_time = now_ms()
            self.done.set()

    def cancel(self) -> None:
        """Ask for the end of every task."""
        self._is_canceled = True
        for task in self.tasks:
            if task.python_run is not None:
                task.python_run.cancel()

    def _in_order(self) -> list[TaskRun]:
        """Every task after those it depends on."""
        ordered: list[TaskRun] = []
        keys: set[str] = set()
        while len(ordered) < len(self.tasks):
            for task in self.tasks:
                if task.settings.key not in keys and keys.issuperset(task.settings.depends_on):
                    ordered.append(task)
                    keys.add(task.settings.key)
        return ordered

    async def _execute_task(
        self, task: TaskRun, start: Callable[[TaskRun], PythonRun], before: list[asyncio.Task[bool]]
    ) -> bool:
        """Run one task; whether it succeeded."""
        if not all([await other for other in before]) or self._is_canceled:
            task.is_skipped = True
            return False
        try:
            task.python_run = start(task)
        except ValueError as error:
            task.refusal = str(error)
            return False
        if self._is_canceled:
            task.python_run.cancel()
        await finished(task.python_run)
        return task.python_run.state is RunState.SUCCEEDED

    # How Databricks shows it.

    def describe(self) -> Json:
        """The run as `runs/get` shows it.

        A failed run is `INTERNAL_ERROR` with the result `FAILED`, as Databricks has it for a run whose task
        failed. It is the only state in which the adapter asks for the output of a task and shows its error and
        traceback; in `TERMINATED` with `FAILED` it shows the state message alone. The adapter looks at the
        first task only, so failed tasks come first.
        """
        life_cycle, result, message = self._state()
        tasks = sorted(self.tasks, key=lambda task: task.states[1] in (None, "SUCCESS", "UPSTREAM_FAILED"))
        return {
            "job_id": self.job_id,
            "run_id": self.run_id,
            "number_in_job": self.run_id,
            "run_name": self.name,
            "run_type": "SUBMIT_RUN",
            "creator_user_name": self._creator,
            "format": "MULTI_TASK",
            "start_time": self._start_time,
            "end_time": self._end_time,
            "run_duration": (self._end_time or now_ms()) - self._start_time,
            "state": _state(life_cycle, result, message),
            "status": _status(life_cycle, result, message),
            "tasks": [self._describe_task(task) for task in tasks],
        }

    def describe_output(self, task: TaskRun) -> Json:
        """A task's output as `runs/get-output` shows it."""
        output: Json = {"metadata": self._describe_task(task) | {"job_id": self.job_id, "run_name": self.name}}
        result = task.python_run.result if task.python_run else None
        if result is not None:
            output["notebook_output"] = {"result": result.exit_value, "truncated": False}
            output |= {"logs": result.output, "logs_truncated": result.output_truncated}
        if task.error is not None:
            output["error"] = task.error
            output["error_trace"] = result.traceback if result else task.error
        return output

    def _state(self) -> tuple[str, str | None, str]:
        """Life cycle state, result state and message of the whole run."""
        if not self.done.is_set():
            states = {task.states[0] for task in self.tasks}
            is_ending = self._is_canceled or "TERMINATING" in states
            return "TERMINATING" if is_ending else "PENDING" if states == {"PENDING"} else "RUNNING", None, ""
        results = {task.states[1]: task for task in reversed(self.tasks)}
        if "FAILED" in results:
            task = results["FAILED"]
            return "INTERNAL_ERROR", "FAILED", f"Task {task.settings.key} failed with message: {task.error}"
        if self._is_canceled or "CANCELED" in results:
            return "TERMINATED", "CANCELED", "Run cancelled."
        if "TIMEDOUT" in results:
            task = results["TIMEDOUT"]
            return "TERMINATED", "TIMEDOUT", f"Task {task.settings.key}: {task.error}"
        return "TERMINATED", "SUCCESS", ""

    def _describe_task(self, task: TaskRun) -> Json:
        life_cycle, result = task.states
        ended = task.python_run.result.ended_at if task.python_run and task.python_run.result else None
        started = task.python_run.started_at if task.python_run else None
        described: Json = {
            "run_id": task.run_id,
            "task_key": task.settings.key,
            "notebook_task": task.settings.described["notebook_task"],
            "start_time": int(started.timestamp() * 1000) if started else self._start_time,
            "end_time": int(ended.timestamp() * 1000) if ended else 0,
            "state": _state(life_cycle, result, task.error or ""),
            "status": _status(life_cycle, result, task.error or ""),
        }
        if task.settings.depends_on:
            described["depends_on"] = [{"task_key": key} for key in task.settings.depends_on]
        return described


def _state(life_cycle: str, result: str | None, message: str) -> Json:
    state: Json = {"life_cycle_state": life_cycle, "state_message": message, "user_cancelled_or_timedout": False}
    if result is not None:
        state["result_state"] = result
        state["user_cancelled_or_timedout"] = result in ("CANCELED", "TIMEDOUT")
    return state


def _status(life_cycle: str, result: str | None, message: str) -> Json:
    """The newer form of the state, beside the older one."""
    if result is None:
        return {"state": life_cycle}
    code, kind = _CODES[result]
    return {"state": "TERMINATED", "termination_details": {"code": code, "type": kind, "message": message}}
