"""Spark's types as Thrift describes them to a client."""

from __future__ import annotations

from databricks.sql.thrift_api.TCLIService import ttypes
from pyspark.sql import types as t

_IDS: dict[type[t.DataType], int] = {
    t.BooleanType: ttypes.TTypeId.BOOLEAN_TYPE,
    t.ByteType: ttypes.TTypeId.TINYINT_TYPE,
    t.ShortType: ttypes.TTypeId.SMALLINT_TYPE,
    t.IntegerType: ttypes.TTypeId.INT_TYPE,
    t.LongType: ttypes.TTypeId.BIGINT_TYPE,
    t.FloatType: ttypes.TTypeId.FLOAT_TYPE,
    t.DoubleType: ttypes.TTypeId.DOUBLE_TYPE,
    t.DateType: ttypes.TTypeId.DATE_TYPE,
    t.TimestampType: ttypes.TTypeId.TIMESTAMP_TYPE,
    t.TimestampNTZType: ttypes.TTypeId.TIMESTAMP_TYPE,
    t.BinaryType: ttypes.TTypeId.BINARY_TYPE,
    t.ArrayType: ttypes.TTypeId.ARRAY_TYPE,
    t.MapType: ttypes.TTypeId.MAP_TYPE,
    t.StructType: ttypes.TTypeId.STRUCT_TYPE,
    t.NullType: ttypes.TTypeId.NULL_TYPE,
    t.DayTimeIntervalType: ttypes.TTypeId.INTERVAL_DAY_TIME_TYPE,
    t.YearMonthIntervalType: ttypes.TTypeId.INTERVAL_YEAR_MONTH_TYPE,
    t.DecimalType: ttypes.TTypeId.DECIMAL_TYPE,
}


def table_schema(struct: t.StructType) -> ttypes.TTableSchema:
    """The columns of a result."""
    return ttypes.TTableSchema(
        [
            ttypes.TColumnDesc(field.name, _type(field.dataType), position, "")
            for position, field in enumerate(struct.fields, start=1)
        ]
    )


def _type(data_type: t.DataType) -> ttypes.TTypeDesc:
    qualifiers = None
    if isinstance(data_type, t.DecimalType):
        sizes = {"precision": data_type.precision, "scale": data_type.scale}
        qualifiers = ttypes.TTypeQualifiers(
            {name: ttypes.TTypeQualifierValue(i32Value=size) for name, size in sizes.items()}
        )
    entry = ttypes.TPrimitiveTypeEntry(_IDS.get(type(data_type), ttypes.TTypeId.STRING_TYPE), qualifiers)
    return ttypes.TTypeDesc([ttypes.TTypeEntry(primitiveEntry=entry)])
