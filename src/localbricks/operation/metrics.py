"""What a workspace counts, as Prometheus' text format: statements, errors, requests, sessions, memory, disk.

Counters live as long as the server; gauges are measured when they are asked for.
"""

from __future__ import annotations

import shutil
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import psutil

from localbricks import __version__
from localbricks.sql.warehouse import Execution

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
BOUNDS = (0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0)
"""Upper bounds of the histogram of a statement's seconds."""
MOST_CLASSES = 200
"""Error classes that are counted apart; what comes on top is counted as `other`."""


class Counters:
    """What has happened since the start. Safe to use from many threads."""

    def __init__(self) -> None:
        self.started = time.time()
        self._lock = threading.Lock()
        self._statements: Counter[str] = Counter()
        self._errors: Counter[str] = Counter()
        self._requests: Counter[int] = Counter()
        self._within: Counter[float] = Counter()
        self._seconds = self._engine_seconds = 0.0
        self._rows = 0

    def statement_ended(self, execution: Execution) -> None:
        """Count a statement that has ended."""
        seconds = execution.seconds
        with self._lock:
            self._statements[execution.state.value.lower()] += 1
            self._seconds += seconds
            self._engine_seconds += execution.engine_seconds
            self._rows += execution.rows or 0
            for bound in BOUNDS:
                if seconds <= bound:
                    self._within[bound] += 1
            if execution.error_class:
                known = execution.error_class in self._errors or len(self._errors) < MOST_CLASSES
                self._errors[execution.error_class if known else "other"] += 1

    def request_ended(self, status: int) -> None:
        """Count an HTTP request by its status."""
        with self._lock:
            self._requests[status] += 1

    def lines(self) -> Iterable[str]:
        """The counters in Prometheus' text format."""
        with self._lock:
            yield from _family("statements_total", "counter", "Statements that have ended, by state.")
            for state in ("succeeded", "failed", "canceled"):
                yield _sample("statements_total", self._statements[state], state=state)
            yield from _family("statement_errors_total", "counter", "Failed statements by error class.")
            for name, count in sorted(self._errors.items()):
                yield _sample("statement_errors_total", count, error_class=name)
            yield from _family("statement_seconds", "histogram", "Duration of statements, from their arrival on.")
            for bound in BOUNDS:
                yield _sample("statement_seconds_bucket", self._within[bound], le=f"{bound:g}")
            total = sum(self._statements.values())
            yield _sample("statement_seconds_bucket", total, le="+Inf")
            yield _sample("statement_seconds_sum", self._seconds)
            yield _sample("statement_seconds_count", total)
            yield from _family("engine_seconds_total", "counter", "Seconds that statements spent in the engine.")
            yield _sample("engine_seconds_total", self._engine_seconds)
            yield from _family("rows_total", "counter", "Rows of results.")
            yield _sample("rows_total", self._rows)
            yield from _family("http_requests_total", "counter", "HTTP requests by status.")
            for status, count in sorted(self._requests.items()):
                yield _sample("http_requests_total", count, status=str(status))


@dataclass(frozen=True)
class Usage:
    """What the processes of a workspace take now. Bytes, but for the counts."""

    server_memory: int
    jvm_memory: int
    python_memory: int
    """Of all interpreters of Python models together."""
    server_files: int
    """Open file handles of the server."""
    server_threads: int
    disk_free: int


def usage(jvm_pid: int, home: Path) -> Usage:
    """Measure this process, the JVM and the other children."""
    me = psutil.Process()
    jvm = python = 0
    for child in me.children(recursive=True):
        try:
            size = child.memory_info().rss
        except psutil.NoSuchProcess:
            continue
        if child.pid == jvm_pid:
            jvm = size
        else:
            python += size
    return Usage(
        me.memory_info().rss, jvm, python, me.num_fds(), threading.active_count(), shutil.disk_usage(home).free
    )


def exposition(counters: Counters, counts: dict[str, int], measure: Callable[[], Usage]) -> str:
    """Everything, as `/metrics` answers it.

    Args:
        counts: open sessions and running statements.
    """
    now = measure()
    lines = [
        *_family("info", "gauge", "Version of localbricks."),
        _sample("info", 1, version=__version__),
        *_gauge("start_time_seconds", counters.started, "When the server started, seconds since 1970."),
        *_gauge("sessions_open", counts["sessions"], "Open SQL sessions."),
        *_gauge("statements_running", counts["running"], "Statements that run or wait."),
        *_family("resident_memory_bytes", "gauge", "Resident memory by process."),
        _sample("resident_memory_bytes", now.server_memory, process="server"),
        _sample("resident_memory_bytes", now.jvm_memory, process="jvm"),
        _sample("resident_memory_bytes", now.python_memory, process="python"),
        *_gauge("open_files", now.server_files, "Open file handles of the server."),
        *_gauge("threads", now.server_threads, "Threads of the server."),
        *_gauge("disk_free_bytes", now.disk_free, "Free space of the home folder's file system."),
        *counters.lines(),
    ]
    return "\n".join(lines) + "\n"


def _family(name: str, kind: str, text: str) -> list[str]:
    return [f"# HELP localbricks_{name} {text}", f"# TYPE localbricks_{name} {kind}"]


def _gauge(name: str, value: float, text: str) -> list[str]:
    return [*_family(name, "gauge", text), _sample(name, value)]


def _sample(metric: str, value: float, **labels: str) -> str:
    told = ",".join(f'{key}="{_escaped(text)}"' for key, text in labels.items())
    return f"localbricks_{metric}{{{told}}} {value}" if told else f"localbricks_{metric} {value}"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"')
