"""What a job or a submitted run asks for: checked when it is defined, so that nothing is ignored in silence."""

from __future__ import annotations

from dataclasses import dataclass, field

from localbricks.rest.clusters import check_cluster
from localbricks.rest.endpoint import Json, list_field, number_field, object_field, optional_text, texts_field
from localbricks.rest.errors import invalid, not_served
from localbricks.rest.libraries import requirement
from localbricks.rest.services import Services


@dataclass(frozen=True)
class TaskSettings:
    """One task: a notebook, what it needs, what it waits for."""

    key: str
    notebook_path: str
    parameters: dict[str, str]
    libraries: tuple[str, ...]
    """Requirements that must be installed, in pip's grammar."""
    depends_on: tuple[str, ...]
    """Keys of the tasks that must succeed before."""
    timeout: float | None
    """Seconds, None for no limit."""
    described: Json = field(compare=False, repr=False)
    """The task as the client gave it."""


def read_tasks(services: Services, settings: Json) -> list[TaskSettings]:
    """The tasks of a job's settings or of a submitted run.

    Raises:
        ApiError: 400 for what is missing, contradictory or not served.
    """
    if settings.get("git_source"):
        raise not_served("notebooks in a Git provider", "Import the notebook into the workspace.")
    environments = {
        str(item.get("environment_key")): texts_field(object_field(item, "spec"), "dependencies")
        for item in list_field(settings, "environments")
    }
    whole_timeout = number_field(settings, "timeout_seconds", 0)
    tasks = [_read_task(services, task, environments, whole_timeout) for task in list_field(settings, "tasks")]
    if not tasks:
        raise invalid("The job has no tasks: expected a list under tasks.")
    _check_order(tasks)
    return tasks


def _read_task(services: Services, task: Json, environments: dict[str, list[str]], whole_timeout: int) -> TaskSettings:
    key = task.get("task_key")
    if not isinstance(key, str) or not key:
        raise invalid("A task has no task_key.")
    kinds = [name for name in task if name.endswith("_task")]
    if kinds != ["notebook_task"]:
        raise not_served(f"task {key} of kind {', '.join(kinds) or 'none'}", "It runs tasks of kind notebook_task.")
    notebook = object_field(task, "notebook_task")
    path = notebook.get("notebook_path")
    if not isinstance(path, str) or not path:
        raise invalid(f"Task {key} has no notebook_task.notebook_path.")
    if notebook.get("source", "WORKSPACE") != "WORKSPACE":
        raise not_served(f"source {notebook['source']} in task {key}", "Import the notebook into the workspace.")
    if task.get("run_if", "ALL_SUCCESS") != "ALL_SUCCESS":
        raise not_served(f"run_if {task['run_if']} in task {key}", "It knows ALL_SUCCESS.")
    if "existing_cluster_id" in task:
        check_cluster(services, task["existing_cluster_id"])
    libraries = [requirement(f"task {key}", item) for item in list_field(task, "libraries")]
    environment_key = optional_text(task, "environment_key")
    if environment_key is not None:
        if environment_key not in environments:
            raise invalid(
                f"Task {key} refers to environment_key {environment_key!r}, which environments does not have "
                f"(found: {', '.join(environments) or 'none'})."
            )
        libraries += environments[environment_key]
    timeouts = [seconds for seconds in (number_field(task, "timeout_seconds", 0), whole_timeout) if seconds > 0]
    return TaskSettings(
        key=key,
        notebook_path=path,
        parameters={name: str(value) for name, value in object_field(notebook, "base_parameters").items()},
        libraries=tuple(libraries),
        depends_on=tuple(str(item.get("task_key")) for item in list_field(task, "depends_on")),
        timeout=min(timeouts) if timeouts else None,
        described=task,
    )


def _check_order(tasks: list[TaskSettings]) -> None:
    """Keys are unique, and there is an order in which every task comes after those it depends on."""
    keys = [task.key for task in tasks]
    if len(set(keys)) < len(keys):
        raise invalid(f"Task keys must be unique, found {', '.join(keys)}.")
    done: set[str] = set()
    while len(done) < len(tasks):
        ready = {task.key for task in tasks if task.key not in done and done.issuperset(task.depends_on)}
        if not ready:
            left = ", ".join(key for key in keys if key not in done)
            raise invalid(f"Tasks depend on each other in a circle, or on a task that is not there: {left}.")
        done |= ready
