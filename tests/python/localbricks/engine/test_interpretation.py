"""Plans of small tables are interpreted, those of large inputs compiled, and a client's own settings stay."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sql_client import Client

from localbricks.engine import interpretation
from localbricks.engine.interpretation import (
    INTERPRETED,
    SMALL_BYTES,
    SMALL_ROWS,
    TableSize,
    TableSizes,
    has_other_rows,
    table_size,
)


def note(warehouse: Path, table: str, version: int, size: int, *rows: int) -> Path:
    """Write what Delta notes beside a version with files of so many rows."""
    log = warehouse / table / "_delta_log"
    log.mkdir(parents=True, exist_ok=True)
    files = [{"stats": json.dumps({"numRecords": count})} for count in rows]
    text = json.dumps({"tableSizeBytes": size, "allFiles": files})
    (log / f"{version:020d}.crc").write_text(text, encoding="utf-8")
    return log


def test_newest_readable_note_counts(tmp_path: Path) -> None:
    log = note(tmp_path, "a.db/t", 1, 10)
    note(tmp_path, "a.db/t", 2, 20)
    assert table_size(log) == TableSize(20, 0)
    (log / f"{3:020d}.crc").write_text("half a no", encoding="utf-8")
    assert table_size(log) == TableSize(20, 0)
    note(tmp_path, "a.db/t", 4, 30, 2, 5)
    assert table_size(log) == TableSize(30, 7)
    (log / f"{5:020d}.crc").write_text('{"tableSizeBytes": 40, "allFiles": [{"path": "a"}]}', encoding="utf-8")
    assert table_size(log) == TableSize(40, 0), "a file that nobody has counted"
    assert table_size(tmp_path / "nowhere") == TableSize()


@pytest.mark.parametrize(
    ("size", "rows", "expected"),
    [(SMALL_BYTES, (SMALL_ROWS - 1, 1), True), (SMALL_BYTES + 1, (1,), False), (1, (SMALL_ROWS, 1), False)],
)
def test_bytes_and_rows_decide(tmp_path: Path, size: int, rows: tuple[int, ...], expected: bool) -> None:
    note(tmp_path, "a.db/t", 0, size, *rows)
    assert TableSizes(tmp_path).is_small("a.t") is expected


@pytest.mark.parametrize("table", ["a.db/large", "in_default"])
def test_one_large_table_makes_the_workspace_large(tmp_path: Path, table: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(interpretation, "FRESH_SECONDS", -1.0)
    sizes = TableSizes(tmp_path / "warehouse")
    assert sizes.all_small(), "an absent warehouse is a small one"
    note(tmp_path / "warehouse", "a.db/small", 0, SMALL_BYTES)
    assert sizes.all_small()
    note(tmp_path / "warehouse", table, 0, SMALL_BYTES + 1)
    assert not sizes.all_small()
    assert not sizes.is_small(table.replace(".db/", ".") if "/" in table else f"default.{table}")
    assert sizes.is_small("a.small")
    assert not sizes.is_small("a.elsewhere"), "its size is not known"
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


@pytest.fixture(scope="module")
def beside(session: Client) -> Iterator[Callable[[str], bool]]:
    """Small tables beside a large one, and views of it; whether a query's plan is compiled."""
    session.run(
        "create table little as select 1 as id",
        "create table much as select id, uuid() as a, uuid() as b from range(100000)",
        f"create table repeated as select 1 as id from range({SMALL_ROWS + 1})",
        "create view through as select m.id from much m",
        "create view small_view as with much as (select 1 as id) select id from much",
        "create temporary view passing as select * from through",
        "create temporary view small_passing as select * from small_view join little using (id)",
    )

    def compiled(query: str) -> bool:
        return "AdaptiveSparkPlan" in str(session.value(f"explain {query}"))

    deadline = time.monotonic() + 30
    while not compiled("select count(*) from much"):
        assert time.monotonic() < deadline, "sizes are looked at again after two seconds"
    yield compiled
    session.run("drop view through", "drop view small_view", "drop view passing", "drop view small_passing")
    session.run("drop table little", "drop table much", "drop table repeated")


@pytest.mark.server
@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("select count(*) from little", False),
        ("select count(*) from small_view", False),
        ("select count(*) from small_passing", False),
        ("with q as (select * from little) select count(*) from q", False),
        ("with q as (select id from little), `Much`\n AS\n(select id from q) select count(*) from much", False),
        ("with too_much as (select id from little) select count(*) from much cross join too_much", True),
        ("select count(*) from `spark_catalog`.test_interpretation . `MUCH`", True),
        ("select count(*) from through", True),
        ("select count(*) from repeated", True),
        # OPTIMIZE rewrites all rows; it cannot be explained, so a remark stands for it
        ("select count(*) /* optimize test_interpretation.much */ from little", True),
        ("select count(*) from passing", True),
        ("select count(*) from little where id in (select id from much)", True),
        ("select count(*) from little l left join test_interpretation.through t on l.id = t.id", True),
    ],
)
def test_what_reaches_a_large_table_is_compiled(beside: Callable[[str], bool], query: str, expected: bool) -> None:
    assert beside(query) is expected


@pytest.mark.server
@pytest.mark.parametrize("name", ["`no such`.`a'b`", "nowhere.at_all", "`ä.b`", "`" + "x" * 200 + "`"])
def test_looking_for_what_is_not_there_spoils_no_statement(
    session: Client, beside: Callable[[str], bool], name: str
) -> None:
    session.fails(f"select count(*) from {name}", "TABLE_OR_VIEW_NOT_FOUND", "42P01")
    assert session.value(f"select count(*) /* from {name} */ from little") == 1
