"""A small table's files are known without a job: whatever was done to the table, reading it gives what is there."""

from __future__ import annotations

from random import Random

import pytest
from sql_client import Client

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


@pytest.mark.parametrize(("seed", "vectors"), [(1, "false"), (2, "true")])
def test_what_was_done_is_what_is_read(session: Client, seed: int, vectors: str) -> None:
    """With rewritten files, and with deletion vectors."""
    chance, content = Random(seed), dict[int, str]()
    session.run(
        f"set spark.databricks.delta.properties.defaults.enableDeletionVectors = {vectors}",
        "create or replace table t (id int, b string)",
    )
    told = []
    for _ in range(10):
        statement, content = _change(chance, content)
        told.append(statement)
        session.run(statement)
        assert dict(session.rows("select id, b from t")) == content, told
        least = chance.randrange(120)
        expected = sum(number >= least for number in content)
        assert session.value(f"select count(*) from t where id >= {least}") == expected, told
        assert session.rows("select count(*), max(id) from t") == [(len(content), max(content, default=None))], told
    session.run("reset spark.databricks.delta.properties.defaults.enableDeletionVectors")


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
