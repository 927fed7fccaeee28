"""Row filters and column masks: whoever reads a table by its name reads what its policies leave."""

from __future__ import annotations

import json

import pytest
from sql_client import Client, Server, run_python

pytestmark = pytest.mark.server
ME = "test_policies"
TABLE = """create or replace table people (
    id bigint not null, name string mask hide_name using columns (id, 'no. ') comment 'who', country string, n int
) with row filter in_reach on (country)"""
ROWS = [(1, "no. 1", "AT", 10), (2, "no. 2", "AT", 20)]


@pytest.fixture(scope="module", autouse=True)
def objects(session: Client) -> None:
    """A table with a mask and a row filter; the user is no member of the group that sees all."""
    session.run(
        "create function hide_name(name string, id bigint, prefix string) returns string "
        "return case when is_account_group_member('doctors') then name else concat(prefix, cast(id as string)) end",
        "create function in_reach(country string) returns boolean "
        "return is_account_group_member('doctors') or country = 'AT' or current_user() = 'nobody'",
        "create table reach (country string)",
        "insert into reach values ('DE')",
        "create function in_table(c string) returns boolean return exists (select 1 from reach where country = c)",
    )


@pytest.fixture(autouse=True)
def people(session: Client) -> None:
    """The table with its rows."""
    session.run(TABLE, "insert into people values (1, 'Ada', 'AT', 10), (2, 'Bea', 'AT', 20), (3, 'Cleo', 'DE', 30)")
    session.run("drop view if exists seen", "drop table if exists copied")


@pytest.mark.parametrize(
    ("statement", "rows"),
    [
        ("select * from people order by id", ROWS),
        (f"table spark_catalog.{ME}.people", ROWS),
        ("select name from people where name like 'no%' order by name desc", [("no. 2",), ("no. 1",)]),
        ("select name from people where name = 'Ada'", []),
        ("select min(name), max(id), count(*) from people", [("no. 1", 2, 2)]),
        ("select p.name, q.name from people p join people q on p.id = q.id - 1", [("no. 1", "no. 2")]),
        ("with p as (select * from people) select max(p.name) from p", [("no. 2",)]),
        ("select count(*) from reach where exists (select 1 from people where people.country = reach.country)", [(0,)]),
        ("select name from people where id in (select max(id) from people)", [("no. 2",)]),
        ("select name, sum(n) over (order by id) from people order by id", [("no. 1", 10), ("no. 2", 30)]),
        ("select name from people union all select name from people where id = 3", [("no. 1",), ("no. 2",)]),
        ("select people.name from people version as of 1 as people where id = 1", [("no. 1",)]),
    ],
)
def test_reading(session: Client, statement: str, rows: list[tuple[object, ...]]) -> None:
    found = session.rows(statement)
    assert (found if "order by" in statement else sorted(found)) == rows


def test_through_a_view_and_into_a_table(session: Client) -> None:
    session.run("create view seen as select upper(name) as name from people")
    assert sorted(session.rows("select * from seen")) == [("NO. 1",), ("NO. 2",)]
    session.run("create table copied as select * from people")
    session.run("insert into copied select * from people where id = 2")
    assert session.rows("select name, count(*) from copied group by name order by name") == [("no. 1", 1), ("no. 2", 2)]


def test_types_and_order_of_columns_stay(session: Client) -> None:
    session.rows("select * from people")
    assert list(zip(session.columns, session.types, strict=True)) == [
        ("id", "bigint"),
        ("name", "string"),
        ("country", "string"),
        ("n", "int"),
    ]


class TestWriting:
    """A row that is not seen is not changed; a masked column is not read unmasked."""

    def all_rows(self, session: Client) -> list[tuple[object, ...]]:
        session.run("alter table people drop row filter", "alter table people alter column name drop mask")
        return session.rows("select id, name, n from people order by id, n")

    def test_delete(self, session: Client) -> None:
        session.run("delete from people where n > 5")
        assert self.all_rows(session) == [(3, "Cleo", 30)]

    def test_update(self, session: Client) -> None:
        session.run("update people as p set n = p.n + 1")
        assert self.all_rows(session) == [(1, "Ada", 11), (2, "Bea", 21), (3, "Cleo", 30)]

    def test_merge(self, session: Client) -> None:
        session.run(
            f"merge into {ME}.people t using (select 1L as id, 'Eva' as name, 'AT' as country, 0 as n "
            "union all select 3L, 'Fay', 'AT', 1) s "
            "on t.id = s.id when matched then update set * when not matched then insert *"
        )
        assert self.all_rows(session) == [(1, "Eva", 0), (2, "Bea", 20), (3, "Fay", 1), (3, "Cleo", 30)]

    def test_insert(self, session: Client) -> None:
        session.run("insert into people values (4, 'Dora', 'DE', 40)")
        assert (4, "Dora", 40) in self.all_rows(session)

    @pytest.mark.parametrize(
        "statement",
        [
            "delete from people where name = 'Ada'",
            "update people set country = name",
            "merge into people t using people s on t.name = s.name when matched then delete",
        ],
    )
    def test_masked_columns_are_not_read(self, session: Client, statement: str) -> None:
        session.fails(statement, "UNSUPPORTED_FEATURE.LOCALBRICKS", "0A000", "masked column", "`name`")

    def test_a_masked_column_is_written(self, session: Client) -> None:
        session.run("update people set name = 'Zoe' where id = 1")
        assert self.all_rows(session)[0] == (1, "Zoe", 10)

    def test_a_filter_that_reads_tables(self, session: Client) -> None:
        session.run("alter table people set row filter in_table on (country)")
        assert session.values("select id from people") == [3]
        session.fails("delete from people", "UNSUPPORTED_FEATURE.LOCALBRICKS", "0A000", "row filter")


class TestLife:
    def test_what_is_kept(self, session: Client) -> None:
        where = f"where table_schema = '{ME}' and table_name = 'people'"
        assert session.rows(
            f"select column_name, mask_name, using_columns from system.information_schema.column_masks {where}"
        ) == [("name", f"spark_catalog.{ME}.hide_name", "id,'no. '")]
        assert session.rows(
            f"select filter_name, target_columns from spark_catalog.information_schema.row_filters {where}"
        ) == [(f"spark_catalog.{ME}.in_reach", "country")]
        told = json.loads(session.value("describe table extended people as json"))
        function = {"catalog_name": "spark_catalog", "schema_name": ME}
        assert told["column_masks"] == [
            {
                "column_name": "name",
                "function_name": function | {"function_name": "hide_name"},
                "using_column_names": ["id", "'no. '"],
            }
        ]
        assert told["row_filter"] == {
            "function_name": function | {"function_name": "in_reach"},
            "column_names": ["country"],
        }

    def test_they_follow_the_table(self, session: Client) -> None:
        session.run("alter table people rename to folk")
        assert session.values("select name from folk order by 1") == ["no. 1", "no. 2"]
        session.run("drop table folk", "create table folk (id bigint, name string, country string, n int)")
        session.run("insert into folk values (3, 'Cleo', 'DE', 30)")
        assert session.rows("select * from folk") == [(3, "Cleo", "DE", 30)]
        session.run("drop table folk")

    def test_they_stay_when_the_table_is_replaced(self, session: Client) -> None:
        session.run("create or replace table people as select 1L as id, 'Ada' as name, 'AT' as country")
        assert session.rows("select * from people") == [(1, "no. 1", "AT")]

    @pytest.mark.parametrize(
        ("constants", "shown"),
        [
            ("interval 2 days, +3, date'2024-01-02'", "INTERVAL '2' DAY 3 2024-01-02"),
            ("interval '2' day, -3, null", "INTERVAL '2' DAY -3"),
        ],
    )
    def test_constants(self, session: Client, constants: str, shown: str) -> None:
        session.run(
            "create or replace function told(name string, span interval day, n int, at date) returns string "
            "return concat_ws(' ', cast(span as string), cast(n as string), cast(at as string))",
            f"create table copied (name string mask told using columns ({constants}))",
            "insert into copied values ('Ada')",
        )
        assert session.value("select name from copied") == shown
        session.run(
            "alter table copied alter column name drop mask",
            f"alter table copied alter column name set mask told using columns ({constants})",
        )
        assert session.value("select name from copied") == shown

    @pytest.mark.parametrize(
        ("change", "kind"),
        [
            ("rename column NAME to called", "COLUMN_MASKS"),
            ("drop column name", "COLUMN_MASKS"),
            ("drop columns (n, id)", "COLUMN_MASKS"),
            ("rename column country to land", "ROW_LEVEL_SECURITY"),
        ],
    )
    def test_they_keep_their_columns(self, session: Client, change: str, kind: str) -> None:
        """A policy knows its columns by their names: a column that had another would be read unmasked."""
        session.run("alter table people set tblproperties ('delta.columnMapping.mode' = 'name')")
        session.fails(f"alter table people {change}", f"{kind}_INCOMPATIBLE_SCHEMA_CHANGE", "0A000", "people")
        assert session.rows("select * from people order by id") == ROWS
        session.run("alter table people rename column n to m", "alter table people drop column if exists m")
        assert session.values("select name from people order by 1") == ["no. 1", "no. 2"]

    @pytest.mark.parametrize(
        "columns", ["as select 1L as id, 'AT' as country", "(id bigint primary key, country string)"]
    )
    def test_a_mask_goes_with_its_column(self, session: Client, columns: str) -> None:
        """Whichever rule serves the statement that replaces the table."""
        session.run(f"create or replace table people {columns}", "truncate table people")
        session.run("insert into people values (1, 'AT')")
        assert session.rows("select * from people") == [(1, "AT")]
        session.run("alter table people add column name string", "update people set name = 'Ada'")
        assert session.values("select name from people") == ["Ada"]

    def test_a_masked_column_that_is_not_there_closes_the_table(self, session: Client, server: Server) -> None:
        """Python knows no rules of SQL statements: what it renames is not read at all."""
        session.run("alter table people set tblproperties ('delta.columnMapping.mode' = 'name')")
        done = run_python(server, f"_ = spark.sql('alter table {ME}.people rename column name to called')")
        assert done.cause is None
        assert "called" in session.values("describe people")
        closed = "QUERIED_TABLE_INCOMPATIBLE_WITH_COLUMN_MASK_POLICY.ARGUMENT_NOT_FOUND_IN_TARGET_TABLE"
        session.fails("select called from people", closed, "428HD", "people", "[name]")
        session.run("alter table people alter column name drop mask")
        assert session.values("select called from people order by 1") == ["Ada", "Bea"]

    def test_another_mask(self, session: Client) -> None:
        session.run(
            "create or replace function hidden(x string) returns string return 'hidden'",
            "alter table people alter column name set mask hidden",
        )
        assert set(session.values("select name from people")) == {"hidden"}

    def test_it_is_not_cloned(self, session: Client) -> None:
        clone = "create table copied shallow clone people"
        session.fails(clone, "ROW_LEVEL_SECURITY_FEATURE_NOT_SUPPORTED.CLONE", "0A000")
        session.run("alter table people drop row filter")
        session.fails(clone, "COLUMN_MASKS_FEATURE_NOT_SUPPORTED.CLONE", "0A000")


@pytest.mark.parametrize(
    ("statement", "error_class", "sqlstate"),
    [
        ("alter table people alter column name set mask nothing", "ROUTINE_NOT_FOUND", "42883"),
        ("alter table people alter column name set mask hide_name", "WRONG_NUM_ARGS.WITHOUT_SUGGESTION", "42605"),
        (
            "alter table people alter column name set mask hide_name using columns (id, nothing)",
            "UNRESOLVED_COLUMN.WITH_SUGGESTION",
            "42703",
        ),
        (
            "alter table people alter column name set mask hide_name using columns (name, id)",
            "COLUMN_MASKS_USING_COLUMN_NAME_SAME_AS_TARGET_COLUMN",
            "428GB",
        ),
        (
            "alter table people alter column name set mask hide_name using columns (id, id)",
            "COLUMN_MASKS_DUPLICATE_USING_COLUMN_NAME",
            "42734",
        ),
        ("alter table people alter column nothing drop mask", "COLUMN_NOT_FOUND_IN_TABLE", "42703"),
        (
            "alter table people set row filter in_reach on (country, country)",
            "ROW_LEVEL_SECURITY_DUPLICATE_COLUMN_NAME",
            "42734",
        ),
        ("alter table people set row filter hide_name on (name, id, country)", "INVALID_ROW_FILTER_FUNCTION", "42K09"),
        ("alter table nothing set row filter in_reach on (country)", "TABLE_OR_VIEW_NOT_FOUND", "42P01"),
        ("create table other (a string mask nothing)", "ROUTINE_NOT_FOUND", "42883"),
        ("create table other (a int) with row filter in_reach on (b)", "UNRESOLVED_COLUMN.WITH_SUGGESTION", "42703"),
    ],
)
def test_refused(session: Client, statement: str, error_class: str, sqlstate: str) -> None:
    session.fails(statement, error_class, sqlstate)
    assert session.rows("show tables like 'other'") == []


def test_views_have_none(session: Client) -> None:
    session.run("create view seen as select * from reach")
    session.fails(
        "alter view seen set row filter in_reach on (country)",
        "ROW_LEVEL_SECURITY_FEATURE_NOT_SUPPORTED.VIEWS",
        "0A000",
    )
