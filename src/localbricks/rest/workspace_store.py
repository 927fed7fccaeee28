"""Workspace files on disk: an index of paths, and one file for each object's content.

Contents are named by the object's number and never by its path, so that no path can lead out of the folder
and names that differ only in case stay apart on every file system.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from localbricks.home import read_json, write_private
from localbricks.rest.errors import ApiError, invalid, missing
from localbricks.rest.ids import new_id, now_ms


@dataclass(frozen=True)
class WorkspaceObject:
    """A notebook, a file or a folder."""

    path: str
    object_id: int
    object_type: str
    """NOTEBOOK, FILE or DIRECTORY."""
    language: str | None
    """Of a notebook: PYTHON, SQL, SCALA or R."""
    created_at: int
    """Milliseconds since 1970."""
    modified_at: int
    """Milliseconds since 1970."""


def normal_path(path: str) -> str:
    """A workspace path without the `/Workspace` that some clients put before it, and without a slash at its end.

    Raises:
        ApiError: for a path that is not absolute or has `.` or `..` in it.
    """
    if not path.startswith("/"):
        raise invalid(f"Path ({path}) doesn't start with '/'.")
    parts = [part for part in path.split("/") if part]
    if any(part in (".", "..") or "\0" in part for part in parts):
        raise invalid(f"Path ({path}) must not have '.' or '..' in it.")
    if parts and parts[0] == "Workspace":
        parts = parts[1:]
    return "/" + "/".join(parts)


class WorkspaceStore:
    """All workspace objects. Used from one event loop."""

    def __init__(self, folder: Path, user_name: str) -> None:
        self._index_file = folder / "index.json"
        self._contents = folder / "objects"
        self._contents.mkdir(mode=0o700, parents=True, exist_ok=True)
        saved = read_json(self._index_file).get("objects", [])
        self._objects = {item["path"]: WorkspaceObject(**item) for item in saved}
        for path in ("/", "/Shared", "/Users", f"/Users/{user_name}"):
            if path not in self._objects:
                self._add(path, "DIRECTORY", None)
        self._save()

    def get(self, path: str) -> WorkspaceObject:
        """The object at `path`.

        Raises:
            ApiError: 404 where there is none.
        """
        path = normal_path(path)
        if path not in self._objects:
            raise missing(f"Path ({path}) doesn't exist.")
        return self._objects[path]

    def has_notebook(self, object_id: str) -> bool:
        """Whether a notebook has this number."""
        found = (item for item in self._objects.values() if str(item.object_id) == object_id)
        return any(item.object_type == "NOTEBOOK" for item in found)

    def children(self, path: str) -> list[WorkspaceObject]:
        """What is in a folder, by name; a notebook or a file is its own list."""
        parent = self.get(path)
        if parent.object_type != "DIRECTORY":
            return [parent]
        inside = [item for item in self._objects.values() if item.path != "/" and _parent(item.path) == parent.path]
        return sorted(inside, key=lambda item: item.path)

    def content(self, item: WorkspaceObject) -> bytes:
        """What a notebook or a file holds."""
        return self._content_file(item).read_bytes()

    def mkdirs(self, path: str) -> None:
        """Create a folder and those above it."""
        path = normal_path(path)
        steps = [path]
        while steps[-1] != "/":
            steps.append(_parent(steps[-1]))
        for step in steps:
            found = self._objects.get(step)
            if found is not None and found.object_type != "DIRECTORY":
                raise _exists(f"Path ({step}) is a {found.object_type.lower()}, not a directory.")
        for step in steps:
            if step not in self._objects:
                self._add(step, "DIRECTORY", None)
        self._save()

    def put(self, path: str, object_type: str, language: str | None, content: bytes, overwrite: bool) -> None:
        """Write a notebook or a file.

        Raises:
            ApiError: the folder is missing, or something is there that must not be overwritten.
        """
        path = normal_path(path)
        parent = self._objects.get(_parent(path))
        if path == "/" or parent is None or parent.object_type != "DIRECTORY":
            raise missing(f"The parent folder ({_parent(path)}) does not exist.")
        found = self._objects.get(path)
        if found is not None and (not overwrite or found.object_type == "DIRECTORY"):
            raise _exists(f"Path ({path}) already exists.")
        if found is None:
            found = self._add(path, object_type, language)
        # Content first: a notebook in the index always has its content.
        file = self._content_file(found)
        temporary = file.with_suffix(".new")
        temporary.write_bytes(content)
        temporary.replace(file)
        changed = replace(found, object_type=object_type, language=language, modified_at=now_ms())
        self._objects[path] = changed
        self._save()

    def delete(self, path: str, recursive: bool) -> None:
        """Delete an object, and what is in it if `recursive`."""
        found = self.get(path)
        inside = [item for item in self._objects.values() if item.path.startswith(found.path.rstrip("/") + "/")]
        inside = [item for item in inside if item.path != found.path]
        if inside and not recursive:
            raise ApiError(400, "DIRECTORY_NOT_EMPTY", f"Folder ({found.path}) is not empty.")
        if found.path == "/":
            raise invalid("The root folder cannot be deleted.")
        gone = [found, *inside]
        for item in gone:
            del self._objects[item.path]
        # Index first: a notebook in the index always has its content.
        self._save()
        for item in gone:
            self._content_file(item).unlink(missing_ok=True)

    def _add(self, path: str, object_type: str, language: str | None) -> WorkspaceObject:
        time = now_ms()
        self._objects[path] = WorkspaceObject(path, new_id(), object_type, language, time, time)
        return self._objects[path]

    def _content_file(self, item: WorkspaceObject) -> Path:
        return self._contents / str(item.object_id)

    def _save(self) -> None:
        objects = [asdict(item) for item in self._objects.values()]
        write_private(self._index_file, json.dumps({"objects": objects}, indent=1))


def _parent(path: str) -> str:
    return path.rpartition("/")[0] or "/"


def _exists(message: str) -> ApiError:
    return ApiError(400, "RESOURCE_ALREADY_EXISTS", message)
