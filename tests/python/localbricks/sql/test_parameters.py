"""Binding of markers to values."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localbricks.errors import DatabricksError
from localbricks.sql.lexer import tokens
from localbricks.sql.parameters import Parameter, bind


def text(value: str, name: str | None = None) -> Parameter:
    return Parameter(name, "STRING", value)


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("select ?", "select 'v'"),
        ("\n  select ?", "\n  select 'v'"),
        ("select ? -- ?", "select 'v' -- ?"),
        ("select '?', ?", "select '?', 'v'"),
        ("select `?`, ?", "select `?`, 'v'"),
        ("/* ? */ select ?;", "/* ? */ select 'v';"),
        ("select r'\\' || ?", "select r'\\' || 'v'"),
    ],
)
def test_positional(statement: str, expected: str) -> None:
    assert bind(statement, [text("v")]) == expected


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("select :a", "select 'v'"),
        ("  select :A, :a", "  select 'v', 'v'"),
        ("select ':a', `:a`, :a -- :a", "select ':a', `:a`, 'v' -- :a"),
        ("select (:a)", "select ('v')"),
        ("select :`a`, b:`a`", "select 'v', b:`a`"),
        ("select x = :a", "select x = 'v'"),
        ("select 1 where b in (:a,:a)", "select 1 where b in ('v','v')"),
        # a field of a VARIANT, a cast: no markers
        ("select b:a, :a", "select b:a, 'v'"),
        ("select `b`:a, :a", "select `b`:a, 'v'"),
        ("select f(b):a, b[0]:a, :a", "select f(b):a, b[0]:a, 'v'"),
        ("select x::int, :a", "select x::int, 'v'"),
        ("select x :: int, :a", "select x :: int, 'v'"),
        ("select :a::string", "select 'v'::string"),
        ("select : a, :a", "select : a, 'v'"),
    ],
)
def test_named(statement: str, expected: str) -> None:
    assert bind(statement, [text("v", "a")]) == expected


def test_without_values_nothing_is_touched() -> None:
    assert bind("select :a, ?", []) == "select :a, ?"


def test_a_value_nobody_asks_for_is_no_error() -> None:
    assert bind("select :a", [text("v", "a"), text("w", "b")]) == "select 'v'"


@pytest.mark.parametrize(
    ("parameter", "expected"),
    [
        (Parameter(None, "STRING", "it's \\ \n"), r"'it\'s \\ \n'"),
        (Parameter(None, "varchar(3)", "a"), "'a'"),
        (Parameter(None, "INT", "1"), "cast('1' as INT)"),
        (Parameter(None, "DECIMAL(10,2)", "1.50"), "cast('1.50' as DECIMAL(10,2))"),
        (Parameter(None, "TIMESTAMP", "2020-01-02 03:04:05"), "cast('2020-01-02 03:04:05' as TIMESTAMP)"),
        (Parameter(None, "INTERVAL DAY TO SECOND", "1 00:00:00"), "cast('1 00:00:00' as INTERVAL DAY TO SECOND)"),
        (Parameter(None, "DATE", None), "cast(null as DATE)"),
        (Parameter(None, "VOID", None), "null"),
        (Parameter(None, "VOID", "None"), "null"),
        (Parameter(None, "ARRAY", None, (text("a"), Parameter(None, "INT", "1"))), "array('a', cast('1' as INT))"),
        (Parameter(None, "MAP", None, (text("k"), text("v"))), "map('k', 'v')"),
        (Parameter(None, "ARRAY", None), "array()"),
    ],
)
def test_values(parameter: Parameter, expected: str) -> None:
    assert bind("select ?", [parameter]) == f"select {expected}"


@pytest.mark.parametrize(
    ("statement", "parameters", "error_class"),
    [
        ("select ?, ?", [text("a")], "UNBOUND_SQL_PARAMETER"),
        ("select :b", [text("a", "a")], "UNBOUND_SQL_PARAMETER"),
        ("select ?, :a", [text("a"), text("a", "a")], "INVALID_PARAMETER_MARKERS"),
        ("select ?", [Parameter(None, "GEOGRAPHY", "x")], "UNSUPPORTED_DATATYPE"),
    ],
)
def test_refused(statement: str, parameters: list[Parameter], error_class: str) -> None:
    with pytest.raises(DatabricksError) as caught:
        bind(statement, parameters)
    assert caught.value.error_class == error_class


@given(st.text(st.characters(codec="utf-8")))
def test_a_value_cannot_leave_its_literal(value: str) -> None:
    assert [token.value for token in tokens(bind("select ?, 1", [text(value)]))] == ["select", value, ",", "1"]
