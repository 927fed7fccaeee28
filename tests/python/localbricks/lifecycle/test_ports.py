"""Which port a server takes, and that it comes back to the one it had."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from localbricks import server
from localbricks.errors import LocalbricksError
from localbricks.home import Home


def home(folder: Path) -> Home:
    """A prepared home."""
    found = Home(folder)
    found.prepare()
    return found


def test_any_port_is_one_that_the_system_lends_to_nobody(tmp_path: Path) -> None:
    first, second = home(tmp_path / "a"), home(tmp_path / "b")
    with server._listen(first, 0) as one, server._listen(second, None) as other:
        ports = [listener.getsockname()[1] for listener in (one, other)]
        assert all(port in server._OWN_PORTS for port in ports) and ports[0] != ports[1]
    assert [int(kept.settings()["port"]) for kept in (first, second)] == ports
    with server._listen(first, None) as again:
        assert again.getsockname()[1] == ports[0]


def test_used_ones_are_passed_by(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with server._listen(home(tmp_path / "a"), 0) as one:
        used = one.getsockname()[1]
        monkeypatch.setattr(server, "_OWN_PORTS", [used] * server._TRIES)
        with server._listen(home(tmp_path / "b"), 0) as other:
            assert other.getsockname()[1] not in (0, used), "any other one, when all are used"
        expected = pytest.raises(LocalbricksError, match=rf"Port {used} .* cannot be used .* name another one")
        with expected, server._listen(home(tmp_path / "c"), used):
            pass


def test_a_port_that_was_kept_and_is_used_is_an_error(tmp_path: Path) -> None:
    """Profiles name it: another one would leave them without a server."""
    kept = home(tmp_path / "a")
    with server._listen(kept, 0) as listener:
        port = listener.getsockname()[1]
    with (
        socket.create_server(("127.0.0.1", port)),
        pytest.raises(LocalbricksError, match=f"Port {port} "),
        server._listen(kept, None),
    ):
        pass
