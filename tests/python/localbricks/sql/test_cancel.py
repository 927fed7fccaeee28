"""A cancelled statement leaves the engine, at whatever moment of its life the cancellation comes."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sql_client import Server, connect

pytestmark = [pytest.mark.server, pytest.mark.timeout(180)]
ENDLESS = "select count(*) from range(1000000000000) where hash(id) % 7 = {number}"


def test_early_and_late_cancellations_free_the_cores(server: Server) -> None:
    """Before its analysis, between analysis and the first stage, and while its tasks run."""
    delays = (0.0, 0.01, 0.03, 0.06, 0.1, 0.15, 0.2, 0.3, 0.5)
    with connect(server.home, server.state.port) as connection, connection.cursor() as cursor:
        for number, delay in enumerate(delays):
            # A text of its own: its code is compiled anew, as in a first run.
            cursor.execute_async(ENDLESS.format(number=number))
            time.sleep(delay)
            cursor.cancel()
        started = time.monotonic()
        assert cursor.execute("select count(*) from range(1000) where hash(id) % 7 >= -7").fetchall()[0][0] == 1000
        assert time.monotonic() - started < 60, "the cores are free"


def test_what_a_thread_did_before_does_not_cancel_what_it_does_now(server: Server, tmp_path: Path) -> None:
    """Threads are used again. COPY INTO reads its table before it gives the engine a statement."""
    (tmp_path / "a.csv").write_text("id\n1\n", encoding="utf-8")

    def cancelled(number: int) -> None:
        with connect(server.home, server.state.port) as connection, connection.cursor() as cursor:
            cursor.execute_async(ENDLESS.format(number=number))
            time.sleep(0.2)
            cursor.cancel()

    def loaded(number: int) -> int:
        with connect(server.home, server.state.port) as connection, connection.cursor() as cursor:
            cursor.execute(f"create table cancelled.t{number} (id string)")
            cursor.execute(f"insert into cancelled.t{number} select id from range(3)")
            cursor.execute(
                f"copy into cancelled.t{number} from 'file://{tmp_path}' fileformat = csv "
                "format_options ('header' = 'true')"
            )
            return int(cursor.fetchall()[0][0])

    with connect(server.home, server.state.port) as connection, connection.cursor() as cursor:
        cursor.execute("create schema cancelled")
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(cancelled, range(8)))
        with ThreadPoolExecutor(4) as pool:
            assert list(pool.map(loaded, range(16))) == [1] * 16
        cursor.execute("drop schema cancelled cascade")
