"""The Statement Execution API through the SDK, on the one server: formats, dispositions, limits, waiting, errors."""

from __future__ import annotations

import io
import time
from collections.abc import Iterator
from typing import Any

import lz4.frame
import pandas as pd
import pyarrow as pa
import pytest
import requests
from databricks import sql
from databricks.sdk import WorkspaceClient
from databricks.sdk.errors import BadRequest, NotFound, ResourceDoesNotExist
from databricks.sdk.service.sql import (
    Disposition,
    ExecuteStatementRequestOnWaitTimeout,
    Format,
    StatementExecutionAPI,
    StatementParameterListItem,
    StatementResponse,
    StatementState,
)
from sql_client import Client, Server

from localbricks.home import HTTP_PATH, WAREHOUSE_ID

pytestmark = pytest.mark.server
LONG = "select count(*) from range(1000000000000) where hash(id) % 7 = 3 and hash(id + 1) % 5 = 2"


@pytest.fixture(scope="module")
def api(server: Server) -> StatementExecutionAPI:
    """The SDK's own client."""
    return WorkspaceClient(host=server.url, token=server.home.token()).statement_execution


def run(api: StatementExecutionAPI, statement: str, **options: Any) -> StatementResponse:
    """Run a statement to its end."""
    response = api.execute_statement(statement, WAREHOUSE_ID, **({"wait_timeout": "50s"} | options))
    assert response.status is not None
    return response


def chunks(api: StatementExecutionAPI, response: StatementResponse) -> Iterator[Any]:
    """Every chunk of a result, as a client follows them."""
    number: int | None = 0
    while number is not None:
        chunk = api.get_statement_result_chunk_n(response.statement_id, number)
        yield chunk
        number = (chunk.external_links[0] if chunk.external_links else chunk).next_chunk_index


def linked(api: StatementExecutionAPI, response: StatementResponse) -> list[bytes]:
    """What is behind the links, which are read without a token."""
    contents = []
    for chunk in chunks(api, response):
        answer = requests.get(chunk.external_links[0].external_link, timeout=60)
        assert answer.status_code == 200
        contents.append(answer.content)
    return contents


class TestInline:
    @pytest.mark.parametrize(
        ("expression", "type_text", "text"),
        [
            ("1", "INT", "1"),
            ("1.50bd", "DECIMAL(3,2)", "1.50"),
            ("2.5d", "DOUBLE", "2.5"),
            ("3d", "DOUBLE", "3.0"),
            ("1e10d", "DOUBLE", "1.0E10"),
            ("double('NaN')", "DOUBLE", "NaN"),
            ("cast(0.1 as float)", "FLOAT", "0.1"),
            ("true", "BOOLEAN", "true"),
            ("'é, \"x\"'", "STRING", 'é, "x"'),
            ("date'0001-02-03'", "DATE", "0001-02-03"),
            ("timestamp'2020-01-02 03:04:05'", "TIMESTAMP", "2020-01-02T03:04:05.000Z"),
            ("timestamp_ntz'2020-01-02 03:04:05.000006'", "TIMESTAMP_NTZ", "2020-01-02T03:04:05.000006"),
            ("x'00ff'", "BINARY", "AP8="),
            ("interval '1-2' year to month", "INTERVAL YEAR TO MONTH", "1-2"),
            ("array(1, null)", "ARRAY<INT>", "[1,null]"),
            ("map('a', 1)", "MAP<STRING, INT>", '{"a":1}'),
            ("named_struct('a', cast(null as int), 'b', 1)", "STRUCT<a: INT, b: INT>", '{"a":null,"b":1}'),
            ("parse_json('{\"a\": 1}')", "VARIANT", '{"a":1}'),
            ("null", "VOID", None),
        ],
    )
    def test_value(self, api: StatementExecutionAPI, expression: str, type_text: str, text: str | None) -> None:
        response = run(api, f"select {expression} as x")
        (column,) = response.manifest.schema.columns
        assert (column.name, column.position, column.type_text) == ("x", 0, type_text)
        assert response.result.data_array == [[text]]

    def test_parameters_catalog_and_schema(self, api: StatementExecutionAPI) -> None:
        given = [
            StatementParameterListItem("text", value="it's :n"),
            StatementParameterListItem("n", type="INT", value="7"),
            StatementParameterListItem("nothing", type="DATE"),
        ]
        statement = "select :text, :n + 1, :nothing, current_catalog(), current_schema()"
        response = run(api, statement, parameters=given, catalog="spark_catalog", schema="default")
        assert response.result.data_array == [["it's :n", "8", None, "spark_catalog", "default"]]

    def test_chunks_follow_each_other(self, api: StatementExecutionAPI) -> None:
        response = run(api, "select id, repeat('x', 100) as text from range(150000) order by id")
        assert response.manifest.total_row_count == 150_000
        assert response.manifest.total_chunk_count > 3
        offset = 0
        for chunk in chunks(api, response):
            assert (chunk.row_offset, chunk.row_count) == (offset, len(chunk.data_array))
            assert chunk.data_array[0][0] == str(offset)
            offset += chunk.row_count
        assert offset == 150_000

    def test_too_large(self, api: StatementExecutionAPI) -> None:
        response = run(api, "select repeat('x', 1000) from range(40000)")
        assert response.status.state is StatementState.FAILED
        assert "Inline byte limit exceeded" in response.status.error.message

    @pytest.mark.parametrize(("limit", "rows", "truncated"), [(3, 3, True), (10, 10, False), (11, 10, False)])
    def test_row_limit(self, api: StatementExecutionAPI, limit: int, rows: int, truncated: bool) -> None:
        manifest = run(api, "select id from range(10)", row_limit=limit).manifest
        assert (manifest.total_row_count, manifest.truncated) == (rows, truncated)

    def test_byte_limit(self, api: StatementExecutionAPI) -> None:
        manifest = run(api, "select id from range(100000)", byte_limit=40_000).manifest
        assert manifest.truncated
        assert 1000 < manifest.total_row_count < 6000

    def test_no_rows_and_no_columns(self, api: StatementExecutionAPI) -> None:
        response = run(api, "select 1 as x where false")
        assert (response.manifest.total_row_count, response.result.data_array) == (0, [])
        assert run(api, "set ansi_mode = true").status.state is StatementState.SUCCEEDED


class TestLinks:
    def test_arrow(self, api: StatementExecutionAPI) -> None:
        options = {"disposition": Disposition.EXTERNAL_LINKS, "format": Format.ARROW_STREAM}
        response = run(api, "select id, array(id) as ids, repeat('x', 200) as t from range(200000)", **options)
        assert response.manifest.total_chunk_count > 1
        contents = linked(api, response)
        assert response.manifest.total_chunk_count == len(contents)
        table = pa.concat_tables(pa.ipc.open_stream(content).read_all() for content in contents)
        assert sorted(table["id"].to_pylist()) == list(range(200_000))
        assert table.schema.field("ids").type == pa.list_(pa.int64()) or pa.types.is_list(
            table.schema.field("ids").type
        )

    def test_arrow_cut_in_a_batch(self, api: StatementExecutionAPI) -> None:
        options = {"disposition": Disposition.EXTERNAL_LINKS, "format": Format.ARROW_STREAM}
        (content,) = linked(api, run(api, "select id from range(100) order by id", row_limit=7, **options))
        assert pa.ipc.open_stream(content).read_all()["id"].to_pylist() == list(range(7))

    def test_csv(self, api: StatementExecutionAPI) -> None:
        options = {"disposition": Disposition.EXTERNAL_LINKS, "format": Format.CSV}
        (content,) = linked(api, run(api, "select id, concat('a,\"', id) as t, null as n from range(2)", **options))
        assert content == b'id,t,n\r\n0,"a,""0",null\r\n1,"a,""1",null\r\n'
        assert pd.read_csv(io.BytesIO(content))["t"].tolist() == ['a,"0', 'a,"1']

    def test_json(self, api: StatementExecutionAPI) -> None:
        (content,) = linked(api, run(api, "select 1, null", disposition=Disposition.EXTERNAL_LINKS))
        assert content == b'[["1",null]]'

    def test_a_link_that_is_none(self, api: StatementExecutionAPI, server: Server) -> None:
        response = run(api, "select 1", disposition=Disposition.EXTERNAL_LINKS)
        link = response.result.external_links[0].external_link
        assert requests.get(link, timeout=10).status_code == 200
        path, _, _ = link.partition("?")
        for wrong in (path, f"{path}?expires=1", f"{server.url}/external-results/x/0?expires=99999999999"):
            assert requests.get(wrong, timeout=10).status_code == 403


class TestLife:
    def test_waiting_and_polling(self, api: StatementExecutionAPI) -> None:
        began = api.execute_statement("select sum(id) from range(1000)", WAREHOUSE_ID, wait_timeout="0s")
        assert began.result is None
        while (found := api.get_statement(began.statement_id)).status.state in (
            StatementState.PENDING,
            StatementState.RUNNING,
        ):
            time.sleep(0.05)
        assert found.result.data_array == [["499500"]]

    def test_canceled_when_the_wait_is_over(self, api: StatementExecutionAPI) -> None:
        cancel = ExecuteStatementRequestOnWaitTimeout.CANCEL
        assert run(api, LONG, wait_timeout="5s", on_wait_timeout=cancel).status.state is StatementState.CANCELED

    def test_cancel(self, api: StatementExecutionAPI) -> None:
        began = api.execute_statement(LONG, WAREHOUSE_ID, wait_timeout="0s")
        api.cancel_execution(began.statement_id)
        assert api.get_statement(began.statement_id).status.state is StatementState.CANCELED
        with pytest.raises(BadRequest, match="CANCELED"):
            api.get_statement_result_chunk_n(began.statement_id, 0)

    def test_a_failure_is_a_state(self, api: StatementExecutionAPI) -> None:
        status = run(api, "select nope").status
        assert (status.state, status.sql_state) == (StatementState.FAILED, "42703")
        assert status.error.error_code.value == "BAD_REQUEST"
        assert status.error.message.startswith("[UNRESOLVED_COLUMN")

    def test_it_is_in_the_history(self, api: StatementExecutionAPI, server: Server) -> None:
        response = run(api, "select 'in the history'")
        listed = WorkspaceClient(host=server.url, token=server.home.token()).query_history.list(max_results=5).res
        assert response.statement_id in {query.query_id for query in listed}

    @pytest.mark.parametrize(
        ("options", "error", "words"),
        [
            ({"warehouse_id": "other"}, ResourceDoesNotExist, "other does not exist"),
            ({"wait_timeout": "3s"}, BadRequest, "from 5s to 50s"),
            ({"format": Format.CSV}, BadRequest, "EXTERNAL_LINKS"),
            ({"statement": ""}, BadRequest, "statement"),
            ({"row_limit": -1}, BadRequest, "row_limit"),
            ({"catalog": "other"}, BadRequest, "Catalog 'other' was not found"),
        ],
    )
    def test_refused(
        self, api: StatementExecutionAPI, options: dict[str, Any], error: type[Exception], words: str
    ) -> None:
        with pytest.raises(error, match=words):
            api.execute_statement(**({"statement": "select 1", "warehouse_id": WAREHOUSE_ID} | options))

    def test_unknown(self, api: StatementExecutionAPI) -> None:
        with pytest.raises(NotFound, match="was not found"):
            api.get_statement("00000000-0000-0000-0000-000000000000")


def test_the_connector_over_this_api(server: Server) -> None:
    """`use_sea` sends everything here, in a session, and reads Arrow by links."""
    with sql.connect(
        server_hostname="http://127.0.0.1",
        _port=server.state.port,
        http_path=HTTP_PATH,
        access_token=server.home.token(),
        use_sea=True,
        enable_telemetry=False,
    ) as connection:
        client = Client(connection)
        client.run("create temporary view mine as select id, id % 7 as k from range(200000)")
        assert client.value("select count(*) from mine where k = :k", {"k": 3}) == 28571
        client.cursor.execute("select id, k from mine")
        assert client.cursor.fetchall_arrow().num_rows == 200_000


def test_lz4_when_asked(server: Server) -> None:
    body = {"statement": "select 1 as x", "warehouse_id": WAREHOUSE_ID, "disposition": "EXTERNAL_LINKS"}
    body |= {"format": "ARROW_STREAM", "result_compression": "LZ4_FRAME"}
    headers = {"Authorization": f"Bearer {server.home.token()}"}
    told = requests.post(f"{server.url}/api/2.0/sql/statements", json=body, headers=headers, timeout=60).json()
    assert told["manifest"]["result_compression"] == "LZ4_FRAME"
    content = requests.get(told["result"]["external_links"][0]["external_link"], timeout=10).content
    assert pa.ipc.open_stream(lz4.frame.decompress(content)).read_all().to_pylist() == [{"x": 1}]
