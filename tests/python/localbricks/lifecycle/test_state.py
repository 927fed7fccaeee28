"""Who runs on a home: a reused process id, a torn file and a zombie fool nobody."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from localbricks.errors import LocalbricksError
from localbricks.home import Home
from localbricks.lifecycle.state import (
    ServerState,
    clear_state,
    holder,
    only_server,
    read_state,
    start_time,
    write_state,
)

ME = os.getpid()


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A prepared home."""
    made = Home(tmp_path / "home")
    made.prepare()
    return made


def state_of(pid: int, started: float) -> ServerState:
    return ServerState(pid, started, pid, started, 1234, "0")


def test_a_state_is_read_back(home: Home) -> None:
    assert read_state(home) is None
    state = state_of(ME, start_time(ME))
    write_state(home, state)
    assert read_state(home) == state
    clear_state(home)
    clear_state(home)
    assert read_state(home) is None


def test_the_process_is_found_by_id_and_start() -> None:
    found = state_of(ME, start_time(ME))
    assert found.server is not None and found.server.pid == ME
    assert found.jvm is not None


def test_a_reused_id_is_another_process() -> None:
    assert state_of(ME, start_time(ME) - 100).server is None


def test_a_process_that_has_ended_is_gone() -> None:
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    state = state_of(child.pid, start_time(child.pid))
    assert state.server is not None
    child.kill()
    assert child.wait() and state.server is None


@pytest.mark.parametrize("content", ["", "{", "[]", '{"pid": 1}', json.dumps({"pid": 1, "unknown": 2}), "\0\0\0"])
def test_a_damaged_state_says_nothing(home: Home, content: str) -> None:
    home.state_file.write_text(content, encoding="utf-8")
    assert read_state(home) is None


def test_one_server_a_home(home: Home) -> None:
    assert holder(home) is None
    home.state_file.write_text("of a server that was killed", encoding="utf-8")
    with only_server(home):
        found = holder(home)
        assert found is not None and found.pid == ME
        assert not home.state_file.exists()
        with (
            pytest.raises(LocalbricksError, match=r"Another server runs on .* Run `localbricks down` first"),
            only_server(home),
        ):
            pass
        assert holder(home) is not None, "the one that is refused leaves the lock as it is"
    with only_server(home):
        pass


@pytest.mark.parametrize("content", ["", "x y", "1", "{me} 1.5", "999999999 1.5"])
def test_a_stale_lock_names_nobody(home: Home, content: str) -> None:
    home.lock_file.write_text(content.format(me=ME), encoding="ascii")
    assert holder(home) is None
