"""Volumes: made, listed, described, dropped; their paths in other statements."""

from __future__ import annotations

from pathlib import Path

import pytest
from sql_client import Client, Server

pytestmark = pytest.mark.server
ME = "test_volumes"
ROOT = f"/Volumes/spark_catalog/{ME}"


@pytest.fixture(scope="module")
def landing(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with two files."""
    folder = tmp_path_factory.mktemp("landing") / "with a blank"
    (folder / "sub").mkdir(parents=True)
    (folder / "a.csv").write_text("id,name\n1,x\n", encoding="utf-8")
    (folder / "sub" / "é b.csv").write_text("id,name\n2,y\n", encoding="utf-8")
    return folder


@pytest.fixture(scope="module", autouse=True)
def objects(session: Client, landing: Path) -> None:
    """A managed volume and an external one."""
    session.run("create volume own", f"create external volume outer location '{landing.as_uri()}' comment 'landed'")


def test_show(session: Client) -> None:
    assert session.rows("show volumes") == [(ME, "outer"), (ME, "own")]
    assert session.columns == ["database", "volume_name"]
    assert session.rows(f"show volumes in spark_catalog.{ME}") == session.rows(f"show volumes from {ME}")
    session.fails("show volumes in nowhere", "SCHEMA_NOT_FOUND", "42704")


def test_describe(session: Client, landing: Path) -> None:
    (row,) = session.rows("describe volume outer")
    described = dict(zip(session.columns, row, strict=True))
    assert (
        described.items()
        >= {
            "name": "outer",
            "catalog": "spark_catalog",
            "database": ME,
            "owner": "localbricks@localhost",
            "storage_location": landing.as_uri(),
            "volume_type": "EXTERNAL",
            "comment": "landed",
        }.items()
    )


def test_list(session: Client) -> None:
    rows = session.rows(f"list '{ROOT}/outer'")
    assert session.columns == ["path", "name", "size", "modification_time"]
    assert [row[:3] for row in rows] == [(f"{ROOT}/outer/a.csv", "a.csv", 12), (f"{ROOT}/outer/sub/", "sub/", 0)]
    assert [row[1] for row in session.rows(f"list '{ROOT}/outer/sub'")] == ["é b.csv"]
    assert [row[0] for row in session.rows(f"list '{ROOT}/outer/a.csv'")] == [f"{ROOT}/outer/a.csv"]
    assert session.rows(f"list '{ROOT}/own'") == []


@pytest.mark.parametrize(
    ("path", "error_class", "sqlstate"),
    [
        (f"{ROOT}/outer/nope", "PATH_NOT_FOUND", "42K03"),
        (f"{ROOT}/nope", "VOLUME_NOT_FOUND", "42704"),
        (f"{ROOT}/outer/..", "INVALID_VOLUME_PATH", "22KD1"),
        ("/etc", "INVALID_VOLUME_PATH", "22KD1"),
    ],
)
def test_list_refuses(session: Client, path: str, error_class: str, sqlstate: str) -> None:
    session.fails(f"list '{path}'", error_class, sqlstate)


class TestLife:
    def test_create_and_drop(self, session: Client, server: Server) -> None:
        folder = server.home.volumes / ME / "brief"
        session.run("create volume brief")
        (folder / "file").write_text("x", encoding="utf-8")
        session.fails("create volume BRIEF", "VOLUME_ALREADY_EXISTS", "42710")
        session.run("create volume if not exists brief comment 'ignored'")
        assert (folder / "file").exists()
        session.run("drop volume brief")
        assert not folder.exists()
        session.fails("drop volume brief", "VOLUME_NOT_FOUND", "42704")
        session.run("drop volume if exists brief")

    def test_files_of_an_external_one_stay(self, session: Client, landing: Path) -> None:
        session.run(f"create external volume again location '{landing}'", "drop volume again")
        assert (landing / "a.csv").exists()

    def test_a_schema_with_volumes_is_not_empty(self, session: Client, server: Server) -> None:
        session.run("create schema volumes_only", "create volume volumes_only.v")
        session.fails("drop schema volumes_only", "SCHEMA_NOT_EMPTY", "2BP01")
        session.run("drop schema volumes_only cascade")
        assert not (server.home.volumes / "volumes_only" / "v").exists()
        session.run("create schema volumes_only")
        assert session.rows("show volumes in volumes_only") == []
        session.run("drop schema volumes_only")

    @pytest.mark.parametrize(
        ("statement", "error_class", "sqlstate"),
        [
            ("create volume `..`", "INVALID_PARAMETER_VALUE", "22023"),
            ("create volume `a/../../b`", "INVALID_PARAMETER_VALUE", "22023"),
            ("create volume `a b`", "INVALID_PARAMETER_VALUE", "22023"),
            ("create volume v location '/tmp'", "CANNOT_CREATE_VOLUME", "42601"),
            ("create external volume v", "CANNOT_CREATE_VOLUME", "42601"),
            ("create external volume v location '/no/such/folder'", "PATH_NOT_FOUND", "42K03"),
            ("create external volume v location 's3://bucket'", "UNSUPPORTED_FEATURE.LOCALBRICKS", "0A000"),
            ("create volume v managed", "PARSE_SYNTAX_ERROR", "42601"),
            ("describe volume nope", "VOLUME_NOT_FOUND", "42704"),
        ],
    )
    def test_refused(self, session: Client, statement: str, error_class: str, sqlstate: str) -> None:
        session.fails(statement, error_class, sqlstate)
        assert len(session.rows("show volumes")) == 2


class TestPaths:
    def test_a_file_as_a_relation(self, session: Client) -> None:
        assert session.values(f"select _c0 from csv.`{ROOT}/outer/a.csv`") == ["id", "1"]
        assert session.values(f"(select value from text.`dbfs:{ROOT}/outer/sub/é b.csv`)") == ["id,name", "2,y"]

    def test_options_and_location(self, session: Client) -> None:
        session.run(f"create temporary view landed using csv options (path '{ROOT}/outer/a.csv', header 'true')")
        assert session.rows("select * from landed") == [("1", "x")]
        session.run(
            f"create table elsewhere (id int) location '{ROOT}/own/elsewhere'", "insert into elsewhere values (1)"
        )
        assert session.pairs("describe extended elsewhere")["Type"] == "EXTERNAL"
        assert [row[1] for row in session.rows(f"list '{ROOT}/own'")] == ["elsewhere/"]
        session.run("drop table elsewhere")
        assert len(session.rows(f"list '{ROOT}/own'")) == 1

    def test_a_path_that_is_a_value_stays(self, session: Client) -> None:
        """Also one of a volume that is not there."""
        for path in (f"{ROOT}/outer/a.csv", f"{ROOT}/nope/a.csv", "/Volumes/other/s/v"):
            assert session.value(f"select '{path}' as path") == path

    def test_refused(self, session: Client) -> None:
        session.fails(f"select * from csv.`{ROOT}/nope/a.csv`", "VOLUME_NOT_FOUND", "42704")
        session.fails(f"select * from csv.`{ROOT}/outer/../../x`", "INVALID_VOLUME_PATH", "22KD1")
