"""The ingest against the stand-in warehouse: statuses, proofs, restarts, second runs."""

from __future__ import annotations

import gzip
import hashlib
import os
import shutil
from pathlib import Path

import pytest
from landing_stand_in import CATALOG, Landing, Stopped

from rwe.feeds.sources import STATUSES
from rwe.landing.ingest import IngestError, ingest

OLD = "ID,Item Name,AMOUNT\n"
NEW = "ID,ITEM,AMOUNT,NOTE\n"
TWO = OLD + "1,tea,2.50\n2,milk,1.00\n"


def digest(content: str) -> str:
    return hashlib.sha256(content.encode()).hexdigest()[:12]


def put_one_of_each(landing: Landing) -> None:
    """A file for each status that the first run can give."""
    landing.put("a.csv", TWO)
    landing.put("b_more.csv", "ID,ITEM,AMOUNT,NOTE,COLOUR\n3,pen,1,,red\n")
    landing.put("c_header.csv", OLD)
    landing.put("d_empty.csv", "")
    landing.put("e_latin.csv", (OLD + "4,caf\xe9,2\n").encode("latin-1"))
    landing.put("f_missing.csv", "ID,ITEM,NOTE\n5,cup,\n")
    landing.put("g_none.csv", "6;saucer;1\n")
    landing.put("h_copy.csv", TWO)
    landing.put("i_torn.csv.gz", gzip.compress(TWO.encode())[:-9])
    landing.put("j_broken.csv", OLD + "7,plate\n" * 200)
    landing.put("k_notes.txt", "hello")


def test_every_status_but_changed_file_in_one_run(landing: Landing) -> None:
    put_one_of_each(landing)
    report = landing.run()
    assert report.errors == ()
    assert {file.file_path: file.status for file in report.files} == {
        "a.csv": "LOADED",
        "b_more.csv": "LOADED_UNKNOWN_COLUMNS",
        "c_header.csv": "HEADER_ONLY",
        "d_empty.csv": "EMPTY_FILE",
        "e_latin.csv": "WRONG_ENCODING",
        "f_missing.csv": "MISSING_COLUMN",
        "g_none.csv": "NO_HEADER",
        "h_copy.csv": "DUPLICATE_FILE",
        "i_torn.csv.gz": "UNREADABLE",
        "j_broken.csv": "TOO_MANY_MALFORMED",
        "k_notes.txt": "UNKNOWN_FILE",
    }
    assert {file.status for file in report.files} == STATUSES.keys() - {"CHANGED_FILE"}
    assert landing.sales() == [("a.csv", 1, "1"), ("a.csv", 2, "2"), ("b_more.csv", 1, "3")]
    assert report.absent == ("shop.closing",)


def test_reasons_say_found_expected_where_and_what_to_do(landing: Landing) -> None:
    put_one_of_each(landing)
    reasons = {file.status: file.reason for file in landing.run().files}
    assert reasons == {
        "LOADED": None,
        "LOADED_UNKNOWN_COLUMNS": "Found columns the contract does not know: COLOUR. Their values "
        "are in _rescued_data. Add them to the contract's columns and as a new generation.",
        "HEADER_ONLY": "Found a header and no record, expected at least one. Nothing was loaded. "
        "Ask the source whether the period is really empty.",
        "EMPTY_FILE": "Found 0 bytes without any text, expected a header and records. Ask the "
        "source for the file again if it should hold data.",
        "WRONG_ENCODING": "Found the byte 0xE9 in line 2 (byte offset 25), expected text in UTF-8. "
        "Convert the file to UTF-8, or correct format.encoding in the contract.",
        "MISSING_COLUMN": "Found a header of 3 fields without amount (as AMOUNT), expected every "
        "column that all generations of sale have. Ask the source for the whole file, or add the "
        "new header to the contract's generations.",
        "NO_HEADER": "Found the first record '6;saucer;1', expected a header of sale such as "
        "'ID,ITEM,AMOUNT,NOTE'. Check the delimiter and the encoding, and put the header line back.",
        "DUPLICATE_FILE": f"Found the same content as a.csv (SHA-256 {digest(TWO)}…), expected new "
        "content. Nothing was loaded. Remove one of the two.",
        "UNREADABLE": "Found a file that cannot be read to its end: the gzip stream breaks off "
        "after 54 bytes. Copy the file again.",
        "TOO_MANY_MALFORMED": "Found 200 of 200 records with another number of fields than the "
        "header, expected at most 100 or 10%. The first is line 2 with 2 instead of 3 fields. "
        "Check the delimiter and the quoting, and ask the source for the file again.",
        "UNKNOWN_FILE": "Found a file that no entity of shop takes, expected a name like *.csv, "
        "closing.txt. Nothing was loaded. Add an entity to the contract if the data is wanted.",
    }


def test_manifest_holds_what_the_pass_showed(landing: Landing) -> None:
    landing.put("a.csv", TWO + "3,sugar\n")
    landing.run()
    row = landing.warehouse.rows(
        "select feed, entity, status, reason, length(sha256), size_bytes, header_generation, "
        "count_records, count_malformed, unknown_columns, epoch(file_modified_at), "
        f"ingested_at is not null from {CATALOG}.raw_landing.files"
    )
    size = len(TWO) + 8
    expected = ("shop", "sale", "LOADED", None, 64, size, "1", 3, 1, None, 1_700_000_000, True)
    assert row == [expected]
    malformed = landing.warehouse.rows(f"select * from {CATALOG}.raw_landing.malformed_records")
    assert malformed == [("shop", "sale", "a.csv", 3, 4, 2, 3, "3,sugar")]


def test_rescued_columns_and_header_generation(landing: Landing) -> None:
    landing.put("a.csv", TWO)
    landing.put("b.csv", NEW + "3,pen,1,blue\n")
    landing.put("c.csv", "ID,ITEM,AMOUNT,COLOUR\n4,ink,1,red\n")
    landing.run()
    rows = landing.warehouse.rows(
        f"select item, note, _header_generation, _rescued_data from {CATALOG}.raw_shop.sale order by sale_id"
    )
    assert rows == [
        ("tea", None, "1", None),
        ("milk", None, "1", None),
        ("pen", "blue", "2", None),
        ("ink", None, None, "{'COLOUR': 'red'}"),
    ]


def test_files_with_one_header_load_in_one_statement(landing: Landing) -> None:
    for number in range(5):
        landing.put(f"{number}.csv", f"{OLD}{number},tea,1\n")
    landing.put("new/6.csv", NEW + "6,tea,1,\n")
    landing.put("new/7.csv.gz", gzip.compress((NEW + "7,tea,1,\n").encode()))
    landing.run()
    assert landing.warehouse.sent("copy into") == 2
    assert landing.sales()[-1] == ("new/7.csv.gz", 1, "7")


def test_second_run_reads_no_file_and_loads_nothing(landing: Landing, monkeypatch: pytest.MonkeyPatch) -> None:
    landing.put("a.csv", TWO)
    landing.put("b.csv", TWO)
    landing.put("c.csv", OLD)
    first = landing.run()
    monkeypatch.setattr("rwe.landing.ingest.inspect_file", lambda *_: pytest.fail("read a file"))
    second = landing.run()
    assert [file.is_new for file in first.files] == [True] * 3
    assert [file.is_new for file in second.files] == [False] * 3
    assert [file.status for file in second.files] == [file.status for file in first.files]
    for text in ("copy into", "merge", "create table", "count(*)"):
        assert landing.warehouse.sent(text) == 0


def test_refused_file_is_looked_at_again_but_written_once(landing: Landing) -> None:
    landing.put("a.csv", "ID,ITEM\n1,tea\n")
    landing.run()
    report = landing.run()
    assert [(file.status, file.is_new) for file in report.files] == [("MISSING_COLUMN", False)]
    assert landing.warehouse.sent("merge") == 0
    assert len(landing.manifest()) == 1


def test_file_mended_in_place_is_loaded(landing: Landing) -> None:
    landing.put("a.csv", "ID,ITEM\n1,tea\n")
    landing.run()
    landing.put("a.csv", TWO, seconds=1_700_000_001)
    report = landing.run()
    assert [file.status for file in report.files] == ["LOADED"]
    assert landing.manifest() == [("a.csv", "LOADED", 2), ("a.csv", "MISSING_COLUMN", 1)]


def test_changed_file_keeps_the_old_rows_and_says_what_to_do(landing: Landing) -> None:
    landing.put("a.csv", TWO)
    landing.run()
    landing.put("a.csv", OLD + "9,gin,20\n", seconds=1_700_000_001)
    report = landing.run()
    new, old = digest(OLD + "9,gin,20\n"), digest(TWO)
    assert report.files[0].status == "CHANGED_FILE"
    assert report.files[0].reason == (
        f"Found content with SHA-256 {new}… under a path that was loaded with {old}… "
        "(2 records), expected a file that stays as it was. The records loaded before are kept, "
        "nothing new was loaded. Land the new content under a new name, or load the feed anew with "
        "reset."
    )
    assert [row[2] for row in landing.sales()] == ["1", "2"]
    assert landing.run().files[0].is_new is False
    assert landing.manifest() == [("a.csv", "CHANGED_FILE", 1), ("a.csv", "LOADED", 2)]


def test_touched_file_is_still_loaded(landing: Landing) -> None:
    path = landing.put("a.csv", TWO)
    landing.run()
    os.utime(path, (1_700_000_009, 1_700_000_009))
    assert [file.status for file in landing.run().files] == ["LOADED"]
    assert len(landing.sales()) == 2
    assert landing.manifest() == [("a.csv", "LOADED", 2)]


def test_duplicate_names_the_loaded_file_even_when_it_sorts_first(landing: Landing) -> None:
    landing.put("m.csv", TWO)
    landing.run()
    landing.put("a.csv.gz", gzip.compress(TWO.encode()))
    report = landing.run()
    assert report.files[0].status == "DUPLICATE_FILE"
    assert "the same content as m.csv" in (report.files[0].reason or "")


def test_content_that_comes_back_is_loaded_where_each_file_is_whole(landing: Landing) -> None:
    sale = landing.contract.entities["sale"].model_copy(update={"each_file_is_whole": True, "key_within": "file"})
    entities = {**landing.contract.entities, "sale": sale}
    landing.contract = landing.contract.model_copy(update={"entities": entities})
    landing.put("a.csv", TWO)
    landing.put("c.csv", TWO)
    landing.run()
    landing.put("b.csv", TWO)
    assert {file.file_path: file.status for file in landing.run().files} == dict.fromkeys(
        ("a.csv", "b.csv", "c.csv"), "LOADED"
    )
    assert len(landing.sales()) == 6


def test_rows_lost_by_the_load_are_an_error_with_both_numbers(landing: Landing) -> None:
    landing.put("a.csv", TWO)
    landing.warehouse.lost_rows = 1
    report = landing.run()
    assert report.errors == (
        "shop/a.csv: found 1 rows with positions up to 1 in raw_shop.sale, expected 2, the records "
        "counted in the file. Load the feed anew with reset.",
    )
    assert landing.manifest() == []
    landing.warehouse.lost_rows = 0
    assert landing.run(reset=True).errors == ()
    assert landing.manifest() == [("a.csv", "LOADED", 2)]


def test_file_the_engine_refuses_stops_no_other(landing: Landing) -> None:
    for number in range(4):
        landing.put(f"{number}.csv", f"{OLD}{number},tea,1\n")
    landing.warehouse.refused_files = {"2.csv"}
    report = landing.run()
    assert [file.file_path for file in report.files] == ["0.csv", "1.csv", "3.csv"]
    assert len(report.errors) == 1
    assert report.errors[0].startswith("shop/2.csv: found an error when loading it into")
    landing.warehouse.refused_files = set()
    assert landing.run().errors == ()
    assert len(landing.sales()) == 4


@pytest.mark.parametrize(
    "stop_before",
    [
        "create table",
        "create external volume",
        "copy into",
        "select _file_path",
        "merge into `spark_catalog`.`raw_landing`.`malformed_records`",
        "merge into `spark_catalog`.`raw_landing`.`files`",
    ],
)
def test_run_stopped_anywhere_and_started_again_ends_alike(landing: Landing, tmp_path: Path, stop_before: str) -> None:
    put_one_of_each(landing)
    landing.put("l.csv", TWO + "8\n")
    straight = Landing(tmp_path / "straight", landing.contract)
    shutil.copytree(landing.folder, straight.folder, dirs_exist_ok=True)
    straight.run()

    landing.warehouse.stop_before = stop_before
    with pytest.raises(Stopped):
        landing.run()
    landing.warehouse.stop_before = None
    report = landing.run()
    assert report.errors == ()
    assert landing.manifest() == straight.manifest()
    assert landing.sales() == straight.sales()
    for table in ("files", "malformed_records"):
        counts = [
            one.warehouse.rows(f"select count(*) from {CATALOG}.raw_landing.{table}") for one in (landing, straight)
        ]
        assert counts[0] == counts[1]


def test_copy_that_came_before_a_stop_stays_the_first(landing: Landing) -> None:
    landing.put("m.csv", TWO)
    landing.warehouse.stop_before = "merge"
    with pytest.raises(Stopped):
        landing.run()
    landing.warehouse.stop_before = None
    landing.put("a.csv", TWO)
    report = landing.run()
    assert {f.file_path: f.status for f in report.files} == {
        "a.csv": "DUPLICATE_FILE",
        "m.csv": "LOADED",
    }
    assert len(landing.sales()) == 2


def test_content_that_changed_between_stop_and_start_is_an_error(landing: Landing) -> None:
    landing.put("m.csv", TWO)
    landing.warehouse.stop_before = "merge"
    with pytest.raises(Stopped):
        landing.run()
    landing.warehouse.stop_before = None
    landing.put("m.csv", "")
    assert landing.run().errors == (
        "shop/m.csv: found 2 rows in raw_shop.sale from an earlier content of the file, which is "
        "EMPTY_FILE now, expected none. Load the feed anew with reset.",
    )


def test_reset_loads_everything_anew(landing: Landing) -> None:
    landing.put("a.csv", TWO)
    landing.run()
    landing.put("a.csv", OLD + "9,gin,20\n", seconds=1_700_000_001)
    report = landing.run(reset=True)
    assert [file.status for file in report.files] == ["LOADED"]
    assert landing.sales() == [("a.csv", 1, "9")]
    assert landing.manifest() == [("a.csv", "LOADED", 1)]


def test_raw_table_that_was_dropped_is_loaded_again(landing: Landing) -> None:
    landing.put("a.csv", TWO)
    landing.run()
    landing.warehouse.cursor().execute(f"drop table if exists `{CATALOG}`.`raw_shop`.`sale`")
    assert landing.run().files[0].is_new is True
    assert len(landing.sales()) == 2


def test_column_the_contract_has_learnt_is_added(landing: Landing) -> None:
    landing.run()
    landing.warehouse.db.execute(f"alter table {CATALOG}.raw_shop.sale drop column note")
    landing.put("a.csv", NEW + "1,tea,1,cold\n")
    landing.run()
    assert landing.warehouse.rows(f"select note from {CATALOG}.raw_shop.sale") == [("cold",)]


def test_absent_feed_gives_empty_tables_and_lines(landing: Landing) -> None:
    (landing.folder / "shop").rmdir()
    report = landing.run()
    assert list(report.lines()) == [
        "shop.sale: no file, the raw table got nothing",
        "shop.closing: no file, the raw table got nothing",
    ]
    assert landing.sales() == []


def test_absent_file_of_an_entity_that_is_not_optional_is_an_error(landing: Landing) -> None:
    entity = landing.contract.entities["closing"].model_copy(update={"optional": False})
    entities = {**landing.contract.entities, "closing": entity}
    landing.contract = landing.contract.model_copy(update={"entities": entities})
    assert landing.run().errors == (
        "shop.closing: found no file like closing.txt, expected at least one below the feed's "
        "landing folder. Land it, or make the entity optional in the contract.",
    )


def test_absent_landing_folder_is_an_error(landing: Landing) -> None:
    with pytest.raises(IngestError, match=r"Found no folder .*nowhere, expected the landing fold"):
        ingest([landing.warehouse], {"shop": landing.contract}, Path("nowhere"), CATALOG)


def test_volume_over_another_folder_is_an_error_until_reset(landing: Landing, tmp_path: Path) -> None:
    landing.run()
    other = Landing(tmp_path / "other", landing.contract)
    other.warehouse = landing.warehouse
    other.put("a.csv", TWO)
    report = other.run()
    assert "found volume spark_catalog.raw_shop.landing over file:///" in report.errors[0]
    assert other.run(reset=True).errors == ()
    assert len(other.sales()) == 2


def test_hidden_files_and_links_that_lead_out(landing: Landing, tmp_path: Path) -> None:
    landing.put(".a.csv", TWO)
    landing.put("_tmp/b.csv", TWO)
    (tmp_path / "secret.csv").write_text(TWO)
    (landing.folder / "shop" / "c.csv").symlink_to(tmp_path / "secret.csv")
    (landing.folder / "shop" / "d.csv").symlink_to(landing.folder / "shop" / "nothing.csv")
    report = landing.run()
    assert [(file.file_path, file.status) for file in report.files] == [
        (".a.csv", "UNKNOWN_FILE"),
        ("_tmp/b.csv", "UNKNOWN_FILE"),
        ("c.csv", "UNREADABLE"),
        ("d.csv", "UNREADABLE"),
    ]
    assert "No such file or directory" in (report.files[3].reason or "")


def test_awkward_names_are_loaded(landing: Landing) -> None:
    names = ["a b.csv", "c'd.csv", "e+f%20.csv", "ü.csv"]
    for number, name in enumerate(names):
        landing.put(name, f"{OLD}{number},tea,1\n")
    assert landing.run().errors == ()
    assert sorted(row[0] for row in landing.sales()) == sorted(names)


def test_progress_names_file_and_size(landing: Landing) -> None:
    landing.put("a.csv", TWO)
    lines: list[str] = []
    ingest([landing.warehouse], {"shop": landing.contract}, landing.folder, CATALOG, progress=lines.append)
    assert lines == [
        "shop.sale: looking at a.csv (1 of 1, 0.0 MB)",
        "shop.sale: loading 1 files from a.csv on",
    ]
