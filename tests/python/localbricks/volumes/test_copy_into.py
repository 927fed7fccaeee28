"""COPY INTO: each file once, all of a load or nothing of it."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path

import pytest
from sql_client import Client, Row, Server, connect

pytestmark = pytest.mark.server
HEADER = "format_options ('header' = 'true')"
Copy = Callable[..., int]


@pytest.fixture
def landing(tmp_path: Path, session: Client) -> Path:
    """An empty folder, the external volume `landing`, with a blank in its path."""
    folder = tmp_path / "the landing"
    folder.mkdir()
    session.run("drop volume if exists landing", f"create external volume landing location '{folder.as_uri()}'")
    return folder


@pytest.fixture
def copy(session: Client, landing: Path) -> Copy:
    """Load the volume into the table `raw`; the number of rows."""
    session.run(
        "create or replace table raw (id string, name string)",
        "drop table raw",
        "create table raw (id string, name string)",
    )

    def run(
        rest: str = HEADER, source: str = "", select: str = "", file_format: str = "csv", table: str = "raw"
    ) -> int:
        path = f"'/Volumes/spark_catalog/test_copy_into/landing{source}'"
        where = f"(select {select} from {path})" if select else path
        ((affected, inserted, skipped),) = session.rows(
            f"copy into {table} from {where} fileformat = {file_format} {rest}"
        )
        assert session.columns == ["num_affected_rows", "num_inserted_rows", "num_skipped_corrupt_files"]
        assert (affected, skipped) == (inserted, 0)
        return int(inserted)

    return run


def raw(session: Client) -> list[Row]:
    return session.rows("select * from raw order by all")


def write(folder: Path, name: str, text: str, encoding: str = "utf-8") -> None:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode(encoding))


class TestOnce:
    def test_a_file_is_loaded_once(self, session: Client, landing: Path, copy: Copy) -> None:
        write(landing, "a.csv", "id,name\n1,x\n2,y\n")
        assert copy() == 2
        assert copy() == 0
        write(landing, "b.csv", "id,name\n3,z\n")
        assert copy() == 1
        assert copy() == 0
        assert raw(session) == [("1", "x"), ("2", "y"), ("3", "z")]

    def test_a_table_that_is_replaced_loads_again(self, session: Client, landing: Path, copy: Copy) -> None:
        write(landing, "a.csv", "id,name\n1,x\n")
        assert copy() == 1
        session.run("create or replace table raw (id string, name string)")
        assert (copy(), copy()) == (1, 0)

    def test_several_files_at_once(self, session: Client, landing: Path, copy: Copy) -> None:
        for number in range(5):
            write(landing, f"{number}.csv", f"id,name\n{number},n\n")
        commits = len(session.rows("describe history raw"))
        assert copy() == 5
        assert len(session.rows("describe history raw")) == commits + 1

    def test_however_the_path_is_written(self, session: Client, landing: Path, copy: Copy) -> None:
        write(landing, "a.csv", "id,name\n1,x\n")
        assert copy(source="/a.csv") == 1
        assert copy() == 0
        assert copy(source="/") == 0
        for path in (
            "dbfs:/Volumes/spark_catalog/test_copy_into/landing",
            "/Volumes/SPARK_CATALOG/Test_Copy_Into/LANDING//a.csv",
        ):
            assert session.rows(f"copy into raw from '{path}' fileformat = csv {HEADER}") == [(0, 0, 0)]

    def test_another_session(self, session: Client, server: Server, landing: Path, copy: Copy) -> None:
        write(landing, "a.csv", "id,name\n1,x\n")
        assert copy() == 1
        with connect(server.home, server.state.port, schema="test_copy_into") as connection:
            path = "/Volumes/spark_catalog/test_copy_into/landing"
            assert Client(connection).rows(f"copy into raw from '{path}' fileformat = csv {HEADER}") == [(0, 0, 0)]

    def test_deleted_rows_do_not_bring_it_back(self, session: Client, landing: Path, copy: Copy) -> None:
        write(landing, "a.csv", "id,name\n1,x\n")
        copy()
        session.run("truncate table raw", "optimize raw")
        assert copy() == 0

    def test_force(self, session: Client, landing: Path, copy: Copy) -> None:
        write(landing, "a.csv", "id,name\n1,x\n")
        copy()
        assert copy(f"{HEADER} copy_options ('force' = 'true')") == 1
        assert copy() == 0
        assert raw(session) == [("1", "x"), ("1", "x")]

    def test_a_dropped_table_starts_anew(self, session: Client, landing: Path, copy: Copy) -> None:
        write(landing, "a.csv", "id,name\n1,x\n")
        copy()
        session.run("drop table raw", "create table raw (id string, name string)")
        assert copy() == 1


class TestWhichFiles:
    @pytest.fixture(autouse=True)
    def files(self, landing: Path) -> None:
        for name in (
            "a1.csv",
            "a2.csv",
            "b.csv",
            "c.txt",
            "_hidden.csv",
            ".hidden.csv",
            "sub/a3.csv",
            "sub/_not/a.csv",
        ):
            write(landing, name, f"id,name\n{name},n\n")

    @pytest.mark.parametrize(
        ("rest", "expected"),
        [
            (HEADER, ["a1.csv", "a2.csv", "b.csv", "c.txt"]),
            (f"pattern = '*.csv' {HEADER}", ["a1.csv", "a2.csv", "b.csv"]),
            (f"pattern = 'a?.csv' {HEADER}", ["a1.csv", "a2.csv"]),
            (f"pattern = '{{a[12],c}}.{{csv,txt}}' {HEADER}", ["a1.csv", "a2.csv", "c.txt"]),
            (f"pattern = '[^ab]*' {HEADER}", ["c.txt"]),
            (f"pattern = 'sub/*.csv' {HEADER}", ["sub/a3.csv"]),
            (f"pattern = 'nothing*' {HEADER}", []),
            (f"files = ('b.csv', 'sub/a3.csv') {HEADER}", ["b.csv", "sub/a3.csv"]),
            (
                "format_options ('header' = 'true', 'RecursiveFileLookup' = 'true') pattern = '*.csv'",
                ["a1.csv", "a2.csv", "b.csv", "sub/a3.csv"],
            ),
        ],
    )
    def test_picked(self, session: Client, copy: Copy, rest: str, expected: list[str]) -> None:
        assert copy(rest) == len(expected)
        assert [row[0] for row in raw(session)] == expected

    def test_refused(self, session: Client, copy: Copy) -> None:
        for files, error_class, sqlstate in (
            ("'nope.csv'", "PATH_NOT_FOUND", "42K03"),
            ("'../../secret'", "INVALID_PARAMETER_VALUE", "22023"),
            (", ".join(f"'{number}'" for number in range(1001)), "INVALID_PARAMETER_VALUE", "22023"),
        ):
            session.fails(
                "copy into raw from '/Volumes/spark_catalog/test_copy_into/landing' fileformat = csv "
                f"files = ({files}) {HEADER}",
                error_class,
                sqlstate,
            )
        assert raw(session) == []


class TestCsv:
    @pytest.mark.parametrize(
        ("text", "encoding", "options", "expected"),
        [
            ("id,name\n1,x\n", "utf-8", "'header' = 'true'", [("1", "x")]),
            ("\ufeffid,name\n1,x\n", "utf-8", "'header' = 'true'", [("1", "x")]),
            ("id|name\n1|a,b\n", "utf-8", "'header' = 'true', 'sep' = '|'", [("1", "a,b")]),
            ("id\tname\n1\tx\n", "utf-8", "'header' = 'true', 'delimiter' = '\\t'", [("1", "x")]),
            ("id,name\n1,Zoé\n", "iso-8859-1", "'header' = 'true', 'encoding' = 'ISO-8859-1'", [("1", "Zoé")]),
            ("id,name\n1,Zoé €\n", "cp1252", "'header' = 'true', 'encoding' = 'windows-1252'", [("1", "Zoé €")]),
            (
                "id,name\n1,Zoé\n",
                "utf-16",
                "'header' = 'true', 'encoding' = 'UTF-16', 'multiLine' = 'true'",
                [("1", "Zoé")],
            ),
            ('id,name\n1,"a,""b"""\n', "utf-8", "'header' = 'true', 'escape' = '\"'", [("1", 'a,"b"')]),
            ("id,name\n1,'a,b'\n", "utf-8", "'header' = 'true', 'quote' = ''''", [("1", "a,b")]),
            ('id,name\n1,"a\\"b"\n', "utf-8", "'header' = 'true'", [("1", 'a"b')]),
            ('id,name\n1,"two\nlines"\n', "utf-8", "'header' = 'true', 'multiLine' = 'true'", [("1", "two\nlines")]),
            ("id,name\n1,\n,x\n", "utf-8", "'header' = 'true'", [(None, "x"), ("1", None)]),
            ("id,name\n1,NA\n", "utf-8", "'header' = 'true', 'nullValue' = 'NA'", [("1", None)]),
            ("id,name\n1,x,y\n2\n", "utf-8", "'header' = 'true'", [("1", "x"), ("2", None)]),
            ("id,name\n1,x,y\n2,b\n", "utf-8", "'header' = 'true', 'mode' = 'DROPMALFORMED'", [("2", "b")]),
            ("name,id\nx,1\n", "utf-8", "'header' = 'true'", [("1", "x")]),
            ("ID,Name\n1,x\n", "utf-8", "'header' = 'true'", [("1", "x")]),
        ],
    )
    def test_options(
        self, session: Client, landing: Path, copy: Copy, text: str, encoding: str, options: str, expected: list[Row]
    ) -> None:
        write(landing, "a.csv", text, encoding)
        assert copy(f"format_options ({options})") == len(expected)
        assert sorted(raw(session), key=str) == sorted(expected, key=str)

    def test_without_a_header(self, session: Client, landing: Path, copy: Copy) -> None:
        write(landing, "a.csv", "1,x\n2,y\n")
        assert copy("", select="_c0 as id, upper(_c1) as name") == 2
        assert raw(session) == [("1", "X"), ("2", "Y")]

    def test_compressed(self, session: Client, landing: Path, copy: Copy) -> None:
        (landing / "a.csv.gz").write_bytes(gzip.compress(b"id,name\n1,x\n"))
        (landing / "b.csv.gz").write_bytes(gzip.compress(b"id,name\n2,y\n"))
        assert copy() == 2

    def test_rescued_data(self, session: Client, landing: Path, copy: Copy) -> None:
        session.run("create or replace table rescued (id string, name string, _rescued_data string)")
        write(landing, "a b.csv", 'id,name\n1,x\n2,y,more,"and,more"\n3\n')
        options = "format_options ('header' = 'true', 'rescuedDataColumn' = '_rescued_data')"
        assert copy(options, table="rescued") == 3
        path = "dbfs:/Volumes/spark_catalog/test_copy_into/landing/a%20b.csv"
        assert session.rows("select * from rescued order by id") == [
            ("1", "x", None),
            ("2", "y", f'{{"_c2":"more","_c3":"and,more","_file_path":"{path}"}}'),
            ("3", None, None),
        ]

    @pytest.mark.parametrize("rescued", ["", ", 'rescuedDataColumn' = 'name'"])
    def test_files_with_different_headers(self, session: Client, landing: Path, copy: Copy, rescued: str) -> None:
        """Columns are taken by their place: they must never slip."""
        write(landing, "a.csv", "id,name\n1,x\n")
        write(landing, "b.csv", "name,id\ny,2\n")
        session.fails(
            "copy into raw from '/Volumes/spark_catalog/test_copy_into/landing' fileformat = csv "
            f"format_options ('header' = 'true'{rescued})",
            "COPY_INTO_HEADERS_DIFFER",
            "42KDG",
            "a.csv has the columns id, name; b.csv has name, id",
        )
        assert copy(f"files = ('a.csv') {HEADER}") == copy(f"files = ('b.csv') {HEADER}") == 1
        assert raw(session) == [("1", "x"), ("2", "y")]


class TestOtherFormats:
    def test_json(self, session: Client, landing: Path, copy: Copy) -> None:
        write(landing, "a.json", '{"id": 1, "name": "x"}\n{"id": 2}\n')
        assert copy("", file_format="json") == 2
        assert raw(session) == [("1", "x"), ("2", None)]

    def test_parquet(self, session: Client, landing: Path, copy: Copy) -> None:
        session.run(f"create table source using parquet location '{landing / 'p'}' as select 1 as id, 'x' as name")
        assert copy("", source="/p", file_format="PARQUET") == 1
        session.run("drop table source")
        assert raw(session) == [("1", "x")]

    def test_text(self, session: Client, landing: Path, copy: Copy) -> None:
        write(landing, "a.txt", "one\ntwo\n")
        assert copy("", select="value as id, 'n' as name", file_format="text") == 2


class TestSelect:
    def test_metadata(self, session: Client, landing: Path, copy: Copy) -> None:
        session.run(
            "create or replace table told (id string, path string, file string, size bigint, at timestamp, start bigint)"
        )
        write(landing, "in a/é+b.csv", "id,name\n1,x\n")
        assert (
            copy(
                f"pattern = '*/*.csv' {HEADER}",
                select="id, _metadata.file_path as path, _metadata.file_name as file, _metadata.file_size as size, "
                "_metadata.file_modification_time as at, _metadata.file_block_start as start",
                table="told",
            )
            == 1
        )
        (row,) = session.rows("select * from told")
        encoded = "in%20a/%C3%A9+b.csv"
        assert row[1].replace("é", "%C3%A9") == f"dbfs:/Volumes/spark_catalog/test_copy_into/landing/{encoded}"
        assert (row[0], row[3], row[5]) == ("1", 12, 0)
        assert abs(row[4].timestamp() - (landing / "in a" / "é+b.csv").stat().st_mtime) < 1

    def test_star_is_the_files_columns(self, session: Client, landing: Path, copy: Copy) -> None:
        session.run("create or replace table more (id string, name string, loaded timestamp)")
        write(landing, "a.csv", "id,name\n1,x\n")
        assert copy(select="*, current_timestamp() as loaded", table="more") == 1
        assert (
            copy(f"{HEADER} copy_options ('force' = 'true')", select="count(*) as id, 'x' as name", table="more") == 1
        )

    def test_types_of_the_table(self, session: Client, landing: Path, copy: Copy) -> None:
        session.run("create or replace table typed (id int, name varchar(3), extra date)")
        write(landing, "a.csv", "id,name\n1,x\n")
        assert copy(table="typed") == 1
        assert session.rows("select * from typed") == [(1, "x", None)]

    def test_merge_schema(self, session: Client, landing: Path, copy: Copy) -> None:
        write(landing, "a.csv", "id,name\n1,x\n")
        select = "id, name, 'z' as zulu, 1 as alpha"
        path = "/Volumes/spark_catalog/test_copy_into/landing"
        session.fails(
            f"copy into raw from (select {select} from '{path}') fileformat = csv {HEADER}",
            "COPY_INTO_SCHEMA_MISMATCH_WITH_TARGET_TABLE",
            "42KDG",
            "zulu, alpha",
        )
        assert copy(f"{HEADER} copy_options ('mergeSchema' = 'true')", select=select) == 1
        assert raw(session) == [("1", "x", "z", 1)]

    def test_a_table_without_columns_takes_those_of_the_files(self, session: Client, landing: Path, copy: Copy) -> None:
        session.run("drop table if exists blank", "create table blank")
        write(landing, "a.csv", "id,name\n1,x\n")
        assert copy(f"{HEADER} copy_options ('mergeSchema' = 'true')", table="blank") == 1
        assert session.rows("select id, name from blank") == [("1", "x")]


class TestAllOrNothing:
    def test_a_failing_cast(self, session: Client, landing: Path, copy: Copy) -> None:
        session.run("create or replace table typed (id int, name string)")
        write(landing, "a.csv", "id,name\n1,x\n")
        write(landing, "b.csv", "id,name\nbad,y\n")
        path = "/Volumes/spark_catalog/test_copy_into/landing"
        statement = f"copy into typed from '{path}' fileformat = csv {HEADER}"
        session.fails(statement, "CAST_INVALID_INPUT", "22018", "'bad'")
        assert session.rows("select * from typed") == []
        write(landing, "b.csv", "id,name\n2,y\n")
        assert session.rows(statement) == [(2, 2, 0)]

    def test_not_null_and_checks_and_lengths(self, session: Client, landing: Path, copy: Copy) -> None:
        write(landing, "a.csv", "id,name\n1,too long\n,x\n")
        path = "/Volumes/spark_catalog/test_copy_into/landing"
        for columns, error_class, sqlstate in (
            ("id string not null, name string", "DELTA_NOT_NULL_CONSTRAINT_VIOLATED", "23502"),
            (
                "id string, name string, constraint c check (id is not null)",
                "DELTA_VIOLATE_CONSTRAINT_WITH_VALUES",
                "23001",
            ),
            ("id string, name varchar(3)", "DELTA_EXCEED_CHAR_VARCHAR_LIMIT", "22001"),
        ):
            session.run(f"create or replace table strict ({columns})")
            session.fails(f"copy into strict from '{path}' fileformat = csv {HEADER}", error_class, sqlstate)
            assert session.rows("select * from strict") == []

    def test_fail_fast(self, session: Client, landing: Path, copy: Copy) -> None:
        write(landing, "a.csv", "id,name\n1,x,y\n")
        session.fails(
            "copy into raw from '/Volumes/spark_catalog/test_copy_into/landing' fileformat = csv "
            "format_options ('header' = 'true', 'mode' = 'FAILFAST')",
            "MALFORMED_CSV_RECORD",
            "KD000",
        )
        assert raw(session) == []

    def test_nothing_is_left_in_the_session(self, session: Client, landing: Path, copy: Copy) -> None:
        write(landing, "a.csv", "id,name\n1,x\n")
        copy()
        assert session.rows("show views") == []


SOURCE = "from '/Volumes/spark_catalog/test_copy_into/landing'"


@pytest.mark.parametrize(
    ("statement", "error_class", "sqlstate"),
    [
        (f"copy into nothing {SOURCE} fileformat = csv", "TABLE_OR_VIEW_NOT_FOUND", "42P01"),
        (f"copy into seen {SOURCE} fileformat = csv", "COPY_INTO_NON_DELTA_TARGET", "42809"),
        (f"copy into raw {SOURCE} fileformat = xml", "COPY_INTO_SOURCE_FILE_FORMAT_NOT_SUPPORTED", "0A000"),
        (f"copy into raw {SOURCE}", "COPY_INTO_SOURCE_FILE_FORMAT_NOT_SUPPORTED", "0A000"),
        ("copy into raw from '/no/such/folder' fileformat = csv", "PATH_NOT_FOUND", "42K03"),
        ("copy into raw from 's3://bucket/x' fileformat = csv", "UNSUPPORTED_FEATURE.LOCALBRICKS", "0A000"),
        ("copy into raw from '/Volumes/spark_catalog/s/none' fileformat = csv", "VOLUME_NOT_FOUND", "42704"),
        (f"copy into raw {SOURCE} fileformat = csv validate all", "UNSUPPORTED_FEATURE.LOCALBRICKS", "0A000"),
        (f"copy into raw {SOURCE} with (credential c) fileformat = csv", "UNSUPPORTED_FEATURE.LOCALBRICKS", "0A000"),
        (f"copy into raw by position {SOURCE} fileformat = csv", "UNSUPPORTED_FEATURE.LOCALBRICKS", "0A000"),
        (f"copy into raw (id) {SOURCE} fileformat = csv", "UNSUPPORTED_FEATURE.LOCALBRICKS", "0A000"),
        (f"copy into raw {SOURCE} fileformat = csv format_options ('a' 'b')", "PARSE_SYNTAX_ERROR", "42601"),
        (f"copy into raw {SOURCE} fileformat = csv nonsense", "PARSE_SYNTAX_ERROR", "42601"),
        ("copy into raw from (select * from (select 1)) fileformat = csv", "PARSE_SYNTAX_ERROR", "42601"),
    ],
)
def test_refused(session: Client, landing: Path, copy: Copy, statement: str, error_class: str, sqlstate: str) -> None:
    session.run("create or replace view seen as select 1 as id")
    session.fails(statement, error_class, sqlstate)
    session.run("drop view seen")


@pytest.mark.parametrize("option", ["inferSchema' = 'true"])
def test_inferred_types_are_refused(session: Client, landing: Path, copy: Copy, option: str) -> None:
    write(landing, "a.csv", "id,name\n1,x\n")
    session.fails(
        f"copy into raw {SOURCE} fileformat = csv format_options ('{option}')",
        "UNSUPPORTED_FEATURE.LOCALBRICKS",
        "0A000",
    )


def test_rescued_data_of_json_is_refused(session: Client, landing: Path, copy: Copy) -> None:
    write(landing, "a.json", '{"id": 1}')
    session.fails(
        f"copy into raw {SOURCE} fileformat = json format_options ('rescuedDataColumn' = 'name')",
        "UNSUPPORTED_FEATURE.LOCALBRICKS",
        "0A000",
    )
