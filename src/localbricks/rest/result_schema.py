"""The columns of a result as the REST API describes them."""

from __future__ import annotations

from pyspark.sql import types as t

from localbricks.engine.types import declared_type, type_text
from localbricks.rest.endpoint import Json

# Names of Databricks' own enumeration, where they are not the first word of the type's text.
_NAMES: dict[type[t.DataType], str] = {
    t.ByteType: "BYTE",
    t.ShortType: "SHORT",
    t.LongType: "LONG",
    t.NullType: "NULL",
    t.VarcharType: "STRING",
    t.DayTimeIntervalType: "INTERVAL",
    t.YearMonthIntervalType: "INTERVAL",
    t.CalendarIntervalType: "INTERVAL",
}


def columns(schema: t.StructType) -> list[Json]:
    """Columns in their order, counted from 0."""
    return [
        {"name": field.name, "position": position} | type_facts(field.dataType)
        for position, field in enumerate(schema.fields)
    ]


def column_facts(field: t.StructField) -> Json:
    """Type facts of a table's column, as it was declared."""
    return type_facts(declared_type(field))


def type_facts(data_type: t.DataType) -> Json:
    """Name, text and sizes of a type."""
    text = type_text(data_type)
    name = _NAMES.get(type(data_type)) or text.split("(")[0].split("<")[0].split(" ")[0]
    facts: Json = {"type_name": name, "type_text": text}
    if isinstance(data_type, t.DecimalType):
        facts |= {"type_precision": data_type.precision, "type_scale": data_type.scale}
    if name == "INTERVAL":
        facts["type_interval_type"] = text.removeprefix("INTERVAL").strip()
    return facts
