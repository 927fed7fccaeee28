"""Query History API: the warehouse's last statements with their times.

`compilation_time_ms` is what a statement spent in localbricks around the engine, `execution_time_ms` what it
spent in the engine, `result_fetch_time_ms` is not told.
"""

from __future__ import annotations

import time

from starlette.requests import Request
from starlette.routing import Route

from localbricks.errors import DatabricksError
from localbricks.rest.endpoint import Json, endpoint, is_true, number_field
from localbricks.rest.errors import invalid
from localbricks.rest.services import Services
from localbricks.sql.warehouse import Execution, State

STATUS = {
    State.PENDING: "QUEUED",
    State.RUNNING: "RUNNING",
    State.SUCCEEDED: "FINISHED",
    State.FAILED: "FAILED",
    State.CANCELED: "CANCELED",
    State.CLOSED: "CANCELED",
}
MOST_RESULTS = 1_000


def routes(services: Services) -> list[Route]:
    """Routes of this family."""

    async def list_queries(request: Request) -> Json:
        count = number_field(request.query_params, "max_results", 100)
        if not 0 < count <= MOST_RESULTS:
            raise invalid(f"max_results must be from 1 to {MOST_RESULTS}, found {count}.")
        start = number_field(request.query_params, "page_token", 0)
        with_metrics = is_true(request.query_params.get("include_metrics"))
        found = services.statements()
        page = [_query(one, services, with_metrics) for one in found[start : start + count]]
        is_more = start + count < len(found)
        return {"res": page, "has_next_page": is_more, **({"next_page_token": str(start + count)} if is_more else {})}

    return [endpoint("GET", "/api/2.0/sql/history/queries", list_queries)]


def _query(execution: Execution, services: Services, with_metrics: bool) -> Json:
    ended = execution.ended or time.time()
    query: Json = {
        "query_id": execution.public_id,
        "status": STATUS[execution.state],
        "query_text": execution.text,
        "query_start_time_ms": round(execution.started * 1000),
        "duration": round((ended - execution.started) * 1000),
        "is_final": execution.state.done,
        "user_name": services.user_name,
        "warehouse_id": services.warehouse_id,
        "endpoint_id": services.warehouse_id,
    }
    if execution.ended is not None:
        query["query_end_time_ms"] = query["execution_end_time_ms"] = round(execution.ended * 1000)
    if execution.query_tags:
        query["query_tags"] = [
            {"key": key, "value": value} if value else {"key": key} for key, value in execution.query_tags.items()
        ]
    if isinstance(execution.error, DatabricksError):
        query["error_message"] = str(execution.error)
    if with_metrics:
        in_engine = round(execution.engine_seconds * 1000)
        query["metrics"] = {
            "total_time_ms": query["duration"],
            "execution_time_ms": in_engine,
            "compilation_time_ms": query["duration"] - in_engine,
        }
    return query
