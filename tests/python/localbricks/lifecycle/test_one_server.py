"""The server that is up: one a home, on loopback alone, its secrets nobody else's."""

from __future__ import annotations

import subprocess
import sys

import psutil
import pytest
from processes import family
from sql_client import Server

from localbricks.errors import LocalbricksError
from localbricks.lifecycle import daemon

pytestmark = pytest.mark.server


class TestOneServer:
    def test_up_twice_is_one_process(self, server: Server) -> None:
        assert daemon.up(server.home) == daemon.up(server.home, 0) == server.state
        assert daemon.up(server.home, server.state.port) == server.state

    def test_up_on_another_port_is_refused(self, server: Server) -> None:
        with pytest.raises(LocalbricksError, match=f"is up on port {server.state.port}, asked for 1"):
            daemon.up(server.home, 1)

    def test_it_listens_on_loopback_alone(self, server: Server) -> None:
        """The server, the JVM and the interpreters of Python models."""
        listening = {
            (process.name(), connection.laddr.ip)
            for process in family(server.state)
            for connection in process.net_connections("inet")
            if connection.status == psutil.CONN_LISTEN
        }
        assert {ip.removeprefix("::ffff:") for _, ip in listening} == {"127.0.0.1"}
        assert "java" in {name for name, _ in listening}

    def test_secrets_are_no_arguments(self, server: Server) -> None:
        token = server.home.token()
        assert not any(token in " ".join(process.cmdline()) for process in family(server.state))

    def test_a_second_server_in_the_foreground_is_refused(self, server: Server) -> None:
        done = subprocess.run(
            [sys.executable, "-m", "localbricks", "serve", "--home", str(server.home.root)],
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 2
        assert daemon.healthy(server.home) == server.state
