"""Small workspaces interpret their plans, large inputs are compiled, and a client's own settings stay."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sql_client import Client

from localbricks.engine import interpretation
from localbricks.engine.interpretation import INTERPRETED, SMALL_BYTES, TableSizes, has_other_rows, table_bytes


def note(warehouse: Path, table: str, version: int, size: int) -> Path:
    """Write what Delta notes beside a version."""
    log = warehouse / table / "_delta_log"
    log.mkdir(parents=True, exist_ok=True)
    (log / f"{version:020d}.crc").write_text(json.dumps({"tableSizeBytes": size}), encoding="utf-8")
    return log


def test_newest_readable_note_counts(tmp_path: Path) -> None:
    log = note(tmp_path, "a.db/t", 1, 10)
    note(tmp_path, "a.db/t", 2, 20)
    assert table_bytes(log) == 20
    (log / f"{3:020d}.crc").write_text("half a no", encoding="utf-8")
    assert table_bytes(log) == 20
    assert table_bytes(tmp_path / "nowhere") == 0


@pytest.mark.parametrize("table", ["a.db/large", "in_default"])
def test_one_large_table_makes_the_workspace_large(tmp_path: Path, table: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(interpretation, "FRESH_SECONDS", -1.0)
    sizes = TableSizes(tmp_path / "warehouse")
    assert sizes.all_small(), "an absent warehouse is a small one"
    note(tmp_path / "warehouse", "a.db/small", 0, SMALL_BYTES)
    assert sizes.all_small()
    note(tmp_path / "warehouse", table, 0, SMALL_BYTES + 1)
    assert not sizes.all_small()
    note(tmp_path / "warehouse", table, 1, 1)
    assert sizes.all_small()


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("select * from range (10)", True),
        ("select * from delta.`/somewhere`", True),
        ("select sum(x) over (order by y range between 1 preceding and current row) from t", False),
        ("select a.`b` from csv_files", False),
    ],
)
def test_rows_that_no_table_holds(sql: str, expected: bool) -> None:
    assert has_other_rows(sql) is expected


@pytest.mark.server
def test_session_changes_ways_and_leaves_the_clients_settings(session: Client) -> None:
    def value(key: str, hint: str = "") -> str:
        return str(session.rows(f"set {key} {hint}")[0][1])

    key = "spark.sql.shuffle.partitions"
    assert value(key) == INTERPRETED[key]
    assert value("spark.sql.codegen.wholeStage") == "false"
    session.rows("select count(*) from range(10)")
    session.run("set spark.sql.shuffle.partitions = 7")
    session.rows("select count(*) from range(10)")
    assert value(key) == "7"
    assert value("spark.sql.adaptive.enabled") == "false"
