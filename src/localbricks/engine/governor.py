"""Row filters and column masks in the engine: the JVM's `Governor` (java/Governor.java), and what it is told."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from localbricks.engine.classes import GOVERNOR

GROUPS = ("admins", "users")
"""Groups of the one user, as the SCIM API tells them."""


@dataclass(frozen=True)
class PolicyRow:
    """One line of a table's policies.

    Attributes:
        table: `schema.table` in lower case.
        kind: `filter`, `inlined` (the filter without a call of a SQL function), `mask` or `refused`.
        column: the masked column in lower case, empty for the others.
        text: a SQL expression over the table's columns; the words of a refusal.
    """

    table: str
    kind: str
    column: str
    text: str


def groups() -> tuple[str, ...]:
    """Groups of the one user: `LOCALBRICKS_GROUPS`, separated by commas, otherwise those of an administrator."""
    named = os.environ.get("LOCALBRICKS_GROUPS")
    return GROUPS if named is None else tuple(name.strip() for name in named.split(",") if name.strip())


class Governor:
    """The JVM's governor. `install` comes before any session that is to be governed."""

    def __init__(self, java_class: Callable[[str], Any], string_array: Callable[[Sequence[str]], Any]) -> None:
        self._java = java_class(GOVERNOR)()
        self._string_array = string_array

    def install(self, root_session: Any) -> None:
        """Make the rules, and the functions on the user's groups, known to the sessions to come."""
        self._java.install(root_session, self._string_array(groups()))

    def publish(self, rows: Sequence[PolicyRow]) -> None:
        """Replace all policies; what is analysed from now on follows them."""
        flat = [text for row in rows for text in (row.table, row.kind, row.column, row.text)]
        self._java.publish(self._string_array(flat))
