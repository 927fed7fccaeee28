"""The log: what a line is, what never gets into it, rotation, reading it again."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sql_client import Server, connect
from typer.testing import CliRunner

from localbricks.cli import app
from localbricks.home import Home
from localbricks.operation import log
from localbricks.operation.log import FILE, as_text, facts, last, log_to_files, read, shortened, where

SECRET = "lb0123456789abcdef0123456789"


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    """A home that this process logs to."""
    made = Home(tmp_path / "home")
    made.prepare()
    root = logging.getLogger()
    level, raises = root.level, logging.raiseExceptions
    handler = log_to_files(made, [SECRET])
    yield made
    root.removeHandler(handler)
    handler.close()
    root.setLevel(level)
    logging.raiseExceptions = raises


def lines(home: Home) -> list[dict]:
    return [line for line in read(home) if line["room"].startswith("a_room")]


def test_a_line(home: Home) -> None:
    logging.getLogger("localbricks.a_room").warning("%s happened", "something")
    logging.getLogger("localbricks.a_room").info("", extra=facts("statement", rows=3, error_class=None))
    first, second = lines(home)
    assert (first["level"], first["room"], first["message"]) == ("warning", "a_room", "something happened")
    assert first["time"].endswith("+00:00")
    assert (second["event"], second["rows"]) == ("statement", 3)
    assert "message" not in second and "error_class" not in second


def test_a_token_is_blotted_out(home: Home) -> None:
    try:
        raise ValueError(f"Bearer {SECRET}")
    except ValueError:
        logging.getLogger("localbricks.a_room").exception("of %s", SECRET, extra=facts("x", text=f"set t = '{SECRET}'"))
    text = (home.logs / FILE).read_text(encoding="utf-8")
    assert SECRET not in text and text.count("•••") == 3


def test_where_names_no_values() -> None:
    try:
        raise ValueError("the value 4711")
    except ValueError as error:
        told = where(error)
    assert told[-1].startswith("test_log.py:") and "4711" not in json.dumps(told)


def test_long_texts_are_shortened() -> None:
    assert shortened("select\n   1") == "select 1"
    text = shortened("select " + "x" * 1000 + " from t")
    assert len(text) <= 300 and text.startswith("select x") and text.endswith("x from t") and " … " in text


def test_rotation_and_reading(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    (handler,) = (one for one in logging.getLogger().handlers if hasattr(one, "maxBytes"))
    monkeypatch.setattr(handler, "maxBytes", 2_000)
    room = logging.getLogger("localbricks.a_room")
    for number in range(60):
        room.info("number %s", number)
    files = sorted(path.name for path in home.logs.glob(f"{FILE}*"))
    assert files == [FILE, *(f"{FILE}.{number}" for number in range(1, log.KEPT_FILES + 1))]
    assert all((home.logs / name).stat().st_size <= 2_000 for name in files)
    told = [line["message"] for line in last(home, 25)]
    assert told == [f"number {number}" for number in range(35, 60)], "across files, in order"


def test_filters(home: Home) -> None:
    room = logging.getLogger("localbricks.a_room")
    room.info("", extra=facts("statement", session="aa11", statement="bb22"))
    room.error("bad", extra=facts("statement", session="aa11", statement="cc33"))
    room.info("other")
    assert [line["statement"] for line in last(home, 9, session="aa")] == ["bb22", "cc33"]
    assert [line["statement"] for line in last(home, 9, statement="cc33")] == ["cc33"]
    assert [line["statement"] for line in last(home, 9, level="warning")] == ["cc33"]


def test_a_torn_line_is_told_as_it_is(home: Home) -> None:
    with (home.logs / FILE).open("a", encoding="utf-8") as stream:
        stream.write('{"time": "2026\nnot json\n')
    assert [line["message"] for line in last(home, 2)] == ['{"time": "2026', "not json"]


def test_for_people() -> None:
    line = {"time": "T", "level": "error", "room": "sql", "event": "x", "rows": 1, "exception": "Trace"}
    assert as_text(line) == "T ERROR   sql event=x rows=1 \nTrace"


def logged(server: Server, text: str) -> dict:
    """The log's line of a statement, which is written when its answer has gone."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        found = [line for line in last(server.home, 50) if text in str(line.get("text"))]
        if found:
            return found[-1]
        time.sleep(0.05)
    raise AssertionError(f"{text} is not in the log")


@pytest.mark.server
class TestOfAServer:
    def test_statements(self, server: Server) -> None:
        with connect(server.home, server.state.port) as connection, connection.cursor() as cursor:
            cursor.execute("select id as logged_one from range(3)").fetchall()
            good = logged(server, "logged_one")
            with pytest.raises(Exception, match="DIVIDE_BY_ZERO"):
                cursor.execute("select 1/0 as logged_two")
            bad = logged(server, "logged_two")
        assert (good["state"], good["rows"], good["user"]) == ("succeeded", 3, "localbricks@localhost")
        assert 0 < good["engine_seconds"] <= good["seconds"]
        assert good["session"] == bad["session"] and good["statement"] != bad["statement"]
        assert (bad["state"], bad["error_class"]) == ("failed", "DIVIDE_BY_ZERO")

    def test_values_of_parameters_are_nowhere(self, server: Server) -> None:
        with connect(server.home, server.state.port) as connection, connection.cursor() as cursor:
            cursor.execute("select :secret as logged_three", {"secret": "born 1961-05-07"}).fetchall()
            with pytest.raises(Exception, match="CAST_INVALID_INPUT"):
                cursor.execute("select cast(:secret as int) as logged_four", {"secret": "name of a patient"})
        assert logged(server, "logged_three")["text"] == "select :secret as logged_three"
        assert logged(server, "logged_four")["error_class"] == "CAST_INVALID_INPUT"
        everything = "".join(path.read_text(errors="replace") for path in server.home.logs.glob("localbricks.log*"))
        assert "1961-05-07" not in everything and "name of a patient" not in everything
        assert server.home.token() not in everything

    def test_the_command(self, server: Server) -> None:
        with connect(server.home, server.state.port) as connection, connection.cursor() as cursor:
            cursor.execute("select 1 as logged_five").fetchall()
            found = logged(server, "logged_five")
        arguments = ["logs", "--home", str(server.home.root), "--statement", found["statement"]]
        done = CliRunner().invoke(app, [*arguments, "--format", "json"])
        assert (done.exit_code, json.loads(done.stdout)) == (0, found)
        assert "logged_five" in CliRunner().invoke(app, arguments).stdout
