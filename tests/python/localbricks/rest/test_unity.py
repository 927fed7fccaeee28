"""The Unity Catalog API through the SDK, on the one server; and names that try to be more than names."""

from __future__ import annotations

import io
from typing import Any

import pytest
from databricks.sdk import WorkspaceClient
from databricks.sdk.errors import BadRequest, NotFound
from databricks.sdk.service.catalog import ColumnTypeName, DataSourceFormat, TableType, VolumeType
from sql_client import Client, Server

pytestmark = pytest.mark.server
CATALOG = "spark_catalog"
ME = "test_unity"
# Each would do harm if it were pasted into a statement.
HOSTILE = [
    "x`; drop schema test_unity cascade; --",
    "x' or '1'='1",
    'x" cascade',
    "x`.`y",
    "x\\",
    "x y",
    "drop",
    "ü",
]


@pytest.fixture(scope="module")
def workspace(server: Server) -> WorkspaceClient:
    """The SDK's own client."""
    return WorkspaceClient(host=server.url, token=server.home.token())


@pytest.fixture(scope="module", autouse=True)
def objects(session: Client) -> None:
    """A table, a view and a function to look at."""
    session.run(
        "create table orders (id bigint not null comment 'the id', price decimal(10,2), day date) "
        "partitioned by (day) comment 'sold' tblproperties ('quality' = 'gold')",
        "create view recent as select id from orders",
        "create function twice(x int comment 'a number', label string) returns bigint comment 'doubles' return x * 2",
    )


class TestCatalogsAndSchemas:
    def test_the_one_catalog(self, workspace: WorkspaceClient) -> None:
        assert [one.name for one in workspace.catalogs.list()] == [CATALOG]
        assert workspace.catalogs.get(CATALOG).full_name == CATALOG
        with pytest.raises(NotFound, match="Catalog 'other' does not exist"):
            workspace.catalogs.get("other")
        with pytest.raises(BadRequest, match="localbricks does not support"):
            workspace.catalogs.create("other")

    def test_schema_from_begin_to_end(self, workspace: WorkspaceClient, session: Client) -> None:
        made = workspace.schemas.create("Made_Here", CATALOG, comment="it's `made`", properties={"a'b": "c"})
        assert (made.name, made.full_name, made.comment) == ("made_here", f"{CATALOG}.made_here", "it's `made`")
        assert "made_here" in session.values("show schemas")
        with pytest.raises(BadRequest, match="already exists"):
            workspace.schemas.create("made_here", CATALOG)
        assert workspace.schemas.update(made.full_name, comment="other").comment == "other"
        assert made.full_name in {one.full_name for one in workspace.schemas.list(CATALOG)}
        session.run("create table made_here.t as select 1 as x")
        with pytest.raises(BadRequest, match=r"not empty|SCHEMA_NOT_EMPTY"):
            workspace.schemas.delete(made.full_name)
        workspace.schemas.delete(made.full_name, force=True)
        with pytest.raises(NotFound):
            workspace.schemas.get(made.full_name)

    def test_pages(self, workspace: WorkspaceClient) -> None:
        every = [one.name for one in workspace.schemas.list(CATALOG)]
        assert [one.name for one in workspace.schemas.list(CATALOG, max_results=1)] == every
        assert len(every) > 1


class TestTables:
    def test_get(self, workspace: WorkspaceClient) -> None:
        table = workspace.tables.get(f"{CATALOG}.{ME}.orders")
        assert (table.table_type, table.data_source_format) == (TableType.MANAGED, DataSourceFormat.DELTA)
        assert (table.comment, table.properties["quality"]) == ("sold", "gold")
        found = [(c.name, c.position, c.type_name, c.type_text, c.nullable, c.comment) for c in table.columns]
        assert found == [
            ("id", 0, ColumnTypeName.LONG, "bigint", False, "the id"),
            ("price", 1, ColumnTypeName.DECIMAL, "decimal(10,2)", True, None),
            ("day", 2, ColumnTypeName.DATE, "date", True, None),
        ]
        assert (table.columns[1].type_precision, table.columns[1].type_scale) == (10, 2)
        assert table.columns[2].partition_index == 0
        view = workspace.tables.get(f"{CATALOG}.{ME}.RECENT")
        assert (view.table_type, "select id from orders" in view.view_definition) == (TableType.VIEW, True)

    def test_list(self, workspace: WorkspaceClient) -> None:
        assert [one.name for one in workspace.tables.list(CATALOG, ME)] == ["orders", "recent"]
        assert not any(one.columns for one in workspace.tables.list(CATALOG, ME, omit_columns=True))
        summaries = workspace.tables.list_summaries(
            CATALOG, schema_name_pattern="test\\_unit_", table_name_pattern="o%"
        )
        assert list(summaries) == []
        summaries = workspace.tables.list_summaries(CATALOG, schema_name_pattern="test_unit_", table_name_pattern="o%")
        assert [one.full_name for one in summaries] == [f"{CATALOG}.{ME}.orders"]
        with pytest.raises(NotFound, match="does not exist"):
            list(workspace.tables.list(CATALOG, "nowhere"))

    def test_exists_and_delete(self, workspace: WorkspaceClient, session: Client) -> None:
        session.run("create table gone as select 1 as x")
        name = f"{CATALOG}.{ME}.gone"
        assert workspace.tables.exists(name).table_exists
        workspace.tables.delete(name)
        assert not workspace.tables.exists(name).table_exists
        with pytest.raises(NotFound):
            workspace.tables.delete(name)


class TestVolumes:
    def test_names_are_kept_in_lower_case(self, workspace: WorkspaceClient) -> None:
        made = workspace.volumes.create(CATALOG, ME.upper(), "Mixed", VolumeType.MANAGED)
        assert made.full_name == f"{CATALOG}.{ME}.mixed"
        workspace.volumes.delete(f"{CATALOG}.{ME}.MIXED")

    def test_volume_from_begin_to_end(self, workspace: WorkspaceClient) -> None:
        made = workspace.volumes.create(CATALOG, ME, "landing", VolumeType.MANAGED, comment="in")
        assert (made.full_name, made.comment, made.volume_type) == (f"{CATALOG}.{ME}.landing", "in", VolumeType.MANAGED)
        path = f"/Volumes/{CATALOG}/{ME}/landing/folder/a.txt"
        workspace.files.upload(path, io.BytesIO(b"text"))
        assert workspace.files.download(path).contents.read() == b"text"
        assert [one.name for one in workspace.volumes.list(CATALOG, ME)] == ["landing"]
        assert workspace.volumes.read(made.full_name).name == "landing"
        with pytest.raises(BadRequest, match="already exists"):
            workspace.volumes.create(CATALOG, ME, "landing", VolumeType.MANAGED)
        workspace.volumes.delete(made.full_name)
        with pytest.raises(NotFound):
            workspace.volumes.read(made.full_name)


class TestFunctions:
    def test_function(self, workspace: WorkspaceClient, session: Client) -> None:
        assert [one.name for one in workspace.functions.list(CATALOG, ME)] == ["twice"]
        found = workspace.functions.get(f"{CATALOG}.{ME}.twice")
        assert (found.full_data_type, found.routine_definition, found.comment) == ("BIGINT", "x * 2", "doubles")
        assert [(one.name, one.type_text, one.comment) for one in found.input_params.parameters] == [
            ("x", "int", "a number"),
            ("label", "string", None),
        ]
        session.run("create function brief() returns int return 1")
        workspace.functions.delete(f"{CATALOG}.{ME}.brief")
        with pytest.raises(NotFound):
            workspace.functions.get(f"{CATALOG}.{ME}.brief")


class TestNamesAreOnlyNames:
    @pytest.mark.parametrize("name", HOSTILE)
    def test_hostile_names(self, workspace: WorkspaceClient, session: Client, name: str) -> None:
        """They are refused, or are the name of exactly what was made."""
        before = set(session.values("show schemas"))
        for call in (
            lambda: workspace.schemas.create(name, CATALOG, comment=name),
            lambda: workspace.volumes.create(CATALOG, ME, name, VolumeType.MANAGED, comment=name),
        ):
            _refused_or_done(call)
        created = set(session.values("show schemas")) - before
        assert created <= {name.lower()}
        for one in created:
            workspace.schemas.delete(f"{CATALOG}.{one}")
        assert {volume.name for volume in workspace.volumes.list(CATALOG, ME)} <= {name.lower()}
        for volume in list(workspace.volumes.list(CATALOG, ME)):
            workspace.volumes.delete(volume.full_name)
        assert session.value("select count(*) from orders") == 0

    @pytest.mark.parametrize("name", HOSTILE)
    def test_hostile_names_of_what_is_looked_for(self, workspace: WorkspaceClient, session: Client, name: str) -> None:
        for call in (
            lambda: workspace.tables.get(f"{CATALOG}.{ME}.{name}"),
            lambda: workspace.tables.delete(f"{CATALOG}.{ME}.{name}"),
            lambda: workspace.functions.get(f"{CATALOG}.{ME}.{name}"),
            lambda: workspace.schemas.delete(f"{CATALOG}.{name}", force=True),
            lambda: list(workspace.tables.list(CATALOG, name)),
        ):
            with pytest.raises((BadRequest, NotFound)):
                call()
        assert session.value("select count(*) from orders") == 0


def _refused_or_done(call: Any) -> None:
    try:
        call()
    except (BadRequest, NotFound):
        return
