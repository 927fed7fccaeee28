"""DESCRIBE and SHOW of tables and views, and what dbt-databricks reads out of them."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import pytest
from sql_client import Client

pytestmark = pytest.mark.server
ME = "test_describe"


@pytest.fixture(scope="module", autouse=True)
def objects(session: Client) -> None:
    """A table with all that can be said of one, its child, a view, a partitioned table, a plain one."""
    session.run(
        """create table rich (
            id bigint not null comment 'the id', code char(3), name varchar(20), amount decimal(10,2),
            at timestamp, tags array<string>, place struct<city: string, zip: int>, primary key (id)
        ) comment 'Rich.\nNote: with a second line' cluster by (id) tblproperties ('k' = 'v')""",
        "create table child (id bigint, constraint to_rich foreign key (id) references rich)",
        "create view seen (id comment 'seen id', n) comment 'a view' as select id, name from rich",
        "create table parts (id int, day date) partitioned by (day)",
        "create table plain (id int)",
        "create temporary view passing as select 1 as id, 'a' as name",
    )


def test_describe_table(session: Client) -> None:
    assert session.rows("describe table rich") == [
        ("id", "bigint", "the id"),
        ("code", "char(3)", None),
        ("name", "varchar(20)", None),
        ("amount", "decimal(10,2)", None),
        ("at", "timestamp", None),
        ("tags", "array<string>", None),
        ("place", "struct<city:string,zip:int>", None),
        ("# Clustering Information", "", ""),
        ("# col_name", "data_type", "comment"),
        ("id", "bigint", "the id"),
    ]
    assert session.columns == ["col_name", "data_type", "comment"]


@pytest.mark.parametrize(
    ("query", "rows"),
    [
        (f"select operation from (describe history {ME}.plain) where version = 0", [("CREATE TABLE",)]),
        ("with h as (select * from (desc history `plain`) as t) select count(*) from h", [(1,)]),
        (f"select format from (describe detail spark_catalog.{ME}.plain)", [("delta",)]),
        ("select a.version, b.version from (describe history plain) a join (describe history parts) b", [(0, 0)]),
    ],
)
def test_history_and_detail_in_a_query(session: Client, query: str, rows: list[tuple[Any, ...]]) -> None:
    assert session.rows(query) == rows


def test_history_of_no_table_in_a_query(session: Client) -> None:
    session.fails("select * from (describe history nowhere)", "TABLE_OR_VIEW_NOT_FOUND", "42P01")


def test_describe_partitions(session: Client) -> None:
    assert session.rows(f"desc {ME}.parts")[2:] == [
        ("# Partition Information", "", ""),
        ("# col_name", "data_type", "comment"),
        ("day", "date", None),
    ]


def test_describe_extended(session: Client) -> None:
    rows = session.rows("describe table extended rich")
    facts = {row[0]: row[1] for row in rows[rows.index(("# Detailed Table Information", "", "")) + 1 :]}
    expected = {
        "Catalog": "spark_catalog",
        "Database": ME,
        "Table": "rich",
        "Owner": "localbricks@localhost",
        "Last Access": "UNKNOWN",
        "Created By": "Spark 4.1.1",
        "Type": "MANAGED",
        "Provider": "delta",
        "Is_managed_location": "true",
        "Comment": "Rich.\nNote: with a second line",
        "rich_pk": "PRIMARY KEY (`id`)",
    }
    assert {label: facts[label] for label in expected} == expected
    assert facts["Location"].startswith("file:/")
    assert "k=v" in facts["Table Properties"] and 'clusteringColumns=[["id"]]' in facts["Table Properties"]


def test_describe_extended_of_a_child(session: Client) -> None:
    rows = session.rows("describe extended child")
    at = rows.index(("# Constraints", "", ""))
    parent = f"`spark_catalog`.`{ME}`.`rich`"
    assert rows[at - 1 :] == [
        ("", "", ""),
        ("# Constraints", "", ""),
        ("to_rich", f"FOREIGN KEY (`id`) REFERENCES {parent} (`id`)", ""),
    ]


def test_describe_view(session: Client) -> None:
    facts = session.pairs("describe extended seen")
    assert (facts["id"], facts["n"], facts["Type"], facts["Comment"]) == ("bigint", "varchar(20)", "VIEW", "a view")
    assert facts["View Text"] == "select id, name from rich"
    assert session.rows("describe seen")[0] == ("id", "bigint", "seen id")


def test_describe_what_is_not_a_table(session: Client) -> None:
    assert session.rows("describe passing") == [("id", "int", None), ("name", "string", None)]
    assert session.rows("describe query select 1 as x") == [("x", "int", None)]
    assert session.rows("describe function abs")[0] == ("Function: abs",)
    assert session.pairs("describe rich id")["data_type"] == "bigint"
    session.fails("describe nothing", "TABLE_OR_VIEW_NOT_FOUND", "42P01", "`nothing`")


class TestAsJson:
    def described(self, session: Client, name: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(session.value(f"describe table extended {name} as json"))
        assert session.columns == ["json_metadata"]
        return found

    def test_table(self, session: Client) -> None:
        found = self.described(session, f"spark_catalog.{ME}.rich")
        expected = {
            "table_name": "rich",
            "catalog_name": "spark_catalog",
            "namespace": [ME],
            "schema_name": ME,
            "type": "MANAGED",
            "provider": "delta",
            "comment": "Rich.\nNote: with a second line",
            "owner": "localbricks@localhost",
            "is_managed_location": True,
            "partition_columns": [],
            "clustering_columns": ["id"],
            "table_constraints": "[(rich_pk,PRIMARY KEY (`id`))]",
        }
        assert {key: found[key] for key in expected} == expected
        assert found["table_properties"]["k"] == "v"
        assert found["columns"][0] == {
            "name": "id",
            "type": {"name": "bigint"},
            "nullable": False,
            "comment": "the id",
        }
        assert [column["type"]["name"] for column in found["columns"]] == [
            "bigint",
            "char",
            "varchar",
            "decimal",
            "timestamp_ltz",
            "array",
            "struct",
        ]

    def test_view(self, session: Client) -> None:
        found = self.described(session, "seen")
        assert (found["type"], found["view_text"]) == ("VIEW", "select id, name from rich")
        assert "provider" not in found and "location" not in found

    def test_partitions(self, session: Client) -> None:
        assert self.described(session, "parts")["partition_columns"] == ["day"]

    def test_temporary_view(self, session: Client) -> None:
        assert [column["name"] for column in self.described(session, "passing")["columns"]] == ["id", "name"]

    def test_missing(self, session: Client) -> None:
        session.fails("describe extended nothing as json", "TABLE_OR_VIEW_NOT_FOUND", "42P01")

    def test_the_adapter_reads_its_keys(self, session: Client) -> None:
        from dbt.adapters.databricks.impl import DatabricksDescribeJsonMetadata as Metadata

        read = Metadata.from_json_metadata(self.described(session, "rich"))
        assert [tuple(row) for row in read.primary_key_constraints.rows] == [("rich_pk", "id")]
        assert [tuple(row) for row in read.non_null_constraints.rows] == [("id",)]
        child = Metadata.from_json_metadata(self.described(session, "child"))
        assert [tuple(row) for row in child.foreign_key_constraints.rows] == [
            ("to_rich", "id", "spark_catalog", ME, "rich", "id")
        ]


class TestShowTableExtended:
    TREE = (
        "Schema: root\n"
        " |-- id: long (nullable = false)\n"
        " |-- code: char(3) (nullable = true)\n"
        " |-- name: varchar(20) (nullable = true)\n"
        " |-- amount: decimal(10,2) (nullable = true)\n"
        " |-- at: timestamp (nullable = true)\n"
        " |-- tags: array (nullable = true)\n"
        " |    |-- element: string (containsNull = true)\n"
        " |-- place: struct (nullable = true)\n"
        " |    |-- city: string (nullable = true)\n"
        " |    |-- zip: integer (nullable = true)\n"
    )

    def test_columns(self, session: Client) -> None:
        rows = session.rows(f"show table extended in {ME} like 'plain|PARTS|pas*'")
        assert [row[:3] for row in rows] == [(ME, "parts", False), (ME, "plain", False), ("", "passing", True)]
        assert session.columns == ["database", "tableName", "isTemporary", "information"]

    def test_information(self, session: Client) -> None:
        ((*_, text),) = session.rows("show table extended like 'rich'")
        assert text.endswith("\nComment: Rich.\nNote: with a second line\n" + self.TREE)
        assert f"\nDatabase: {ME}\nTable: rich\nOwner: localbricks@localhost\n" in text
        assert "\nType: MANAGED\nProvider: delta\n" in text

    def test_other_information(self, session: Client) -> None:
        texts = {row[1]: row[3] for row in session.rows(f"show table extended from spark_catalog.{ME} like '*'")}
        assert set(texts) == {"rich", "child", "seen", "parts", "plain", "passing"}
        assert texts["plain"].endswith("\nSchema: root\n |-- id: integer (nullable = true)\n")
        assert "\nPartition Columns: [`day`]\n" in texts["parts"]
        assert "\nType: VIEW\n" in texts["seen"] and "Provider" not in texts["seen"]

    def test_refused(self, session: Client) -> None:
        session.fails("show table extended", "PARSE_SYNTAX_ERROR", "42601", "Expected LIKE")
        session.fails(
            "show table extended like 'parts' partition (day = '2020-01-01')",
            "UNSUPPORTED_FEATURE.LOCALBRICKS",
            "0A000",
        )

    def test_the_adapter_reads_the_columns(self, session: Client) -> None:
        """As `dbt docs generate` does."""
        from dbt.adapters.databricks.impl import DatabricksAdapter as Adapter

        (rich,) = session.rows("show table extended like 'rich'")
        (plain,) = session.rows("show table extended like 'plain'")
        relation: Any = SimpleNamespace(database="c", schema=ME, table="rich", type="table")
        found = Adapter.parse_columns_from_information(Adapter, relation, rich[3])  # type: ignore[arg-type]
        assert [(column.name, column.dtype) for column in found] == [
            ("id", "bigint"),
            ("code", "char(3)"),
            ("name", "varchar(20)"),
            ("amount", "decimal(10,2)"),
            ("at", "timestamp"),
            ("tags", "array"),
            ("place", "struct"),
        ]
        assert {column.table_comment for column in found} == {"Rich.\nNote: with a second line"}
        assert {column.table_owner for column in found} == {"localbricks@localhost"}
        (only,) = Adapter.parse_columns_from_information(Adapter, relation, plain[3])  # type: ignore[arg-type]
        assert (only.name, only.table_comment) == ("id", None)


def test_show_columns(session: Client) -> None:
    assert session.values(f"show columns in {ME}.plain") == ["id"]
    assert session.columns == ["col_name"]
    assert session.values("show columns in seen") == ["id", "n"]


def test_show_tblproperties(session: Client) -> None:
    found = session.pairs("show tblproperties rich")
    assert session.columns == ["key", "value"]
    assert (found["k"], found["clusteringColumns"]) == ("v", '[["id"]]')
    assert session.rows("show tblproperties rich ('k')") == [("k", "v")]
    session.run("alter table plain set tblproperties ('x' = '1', 'y' = '2')")
    session.run("alter table plain unset tblproperties ('x')")
    found = session.pairs("show tblproperties plain")
    assert "x" not in found and found["y"] == "2"


def test_describe_detail(session: Client) -> None:
    (values,) = session.rows("describe detail rich")
    row = dict(zip(session.columns, values, strict=True))
    assert (row["format"], row["name"], list(row["clusteringColumns"])) == ("delta", f"spark_catalog.{ME}.rich", ["id"])


def test_describe_history(session: Client) -> None:
    session.run("insert into plain values (1)")
    rows = session.rows("describe history plain")
    columns = dict(zip(session.columns, zip(*rows, strict=True), strict=True))
    assert columns["operation"][0] == "WRITE" and columns["operation"][-1] == "CREATE TABLE"
    assert list(columns["version"]) == sorted(columns["version"], reverse=True)
