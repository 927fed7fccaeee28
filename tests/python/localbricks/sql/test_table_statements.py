"""Statements on one table or on the catalog that Spark does not have for Delta tables."""

from __future__ import annotations

import pytest
from sql_client import Client

pytestmark = pytest.mark.server
ME = "test_table_statements"


@pytest.fixture(scope="module", autouse=True)
def objects(session: Client) -> None:
    """A partitioned table with all that a table may have."""
    session.run(
        """create table t (id int not null comment 'the id', `a-b` decimal(10,2), day date, constraint pk primary key (id))
        partitioned by (day) comment 'it''s' tblproperties ('k' = 'v')""",
        "insert into t values (1, 1.5, date'2024-01-02'), (2, 2.5, date'2024-01-01'), (3, 0, null)",
        "create table plain (a int)",
    )


def test_show_create_table(session: Client) -> None:
    told = session.value("show create table t")
    assert session.columns == ["createtab_stmt"]
    assert told == (
        f"CREATE TABLE spark_catalog.{ME}.t (\n  id INT NOT NULL COMMENT 'the id',\n  `a-b` DECIMAL(10,2),\n  day DATE,\n"
        "  CONSTRAINT `pk` PRIMARY KEY (`id`))\nUSING delta\nPARTITIONED BY (`day`)\nCOMMENT 'it\\'s'\n"
        "TBLPROPERTIES (\n  'k' = 'v')\n"
    )
    session.run("drop table t", told)
    assert session.value("show create table t") == told
    session.run("insert into t values (1, 1.5, date'2024-01-02'), (2, 2.5, date'2024-01-01'), (3, 0, null)")


def test_show_partitions(session: Client) -> None:
    days = [None, "2024-01-01", "2024-01-02"]
    assert [day and str(day) for day in session.values("show partitions t")] == days
    assert len(session.rows("show partitions t partition (day = '2024-01-01')")) == 1
    session.fails("show partitions plain", "INVALID_PARTITION_OPERATION.PARTITION_SCHEMA_IS_EMPTY", "42601")


def test_cluster_by(session: Client) -> None:
    def properties() -> dict[str, str]:
        return session.pairs("show tblproperties clustered")

    session.run("create table clustered (a int, b int) cluster by auto")
    assert properties()["clusterByAuto"] == "true"
    session.run("alter table clustered cluster by (b)", "alter table clustered cluster by none")
    assert "clusterByAuto" not in properties()
    session.run("alter table clustered cluster by auto")
    assert properties()["clusterByAuto"] == "true"
    session.run("optimize clustered", "drop table clustered")


def test_uniform(session: Client) -> None:
    """A table for readers of Iceberg too is written to as any other, and keeps its properties."""
    asked = {"delta.enableIcebergCompatV2": "true", "delta.universalFormat.enabledFormats": "iceberg"}
    listed = ", ".join(f"'{key}' = '{value}'" for key, value in asked.items())
    for _ in range(2):
        session.run(f"create or replace table uniform tblproperties ({listed}) as select 1 as id, 'a' as name")
        session.run(
            "insert into uniform values (2, 'b'), (3, 'c')",
            "update uniform set name = 'x' where id = 1",
            "delete from uniform where id = 2",
            "merge into uniform using (select 4 as id, 'd' as name) as new on uniform.id = new.id when not matched then insert *",
            "alter table uniform add columns (more string)",
            "alter table uniform set tblproperties ('k' = 'v')",
            "optimize uniform",
            "vacuum uniform",
        )
        assert session.rows("select * from uniform order by id") == [(1, "x", None), (3, "c", None), (4, "d", None)]
        assert asked.items() <= session.pairs("show tblproperties uniform").items()
    told = session.pairs("describe table extended uniform")
    assert told["Provider"] == "delta"
    session.run(
        "create or replace table uniform as select 1 as id", "insert into uniform values (2)", "drop table uniform"
    )


def test_analyze(session: Client) -> None:
    session.run("analyze table t compute statistics", "analyze table t compute delta statistics for all columns")
    session.run("analyze table t compute statistics for columns id, day")
    session.fails("analyze table t compute statistics for columns nothing", "COLUMN_NOT_FOUND_IN_TABLE", "42703")
    session.fails("analyze table nothing compute statistics", "TABLE_OR_VIEW_NOT_FOUND", "42P01")


def test_the_catalog(session: Client) -> None:
    session.run("comment on catalog spark_catalog is 'ours'", "alter catalog spark_catalog set tags ('a' = 'b')")
    told = session.pairs("describe catalog extended spark_catalog")
    assert session.columns == ["info_name", "info_value"]
    assert (told["Catalog Name"], told["Comment"], told["Catalog Type"]) == ("spark_catalog", "ours", "Regular")
    assert session.rows("select * from information_schema.catalog_tags") == [("spark_catalog", "a", "b")]
    session.run("alter catalog spark_catalog unset tags ('a')", "comment on catalog spark_catalog is null")
    assert session.rows("select * from information_schema.catalog_tags") == []


def test_a_volume_has_a_comment_and_tags(session: Client) -> None:
    session.run("create volume files", "comment on volume files is 'some'", "alter volume files set tags ('a' = 'b')")
    where = f"schema_name = '{ME}'"
    assert session.rows(
        f"select volume_name, tag_name, tag_value from information_schema.volume_tags where {where}"
    ) == [("files", "a", "b")]
    assert session.value(f"select comment from information_schema.volumes where volume_schema = '{ME}'") == "some"
    session.run("grant read volume on volume files to someone")
    assert session.rows(
        f"select grantee, volume_name, privilege_type from information_schema.volume_privileges "
        f"where volume_schema = '{ME}'"
    ) == [("someone", "files", "READ VOLUME")]
    session.run("drop volume files")
    assert session.rows(f"select 1 from information_schema.volume_tags where {where}") == []


def test_the_owner(session: Client) -> None:
    me = session.value("select current_user()")
    session.run(f"alter table plain owner to `{me}`", f"alter table plain set owner to `{me}`")
