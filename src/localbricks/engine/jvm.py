"""The JVM: one process with a classic Spark session for SQL and a Spark Connect server for Python models.

Both doors see the same catalog. The process dies with this one: its standard input is a pipe of ours, and
Spark's gateway ends when that pipe does, even after `kill -9`.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import signal
import struct
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from py4j.java_gateway import JavaClass

from localbricks.engine.class_path import ClassPath, ensure_class_path
from localbricks.engine.classes import (
    CLUSTER_BY,
    ERROR_WORDS,
    ONE_TASK,
    PROMPT_ANSWERS,
    REMEMBERED_CATALOG,
    SMALL_TABLES,
)
from localbricks.engine.governor import Governor
from localbricks.engine.interpretation import INTERPRETED, TableSizes
from localbricks.engine.java import find_java
from localbricks.engine.metastore import widen
from localbricks.engine.settings import metastore_url, spark_settings
from localbricks.engine.size import core_count, heap_bytes
from localbricks.errors import DatabricksError, LocalbricksError
from localbricks.home import USER_NAME, Home
from localbricks.operation.log import start_anew

CONVERTERS = "scala.jdk.javaapi.CollectionConverters"
"""Scala's collections as Java's and back."""
START_SECONDS = 120
STOP_SECONDS = 15.0
DEFAULT_MEMORY = "3g"
OUT_OF_MEMORY = 3
"""Exit code of a JVM with `-XX:+ExitOnOutOfMemoryError`."""

# What Spark needs opened in Java 17+ (org.apache.spark.launcher.JavaModuleOptions).
_OPENED = (
    "java.lang java.lang.invoke java.lang.reflect java.io java.net java.nio java.util java.util.concurrent "
    "java.util.concurrent.atomic jdk.internal.ref sun.nio.ch sun.nio.cs sun.security.action sun.util.calendar"
)

# The optimising compiler's thresholds, as HotSpot has them.
_OPTIMISED_FROM = {"Invocation": 5_000, "MinInvocation": 600, "Compile": 15_000, "BackEdge": 40_000}

_LOG4J = """\
rootLogger.level = warn
rootLogger.appenderRef.stderr.ref = console
appender.console.type = Console
appender.console.name = console
appender.console.target = SYSTEM_ERR
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = %d{yyyy-MM-dd'T'HH:mm:ss.SSS} %p %c{1}: %m%n%ex
logger.hive.name = org.apache.hadoop.hive
logger.hive.level = error
logger.datanucleus.name = DataNucleus
logger.datanucleus.level = error
logger.window.name = org.apache.spark.sql.execution.window
logger.window.level = error
logger.catalog.name = org.apache.spark.sql.hive.HiveExternalCatalog
logger.catalog.level = error
logger.delta.name = org.apache.spark.sql.delta
logger.delta.level = error
logger.executor.name = org.apache.spark.executor
logger.executor.level = off
logger.tasks.name = org.apache.spark.scheduler.TaskSetManager
logger.tasks.level = off
"""


@dataclass(frozen=True)
class EngineOptions:
    """Size of the engine: heap (`3g`) and the number of cores it computes on."""

    memory: str = DEFAULT_MEMORY
    cores: int = 0

    @classmethod
    def from_environment(cls) -> EngineOptions:
        """`LOCALBRICKS_MEMORY` and `LOCALBRICKS_CORES`, with this machine's cores by default.

        Raises:
            LocalbricksError: a value that makes no sense, or that the machine does not have.
        """
        memory = os.environ.get("LOCALBRICKS_MEMORY") or DEFAULT_MEMORY
        heap_bytes(memory)
        return cls(memory.strip(), core_count(os.environ.get("LOCALBRICKS_CORES", ""), os.cpu_count() or 2))


class Engine:
    """A running JVM. `start` returns when both doors answer."""

    def __init__(self, home: Home, options: EngineOptions, archive: Path | None = None) -> None:
        """
        Args:
            archive: where to leave an archive of the classes that were loaded, at the end; without, the one that is
                there is used.
        """
        self._home = home
        self._options = options
        self._archive = archive
        self._connect_token = secrets.token_hex(20)
        self._process: subprocess.Popen[bytes] | None = None
        self.root_session: Any = None
        self.governor: Governor
        self._gateway: Any = None
        self._connect_port = 0
        self.table_sizes = TableSizes(home.warehouse)
        self.compiled: dict[str, str] = {}
        """The settings that `INTERPRETED` changes, as the engine was started with them."""

    def start(self, on_death: Callable[[int], None] | None = None) -> None:
        """Start the JVM and wait until SQL and Spark Connect are served.

        Args:
            on_death: called with the exit code, from a thread of its own, when the JVM ends by itself.

        Raises:
            LocalbricksError: when it cannot start; the message names the log.
        """
        port, secret = self._launch()
        os.environ["PYSPARK_GATEWAY_PORT"] = str(port)
        os.environ["PYSPARK_GATEWAY_SECRET"] = secret
        from pyspark.sql import SparkSession

        try:
            spark = SparkSession.builder.getOrCreate()
        except Exception as error:
            self.stop()
            raise LocalbricksError(f"Spark did not start: {error}. See {self.log_file}.") from error
        self._gateway = spark.sparkContext._gateway
        self.root_session = spark._jsparkSession
        self._pin_names()
        self.compiled = {key: str(self.root_session.conf().get(key)) for key in INTERPRETED}
        self.governor = Governor(self.java_class, self.string_array)
        self.governor.install(self.root_session)
        self.java_class(PROMPT_ANSWERS).install(self._gateway.java_gateway_server)
        self.java_class(ERROR_WORDS).install()
        for part in (CLUSTER_BY, REMEMBERED_CATALOG, SMALL_TABLES, ONE_TASK):
            self.java_class(part).install(self.root_session)
        widen(self, metastore_url(self._home))
        # The Scala object behind the service has no static forwarder for its port.
        service = self.scala_object("org.apache.spark.sql.connect.service.SparkConnectService")
        self._connect_port = int(service.localPort())
        if on_death is not None:
            threading.Thread(target=self._watch, args=(on_death,), name="jvm-watch", daemon=True).start()

    @property
    def log_file(self) -> Path:
        """Where the JVM's output goes."""
        return self._home.logs / "engine.log"

    @property
    def pid(self) -> int:
        """Process id of the JVM."""
        return self._process.pid if self._process else 0

    @property
    def alive(self) -> bool:
        """Whether the JVM runs."""
        return self._process is not None and self._process.poll() is None

    def connect_url(self) -> str:
        """Address of the Spark Connect door, with its token: not for logs."""
        # The client takes any host but `localhost` for a remote one and wants TLS there.
        return f"sc://localhost:{self._connect_port}/;token={self._connect_token};user_id={USER_NAME}"

    def java_class(self, name: str) -> Any:
        """A class of the JVM by its full name, for its static methods.

        A dotted path through py4j's view (`jvm.java.lang.String`) asks the JVM for a class by every part of it, and
        for `java` and `java.lang` that is a search through all jars, every time.
        """
        return JavaClass(name, self._gateway._gateway_client)

    def scala_object(self, name: str) -> Any:
        """A Scala object (a companion, or `Nil`) by its full name."""
        return getattr(self.java_class(f"{name}$"), "MODULE$")

    def scala_option(self, value: Any = None) -> Any:
        """`Some(value)`, or `None` without one."""
        return self.java_class("scala.Option").apply(value)

    def items(self, sequence: Any) -> list[Any]:
        """The elements of a Scala collection.

        By index: py4j knows the end of a Java iterator by its exception, which costs hundreds of milliseconds in a young
        JVM, because pyspark asks the JVM what kind of exception it is.
        """
        array = self.java_class(CONVERTERS).asJava(sequence).toArray()
        return [array[index] for index in range(len(array))]

    def string_array(self, items: Sequence[str]) -> Any:
        """A Java array of strings."""
        array = self._gateway.new_array(self.java_class("java.lang.String"), len(items))
        for index, item in enumerate(items):
            array[index] = item
        return array

    def gone(self) -> DatabricksError:
        """The error of a statement whose engine ended."""
        code = None
        # The connection breaks a moment before the process is seen to be gone.
        with contextlib.suppress(subprocess.TimeoutExpired):
            code = self._process.wait(timeout=2) if self._process else None
        if code == OUT_OF_MEMORY:
            return DatabricksError(
                "LOCALBRICKS_ENGINE_OUT_OF_MEMORY",
                f"The Spark JVM ran out of its {self._options.memory} of heap and has ended; what was committed before "
                "is kept. Run `localbricks up`, with a larger LOCALBRICKS_MEMORY for this statement.",
                "53200",
            )
        return DatabricksError(
            "LOCALBRICKS_ENGINE_STOPPED",
            f"The Spark JVM has ended (exit code {code}). Run `localbricks up`; its log is {self.log_file}.",
            "08006",
        )

    def _pin_names(self) -> None:
        """Name, once, the classes that pyspark looks up some fifty times for each exception, searching every jar."""
        view = self._gateway.jvm
        view.py4j = SimpleNamespace(reflection=SimpleNamespace(TypeUtil=self.java_class("py4j.reflection.TypeUtil")))
        for name in ("org.apache.spark.sql.internal.SQLConf", "org.apache.spark.util.Utils"):
            setattr(view, name, self.java_class(name))

    def stop(self, patience: float = STOP_SECONDS) -> None:
        """End the JVM. Statements that run are lost; what they committed stays.

        Args:
            patience: seconds until it is killed.
        """
        process = self._process
        if process is None:
            return
        if process.poll() is None:
            if process.stdin:
                process.stdin.close()
            process.terminate()
            try:
                process.wait(timeout=patience)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def _watch(self, on_death: Callable[[int], None]) -> None:
        assert self._process is not None
        on_death(self._process.wait())

    def _launch(self) -> tuple[int, str]:
        class_path = ensure_class_path(find_java())
        with tempfile.TemporaryDirectory(dir=self._home.tmp) as folder:
            info = Path(folder) / "gateway"
            log4j = self._home.root / "log4j2.properties"
            log4j.write_text(_LOG4J, encoding="utf-8")
            arguments = [*self._java_arguments(log4j), *self._archive_arguments(class_path)]
            command = [class_path.java.launcher, *arguments, "-cp", class_path.text]
            command += ["org.apache.spark.deploy.SparkSubmit"]
            # The Connect token goes by a private properties file: a command line is for all to read.
            properties = self._write_properties(Path(folder) / "spark.properties")
            command += ["--properties-file", str(properties), "pyspark-shell"]
            start_anew(self.log_file)
            with self.log_file.open("ab") as log:
                self._process = subprocess.Popen(
                    command,
                    stdin=subprocess.PIPE,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    env=self._environment(info),
                    cwd=self._home.tmp,
                    preexec_fn=_ignore_interrupt,
                )
            return self._wait_for_gateway(info)

    def _wait_for_gateway(self, info: Path) -> tuple[int, str]:
        assert self._process is not None
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if info.exists():
                data = info.read_bytes()
                port, length = struct.unpack("!ii", data[:8])
                return port, data[8 : 8 + length].decode()
            if self._process.poll() is not None:
                raise LocalbricksError(
                    f"The Spark JVM ended at its start with code {self._process.returncode}: "
                    f"{_last_lines(self.log_file)} The whole log is {self.log_file}."
                )
            time.sleep(0.02)
        self.stop()
        raise LocalbricksError(f"The Spark JVM did not answer within {START_SECONDS} s. See {self.log_file}.")

    def _java_arguments(self, log4j: Path) -> list[str]:
        opened = [f"--add-opens=java.base/{name}=ALL-UNNAMED" for name in _OPENED.split()]
        return [
            f"-Xmx{self._options.memory}",
            "-XX:+UseParallelGC",
            # A full code cache throws compiled methods out, and the engine falls back to interpreting.
            "-XX:ReservedCodeCacheSize=384m",
            # Classes of a build need that much: the default begins at 21 MB, and collects all at each step up to it.
            "-XX:MetaspaceSize=400m",
            # Spark and Delta are much code that runs a little: the optimising compiler takes what is hot indeed, four times
            # as hot as by default, and there is room enough not to look for dead code every 2 MB.
            *(f"-XX:Tier4{name}Threshold={4 * count}" for name, count in _OPTIMISED_FROM.items()),
            "-XX:SweeperThreshold=10",
            "-XX:+ExitOnOutOfMemoryError",
            "-XX:+IgnoreUnrecognizedVMOptions",
            *opened,
            "--add-opens=java.security.jgss/sun.security.krb5=ALL-UNNAMED",
            "-Djdk.reflect.useDirectMethodHandle=false",
            "-Dio.netty.tryReflectionSetAccessible=true",
            "-Duser.timezone=UTC",
            # Folders of sessions: a killed engine leaves them, and they are to be neither in everybody's /tmp nor to stay.
            f"-Djava.io.tmpdir={self._home.tmp}",
            f"-Dderby.system.home={self._home.tmp}",
            f"-Dlog4j2.configurationFile={log4j}",
        ]

    def _archive_arguments(self, class_path: ClassPath) -> list[str]:
        if self._archive:
            # What it leaves out, and why, fills the log. An engine that lives for seconds needs no more than the quick
            # compiler.
            quick = ["-XX:TieredStopAtLevel=1", "-Xlog:cds=off", "-Xlog:cds+dynamic=off"]
            return [f"-XX:ArchiveClassesAtExit={self._archive}", *quick]
        archive = class_path.archive()
        if archive is None:
            return []
        archive.touch()
        return [f"-XX:SharedArchiveFile={archive}", "-XX:+VerifySharedSpaces"]

    def _environment(self, info: Path) -> dict[str, str]:
        environment = {key: value for key, value in os.environ.items() if not key.startswith("SPARK_")}
        environment.update(
            _PYSPARK_DRIVER_CONN_INFO_PATH=str(info),
            SPARK_CONNECT_MODE="0",
            SPARK_LOCAL_IP="127.0.0.1",
            SPARK_USER=USER_NAME,
            PYSPARK_PYTHON=sys.executable,
            PYSPARK_DRIVER_PYTHON=sys.executable,
        )
        return environment

    def _write_properties(self, path: Path) -> Path:
        lines = [
            f"{key} {value}"
            for key, value in spark_settings(self._home, self._options.cores, self._connect_token).items()
        ]
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            stream.write("\n".join(lines) + "\n")
        return path


def _ignore_interrupt() -> None:
    # Ctrl-C in the terminal that started the server is not for the JVM.
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _last_lines(path: Path, count: int = 3) -> str:
    lines = [line for line in path.read_text(encoding="utf-8", errors="replace").splitlines() if line.strip()]
    return " / ".join(lines[-count:])
