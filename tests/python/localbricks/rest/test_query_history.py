"""The query history, through the SDK."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
import requests
from databricks.sdk import WorkspaceClient
from databricks.sdk.service.sql import QueryStatus

from localbricks.errors import DatabricksError
from localbricks.sql.warehouse import Execution, State

from .conftest import Workspace

SESSION: Any = SimpleNamespace()


@pytest.fixture
def executions(workspace: Workspace) -> Iterator[list[Execution]]:
    """What the warehouse remembers, the newest first."""
    found: list[Execution] = []
    before = workspace.statements
    object.__setattr__(workspace, "statements", lambda: found)
    yield found
    object.__setattr__(workspace, "statements", before)


def ended(text: str, state: State, engine_seconds: float = 0.0, error: DatabricksError | None = None) -> Execution:
    """A statement that took a quarter of a second."""
    one = Execution(uuid.uuid4().bytes, SESSION, text, started=1_700_000_000.0, engine_seconds=engine_seconds)
    one.finish(state, error=error)
    one.ended = 1_700_000_000.25
    return one


def test_times_in_and_around_the_engine(client: WorkspaceClient, executions: list[Execution]) -> None:
    executions.append(ended("select 1", State.SUCCEEDED, engine_seconds=0.2))
    (query,) = client.query_history.list(include_metrics=True).res
    assert (query.query_text, query.status, query.duration) == ("select 1", QueryStatus.FINISHED, 250)
    assert (query.query_start_time_ms, query.query_end_time_ms) == (1_700_000_000_000, 1_700_000_000_250)
    metrics = query.metrics
    assert (metrics.total_time_ms, metrics.execution_time_ms, metrics.compilation_time_ms) == (250, 200, 50)


def test_error_is_told(client: WorkspaceClient, executions: list[Execution]) -> None:
    executions.append(ended("select x", State.FAILED, error=DatabricksError("SOME_CLASS", "No x.", "42703")))
    (query,) = client.query_history.list().res
    assert query.status is QueryStatus.FAILED
    assert query.error_message == "[SOME_CLASS] No x. SQLSTATE: 42703"
    assert query.metrics is None


def test_pages_in_order(client: WorkspaceClient, executions: list[Execution]) -> None:
    executions.extend(ended(f"select {number}", State.SUCCEEDED) for number in range(5))
    texts, page = [], None
    while True:
        found = client.query_history.list(max_results=2, page_token=page)
        texts += [query.query_text for query in found.res]
        page = found.next_page_token
        if not found.has_next_page:
            break
    assert texts == [f"select {number}" for number in range(5)]


def test_wrong_size_of_a_page_is_refused(url: str) -> None:
    answer = requests.get(f"{url}/api/2.0/sql/history/queries", params={"max_results": "0"}, timeout=10)
    assert answer.status_code == 400
    assert "max_results must be from 1 to 1000" in answer.json()["message"]
