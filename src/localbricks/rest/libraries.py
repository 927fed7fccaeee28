"""A library, as clusters and tasks name it, as a requirement that can be looked for."""

from __future__ import annotations

from localbricks.rest.endpoint import Json, object_field
from localbricks.rest.errors import not_served


def requirement(where: str, library: Json) -> str:
    """The requirement in pip's grammar.

    Args:
        where: who asks for it, for the message.

    Raises:
        ApiError: 400 for a kind that cannot be looked for, such as a jar.
    """
    if "pypi" in library:
        return str(object_field(library, "pypi").get("package", ""))
    if "whl" in library:
        return str(library["whl"])
    kind = ", ".join(library) or "nothing"
    raise not_served(f"a library of kind {kind} in {where}", "It checks pypi and whl libraries.")
