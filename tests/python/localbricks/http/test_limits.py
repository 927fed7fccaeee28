"""Who may ask and how much: other hosts, long heads, long bodies, paths that lead out, foreign tokens."""

from __future__ import annotations

import http.client
import json
import socket
from pathlib import Path
from typing import Any

import psutil
import pytest
import requests
from sql_client import Client, Server
from waiting import wait_until

from localbricks.home import HTTP_PATH, Home
from localbricks.http import limits
from localbricks.server import _listen

pytestmark = pytest.mark.server


def raw(server: Server, *parts: bytes, wait: float = 5) -> bytes:
    """Send bytes as they are; what comes back until the server closes or `wait` seconds are over."""
    with socket.create_connection(("127.0.0.1", server.state.port), timeout=wait) as connection:
        try:
            for part in parts:
                connection.sendall(part)
        except (BrokenPipeError, ConnectionResetError):
            pass  # it has heard enough; its answer may be there to read
        said = b""
        try:
            while part := connection.recv(65536):
                said += part
        except (TimeoutError, ConnectionResetError):
            pass
        return said


def still_serves(server: Server) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", server.state.port, timeout=20)
    connection.request("GET", "/health")
    assert connection.getresponse().status == 200
    connection.close()


@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "127.0.0.1.evil.example", "[::2]", "", "0.0.0.0"])
@pytest.mark.parametrize("path", ["/health", "/status", "/api/2.0/clusters/list"])
def test_a_name_that_is_not_loopbacks(server: Server, host: str, path: str) -> None:
    """Also with the right token, and also for what is public: a page that was led here by DNS gets nothing."""
    head = f"GET {path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {server.home.token()}\r\nConnection: close\r\n\r\n"
    answer = raw(server, head.encode())
    assert answer.startswith(b"HTTP/1.1 421 ") and b"MISDIRECTED_REQUEST" in answer


@pytest.mark.parametrize("heads", ["", "Host: 127.0.0.1\r\nHost: evil.example\r\n"])
def test_no_host_and_two(server: Server, heads: str) -> None:
    assert raw(server, f"GET /health HTTP/1.1\r\n{heads}Connection: close\r\n\r\n".encode()).startswith(b"HTTP/1.1 4")


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "LOCALHOST:{port}", "127.0.0.1:{port}", "localhost:9999"])
def test_loopbacks_names(server: Server, host: str) -> None:
    """Any port: a tunnel may have another one."""
    named = host.format(port=server.state.port)
    answer = raw(server, f"GET /health HTTP/1.1\r\nHost: {named}\r\nConnection: close\r\n\r\n".encode())
    assert answer.startswith(b"HTTP/1.1 200 ")


def test_nothing_listens_beyond_loopback(server: Server) -> None:
    addresses = [one.address for many in psutil.net_if_addrs().values() for one in many if one.family == socket.AF_INET]
    others = [address for address in addresses if not address.startswith("127.")]
    for address in (*others, "127.0.0.2"):
        with pytest.raises(OSError):
            socket.create_connection((address, server.state.port), timeout=3).close()


def test_the_token_of_another_home(server: Server, tmp_path: Path) -> None:
    other = Home(tmp_path / "other")
    other.prepare()
    answer = requests.get(f"{server.url}/api/2.0/clusters/list", headers={"Authorization": f"Bearer {other.token()}"})
    assert answer.status_code == 401


HEAD = b"GET /health HTTP/1.1\r\nHost: localhost\r\n"


def test_too_many_headers(server: Server) -> None:
    answer = raw(server, HEAD + b"Connection: close\r\n" + b"A: b\r\n" * (limits.MAX_HEADERS + 1) + b"\r\n")
    assert answer.startswith(b"HTTP/1.1 431 ")


def test_headers_that_are_too_long(server: Server) -> None:
    answer = raw(server, HEAD + b"Connection: close\r\nA: " + b"b" * (limits.MAX_HEAD + 1) + b"\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 431 ")


@pytest.mark.parametrize("flood", [b"b" * 4096, b"A: b\r\n" * 700], ids=["one header", "many headers"])
def test_a_head_that_never_ends_is_cut_off(server: Server, flood: bytes) -> None:
    process = psutil.Process(server.state.pid)
    before = process.memory_info().rss
    answer = raw(server, HEAD + b"A: ", *[flood] * 5_000)  # 20 MB, were they taken
    assert answer == b"" or answer.startswith(b"HTTP/1.1 431 ")
    assert process.memory_info().rss - before < 15_000_000
    still_serves(server)


def test_the_longest_url(server: Server) -> None:
    assert raw(server, b"GET /" + b"x" * 200_000, b" HTTP/1.1\r\n\r\n").startswith(b"HTTP/1.1 4")


def test_a_head_must_come_in_time(server: Server) -> None:
    """Many who open a connection and say nothing take no place from others, and are not kept."""
    process = psutil.Process(server.state.pid)
    before = process.num_fds()
    idle = [socket.create_connection(("127.0.0.1", server.state.port)) for _ in range(100)]
    try:
        for connection in idle[::2]:
            connection.sendall(b"GET /health HTTP/1.1\r\nHost:")
        still_serves(server)
    finally:
        for connection in idle:
            connection.close()
    wait_until(lambda: process.num_fds() <= before + 5)


def post(server: Server, path: str, body: Any, token: str | None) -> requests.Response:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return requests.post(server.url + path, data=body, headers=headers, timeout=60)


@pytest.mark.parametrize("path", [HTTP_PATH, "/api/2.0/workspace/import"])
def test_bodies_that_are_too_long(server: Server, path: str) -> None:
    token = server.home.token()
    process = psutil.Process(server.state.pid)
    answer = post(server, path, b"x" * (limits.MAX_BODY + 1), token)
    assert (answer.status_code, answer.json()["error_code"]) == (413, "MAX_BLOCK_SIZE_EXCEEDED")
    before = process.memory_info().rss
    answer = post(server, path, iter([b"x" * 1_000_000] * 100), token)
    assert answer.status_code == 413, "without a declared length"
    wait_until(lambda: process.memory_info().rss - before < 80_000_000)


def test_nobodys_body_is_read(server: Server) -> None:
    """Who shows no token is answered before the body, however long it says it will be."""
    head = f"POST {HTTP_PATH} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999999\r\nConnection: close\r\n\r\n"
    assert raw(server, head.encode()).startswith(b"HTTP/1.1 401 ")


@pytest.mark.parametrize("length", ["-1", "x", "1e3", "99999999999999999999999"])
def test_lengths_that_are_none(server: Server, length: str) -> None:
    head = f"POST {HTTP_PATH} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {server.home.token()}\r\n"
    answer = raw(server, f"{head}Content-Length: {length}\r\nConnection: close\r\n\r\n".encode(), wait=3)
    assert answer == b"" or answer.startswith((b"HTTP/1.1 400 ", b"HTTP/1.1 413 "))


@pytest.fixture
def volume(session: Client) -> str:
    """A volume with one file, by its path."""
    schema = __name__.rpartition(".")[2]
    session.run(f"create volume if not exists {schema}.files")
    return f"/Volumes/spark_catalog/{schema}/files"


@pytest.mark.parametrize(
    "escape",
    [
        "../../../../token",
        "%2e%2e/%2e%2e/%2e%2e/%2e%2e/token",
        "..%2f..%2f..%2f..%2ftoken",
        "a/../../../../../token",
        "....//....//token",
        "%2f%2fetc/passwd",
        "..%00/token",
        "%252e%252e/token",
    ],
)
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_files_lead_nowhere_else(server: Server, volume: str, escape: str, method: str) -> None:
    head = f"{method} /api/2.0/fs/files{volume}/{escape} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
    said = raw(server, f"{head}Authorization: Bearer {server.home.token()}\r\nContent-Length: 1\r\n\r\nx".encode())
    status = int(said.split(b" ", 2)[1])
    assert status in (204, 400, 404, 409), said
    assert server.home.token().encode() not in said and b"root:" not in said
    inside = server.home.volumes / volume.split("/")[3] / "files"
    if status == 204:
        assert any(inside.rglob("*")) or method == "DELETE", "what is written is written inside"
    assert server.home.token() == server.home.token_file.read_text().strip()


@pytest.mark.parametrize("path", ["/Users/../../token", "/Shared/..", "Users/x", "/Shared/\0x", "/Shared/./x"])
def test_imports_lead_nowhere_else(server: Server, path: str) -> None:
    body = json.dumps({"path": path, "format": "SOURCE", "language": "PYTHON", "content": "eA==", "overwrite": True})
    before = set(server.home.root.iterdir())
    answer = post(server, "/api/2.0/workspace/import", body, server.home.token())
    assert (answer.status_code, answer.json()["error_code"]) == (400, "INVALID_PARAMETER_VALUE")
    assert set(server.home.root.iterdir()) == before


@pytest.mark.parametrize("statement", ["list '{}'", "select * from text.`{}`", "remove '{}/token'"])
@pytest.mark.parametrize("escape", ["{volume}/../../..", "{volume}/a/../../../.."])
def test_statements_lead_nowhere_else(session: Client, volume: str, statement: str, escape: str) -> None:
    with pytest.raises(Exception, match=r"\[[A-Z_.]+\].*SQLSTATE|leaves its volume"):
        session.rows(statement.format(escape.format(volume=volume)))


def test_half_a_character(server: Server) -> None:
    answer = post(server, "/api/2.0/workspace/mkdirs", b'{"path": "/Shared/\\ud800"}', server.home.token())
    assert (answer.status_code, answer.json()["error_code"]) == (400, "MALFORMED_REQUEST")
    assert requests.get(
        f"{server.url}/api/1.2/contexts/status?clusterId=%ED%A0%80&contextId=x",
        headers={"Authorization": f"Bearer {server.home.token()}"},
    ).status_code in (400, 404)


def test_answers_are_sent_at_once(tmp_path: Path) -> None:
    """Without Nagle's algorithm, which asyncio turns off where the protocol is named."""
    home = Home(tmp_path / "home")
    home.prepare()
    with _listen(home, 0) as listener:
        assert listener.proto == socket.IPPROTO_TCP


def test_a_json_body_without_a_bottom(server: Server) -> None:
    answer = post(server, "/api/2.0/workspace/mkdirs", b'{"path":' + b"[" * 200_000, server.home.token())
    assert (answer.status_code, answer.json()["error_code"]) == (400, "MALFORMED_REQUEST")
