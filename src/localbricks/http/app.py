"""The app: authentication, the Thrift endpoints, and what the rooms of REST add."""

from __future__ import annotations

import hmac
import logging
from collections.abc import Sequence

import anyio.to_thread
from databricks.sql.thrift_api.TCLIService import TCLIService
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Receive, Scope, Send
from thrift.protocol.TBinaryProtocol import TBinaryProtocol
from thrift.transport.TTransport import TMemoryBuffer

MAX_MESSAGE = 64 * 1024 * 1024
_PUBLIC = {"/health", "/.well-known/databricks-config"}
_log = logging.getLogger("localbricks.http")


def create_app(token: str, thrift_handler: object, rest_routes: Sequence[BaseRoute]) -> Starlette:
    """The workspace's app.

    Args:
        token: what every request must carry as `Authorization: Bearer …`.
        thrift_handler: methods named as the calls of TCLIService.
        rest_routes: routes of the REST API.
    """
    processor = TCLIService.Processor(thrift_handler)

    async def thrift(request: Request) -> Response:
        body = await request.body()
        if len(body) > MAX_MESSAGE:
            return _error(413, "MAX_BLOCK_SIZE_EXCEEDED", f"A message may have {MAX_MESSAGE} bytes.")
        try:
            answer = await anyio.to_thread.run_sync(_process, processor, body)
        except Exception as error:
            _log.info("malformed thrift message: %s", type(error).__name__)
            return _error(400, "MALFORMED_REQUEST", "The body is not a TCLIService message.")
        return Response(answer, media_type="application/x-thrift")

    async def health(request: Request) -> Response:
        return JSONResponse({"status": "ok"})

    routes: list[BaseRoute] = [
        Route("/health", health),
        Route("/sql/1.0/warehouses/{warehouse_id}", thrift, methods=["POST"]),
        Route("/sql/protocolv1/o/{org_id}/{cluster_id}", thrift, methods=["POST"]),
        *rest_routes,
    ]
    return Starlette(routes=routes, middleware=[Middleware(TokenRequired, token=token)], lifespan=None)


def _process(processor: TCLIService.Processor, body: bytes) -> bytes:
    incoming, outgoing = TMemoryBuffer(body), TMemoryBuffer()
    processor.process(
        TBinaryProtocol(incoming, string_length_limit=MAX_MESSAGE, container_length_limit=1_000_000),
        TBinaryProtocol(outgoing),
    )
    return bytes(outgoing.getvalue())


class TokenRequired:
    """Refuses every request that does not carry the workspace's token."""

    def __init__(self, app: ASGIApp, token: str) -> None:
        self._app = app
        self._expected = f"Bearer {token}".encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] not in _PUBLIC and not self._is_authorised(scope):
            response = _error(
                401, "UNAUTHENTICATED", "A valid token is required: see the file `token` of the home folder."
            )
            await response(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _is_authorised(self, scope: Scope) -> bool:
        given = next((value for key, value in scope["headers"] if key == b"authorization"), b"")
        return hmac.compare_digest(given, self._expected)


def _error(status: int, code: str, message: str) -> Response:
    return JSONResponse({"error_code": code, "message": message}, status_code=status)
