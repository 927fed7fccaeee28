"""Our own Java: compiled once into the cache, by the compiler that Spark has for its generated code.

So a Java runtime is enough, and nothing compiled is kept in the repository. The jar is named by the sources' content
and the versions of Spark and Delta: another version of localbricks has another jar.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import subprocess
import zipfile
from collections.abc import Iterator, Sequence
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import pyspark
from py4j.java_gateway import GatewayParameters, JavaGateway, launch_gateway
from py4j.protocol import Py4JJavaError

from localbricks.engine.defaults import RULES, lean_defaults
from localbricks.engine.jars import cache_folder, pinned_jars
from localbricks.engine.plain_lambdas import PLAIN, plain_lambdas
from localbricks.engine.redirected import ASKED_FIRST, REDIRECTED, redirected
from localbricks.errors import LocalbricksError

ARROW_SPOOL = "localbricks.ArrowSpool"
CATALOG_FACTS = "localbricks.engine.CatalogFacts"
CLUSTER_BY = "localbricks.engine.ClusterBy"
ERROR_WORDS = "localbricks.engine.ErrorWords"
GOVERNOR = "localbricks.engine.Governor"
LOCAL_FILES = "localbricks.engine.LocalFiles"
LOCAL_ROWS = "localbricks.engine.LocalRows"
NOTED_COMMITS = "localbricks.engine.NotedCommits"
ONE_TASK = "localbricks.engine.OneTask"
PLAIN_LAMBDAS = "localbricks.engine.PlainLambdas"
PLAN_SETTINGS = "localbricks.engine.PlanSettings"
PROMPT_ANSWERS = "localbricks.engine.PromptAnswers"
REACHED_TABLES = "localbricks.engine.ReachedTables"
REMEMBERED_CATALOG = "localbricks.engine.RememberedCatalog"
SMALL_TABLES = "localbricks.engine.SmallTables"
# Each source is compiled by itself, and finds what was compiled before it.
_FIRST = "Extensions.java"
# Static methods of an interface, which Scala's companions have, are known from Java 8 on.
_JAVA = 8
_END_SECONDS = 10


@cache
def _sources() -> dict[str, str]:
    """The sources by their files' names, in the order in which they are compiled."""
    folder = resources.files("localbricks.engine").joinpath("java")
    names = [entry.name for entry in folder.iterdir() if entry.name.endswith(".java")]
    names.sort(key=lambda name: (name != _FIRST, name))
    return {name: folder.joinpath(name).read_text(encoding="utf-8") for name in names}


def classes_folder() -> Path:
    """The folder of what is made of classes: our jars, Java's archives."""
    return cache_folder() / "classes"


def own_jar() -> Path:
    """Where the cache has the jar of our classes, or would have it."""
    rules = repr((REDIRECTED, ASKED_FIRST, PLAIN, RULES))
    made_of = (pyspark.__version__, *(jar.file_name for jar in pinned_jars()), rules, *_sources().values())
    content = hashlib.sha256("\0".join(made_of).encode()).hexdigest()
    return classes_folder() / f"localbricks-{content[:16]}.jar"


def ensure_compiled(java: str, libraries: Sequence[Path]) -> None:
    """Compile our classes into their jar unless that was done.

    Args:
        java: the Java launcher.
        libraries: what the sources use: Spark's jars and Delta's.
    """
    jar = own_jar()
    if not jar.exists():
        jar.parent.mkdir(parents=True, exist_ok=True)
        with jvm_with(java, libraries) as view:
            compiled, loader = _compiled(view)
            turn = loader.loadClass(PLAIN_LAMBDAS).newInstance()
            _write(jar, compiled | redirected(view) | plain_lambdas(turn) | lean_defaults(libraries))


@contextlib.contextmanager
def jvm_with(java: str, libraries: Sequence[Path]) -> Iterator[Any]:
    """A JVM that has the libraries and does nothing by itself."""
    paths = os.pathsep.join(map(str, libraries))
    own = next(path for path in libraries if path.name.startswith("py4j-"))
    port, token, process = launch_gateway(
        jarpath=str(own), classpath=paths, java_path=java, die_on_exit=True, enable_auth=True, return_proc=True
    )
    gateway = JavaGateway(gateway_parameters=GatewayParameters(port=port, auth_token=token))
    try:
        yield gateway.jvm
    finally:
        gateway.shutdown()
        process.stdin.close()
        try:
            process.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _compiled(view: Any) -> tuple[dict[str, bytes], Any]:
    """The classes of all sources, by their names in a jar, and the class loader that has them."""
    found = {}
    loader = view.java.lang.ClassLoader.getSystemClassLoader()
    for name, source in _sources().items():
        compiler = view.org.codehaus.janino.SimpleCompiler()
        compiler.setParentClassLoader(loader)
        compiler.setSourceVersion(_JAVA)
        compiler.setTargetVersion(_JAVA)
        try:
            compiler.cook(source)
        except Py4JJavaError as error:
            # While its JVM is there: the error itself asks that for its text.
            raise LocalbricksError(f"{name} does not compile: {error.java_exception.toString()}") from None
        loader = compiler.getClassLoader()
        for entry in compiler.getBytecodes().entrySet():
            found[entry.getKey().replace(".", "/") + ".class"] = bytes(entry.getValue())
    return found, loader


def _write(jar: Path, classes: dict[str, bytes]) -> None:
    """So that another server, which compiles at the same time, sees all of it or nothing."""
    temporary = jar.with_name(f".{jar.name}.{os.getpid()}")
    with zipfile.ZipFile(temporary, "w") as archive:
        for name, content in classes.items():
            archive.writestr(name, content)
    temporary.replace(jar)
