"""The warm-up after a start: statements as dbt sends them, so that the first ones of a user find compiled code.

It runs in a thread of its own when the server is ready, on a Delta table in the folder of temporary files, so that
nothing of it is in the catalog or in the query history. It gives way: before each step it waits until no statement
of a user runs, and it ends when `LIMIT_SECONDS` are over.
"""

from __future__ import annotations

import contextlib
import logging
import os
import shutil
import threading
import time
import uuid
from pathlib import Path

from localbricks.errors import LocalbricksError
from localbricks.operation.log import facts
from localbricks.sql.lexer import quoted
from localbricks.sql.session import SqlSession
from localbricks.sql.warehouse import Warehouse

LIMIT_SECONDS = 60.0
SETTING = "LOCALBRICKS_WARM_UP"
_STEPS = (
    "select 1",
    "show schemas",
    "select current_catalog()",
    "select table_name, table_type from system.information_schema.tables where table_schema = 'none'",
    "create or replace temporary view __warm_rows as select id, id % 3 as part, concat('name ', id) as name from range(100)",
    "create table {table} using delta as select * from __warm_rows",
    "insert into {table} select * from __warm_rows where part = 1",
    "merge into {table} as t using (select * from __warm_rows where id < 5) as s on t.id = s.id "
    "when matched then update set name = s.name when not matched then insert *",
    "with counted as (select part, count(*) as n from {table} group by part having count(*) > 1) "
    "select count(*) from {table} left join counted using (part) where n is null",
    "drop view __warm_rows",
)
_log = logging.getLogger("localbricks.warm_up")


def like_dbt(folder: Path) -> list[str]:
    """Statements as dbt sends them, on a Delta table in a folder that is not there yet."""
    return [step.format(table=f"delta.{quoted(str(folder))}") for step in _STEPS]


def is_on() -> bool:
    """Whether `LOCALBRICKS_WARM_UP` says so; it is on by default.

    Raises:
        LocalbricksError: it says neither `on` nor `off`.
    """
    text = os.environ.get(SETTING) or "on"
    if text.lower() not in ("on", "off"):
        raise LocalbricksError(f"{SETTING} is {text!r}, expected on or off.")
    return text.lower() == "on"


def warm_up(warehouse: Warehouse, stopping: threading.Event) -> threading.Thread:
    """Begin; returns at once."""
    thread = threading.Thread(target=_run, args=(warehouse, stopping), name="warm-up", daemon=True)
    thread.start()
    return thread


def _run(warehouse: Warehouse, stopping: threading.Event) -> None:
    start = time.monotonic()
    done = 0

    def steps(session: SqlSession) -> None:
        nonlocal done
        folder = warehouse.scratch / f"warm-{uuid.uuid4().hex}"
        with contextlib.ExitStack() as after:
            after.callback(shutil.rmtree, folder, ignore_errors=True)
            for statement in like_dbt(folder):
                while warehouse.counts()["running"] and time.monotonic() - start < LIMIT_SECONDS:
                    if stopping.wait(0.1):
                        return
                if stopping.is_set() or time.monotonic() - start > LIMIT_SECONDS:
                    return
                warehouse.run(session, statement).spool.close()
                done += 1

    try:
        warehouse.once(steps)
    except Exception as error:
        # Of no consequence for anybody but the time of the first statements.
        if not stopping.is_set():
            _log.warning("", extra=facts("warm-up failed", step=done, error=type(error).__name__))
    finally:
        seconds = round(time.monotonic() - start, 2)
        _log.info("", extra=facts("warm-up ended", steps=done, of=len(_STEPS), seconds=seconds))
