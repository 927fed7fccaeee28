"""Workspace API: folders, notebooks and files."""

from __future__ import annotations

import base64
import binascii

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from localbricks.rest.endpoint import Json, endpoint, is_true, json_body, optional_text, text_field
from localbricks.rest.errors import ApiError, invalid, not_served
from localbricks.rest.forms import form_fields
from localbricks.rest.workspace_store import WorkspaceObject, WorkspaceStore

_LANGUAGES = {".py": "PYTHON", ".sql": "SQL", ".scala": "SCALA", ".r": "R"}
_HEADERS = {"PYTHON": "# ", "SQL": "-- ", "SCALA": "// ", "R": "# "}


def routes(store: WorkspaceStore) -> list[Route]:
    """Routes of this family."""

    async def mkdirs(request: Request) -> Json:
        store.mkdirs(text_field(await json_body(request), "path"))
        return {}

    async def import_object(request: Request) -> Json:
        content_type = request.headers.get("content-type", "")
        if content_type.startswith("multipart/form-data"):
            fields = form_fields(content_type, await request.body())
            content = fields.pop("content", b"")
            body: Json = {name: value.decode() for name, value in fields.items()}
        else:
            body = await json_body(request)
            content = _decode(optional_text(body, "content") or "")
        path = text_field(body, "path")
        path, object_type, language = _kind(
            path, optional_text(body, "format") or "SOURCE", optional_text(body, "language"), content
        )
        store.put(path, object_type, language, content, is_true(body.get("overwrite")))
        return {}

    async def export(request: Request) -> Json | Response:
        found = store.get(text_field(request.query_params, "path"))
        if found.object_type == "DIRECTORY":
            raise not_served("exporting folders", "Export the notebooks one by one.")
        if request.query_params.get("format", "SOURCE") not in ("SOURCE", "AUTO", "RAW"):
            raise not_served("this export format", "Use SOURCE.")
        content = store.content(found)
        if is_true(request.query_params.get("direct_download")):
            return Response(content, media_type="application/octet-stream")
        return {"content": base64.b64encode(content).decode(), "file_type": (found.language or "file").lower()}

    async def get_status(request: Request) -> Json:
        return _describe(store.get(text_field(request.query_params, "path")))

    async def list_objects(request: Request) -> Json:
        objects = store.children(text_field(request.query_params, "path"))
        return {"objects": [_describe(item) for item in objects]} if objects else {}

    async def delete(request: Request) -> Json:
        body = await json_body(request)
        store.delete(text_field(body, "path"), is_true(body.get("recursive")))
        return {}

    return [
        endpoint("POST", "/api/2.0/workspace/mkdirs", mkdirs),
        endpoint("POST", "/api/2.0/workspace/import", import_object),
        endpoint("GET", "/api/2.0/workspace/export", export),
        endpoint("GET", "/api/2.0/workspace/get-status", get_status),
        endpoint("GET", "/api/2.0/workspace/list", list_objects),
        endpoint("POST", "/api/2.0/workspace/delete", delete),
    ]


def _decode(content: str) -> bytes:
    try:
        return base64.b64decode(content, validate=True)
    except (binascii.Error, ValueError):
        raise ApiError(400, "MALFORMED_REQUEST", "content is not base64.") from None


def _kind(path: str, form: str, language: str | None, content: bytes) -> tuple[str, str, str | None]:
    """Path, type and language of what an import makes, as Databricks decides them."""
    stem, dot, suffix = path.rpartition(".")
    by_suffix = _LANGUAGES.get(f".{suffix.lower()}") if dot else None
    if form == "SOURCE":
        if language is None:
            raise invalid("The language is required when the format is SOURCE.")
        if language not in _HEADERS:
            raise invalid(f"language must be one of {', '.join(_HEADERS)}, found {language!r}.")
        return path, "NOTEBOOK", language
    if form == "AUTO":
        first = content.split(b"\n", 1)[0].decode("utf-8", "replace").strip()
        if by_suffix and first == f"{_HEADERS[by_suffix]}Databricks notebook source":
            return stem, "NOTEBOOK", by_suffix
        return path, "FILE", None
    if form == "RAW":
        return path, "FILE", None
    raise not_served(f"importing the format {form}", "Use SOURCE or AUTO.")


def _describe(item: WorkspaceObject) -> Json:
    described: Json = {
        "path": item.path,
        "object_id": item.object_id,
        "resource_id": str(item.object_id),
        "object_type": item.object_type,
        "created_at": item.created_at,
        "modified_at": item.modified_at,
    }
    return described | ({"language": item.language} if item.language else {})
