"""Fields of a `multipart/form-data` body, which the SDK sends for uploads to the workspace."""

from __future__ import annotations

import re
from email.message import Message

from localbricks.rest.errors import ApiError


def form_fields(content_type: str, body: bytes) -> dict[str, bytes]:
    """The parts of a body by their names.

    Raises:
        ApiError: 400 where it is not such a body.
    """
    header = Message()
    header["Content-Type"] = content_type
    boundary = header.get_param("boundary")
    if not isinstance(boundary, str):
        raise ApiError(400, "MALFORMED_REQUEST", "The form has no boundary.")
    fields: dict[str, bytes] = {}
    # Every delimiter but the first is preceded by a line end that belongs to it.
    for part in (b"\r\n" + body).split(b"\r\n--" + boundary.encode())[1:-1]:
        head, separator, content = part.partition(b"\r\n\r\n")
        name = re.search(rb'name="([^"]*)"', head)
        if not separator or not name:
            raise ApiError(400, "MALFORMED_REQUEST", "A part of the form has no name.")
        fields[name.group(1).decode()] = content
    return fields
