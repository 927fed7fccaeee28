"""What one request may take: the size of its head and of its body, the time for its head, and who may be asked for.

uvicorn's parser knows no bounds of its own: a head that never ends would fill the memory before anybody has shown a
token. And a browser that was led here by a name that resolves to 127.0.0.1 (DNS rebinding) sends that name as `Host`:
only loopback's own names are answered.
"""

from __future__ import annotations

import asyncio
import re
from typing import Any

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

MAX_HEAD = 64 * 1024
MAX_HEADERS = 200
HEAD_SECONDS = 30.0
MAX_BODY = 64 * 1024 * 1024
DRAINED_BODY = 4 * MAX_BODY
"""How much of a body that is too long is read and thrown away, so that its sender hears why; then it is cut off."""
UNBOUNDED = "/api/2.0/fs/files/"
"""Uploads go to the disk in pieces and may have any size."""
NAMES = {b"127.0.0.1", b"localhost", b"[::1]"}
_HOST = re.compile(rb"[A-Za-z0-9-]{1,30}(\.[A-Za-z0-9-]{1,30}){0,8}(:\d{1,5})?")


def refusal(status: int, code: str, message: str, headers: dict[str, str] | None = None) -> JSONResponse:
    """An error in the shape of Databricks' REST API."""
    return JSONResponse({"error_code": code, "message": message}, status, headers)


class BoundedHttp(HttpToolsProtocol):
    """uvicorn's protocol with bounds for a head that has not ended."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        self._in_head = True
        self._head_bytes = 0
        self._head_timer = self.loop.call_later(HEAD_SECONDS, self._give_up)
        super().connection_made(transport)

    def connection_lost(self, exc: Exception | None) -> None:
        self._head_timer.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self._in_head:
            self._head_bytes += len(data)
            if self._head_bytes > MAX_HEAD and not self.transport.is_closing():
                self.transport.write(b"HTTP/1.1 431 Request Header Fields Too Large\r\nconnection: close\r\n\r\n")
                self.transport.close()

    def on_message_begin(self) -> None:
        self._in_head = True
        self._head_bytes = 0
        self._head_timer.cancel()
        self._head_timer = self.loop.call_later(HEAD_SECONDS, self._give_up)
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self._in_head = False
        self._head_timer.cancel()
        super().on_headers_complete()

    def _give_up(self) -> None:
        if not self.transport.is_closing():
            self.transport.close()


class Bounds:
    """Refuses requests for other hosts, with large heads, and with large bodies."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        refused = _refused(scope)
        if refused is not None:
            await refused(scope, receive, send)
            return
        await self._app(scope, receive, send)


class BoundedBody:
    """Refuses bodies that are too long. Behind the token: nobody else's body is read at all."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"].startswith(UNBOUNDED):
            await self._app(scope, receive, send)
            return
        declared = next((value for key, value in scope["headers"] if key == b"content-length"), b"0")
        if int(declared) > MAX_BODY:
            await _refuse_body(scope, receive, send, 0)
            return
        count = 0

        async def counted() -> Message:
            nonlocal count
            message = await receive()
            count += len(message.get("body", b""))
            if count > MAX_BODY:
                raise _TooLong
            return message

        started = False

        async def noted(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self._app(scope, counted, noted)
        except _TooLong:
            if not started:
                await _refuse_body(scope, receive, send, count)


class _TooLong(BaseException):
    """A body without a declared length that has become too long. No `Exception`: no handler takes it for its own."""


async def _refuse_body(scope: Scope, receive: Receive, send: Send, count: int) -> None:
    while count <= DRAINED_BODY:
        message: dict[str, Any] = dict(await receive())
        count += len(message.get("body", b""))
        if message["type"] == "http.disconnect" or not message.get("more_body"):
            break
    response = refusal(
        413,
        "MAX_BLOCK_SIZE_EXCEEDED",
        f"A request may have {MAX_BODY} bytes. Larger files go through a volume.",
        {"connection": "close"},
    )
    await response(scope, receive, send)


def _refused(scope: Scope) -> JSONResponse | None:
    headers: list[tuple[bytes, bytes]] = scope["headers"]
    if len(headers) > MAX_HEADERS or sum(len(key) + len(value) for key, value in headers) > MAX_HEAD:
        message = f"A request may have {MAX_HEADERS} headers of {MAX_HEAD} bytes together."
        return refusal(431, "REQUEST_HEADERS_TOO_LARGE", message)
    hosts = [value for key, value in headers if key == b"host"]
    if len(hosts) != 1 or _name(hosts[0]) not in NAMES:
        found = ", ".join(_shown(value) for value in hosts) or "none"
        message = f"localbricks answers requests to 127.0.0.1 and localhost, found the host {found!r}."
        return refusal(421, "MISDIRECTED_REQUEST", message)
    return None


def _shown(host: bytes) -> str:
    """A host as it is told: what does not look like one may be anything, a token that went astray too."""
    return host.decode() if _HOST.fullmatch(host) else "(unreadable)"


def _name(host: bytes) -> bytes:
    """The host's name without its port."""
    head, colon, port = host.rpartition(b":")
    return (head if colon and port.isdigit() else host).lower()
