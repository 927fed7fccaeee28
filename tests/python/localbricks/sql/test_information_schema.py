"""The information schema: Databricks' columns, rows as of now, whatever the statement looks like."""

from __future__ import annotations

import datetime

import pytest
from sql_client import Client

from localbricks.catalog.information_schema import TABLES

pytestmark = pytest.mark.server
ME = "test_information_schema"
INFO = "information_schema"


@pytest.fixture(scope="module", autouse=True)
def objects(session: Client) -> None:
    """Two tables with keys and a check, a view, tags and grants."""
    session.run(
        """create table parent (
            id int not null comment 'the id', code string not null, amount decimal(10,2) default 1.5, day date,
            ratio double, at timestamp, places array<string>, constraint parent_pk primary key (id, code),
            constraint positive check (amount > 0)
        ) partitioned by (day) comment 'a parent' tblproperties ('delta.feature.allowColumnDefaults' = 'supported')""",
        """create table child (pid int, pcode string,
            constraint child_fk foreign key (pid, pcode) references parent (id, code))""",
        "create view seen comment 'a view' as select id from parent",
        "alter table parent set tags ('owner' = 'me', 'flag')",
        "alter table parent alter column id set tags ('pii' = 'no')",
        f"alter schema {ME} set tags ('area' = 'tests')",
        "grant select on table parent to someone",
        f"grant use schema on schema {ME} to `some one`",
        "create volume files comment 'some files'",
    )


@pytest.mark.parametrize("table", sorted(TABLES))
@pytest.mark.parametrize("catalog", ["system", "`spark_catalog`"])
def test_every_table_is_there(session: Client, catalog: str, table: str) -> None:
    session.rows(f"select * from {catalog}.{INFO}.{table} limit 0")
    assert session.columns == [name for name, _ in TABLES[table].columns]


def test_tables(session: Client) -> None:
    rows = session.rows(
        "select table_name, table_type, is_insertable_into, commit_action, table_owner, comment, data_source_format "
        f"from system.{INFO}.tables where table_catalog = 'spark_catalog' and table_schema = '{ME}' order by 1"
    )
    owner = "localbricks@localhost"
    assert rows == [
        ("child", "MANAGED", "YES", "PRESERVE", owner, None, "DELTA"),
        ("parent", "MANAGED", "YES", "PRESERVE", owner, "a parent", "DELTA"),
        ("seen", "VIEW", "NO", "PRESERVE", owner, "a view", "UNKNOWN_DATA_SOURCE_FORMAT"),
    ]


def test_last_altered_follows_the_data(session: Client) -> None:
    ask = f"select created, last_altered from {INFO}.tables where table_schema = '{ME}' and table_name = 'child'"
    ((created, before),) = session.rows(ask)
    session.run("insert into child values (1, 'a')")
    ((same, after),) = session.rows(ask)
    assert created == same and after > before
    assert abs(after - datetime.datetime.now(datetime.UTC)) < datetime.timedelta(minutes=5)


def test_columns(session: Client) -> None:
    """Positions count from 1, as Databricks documents them."""
    rows = session.rows(
        "select column_name, ordinal_position, column_default, is_nullable, full_data_type, data_type, "
        "numeric_precision, numeric_precision_radix, numeric_scale, datetime_precision, partition_index, comment "
        f"from {INFO}.columns where table_schema = '{ME}' and table_name = 'parent' order by ordinal_position"
    )
    assert rows == [
        ("id", 1, None, "NO", "int", "INT", 32, 2, 0, None, None, "the id"),
        ("code", 2, None, "NO", "string", "STRING", None, None, None, None, None, None),
        ("amount", 3, "1.5", "YES", "decimal(10,2)", "DECIMAL", 10, 10, 2, None, None, None),
        ("day", 4, None, "YES", "date", "DATE", None, None, None, 0, 1, None),
        ("ratio", 5, None, "YES", "double", "DOUBLE", 53, 2, None, None, None, None),
        ("at", 6, None, "YES", "timestamp", "TIMESTAMP", None, None, None, 3, None, None),
        ("places", 7, None, "YES", "array<string>", "ARRAY", None, None, None, None, None, None),
    ]


def test_views(session: Client) -> None:
    assert session.rows(f"select table_name, view_definition from {INFO}.views where table_schema = '{ME}'") == [
        ("seen", "select id from parent")
    ]


def test_schemata(session: Client) -> None:
    found = session.values(f"select schema_name from {INFO}.schemata where catalog_name = 'spark_catalog'")
    assert {ME, "default", INFO} <= set(found)


def test_catalogs(session: Client) -> None:
    assert session.values(f"select catalog_name from system.{INFO}.catalogs order by 1") == ["spark_catalog", "system"]


class TestConstraints:
    def test_table_constraints(self, session: Client) -> None:
        rows = session.rows(
            f"select table_name, constraint_name, constraint_type, enforced from {INFO}.table_constraints "
            f"where table_schema = '{ME}' order by 1, 2"
        )
        assert rows == [
            ("child", "child_fk", "FOREIGN KEY", "NO"),
            ("parent", "parent_pk", "PRIMARY KEY", "NO"),
            ("parent", "positive", "CHECK", "YES"),
        ]

    def test_key_column_usage(self, session: Client) -> None:
        rows = session.rows(
            "select constraint_name, column_name, ordinal_position, position_in_unique_constraint "
            f"from {INFO}.key_column_usage where table_schema = '{ME}' order by 1, 3"
        )
        assert rows == [
            ("child_fk", "pid", 1, 1),
            ("child_fk", "pcode", 2, 2),
            ("parent_pk", "id", 1, None),
            ("parent_pk", "code", 2, None),
        ]

    def test_referential_constraints(self, session: Client) -> None:
        assert session.rows(
            "select constraint_name, unique_constraint_schema, unique_constraint_name, delete_rule "
            f"from {INFO}.referential_constraints where constraint_schema = '{ME}'"
        ) == [("child_fk", ME, "parent_pk", "NO ACTION")]

    def test_usage(self, session: Client) -> None:
        assert session.rows(
            f"select table_name, column_name from {INFO}.constraint_column_usage where constraint_name = 'child_fk'"
        ) == [("parent", "id"), ("parent", "code")]
        assert session.values(
            f"select table_name from {INFO}.constraint_table_usage where constraint_name = 'child_fk'"
        ) == ["parent"]

    def test_check_constraints(self, session: Client) -> None:
        assert session.rows(
            f"select constraint_name, check_clause from {INFO}.check_constraints where constraint_schema = '{ME}'"
        ) == [("positive", "amount > 0")]

    def test_the_adapters_query_for_primary_keys(self, session: Client) -> None:
        where = f"table_catalog = 'spark_catalog' and table_schema = '{ME}' and table_name = 'parent'"
        assert session.values(
            f"select kcu.column_name from `spark_catalog`.{INFO}.key_column_usage kcu "
            f"where kcu.table_catalog = 'spark_catalog' and kcu.table_schema = '{ME}' and kcu.table_name = 'parent' "
            f"and kcu.constraint_name = (select constraint_name from `spark_catalog`.{INFO}.table_constraints "
            f"where {where} and constraint_type = 'PRIMARY KEY') order by kcu.ordinal_position;"
        ) == ["id", "code"]

    def test_the_adapters_query_for_foreign_keys(self, session: Client) -> None:
        join = " and ".join(
            f"rc.unique_constraint_{part} = ukcu.constraint_{part}" for part in ("catalog", "schema", "name")
        )
        assert session.rows(
            "select kcu.constraint_name, kcu.column_name, ukcu.table_name, ukcu.column_name as to_column "
            f"from `spark_catalog`.{INFO}.key_column_usage kcu join `spark_catalog`.{INFO}.referential_constraints rc "
            f"on kcu.constraint_name = rc.constraint_name join `spark_catalog`.{INFO}.key_column_usage ukcu "
            f"on {join} and kcu.ordinal_position = ukcu.ordinal_position "
            f"where kcu.table_schema = '{ME}' and kcu.table_name = 'child' order by kcu.ordinal_position"
        ) == [("child_fk", "pid", "parent", "id"), ("child_fk", "pcode", "parent", "code")]


def test_tags(session: Client) -> None:
    where = f"where schema_name = '{ME}' order by tag_name"
    assert session.rows(f"select table_name, tag_name, tag_value from system.{INFO}.table_tags {where}") == [
        ("parent", "flag", ""),
        ("parent", "owner", "me"),
    ]
    assert session.rows(f"select table_name, column_name, tag_name, tag_value from {INFO}.column_tags {where}") == [
        ("parent", "id", "pii", "no")
    ]
    assert session.rows(f"select tag_name, tag_value from {INFO}.schema_tags {where}") == [("area", "tests")]


def test_privileges(session: Client) -> None:
    assert session.rows(
        f"select grantee, table_name, privilege_type from {INFO}.table_privileges where table_schema = '{ME}'"
    ) == [("someone", "parent", "SELECT")]
    assert session.rows(f"select grantee, privilege_type from {INFO}.schema_privileges where schema_name = '{ME}'") == [
        ("some one", "USE SCHEMA")
    ]


def test_volumes(session: Client) -> None:
    assert session.rows(
        f"select volume_name, volume_type, comment from {INFO}.volumes where volume_schema = '{ME}'"
    ) == [("files", "MANAGED", "some files")]


class TestForms:
    """However the statement is written."""

    @pytest.mark.parametrize(
        "statement",
        [
            f"select count(*) from {INFO}.tables where table_schema = '{ME}'",
            f"/* dbt */ SELECT count(*) FROM `System`.`INFORMATION_SCHEMA`.`Tables` t where t.table_schema = '{ME}';",
            f"(select count(*) from {INFO}.tables where table_schema = '{ME}')",
            f"with a as (select * from {INFO}.tables) select count(*) from a where table_schema = '{ME}'",
            f"select count(*) from {INFO}.tables where {INFO}.tables.table_schema = '{ME}'",
            f"select count(*) from {INFO}.tables as x where '{ME}' = x.table_schema",
            f"select sum(if(table_schema = '{ME}', 1, 0)) from {INFO}.tables",
            f"select count_if(table_schema = '{ME}') from {INFO}.tables",
            f"from {INFO}.tables select count_if(table_schema = '{ME}')",
            f"select count(*) from {INFO}.tables t left join {INFO}.views v on t.table_schema = '{ME}' "
            f"and v.table_name = t.table_name where lower(t.table_schema) = '{ME}'",
            f"select count(*) from {INFO}.tables where table_schema in ('{ME}', 'nowhere')",
            f"select count(*) from {INFO}.tables where concat(table_schema, '') = '{ME}'",
        ],
    )
    def test_count(self, session: Client, statement: str) -> None:
        assert session.value(statement) == 3

    def test_two_branches(self, session: Client) -> None:
        """As dbt asks for the freshness of sources."""
        branch = f"(table_schema = '{ME}' and table_name = '{{}}')"
        rows = session.values(
            f"select table_name from `system`.{INFO}.tables where table_catalog = 'spark_catalog' "
            f"and ({branch.format('parent')} or {branch.format('child')}) order by 1"
        )
        assert rows == ["child", "parent"]

    def test_into_a_table(self, session: Client) -> None:
        session.run(f"create table copied as select table_name from {INFO}.tables where table_schema = '{ME}'")
        assert session.value("select count(*) from copied") == 3
        session.run(f"insert into copied select table_name from {INFO}.views where table_schema = '{ME}'")
        assert session.value("select count(*) from copied") == 4
        session.run("drop table copied")

    def test_its_name_may_be_data(self, session: Client) -> None:
        assert session.value(f"select '{INFO}.tables' as x -- {INFO}.tables") == f"{INFO}.tables"

    def test_nothing_is_left_in_the_session(self, session: Client) -> None:
        session.rows(f"select * from {INFO}.tables limit 0")
        session.fails(f"select nope from {INFO}.tables", "UNRESOLVED_COLUMN.WITH_SUGGESTION", "42703")
        assert [row[1] for row in session.rows("show views")] == ["seen"]

    def test_refused(self, session: Client) -> None:
        session.fails(f"select * from {INFO}.nope", "TABLE_OR_VIEW_NOT_FOUND", "42P01", "table_constraints")
        session.fails(f"create view v as select * from {INFO}.tables", "UNSUPPORTED_FEATURE.LOCALBRICKS", "0A000")


def test_a_dropped_table_is_gone_at_once(session: Client) -> None:
    session.run("create table brief (id int primary key)", "alter table brief set tags ('a' = 'b')", "drop table brief")
    for table in ("tables", "columns", "table_constraints", "key_column_usage"):
        assert session.rows(f"select 1 from {INFO}.{table} where table_schema = '{ME}' and table_name = 'brief'") == []
    assert session.rows(f"select 1 from {INFO}.table_tags where table_name = 'brief'") == []
