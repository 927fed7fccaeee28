"""CLUSTER BY AUTO: noted where Databricks notes it, and given up with columns of one's own."""

from __future__ import annotations

import pytest
from sql_client import Client

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


def test_altered(session: Client) -> None:
    session.run("create or replace table chosen (id int, name string)", "alter table chosen cluster by auto")
    assert clustering(session, "chosen")[0] == "true"
    session.run("alter table chosen cluster by (name)")
    assert clustering(session, "chosen") == (None, '[["name"]]')
    session.run("alter table chosen cluster by auto", "alter table chosen cluster by none")
    assert clustering(session, "chosen")[0] is None
    session.fails("alter table nothing cluster by auto", "TABLE_OR_VIEW_NOT_FOUND", "42P01")
