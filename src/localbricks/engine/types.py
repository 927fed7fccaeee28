"""Spark's types as the other rooms see them: DDL names, the JSON of DESCRIBE, what a client must be sent as text."""

from __future__ import annotations

from typing import Any

from pyspark.sql import types as t

_JSON_NAMES: dict[type[t.DataType], str] = {
    t.ByteType: "tinyint",
    t.ShortType: "smallint",
    t.IntegerType: "int",
    t.LongType: "bigint",
    t.FloatType: "float",
    t.DoubleType: "double",
    t.BooleanType: "boolean",
    t.BinaryType: "binary",
    t.DateType: "date",
    t.TimestampType: "timestamp_ltz",
    t.TimestampNTZType: "timestamp_ntz",
    t.NullType: "void",
    t.VariantType: "variant",
}


def ddl(data_type: t.DataType) -> str:
    """The type as DDL, for example `decimal(10,2)`."""
    return data_type.simpleString()


def describe_json(data_type: t.DataType) -> dict[str, Any]:
    """The type as `DESCRIBE … AS JSON` writes it."""
    if isinstance(data_type, t.DecimalType):
        return {"name": "decimal", "precision": data_type.precision, "scale": data_type.scale}
    if isinstance(data_type, t.VarcharType | t.CharType):
        return {"name": data_type.typeName(), "length": data_type.length}
    if isinstance(data_type, t.StringType):
        return {"name": "string", "collation": "UTF8_BINARY"}
    if isinstance(data_type, t.ArrayType):
        element = describe_json(data_type.elementType)
        return {"name": "array", "element_type": element, "element_nullable": data_type.containsNull}
    if isinstance(data_type, t.MapType):
        key, value = describe_json(data_type.keyType), describe_json(data_type.valueType)
        nullable = data_type.valueContainsNull
        return {"name": "map", "key_type": key, "value_type": value, "value_nullable": nullable}
    if isinstance(data_type, t.StructType):
        return {"name": "struct", "fields": [field_json(field) for field in data_type.fields]}
    return {"name": _JSON_NAMES.get(type(data_type), data_type.simpleString())}


def field_json(field: t.StructField) -> dict[str, Any]:
    """A column or a struct's field as `DESCRIBE … AS JSON` writes it."""
    described: dict[str, Any] = {
        "name": field.name,
        "type": describe_json(declared_type(field)),
        "nullable": field.nullable,
    }
    comment = field.metadata.get("comment") if field.metadata else None
    return described | ({"comment": comment} if comment else {})


def declared_type(field: t.StructField) -> t.DataType:
    """The type as declared: Spark keeps `char(n)` and `varchar(n)` as text with a note in the metadata."""
    declared = (field.metadata or {}).get("__CHAR_VARCHAR_TYPE_STRING")
    if declared and isinstance(field.dataType, t.StringType):
        kind, length = declared.rstrip(")").split("(")
        return t.CharType(int(length)) if kind == "char" else t.VarcharType(int(length))
    return field.dataType


def _inside_quotes(column: str, fields: str) -> str:
    """SQL for an interval without the words around it: `1 02:03:04.5`, `1-2`."""
    return f"regexp_extract(cast(cast({column} as interval {fields}) as string), '\\'([^\\']*)\\'', 1)"


def as_text(field: t.StructField, column: str, *, native_complex: bool, native_interval: bool) -> str | None:
    """SQL that turns a column into the text a client gets for it, None where Arrow carries the type itself."""
    kind = field.dataType
    if isinstance(kind, t.VariantType):
        return f"to_json({column})"
    if isinstance(kind, t.DayTimeIntervalType) and not native_interval:
        whole, fraction = (f"split_part({_inside_quotes(column, 'day to second')}, '.', {part})" for part in (1, 2))
        return f"concat({whole}, '.', rpad({fraction}, 9, '0'))"
    if isinstance(kind, t.YearMonthIntervalType) and not native_interval:
        return _inside_quotes(column, "year to month")
    if isinstance(kind, t.CalendarIntervalType):
        return f"cast({column} as string)"
    if isinstance(kind, t.ArrayType | t.MapType | t.StructType) and not native_complex:
        return f"to_json({column}, map('ignoreNullFields', 'false'))"
    return None


_TEXT_NAMES: dict[type[t.DataType], str] = {**_JSON_NAMES, t.TimestampType: "timestamp"}


def type_text(data_type: t.DataType) -> str:
    """The type as SQL writes it, for example `DECIMAL(10,2)`, `STRUCT<a: INT, b: ARRAY<STRING>>`."""
    if isinstance(data_type, t.ArrayType):
        return f"ARRAY<{type_text(data_type.elementType)}>"
    if isinstance(data_type, t.MapType):
        return f"MAP<{type_text(data_type.keyType)}, {type_text(data_type.valueType)}>"
    if isinstance(data_type, t.StructType):
        return f"STRUCT<{', '.join(f'{field.name}: {type_text(field.dataType)}' for field in data_type.fields)}>"
    return _TEXT_NAMES.get(type(data_type), data_type.simpleString()).upper()
