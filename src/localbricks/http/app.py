"""The app: authentication, the Thrift endpoints, and what the rooms of REST and of operation add."""

from __future__ import annotations

import base64
import binascii
import hmac
import logging
from collections.abc import Callable, Sequence

import anyio.to_thread
from databricks.sql.thrift_api.TCLIService import TCLIService
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from localbricks.http.limits import BoundedBody, Bounds, refusal
from localbricks.rest.statements import EXTERNAL_PREFIX
from localbricks.thrift.messages import process

_PUBLIC = {"/health", "/.well-known/databricks-config"}
# What a person opens in a browser, which asks for a name and a password: the token is the password.
_FOR_BROWSERS = {"/status", "/metrics"}
_log = logging.getLogger("localbricks.http")


def create_app(
    token: str,
    thrift_handler: object,
    routes: Sequence[BaseRoute],
    on_response: Callable[[int], None] = lambda _: None,
) -> Starlette:
    """The workspace's app.

    Args:
        token: what every request must carry as `Authorization: Bearer …`.
        thrift_handler: methods named as the calls of TCLIService.
        routes: routes of the REST API and of the status pages.
        on_response: told the status of every answer.
    """
    processor = TCLIService.Processor(thrift_handler)

    async def thrift(request: Request) -> Response:
        body = await request.body()
        try:
            answer = await anyio.to_thread.run_sync(process, processor, body)
        except Exception as error:
            _log.info("malformed thrift message: %s", type(error).__name__)
            return refusal(400, "MALFORMED_REQUEST", "The body is not a TCLIService message.")
        return Response(answer, media_type="application/x-thrift")

    async def health(request: Request) -> Response:
        return JSONResponse({"status": "ok"})

    return Starlette(
        routes=[
            Route("/health", health),
            Route("/sql/1.0/warehouses/{warehouse_id}", thrift, methods=["POST"]),
            Route("/sql/protocolv1/o/{org_id}/{cluster_id}", thrift, methods=["POST"]),
            *routes,
        ],
        middleware=[
            Middleware(Counted, on_response=on_response),
            Middleware(Bounds),
            Middleware(TokenRequired, token=token),
            Middleware(BoundedBody),
        ],
        lifespan=None,
    )


class Counted:
    """Tells the status of every answer."""

    def __init__(self, app: ASGIApp, on_response: Callable[[int], None]) -> None:
        self._app = app
        self._on_response = on_response

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def told(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._on_response(message["status"])
            await send(message)

        await self._app(scope, receive, told)


class TokenRequired:
    """Refuses every request that does not carry the workspace's token."""

    def __init__(self, app: ASGIApp, token: str) -> None:
        self._app = app
        self._token = token.encode()
        self._expected = b"Bearer " + self._token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not _is_public(scope["path"]) and not self._is_authorised(scope):
            asks = {"www-authenticate": 'Basic realm="localbricks: the password is the token"'}
            response = refusal(
                401,
                "UNAUTHENTICATED",
                "A valid token is required: see the file `token` of the home folder.",
                asks if scope["path"] in _FOR_BROWSERS else None,
            )
            await response(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _is_authorised(self, scope: Scope) -> bool:
        given = next((value for key, value in scope["headers"] if key == b"authorization"), b"")
        if hmac.compare_digest(given, self._expected):
            return True
        # A browser sends a password by itself with whatever a foreign page makes it ask for: for what only reads.
        may_be_password = scope["path"] in _FOR_BROWSERS and scope["method"] in ("GET", "HEAD")
        return may_be_password and hmac.compare_digest(_password(given), self._token)


def _password(authorization: bytes) -> bytes:
    """The password of `Authorization: Basic …`."""
    scheme, _, credentials = authorization.partition(b" ")
    if scheme.lower() != b"basic":
        return b""
    try:
        return base64.b64decode(credentials, validate=True).partition(b":")[2]
    except (binascii.Error, ValueError):
        return b""


def _is_public(path: str) -> bool:
    # A link to a result has a secret in it, and its reader must not send the token.
    return path in _PUBLIC or path.startswith(EXTERNAL_PREFIX)
