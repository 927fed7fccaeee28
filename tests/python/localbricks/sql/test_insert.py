"""INSERT in Databricks' forms, MERGE, CREATE TABLE AS."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest
from sql_client import Client, Row, Server, connect

pytestmark = pytest.mark.server
ME = "test_insert"


@pytest.fixture
def table(session: Client) -> str:
    """A table with three rows."""
    session.run(
        "create or replace table t (id int, name string, n int)",
        "insert into t values (1, 'a', 10), (2, 'b', 20), (3, null, 30)",
    )
    return "t"


def rows(session: Client) -> list[Row]:
    return session.rows("select * from t order by id, n")


A, B, C = (1, "a", 10), (2, "b", 20), (3, None, 30)


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("insert into t (id) values (4)", [A, B, C, (4, None, None)]),
        ("insert into t (n, id) values (40, 4)", [A, B, C, (4, None, 40)]),
        ("insert into t by name select 'd' as name, 4 as id", [A, B, C, (4, "d", None)]),
        ("insert into table t select 4, 'd', 40", [A, B, C, (4, "d", 40)]),
        ("insert overwrite t values (4, 'd', 40)", [(4, "d", 40)]),
        ("insert into t replace where id >= 2 select 4, 'd', 40", [A, (4, "d", 40)]),
        ("insert into t replace where name is null values (3, null, 31)", [A, B, (3, None, 31)]),
        ("insert into t by name replace where id = 2 select 21 as n, 2 as id", [A, (2, None, 21), C]),
        # every row of the query comes, also several of one key and those that match nothing
        (
            "insert into t replace using (id) values (2, 'x', 1), (2, 'y', 2), (9, 'z', 3)",
            [A, (2, "x", 1), (2, "y", 2), C, (9, "z", 3)],
        ),
        ("insert into t replace using (id, name) select 2, 'other', 5", [A, (2, "other", 5), B, C]),
        ("insert into t replace using (name) select 7, null, 5", [A, B, (7, None, 5)]),
        ("insert into t by name replace using (id) select 'x' as name, 2 as id", [A, (2, "x", None), C]),
        ("insert into t replace on (t.id = s.id) (select 2 as id, 'x' as name, 1 as n) as s", [A, (2, "x", 1), C]),
        (
            "insert into t as old replace on (old.id > new.id) (select 1 as id, 'x' as name, 1 as n) as new",
            [(1, "x", 1), A],
        ),
        ("insert into t replace using (id) with q as (select 2 as id) select id, 'w', 1 from q", [A, (2, "w", 1), C]),
        ("insert into t replace using (id) select 5, 'x', 5 where false", [A, B, C]),
    ],
)
def test_insert(session: Client, table: str, statement: str, expected: list[Row]) -> None:
    (counts,) = session.rows(statement)
    assert (session.columns[0], session.columns[-1]) == ("num_affected_rows", "num_inserted_rows")
    assert rows(session) == sorted(expected, key=lambda row: (row[0], -1 if row[2] is None else row[2]))
    assert counts[-1] == sum(row not in (A, B, C) for row in expected)


def test_rows_that_stay_of_a_file_written_anew_are_not_counted(session: Client) -> None:
    session.run(
        "create or replace table whole (id bigint) tblproperties ('delta.enableDeletionVectors' = 'false')",
        "insert into whole select id from range(0, 10, 1, 1)",
    )
    assert session.rows("insert into whole replace where id = 3 values (3), (3)") == [(2, 2)]
    assert session.columns == ["num_affected_rows", "num_inserted_rows"]
    assert session.rows("insert into whole select 1 where false") == [(0, 0)]


def test_commit_that_follows_is_not_the_insert(session: Client) -> None:
    session.run(
        "create or replace table compacted (id bigint) tblproperties ('delta.autoOptimize.autoCompact' = 'true')",
        "set spark.databricks.delta.autoCompact.minNumFiles = 2",
    )
    assert [session.rows("insert into compacted values (1), (2)") for _ in range(3)] == [[(2, 2)]] * 3
    assert "OPTIMIZE" in {row[4] for row in session.rows("describe history compacted")}


def test_what_is_not_counted_is_not_said(session: Client) -> None:
    session.run("create table plain (id bigint) using parquet")
    assert session.rows("insert into plain values (1)") == []
    assert session.rows("select * from plain") == [(1,)]


def test_each_writer_is_told_of_its_own_rows(server: Server, session: Client) -> None:
    session.run("create or replace table shared (id bigint)")

    def insert(count: int) -> list[Row]:
        with connect(server.home, server.state.port) as connection:
            return Client(connection).rows(f"insert into {ME}.shared select id from range({count})")

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(insert, range(1, 13))) == [[(count, count)] for count in range(1, 13)]


def test_replace_is_one_commit(session: Client, table: str) -> None:
    before = session.rows("describe history t")[0][0]
    session.run("insert into t replace using (id) values (1, 'x', 1), (4, 'y', 2)")
    assert session.rows("describe history t")[0][0] == before + 1


@pytest.mark.parametrize(
    ("statement", "error_class", "sqlstate"),
    [
        ("insert into t values (1)", "DELTA_INSERT_COLUMN_ARITY_MISMATCH", "42802"),
        ("insert into t values ('x', 'a', 1)", "CAST_INVALID_INPUT", "22018"),
        ("insert into t by name select 1 as nope", "DELTA_METADATA_MISMATCH", "42KDG"),
        ("insert into t replace where id = 2 select 3, 'y', 5", "DELTA_REPLACE_WHERE_MISMATCH", "44000"),
        ("insert into t replace using (id) select 1", "INSERT_COLUMN_ARITY_MISMATCH", "21S01"),
        ("insert into t replace using (nope) select 1, 'a', 2", "COLUMN_NOT_FOUND_IN_TABLE", "42703"),
        (
            "insert into t replace on (t.nope = s.id) (select 1 as id, 'a' as name, 2 as n) as s",
            "DELTA_MERGE_UNRESOLVED_EXPRESSION",
            "42601",
        ),
        (
            "insert into t by name replace using (id) select 1 as id, 2 as nope",
            "INSERT_COLUMN_ARITY_MISMATCH.TOO_MANY_DATA_COLUMNS",
            "21S01",
        ),
        ("insert into t replace using id select 1, 'a', 2", "PARSE_SYNTAX_ERROR", "42601"),
        ("insert into nothing replace using (id) select 1", "TABLE_OR_VIEW_NOT_FOUND", "42P01"),
    ],
)
def test_refused(session: Client, table: str, statement: str, error_class: str, sqlstate: str) -> None:
    session.fails(statement, error_class, sqlstate)
    assert rows(session) == [A, B, C]


class TestMerge:
    def test_upsert(self, session: Client, table: str) -> None:
        counts = session.rows(
            "merge into t using (values (2, 'x', 1), (4, 'y', 2) as s (id, name, n)) s on t.id = s.id "
            "when matched then update set * when not matched then insert *"
        )
        assert session.columns == ["num_affected_rows", "num_updated_rows", "num_deleted_rows", "num_inserted_rows"]
        assert counts == [(2, 1, 0, 1)]
        assert rows(session) == [A, (2, "x", 1), C, (4, "y", 2)]

    def test_all_clauses(self, session: Client, table: str) -> None:
        session.run(
            "merge into t using (select 1 as id, 'x' as name union all select 2, 'y') as s on s.id <=> t.id "
            "when matched and t.id = 1 then delete when matched then update set t.name = s.name "
            "when not matched by source then update set n = -1"
        )
        assert rows(session) == [(2, "y", 20), (3, None, -1)]

    def test_two_rows_for_one(self, session: Client, table: str) -> None:
        session.fails(
            "merge into t using (select 1 as id, explode(array('x', 'y')) as name) s on t.id = s.id "
            "when matched then update set name = s.name",
            "DELTA_MULTIPLE_SOURCE_ROW_MATCHING_TARGET_ROW_IN_MERGE",
            "21506",
        )

    def test_a_name_that_is_not_there(self, session: Client, table: str) -> None:
        session.fails(
            "merge into t using (select 1 as id) s on t.nope = s.id when matched then delete",
            "DELTA_MERGE_UNRESOLVED_EXPRESSION",
            "42601",
            "Cannot resolve t.nope in search condition given columns",
        )


def test_update_delete_truncate(session: Client, table: str) -> None:
    assert session.rows("update t set name = 'x' where id = 3") == [(1,)]
    assert session.rows("delete from t where id < 3") == [(2,)]
    assert session.columns == ["num_affected_rows"]
    session.run("truncate table t")
    assert rows(session) == []


class TestCreateTableAs:
    def test_with_all_clauses(self, session: Client) -> None:
        session.run(
            "create or replace table made using delta cluster by (id) comment 'made' tblproperties ('k' = 'v') "
            "as select 1 as id, cast('2020-01-02' as date) as day"
        )
        facts = session.pairs("describe extended made")
        assert (facts["Comment"], facts["Provider"]) == ("made", "delta")
        assert session.rows("select * from made")[0][0] == 1

    def test_types_may_change(self, session: Client) -> None:
        session.run(
            "create or replace table changing as select 1 as x",
            "create or replace table changing as select 'a' as x, 2 as y",
        )
        assert session.rows("select * from changing") == [("a", 2)]
        assert session.rows("select * from changing version as of 0") == [(1,)]

    def test_there_already(self, session: Client) -> None:
        session.run("create or replace table there (id int)")
        session.fails("create table there as select 1 as id", "TABLE_OR_VIEW_ALREADY_EXISTS", "42P07")
        session.run("create table if not exists there as select 1 as id")
        assert session.rows("select * from there") == []

    def test_a_failing_query_leaves_nothing(self, session: Client) -> None:
        session.fails("create table failing as select cast('x' as int) as id", "CAST_INVALID_INPUT", "22018")
        assert session.rows("show tables like 'failing'") == []


class TestClustering:
    def columns(self, session: Client) -> object:
        return session.pairs("show tblproperties liquid").get("clusteringColumns")

    def test_create_and_alter(self, session: Client) -> None:
        session.run("create or replace table liquid (id int, day date, s struct<a: int>) cluster by (id, s.a)")
        assert self.columns(session) == '[["id"],["s","a"]]'
        session.run("alter table liquid cluster by (day)")
        assert self.columns(session) == '[["day"]]'
        session.run("alter table liquid cluster by none")
        assert self.columns(session) == "[]"

    @pytest.mark.parametrize(
        "overwrite",
        [
            "insert overwrite liquid values (3, 'c')",
            "insert overwrite table liquid (name, id) select 'c', 3",
            "insert into liquid replace where true select 3 as id, 'c' as name",
        ],
    )
    def test_stays_when_rows_are_overwritten(self, session: Client, overwrite: str) -> None:
        session.run("create or replace table liquid (id int, name string) cluster by (name)")
        session.run("insert into liquid values (1, 'a')", overwrite)
        assert self.columns(session) == '[["name"]]'
        assert session.rows("select * from liquid") == [(3, "c")]

    def test_goes_when_the_table_is_replaced(self, session: Client) -> None:
        session.run("create or replace table liquid cluster by (id) as select 1 as id")
        session.run("create or replace table liquid as select 1 as id")
        assert self.columns(session) in (None, "[]")

    def test_optimize(self, session: Client) -> None:
        session.run("create or replace table liquid (id int) cluster by (id)")
        for _ in range(2):
            session.run("insert into liquid select id from range(10)")
        ((path, metrics),) = session.rows("optimize liquid")
        assert session.columns == ["path", "metrics"]
        assert path.endswith("/liquid") and metrics["numFilesRemoved"] >= 2
        assert session.value("select count(*) from liquid") == 20

    def test_what_is_clustered_and_of_some_size_stays(self, session: Client) -> None:
        session.run("create or replace table liquid (id string) cluster by (id)")
        skipped = []
        for rows in (200_000, 100):
            session.run(f"insert into liquid select sha2(cast(id as string), 256) from range({rows})")
            ((_, metrics),) = session.rows("optimize liquid")
            skipped.append(metrics["totalFilesSkipped"])
        assert skipped == [0, 1]


def test_vacuum(session: Client) -> None:
    session.run("create or replace table old (id int)", "insert into old values (1)", "delete from old")
    assert session.columns == ["num_affected_rows"]
    session.fails("vacuum old retain 0 hours", "DELTA_VACUUM_RETENTION_PERIOD_TOO_SHORT", "22003")
    assert session.rows("vacuum old dry run") == []
    ((path,),) = session.rows("vacuum old")
    assert session.columns == ["path"] and path.endswith("/old")


def test_time_travel(session: Client, table: str) -> None:
    version = session.rows("describe history t")[0][0]
    session.run("delete from t")
    assert session.value(f"select count(*) from t version as of {version}") == 3
    session.run(f"restore table t to version as of {version}")
    assert rows(session) == [A, B, C]


def test_shallow_clone(session: Client, table: str) -> None:
    session.run("create or replace table cloned shallow clone t", "delete from cloned where id = 1")
    assert session.value("select count(*) from cloned") == 2
    assert rows(session) == [A, B, C]


def at_once(server: Server, statements: Sequence[Sequence[str]]) -> None:
    """Run lists of statements, each in a connection of its own, beginning together."""
    start = threading.Barrier(len(statements))

    def run(listed: Sequence[str]) -> None:
        with connect(server.home, server.state.port) as connection:
            client = Client(connection)
            client.run(f"use schema {ME}")
            start.wait()
            client.run(*listed)

    with ThreadPoolExecutor(len(statements)) as threads:
        for done in [threads.submit(run, listed) for listed in statements]:
            done.result()


class TestWritersAtOnce:
    def test_none_is_lost(self, session: Client, server: Server, table: str) -> None:
        """Each reads what the others have left: a count that all of them raise has all of their steps."""
        raises = ["update t set n = n + 1 where id = 1"] * 3
        merges = [
            "merge into t using (select 1 as id) s on t.id = s.id when matched then update set n = t.n + 1",
            "delete from t where id = 2",
            "insert into t values (9, 'z', 0)",
        ]
        at_once(server, [raises, merges, raises, merges])
        assert rows(session) == [(1, "a", 10 + 8), C, (9, "z", 0), (9, "z", 0)]

    def test_parts_of_a_clustered_table(self, session: Client, server: Server) -> None:
        session.run("create or replace table parts (day date, n int) cluster by (day)")
        parts = range(1, 5)
        statement = "insert into parts by name replace where day = date'2024-01-0{0}' select {1} as n, date'2024-01-0{0}' as day"
        at_once(server, [[statement.format(part, n) for n in (1, 2)] for part in parts])
        assert session.rows("select day(day), n from parts order by 1") == [(part, 2) for part in parts]
        session.run("drop table parts")
