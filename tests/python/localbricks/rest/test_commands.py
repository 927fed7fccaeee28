"""Command Execution API, with the SDK's client and with the adapter's own."""

from __future__ import annotations

import threading
import time

import pytest
import requests
from databricks.sdk import WorkspaceClient
from databricks.sdk.errors import DatabricksError, ResourceDoesNotExist
from databricks.sdk.service.compute import CommandStatus, Language, ResultType
from dbt.adapters.databricks.api_client import ClusterApi, CommandApi, CommandContextApi, LibraryApi
from dbt_common.exceptions import DbtRuntimeError
from waiting import wait_until

from localbricks.python_runs.run import PythonRun

from .conftest import CLUSTER_ID

SLEEP = "import time\ntime.sleep(60)"


@pytest.fixture
def context_id(client: WorkspaceClient) -> str:
    """An open context."""
    return client.command_execution.create_and_wait(cluster_id=CLUSTER_ID, language=Language.PYTHON).id


class TestSdk:
    def execute(self, client: WorkspaceClient, context_id: str, code: str):
        return client.command_execution.execute_and_wait(
            cluster_id=CLUSTER_ID, context_id=context_id, language=Language.PYTHON, command=code
        )

    def test_output_and_state(self, client: WorkspaceClient, context_id: str) -> None:
        assert self.execute(client, context_id, "x = 20\nprint('hello')").results.data == "hello\n"
        assert self.execute(client, context_id, "x + 1").results.data == "21\n"
        client.command_execution.destroy(CLUSTER_ID, context_id)

    def test_error(self, client: WorkspaceClient, context_id: str) -> None:
        answer = self.execute(client, context_id, "def model():\n    raise ValueError('no rows')\nmodel()")
        assert answer.status is CommandStatus.FINISHED
        assert answer.results.result_type is ResultType.ERROR
        assert answer.results.summary == "ValueError: no rows"
        assert "line 2, in model\n    raise ValueError('no rows')" in answer.results.cause

    def test_cancel(self, client: WorkspaceClient, context_id: str) -> None:
        waiter = client.command_execution.execute(
            cluster_id=CLUSTER_ID,
            context_id=context_id,
            language=Language.PYTHON,
            command="import time\ntime.sleep(60)",
        )
        begun = time.monotonic()
        answer = client.command_execution.cancel_and_wait(
            cluster_id=CLUSTER_ID, context_id=context_id, command_id=waiter.command_id
        )
        assert answer.status is CommandStatus.CANCELLED
        assert time.monotonic() - begun < 30

    def test_destroy_cancels_what_runs(self, client: WorkspaceClient, context_id: str) -> None:
        client.command_execution.execute(
            cluster_id=CLUSTER_ID,
            context_id=context_id,
            language=Language.PYTHON,
            command="import time\ntime.sleep(60)",
        )
        client.command_execution.destroy(CLUSTER_ID, context_id)
        with pytest.raises(DatabricksError, match="does not exist"):
            client.command_execution.context_status(CLUSTER_ID, context_id)

    def test_a_client_that_goes_away_leaves_nothing_waiting(
        self, client: WorkspaceClient, context_id: str, url: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        waiting: list[PythonRun] = []
        add, remove = PythonRun.add_done_callback, PythonRun.remove_done_callback
        monkeypatch.setattr(PythonRun, "add_done_callback", lambda run, call: (waiting.append(run), add(run, call)))
        monkeypatch.setattr(
            PythonRun, "remove_done_callback", lambda run, call: (waiting.remove(run), remove(run, call))
        )
        command = client.command_execution.execute(
            cluster_id=CLUSTER_ID, context_id=context_id, language=Language.PYTHON, command=SLEEP
        ).command_id
        query = f"clusterId={CLUSTER_ID}&contextId={context_id}&commandId={command}"
        with pytest.raises(requests.Timeout):
            requests.get(f"{url}/api/1.2/commands/status?{query}", timeout=0.5)
        wait_until(lambda: not waiting, 10)
        client.command_execution.destroy(CLUSTER_ID, context_id)

    def test_unknown_command(self, client: WorkspaceClient, context_id: str) -> None:
        with pytest.raises(ResourceDoesNotExist, match="Command nope does not exist"):
            client.command_execution.command_status(CLUSTER_ID, context_id, "nope")

    def test_other_languages_are_refused(self, client: WorkspaceClient) -> None:
        with pytest.raises(DatabricksError, match="SQL warehouse"):
            client.command_execution.create(cluster_id=CLUSTER_ID, language=Language.SCALA)

    def test_unknown_cluster(self, client: WorkspaceClient) -> None:
        with pytest.raises(DatabricksError, match="Cluster other does not exist"):
            client.command_execution.create(cluster_id="other", language=Language.PYTHON)


class TestAdapter:
    """The part of dbt-databricks that submits a model by commands; it looks every ten seconds."""

    def run(self, client: WorkspaceClient, code: str) -> float:
        """Submit as `PythonCommandSubmitter` does; the seconds it took."""
        libraries = LibraryApi(client)
        contexts = CommandContextApi(client, ClusterApi(client, libraries), libraries)
        commands = CommandApi(client, polling_interval=10, timeout=60)
        begun = time.monotonic()
        context_id = contexts.create(CLUSTER_ID)
        try:
            commands.poll_for_completion(commands.execute(CLUSTER_ID, context_id, code))
        finally:
            contexts.destroy(CLUSTER_ID, context_id)
        return time.monotonic() - begun

    def test_no_time_is_lost_in_polling(self, client: WorkspaceClient) -> None:
        assert self.run(client, "import time\ntime.sleep(0.5)") < 5

    def test_the_analyst_sees_the_failing_line(self, client: WorkspaceClient) -> None:
        with pytest.raises(DbtRuntimeError) as failure:
            self.run(client, "def model(dbt, session):\n    return missing_name\nmodel(1, 2)")
        assert "line 2, in model return missing_name" in " ".join(str(failure.value).split())
        assert "NameError: name 'missing_name' is not defined" in str(failure.value)

    def test_the_analyst_sees_why_the_process_is_gone(self, client: WorkspaceClient) -> None:
        with pytest.raises(DbtRuntimeError, match="exit code 5"):
            self.run(client, "import os\nos._exit(5)")

    def test_four_at_once(self, client: WorkspaceClient) -> None:
        codes = [f"import time\ntime.sleep(0.5)\nassert {n} != 2" for n in range(4)]
        failures: list[int] = []

        def submit(number: int) -> None:
            try:
                self.run(client, codes[number])
            except DbtRuntimeError:
                failures.append(number)

        threads = [threading.Thread(target=submit, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert failures == [2]
