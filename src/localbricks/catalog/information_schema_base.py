"""What a table of the information schema is made of: its columns, where its rows come from, what a statement can see."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from pyspark.sql import types as t

from localbricks.catalog.functions import FunctionCatalog
from localbricks.catalog.spark_catalog import SparkCatalog
from localbricks.catalog.store import CatalogStore

ALTERED = "created timestamp, created_by, last_altered timestamp, last_altered_by"


@dataclass(frozen=True)
class Scope:
    """What a statement can see at most.

    Attributes:
        schemas: schemas in lower case, None for all.
        tables: tables in lower case, None for all.
        columns: names that the statement mentions, None for all: a costly column is not computed for nobody.
    """

    schemas: frozenset[str] | None = None
    tables: frozenset[str] | None = None
    columns: frozenset[str] | None = None

    def wants(self, *columns: str) -> bool:
        """Whether one of these columns is mentioned."""
        return self.columns is None or bool(self.columns.intersection(columns))


@dataclass(frozen=True)
class Sources:
    """Where rows come from."""

    catalog: SparkCatalog
    functions: FunctionCatalog
    store: CatalogStore


Rows = Iterator[tuple[Any, ...]]


@dataclass(frozen=True)
class TableDefinition:
    """A table: columns with their types, and what computes its rows."""

    columns: tuple[tuple[str, str], ...]
    rows: Callable[[Sources, Scope], Rows]


def define(columns: str, rows: Callable[[Sources, Scope], Rows]) -> TableDefinition:
    """A definition from names with types, `string` where there is none."""
    pairs = [column.strip().split(" ") for column in columns.split(",")]
    return TableDefinition(tuple((pair[0], pair[1] if len(pair) > 1 else "string") for pair in pairs), rows)


def in_scope(schema: str, table: str, scope: Scope) -> bool:
    """Whether a statement may see a table."""
    return (scope.schemas is None or schema in scope.schemas) and (scope.tables is None or table in scope.tables)


def time_text(value: Any) -> str:
    """A time as JSON."""
    return str(value.strftime("%Y-%m-%dT%H:%M:%S.%fZ"))


def numeric(kind: t.DataType) -> tuple[int | None, int | None, int | None]:
    """Precision, its radix and the scale of a number: digits of a decimal, bits of the others."""
    if isinstance(kind, t.DecimalType):
        return kind.precision, 10, kind.scale
    if type(kind) in _BITS:
        return _BITS[type(kind)], 2, 0 if isinstance(kind, t.IntegralType) else None
    return None, None, None


_BITS: dict[type[t.DataType], int] = {
    t.ByteType: 8,
    t.ShortType: 16,
    t.IntegerType: 32,
    t.LongType: 64,
    t.FloatType: 24,
    t.DoubleType: 53,
}


def datetime_precision(kind: t.DataType) -> int | None:
    """Digits of the fraction of a second."""
    if isinstance(kind, t.DateType | t.YearMonthIntervalType):
        return 0
    return 3 if isinstance(kind, t.TimestampType | t.TimestampNTZType | t.DayTimeIntervalType) else None
