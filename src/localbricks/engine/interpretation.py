"""Which plans are interpreted: those of statements that reach small tables alone.

Spark writes Java source for a plan and compiles it, which costs some tenths of a second of processor time for every plan
that it has not seen yet, and seconds for a wide one; it plans each shuffle's successor anew, and starts as many tasks as
there are partitions (in one, `OneTask.java` does without shuffles). On large inputs that comes back many times over, on a
demo or in a test it is most of a statement's time. The results are the same: Spark keeps both ways for every expression.
In this room: how large the tables are, and the settings of either way. Not here: running anything (`session`).
"""

from __future__ import annotations

import json
import os
import re
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SMALL_BYTES = 2 * 1024 * 1024
SMALL_ROWS = 15_000
"""A table of more bytes or rows is worth compiled plans. Bytes alone say little: they are compressed, and a table of
300,000 rows that repeat each other has fewer than two million."""
FRESH_SECONDS = 2.0
INTERPRETED = {
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.shuffle.partitions": "1",
    "spark.sql.autoBroadcastJoinThreshold": "-1",
}
"""Settings for small inputs. For large ones they are as the engine was started with.

In one partition nothing is gained by sending one side of a join to all tasks: it costs a job.
"""

# Rows that come from no table: a range, files, a table by its path.
_OTHER_ROWS = re.compile(r"\b(?:range|read_files)\s*\(|\b(?:delta|parquet|csv|json|text|orc)\s*\.\s*`", re.IGNORECASE)


def has_other_rows(sql: str) -> bool:
    """Whether a statement may read many rows that no table holds. A word in a string counts too: it costs time only."""
    return _OTHER_ROWS.search(sql) is not None


@dataclass(frozen=True)
class TableSize:
    """What Delta notes of a table's newest version; no rows where it has not counted them."""

    bytes: int = 0
    rows: int = 0

    @property
    def is_small(self) -> bool:
        """Whether plans on the table are interpreted."""
        return self.bytes <= SMALL_BYTES and self.rows <= SMALL_ROWS


class TableSizes:
    """Sizes of a warehouse's tables, as Delta notes them beside each version; read again when they are old."""

    def __init__(self, warehouse: Path) -> None:
        self._warehouse = warehouse
        self._known: dict[str, tuple[int, bool]] = {}
        """By log folder: when it was changed, and whether the table is small."""
        self._all_small = True
        self._read_at = float("-inf")
        self._lock = threading.Lock()

    def all_small(self) -> bool:
        """Whether all tables are small, as of a moment ago."""
        with self._lock:
            if time.monotonic() - self._read_at > FRESH_SECONDS:
                self._all_small = all(self._smallness(log) is not False for log in _delta_logs(self._warehouse))
                self._read_at = time.monotonic()
            return self._all_small

    def is_small(self, name: str) -> bool:
        """Whether a table, `schema.table` in lower case, is a managed one and a small one."""
        schema, table = name.split(".", 1)
        folder = self._warehouse if schema == "default" else self._warehouse / f"{schema}.db"
        with self._lock:
            return self._smallness(str(folder / table / "_delta_log")) is True

    def _smallness(self, log: str) -> bool | None:
        """Whether the table of a log folder is small, `None` where there is no such folder."""
        try:
            changed = os.stat(log).st_mtime_ns  # noqa: PTH116 - hundreds of them, many times
        except FileNotFoundError:
            return None
        known = self._known.get(log)
        if known is None or known[0] != changed:
            known = self._known[log] = (changed, table_size(Path(log)).is_small)
        return known[1]


def table_size(log: Path) -> TableSize:
    """The size of a Delta table's newest version that has a readable checksum file, nothing where none has."""
    for path in sorted(log.glob("*.crc"), reverse=True):
        try:
            note = json.loads(path.read_text(encoding="utf-8"))
            return TableSize(int(note["tableSizeBytes"]), sum(map(_rows, note.get("allFiles") or ())))
        except (OSError, ValueError, KeyError):
            continue
    return TableSize()


def _rows(file: dict[str, Any]) -> int:
    return int(json.loads(file.get("stats") or "{}").get("numRecords", 0))


def _delta_logs(warehouse: Path) -> list[str]:
    """Log folders of the managed tables: `<schema>.db/<table>/_delta_log`, without `.db` in the schema `default`."""
    logs: list[str] = []
    for folder in _folders(str(warehouse)):
        tables = _folders(folder) if folder.endswith(".db") else [folder]
        logs += [f"{table}/_delta_log" for table in tables]
    return logs


def _folders(parent: str) -> list[str]:
    try:
        with os.scandir(parent) as entries:
            return [entry.path for entry in entries if entry.is_dir()]
    except FileNotFoundError:
        return []
