"""Statement Execution API: SQL over REST, and the sessions that the SQL connector opens there.

A statement runs in a session of its own unless it names one. Its result stays for an hour, in a spool file; it is
given out in chunks, inline or by links. A link carries a secret of its own instead of a token, as one into cloud
storage does.
"""

from __future__ import annotations

import asyncio
import re
import secrets
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TypeVar

import anyio.to_thread
import lz4.frame
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from localbricks.engine.results import Form, Result
from localbricks.errors import DatabricksError
from localbricks.rest.endpoint import (
    Json,
    endpoint,
    json_body,
    list_field,
    number_field,
    object_field,
    optional_text,
    text_field,
)
from localbricks.rest.errors import ApiError, invalid, missing
from localbricks.rest.long_poll import hold_for_run
from localbricks.rest.result_chunks import Chunk, Cut, arrow_stream, batches, cut
from localbricks.rest.result_schema import columns
from localbricks.rest.result_text import csv_text, json_array, text_rows
from localbricks.rest.services import Services
from localbricks.sql.parameters import Parameter
from localbricks.sql.warehouse import Execution, OpenSession, State

EXTERNAL_PREFIX = "/external-results/"
"""Where links lead: the only paths beside the public ones that need no token."""
INLINE_BYTES = 25 * 1024 * 1024
"""Of a result that is given inline; a larger one fails, as on Databricks."""
INLINE_CHUNK = 4 * 1024 * 1024
LINKED_CHUNK = 16 * 1024 * 1024
LINK_SECONDS = 15 * 60
RESULT_SECONDS = 60 * 60
"""How long a result can be fetched."""
KEPT_SECONDS = 12 * 60 * 60
"""How long a statement is known after its end."""
UNATTENDED_SECONDS = 15 * 60
"""A statement that nobody asks for this long is canceled."""
LARGEST_TEXT = 16 * 1024 * 1024
_FORMATS = ("JSON_ARRAY", "ARROW_STREAM", "CSV")
_DISPOSITIONS = ("INLINE", "EXTERNAL_LINKS", "INLINE_OR_EXTERNAL_LINKS")
_MEDIA = {"JSON_ARRAY": "application/json", "ARROW_STREAM": "application/vnd.apache.arrow.stream", "CSV": "text/csv"}

T = TypeVar("T")


@dataclass(frozen=True)
class Wanted:
    """What a client has asked for."""

    statement: str
    format: str
    is_linked: bool
    is_lz4: bool
    row_limit: int | None
    byte_limit: int | None
    wait_seconds: float
    cancels: bool
    """Whether a statement that is not done after the wait is canceled."""


@dataclass
class Statement:
    """A statement that was sent here."""

    execution: Execution
    wanted: Wanted
    own_session: OpenSession | None
    """Closed at the end; None where the client named a session."""
    secret: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    asked: float = field(default_factory=time.monotonic)
    ended: float | None = None
    is_closed: bool = False
    cut: Cut | None = None


class Statements:
    """Handlers of the Statement Execution API, and the statements that are known."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._statements: dict[str, Statement] = {}
        self._by_secret: dict[str, Statement] = {}

    def routes(self) -> list[Route]:
        """Routes of this family."""
        base = "/api/2.0/sql/statements"
        one = f"{base}/{{statement_id}}"
        return [
            endpoint("POST", "/api/2.0/sql/sessions", self._open_session),
            endpoint("DELETE", "/api/2.0/sql/sessions/{session_id}", self._close_session),
            endpoint("POST", base, self._execute),
            endpoint("POST", f"{base}/", self._execute),
            endpoint("GET", one, self._get),
            endpoint("DELETE", one, self._close),
            endpoint("POST", f"{one}/cancel", self._cancel),
            endpoint("GET", f"{one}/result/chunks/{{index}}", self._chunk),
            endpoint("GET", EXTERNAL_PREFIX + "{secret}/{index}", self._download),
        ]

    async def _open_session(self, request: Request) -> Json:
        body = await json_body(request)
        self._check_warehouse(body)
        settings = {name: str(value) for name, value in object_field(body, "session_confs").items()}
        session = await self._new_session(body, settings)
        return {"session_id": str(uuid.UUID(bytes=session.id))}

    async def _close_session(self, request: Request) -> Json:
        session = self._session(request.path_params["session_id"])
        await _in_thread(lambda: self._services.warehouse.close_session(session.id))
        return {}

    async def _execute(self, request: Request) -> Json:
        body = await json_body(request)
        self._check_warehouse(body)
        wanted = _wanted(body)
        parameters = [_parameter(one) for one in list_field(body, "parameters")]
        tags = dict(_query_tag(one) for one in list_field(body, "query_tags"))
        self._forget_old()
        session_id = body.get("session_id")
        named = self._session(text_field(body, "session_id")) if session_id is not None else None
        session = named or await self._new_session(body, {})
        form = Form(native_complex=wanted.format == "ARROW_STREAM", row_limit=wanted.row_limit)
        execution = self._services.warehouse.submit(session, wanted.statement, form, parameters, tags)
        statement = Statement(execution, wanted, None if named else session)
        self._statements[execution.public_id] = statement
        self._by_secret[statement.secret] = statement
        self._watch(statement)
        if wanted.wait_seconds:
            await hold_for_run(request, execution, wanted.wait_seconds)
            if wanted.cancels and not execution.state.done:
                await _in_thread(lambda: self._services.warehouse.cancel(execution))
        return await self._describe(request, statement)

    async def _get(self, request: Request) -> Json:
        return await self._describe(request, self._find(request))

    async def _cancel(self, request: Request) -> Json:
        statement = self._find(request)
        if not statement.execution.state.done:
            await _in_thread(lambda: self._services.warehouse.cancel(statement.execution))
        return {}

    async def _close(self, request: Request) -> Json:
        self._release(self._find(request))
        return {}

    async def _chunk(self, request: Request) -> Json:
        statement = self._find(request)
        result = self._result(statement)
        index = _index(request, self._cut(statement, result))
        return await _in_thread(lambda: self._data(request, statement, result, index))

    async def _download(self, request: Request) -> Response:
        statement = self._by_secret.get(request.path_params["secret"])
        expires = request.query_params.get("expires", "")
        if statement is None or not expires.isdigit() or int(expires) < time.time():
            raise ApiError(403, "PERMISSION_DENIED", "The link has expired or is not one: ask for the chunk again.")
        result = self._result(statement)
        index = _index(request, self._cut(statement, result))
        content = await _in_thread(lambda: self._content(statement, result, index))
        return Response(content, media_type=_MEDIA[statement.wanted.format])

    # what is told

    async def _describe(self, request: Request, statement: Statement) -> Json:
        """A statement as the API shows it: with its first chunk when it has succeeded."""
        execution = statement.execution
        told: Json = {"statement_id": execution.public_id, "status": _status(statement)}
        if statement.is_closed or execution.state is not State.SUCCEEDED:
            return told
        result = self._result(statement)
        pieces = self._cut(statement, result)
        if not statement.wanted.is_linked and pieces.byte_count > INLINE_BYTES:
            return told | {"status": _too_large()}
        told["manifest"] = _manifest(statement.wanted, result, pieces)
        told["result"] = await _in_thread(lambda: self._data(request, statement, result, 0))
        return told

    def _data(self, request: Request, statement: Statement, result: Result, index: int) -> Json:
        """A chunk, or the link to it; a result without rows has no chunk."""
        pieces = self._cut(statement, result)
        if not pieces.chunks:
            return {} if statement.wanted.is_linked else {"data_array": []}
        chunk, is_last = pieces.chunks[index], index + 1 == len(pieces.chunks)
        facts: Json = {"chunk_index": index, "row_offset": chunk.row_offset, "row_count": chunk.row_count}
        if not is_last:
            base = f"/api/2.0/sql/statements/{statement.execution.public_id}/result/chunks"
            facts |= {"next_chunk_index": index + 1, "next_chunk_internal_link": f"{base}/{index + 1}"}
        if not statement.wanted.is_linked:
            rows = [row for batch in batches(result, chunk) for row in text_rows(batch)]
            return facts | {"data_array": rows}
        expires = int(time.time()) + LINK_SECONDS
        where = f"{EXTERNAL_PREFIX}{statement.secret}/{index}?expires={expires}"
        link = facts | {
            "byte_count": chunk.byte_count,
            "external_link": f"{request.url.scheme}://{request.url.netloc}{where}",
            "expiration": datetime.fromtimestamp(expires, UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z"),
        }
        return {"external_links": [link]}

    def _content(self, statement: Statement, result: Result, index: int) -> bytes:
        """What is behind the link to a chunk."""
        chunk = self._cut(statement, result).chunks[index]
        content = _written(statement.wanted.format, result, chunk, is_first=index == 0)
        return lz4.frame.compress(content) if statement.wanted.is_lz4 else content

    def _cut(self, statement: Statement, result: Result) -> Cut:
        if statement.cut is None:
            wanted = statement.wanted
            size = LINKED_CHUNK if wanted.is_linked else INLINE_CHUNK
            statement.cut = cut(result, size, wanted.row_limit, wanted.byte_limit)
        return statement.cut

    # life of statements

    def _find(self, request: Request) -> Statement:
        statement_id = request.path_params["statement_id"]
        statement = self._statements.get(statement_id)
        if statement is None:
            raise ApiError(404, "NOT_FOUND", f"The statement {statement_id} was not found.")
        statement.asked = time.monotonic()
        return statement

    @staticmethod
    def _result(statement: Statement) -> Result:
        """The result of a statement that has succeeded.

        Raises:
            ApiError: there is none, or none any more.
        """
        execution = statement.execution
        if statement.is_closed or execution.state is not State.SUCCEEDED or execution.result is None:
            state = _status(statement)["state"]
            message = f"The statement {execution.public_id} is in state {state}: a result has only one that SUCCEEDED."
            raise ApiError(400, "INVALID_STATE", message)
        return execution.result

    def _watch(self, statement: Statement) -> None:
        loop = asyncio.get_running_loop()

        def on_done(_: Execution) -> None:
            loop.call_soon_threadsafe(self._end, statement)

        statement.execution.add_done_callback(on_done)

    def _end(self, statement: Statement) -> None:
        """Note the end of a statement; its session goes, its result stays."""
        statement.ended = time.monotonic()
        session = statement.own_session
        if session is not None:
            statement.own_session = None
            self._services.warehouse.keep_result(statement.execution)
            asyncio.get_running_loop().run_in_executor(None, self._services.warehouse.close_session, session.id)

    def _release(self, statement: Statement) -> None:
        """Free a statement's result; one that runs is canceled."""
        statement.is_closed = True
        self._by_secret.pop(statement.secret, None)
        self._services.warehouse.close_execution(statement.execution)

    def _forget_old(self) -> None:
        """What Databricks does by the clock is done when the next statement comes."""
        now = time.monotonic()
        for statement_id, statement in list(self._statements.items()):
            since_end = now - statement.ended if statement.ended is not None else 0.0
            if statement.ended is None and now - statement.asked > UNATTENDED_SECONDS:
                self._services.warehouse.cancel(statement.execution)
            elif since_end > RESULT_SECONDS and not statement.is_closed:
                self._release(statement)
            elif since_end > KEPT_SECONDS:
                del self._statements[statement_id]

    def _check_warehouse(self, body: Json) -> None:
        warehouse_id = text_field(body, "warehouse_id")
        if warehouse_id != self._services.warehouse_id:
            raise missing(
                f"SQL warehouse {warehouse_id} does not exist. localbricks has one: {self._services.warehouse_id}."
            )

    async def _new_session(self, body: Json, settings: dict[str, str]) -> OpenSession:
        catalog, schema = optional_text(body, "catalog"), optional_text(body, "schema")
        return await _in_thread(lambda: self._services.warehouse.open_session(settings, catalog, schema))

    def _session(self, session_id: str) -> OpenSession:
        try:
            return self._services.warehouse.session(uuid.UUID(session_id).bytes)
        except (ValueError, DatabricksError):
            raise ApiError(404, "NOT_FOUND", f"The session {session_id} was not found.") from None


async def _in_thread(work: Callable[[], T]) -> T:
    return await anyio.to_thread.run_sync(work)


def _wanted(body: Json) -> Wanted:
    """What a request asks for.

    Raises:
        ApiError: 400 for what is missing, unknown or contradictory.
    """
    statement = text_field(body, "statement")
    if len(statement.encode()) > LARGEST_TEXT:
        raise invalid(f"The statement has more than {LARGEST_TEXT} bytes.")
    form = _one_of(body, "format", _FORMATS)
    disposition = _one_of(body, "disposition", _DISPOSITIONS)
    is_linked = disposition == "EXTERNAL_LINKS" or (disposition == _DISPOSITIONS[2] and form != "JSON_ARRAY")
    if disposition == "INLINE" and form != "JSON_ARRAY":
        raise invalid(f"The format {form} is not supported with disposition INLINE: ask for EXTERNAL_LINKS.")
    compression = _one_of(body, "result_compression", ("NONE", "LZ4_FRAME"))
    seconds = _seconds(body.get("wait_timeout"))
    limits = [number_field(body, name, 0) for name in ("row_limit", "byte_limit")]
    for name, limit in zip(("row_limit", "byte_limit"), limits, strict=True):
        if name in body and body[name] is not None and limit < 1:
            raise invalid(f"{name} must be at least 1, found {limit}.")
    return Wanted(
        statement=statement,
        format=form,
        is_linked=is_linked,
        is_lz4=compression == "LZ4_FRAME" and is_linked,
        row_limit=limits[0] or None,
        byte_limit=limits[1] or None,
        wait_seconds=seconds,
        cancels=_one_of(body, "on_wait_timeout", ("CONTINUE", "CANCEL")) == "CANCEL" and seconds > 0,
    )


def _one_of(body: Json, name: str, values: tuple[str, ...]) -> str:
    """One of some words; the first where there is none."""
    value = body.get(name) or values[0]
    if value not in values:
        raise invalid(f"{name} must be one of {', '.join(values)}, found {value!r}.")
    return str(value)


def _seconds(timeout: object) -> float:
    """`0s`, or `5s` to `50s`."""
    found = re.fullmatch(r"(\d+)s", str(timeout if timeout is not None else "10s"))
    seconds = int(found.group(1)) if found else -1
    if seconds != 0 and not 5 <= seconds <= 50:
        raise invalid(f"wait_timeout must be 0s, or from 5s to 50s, found {timeout!r}.")
    return seconds


def _parameter(one: Json) -> Parameter:
    value = one.get("value")
    return Parameter(
        optional_text(one, "name"), str(one.get("type") or "STRING"), None if value is None else str(value)
    )


def _query_tag(one: Json) -> tuple[str, str | None]:
    value = one.get("value")
    return text_field(one, "key"), None if value is None else str(value)


def _index(request: Request, pieces: Cut) -> int:
    text = request.path_params["index"]
    if not text.isdigit() or int(text) >= len(pieces.chunks):
        raise invalid(f"There is no chunk {text}: the result has {len(pieces.chunks)}, counted from 0.")
    return int(text)


def _written(form: str, result: Result, chunk: Chunk, *, is_first: bool) -> bytes:
    if form == "ARROW_STREAM":
        return arrow_stream(result, chunk)
    rows = (row for batch in batches(result, chunk) for row in text_rows(batch))
    if form == "CSV":
        return csv_text(rows, [field.name for field in result.schema.fields] if is_first else None)
    return json_array(rows)


def _manifest(wanted: Wanted, result: Result, pieces: Cut) -> Json:
    chunks = [
        {"chunk_index": number, "row_offset": one.row_offset, "row_count": one.row_count}
        | ({"byte_count": one.byte_count} if wanted.is_linked else {})
        for number, one in enumerate(pieces.chunks)
    ]
    manifest: Json = {
        "format": wanted.format,
        "schema": {"column_count": len(result.schema.fields), "columns": columns(result.schema)},
        "total_chunk_count": len(chunks),
        "chunks": chunks,
        "total_row_count": pieces.row_count,
        "truncated": pieces.is_truncated,
    }
    if wanted.is_linked:
        manifest["total_byte_count"] = pieces.byte_count
        manifest["result_compression"] = "LZ4_FRAME" if wanted.is_lz4 else "NONE"
    return manifest


def _status(statement: Statement) -> Json:
    execution = statement.execution
    if execution.state is State.FAILED:
        error: Any = execution.error
        code = "INTERNAL_ERROR" if getattr(error, "error_class", "") == "INTERNAL_ERROR" else "BAD_REQUEST"
        status: Json = {"state": "FAILED", "error": {"error_code": code, "message": str(error)}}
        return status | ({"sql_state": error.sqlstate} if isinstance(error, DatabricksError) else {})
    is_gone = statement.is_closed and execution.state is not State.CANCELED
    return {"state": "CLOSED" if is_gone else execution.state.value}


def _too_large() -> Json:
    message = (
        "Inline byte limit exceeded. Statements executed with disposition=INLINE can have a result size of at most "
        f"{INLINE_BYTES} bytes. Please execute the statement with disposition=EXTERNAL_LINKS if you want to download "
        "the full result."
    )
    return {"state": "FAILED", "error": {"error_code": "BAD_REQUEST", "message": message}}
