"""What people read Databricks with: SQLAlchemy's dialect, pandas, polars."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from decimal import Decimal

import pandas as pd
import polars as pl
import pytest
import sqlalchemy as sa
from sql_client import Client, Server

from localbricks.home import HTTP_PATH

pytestmark = pytest.mark.server
ME = "test_readers"


@pytest.fixture(scope="module", autouse=True)
def sales(session: Client) -> None:
    """A table with one row of values and one of nulls."""
    session.run(
        "create table sales (id bigint not null, name string, amount decimal(10,2), day date, at timestamp)",
        "insert into sales values (1, 'é', 1.50, date'2020-01-02', timestamp'2020-01-02 03:04:05'), "
        "(2, null, null, null, null)",
    )


@pytest.fixture(scope="module")
def engine(server: Server) -> Iterator[sa.Engine]:
    """SQLAlchemy's engine of the dialect `databricks`."""
    address = f"databricks://token:{server.home.token()}@127.0.0.1"
    address += f"?http_path={HTTP_PATH}&catalog=spark_catalog&schema={ME}"
    made = sa.create_engine(
        address, connect_args={"_connection_uri": f"{server.url}{HTTP_PATH}", "enable_telemetry": False}
    )
    yield made
    made.dispose()


def test_sqlalchemy_reflects(engine: sa.Engine) -> None:
    inspector = sa.inspect(engine)
    assert "sales" in inspector.get_table_names(schema=ME)
    table = sa.Table("sales", sa.MetaData(), autoload_with=engine)
    assert [column.name for column in table.columns] == ["id", "name", "amount", "day", "at"]
    assert isinstance(table.c.id.type, sa.BigInteger)
    assert (table.c.amount.type.precision, table.c.amount.type.scale) == (10, 2)
    assert isinstance(table.c.day.type, sa.Date)


def test_sqlalchemy_creates_inserts_and_selects(engine: sa.Engine) -> None:
    table = sa.Table(
        "made",
        sa.MetaData(),
        sa.Column("id", sa.BigInteger, nullable=False),
        sa.Column("name", sa.String),
        sa.Column("amount", sa.Numeric(10, 2)),
        sa.Column("day", sa.Date),
    )
    table.create(engine)
    try:
        rows = [
            {"id": 1, "name": "it's :x", "amount": Decimal("2.50"), "day": datetime.date(2020, 2, 29)},
            {"id": 2, "name": None, "amount": None, "day": None},
        ]
        with engine.begin() as connection:
            connection.execute(sa.insert(table), rows)
        with engine.connect() as connection:
            found = connection.execute(sa.select(table).order_by(table.c.id)).mappings().all()
            assert [dict(row) for row in found] == rows
            some = sa.select(sa.func.count()).where(table.c.name == "it's :x", table.c.amount > Decimal("2"))
            assert connection.execute(some).scalar_one() == 1
    finally:
        table.drop(engine)
    assert not sa.inspect(engine).has_table("made")


def test_pandas_over_sqlalchemy(engine: sa.Engine) -> None:
    frame = pd.read_sql(sa.text("select * from sales where id >= :least order by id"), engine, params={"least": 1})
    assert frame["id"].tolist() == [1, 2]
    assert frame["amount"].iloc[0] == Decimal("1.50")
    assert frame["name"].iloc[1] is None


def test_pandas_over_arrow(session: Client) -> None:
    session.cursor.execute("select * from sales order by id")
    frame = session.cursor.fetchall_arrow().to_pandas()
    assert frame["day"].tolist() == [datetime.date(2020, 1, 2), None]
    assert str(frame["at"].dtype) == "datetime64[us, UTC]" or "UTC" in str(frame["at"].dtype)
    assert frame["at"].isna().tolist() == [False, True]


def test_polars(session: Client, engine: sa.Engine) -> None:
    session.cursor.execute("select * from sales order by id")
    frame = pl.from_arrow(session.cursor.fetchall_arrow())
    assert isinstance(frame, pl.DataFrame)
    assert frame.schema["amount"] == pl.Decimal(10, 2)
    assert frame["day"].to_list() == [datetime.date(2020, 1, 2), None]
    with engine.connect() as connection:
        other = pl.read_database("select id, name from sales order by id", connection)
    assert other.rows() == [(1, "é"), (2, None)]
