"""A cancelled statement leaves the engine, at whatever moment of its life the cancellation comes."""

from __future__ import annotations

import time

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
