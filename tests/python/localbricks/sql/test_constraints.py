"""Keys, checks and NOT NULL: kept, enforced where Databricks enforces, refused where Unity Catalog refuses."""

from __future__ import annotations

import pytest
from sql_client import Client, Row

pytestmark = pytest.mark.server
ME = "test_constraints"


@pytest.fixture(scope="module", autouse=True)
def objects(session: Client) -> None:
    """A parent with a key of two columns."""
    session.run("create table parent (a int not null, b string not null, c int, constraint pk primary key (a, b) rely)")


def constraints(session: Client, table: str) -> list[Row]:
    """Name, kind and columns of a table's keys."""
    return session.rows(
        "select t.constraint_name, t.constraint_type, collect_list(k.column_name) "
        "from information_schema.table_constraints t join information_schema.key_column_usage k "
        "on k.constraint_name = t.constraint_name and k.table_name = t.table_name and k.table_schema = t.table_schema "
        f"where t.table_schema = '{ME}' and k.table_schema = '{ME}' and t.table_name = '{table}' "
        "group by 1, 2 order by 1"
    )


def names(session: Client, table: str) -> list[str]:
    return session.values(
        "select constraint_name from information_schema.table_constraints "
        f"where table_schema = '{ME}' and table_name = '{table}' order by 1"
    )


class TestInCreate:
    def test_of_columns(self, session: Client) -> None:
        session.run("create table one (id int primary key, x int constraint named references one (id), y int)")
        assert names(session, "one") == ["named", "one_pk"]

    def test_columns_of_a_primary_key_are_not_null(self, session: Client) -> None:
        session.run(
            "create table implied (id int comment 'x', n int not null, o int, constraint k primary key (ID, n))"
        )
        rows = session.rows(
            f"select column_name, is_nullable from information_schema.columns where table_schema = '{ME}' "
            "and table_name = 'implied'"
        )
        assert dict(rows) == {"id": "NO", "n": "NO", "o": "YES"}

    def test_of_tables(self, session: Client) -> None:
        session.run(
            """create or replace table `two` (
                id bigint not null default 1 comment 'a, (b)', x int, y string, z struct<a: array<int>, b: decimal(5,2)>,
                constraint two_pk primary key (id) not enforced norely,
                constraint `two fk` foreign key (x, y) references parent (a, b) match full on update no action
                    on delete no action deferrable initially deferred,
                foreign key (x, y) references spark_catalog.test_constraints.parent,
                constraint small check (x < 10 and y in ('a)', 'b'))
            ) using delta comment 'two' tblproperties ('delta.feature.allowColumnDefaults' = 'supported')"""
        )
        assert names(session, "two") == ["small", "two fk", "two_parent_fk", "two_pk"]
        assert [row[1] for row in session.rows("describe two")] == [
            "bigint",
            "int",
            "string",
            "struct<a:array<int>,b:decimal(5,2)>",
        ]
        assert session.pairs("describe extended two")["Comment"] == "two"

    def test_names_that_are_also_words(self, session: Client) -> None:
        session.run(
            "create table words (`primary` int, check string, `references` int, foreign string, primary key (`primary`))"
        )
        assert [row[0] for row in session.rows("describe words")] == ["primary", "check", "references", "foreign"]

    def test_a_table_that_is_there_keeps_its_keys(self, session: Client) -> None:
        session.run("create table if not exists parent (a int primary key, q int references parent)")
        assert names(session, "parent") == ["pk"]

    def test_replacing_takes_the_old_keys_away(self, session: Client) -> None:
        session.run("create table again (id int primary key)")
        session.run("create or replace table again (id int, other int primary key)")
        assert [list(row[2]) for row in constraints(session, "again")] == [["other"]]
        session.run("create or replace table again as select 1 as id")
        assert names(session, "again") == []

    @pytest.mark.parametrize(
        ("columns", "error_class", "sqlstate"),
        [
            ("id int references nothing (id)", "TABLE_OR_VIEW_NOT_FOUND", "42P01"),
            ("id int references parent", "FOREIGN_KEY_MISMATCH", "42830"),
            ("x int, y string, foreign key (x, y) references parent (a, c)", "FOREIGN_KEY_MISMATCH", "42830"),
            ("id int, primary key (nope)", "COLUMN_NOT_FOUND_IN_TABLE", "42703"),
            ("id int primary key, x int, primary key (x)", "CONSTRAINT_ALREADY_EXISTS", "42710"),
            ("id int constraint a primary key, x int constraint b primary key", "PRIMARY_KEY_ALREADY_EXISTS", "42710"),
            ("id int, constraint c check (nope > 1)", "UNRESOLVED_COLUMN.WITH_SUGGESTION", "42703"),
            ("id int, constraint c check (id > 1", "PARSE_SYNTAX_ERROR", "42601"),
            ("id int, id int primary key", "COLUMN_ALREADY_EXISTS", "42711"),
        ],
    )
    def test_refused_and_not_created(self, session: Client, columns: str, error_class: str, sqlstate: str) -> None:
        session.fails(f"create table refused ({columns})", error_class, sqlstate)
        assert session.rows("show tables like 'refused'") == []
        assert names(session, "refused") == []


class TestInAlter:
    @pytest.fixture(autouse=True)
    def table(self, session: Client) -> None:
        session.run("create or replace table t (id int not null, x int, y string)")

    def test_primary_key(self, session: Client) -> None:
        session.run("alter table t add constraint t_key primary key (ID) rely")
        assert [(row[0], row[1], list(row[2])) for row in constraints(session, "t")] == [
            ("t_key", "PRIMARY KEY", ["id"])
        ]
        session.fails("alter table t add primary key (id)", "PRIMARY_KEY_ALREADY_EXISTS", "42710")
        session.fails(
            "alter table t add constraint T_KEY foreign key (x, y) references parent",
            "CONSTRAINT_ALREADY_EXISTS",
            "42710",
        )
        session.run("alter table t drop primary key")
        session.fails("alter table t drop primary key", "CONSTRAINT_DOES_NOT_EXIST", "42704")
        session.run("alter table t drop primary key if exists")

    def test_a_primary_key_wants_not_null(self, session: Client) -> None:
        session.fails(
            "alter table t add constraint k primary key (id, x)", "DELTA_PRIMARY_KEY_COLUMN_NULLABLE", "42830", "`x`"
        )

    def test_foreign_key(self, session: Client) -> None:
        session.run("alter table t add constraint f foreign key (y, x) references parent (B, A)")
        assert session.rows(
            f"select column_name from information_schema.constraint_column_usage where constraint_name = 'f' "
            f"and constraint_schema = '{ME}'"
        ) == [("b",), ("a",)]
        session.run("alter table t drop foreign key (X, Y)")
        assert names(session, "t") == []
        session.fails("alter table t drop foreign key (x)", "CONSTRAINT_DOES_NOT_EXIST", "42704")

    def test_foreign_keys_are_checked(self, session: Client) -> None:
        """As Unity Catalog does: the parent is there, and the key is its primary key."""
        session.fails(
            "alter table t add constraint f foreign key (x) references nothing (a)", "TABLE_OR_VIEW_NOT_FOUND", "42P01"
        )
        session.fails(
            "alter table t add constraint f foreign key (x) references t (x)", "FOREIGN_KEY_MISMATCH", "42830"
        )
        session.fails(
            "alter table t add constraint f foreign key (nope, y) references parent",
            "COLUMN_NOT_FOUND_IN_TABLE",
            "42703",
        )
        assert names(session, "t") == []

    def test_dropping_a_key_that_others_refer_to(self, session: Client) -> None:
        session.run("alter table t add constraint k primary key (id)")
        session.run("create or replace table child (id int constraint to_t references t)")
        session.fails("alter table t drop constraint k", "CANNOT_DROP_PRIMARY_KEY", "2BP01", "`to_t`")
        session.fails("alter table t drop primary key restrict", "CANNOT_DROP_PRIMARY_KEY", "2BP01")
        session.run("alter table t drop constraint k cascade")
        assert names(session, "t") == names(session, "child") == []

    def test_dropping_the_parent(self, session: Client) -> None:
        session.run(
            "create table brief (id int primary key)", "create or replace table child (id int references brief)"
        )
        session.run("drop table brief")
        assert names(session, "child") == []

    def test_keys_follow_a_rename(self, session: Client) -> None:
        session.run(
            "alter table t add primary key (id)",
            "create or replace table child (id int constraint f references t)",
            "alter table t rename to renamed",
        )
        assert names(session, "renamed") == ["t_pk"]
        assert session.values(
            f"select table_name from information_schema.constraint_table_usage where constraint_name = 'f' "
            f"and constraint_schema = '{ME}'"
        ) == ["renamed"]
        session.run("drop table renamed")

    def test_a_view_has_no_keys(self, session: Client) -> None:
        session.run("create or replace view seen as select * from t")
        session.fails("alter table seen add primary key (id)", "EXPECT_TABLE_NOT_VIEW.NO_ALTERNATIVE", "42809")

    @pytest.mark.parametrize(
        "change", ["add primary key (id)", "drop primary key", "drop constraint c", "alter column id set not null"]
    )
    def test_a_missing_table(self, session: Client, change: str) -> None:
        session.fails(f"alter table nothing {change}", "TABLE_OR_VIEW_NOT_FOUND", "42P01", "nothing")


class TestChecks:
    def test_a_violating_insert(self, session: Client) -> None:
        session.run(
            "create or replace table checked (id int, constraint positive check (id > 0))",
            "insert into checked values (1)",
        )
        session.fails(
            "insert into checked values (2), (-1)", "DELTA_VIOLATE_CONSTRAINT_WITH_VALUES", "23001", "positive", "-1"
        )
        session.fails("update checked set id = -1", "DELTA_VIOLATE_CONSTRAINT_WITH_VALUES", "23001")
        assert session.values("select id from checked") == [1]

    def test_by_alter(self, session: Client) -> None:
        session.run("create or replace table checked (id int, name string)", "insert into checked values (1, 'a')")
        session.fails(
            "alter table checked add constraint c check (id > 1)", "DELTA_NEW_CHECK_CONSTRAINT_VIOLATION", "23512"
        )
        session.run("alter table checked add constraint c check (id < 10 and name <> '')")
        session.fails("alter table checked add constraint c check (id < 9)", "DELTA_CONSTRAINT_ALREADY_EXISTS", "42710")
        session.run("alter table checked drop constraint c")
        session.fails("alter table checked drop constraint c", "DELTA_CONSTRAINT_DOES_NOT_EXIST", "42704")
        session.run("alter table checked drop constraint if exists c", "insert into checked values (100, '')")


class TestNotNull:
    def test_a_violating_insert(self, session: Client) -> None:
        session.run("create or replace table strict (id int not null, name string)")
        session.fails("insert into strict values (null, 'a')", "DELTA_NOT_NULL_CONSTRAINT_VIOLATED", "23502", "id")

    @pytest.mark.parametrize("column", ["alter column name", "change column `NAME`", "alter name"])
    def test_set_and_drop(self, session: Client, column: str) -> None:
        session.run("create or replace table strict (id int, name string)", "insert into strict values (1, 'a')")
        session.run(f"alter table strict {column} set not null")
        session.fails("insert into strict values (1, null)", "DELTA_NOT_NULL_CONSTRAINT_VIOLATED", "23502", "name")
        session.run(f"alter table strict {column} set not null")
        session.run("alter table strict alter column name drop not null", "insert into strict values (1, null)")
        session.fails(f"alter table strict {column} set not null", "DELTA_NEW_NOT_NULL_VIOLATION", "23512", "1 rows")
        assert session.value("select count(*) from strict") == 2

    def test_refused(self, session: Client) -> None:
        session.run("create or replace table strict (id int, s struct<a: int>)")
        session.fails("alter table strict alter column nope set not null", "COLUMN_NOT_FOUND_IN_TABLE", "42703")
        session.fails("alter table strict alter column s.a set not null", "UNSUPPORTED_FEATURE.LOCALBRICKS", "0A000")
