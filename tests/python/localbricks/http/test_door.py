"""The HTTP door: the token before everything, and what comes that is no message."""

from __future__ import annotations

import http.client
import json
from typing import Any

import pytest
from databricks import sql
from databricks.sql.exc import Error
from sql_client import Server

from localbricks.home import HTTP_PATH

pytestmark = pytest.mark.server
CLUSTER_PATH = "/sql/protocolv1/o/0/0000-000000-localbricks"


def ask(server: Server, method: str, path: str, token: str | None = None, body: bytes = b"") -> tuple[int, Any]:
    connection = http.client.HTTPConnection("127.0.0.1", server.state.port, timeout=60)
    try:
        connection.request(method, path, body, {"Authorization": token} if token is not None else {})
        response = connection.getresponse()
        content = response.read()
        return response.status, json.loads(content) if content.startswith(b"{") else content
    finally:
        connection.close()


@pytest.mark.parametrize(
    "path", [HTTP_PATH, CLUSTER_PATH, "/api/2.0/clusters/list", "/nothing", "/health/", "//health"]
)
@pytest.mark.parametrize(
    "token", [None, "", "Bearer", "Bearer ", "Bearer wrong", "Basic {}", "bearer {} ", "{}", "Bearer {}x", "Bearer é"]
)
def test_without_the_token_nothing_is_told(server: Server, path: str, token: str | None) -> None:
    given = None if token is None else token.format(server.home.token())
    status, answer = ask(server, "POST", path, given and given.encode("latin-1").decode("latin-1"))
    assert status == 401
    assert answer["error_code"] == "UNAUTHENTICATED"
    assert server.home.token() not in json.dumps(answer)


@pytest.mark.parametrize("path", ["/health", "/.well-known/databricks-config"])
def test_what_is_public(server: Server, path: str) -> None:
    assert ask(server, "GET", path)[0] == 200


@pytest.mark.parametrize(
    "body", [b"", b"\x80", b"GET / HTTP/1.1", b"\x80\x01\x00\x01\x00\x00\x00\x0bOpenSession\x00", b"{}" * 1000]
)
def test_what_is_no_message(server: Server, body: bytes) -> None:
    status, answer = ask(server, "POST", HTTP_PATH, f"Bearer {server.home.token()}", body)
    assert (status, answer["error_code"]) == (400, "MALFORMED_REQUEST")


def test_a_message_that_is_too_long(server: Server) -> None:
    status, answer = ask(server, "POST", HTTP_PATH, f"Bearer {server.home.token()}", b"x" * (64 * 1024 * 1024 + 1))
    assert (status, answer["error_code"]) == (413, "MAX_BLOCK_SIZE_EXCEEDED")


def test_other_methods_and_paths(server: Server) -> None:
    token = f"Bearer {server.home.token()}"
    assert ask(server, "GET", HTTP_PATH, token)[0] == 405
    assert ask(server, "GET", "/nothing", token)[0] == 404


@pytest.mark.parametrize("path", [HTTP_PATH, CLUSTER_PATH])
def test_both_paths_serve_sql(server: Server, path: str) -> None:
    options = {"access_token": server.home.token(), "_connection_uri": server.url + path, "enable_telemetry": False}
    with (
        sql.connect(server_hostname="127.0.0.1", http_path=path, **options) as connection,
        connection.cursor() as cursor,
    ):
        assert cursor.execute("select 1").fetchall()[0][0] == 1


def test_the_connector_with_a_wrong_token(server: Server) -> None:
    with pytest.raises(Error, match=r"token|401|Error during request"):
        sql.connect(
            server_hostname="127.0.0.1",
            http_path=HTTP_PATH,
            access_token="wrong",
            _connection_uri=server.url + HTTP_PATH,
            enable_telemetry=False,
            _retry_stop_after_attempts_count=2,
        )
