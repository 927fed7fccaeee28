"""The small families, and the shape of errors."""

from __future__ import annotations

import pytest
import requests
from databricks.sdk import WorkspaceClient
from databricks.sdk.errors import BadRequest, DatabricksError, NotFound, ResourceDoesNotExist
from databricks.sdk.service.compute import Library, LibraryInstallStatus, PythonPyPiLibrary, State

from .conftest import CLUSTER_ID


class TestClusters:
    def test_the_only_one(self, client: WorkspaceClient) -> None:
        assert client.clusters.get(CLUSTER_ID).state is State.RUNNING
        assert [cluster.cluster_id for cluster in client.clusters.list()] == [CLUSTER_ID]
        client.clusters.ensure_cluster_is_running(CLUSTER_ID)
        assert list(client.libraries.cluster_status(CLUSTER_ID)) == []
        assert client.clusters.spark_versions().versions[0].key == "18.0.x-scala2.13"

    def test_libraries_are_looked_for(self, client: WorkspaceClient) -> None:
        there = Library(pypi=PythonPyPiLibrary(package="pandas>=1"))
        client.libraries.install(CLUSTER_ID, [there])
        (status,) = client.libraries.cluster_status(CLUSTER_ID)
        assert (status.library, status.status) == (there, LibraryInstallStatus.INSTALLED)
        with pytest.raises(BadRequest, match=r"package-of-nobody \(not installed\)"):
            client.libraries.install(CLUSTER_ID, [Library(pypi=PythonPyPiLibrary(package="package-of-nobody"))])
        client.libraries.uninstall(CLUSTER_ID, [there])
        assert list(client.libraries.cluster_status(CLUSTER_ID)) == []
        with pytest.raises(BadRequest, match="kind jar"):
            client.libraries.install(CLUSTER_ID, [Library(jar="/x.jar")])

    def test_another_does_not_exist(self, client: WorkspaceClient) -> None:
        with pytest.raises(ResourceDoesNotExist, match="Cluster other does not exist"):
            client.clusters.get("other")

    def test_nothing_is_changed_in_silence(self, client: WorkspaceClient) -> None:
        with pytest.raises(DatabricksError, match="localbricks up"):
            client.clusters.restart(CLUSTER_ID)


class TestWarehouses:
    def test_the_only_one(self, client: WorkspaceClient, url: str) -> None:
        warehouse = client.warehouses.get("warehouse")
        assert warehouse.state.value == "RUNNING"
        assert str(warehouse.odbc_params.port) == url.rpartition(":")[2]
        assert [one.id for one in client.warehouses.list()] == ["warehouse"]

    def test_another_does_not_exist(self, client: WorkspaceClient) -> None:
        with pytest.raises(NotFound):
            client.warehouses.get("other")


class TestIdentity:
    def test_me(self, client: WorkspaceClient) -> None:
        assert client.current_user.me().user_name == "someone@localhost"
        assert client.get_workspace_id() == 0

    def test_lists(self, client: WorkspaceClient) -> None:
        assert [user.user_name for user in client.users.list()] == ["someone@localhost"]
        assert list(client.service_principals.list()) == []


class TestErrors:
    def test_discovery(self, url: str) -> None:
        assert requests.get(f"{url}/.well-known/databricks-config", timeout=10).json()["oidc_endpoint"] == ""

    @pytest.mark.parametrize(
        ("method", "path"), [("GET", "/api/2.0/secrets/list"), ("DELETE", "/api/2.1/clusters/get")]
    )
    def test_unknown_endpoint(self, url: str, method: str, path: str) -> None:
        answer = requests.request(method, url + path, timeout=10)
        assert answer.status_code == 404
        assert answer.json()["error_code"] == "ENDPOINT_NOT_FOUND"
        assert f"{method} {path}" in answer.json()["message"]

    @pytest.mark.parametrize("body", ["{", "[1]", "\x00", "\ud800".encode("utf-8", "surrogatepass")])
    def test_malformed(self, url: str, body: str | bytes) -> None:
        answer = requests.post(f"{url}/api/2.2/jobs/create", data=body, timeout=10)
        assert (answer.status_code, answer.json()["error_code"]) == (400, "MALFORMED_REQUEST")

    @pytest.mark.parametrize(
        ("path", "body"),
        [
            ("/api/2.2/jobs/create", {"tasks": "x"}),
            ("/api/2.2/jobs/create", {"tasks": [{"task_key": "a", "notebook_task": "x"}]}),
            ("/api/2.2/jobs/create", {"tasks": [{"task_key": "a", "notebook_task": {"notebook_path": 1}}]}),
            ("/api/2.2/jobs/run-now", {"job_id": "x"}),
            ("/api/2.2/jobs/run-now", {"job_id": True}),
            ("/api/2.2/jobs/runs/submit", {}),
            ("/api/2.2/jobs/runs/cancel", {"run_id": None}),
            ("/api/2.0/workspace/mkdirs", {"path": 1}),
            ("/api/2.0/workspace/import", {"path": "/Shared/x", "language": "PYTHON", "content": "%"}),
            ("/api/1.2/commands/execute", {"clusterId": CLUSTER_ID}),
        ],
    )
    def test_wrong_fields(self, url: str, path: str, body: dict) -> None:
        answer = requests.post(url + path, json=body, timeout=10)
        assert answer.status_code == 400, answer.text
        assert answer.json()["error_code"] in ("INVALID_PARAMETER_VALUE", "MALFORMED_REQUEST")
