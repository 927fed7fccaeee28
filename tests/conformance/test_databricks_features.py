"""What dbt-databricks has beyond dbt: policies, tags, clustering, keys, kinds of relations, through set, change and removal.

Nobody publishes classes for these; here is what a Unity Catalog shows after each step, as the adapter relies on it.
"""

from __future__ import annotations

from typing import Any, ClassVar

import pytest
from dbt.tests.util import run_dbt, write_file

from conformance.databricks import relation_config, table_type

ONE = "select 1 as id, 'region_a' as region, cast(100 as bigint) as amount"
SEED = "id,region,amount\n1,region_a,100\n"
STREAM = "select * from stream {{ ref('landed') }}"
TYPES = {
    "table": "MANAGED",
    "incremental": "MANAGED",
    "view": "VIEW",
    "materialized_view": "MATERIALIZED_VIEW",
    "streaming_table": "STREAMING_TABLE",
}
KINDS = [kind for kind in TYPES if kind != "view"]


def names(project: Any, statement: str) -> list[tuple[Any, ...]]:
    """The rows of a query on the information schema, of the project's schema alone."""
    return [tuple(row) for row in project.run_sql(statement.format(schema=project.test_schema), fetch="all")]


def model(kind: str, **config: Any) -> str:
    """A model of one row, in some materialization."""
    settings = ", ".join(f"{key}={value!r}" for key, value in {"materialized": kind, **config}.items())
    return f"{{{{ config({settings}) }}}}\n{STREAM if kind == 'streaming_table' else ONE}"


def schema(config: str = "", columns: str = "", constraints: str = "") -> str:
    """The properties of the model `base`, its parts in YAML's flow style."""
    parts = [f"config: {config}" if config else "", f"columns: {columns}" if columns else ""]
    parts.append(f"constraints: {constraints}" if constraints else "")
    return "models:\n  - name: base\n" + "".join(f"    {part}\n" for part in parts if part)


class Life:
    """A project with one model, which is run again and again with other properties."""

    kind = "table"
    is_v2 = True

    @pytest.fixture(scope="class")
    def project_config_update(self) -> dict[str, Any]:
        return {"flags": {"use_materialization_v2": self.is_v2}}

    @pytest.fixture(scope="class", autouse=True)
    def seeded(self, project: Any) -> None:
        run_dbt(["seed"])

    @pytest.fixture(scope="class")
    def seeds(self) -> dict[str, str]:
        return {
            "landed.csv": SEED,
            "seeds.yml": "seeds:\n  - name: landed\n    config: {column_types: {id: int, amount: bigint}}\n",
        }


class Policy(Life):
    """What decides who sees what, by functions of the schema."""

    @pytest.fixture(scope="class", autouse=True)
    def policy_functions(self, project: Any) -> None:
        for function in (
            "by_region(region string) returns boolean return region = 'region_a'",
            "by_id(id int) returns boolean return id = 2",
            "hidden(region string) returns string return '***'",
        ):
            project.run_sql(f"create or replace function {project.database}.{project.test_schema}.{function}")


class RowFilter(Policy):
    FILTERS = "select filter_name, target_columns from information_schema.row_filters where table_schema = '{schema}'"

    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        filtered = "{row_filter: {function: by_region, columns: [region]}}"
        return {"base.sql": model(self.kind), "schema.yml": schema(filtered)}

    def test_set_kept_changed_and_dropped(self, project: Any) -> None:
        def filters() -> list[tuple[Any, ...]]:
            return names(project, self.FILTERS)

        prefix = f"{project.database}.{project.test_schema}"
        run_dbt(["run"])
        assert filters() == [(f"{prefix}.by_region", "region")]
        assert project.run_sql("select count(*) from {schema}.base", fetch="one")[0] == 1
        run_dbt(["run"])
        assert filters() == [(f"{prefix}.by_region", "region")]
        write_file(schema("{row_filter: {function: by_id, columns: [id]}}"), "models", "schema.yml")
        run_dbt(["run"])
        assert filters() == [(f"{prefix}.by_id", "id")]
        assert project.run_sql("select count(*) from {schema}.base", fetch="one")[0] == 0
        write_file(schema(), "models", "schema.yml")
        run_dbt(["run"])
        assert filters() == []


class ColumnMask(Policy):
    MASKS = "select column_name, mask_name from information_schema.column_masks where table_schema = '{schema}'"

    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        masked = "[{name: id, data_type: int}, {name: region, data_type: string, column_mask: {function: hidden}}]"
        return {"base.sql": model(self.kind), "schema.yml": schema(columns=masked)}

    def test_set_and_dropped(self, project: Any) -> None:
        run_dbt(["run"])
        assert names(project, self.MASKS) == [("region", f"{project.database}.{project.test_schema}.hidden")]
        assert tuple(project.run_sql("select id, region from {schema}.base", fetch="one")) == (1, "***")
        if self.kind != "incremental":
            return  # The adapter makes these anew, and drops no mask.
        write_file(schema(columns="[{name: id, data_type: int}]"), "models", "schema.yml")
        run_dbt(["run"])
        assert names(project, self.MASKS) == []
        assert tuple(project.run_sql("select id, region from {schema}.base", fetch="one")) == (1, "region_a")


class Tags(Life):
    TABLE = "select tag_name, tag_value from system.information_schema.table_tags where schema_name = '{schema}'"
    COLUMN = (
        "select column_name, tag_name, tag_value from system.information_schema.column_tags "
        "where schema_name = '{schema}'"
    )

    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        tagged = "[{name: id}, {name: region, databricks_tags: {pii: 'true', bare: ''}}]"
        return {"base.sql": model(self.kind), "schema.yml": schema("{databricks_tags: {a: b}}", tagged)}

    def test_set_and_added_to(self, project: Any) -> None:
        run_dbt(["run"])
        assert set(names(project, self.TABLE)) == {("a", "b")}
        assert set(names(project, self.COLUMN)) == {("region", "pii", "true"), ("region", "bare", "")}
        more = "[{name: id, databricks_tags: {pii: 'false'}}, {name: region, databricks_tags: {pii: 'true', bare: ''}}]"
        write_file(schema("{databricks_tags: {a: c, d: ''}}", more), "models", "schema.yml")
        run_dbt(["run"])
        assert set(names(project, self.TABLE)) == {("a", "c"), ("d", "")}
        assert ("id", "pii", "false") in names(project, self.COLUMN)


class Kinds(Life):
    """Every kind of relation takes the place of every other.

    But an incremental model that of what a refresh fills: the adapter replaces that by a table without dropping it.
    """

    TURNS = "table view materialized_view streaming_table table materialized_view view streaming_table "
    TURNS += "materialized_view table streaming_table view table incremental view incremental materialized_view"

    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        return {"base.sql": model("table")}

    def test_replaced_by_each_other(self, project: Any) -> None:
        for kind in self.TURNS.split():
            write_file(model(kind), "models", "base.sql")
            run_dbt(["run"])
            assert table_type(project, project.test_schema, "base") == TYPES[kind]
            assert project.run_sql("select count(*) from {schema}.base", fetch="one")[0] >= 1


class TestListed(Life):
    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        return {f"a_{kind}.sql": model(kind) for kind in TYPES}

    def test_relations_of_a_schema(self, project: Any) -> None:
        run_dbt(["run"])
        create = project.adapter.Relation.create
        with project.adapter.connection_named("_test"):
            listed = project.adapter.list_relations_without_caching(
                create(database=project.database, schema=project.test_schema)
            )
            absent = create(database=project.database, schema=f"{project.test_schema}_absent")
            assert project.adapter.list_relations_without_caching(absent) == []
        found = {one.identifier: (str(one.type), one.is_delta) for one in listed}
        assert found["a_table"] == found["a_incremental"] == ("table", True)
        assert found["a_view"] == ("view", False)
        assert found["a_materialized_view"][0] == "materialized_view"
        assert found["a_streaming_table"][0] == "streaming_table"


class TestStreamingTableChanges(Life):
    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        return {"base.sql": self.written("0 0 * * * ? *", "value", "id")}

    @staticmethod
    def written(cron: str, value: str, partition: str) -> str:
        schedule = {"cron": cron, "time_zone_value": "Etc/UTC"}
        return model("streaming_table", schedule=schedule, tblproperties={"key": value}, partition_by=partition)

    def test_altered_and_replaced(self, project: Any) -> None:
        relation = project.adapter.Relation.create(
            database=project.database, schema=project.test_schema, identifier="base", type="streaming_table"
        )

        def config() -> Any:
            return relation_config(project, relation)

        run_dbt(["run"])
        assert (config()["refresh"].cron, config()["partition_by"].partition_by) == ("0 0 * * * ? *", ["id"])
        write_file(self.written("0 5 * * * ? *", "other", "id"), "models", "base.sql")
        run_dbt(["run"])
        assert config()["refresh"].cron == "0 5 * * * ? *"
        assert config()["tblproperties"].tblproperties["key"] == "other"
        write_file(self.written("0 5 * * * ? *", "other", "region"), "models", "base.sql")
        run_dbt(["run"])
        assert config()["partition_by"].partition_by == ["region"]


class TestMetricView(Life):
    @staticmethod
    def written(tag: str, measure: str) -> str:
        return (
            "{{ config(materialized='metric_view', view_update_via_alter=true, databricks_tags={'team': '"
            + tag
            + "'}) }}\n"
            "version: 0.1\nsource: \"{{ ref('landed') }}\"\n"
            "dimensions:\n  - {name: region, expr: region}\n"
            "measures:\n  - {name: rows, expr: count(1)}\n  - {name: total, expr: " + measure + "(amount)}\n"
        )

    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        return {"base.sql": self.written("one", "sum")}

    def test_tags_by_alter_and_the_definition_anew(self, project: Any) -> None:
        measured = "select region, measure(rows), measure(total) from {schema}.base group by region"
        for tag, measure in (("one", "sum"), ("two", "sum"), ("two", "avg"), ("two", "avg")):
            write_file(self.written(tag, measure), "models", "base.sql")
            run_dbt(["run"])
            assert tuple(project.run_sql(measured, fetch="one")) == ("region_a", 1, 100)
            assert names(project, Tags.TABLE) == [("team", tag)]


class TestKeys(Life):
    """Keys and checks of an incremental model that come, change and go."""

    KEYS = (
        "select constraint_name, column_name from information_schema.key_column_usage "
        "where constraint_schema = '{schema}' order by ordinal_position"
    )
    FOREIGN = (
        "select constraint_name, unique_constraint_name from information_schema.referential_constraints "
        "where constraint_schema = '{schema}'"
    )
    CONTRACT = "{contract: {enforced: true}, on_schema_change: fail}"
    COLUMNS = (
        "[{name: id, data_type: int, constraints: [{type: not_null}]}, "
        "{name: region, data_type: string, constraints: [{type: not_null}]}, {name: amount, data_type: bigint}]"
    )

    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        parent = schema(self.CONTRACT, self.COLUMNS, "[{type: primary_key, name: pk_parent, columns: [id]}]")
        return {
            "base.sql": model("incremental"),
            "schema.yml": schema(),
            "parent.sql": model("incremental"),
            "parent.yml": parent.replace("name: base", "name: parent"),
        }

    def test_primary_and_foreign_keys(self, project: Any) -> None:
        def run(constraints: str) -> None:
            write_file(schema(self.CONTRACT, self.COLUMNS, constraints), "models", "schema.yml")
            run_dbt(["run"])

        parent = ("pk_parent", "id")
        run("[{type: primary_key, name: pk_one, columns: [id]}]")
        assert sorted(names(project, self.KEYS)) == sorted([parent, ("pk_one", "id")])
        run("[{type: primary_key, name: pk_two, columns: [id, region]}]")
        assert sorted(names(project, self.KEYS)) == sorted([parent, ("pk_two", "id"), ("pk_two", "region")])
        foreign = "{type: foreign_key, name: fk, columns: [id], to: ref('parent'), to_columns: [id]}"
        run(f"[{foreign}]")
        assert names(project, self.FOREIGN) == [("fk", "pk_parent")]
        run(f"[{foreign}]")
        assert names(project, self.FOREIGN) == [("fk", "pk_parent")]
        run("[]")
        assert names(project, self.FOREIGN) == []

    @pytest.mark.parametrize(
        ("columns", "constraints", "said"),
        [
            (
                COLUMNS.replace("bigint}", "bigint, constraints: [{type: not_null}]}"),
                "[]",
                "DELTA_NOT_NULL_CONSTRAINT_VIOLATED",
            ),
            (COLUMNS, "[{type: check, name: small, expression: amount < 5}]", "CHECK constraint"),
        ],
    )
    def test_rows_that_break_a_new_rule(self, project: Any, columns: str, constraints: str, said: str) -> None:
        write_file(schema(self.CONTRACT, self.COLUMNS), "models", "schema.yml")
        amount = "cast({{ 'null' if is_incremental() else 9 }} as bigint)"
        write_file(model("incremental").replace("cast(100 as bigint)", amount), "models", "base.sql")
        run_dbt(["run", "--full-refresh"])
        write_file(schema(self.CONTRACT, columns, constraints), "models", "schema.yml")
        (failed,) = run_dbt(["run", "--select", "base"], expect_pass=False)
        assert said in failed.message


class TestClustering(Life):
    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        return {"base.sql": model("incremental"), "schema.yml": schema("{liquid_clustered_by: id}")}

    def test_columns_auto_and_none(self, project: Any) -> None:
        def properties() -> dict[str, str]:
            return dict(names(project, "show tblproperties {schema}.base"))

        run_dbt(["run"])
        assert properties()["clusteringColumns"] == '[["id"]]'
        operations = [row[0] for row in names(project, "select operation from (describe history {schema}.base)")]
        assert "OPTIMIZE" in operations
        write_file(schema("{liquid_clustered_by: [region, amount]}"), "models", "schema.yml")
        run_dbt(["run"])
        assert properties()["clusteringColumns"] == '[["region"],["amount"]]'
        write_file(schema("{auto_liquid_cluster: true}"), "models", "schema.yml")
        run_dbt(["run"])
        assert properties()["clusterByAuto"] == "true"
        write_file(schema(), "models", "schema.yml")
        run_dbt(["run"])
        assert properties().get("clusterByAuto") != "true"


class Views(Life):
    """A view that changes: altered, replaced in a safe way, replaced."""

    way: ClassVar[dict[str, Any]] = {}

    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        return {"base.sql": model("view", **self.way), "schema.yml": self.described("one", "b")}

    @staticmethod
    def described(text: str, value: str) -> str:
        config = "{persist_docs: {relation: true, columns: true}, tblproperties: {a: " + value + "}}"
        columns = "[{name: id, description: " + text + "}]"
        return schema(config, columns) + f"    description: {text}\n"

    def test_description_properties_and_query(self, project: Any) -> None:
        run_dbt(["run"])
        write_file(self.described("two", "c"), "models", "schema.yml")
        run_dbt(["run"])
        facts = {row[0]: row[1] for row in names(project, "describe extended {schema}.base")}
        assert facts["Comment"] == "two"
        assert dict(names(project, "show tblproperties {schema}.base"))["a"] == "c"
        comments = (
            "select comment from information_schema.columns where table_schema = '{schema}' and table_name = 'base'"
        )
        assert ("two",) in names(project, comments)
        write_file(model("view", **self.way).replace("1 as id", "7 as id"), "models", "base.sql")
        run_dbt(["run"])
        assert project.run_sql("select id from {schema}.base", fetch="one")[0] == 7


def variants(parent: type[Life], name: str, **attributes: Any) -> None:
    """One more class of tests: dbt's fixtures make one project a class."""
    title = f"Test{parent.__name__}{name}"
    globals()[title] = type(title, (parent,), {"__module__": __name__, **attributes})


for one in KINDS:
    variants(RowFilter, one.title().replace("_", ""), kind=one)
for one in KINDS[:2]:
    variants(RowFilter, f"{one.title()}V1", kind=one, is_v2=False)
    variants(ColumnMask, one.title(), kind=one)
variants(ColumnMask, "StreamingTable", kind="streaming_table")
variants(Kinds, "")
variants(Kinds, "V1", is_v2=False)
for one in TYPES:
    variants(Tags, one.title().replace("_", ""), kind=one)
variants(Views, "Altered", way={"view_update_via_alter": True})
variants(Views, "Safe", way={"use_safer_relation_operations": True})
variants(Views, "Replaced")
