"""CLUSTER BY AUTO, noted where Databricks notes it and given up with columns of one's own; clustering by Python's writers."""

from __future__ import annotations

from pathlib import Path

import pytest
from sql_client import Client, Server, run_python

pytestmark = pytest.mark.server


def clustering(session: Client, table: str) -> tuple[str | None, str | None]:
    """What the properties say: the platform's choice, the columns."""
    properties = session.pairs(f"show tblproperties {table}")
    return properties.get("clusterByAuto"), properties.get("clusteringColumns")


@pytest.mark.parametrize(
    "statement",
    [
        "create or replace table auto cluster by auto as select 1 as id, 'as' as name",
        "create or replace table auto using delta cluster by auto tblproperties ('a' = 'b') as select 1 as id",
        "create or replace table auto (id int, note string default 'cluster by auto') tblproperties ('a' = 'b', 'delta.feature.allowColumnDefaults' = 'supported') cluster by auto",
    ],
)
def test_created(session: Client, statement: str) -> None:
    session.run(statement)
    assert clustering(session, "auto")[0] == "true"
    if "'a'" in statement:
        assert session.pairs("show tblproperties auto")["a"] == "b"


def test_created_without(session: Client) -> None:
    session.run("create or replace table plain cluster by none tblproperties ('a' = 'b') as select 1 as id")
    assert clustering(session, "plain") == (None, None)
    assert session.pairs("show tblproperties plain")["a"] == "b"


def test_altered(session: Client) -> None:
    session.run("create or replace table chosen (id int, name string)", "alter table chosen cluster by auto")
    assert clustering(session, "chosen")[0] == "true"
    session.run("alter table chosen cluster by (name)")
    assert clustering(session, "chosen") == (None, '[["name"]]')
    session.run("alter table chosen cluster by auto", "alter table chosen cluster by none")
    assert clustering(session, "chosen")[0] is None
    session.fails("alter table nothing cluster by auto", "TABLE_OR_VIEW_NOT_FOUND", "42P01")


def test_rows_overwritten_by_python(session: Client, server: Server) -> None:
    name = f"spark_catalog.{session.value('select current_schema()')}.overwritten"
    session.run("create table overwritten (a int, b string) cluster by (b)")
    code = f"spark.createDataFrame([(2, 'y')], 'a int, b string').write.mode('overwrite').insertInto({name!r})"
    assert run_python(server, code).cause is None
    assert clustering(session, "overwritten") == (None, '[["b"]]')
    assert session.rows("select * from overwritten") == [(2, "y")]
    session.run("drop table overwritten")


@pytest.mark.parametrize(
    ("write", "columns"),
    [
        ("write.mode('overwrite').format('delta').clusterBy('A').saveAsTable(name)", '[["a"]]'),
        ("write.mode('overwrite').clusterBy('a', 'b').option('path', path).saveAsTable(name)", '[["a"],["b"]]'),
        ("writeTo(name).using('delta').clusterBy('a').createOrReplace()", '[["a"]]'),
    ],
)
def test_written_by_python(session: Client, server: Server, tmp_path: Path, write: str, columns: str) -> None:
    """Twice, as a model that is built again."""
    name = f"spark_catalog.{session.value('select current_schema()')}.written"
    code = (
        f"name, path = {name!r}, {str(tmp_path / 'there')!r}\n"
        f"for _ in range(2):\n    spark.createDataFrame([(1, 'x')], ['a', 'b']).{write}"
    )
    assert run_python(server, code).cause is None
    assert clustering(session, "written") == (None, columns)
    assert session.value("select count(*) from written") == 1
    session.run("drop table written")
