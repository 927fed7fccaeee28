"""Statements side by side: as many as there are connections, each connection for one of them at a time."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from rwe.landing.ingest import _Sessions


class Door:
    """A connection that notes when two threads are in it."""

    def __init__(self) -> None:
        self.inside = 0
        self.crowded = False
        self.closed = 0

    def cursor(self) -> Door:
        self.inside += 1
        self.crowded |= self.inside > 1
        return self

    def execute(self, operation: str) -> Any:
        if operation == "fail":
            raise RuntimeError("no")

    def fetchall(self) -> list[Any]:
        return []

    def close(self) -> None:
        self.closed += 1
        self.inside -= 1


def test_different_items_meet_and_no_connection_is_shared() -> None:
    doors = [Door() for _ in range(3)]
    sessions = _Sessions(doors)
    meeting = threading.Barrier(3, timeout=30)

    def work(number: int) -> int:
        with sessions.cursor() as cursor:
            if number < 3:
                meeting.wait()  # passes only if three are here at the same time
            cursor.execute("do")
        return number * number

    assert sessions.each(work, range(200)) == [number * number for number in range(200)]
    assert not any(door.crowded for door in doors)
    assert sum(door.closed for door in doors) == 200


def test_a_failed_statement_gives_its_connection_back_and_the_error_is_raised() -> None:
    door = Door()
    sessions = _Sessions([door])
    done: list[str] = []

    def work(statement: str) -> None:
        with sessions.cursor() as cursor:
            cursor.execute(statement)
        done.append(statement)

    with pytest.raises(RuntimeError, match="no"):
        sessions.each(work, ["a", "fail", "b"])
    assert done == ["a", "b"]
    assert door.inside == 0
