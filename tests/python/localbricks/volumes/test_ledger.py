"""The lists of loaded files: only what its table has committed counts."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from localbricks.volumes.loader import APPLICATION, Ledger


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """The log of an empty table."""
    folder = tmp_path / "_delta_log"
    folder.mkdir()
    return folder


def commit(log: Path, version: int, rows: int, load: int | None = None) -> None:
    actions = [{"commitInfo": {"operationMetrics": {"numOutputRows": str(rows)}}}]
    if load is not None:
        actions.append({"txn": {"appId": APPLICATION, "version": load}})
    (log / f"{version:020d}.json").write_text("\n".join(map(json.dumps, actions)), encoding="utf-8")


def test_a_list_counts_when_its_transaction_came(log: Path) -> None:
    ledger = Ledger(log.parent, "one")
    assert ledger.loaded(-1) == set()
    ledger.announce(0, ["a", "b"])
    ledger.announce(1, ["c"])
    assert ledger.loaded(1) == {"a", "b", "c"}
    assert Ledger(log.parent, "another").loaded(1) == set(), "a table that has replaced the one has no file"


def test_a_list_without_its_transaction_is_void(log: Path) -> None:
    ledger = Ledger(log.parent, "one")
    ledger.announce(0, ["a"])
    ledger.announce(1, ["b"])
    assert ledger.loaded(0) == {"a"}
    ledger.announce(1, ["c"])
    assert Ledger(log.parent, "one").loaded(1) == {"a", "c"}


def test_a_torn_list_is_none(log: Path) -> None:
    (log / "_copy_into_log").mkdir()
    (log / "_copy_into_log" / ".0.tmp").write_text('{"version": 0, "fil', encoding="utf-8")
    assert Ledger(log.parent, "one").loaded(5) == set()


def test_rows_are_those_of_the_load(log: Path) -> None:
    commit(log, 0, 0)
    commit(log, 1, 5, load=0)
    commit(log, 2, 7, load=1)
    commit(log, 3, 100)
    ledger = Ledger(log.parent, "one")
    assert [ledger.rows_of(load) for load in (0, 1, 2)] == [5, 7, 0]
