"""Spark's types as DESCRIBE, Thrift and clients see them."""

from __future__ import annotations

from typing import Any

import pytest
from databricks.sql.thrift_api.TCLIService import ttypes
from pyspark.sql import types as t

from localbricks.engine.types import as_text, declared_type, describe_json, field_json
from localbricks.thrift.types import table_schema

STRING = {"name": "string", "collation": "UTF8_BINARY"}


@pytest.mark.parametrize(
    ("data_type", "expected"),
    [
        (t.ByteType(), {"name": "tinyint"}),
        (t.ShortType(), {"name": "smallint"}),
        (t.IntegerType(), {"name": "int"}),
        (t.LongType(), {"name": "bigint"}),
        (t.FloatType(), {"name": "float"}),
        (t.DoubleType(), {"name": "double"}),
        (t.BooleanType(), {"name": "boolean"}),
        (t.BinaryType(), {"name": "binary"}),
        (t.DateType(), {"name": "date"}),
        (t.TimestampType(), {"name": "timestamp_ltz"}),
        (t.TimestampNTZType(), {"name": "timestamp_ntz"}),
        (t.NullType(), {"name": "void"}),
        (t.VariantType(), {"name": "variant"}),
        (t.StringType(), STRING),
        (t.DecimalType(10, 2), {"name": "decimal", "precision": 10, "scale": 2}),
        (t.CharType(3), {"name": "char", "length": 3}),
        (t.VarcharType(30), {"name": "varchar", "length": 30}),
        (t.DayTimeIntervalType(), {"name": "interval day to second"}),
        (
            t.ArrayType(t.StringType(), containsNull=False),
            {"name": "array", "element_type": STRING, "element_nullable": False},
        ),
        (
            t.MapType(t.StringType(), t.IntegerType()),
            {"name": "map", "key_type": STRING, "value_type": {"name": "int"}, "value_nullable": True},
        ),
        (
            t.StructType([t.StructField("a", t.LongType(), nullable=False)]),
            {"name": "struct", "fields": [{"name": "a", "type": {"name": "bigint"}, "nullable": False}]},
        ),
    ],
)
def test_describe_json(data_type: t.DataType, expected: dict[str, Any]) -> None:
    assert describe_json(data_type) == expected


@pytest.mark.parametrize(
    ("kept", "noted", "expected"),
    [
        (t.StringType(), "char(3)", t.CharType(3)),
        (t.StringType(), "varchar(10)", t.VarcharType(10)),
        (t.ArrayType(t.StringType()), "array<char(3)>", t.ArrayType(t.StringType())),
        (t.StringType(), None, t.StringType()),
    ],
)
def test_declared_type(kept: t.DataType, noted: str | None, expected: t.DataType) -> None:
    metadata = {"__CHAR_VARCHAR_TYPE_STRING": noted} if noted else {}
    assert declared_type(t.StructField("c", kept, metadata=metadata)) == expected


def test_a_field_has_its_comment() -> None:
    field = t.StructField("c", t.IntegerType(), nullable=False, metadata={"comment": "a b"})
    assert field_json(field) == {"name": "c", "type": {"name": "int"}, "nullable": False, "comment": "a b"}


@pytest.mark.parametrize(
    ("data_type", "complex_as_text", "interval_as_text"),
    [
        (t.IntegerType(), False, False),
        (t.ArrayType(t.IntegerType()), True, False),
        (t.MapType(t.StringType(), t.StringType()), True, False),
        (t.StructType([]), True, False),
        (t.DayTimeIntervalType(), False, True),
        (t.YearMonthIntervalType(), False, True),
        (t.VariantType(), True, True),
        (t.CalendarIntervalType(), True, True),
    ],
)
def test_what_is_sent_as_text(data_type: t.DataType, complex_as_text: bool, interval_as_text: bool) -> None:
    field = t.StructField("c", data_type)
    assert (as_text(field, "c", native_complex=False, native_interval=True) is not None) == complex_as_text
    assert (as_text(field, "c", native_complex=True, native_interval=False) is not None) == interval_as_text


def test_thrift_describes_columns_in_order() -> None:
    struct = t.StructType([t.StructField("a", t.DecimalType(10, 2)), t.StructField("b", t.VariantType())])
    first, second = table_schema(struct).columns
    assert (first.columnName, first.position, second.position) == ("a", 1, 2)
    entry = first.typeDesc.types[0].primitiveEntry
    assert entry.type == ttypes.TTypeId.DECIMAL_TYPE
    sizes = {name: value.i32Value for name, value in entry.typeQualifiers.qualifiers.items()}
    assert sizes == {"precision": 10, "scale": 2}
    assert second.typeDesc.types[0].primitiveEntry.type == ttypes.TTypeId.STRING_TYPE
