"""A small table's files and state are known without a job, from what Delta notes beside each version.

Whatever was done to the table, reading it gives what is there, and the note says what the log's actions add up to.
"""

from __future__ import annotations

import json
from pathlib import Path
from random import Random
from typing import Any

import pytest
from sql_client import Client, Server

pytestmark = pytest.mark.server
Content = dict[int, str]


def _change(chance: Random, content: Content) -> tuple[str, Content]:
    """A statement that changes the table t, and what the table holds after it."""
    key, text, new = chance.randrange(20), f"{chance.random():.6f}", max(content, default=99) + 1
    return chance.choice(
        [
            (f"insert into t values ({new}, '{text}'), ({new + 1}, 'b')", content | {new: text, new + 1: "b"}),
            (f"delete from t where id % 20 = {key}", {k: v for k, v in content.items() if k % 20 != key}),
            (f"update t set b = '{text}' where id > {key}", {k: text if k > key else v for k, v in content.items()}),
            (
                f"merge into t using (select {key} as id, '{text}' as b) s on t.id = s.id "
                "when matched then update set * when not matched then insert *",
                content | {key: text},
            ),
            (f"insert overwrite t values ({key}, '{text}'), (50, 'kept')", {key: text, 50: "kept"}),
            (f"create or replace table t as select {key} as id, '{text}' as b", {key: text}),
            ("optimize t", content),
        ]
    )


def _added_up(log: Path) -> dict[str, Any]:
    """What the actions of all commits add up to."""
    files: dict[str, int] = {}
    transactions: dict[str, int] = {}
    domains: dict[str, str] = {}
    for commit in sorted(log.glob("[0-9]*.json")):
        for action in map(json.loads, commit.read_text().splitlines()):
            if file := action.get("remove"):
                files.pop(_identity(file), None)
            if file := action.get("add"):
                files[_identity(file)] = file["size"]
            if one := action.get("txn"):
                transactions[one["appId"]] = one["version"]
            if one := action.get("domainMetadata"):
                domains.pop(one["domain"], None)
                if not one["removed"]:
                    domains[one["domain"]] = one["configuration"]
    return {"files": files, "transactions": transactions, "domains": domains}


def _noted(log: Path) -> dict[str, Any]:
    """What is noted beside the newest version, which is there for each version."""
    newest = max(log.glob("[0-9]*.json")).with_suffix(".crc")
    note = json.loads(newest.read_text())
    files = {_identity(file): file["size"] for file in note["allFiles"]}
    assert (note["numFiles"], note["tableSizeBytes"]) == (len(files), sum(files.values()))
    return {
        "files": files,
        "transactions": {one["appId"]: one["version"] for one in note["setTransactions"]},
        "domains": {one["domain"]: one["configuration"] for one in note["domainMetadata"]},
    }


def _identity(file: dict[str, Any]) -> str:
    # One file with another list of deleted rows is another one.
    return file["path"] + json.dumps(file.get("deletionVector"), sort_keys=True)


def _log(server: Server, session: Client, table: str) -> Path:
    schema = session.value("select current_schema()")
    return server.home.warehouse / f"{schema}.db" / table / "_delta_log"


@pytest.mark.parametrize(("seed", "vectors"), [(1, "false"), (2, "true")])
def test_what_was_done_is_what_is_read(server: Server, session: Client, seed: int, vectors: str) -> None:
    """With rewritten files, and with deletion vectors."""
    chance, content = Random(seed), dict[int, str]()
    session.run(
        f"set spark.databricks.delta.properties.defaults.enableDeletionVectors = {vectors}",
        "create or replace table t (id int, b string)",
    )
    log, told = _log(server, session, "t"), []
    for _ in range(10):
        statement, content = _change(chance, content)
        told.append(statement)
        session.run(statement)
        assert dict(session.rows("select id, b from t")) == content, told
        least = chance.randrange(120)
        expected = sum(number >= least for number in content)
        assert session.value(f"select count(*) from t where id >= {least}") == expected, told
        assert session.rows("select count(*), max(id) from t") == [(len(content), max(content, default=None))], told
        assert _noted(log) == _added_up(log), told
    session.run("reset spark.databricks.delta.properties.defaults.enableDeletionVectors")


@pytest.mark.parametrize(
    "new",
    [
        "(id int)",
        "(id int) cluster by (id)",
        "(id int) tblproperties ('delta.enableDeletionVectors' = 'true')",
        "as select id, 'x' as b from range(5)",
        "partitioned by (k) as select id, id % 3 as k from range(9)",
    ],
)
def test_what_a_table_begins_with_is_noted(server: Server, session: Client, new: str) -> None:
    session.run(f"create table begun {new}")
    log = _log(server, session, "begun")
    assert _noted(log) == _added_up(log)
    session.run("insert into begun select * from begun", "delete from begun where id = 1")
    assert _noted(log) == _added_up(log)
    session.run("drop table begun")


def test_transactions_and_clustering_are_noted(server: Server, session: Client, tmp_path: Path) -> None:
    """The last load of COPY INTO, which must not load a file twice, and the columns that a table is clustered by."""
    session.run("create table loaded (id int, b string) cluster by (id)")
    for number in range(3):
        (tmp_path / f"{number}.csv").write_text(f"id,b\n{number},x\n")
        for time in ("new", "loaded before"):
            session.run(
                f"copy into loaded from (select cast(id as int) as id, b from '{tmp_path}') fileformat = csv "
                "format_options ('header' = 'true')"
            )
            assert session.rows("select count(*) from loaded") == [(number + 1,)], time
    session.run("alter table loaded cluster by (b)")
    log = _log(server, session, "loaded")
    (clustering,) = _noted(log)["domains"].values()
    assert json.loads(clustering)["clusteringColumns"] == [["b"]]
    session.run("insert overwrite loaded values (7, 'y')")
    assert _noted(log) == _added_up(log)
    assert list(_noted(log)["transactions"].values()) == [2] and len(_noted(log)["files"]) == 1


def test_older_versions_are_read_as_they_were(session: Client) -> None:
    session.run("create table aged as select 1 as id", "insert into aged values (2)", "delete from aged where id = 1")
    versions = [session.values(f"select id from aged version as of {number} order by id") for number in range(3)]
    assert versions == [[1], [1, 2], [2]]
    assert session.rows("select a.id, b.id from aged a cross join aged version as of 0 b") == [(2, 1)]


def test_partitions_are_chosen_and_not_read_twice(session: Client) -> None:
    session.run("create table parted partitioned by (k) as select id, id % 3 as k from range(30)")
    assert session.values("select distinct k from parted where k > 0 and id < 3 order by k") == [1, 2]
    assert session.value("select count(*) from parted where k = 1") == 10
    assert session.value("select count(*) from parted where k = (select max(k) from parted)") == 10
