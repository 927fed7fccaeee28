"""Every field of every body with values of other types: an answer, never a failure of the server's own."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from databricks.sdk import WorkspaceClient
from sql_client import Client, Server

from localbricks.home import CLUSTER_ID, WAREHOUSE_ID

pytestmark = pytest.mark.server
Json = Any
ME = "test_wrong_types"
WRONG = (True, 7, 1.5, [], ["x"], [[]], {}, {"x": 1}, "")
TASK = {
    "task_key": "a",
    "notebook_task": {"notebook_path": "/Shared/none", "source": "WORKSPACE", "base_parameters": {"p": "1"}},
    "libraries": [{"pypi": {"package": "numpy"}}],
    "environment_key": "e",
    "depends_on": [{"task_key": "b"}],
    "timeout_seconds": 5,
}
JOB = {
    "name": "j",
    "tasks": [TASK],
    "environments": [{"environment_key": "e", "spec": {"dependencies": ["numpy"]}}],
    "timeout_seconds": 5,
    "idempotency_token": "t",
}
BODIES: dict[str, Json] = {
    "POST /api/2.0/sql/statements": {
        "statement": "select :a",
        "warehouse_id": WAREHOUSE_ID,
        "catalog": "spark_catalog",
        "schema": ME,
        "format": "JSON_ARRAY",
        "disposition": "INLINE",
        "wait_timeout": "0s",
        "on_wait_timeout": "CANCEL",
        "row_limit": 5,
        "byte_limit": 500,
        "parameters": [{"name": "a", "type": "INT", "value": "1"}],
        "query_tags": [{"key": "a", "value": "b"}],
        "session_id": "00000000-0000-0000-0000-000000000000",
    },
    "POST /api/2.0/sql/sessions": {
        "warehouse_id": WAREHOUSE_ID,
        "catalog": "spark_catalog",
        "schema": ME,
        "session_confs": {"ansi_mode": "true"},
    },
    "POST /api/2.0/workspace/import": {
        "path": "/Shared/wrong",
        "format": "SOURCE",
        "language": "PYTHON",
        "content": base64.b64encode(b"1").decode(),
        "overwrite": True,
    },
    "POST /api/2.0/workspace/mkdirs": {"path": "/Shared/folder"},
    "POST /api/2.0/workspace/delete": {"path": "/Shared/nothing", "recursive": True},
    "POST /api/2.2/jobs/create": JOB,
    "POST /api/2.2/jobs/reset": {"job_id": 1, "new_settings": JOB},
    "POST /api/2.2/jobs/update": {"job_id": 1, "new_settings": JOB, "fields_to_remove": ["name"]},
    "POST /api/2.2/jobs/run-now": {"job_id": 1, "notebook_params": {"a": "b"}, "idempotency_token": "t"},
    "POST /api/2.2/jobs/runs/submit": {"run_name": "r", **JOB},
    "POST /api/2.2/jobs/runs/cancel": {"run_id": 1},
    "PUT /api/2.0/permissions/jobs/1": {"access_control_list": [{"user_name": "u", "permission_level": "IS_OWNER"}]},
    "PATCH /api/2.0/permissions/jobs/1": {"access_control_list": [{"group_name": "g", "permission_level": "CAN_VIEW"}]},
    "POST /api/1.2/contexts/create": {"clusterId": CLUSTER_ID, "language": "scala"},
    "POST /api/1.2/commands/execute": {"clusterId": CLUSTER_ID, "contextId": "c", "language": "python", "command": "1"},
    "POST /api/2.1/unity-catalog/schemas": {
        "name": ME,
        "catalog_name": "spark_catalog",
        "comment": "c",
        "properties": {"a": "b"},
    },
    f"PATCH /api/2.1/unity-catalog/schemas/spark_catalog.{ME}": {"comment": "c"},
    "POST /api/2.1/unity-catalog/volumes": {
        "name": "v",
        "catalog_name": "spark_catalog",
        "schema_name": ME,
        "volume_type": "EXTERNAL",
        "storage_location": "/nowhere",
        "comment": "c",
    },
    "POST /api/2.0/libraries/install": {"cluster_id": CLUSTER_ID, "libraries": [{"pypi": {"package": "numpy"}}]},
}


def changed(value: Json) -> Iterator[Json]:
    """The value with one of its parts replaced by something of another type."""
    yield from (wrong for wrong in WRONG if type(wrong) is not type(value))
    if isinstance(value, dict):
        for key, part in value.items():
            yield from ({**value, key: other} for other in changed(part))
    if isinstance(value, list):
        for number, part in enumerate(value):
            yield from ([*value[:number], other, *value[number + 1 :]] for other in changed(part))


@pytest.fixture(scope="module")
def job_id(server: Server) -> int:
    """A job that is there."""
    client = WorkspaceClient(host=server.url, token=server.home.token())
    task = {name: value for name, value in TASK.items() if name in ("task_key", "notebook_task")}
    return client.api_client.do("POST", "/api/2.2/jobs/create", body={"tasks": [task]})["job_id"]


@pytest.mark.parametrize("request_line", BODIES)
def test_any_value_gets_an_answer(server: Server, session: Client, job_id: int, request_line: str) -> None:
    method, path = request_line.split(" ")
    body = BODIES[request_line]
    if "job_id" in body:
        body = {**body, "job_id": job_id}
    seen = set()
    with requests.Session() as http:
        http.headers["Authorization"] = f"Bearer {server.home.token()}"
        for sent in changed(body):
            answer = http.request(method, server.url + path.replace("jobs/1", f"jobs/{job_id}"), json=sent, timeout=60)
            assert answer.status_code < 500 or answer.status_code == 501, f"{sent}: {answer.text}"
            seen.add(answer.status_code)
    assert 400 in seen
