"""A server in tests, and a client of it: databricks-sql-connector as it is, with shorter words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from databricks import sql
from databricks.sdk import WorkspaceClient
from databricks.sdk.service.compute import Language, Results
from databricks.sql.client import Connection
from databricks.sql.exc import Error

from localbricks.home import CLUSTER_ID, HTTP_PATH, Home
from localbricks.lifecycle import daemon
from localbricks.lifecycle.state import ServerState

Row = tuple[Any, ...]
_SQLSTATE = re.compile(r"SQLSTATE: (\w{5})")


@dataclass(frozen=True)
class Server:
    """A server that runs, and its home."""

    home: Home
    state: ServerState

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.state.port}"


@contextmanager
def serving(home: Home) -> Iterator[Server]:
    """A server of a home of a test's own, until the end."""
    try:
        yield Server(home, daemon.up(home, 0))
    finally:
        daemon.down(home)


def run_python(server: Server, code: str) -> Results:
    """What a Python command on the server's cluster gives, in a context of its own."""
    commands = WorkspaceClient(host=server.url, token=server.home.token()).command_execution
    context = commands.create_and_wait(cluster_id=CLUSTER_ID, language=Language.PYTHON).id
    done = commands.execute_and_wait(cluster_id=CLUSTER_ID, context_id=context, language=Language.PYTHON, command=code)
    commands.destroy(CLUSTER_ID, context)
    return done.results


def connect(home: Home, port: int, **options: Any) -> Connection:
    """A connection to the server of a home."""
    address = f"http://127.0.0.1:{port}{HTTP_PATH}"
    return sql.connect(
        server_hostname="127.0.0.1",
        http_path=HTTP_PATH,
        access_token=home.token(),
        _connection_uri=address,
        enable_telemetry=False,
        # A server that does not answer is gone, and a test need not wait a quarter of an hour to see it.
        _retry_stop_after_attempts_count=2,
        _retry_delay_min=0.1,
        **options,
    )


class Client:
    """One session."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.cursor = connection.cursor()

    def rows(self, statement: str, parameters: Any = None) -> list[Row]:
        """Run a statement; its rows."""
        self.cursor.execute(statement, parameters)
        return [tuple(row) for row in self.cursor.fetchall()]

    def run(self, *statements: str) -> None:
        """Run statements whose rows nobody wants."""
        for statement in statements:
            self.cursor.execute(statement)

    def value(self, statement: str, parameters: Any = None) -> Any:
        """The one value of a statement."""
        ((value,),) = self.rows(statement, parameters)
        return value

    def values(self, statement: str) -> list[Any]:
        """The first value of each row."""
        return [row[0] for row in self.rows(statement)]

    def pairs(self, statement: str) -> dict[Any, Any]:
        """The first two values of each row, as names and values."""
        return {row[0]: row[1] for row in self.rows(statement)}

    @property
    def columns(self) -> list[str]:
        """Names of the last statement's columns."""
        return [column[0] for column in self.cursor.description or []]

    @property
    def types(self) -> list[str]:
        """Types of the last statement's columns."""
        return [column[1] for column in self.cursor.description or []]

    def fails(self, statement: str, error_class: str, sqlstate: str, *words: str) -> None:
        """The statement must fail with an error class and a SQLSTATE, and these words in the message."""
        with pytest.raises(Error) as caught:
            self.cursor.execute(statement)
        message = str(caught.value)
        assert message.startswith(f"[{error_class}]"), message
        assert _SQLSTATE.findall(message)[-1:] == [sqlstate], message
        for word in words:
            assert word in message
