"""databricks-sql-connector against the server: parameters, types, paging, cancelling, many sessions, metadata."""

from __future__ import annotations

import datetime
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from databricks.sql.exc import Error
from databricks.sql.parameters import (
    BigIntegerParameter,
    DecimalParameter,
    TimestampNTZParameter,
    TinyIntParameter,
    VoidParameter,
)
from databricks.sql.thrift_api.TCLIService.ttypes import TExecuteStatementReq, TGetOperationStatusReq, TOperationState
from sql_client import Client, Server, connect

pytestmark = pytest.mark.server
ME = "test_connector"
UTC = ZoneInfo("UTC")
LONG = "select count(*) from range(1000000000000) where hash(id) % 7 = 3 and hash(id + 1) % 5 = 2"


class TestParameters:
    @pytest.mark.parametrize(
        "value",
        [
            1,
            2**40,
            -1,
            1.5,
            True,
            None,
            'it\'s \\ a "string" with -- and ? and :x\nand é😀',
            "",
            Decimal("1.50"),
            Decimal("-0.001"),
            Decimal("12345678901234567890.123456789"),
            datetime.date(2020, 2, 29),
        ],
    )
    def test_positional_and_named(self, session: Client, value: Any) -> None:
        assert session.rows("\n select ?, '?' -- ?", [value]) == [(value, "?")]
        assert session.rows("select :x, ':x', :x /* :x */", {"x": value}) == [(value, ":x", value)]

    def test_times(self, session: Client) -> None:
        plain = datetime.datetime(2020, 1, 2, 3, 4, 5, 678)
        assert session.value("select ?", [plain]) == plain.replace(tzinfo=UTC)
        assert session.value("select ?", [TimestampNTZParameter(plain)]) == plain

    def test_lists_and_maps(self, session: Client) -> None:
        (row,) = session.rows("select ?, ?", [[1, 2], {"a": 1}])
        assert (list(row[0]), row[1]) == ([1, 2], [("a", 1)])
        assert list(session.value("select ?", [[None, "a"]])) == [None, "a"]
        assert session.value("select array_contains(:keys, 3)", {"keys": [1, 2, 3]}) is True

    def test_explicit_types(self, session: Client) -> None:
        session.rows(
            "select ?, ?, ?, ?",
            [
                TinyIntParameter(1),
                BigIntegerParameter(1),
                DecimalParameter(Decimal("1.5"), scale=9, precision=3),
                VoidParameter(None),
            ],
        )
        assert session.types == ["tinyint", "bigint", "decimal", "null"]

    def test_in_a_statement_that_a_rule_serves(self, session: Client) -> None:
        statement = "select count(*) from information_schema.schemata where schema_name = :name"
        assert session.value(statement, {"name": ME}) == 1

    @pytest.mark.parametrize(
        ("statement", "parameters"),
        [("select ?, ?", [1]), ("select :a", {"b": 1}), ("select :a", None), ("select ?", None)],
    )
    def test_unbound(self, session: Client, statement: str, parameters: Any) -> None:
        with pytest.raises(Error, match=r"^\[UNBOUND_SQL_PARAMETER\] .* SQLSTATE: 42P02"):
            session.rows(statement, parameters)


class TestTypes:
    @pytest.mark.parametrize(
        ("expression", "type_name", "value"),
        [
            ("cast(1 as tinyint)", "tinyint", 1),
            ("cast(1 as smallint)", "smallint", 1),
            ("1", "int", 1),
            ("1L", "bigint", 1),
            ("cast(1.5 as float)", "float", 1.5),
            ("1.5d", "double", 1.5),
            ("double('NaN') <=> double('NaN')", "boolean", True),
            ("1.250bd", "decimal", Decimal("1.250")),
            (
                "cast('123456789012345678901234567890.12345678' as decimal(38,8))",
                "decimal",
                Decimal("123456789012345678901234567890.12345678"),
            ),
            ("'é😀\\n'", "string", "é😀\n"),
            ("true", "boolean", True),
            ("x'00ff'", "binary", b"\x00\xff"),
            ("date'0001-01-01'", "date", datetime.date(1, 1, 1)),
            ("date'9999-12-31'", "date", datetime.date(9999, 12, 31)),
            ("timestamp'2020-01-02 03:04:05.678901'", "timestamp", datetime.datetime(2020, 1, 2, 3, 4, 5, 678901, UTC)),
            ("timestamp'1582-10-04 00:00:00'", "timestamp", datetime.datetime(1582, 10, 4, tzinfo=UTC)),
            ("timestamp_ntz'2020-01-02 03:04:05'", "timestamp", datetime.datetime(2020, 1, 2, 3, 4, 5)),
            ("interval '1 02:03:04.5' day to second", "interval_day_time", "1 02:03:04.500000000"),
            ("interval '-3' hour", "interval_day_time", "-0 03:00:00.000000000"),
            ("interval 2 days", "interval_day_time", "2 00:00:00.000000000"),
            ("interval '1-2' year to month", "interval_year_month", "1-2"),
            ("interval '-14' month", "interval_year_month", "-1-2"),
            ("make_interval(1, 2)", "string", "1 years 2 months"),
            ("parse_json('{\"a\": [1, null]}')", "string", '{"a":[1,null]}'),
            ("null", "null", None),
        ],
    )
    def test_value(self, session: Client, expression: str, type_name: str, value: Any) -> None:
        found = session.value(f"select {expression}")
        assert (found, type(found)) == (value, type(value))
        assert session.types == [type_name]

    @pytest.mark.parametrize(
        "data_type",
        [
            *[
                "tinyint",
                "int",
                "bigint",
                "float",
                "double",
                "decimal(5,2)",
                "string",
                "boolean",
                "binary",
                "date",
                "timestamp",
                "timestamp_ntz",
            ],
            *("array<int>", "map<string,int>", "struct<a:int>", "variant"),
            *("interval day to second", "interval year to month"),
        ],
    )
    def test_null(self, session: Client, data_type: str) -> None:
        assert session.rows(f"select cast(null as {data_type})") == [(None,)]

    def test_decimals_are_described(self, session: Client) -> None:
        session.rows("select cast(1 as decimal(10,2))")
        assert session.cursor.description is not None
        assert session.cursor.description[0][4:6] == (10, 2)

    def test_nested(self, session: Client) -> None:
        (row,) = session.rows("select array(named_struct('a', 1, 'b', array('x', null))), map('k', array(1)), array()")
        ((inner,), mapping, empty) = row
        assert inner["a"] == 1 and list(inner["b"]) == ["x", None]
        assert [(key, list(value)) for key, value in mapping] == [("k", [1])]
        assert list(empty) == []

    def test_nested_as_text_for_clients_that_want_it(self, server: Server) -> None:
        with connect(server.home, server.state.port, _use_arrow_native_complex_types=False) as connection:
            row = Client(connection).rows("select array(1, null), map('k', 1), named_struct('a', date'2020-01-02')")[0]
        assert row == ("[1,null]", '{"k":1}', '{"a":"2020-01-02"}')

    def test_columns_of_one_name(self, session: Client) -> None:
        assert session.rows("select 1 as x, 2 as x, interval 1 day as x") == [(1, 2, "1 00:00:00.000000000")]
        assert session.columns == ["x", "x", "x"]

    def test_names(self, session: Client) -> None:
        session.rows("select 1 as `a b`, 2 as `ä.ö`, 3 as `x``y`")
        assert session.columns == ["a b", "ä.ö", "x`y"]

    def test_no_rows(self, session: Client) -> None:
        assert session.rows("select 1 as a, 'x' as b, array(1) as c where false") == []
        assert session.types == ["int", "string", "array"]

    def test_a_statement_without_rows(self, session: Client) -> None:
        assert session.rows("create or replace temporary view passing as select 1 as x") == []


class TestRowsChanged:
    """Newer connectors give the number as `Cursor.rowcount`; this one does not read it."""

    @pytest.fixture
    def changed(self, session: Client) -> Iterator[str]:
        """A table of ten rows."""
        session.run("create table changed as select id, 0 as n from range(10)")
        yield "changed"
        session.run("drop table changed")

    @pytest.mark.parametrize(
        ("statement", "count"),
        [
            ("insert into changed select id, 0 from range(10, 13)", 3),
            ("update changed set n = 1 where id < 4", 4),
            ("delete from changed where id > 7", 2),
            (
                "merge into changed t using (select id from range(8, 12)) s on s.id = t.id when not matched then insert (id) values (s.id)",
                2,
            ),
            ("select 5 as n", None),
            ("create or replace temporary view seen as select 1", None),
        ],
    )
    def test_count(self, session: Client, changed: str, statement: str, count: int | None) -> None:
        session.cursor.execute_async(statement)
        while session.cursor.is_query_pending():
            pass
        asked = TGetOperationStatusReq(session.cursor.active_command_id.to_thrift_handle())
        status = session.connection.session.backend._client.GetOperationStatus(asked)
        assert (status.operationState, status.numModifiedRows) == (TOperationState.FINISHED_STATE, count)


def test_no_statement_at_all(session: Client) -> None:
    server = session.connection.session.backend._client
    handle = session.connection.session._session_id.to_thrift_handle()
    started = server.ExecuteStatement(TExecuteStatementReq(handle, None))
    status = server.GetOperationStatus(TGetOperationStatusReq(started.operationHandle))
    assert status.operationState == TOperationState.ERROR_STATE
    assert "[PARSE_EMPTY_STATEMENT]" in status.displayMessage


class TestPaging:
    def test_fetchmany(self, session: Client) -> None:
        session.cursor.execute("select id, cast(id as string) as text from range(100000) order by id")
        seen = 0
        while page := session.cursor.fetchmany(7001):
            assert len(page) == min(7001, 100_000 - seen)
            assert (page[0].id, page[-1].text) == (seen, str(seen + len(page) - 1))
            seen += len(page)
        assert seen == 100_000
        assert session.cursor.fetchmany(10) == []

    def test_small_buffers(self, session: Client) -> None:
        """The rows come in many messages."""
        with session.connection.cursor(arraysize=1000, buffer_size_bytes=10_000) as cursor:
            cursor.execute("select id from range(50000)")
            assert sorted(row.id for row in cursor.fetchall()) == list(range(50_000))

    def test_one_by_one_and_the_rest(self, session: Client) -> None:
        session.cursor.execute("select id from range(10) order by id")
        first = session.cursor.fetchone()
        assert first is not None and first.id == 0
        assert [row.id for row in session.cursor.fetchmany(2)] == [1, 2]
        assert [row.id for row in session.cursor.fetchall()] == list(range(3, 10))
        assert session.cursor.fetchone() is None

    def test_arrow(self, session: Client) -> None:
        session.cursor.execute("select id, repeat('x', 100) as text from range(300000)")
        table = session.cursor.fetchall_arrow()
        assert (table.num_rows, table.column_names) == (300_000, ["id", "text"])

    def test_a_result_nobody_reads_is_freed(self, session: Client, server: Server) -> None:
        session.cursor.execute("select id, repeat('x', 1000) as text from range(200000)")
        session.cursor.execute("select 1")
        assert session.cursor.fetchall()[0][0] == 1
        assert not list(server.home.tmp.glob("result-*")), "spool files are not to be seen"


class TestCancel:
    @pytest.fixture
    def own(self, server: Server) -> Iterator[Client]:
        """A session that may break."""
        with connect(server.home, server.state.port) as connection:
            yield Client(connection)

    def test_from_another_thread(self, own: Client) -> None:
        timer = threading.Timer(1.5, own.cursor.cancel)
        timer.start()
        began = time.monotonic()
        with pytest.raises(Error, match=r"\[OPERATION_CANCELED\]"):
            own.rows(LONG)
        assert time.monotonic() - began < 60
        assert own.value("select 1") == 1

    def test_the_engine_is_free_again(self, own: Client, server: Server) -> None:
        self.test_from_another_thread(own)
        with connect(server.home, server.state.port) as connection:
            began = time.monotonic()
            assert Client(connection).value("select sum(id) from range(1000)") == 499500
            assert time.monotonic() - began < 60

    def test_closing_the_session(self, server: Server) -> None:
        connection = connect(server.home, server.state.port)
        cursor = connection.cursor()
        cursor.execute_async(LONG)
        time.sleep(0.5)
        connection.close()
        with connect(server.home, server.state.port) as other:
            assert Client(other).value("select sum(id) from range(1000)") == 499500

    def test_a_long_statement_is_polled(self, own: Client) -> None:
        own.cursor.execute_async("select count(*) from range(400000000) where hash(id) % 7 = 3")
        assert own.cursor.is_query_pending() in (True, False)
        own.cursor.get_async_execution_result()
        assert own.cursor.fetchall()[0][0] > 0


class TestSessions:
    def test_eight_at_once(self, server: Server) -> None:
        def work(number: int) -> tuple[Any, ...]:
            with connect(server.home, server.state.port, schema="default") as connection:
                client = Client(connection)
                client.run(f"create temporary view mine as select {number} as n", f"set timezone = Etc/GMT+{number}")
                for _ in range(3):
                    total = client.value("select sum(n) from mine cross join range(1000)")
                return total, client.value("select current_timezone()")

        with ThreadPoolExecutor(8) as pool:
            found = list(pool.map(work, range(8)))
        assert found == [(number * 1000, f"Etc/GMT+{number}") for number in range(8)]

    def test_a_closed_session_is_gone(self, server: Server) -> None:
        connection = connect(server.home, server.state.port)
        cursor = connection.cursor()
        connection.close()
        with pytest.raises(Error):
            cursor.execute("select 1")

    def test_catalog_and_schema(self, server: Server) -> None:
        with connect(server.home, server.state.port, catalog="spark_catalog", schema="default") as connection:
            assert Client(connection).rows("select current_catalog(), current_schema()") == [
                ("spark_catalog", "default")
            ]
        with pytest.raises(Error, match=r"\[NO_SUCH_CATALOG_EXCEPTION\]"):
            connect(server.home, server.state.port, catalog="other")

    def test_a_schema_that_is_not_there_yet(self, server: Server) -> None:
        """dbt connects to a schema that it is about to create."""
        with connect(server.home, server.state.port, schema="soon") as connection:
            assert Client(connection).value("select 1") == 1


@pytest.fixture(scope="module")
def objects(session: Client) -> None:
    """A table and a view."""
    session.run(
        "create table orders (id bigint not null comment 'the id', price decimal(10,2), code char(3), tags array<string>) comment 'sold'",
        "create view recent as select id from orders",
    )


@pytest.mark.usefixtures("objects")
class TestMetadata:
    def fetched(self, session: Client) -> list[dict[str, Any]]:
        return [row.asDict() for row in session.cursor.fetchall()]

    def test_catalogs(self, session: Client) -> None:
        session.cursor.catalogs()
        assert [row["TABLE_CAT"] for row in self.fetched(session)] == ["spark_catalog", "system"]

    @pytest.mark.parametrize(
        ("pattern", "expected"),
        [(ME, [ME]), (ME[:-1] + "_", [ME]), ("test_conn%", [ME]), ("TEST_CONNECTOR", [ME]), ("no%", [])],
    )
    def test_schemas(self, session: Client, pattern: str, expected: list[str]) -> None:
        session.cursor.schemas(catalog_name="spark_catalog", schema_name=pattern)
        assert [(row["TABLE_SCHEM"], row["TABLE_CATALOG"]) for row in self.fetched(session)] == [
            (name, "spark_catalog") for name in expected
        ]

    @pytest.mark.parametrize(
        ("arguments", "expected"),
        [
            ({}, [("orders", "TABLE", "sold"), ("recent", "VIEW", "")]),
            ({"table_name": "ord%"}, [("orders", "TABLE", "sold")]),
            ({"table_types": ["VIEW"]}, [("recent", "VIEW", "")]),
            (
                {"table_types": ["TABLE", "VIEW"], "table_name": "%r%"},
                [("orders", "TABLE", "sold"), ("recent", "VIEW", "")],
            ),
            ({"catalog_name": "other"}, []),
        ],
    )
    def test_tables(self, session: Client, arguments: dict[str, Any], expected: list[tuple[str, ...]]) -> None:
        session.cursor.tables(schema_name=ME, **arguments)
        assert [(row["TABLE_NAME"], row["TABLE_TYPE"], row["REMARKS"]) for row in self.fetched(session)] == expected

    def test_columns(self, session: Client) -> None:
        session.cursor.columns(schema_name=ME, table_name="orders")
        keys = ("COLUMN_NAME", "ORDINAL_POSITION", "TYPE_NAME", "DATA_TYPE", "DECIMAL_DIGITS", "IS_NULLABLE", "REMARKS")
        assert [tuple(row[key] for key in keys) for row in self.fetched(session)] == [
            ("id", 1, "BIGINT", -5, 0, "NO", "the id"),
            ("price", 2, "DECIMAL(10,2)", 3, 2, "YES", ""),
            ("code", 3, "CHAR(3)", 1, None, "YES", ""),
            ("tags", 4, "ARRAY<STRING>", 2003, None, "YES", ""),
        ]
        session.cursor.columns(schema_name=ME, table_name="%", column_name="i_")
        assert [(row["TABLE_NAME"], row["COLUMN_NAME"]) for row in self.fetched(session)] == [
            ("orders", "id"),
            ("recent", "id"),
        ]
