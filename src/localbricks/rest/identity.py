"""SCIM API: the one user, no groups but the built-in ones, no service principals."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from localbricks.rest.endpoint import Json, endpoint
from localbricks.rest.services import Services

_SCIM = "urn:ietf:params:scim"
# The SDK learns the workspace's number from this header.
_ORG_ID = {"X-Databricks-Org-Id": "0"}


def routes(services: Services) -> list[Route]:
    """Routes of this family."""
    user: Json = {
        "schemas": [f"{_SCIM}:schemas:core:2.0:User"],
        "id": "1",
        "userName": services.user_name,
        "displayName": services.user_name,
        "name": {"givenName": services.user_name},
        "emails": [{"type": "work", "value": services.user_name, "primary": True}],
        "active": True,
        "groups": [
            {"display": "admins", "value": "1", "type": "direct"},
            {"display": "users", "value": "2", "type": "direct"},
        ],
    }

    def resources(items: list[Json]) -> Json:
        return {
            "schemas": [f"{_SCIM}:api:messages:2.0:ListResponse"],
            "totalResults": len(items),
            "itemsPerPage": len(items),
            "startIndex": 1,
            "Resources": items,
        }

    async def me(_: Request) -> JSONResponse:
        return JSONResponse(user, headers=_ORG_ID)

    async def users(request: Request) -> Json:
        # Pages begin at 1; a later page is empty.
        return resources([user] if request.query_params.get("startIndex", "1") in ("0", "1") else [])

    async def groups(request: Request) -> Json:
        if request.query_params.get("startIndex", "1") not in ("0", "1"):
            return resources([])
        return resources([{"id": group["value"], "displayName": group["display"]} for group in user["groups"]])

    async def service_principals(_: Request) -> Json:
        return resources([])

    return [
        endpoint("GET", "/api/2.0/preview/scim/v2/Me", me),
        endpoint("GET", "/api/2.0/preview/scim/v2/Users", users),
        endpoint("GET", "/api/2.0/preview/scim/v2/Groups", groups),
        endpoint("GET", "/api/2.0/preview/scim/v2/ServicePrincipals", service_principals),
    ]
