"""Permissions API: who may do what with a job or a notebook. Kept and given back; there is one user here."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from starlette.requests import Request
from starlette.routing import Route

from localbricks.home import read_json, write_private
from localbricks.rest.endpoint import Json, endpoint, json_body, list_field, optional_text, text_field
from localbricks.rest.errors import invalid, missing, not_served

_LEVELS = {
    "jobs": ("CAN_VIEW", "CAN_MANAGE_RUN", "IS_OWNER", "CAN_MANAGE"),
    "notebooks": ("CAN_READ", "CAN_RUN", "CAN_EDIT", "CAN_MANAGE"),
}
_PRINCIPALS = ("user_name", "group_name", "service_principal_name")

AccessList = list[dict[str, str]]


class Permissions:
    """Handlers of the Permissions API, and the access lists that were set."""

    def __init__(self, file: Path, user_name: str, exists: dict[str, Callable[[str], bool]]) -> None:
        """`exists` says for each kind of object whether a number is one of its objects."""
        self._file = file
        self._user_name = user_name
        self._exists = exists
        self._lists: dict[str, AccessList] = read_json(file)

    def routes(self) -> list[Route]:
        """Routes of this family."""
        path = "/api/2.0/permissions/{kind}/{number}"
        return [
            endpoint("GET", path, self._get),
            endpoint("PUT", path, self._set),
            endpoint("PATCH", path, self._update),
        ]

    async def _get(self, request: Request) -> Json:
        return self._describe(*self._object(request))

    async def _set(self, request: Request) -> Json:
        kind, number = self._object(request)
        entries = self._read(kind, await json_body(request))
        owners = sum(entry["permission_level"] == "IS_OWNER" for entry in entries)
        if kind == "jobs" and owners != 1:
            raise invalid(f"A job must have exactly one owner, found {owners} entries with IS_OWNER.")
        self._save(kind, number, entries)
        return self._describe(kind, number)

    async def _update(self, request: Request) -> Json:
        kind, number = self._object(request)
        entries = self._read(kind, await json_body(request))
        changed = {_principal(entry) for entry in entries}
        if any(entry["permission_level"] == "IS_OWNER" for entry in entries):
            kept = [entry for entry in self._list(kind, number) if entry["permission_level"] != "IS_OWNER"]
        else:
            kept = self._list(kind, number)
        self._save(kind, number, [entry for entry in kept if _principal(entry) not in changed] + entries)
        return self._describe(kind, number)

    def _object(self, request: Request) -> tuple[str, str]:
        """Kind and number of the object that a request is about."""
        kind, number = request.path_params["kind"], request.path_params["number"]
        if kind not in _LEVELS:
            raise not_served(f"permissions of {kind}", f"It keeps those of {' and '.join(_LEVELS)}.")
        if not self._exists[kind](number):
            raise missing(f"{kind[:-1].capitalize()} {number} does not exist.")
        return kind, number

    def _read(self, kind: str, body: Json) -> AccessList:
        entries = list_field(body, "access_control_list")
        for entry in entries:
            level = optional_text(entry, "permission_level")
            if level not in _LEVELS[kind]:
                raise invalid(f"{level!r} is not a permission of {kind}: {', '.join(_LEVELS[kind])}.")
            if sum(name in entry for name in _PRINCIPALS) != 1:
                raise invalid(f"An access control must name one of {', '.join(_PRINCIPALS)}, found {entry}.")
            text_field(entry, _principal_kind(entry))
        return entries

    def _list(self, kind: str, number: str) -> AccessList:
        """The access list that was set, or the one that every object begins with."""
        begin = [{"user_name": self._user_name, "permission_level": "IS_OWNER" if kind == "jobs" else "CAN_MANAGE"}]
        return self._lists.get(f"{kind}/{number}", begin)

    def _save(self, kind: str, number: str, entries: AccessList) -> None:
        self._lists[f"{kind}/{number}"] = entries
        kept = {key: value for key, value in self._lists.items() if self._exists[key.split("/")[0]](key.split("/")[1])}
        self._lists = kept
        write_private(self._file, json.dumps(kept, indent=1))

    def _describe(self, kind: str, number: str) -> Json:
        controls: dict[tuple[str, str], Json] = {}
        for entry in self._list(kind, number):
            name, value = _principal(entry)
            control = controls.setdefault((name, value), {name: value, "all_permissions": []})
            control["all_permissions"].append({"permission_level": entry["permission_level"], "inherited": False})
        return {
            "object_id": f"/{kind}/{number}",
            "object_type": kind[:-1],
            "access_control_list": list(controls.values()),
        }


def _principal(entry: dict[str, str]) -> tuple[str, str]:
    """Kind and name of whom an entry is about."""
    name = _principal_kind(entry)
    return name, entry[name]


def _principal_kind(entry: dict[str, str]) -> str:
    return next(name for name in _PRINCIPALS if name in entry)
