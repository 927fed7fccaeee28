"""Thousands of malformed messages: the server neither ends nor grows, gives nothing away, and answers the next good one.

`make test` sends some hundred of one seed. `make fuzz` sends FUZZ_MESSAGES of a new seed, which it prints; with
FUZZ_SEED set to it the same messages come again.
"""

from __future__ import annotations

import contextlib
import http.client
import os
import socket
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from random import Random

import psutil
import pytest
from databricks.sql.thrift_api.TCLIService import TCLIService, ttypes
from mutation import http_message, mutated, thrift_messages
from sql_client import Client, Server, connect
from thrift.protocol.TBinaryProtocol import TBinaryProtocol
from thrift.transport.TTransport import TMemoryBuffer

from localbricks.home import HTTP_PATH
from localbricks.lifecycle import daemon
from localbricks.operation.log import read

MESSAGES = int(os.environ.get("FUZZ_MESSAGES", "600"))
SEED = int(os.environ.get("FUZZ_SEED", "1"))
GROWTH = 60_000_000
"""Bytes that the server may have more after the messages: what it counts and remembers of statements is bounded."""

pytestmark = [pytest.mark.server, pytest.mark.timeout(3000)]


@pytest.fixture(scope="module", autouse=True)
def place(server: Server) -> Iterator[Client]:
    """A schema and a volume that the messages name, and a file beside the home that none may reach."""
    print(f"FUZZ_SEED={SEED} FUZZ_MESSAGES={MESSAGES}")
    with connect(server.home, server.state.port) as connection:
        client = Client(connection)
        client.run("create schema fuzz", "create volume fuzz.files", "create table fuzz.t (id int)")
        yield client
        client.run("drop schema fuzz cascade")


@contextlib.contextmanager
def unharmed(server: Server) -> Iterator[None]:
    """After what is within, the same server answers, with the memory, the handles and the files that it had."""
    process = psutil.Process(server.state.pid)
    outside = {path: path.stat().st_size for path in server.home.root.parent.iterdir() if path.is_file()}
    names = {path.name for path in server.home.root.iterdir()}
    token = server.home.token()
    begun = datetime.now(UTC).isoformat(timespec="milliseconds")
    # What is made once: threads, caches of code.
    good(server)
    memory, handles = process.memory_info().rss, process.num_fds()
    yield
    good(server)
    assert daemon.healthy(server.home) == server.state, "the same processes"
    assert process.memory_info().rss - memory < GROWTH
    deadline = time.monotonic() + 30
    while process.num_fds() > handles + 3:
        assert time.monotonic() < deadline, f"{process.num_fds()} handles, {handles} before"
        time.sleep(0.1)
    assert server.home.token() == token
    assert {path.name for path in server.home.root.iterdir()} == names
    assert {path: path.stat().st_size for path in server.home.root.parent.iterdir() if path.is_file()} == outside
    told = [line for line in read(server.home) if line.get("time", "") >= begun]
    broken = [line for line in told if line.get("event") == "internal error" or "exception" in line]
    assert not broken, broken[:3]


def good(server: Server) -> None:
    """A statement that is answered."""
    with connect(server.home, server.state.port) as connection, connection.cursor() as cursor:
        assert cursor.execute("select 6 * 7").fetchall()[0][0] == 42


class Thrift:
    """A connection that sends any bytes as a message."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._connection = http.client.HTTPConnection("127.0.0.1", server.state.port, timeout=60)
        self._headers = {"Authorization": f"Bearer {server.home.token()}"}

    def send(self, message: bytes) -> tuple[int, bytes]:
        self._connection.request("POST", HTTP_PATH, message, self._headers)
        answer = self._connection.getresponse()
        return answer.status, answer.read()

    def open(self) -> bytes:
        """A new session's handle."""
        request = ttypes.TOpenSessionReq(client_protocol_i64=42247)
        buffer = TMemoryBuffer()
        TCLIService.Client(TBinaryProtocol(buffer)).send_OpenSession(request)
        return self.opened(self.send(buffer.getvalue())[1]) or b""

    @staticmethod
    def opened(answer: bytes) -> bytes | None:
        """The session that an answer says it has opened."""
        try:
            response = TCLIService.Client(TBinaryProtocol(TMemoryBuffer(answer))).recv_OpenSession()
            return response.sessionHandle.sessionId.guid
        except Exception:
            return None

    def close(self, session: bytes) -> None:
        handle = ttypes.TSessionHandle(ttypes.THandleIdentifier(session, session))
        buffer = TMemoryBuffer()
        TCLIService.Client(TBinaryProtocol(buffer)).send_CloseSession(ttypes.TCloseSessionReq(handle))
        self.send(buffer.getvalue())


def test_thrift_messages(server: Server) -> None:
    random, seen = Random(SEED), Counter[int]()
    with unharmed(server):
        thrift = Thrift(server)
        session = b""
        for number in range(MESSAGES * 2 // 3):
            if number % 100 == 0:
                thrift.close(session)
                session = thrift.open()
                seeds = thrift_messages(session, random.randbytes(16))
            message = mutated(random, random.choice(seeds), seeds)
            status, answer = thrift.send(message)
            seen[status] += 1
            assert status in (200, 400), f"message {number} of seed {SEED}: {status} {answer[:300]!r}\n{message!r}"
            if b"OpenSession" in answer and (stray := thrift.opened(answer)):
                thrift.close(stray)
        thrift.close(session)
    assert min(seen[200], seen[400]) > MESSAGES // 20, f"both good and bad ones get in: {seen}"


def test_http_messages(server: Server) -> None:
    random, seen = Random(SEED), Counter[int]()
    with unharmed(server):
        for number in range(MESSAGES - MESSAGES * 2 // 3):
            message = http_message(random, server.home.token(), server.state.port)
            answer = answered(server, message)
            status = int(answer.split(b" ", 2)[1]) if answer.startswith(b"HTTP/1.1 ") else 0
            seen[status] += 1
            told = f"message {number} of seed {SEED}: {answer[:500]!r}\n{message!r}"
            assert status < 500 or status == 501, told
            assert server.home.token().encode() not in answer, told
    assert seen[200] and seen[400] and seen[404], seen


def test_no_token_and_nearly_the_token(server: Server) -> None:
    random, token = Random(SEED), server.home.token()
    for _ in range(MESSAGES // 6):
        near = bytearray(token.encode())
        at = random.randrange(len(near))
        near[at : at + random.randint(0, 2)] = random.choice(
            (b"", b"x", b"\x00", b"\xff", near[at : at + 1].upper() * 2)
        )
        if bytes(near) == token.encode():
            continue
        scheme = random.choice((b"Bearer ", b"bearer ", b"Bearer  ", b"Token ", b""))
        head = b"GET /api/2.0/clusters/list HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAuthorization: "
        answer = answered(server, head + scheme + bytes(near) + b"\r\n\r\n")
        assert answer.startswith((b"HTTP/1.1 401 ", b"HTTP/1.1 400 ")), (bytes(near), answer[:100])


def answered(server: Server, message: bytes) -> bytes:
    """What comes back for the bytes of a request; one that is cut off is ended after half a second."""
    with socket.create_connection(("127.0.0.1", server.state.port), timeout=0.5) as connection:
        said = b""
        with contextlib.suppress(ConnectionError, TimeoutError):
            connection.sendall(message)
            while part := connection.recv(65536):
                said += part
        return said
