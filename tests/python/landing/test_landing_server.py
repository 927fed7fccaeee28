"""The ingest against a real localbricks server, which is Spark and Delta behind Databricks' protocol."""

from __future__ import annotations

import gzip
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sql_client import Server

from localbricks.client import connect
from rwe.feeds import Contract
from rwe.landing.ingest import IngestReport, ingest

pytestmark = [pytest.mark.server, pytest.mark.slow]

CATALOG = "spark_catalog"
OLD = "ID,Item Name,AMOUNT\n"
TWO = OLD + "1,tea,2.50\n2,milk,1.00\n"
SHORT = OLD + "".join(f"{n},tea,1\n" for n in range(20)) + "20,'torn\\\n"


class Stopped(BaseException):
    """The run was killed."""


class Stopping:
    """A connection on which a run is stopped before (or right after) one of its statements."""

    def __init__(self, connection: Any, text: str, after: bool) -> None:
        self.connection, self.text, self.after = connection, text, after

    def cursor(self) -> StoppingCursor:
        return StoppingCursor(self, self.connection.cursor())


class StoppingCursor:
    def __init__(self, stopping: Stopping, cursor: Any) -> None:
        self.stopping, self.cursor = stopping, cursor

    def execute(self, statement: str) -> None:
        hit = self.stopping.text in statement
        if hit and not self.stopping.after:
            raise Stopped
        self.cursor.execute(statement)
        if hit:
            raise Stopped

    def fetchall(self) -> Any:
        return self.cursor.fetchall()

    def close(self) -> None:
        self.cursor.close()


@pytest.fixture(scope="module")
def warehouse(server: Server) -> Iterator[Any]:
    """A connection to the one server, which has seen no landing."""
    with connect(server.home) as connection:
        yield connection
        with connection.cursor() as cursor:
            for schema in ("raw_shop", "raw_landing"):
                cursor.execute(f"drop schema {CATALOG}.{schema} cascade")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A landing folder with a file for each status of a first run, and awkward names and headers."""
    files: dict[str, str | bytes] = {
        "a.csv": TWO,
        "b_more.csv": "ID,ITEM,AMOUNT,NOTE,COLOUR\n3,pen,1,,red\n4,ink,1,,\n",
        "c_header.csv": OLD,
        "d_empty.csv": "",
        "e_latin.csv": (OLD + "5,caf\xe9,2\n").encode("latin-1"),
        "f_missing.csv": "ID,ITEM,NOTE\n6,cup,\n",
        "g_none.csv": "7;saucer;1\n",
        "h_copy.csv.gz": gzip.compress(TWO.encode()),
        "i_torn.csv.gz": gzip.compress(TWO.encode())[:-9],
        "j_broken.csv": OLD + "8,plate\n" * 200,
        "k_notes.txt": "hello",
        "l_short.csv": SHORT,
        "new/m 'n' +100%é.csv": '\ufeffITEM, id,Amount ,X,,x,\r\n\r\ntea,30,"1,5",u,v,w,\r\n',
        "new/o.csv.gz": gzip.compress((OLD + "31,tea,1\n").encode()),
    }
    landing = tmp_path / "landing"
    for name, content in files.items():
        path = landing / "shop" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        os.utime(path, (1_700_000_000, 1_700_000_000.123456))
    return landing


def run(warehouse: Any, contract: Contract, folder: Path, *, reset: bool = False) -> IngestReport:
    contracts = {contract.feed: contract}
    return ingest([warehouse], contracts, folder, CATALOG, reset=contracts if reset else ())


def rows(warehouse: Any, statement: str) -> list[tuple[Any, ...]]:
    with warehouse.cursor() as cursor:
        cursor.execute(statement)
        return [tuple(row) for row in cursor.fetchall()]


def state(warehouse: Any) -> list[list[tuple[Any, ...]]]:
    """All that a run leaves, but the times of loading."""
    return [
        rows(
            warehouse,
            "select sale_id, item, amount, note, _rescued_data, _header_generation, _file_path, _row_position, "
            f"_file_modified_at from {CATALOG}.raw_shop.sale order by _file_path, _row_position",
        ),
        rows(
            warehouse,
            "select feed, entity, file_path, status, reason, sha256, size_bytes, header_generation, count_records, "
            "count_malformed, unknown_columns, unix_micros(file_modified_at) "
            f"from {CATALOG}.raw_landing.files order by file_path, sha256",
        ),
        rows(warehouse, f"select * from {CATALOG}.raw_landing.malformed_records order by file_path, row_position"),
    ]


def test_first_run_second_run_and_runs_that_were_stopped(warehouse: Any, shop: Contract, folder: Path) -> None:
    report = run(warehouse, shop, folder, reset=True)
    assert report.errors == ()
    assert {file.file_path: file.status for file in report.files} == {
        "a.csv": "LOADED",
        "b_more.csv": "LOADED_UNKNOWN_COLUMNS",
        "c_header.csv": "HEADER_ONLY",
        "d_empty.csv": "EMPTY_FILE",
        "e_latin.csv": "WRONG_ENCODING",
        "f_missing.csv": "MISSING_COLUMN",
        "g_none.csv": "NO_HEADER",
        "h_copy.csv.gz": "DUPLICATE_FILE",
        "i_torn.csv.gz": "UNREADABLE",
        "j_broken.csv": "TOO_MANY_MALFORMED",
        "k_notes.txt": "UNKNOWN_FILE",
        "l_short.csv": "LOADED",
        "new/m 'n' +100%é.csv": "LOADED_UNKNOWN_COLUMNS",
        "new/o.csv.gz": "LOADED",
    }
    straight = state(warehouse)
    sales, files, malformed = straight
    assert len(sales) == 2 + 2 + 21 + 1 + 1
    assert [row[:8] for row in sales if row[6] != "l_short.csv"] == [
        ("1", "tea", "2.50", None, None, "1", "a.csv", 1),
        ("2", "milk", "1.00", None, None, "1", "a.csv", 2),
        ("3", "pen", "1", None, '{"COLOUR":"red"}', None, "b_more.csv", 1),
        ("4", "ink", "1", None, None, None, "b_more.csv", 2),
        ("30", "tea", "1,5", None, '{"X3":"u","_c4":"v","x5":"w"}', None, "new/m 'n' +100%é.csv", 1),
        ("31", "tea", "1", None, None, "1", "new/o.csv.gz", 1),
    ]
    assert {row[11] for row in files} == {1_700_000_000_123_456}
    assert malformed == [("shop", "sale", "l_short.csv", 21, 22, 2, 3, "20,'torn\\")]

    again = run(warehouse, shop, folder)
    assert not any(file.is_new for file in again.files)
    assert state(warehouse) == straight

    # The stand-in's test stops before every kind of statement; here it is about what Delta then holds.
    for text, after in (("copy into", True), ("files` as target", False)):
        with pytest.raises(Stopped):
            run(Stopping(warehouse, text, after), shop, folder, reset=True)  # type: ignore[arg-type]
        assert run(warehouse, shop, folder).errors == ()
        assert state(warehouse) == straight, (text, after)


def test_changed_file_is_not_loaded_again(warehouse: Any, shop: Contract, folder: Path) -> None:
    run(warehouse, shop, folder, reset=True)
    before = state(warehouse)[0]
    (folder / "shop" / "a.csv").write_text(OLD + "99,gin,20\n")
    report = run(warehouse, shop, folder)
    assert {file.file_path: file.status for file in report.files if file.is_new} == {"a.csv": "CHANGED_FILE"}
    assert state(warehouse)[0] == before


def test_column_the_contract_has_learnt_stands_in_its_place(warehouse: Any, shop: Contract, folder: Path) -> None:
    run(warehouse, shop, folder, reset=True)
    with warehouse.cursor() as cursor:
        cursor.execute(f"drop table {CATALOG}.raw_shop.sale")
        cursor.execute(f"create table {CATALOG}.raw_shop.sale (sale_id string, amount string, _loaded_at timestamp)")
    run(warehouse, shop, folder)
    assert [row[0] for row in rows(warehouse, f"describe table {CATALOG}.raw_shop.sale")] == [
        *("sale_id", "item", "amount", "note", "_rescued_data", "_header_generation", "_file_path"),
        *("_file_modified_at", "_row_position", "_loaded_at"),
    ]
