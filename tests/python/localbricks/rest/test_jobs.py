"""Jobs API, with the SDK's client and with the adapter's own."""

from __future__ import annotations

import base64
import threading
import time
from typing import Any

import pytest
from databricks.sdk import WorkspaceClient
from databricks.sdk.errors import DatabricksError, InvalidParameterValue, OperationFailed, ResourceDoesNotExist
from databricks.sdk.service.compute import Environment, Library, PythonPyPiLibrary
from databricks.sdk.service.jobs import (
    JobEnvironment,
    JobSettings,
    NotebookTask,
    RunLifeCycleState,
    RunResultState,
    SparkPythonTask,
    SubmitTask,
    Task,
    TaskDependency,
)
from databricks.sdk.service.workspace import ImportFormat, Language
from dbt.adapters.databricks.api_client import JobRunsApi, WorkflowJobApi
from dbt_common.exceptions import DbtRuntimeError

from .conftest import CLUSTER_ID

FOLDER = "/Shared/dbt_python_models/s"


@pytest.fixture
def notebook(client: WorkspaceClient):
    """Write a notebook; its path."""
    client.workspace.mkdirs(FOLDER)

    def write(code: str, name: str = "model") -> str:
        client.workspace.import_(
            path=f"{FOLDER}/{name}",
            content=base64.b64encode(code.encode()).decode(),
            language=Language.PYTHON,
            format=ImportFormat.SOURCE,
            overwrite=True,
        )
        return f"{FOLDER}/{name}"

    return write


def submit(client: WorkspaceClient, path: str, **options: Any):
    """Submit a run of one notebook."""
    task = SubmitTask(task_key="inner_notebook", notebook_task=NotebookTask(notebook_path=path), **options)
    return client.jobs.submit(run_name="test", tasks=[task])


class TestRuns:
    def test_success(self, client: WorkspaceClient, notebook: Any) -> None:
        run = submit(client, notebook("print('hi')\ndbutils.notebook.exit('value')")).result()
        assert run.state.life_cycle_state is RunLifeCycleState.TERMINATED
        assert run.state.result_state is RunResultState.SUCCESS
        assert run.status.termination_details.code.value == "SUCCESS"
        output = client.jobs.get_run_output(run.tasks[0].run_id)
        assert output.notebook_output.result == "value"
        assert output.logs == "hi\n"
        assert output.error is None

    def test_failure(self, client: WorkspaceClient, notebook: Any) -> None:
        waiter = submit(client, notebook("def model():\n    return 1 / 0\nmodel()"))
        with pytest.raises(OperationFailed, match="ZeroDivisionError"):
            waiter.result()
        run = client.jobs.get_run(waiter.run_id)
        assert run.state.life_cycle_state is RunLifeCycleState.INTERNAL_ERROR
        assert run.tasks[0].state.result_state is RunResultState.FAILED
        output = client.jobs.get_run_output(run.tasks[0].run_id)
        assert output.error == "ZeroDivisionError: division by zero"
        assert f'File "/Workspace{FOLDER}/model", line 2, in model\n    return 1 / 0' in output.error_trace

    def test_cancel(self, client: WorkspaceClient, notebook: Any) -> None:
        waiter = submit(client, notebook("import time\ntime.sleep(60)"))
        run = client.jobs.cancel_run_and_wait(waiter.run_id)
        assert run.state.result_state is RunResultState.CANCELED

    def test_timeout(self, client: WorkspaceClient, notebook: Any) -> None:
        run = submit(client, notebook("import time\ntime.sleep(60)"), timeout_seconds=1).result()
        assert run.state.result_state is RunResultState.TIMEDOUT
        assert "1 seconds" in run.state.state_message

    def test_missing_notebook(self, client: WorkspaceClient) -> None:
        waiter = submit(client, "/Shared/nope")
        with pytest.raises(OperationFailed, match="Unable to access the notebook"):
            waiter.result()
        task_id = client.jobs.get_run(waiter.run_id).tasks[0].run_id
        assert "does not exist" in client.jobs.get_run_output(task_id).error

    def test_parameters(self, client: WorkspaceClient, notebook: Any) -> None:
        path = notebook("dbutils.notebook.exit(dbutils.widgets.get('day'))")
        task = NotebookTask(notebook_path=path, base_parameters={"day": "monday"})
        run = client.jobs.submit_and_wait(tasks=[SubmitTask(task_key="t", notebook_task=task)])
        assert client.jobs.get_run_output(run.run_id).notebook_output.result == "monday"

    @pytest.mark.parametrize(("package", "is_there"), [("pandas>=1", True), ("nothing-like-it==1", False)])
    def test_libraries(self, client: WorkspaceClient, notebook: Any, package: str, is_there: bool) -> None:
        libraries = [Library(pypi=PythonPyPiLibrary(package=package))]
        waiter = submit(client, notebook("print(1)"), libraries=libraries)
        if is_there:
            waiter.result()
        else:
            with pytest.raises(OperationFailed, match="nothing-like-it==1 \\(not installed\\)"):
                waiter.result()

    def test_environment_of_serverless(self, client: WorkspaceClient, notebook: Any) -> None:
        def run(dependency: str):
            environment = JobEnvironment("default", Environment(environment_version="4", dependencies=[dependency]))
            task = SubmitTask(
                task_key="t",
                environment_key="default",
                notebook_task=NotebookTask(notebook_path=notebook("print(1)")),
            )
            return client.jobs.submit_and_wait(tasks=[task], environments=[environment])

        assert run("pandas").state.result_state is RunResultState.SUCCESS
        with pytest.raises(OperationFailed, match="nothing-like-it"):
            run("nothing-like-it")

    def test_idempotency_token(self, client: WorkspaceClient, notebook: Any) -> None:
        task = SubmitTask(task_key="t", notebook_task=NotebookTask(notebook_path=notebook("print(1)")))
        ids = {client.jobs.submit(tasks=[task], idempotency_token="once").run_id for _ in range(2)}
        assert len(ids) == 1

    @pytest.mark.parametrize(
        ("task", "message"),
        [
            ({"environment_key": "other"}, "environment_key 'other'"),
            ({"existing_cluster_id": "other"}, "Cluster other does not exist"),
            ({"libraries": [Library(jar="/a.jar")]}, "a library of kind jar"),
            ({"depends_on": [TaskDependency("other")]}, "depend on each other"),
        ],
    )
    def test_refused(self, client: WorkspaceClient, task: dict[str, Any], message: str) -> None:
        with pytest.raises(InvalidParameterValue, match=message):
            submit(client, "/Shared/any", **task)

    def test_other_kinds_of_task_are_refused(self, client: WorkspaceClient) -> None:
        task = SubmitTask(task_key="t", spark_python_task=SparkPythonTask(python_file="/a.py"))
        with pytest.raises(InvalidParameterValue, match="spark_python_task"):
            client.jobs.submit(tasks=[task])

    def test_unknown_run(self, client: WorkspaceClient) -> None:
        with pytest.raises(ResourceDoesNotExist):
            client.jobs.get_run(1)

    def test_other_requests_are_answered_while_one_is_held(self, client: WorkspaceClient, notebook: Any) -> None:
        waiter = submit(client, notebook("import time\ntime.sleep(3)"))
        held = [threading.Thread(target=client.jobs.get_run, args=(waiter.run_id,)) for _ in range(5)]
        for thread in held:
            thread.start()
        client.current_user.me()
        assert all(thread.is_alive() for thread in held)
        for thread in held:
            thread.join(20)
        assert client.jobs.get_run(waiter.run_id).state.result_state is RunResultState.SUCCESS


class TestOrder:
    def tasks(self, first: str, second: str) -> list[SubmitTask]:
        return [
            SubmitTask(task_key="first", notebook_task=NotebookTask(notebook_path=first)),
            SubmitTask(
                task_key="second",
                notebook_task=NotebookTask(notebook_path=second),
                depends_on=[TaskDependency("first")],
            ),
        ]

    def test_tasks_run_after_those_they_depend_on(self, client: WorkspaceClient, notebook: Any) -> None:
        first, second = notebook("import time\ntime.sleep(0.5)", "first"), notebook("print(1)", "second")
        tasks = {task.task_key: task for task in client.jobs.submit_and_wait(tasks=self.tasks(first, second)).tasks}
        assert tasks["second"].start_time >= tasks["first"].end_time

    def test_tasks_after_a_failed_one_are_skipped(self, client: WorkspaceClient, notebook: Any) -> None:
        first, second = notebook("1 / 0", "first"), notebook("print(1)", "second")
        waiter = client.jobs.submit(tasks=self.tasks(first, second))
        with pytest.raises(OperationFailed, match="Task first failed"):
            waiter.result()
        tasks = {task.task_key: task for task in client.jobs.get_run(waiter.run_id).tasks}
        assert tasks["second"].state.result_state is RunResultState.UPSTREAM_FAILED

    def test_the_failed_task_comes_first(self, client: WorkspaceClient, notebook: Any) -> None:
        """The adapter shows the output of the first task."""
        first, second = notebook("print(1)", "first"), notebook("1 / 0", "second")
        waiter = client.jobs.submit(tasks=self.tasks(first, second))
        with pytest.raises(OperationFailed):
            waiter.result()
        assert client.jobs.get_run(waiter.run_id).tasks[0].task_key == "second"
        with pytest.raises(DatabricksError, match="multiple tasks"):
            client.jobs.get_run_output(waiter.run_id)


class TestJobs:
    def settings(self, path: str) -> dict[str, Any]:
        task = Task(task_key="t", notebook_task=NotebookTask(notebook_path=path))
        return {"name": "a job", "tasks": [task]}

    def test_life_of_a_job(self, client: WorkspaceClient, notebook: Any) -> None:
        path = notebook("dbutils.notebook.exit(dbutils.widgets.getAll().get('day', 'none'))")
        job_id = client.jobs.create(**self.settings(path)).job_id
        assert [job.job_id for job in client.jobs.list(name="A JOB")] == [job_id]
        assert client.jobs.get(job_id).settings.tasks[0].notebook_task.notebook_path == path
        assert client.jobs.run_now_and_wait(job_id).state.result_state is RunResultState.SUCCESS
        run = client.jobs.run_now_and_wait(job_id, notebook_params={"day": "monday"})
        assert client.jobs.get_run_output(run.run_id).notebook_output.result == "monday"
        assert next(client.jobs.list_runs(job_id=job_id)).run_id == run.run_id
        client.jobs.reset(job_id, JobSettings.from_dict(JobSettings(**self.settings(path)).as_dict() | {"name": "b"}))
        assert client.jobs.get(job_id).settings.name == "b"
        client.jobs.update(job_id, new_settings=JobSettings(name="c"))
        assert client.jobs.get(job_id).settings.name == "c"
        client.jobs.delete(job_id)
        with pytest.raises(ResourceDoesNotExist):
            client.jobs.get(job_id)

    def test_pages(self, client: WorkspaceClient, notebook: Any) -> None:
        path = notebook("print(1)")
        made = [client.jobs.create(**self.settings(path) | {"name": "many"}).job_id for _ in range(5)]
        assert [job.job_id for job in client.jobs.list(name="many", limit=2)] == made[::-1]


class TestAdapter:
    """The part of dbt-databricks that submits a model as a job; it looks every ten seconds."""

    def submit(self, client: WorkspaceClient, path: str) -> float:
        """Submit as `PythonNotebookSubmitter` does; the seconds it took."""
        runs = JobRunsApi(client, polling_interval=10, timeout=60)
        begun = time.monotonic()
        task = {"task_key": "inner_notebook", "notebook_task": {"notebook_path": path}}
        spec = task | {
            "existing_cluster_id": CLUSTER_ID,
            "libraries": [],
            "access_control_list": [{"user_name": "someone@localhost", "permission_level": "IS_OWNER"}],
            "queue": {"enabled": True},
        }
        run_id = runs.submit("a run", spec)
        assert int(runs.get_job_id_from_run_id(run_id))
        runs.poll_for_completion(run_id)
        return time.monotonic() - begun

    def test_no_time_is_lost_in_polling(self, client: WorkspaceClient, notebook: Any) -> None:
        assert self.submit(client, notebook("import time\ntime.sleep(0.5)")) < 5

    def test_the_analyst_sees_the_failing_line(self, client: WorkspaceClient, notebook: Any) -> None:
        path = notebook("def model(dbt, session):\n    return missing_name\nmodel(1, 2)")
        with pytest.raises(DbtRuntimeError) as failure:
            self.submit(client, path)
        assert "Python model failed" in str(failure.value)
        assert "line 2, in model return missing_name" in " ".join(str(failure.value).split())

    def test_workflow(self, client: WorkspaceClient, notebook: Any) -> None:
        workflows = WorkflowJobApi(client)
        spec = {
            "name": "dbt__c-s-m",
            "tasks": [{"task_key": "inner_notebook", "notebook_task": {"notebook_path": notebook("print(1)")}}],
        }
        job_id = workflows.create(spec)
        assert [str(job["job_id"]) for job in workflows.search_by_name("dbt__c-s-m")] == [job_id]
        workflows.update_job_settings(job_id, spec)
        JobRunsApi(client, polling_interval=10, timeout=60).poll_for_completion(workflows.run(job_id))
