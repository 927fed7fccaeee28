"""Sessions side by side: what one has the others have not, a slow one keeps nobody waiting, forgotten ones go."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from unittest.mock import MagicMock

import pytest
from databricks.sql.exc import Error
from sql_client import Client, Server, connect

from localbricks.errors import DatabricksError
from localbricks.sql.warehouse import Warehouse

LONG = "select count(*) from range(1000000000000) where hash(id) % 7 = 3 and hash(id + 1) % 5 = 2"


@pytest.fixture
def pair(server: Server) -> Iterator[tuple[Client, Client]]:
    """Two sessions."""
    with connect(server.home, server.state.port) as one, connect(server.home, server.state.port) as other:
        yield Client(one), Client(other)


@pytest.mark.server
class TestIsolation:
    def test_variables(self, pair: tuple[Client, Client]) -> None:
        one, other = pair
        one.run("declare variable chosen int default 5", "set var chosen = chosen + 1")
        assert one.value("select chosen") == 6
        other.fails("select chosen", "UNRESOLVED_COLUMN.WITHOUT_SUGGESTION", "42703")
        other.run("declare variable chosen string default 'other'")
        assert (one.value("select chosen"), other.value("select chosen")) == (6, "other")
        one.run("drop temporary variable chosen")
        assert other.value("select chosen") == "other"

    def test_schema_settings_and_views(self, pair: tuple[Client, Client]) -> None:
        one, other = pair
        one.run("create schema if not exists sessions_one", "use schema sessions_one", "set timezone = Asia/Tokyo")
        one.run("create temporary view seen as select 1 as x", "set ansi_mode = false")
        try:
            assert (one.value("select current_schema()"), other.value("select current_schema()")) == (
                "sessions_one",
                "default",
            )
            assert one.value("select hour(timestamp'2020-01-01 00:00:00Z')") == 9
            assert other.value("select hour(timestamp'2020-01-01 00:00:00Z')") == 0
            assert one.value("select 1 / 0") is None
            other.fails("select 1 / 0", "DIVIDE_BY_ZERO", "22012")
            other.fails("select * from seen", "TABLE_OR_VIEW_NOT_FOUND", "42P01")
        finally:
            one.run("use schema default", "drop schema sessions_one cascade")

    def test_thirty_two_at_once(self, server: Server) -> None:
        def work(number: int) -> tuple[Any, ...]:
            with connect(server.home, server.state.port) as connection:
                client = Client(connection)
                client.run(
                    f"create temporary view mine as select {number} as n",
                    f"declare variable own int default {number}",
                    f"set spark.sql.shuffle.partitions = {number + 1}",
                )
                rows = client.rows("select n, own from mine")
                return (*rows[0], client.pairs("set spark.sql.shuffle.partitions")["spark.sql.shuffle.partitions"])

        with ThreadPoolExecutor(32) as pool:
            found = list(pool.map(work, range(32)))
        assert found == [(number, number, str(number + 1)) for number in range(32)]

    def test_a_slow_statement_keeps_nobody_waiting(self, pair: tuple[Client, Client]) -> None:
        slow, quick = pair
        quick.value("select sum(id) from range(1000)")
        slow.cursor.execute_async(LONG)
        try:
            for _ in range(3):
                assert quick.value("select sum(id) from range(1000)") == 499500
            assert slow.cursor.is_query_pending()
        finally:
            slow.cursor.cancel()


class TestForgottenSessions:
    @pytest.fixture
    def warehouse(self, tmp_path: Path) -> Iterator[Warehouse]:
        """A warehouse whose engine is never asked for rows."""
        home: Any = MagicMock(tmp=tmp_path)
        made = Warehouse(home, MagicMock(), MagicMock(), MagicMock(), "someone")
        yield made
        made.close()

    def test_what_nobody_uses_is_closed(self, warehouse: Warehouse) -> None:
        forgotten, used = warehouse.open_session(), warehouse.open_session()
        forgotten.last_used -= 100
        assert warehouse.close_idle(60) == 1
        assert warehouse.session(used.id) is used
        with pytest.raises(DatabricksError, match="Invalid SessionHandle"):
            warehouse.session(forgotten.id)

    def test_what_runs_is_not(self, warehouse: Warehouse) -> None:
        session = warehouse.open_session()
        execution = warehouse.submit_work(session, "long", lambda sql: _until_canceled())
        session.last_used -= 100
        assert warehouse.close_idle(60) == 0
        warehouse.cancel(execution)
        session.last_used -= 100
        assert warehouse.close_idle(60) == 1

    def test_fetching_is_use(self, warehouse: Warehouse) -> None:
        session = warehouse.open_session()
        execution = warehouse.submit_work(session, "rows", lambda sql: MagicMock())
        assert execution.wait(10)
        session.last_used -= 100
        warehouse.execution(execution.id)
        assert warehouse.close_idle(60) == 0


def _until_canceled() -> Any:
    time.sleep(0.2)
    raise Error("canceled")
