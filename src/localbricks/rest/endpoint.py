"""From a function on a request to a route: JSON in, JSON out, errors in Databricks' shape."""

from __future__ import annotations

import json
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any, TypeVar

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from localbricks.errors import DatabricksError
from localbricks.rest.errors import ApiError, from_databricks_error, invalid

Json = dict[str, Any]
Handler = Callable[[Request], Awaitable[Json | Response]]
T = TypeVar("T")

_log = logging.getLogger(__name__)


def endpoint(methods: str | Iterable[str], path: str, handler: Handler) -> Route:
    """One route. `handler` returns a JSON object or a response, and raises `ApiError`."""

    async def answer(request: Request) -> Response:
        try:
            result = await handler(request)
        except ApiError as error:
            return error.response()
        except DatabricksError as error:
            return from_databricks_error(error).response()
        except ClientDisconnect:
            return Response(status_code=499)
        except Exception as error:
            _log.exception("%s %s", request.method, request.url.path)
            message = f"localbricks failed: {type(error).__name__}: {error}. Its log has the details."
            return ApiError(500, "INTERNAL_ERROR", message).response()
        return result if isinstance(result, Response) else JSONResponse(result)

    return Route(path, answer, methods=[methods] if isinstance(methods, str) else list(methods))


def endpoints(versions: str, method: str, path: str, handler: Handler) -> list[Route]:
    """The same route in several versions of an API, such as `"2.1 2.2"`; `path` begins after the version."""
    return [endpoint(method, f"/api/{version}{path}", handler) for version in versions.split()]


async def json_body(request: Request) -> Json:
    """The JSON object in a request; an empty body is an empty object.

    Raises:
        ApiError: 400 for anything else.
    """
    text = await request.body()
    if not text.strip():
        return {}
    try:
        body = json.loads(text)
        if b"\\u" in text:
            json.dumps(body, ensure_ascii=False).encode()  # refuses halves of characters, which no file can hold
    except (ValueError, RecursionError) as error:
        raise ApiError(400, "MALFORMED_REQUEST", f"The request is not JSON: {error}.") from None
    if not isinstance(body, dict):
        raise ApiError(400, "MALFORMED_REQUEST", f"Expected a JSON object, found {type(body).__name__}.")
    return body


def text_field(values: Mapping[str, Any], name: str) -> str:
    """A required text in a body or a query.

    Raises:
        ApiError: 400 where it is missing, empty or no text.
    """
    value = values.get(name)
    if not isinstance(value, str) or not value:
        raise invalid(f"Missing required field: {name} (a text).")
    return value


def optional_text(values: Mapping[str, Any], name: str) -> str | None:
    """A text in a body that may be missing; an empty one is as good as none.

    Raises:
        ApiError: 400 where it is something else.
    """
    value = values.get(name)
    if value is not None and not isinstance(value, str):
        raise invalid(f"{name} must be a text, found {value!r}.")
    return value or None


def number_field(values: Mapping[str, Any], name: str, default: int | None = None) -> int:
    """A whole number in a body or a query, as a number or as digits.

    Raises:
        ApiError: 400 where it is none, or missing without a default.
    """
    value = values.get(name)
    if value is None and default is not None:
        return default
    try:
        if isinstance(value, str) or type(value) is int:
            return int(value)
    except ValueError:
        pass
    raise invalid(f"{name} must be a whole number, found {value!r}.")


def list_field(values: Json, name: str) -> list[Json]:
    """An optional list of objects in a body.

    Raises:
        ApiError: 400 where it is something else.
    """
    return _list(values, name, dict, "objects.")


def texts_field(values: Json, name: str) -> list[str]:
    """An optional list of texts in a body.

    Raises:
        ApiError: 400 where it is something else.
    """
    return _list(values, name, str, f"texts, found {values.get(name)!r}.")


def _list(values: Json, name: str, kind: type[T], told: str) -> list[T]:
    value = values.get(name)
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(item, kind) for item in value):
        raise invalid(f"{name} must be a list of {told}")
    return value


def object_field(values: Json, name: str) -> Json:
    """An optional object in a body; empty where it is missing.

    Raises:
        ApiError: 400 where it is something else.
    """
    value = values.get(name)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise invalid(f"{name} must be an object.")
    return value


def is_true(value: Any) -> bool:
    """Booleans as JSON, forms and queries write them."""
    return str(value).lower() == "true"
