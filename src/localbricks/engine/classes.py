"""Our own Java: compiled once into the cache, by the compiler that Spark has for its generated code.

So a Java runtime is enough, and nothing compiled is kept in the repository. The folder is named by the sources'
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
CLUSTER_BY = "localbricks.engine.ClusterBy"
ERROR_WORDS = "localbricks.engine.ErrorWords"
GOVERNOR = "localbricks.engine.Governor"
NOTED_COMMITS = "localbricks.engine.NotedCommits"
REACHED_TABLES = "localbricks.engine.ReachedTables"
REMEMBERED_CATALOG = "localbricks.engine.RememberedCatalog"
SMALL_TABLES = "localbricks.engine.SmallTables"
_COMPLETE = "complete"
# Each source is compiled by itself, and finds what was compiled before it.
_FIRST = "Extensions.java"
# Static methods of an interface, which Scala's companions have, are known from Java 8 on.
_JAVA = 8


@cache
def _sources() -> tuple[str, ...]:
    folder = resources.files("localbricks.engine").joinpath("java")
    names = [entry.name for entry in folder.iterdir() if entry.name.endswith(".java")]
    names.sort(key=lambda name: (name != _FIRST, name))
    return tuple(folder.joinpath(name).read_text(encoding="utf-8") for name in names)


def classes_folder() -> Path:
    """The folder for the class path. It must be there when the JVM starts; what is in it may come later."""
    content = hashlib.sha256("\0".join(_sources()).encode()).hexdigest()
    folder = cache_folder() / "classes" / content[:16]
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def ensure_compiled(java_class: Any) -> None:
    """Compile the sources into their folder unless that was done.

    Args:
        java_class: gives a class of the JVM by its name.
    """
    folder = classes_folder()
    if (folder / _COMPLETE).exists():
        return
    for source in _sources():
        compiler = java_class("org.codehaus.janino.SimpleCompiler")()
        compiler.setParentClassLoader(java_class("org.apache.spark.util.Utils").getContextOrSparkClassLoader())
        compiler.setSourceVersion(_JAVA)
        compiler.setTargetVersion(_JAVA)
        compiler.cook(source)
        for entry in compiler.getBytecodes().entrySet():
            _write(folder / (entry.getKey().replace(".", "/") + ".class"), bytes(entry.getValue()))
    _write(folder / _COMPLETE, b"")


def _write(path: Path, content: bytes) -> None:
    """So that another server, which compiles at the same time, sees all of it or nothing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    temporary.write_bytes(content)
    temporary.replace(path)
