"""Metric views: dimensions and measures of a YAML text, read with MEASURE(); and the YAML alone."""

from __future__ import annotations

from decimal import Decimal

import pytest
from sql_client import Client

from localbricks.errors import DatabricksError
from localbricks.metrics.definition import parse

ME = "test_metric_views"
YAML = f"""
version: 1.1
source: {ME}.orders
filter: price > 1
joins:
  - name: customer
    source: {ME}.customer
    on: source.cust = customer.id
dimensions:
  - name: Year
    expr: year(d)
    comment: the year
  - name: who
    expr: customer.name
measures:
  - name: total
    expr: SUM(price)
  - name: n
    expr: count(1)
  - name: avg price
    expr: measure(total) / measure(n)
  - name: customers
    expr: count(distinct customer.id) filter (where who <> 'Bea')
"""


@pytest.fixture(scope="module")
def metrics(session: Client) -> Client:
    """Orders and customers under a metric view."""
    session.run(
        "create table orders (id bigint, cust bigint, price decimal(10,2), d date)",
        "create table customer (id bigint, name string)",
        "insert into orders values (1, 1, 10.0, date'2024-01-01'), (2, 1, 5.5, date'2024-02-01'), "
        "(3, 2, 4, date'2025-01-01'), (4, 2, 0.5, date'2025-01-01')",
        "insert into customer values (1, 'Ada'), (2, 'Bea')",
        f"create view sales with metrics language yaml comment 'sales' as $${YAML}$$",
    )
    return session


@pytest.mark.server
@pytest.mark.parametrize(
    ("statement", "rows"),
    [
        ("select measure(n), measure(total) from sales", [(3, Decimal("19.50"))]),
        ("select `Year`, measure(n) from sales group by all order by 1", [(2024, 2), (2025, 1)]),
        (f"select s.who, MEASURE(n) as k from {ME}.sales s where s.`Year` = 2024 group by s.who", [("Ada", 2)]),
        ("select who from sales group by who having measure(n) > 1", [("Ada",)]),
        ("with y as (select `Year` as y, measure(n) as k from sales group by 1) select max(k) from y", [(2,)]),
        ("select measure(customers) from sales", [(1,)]),
        ("select measure(n) from sales union all select measure(n) from sales where who = 'Bea'", [(3,), (1,)]),
        ("select distinct `Year` from sales order by `Year` desc", [(2025,), (2024,)]),
        ("select round(measure(`avg price`), 1) from sales where `Year` = 2024", [(Decimal("7.8"),)]),
    ],
)
def test_reading(metrics: Client, statement: str, rows: list[tuple[object, ...]]) -> None:
    assert metrics.rows(statement) == rows


@pytest.mark.server
@pytest.mark.parametrize(
    "statement",
    [
        "select 1 as one, o.* from (select 'Ada' as who) o",
        "with o as (select 'Ada' as who), p as (select 1 as one) select p.one, o.*, o.who from o cross join p",
    ],
)
def test_other_statements_stay_as_they_are(metrics: Client, statement: str) -> None:
    """A metric view in the workspace is nothing to whoever does not read it."""
    assert metrics.rows(statement)[0][:2] == (1, "Ada")


@pytest.mark.server
def test_names_of_columns(metrics: Client) -> None:
    metrics.rows("select who, measure(n), measure(total) as t from sales group by who")
    assert metrics.columns == ["who", "measure(n)", "t"]


@pytest.mark.server
def test_life(metrics: Client) -> None:
    told = metrics.pairs("describe extended sales")
    assert (told["Type"], told["View Text"], told["Comment"]) == ("METRIC_VIEW", YAML.strip(), "sales")
    assert told["n"] == "bigint"
    where = f"where table_schema = '{ME}' and table_name = 'sales'"
    assert metrics.value(f"select table_type from information_schema.tables {where}") == "METRIC_VIEW"
    other = "{version: 1.1, source: select * from orders, measures: [{name: most, expr: max(price)}]}"
    metrics.run(
        f"create or replace view sales with metrics language yaml as $$\n{other}\n$$",
        "create table aggregated as select measure(most) as most from sales",
    )
    assert metrics.value("select most from aggregated") == Decimal("10.00")
    metrics.run(f"alter view sales as $${YAML}$$")
    assert metrics.value("select measure(n) from sales") == 3


@pytest.mark.server
@pytest.mark.parametrize(
    ("statement", "error_class", "sqlstate"),
    [
        ("select * from sales", "METRIC_VIEW_MISSING_MEASURE_FUNCTION", "42000"),
        ("select measure(nothing) from sales", "UNRESOLVED_COLUMN.WITH_SUGGESTION", "42703"),
        ("select nothing, measure(n) from sales group by 1", "UNRESOLVED_COLUMN.WITH_SUGGESTION", "42703"),
        ("create or replace view sales as select 1 as a", "TABLE_OR_VIEW_ALREADY_EXISTS", "42P07"),
        (
            "create or replace view orders with metrics language yaml as $$a: b$$",
            "EXPECT_VIEW_NOT_TABLE.NO_ALTERNATIVE",
            "42809",
        ),
        ("create view other with metrics language yaml as $$a: b$$", "METRIC_VIEW_INVALID_VIEW_DEFINITION", "42K0L"),
        ("insert into sales values (1)", "METRIC_VIEW_OPERATION_NOT_ALLOWED.INSERT", "42601"),
    ],
)
def test_refused(metrics: Client, statement: str, error_class: str, sqlstate: str) -> None:
    metrics.fails(statement, error_class, sqlstate)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("- a", "keys and values"),
        ("a: [", "no YAML"),
        ("{source: t, measures: [], what: 1}", "unknown key `what`"),
        ("{measures: [{name: m, expr: count(1)}]}", "expected `source`"),
        ("{source: t}", "dimensions or measures"),
        ("{source: t, measures: [{name: m}]}", "a measure has `name` and `expr`"),
        ("{source: t, measures: [{name: m, expr: a}], dimensions: [{name: M, expr: a}]}", "`m` is there twice"),
        ("{source: t, joins: [{name: j, source: u}], measures: [{name: m, expr: a}]}", "either `on` or `using`"),
    ],
)
def test_what_is_no_definition(text: str, why: str) -> None:
    with pytest.raises(DatabricksError, match="METRIC_VIEW_INVALID_VIEW_DEFINITION") as caught:
        parse(text)
    assert why in str(caught.value)


def test_on_is_a_key() -> None:
    """YAML 1.1 would take it for a truth value."""
    view = parse(
        "{source: t, joins: [{name: j, source: u, on: source.a = j.a}], measures: [{name: m, expr: count(1)}]}"
    )
    assert view.joins[0].on == "source.a = j.a"
