"""`/.well-known/databricks-config`: what a client asks before it logs in. And what is not served at all."""

from __future__ import annotations

from starlette.requests import Request
from starlette.routing import Route

from localbricks.rest.endpoint import Json, endpoint
from localbricks.rest.errors import ApiError

_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


def routes() -> list[Route]:
    """The route of the discovery document. The only one that must be open without a token."""

    async def config(_: Request) -> Json:
        # No OIDC endpoint: there is the token and nothing else.
        return {"oidc_endpoint": "", "workspace_id": "0"}

    return [endpoint("GET", "/.well-known/databricks-config", config)]


def unknown_endpoints() -> list[Route]:
    """What answers every other path under `/api`. Comes last."""

    async def unknown(request: Request) -> Json:
        message = f"No API found for '{request.method} {request.url.path}'. localbricks serves the part that dbt needs."
        raise ApiError(404, "ENDPOINT_NOT_FOUND", message)

    return [endpoint(_METHODS, "/api/{path:path}", unknown)]
