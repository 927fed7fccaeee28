"""What the Unity Catalog families share: full names, work in a session, lists in pages, what does not exist."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

import anyio.to_thread
from starlette.requests import Request
from starlette.routing import Route

from localbricks.catalog.spark_catalog import CATALOG
from localbricks.rest.endpoint import Handler, Json, endpoint, number_field, text_field
from localbricks.rest.errors import ApiError, invalid
from localbricks.rest.services import Services
from localbricks.sql.session import SqlSession

PREFIX = "/api/2.1/unity-catalog"
METASTORE = {"metastore_id": "00000000-0000-0000-0000-000000000000"}
_LARGEST_PAGE = 1000

T = TypeVar("T")


def unity_endpoint(method: str, path: str, handler: Handler) -> Route:
    """A route of this family; `path` begins after `unity-catalog`."""
    return endpoint(method, f"{PREFIX}{path}", handler)


async def in_session(services: Services, work: Callable[[SqlSession], T]) -> T:
    """Work that asks the catalog, in a session of its own and off the event loop."""
    return await anyio.to_thread.run_sync(services.warehouse.once, work)


def absent(kind: str, name: str) -> ApiError:
    """A securable that does not exist; `kind` is for example `Schema`."""
    return ApiError(404, f"{kind.upper()}_DOES_NOT_EXIST", f"{kind} '{name}' does not exist.")


def full_name(request: Request, kind: str, parts: int) -> list[str]:
    """The parts of the full name in a path, in lower case as the catalog keeps them.

    Raises:
        ApiError: 400 for another number of parts, 404 for another catalog.
    """
    name = request.path_params["name"]
    found = name.split(".")
    if len(found) != parts or not all(found):
        raise invalid(f"The full name of a {kind.lower()} has {parts} parts with periods between, found '{name}'.")
    if found[0].lower() != CATALOG:
        raise absent("Catalog", found[0])
    return [part.lower() for part in found]


def named_schema(services: Services, session: SqlSession, request: Request) -> str:
    """The schema that a list is asked of.

    Raises:
        ApiError: it is missing, or does not exist.
    """
    catalog = text_field(request.query_params, "catalog_name")
    schema = text_field(request.query_params, "schema_name").lower()
    if catalog.lower() != CATALOG:
        raise absent("Catalog", catalog)
    if not session.catalog.has_schema(schema):
        raise absent("Schema", f"{catalog}.{schema}")
    return schema


def page(request: Request, name: str, items: Sequence[Json]) -> Json:
    """One page of a list, under `name`; all of it where no size is asked for."""
    size = number_field(request.query_params, "max_results", 0)
    if size < 0:
        raise invalid(f"max_results must not be negative, found {size}.")
    size = min(size or _LARGEST_PAGE, _LARGEST_PAGE)
    start = number_field(request.query_params, "page_token", 0) if request.query_params.get("page_token") else 0
    shown: Json = {name: list(items[start : start + size])}
    return shown | ({"next_page_token": str(start + size)} if start + size < len(items) else {})
