"""Errors as Databricks words them: an error class in brackets, a message, a SQLSTATE.

Everything that localbricks refuses or fails with is one of these, so that a client sees the same shape
whichever room it came from.
"""

from __future__ import annotations

import errno
import os
import sqlite3
from collections.abc import Iterable
from pathlib import Path


class LocalbricksError(Exception):
    """A failure that belongs to the installation: no Java, port taken, home damaged. For people."""


class DatabricksError(Exception):
    """A failed statement or request, as Databricks reports it.

    Attributes:
        error_class: for example `TABLE_OR_VIEW_NOT_FOUND`.
        sqlstate: five characters, for example `42P01`.
    """

    def __init__(self, error_class: str, message: str, sqlstate: str = "42000") -> None:
        super().__init__(message)
        self.error_class = error_class
        self.message = message
        self.sqlstate = sqlstate

    def __str__(self) -> str:
        return f"[{self.error_class}] {self.message} SQLSTATE: {self.sqlstate}"


NO_ROOM = ("No space left on device", "Disk quota exceeded", "File too large", "database or disk is full")
"""How the operating system, the JVM and SQLite say that a file cannot grow."""


def no_room(error: BaseException, causes: Iterable[str]) -> str | None:
    """The words with which an error, or one of its causes, says that a file cannot grow; None where none does."""
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return os.strerror(error.errno)
    said = [str(error)] if isinstance(error, sqlite3.Error) else causes
    return next((sign for text in said for sign in NO_ROOM if sign in text), None)


def disk_full(place: Path, sign: str) -> DatabricksError:
    """A statement that found no room for its data; what was committed before is kept."""
    return DatabricksError(
        "LOCALBRICKS_DISK_FULL",
        f"{sign}: the disk of {place} is full, or a limit on it is reached. What was committed before is kept. "
        "Make room and run the statement again; `localbricks doctor` tells how much is free.",
        "53100",
    )


def no_such_catalog(name: str, catalog: str) -> DatabricksError:
    """A catalog that is not there, beside the one that is."""
    return DatabricksError(
        "NO_SUCH_CATALOG_EXCEPTION",
        f"Catalog '{name}' was not found. localbricks has one catalog, `{catalog}`: "
        "let the catalog come from the target and write none in a model.",
        "42704",
    )


def syntax_error(near: str, hint: str = "") -> DatabricksError:
    """A statement whose form is not the one that Databricks' grammar has."""
    return DatabricksError("PARSE_SYNTAX_ERROR", f"Syntax error at or near {near}. {hint}".strip(), "42601")
