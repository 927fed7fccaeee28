"""Files API: files and folders in volumes."""

from __future__ import annotations

import os
import uuid
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from pathlib import Path

import anyio
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from localbricks.rest.endpoint import Json, endpoint, number_field
from localbricks.rest.errors import ApiError, invalid
from localbricks.rest.services import Services

_BUFFER = 1024 * 1024


def routes(services: Services) -> list[Route]:
    """Routes of this family."""

    def local(request: Request) -> Path:
        return services.volumes.resolve("/" + request.path_params["path"])

    async def download(request: Request) -> Response:
        path = local(request)
        if path.is_dir():
            raise invalid(f"/{request.path_params['path']} is a directory, not a file.")
        _check_exists(request, path)
        _check_unmodified(request, path)
        # Serves ranges, and for HEAD the headers alone.
        return FileResponse(path, media_type="application/octet-stream", headers=_last_modified(path))

    async def upload(request: Request) -> Response:
        path = local(request)
        overwrite = request.query_params.get("overwrite", "false").lower() == "true"
        if path.is_dir() or _is_volume_root(request):
            raise ApiError(409, "ALREADY_EXISTS", f"/{request.path_params['path']} is a directory.")
        if path.exists() and not overwrite:
            raise ApiError(409, "ALREADY_EXISTS", f"The file /{request.path_params['path']} already exists.")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except (FileExistsError, NotADirectoryError):
            raise invalid(f"A folder in /{request.path_params['path']} is a file.") from None
        await _write(path, request.stream(), overwrite)
        return Response(status_code=204)

    async def delete_file(request: Request) -> Response:
        path = local(request)
        _check_exists(request, path)
        if path.is_dir():
            raise invalid(f"/{request.path_params['path']} is a directory, not a file.")
        path.unlink()
        return Response(status_code=204)

    async def initiate_upload(request: Request) -> Json:
        local(request)
        # Asked by the SDK before large files. The next step is refused, and it then sends the file in one piece.
        return {"multipart_upload": {"session_token": "one-piece"}}

    async def refuse_parts(_: Request) -> Json:
        raise ApiError(403, "PERMISSION_DENIED", "localbricks takes and gives files in one piece: there is no storage.")

    async def make_directory(request: Request) -> Response:
        try:
            local(request).mkdir(parents=True, exist_ok=True)
        except (FileExistsError, NotADirectoryError):
            raise ApiError(409, "ALREADY_EXISTS", f"/{request.path_params['path']} is a file.") from None
        return Response(status_code=204)

    async def directory_exists(request: Request) -> Response:
        _check_directory(request, local(request))
        return Response(status_code=200)

    async def delete_directory(request: Request) -> Response:
        path = local(request)
        _check_directory(request, path)
        if _is_volume_root(request):
            raise invalid("The root of a volume cannot be deleted.")
        if any(path.iterdir()):
            raise ApiError(400, "DIRECTORY_NOT_EMPTY", f"/{request.path_params['path']} is not empty.")
        path.rmdir()
        return Response(status_code=204)

    async def list_directory(request: Request) -> Json:
        path = local(request)
        _check_directory(request, path)
        size = min(max(number_field(request.query_params, "page_size", 1000), 1), 1000)
        start = number_field(request.query_params, "page_token", 0)
        entries = sorted(os.scandir(path), key=lambda entry: entry.name)
        shown = "/" + request.path_params["path"].strip("/")
        contents = [_describe(shown, entry) for entry in entries[start : start + size]]
        answer: Json = {"contents": contents} if contents else {}
        return answer | ({"next_page_token": str(start + size)} if start + size < len(entries) else {})

    file, directory = "/api/2.0/fs/files/{path:path}", "/api/2.0/fs/directories/{path:path}"
    parts = ("create-upload-part-urls", "create-resumable-upload-url", "create-download-url", "create-abort-upload-url")
    return [
        endpoint(("GET", "HEAD"), file, download),
        endpoint("PUT", file, upload),
        endpoint("POST", file, initiate_upload),
        endpoint("DELETE", file, delete_file),
        *[endpoint("POST", f"/api/2.0/fs/{name}", refuse_parts) for name in parts],
        # Before GET: Starlette lets HEAD fall to it.
        endpoint("HEAD", directory, directory_exists),
        endpoint("GET", directory, list_directory),
        endpoint("PUT", directory, make_directory),
        endpoint("DELETE", directory, delete_directory),
    ]


async def _write(path: Path, chunks: AsyncIterator[bytes], overwrite: bool) -> None:
    """Write a file so that nobody sees a part of it; a client that goes away leaves nothing."""
    # Spark does not read files whose names begin with a dot.
    temporary = path.with_name(f".{uuid.uuid4().hex}.upload")
    try:
        async with await anyio.open_file(temporary, "wb") as stream:
            buffer = bytearray()
            async for chunk in chunks:
                buffer += chunk
                if len(buffer) >= _BUFFER:
                    await stream.write(bytes(buffer))
                    buffer.clear()
            await stream.write(bytes(buffer))
        if overwrite:
            temporary.replace(path)
        else:
            try:
                os.link(temporary, path)
            except FileExistsError:
                raise ApiError(409, "ALREADY_EXISTS", f"The file {path.name} was written meanwhile.") from None
    finally:
        temporary.unlink(missing_ok=True)


def _is_volume_root(request: Request) -> bool:
    """Whether a path is `Volumes/<catalog>/<schema>/<volume>` and nothing below it."""
    return len([part for part in request.path_params["path"].split("/") if part]) <= 4


def _check_exists(request: Request, path: Path) -> None:
    if not path.exists():
        raise ApiError(404, "NOT_FOUND", f"The file /{request.path_params['path']} does not exist.")


def _check_directory(request: Request, path: Path) -> None:
    if not path.is_dir():
        raise ApiError(404, "NOT_FOUND", f"The directory /{request.path_params['path']} does not exist.")


def _check_unmodified(request: Request, path: Path) -> None:
    """`If-Unmodified-Since`, with which the SDK makes sure that a resumed download is of the same file."""
    header = request.headers.get("if-unmodified-since")
    if header is None:
        return
    try:
        limit = parsedate_to_datetime(header).timestamp()
    except ValueError:
        raise invalid(f"If-Unmodified-Since is not a date: {header!r}.") from None
    if int(path.stat().st_mtime) > limit:
        raise ApiError(412, "FAILED_PRECONDITION", f"/{request.path_params['path']} has changed since {header}.")


def _last_modified(path: Path) -> dict[str, str]:
    modified = datetime.fromtimestamp(int(path.stat().st_mtime), UTC)
    return {"last-modified": format_datetime(modified, usegmt=True)}


def _describe(folder: str, entry: os.DirEntry[str]) -> Json:
    status = entry.stat()
    described: Json = {
        "name": entry.name,
        "path": f"{folder}/{entry.name}",
        "is_directory": entry.is_dir(),
        "last_modified": int(status.st_mtime * 1000),
    }
    return described if entry.is_dir() else described | {"file_size": status.st_size}
