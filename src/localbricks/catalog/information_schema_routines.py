"""ROUTINES, PARAMETERS and ROUTINE_COLUMNS of the information schema: the SQL functions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pyspark.sql import types as t

from localbricks.catalog.functions import FunctionEntry
from localbricks.catalog.information_schema_base import (
    ALTERED,
    Rows,
    Scope,
    Sources,
    TableDefinition,
    datetime_precision,
    define,
    numeric,
    time_text,
)
from localbricks.catalog.spark_catalog import CATALOG
from localbricks.home import USER_NAME


def _functions(of: Sources, scope: Scope) -> Iterator[FunctionEntry]:
    yield from of.functions.functions(of.catalog.schemas())


def _names(function: FunctionEntry) -> tuple[str, str, str]:
    return CATALOG, function.schema, function.name


def type_columns(kind: t.DataType) -> tuple[Any, ...]:
    """The columns from DATA_TYPE to MAXIMUM_CARDINALITY; what is reserved is NULL."""
    full = kind.simpleString()
    simple = full.split("(")[0].split("<")[0].split(" ")[0].upper()
    return (simple, full, None, None, *numeric(kind), datetime_precision(kind), None, None, None)


def _routines(of: Sources, scope: Scope) -> Rows:
    for one in _functions(of, scope):
        kind = ("TABLE", "TABLE", *(None,) * 9) if one.is_table else type_columns(one.returns)
        body = ("SQL", one.body, None, None, "SQL", "YES" if one.deterministic else "NO")
        access = "READS SQL DATA" if one.reads_data else "CONTAINS SQL"
        created = time_text(one.created_at)
        tail = (access, "NO", None, "DEFINER", "NO", one.comment, created, USER_NAME, created, USER_NAME)
        yield (*_names(one), *_names(one), "FUNCTION", *kind, *body, *tail)


def _parameters(of: Sources, scope: Scope) -> Rows:
    for one in _functions(of, scope):
        for position, field in enumerate(one.parameters.fields):
            metadata = field.metadata or {}
            head = (*_names(one), position, "IN", "NO", "NO", field.name)
            tail = (metadata.get("default") or metadata.get("CURRENT_DEFAULT"), metadata.get("comment"))
            yield (*head, *type_columns(field.dataType), *tail)


def _routine_columns(of: Sources, scope: Scope) -> Rows:
    for one in _functions(of, scope):
        if one.is_table and isinstance(one.returns, t.StructType):
            for position, field in enumerate(one.returns.fields):
                head = (*_names(one), field.name, position)
                yield (*head, *type_columns(field.dataType), (field.metadata or {}).get("comment"))


_TYPE = (
    "data_type, full_data_type, character_maximum_length int, character_octet_length string, numeric_precision int, "
    "numeric_precision_radix int, numeric_scale int, datetime_precision int, interval_type, interval_precision int, "
    "maximum_cardinality int"
)

ROUTINE_TABLES: dict[str, TableDefinition] = {
    "routines": define(
        "specific_catalog, specific_schema, specific_name, routine_catalog, routine_schema, routine_name, "
        f"routine_type, {_TYPE}, routine_body, routine_definition, external_name, external_language, "
        "parameter_style, is_deterministic, sql_data_access, is_null_call, sql_path, security_type, as_locator, "
        f"comment, {ALTERED}",
        _routines,
    ),
    "parameters": define(
        "specific_catalog, specific_schema, specific_name, ordinal_position int, parameter_mode, is_result, "
        f"as_locator, parameter_name, {_TYPE}, parameter_default, comment",
        _parameters,
    ),
    "routine_columns": define(
        f"specific_catalog, specific_schema, specific_name, column_name, ordinal_position int, {_TYPE}, comment",
        _routine_columns,
    ),
}
