"""Our own Java: compiled once into the cache, by the compiler that Spark has for its generated code.

So a Java runtime is enough, and nothing compiled is kept in the repository. The folder of a source is named by its
content: another version of localbricks has another folder.
"""

from __future__ import annotations

import hashlib
import os
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from localbricks.engine.jars import cache_folder

ARROW_SPOOL = "localbricks.ArrowSpool"
_SOURCE = "ArrowSpool.java"
_COMPLETE = "complete"


@cache
def _source() -> str:
    return resources.files("localbricks.engine").joinpath(_SOURCE).read_text(encoding="utf-8")


def classes_folder() -> Path:
    """The folder for the class path. It must be there when the JVM starts; what is in it may come later."""
    folder = cache_folder() / "classes" / hashlib.sha256(_source().encode()).hexdigest()[:16]
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def ensure_compiled(java_class: Any) -> None:
    """Compile the source into its folder unless that was done.

    Args:
        java_class: gives a class of the JVM by its name.
    """
    folder = classes_folder()
    if (folder / _COMPLETE).exists():
        return
    compiler = java_class("org.codehaus.janino.SimpleCompiler")()
    compiler.cook(_source())
    for entry in compiler.getBytecodes().entrySet():
        _write(folder / (entry.getKey().replace(".", "/") + ".class"), bytes(entry.getValue()))
    _write(folder / _COMPLETE, b"")


def _write(path: Path, content: bytes) -> None:
    """So that another server, which compiles at the same time, sees all of it or nothing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    temporary.write_bytes(content)
    temporary.replace(path)
