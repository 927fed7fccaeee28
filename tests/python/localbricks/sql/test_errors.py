"""Common mistakes: Databricks' error class and SQLSTATE for each."""

from __future__ import annotations

import pytest
from sql_client import Client

pytestmark = pytest.mark.server
ME = "test_errors"


@pytest.fixture(scope="module", autouse=True)
def objects(session: Client) -> None:
    """A table with a check, and a view."""
    session.run(
        "create table t (id bigint not null, s string, d date, constraint small check (id < 100))",
        "insert into t values (1, 'a', null), (2, 'b', null)",
        "create view v as select id from t",
        "create table other (id bigint not null)",
    )


@pytest.mark.parametrize(
    ("statement", "error_class", "sqlstate"),
    [
        # names
        ("select * from nothing", "TABLE_OR_VIEW_NOT_FOUND", "42P01"),
        ("select * from nowhere.nothing", "TABLE_OR_VIEW_NOT_FOUND", "42P01"),
        ("drop table nothing", "TABLE_OR_VIEW_NOT_FOUND", "42P01"),
        ("describe table extended nothing", "TABLE_OR_VIEW_NOT_FOUND", "42P01"),
        ("use schema nowhere", "SCHEMA_NOT_FOUND", "42704"),
        ("drop schema nowhere", "SCHEMA_NOT_FOUND", "42704"),
        ("show tables in nowhere", "SCHEMA_NOT_FOUND", "42704"),
        ("use catalog nowhere", "NO_SUCH_CATALOG_EXCEPTION", "42704"),
        ("select nothing from t", "UNRESOLVED_COLUMN.WITH_SUGGESTION", "42703"),
        ("select t.nothing from t", "UNRESOLVED_COLUMN.WITH_SUGGESTION", "42703"),
        ("select id from t join other on true", "AMBIGUOUS_REFERENCE", "42704"),
        ("select nothing(1)", "UNRESOLVED_ROUTINE", "42883"),
        # what is there already
        ("create table t (id int)", "TABLE_OR_VIEW_ALREADY_EXISTS", "42P07"),
        ("create view v as select 1 as a", "TABLE_OR_VIEW_ALREADY_EXISTS", "42P07"),
        (f"create schema {ME}", "SCHEMA_ALREADY_EXISTS", "42P06"),
        (f"drop schema {ME}", "SCHEMA_NOT_EMPTY", "2BP01"),
        ("drop view t", "WRONG_COMMAND_FOR_OBJECT_TYPE", "42809"),
        # grammar
        ("selec 1", "PARSE_SYNTAX_ERROR", "42601"),
        ("select (1", "PARSE_SYNTAX_ERROR", "42601"),
        ("select id, count(*) from t", "MISSING_GROUP_BY", "42803"),
        ("select s, count(*) from t group by id", "MISSING_AGGREGATION", "42803"),
        ("select 1 as a union select 1, 2", "NUM_COLUMNS_MISMATCH", "42826"),
        (
            "select id from t where id in (select id, s from t)",
            "DATATYPE_MISMATCH.IN_SUBQUERY_LENGTH_MISMATCH",
            "42K09",
        ),
        ("select sum(sum(id)) from t", "NESTED_AGGREGATE_FUNCTION", "42607"),
        ("select (select id from t)", "SCALAR_SUBQUERY_TOO_MANY_ROWS", "21000"),
        # values
        ("select 1 / 0", "DIVIDE_BY_ZERO", "22012"),
        ("select cast('x' as int)", "CAST_INVALID_INPUT", "22018"),
        ("select date'2024-13-01'", "INVALID_TYPED_LITERAL", "42604"),
        ("select to_date('x', 'yyyy-MM-dd')", "CANNOT_PARSE_TIMESTAMP", "22007"),
        ("select cast(300 as tinyint)", "CAST_OVERFLOW", "22003"),
        ("select 2147483647 + 1", "ARITHMETIC_OVERFLOW", "22003"),
        ("select array(1)[5]", "INVALID_ARRAY_INDEX", "22003"),
        ("select raise_error('mine')", "USER_RAISED_EXCEPTION", "P0001"),
        ("select id + array(1) from t", "DATATYPE_MISMATCH.BINARY_OP_DIFF_TYPES", "42K09"),
        # writing
        ("insert into t values (1)", "DELTA_INSERT_COLUMN_ARITY_MISMATCH", "42802"),
        ("insert into other values (null)", "DELTA_NOT_NULL_CONSTRAINT_VIOLATED", "23502"),
        ("insert into t values (500, 'a', null)", "DELTA_VIOLATE_CONSTRAINT_WITH_VALUES", "23001"),
        (
            "merge into t using (select 1L as id, 'x' as s from t) n on t.id = n.id when matched then update set s = n.s",
            "DELTA_MULTIPLE_SOURCE_ROW_MATCHING_TARGET_ROW_IN_MERGE",
            "21506",
        ),
        ("alter table t add column id int", "FIELD_ALREADY_EXISTS", "42710"),
        ("alter table t drop constraint nothing", "DELTA_CONSTRAINT_DOES_NOT_EXIST", "42704"),
        # variables and scripts
        ("set var nothing = 1", "UNRESOLVED_VARIABLE", "42883"),
        ("begin select * from nothing; end", "TABLE_OR_VIEW_NOT_FOUND", "42P01"),
        ("begin signal sqlstate '45000'; end", "PARSE_SYNTAX_ERROR", "42601"),
    ],
)
def test_mistake(session: Client, statement: str, error_class: str, sqlstate: str) -> None:
    session.fails(statement, error_class, sqlstate)


def test_variables_and_scripts(session: Client) -> None:
    session.run("declare or replace variable n int default 1", "set var n = n + 1")
    assert session.value("select n") == 2
    assert session.rows("begin declare x int default 1; set x = x + 1; select x, 'y'; end") == [(2, "y")]
    assert session.value("begin if true then select 1; else select 2; end if; end") == 1


@pytest.mark.parametrize(
    ("statement", "value"),
    [
        ("execute immediate 'select 1 + 1'", 2),
        ("execute immediate 'select ? + ?' using 3, (4)", 7),
        ("execute immediate 'select :a || :b' using 'x' as a, upper('y') as b", "xY"),
        ("execute immediate statement_text using (5 as n)", 6),
    ],
)
def test_execute_immediate(session: Client, statement: str, value: object) -> None:
    session.run("declare or replace variable statement_text string default 'select :n + 1'")
    assert session.value(statement) == value


def test_execute_immediate_into(session: Client) -> None:
    session.run("declare or replace variable found int", "execute immediate 'select ? * 2' into found using 21")
    assert session.value("select found") == 42


@pytest.mark.parametrize("statement", ["insert into other", "", "create table full as"])
def test_full_disk_is_told_by_the_cause_of_what_failed(session: Client, statement: str) -> None:
    """A task's own words are a cause of what the statement says; `make faults` fills a disk."""
    failing = "cast(raise_error(concat('No space left on device: ', id)) as bigint) as id from t"
    session.fails(f"{statement} select {failing}", "LOCALBRICKS_DISK_FULL", "53100", "No space left on device")
