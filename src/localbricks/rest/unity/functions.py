"""Functions of SQL: list, get, delete. They are created with SQL."""

from __future__ import annotations

from typing import Any

from pyspark.sql import types as t
from starlette.requests import Request
from starlette.routing import Route

from localbricks.catalog.functions import FunctionEntry
from localbricks.catalog.spark_catalog import CATALOG
from localbricks.engine.types import type_text
from localbricks.rest.endpoint import Json
from localbricks.rest.errors import not_served
from localbricks.rest.result_schema import type_facts
from localbricks.rest.services import Services
from localbricks.rest.unity.common import METASTORE, absent, full_name, in_session, named_schema, page, unity_endpoint
from localbricks.sql.lexer import quoted
from localbricks.sql.session import SqlSession


def routes(services: Services) -> list[Route]:
    """Routes of this family."""

    def find(sql: SqlSession, schema: str, name: str) -> FunctionEntry:
        found = sql.functions.function(schema, name)
        if found is None:
            raise absent("Function", f"{CATALOG}.{schema}.{name}")
        return found

    async def list_functions(request: Request) -> Json:
        def work(sql: SqlSession) -> list[Json]:
            return [_described(entry) for entry in sql.functions.functions([named_schema(services, sql, request)])]

        return page(request, "functions", await in_session(services, work))

    async def get_function(request: Request) -> Json:
        _, schema, name = full_name(request, "Function", 3)

        return await in_session(services, lambda sql: _described(find(sql, schema, name)))

    async def delete_function(request: Request) -> Json:
        _, schema, name = full_name(request, "Function", 3)

        def work(sql: SqlSession) -> Json:
            find(sql, schema, name)
            services.warehouse.run(sql, f"drop function {quoted(CATALOG, schema, name)}")
            return {}

        return await in_session(services, work)

    async def refuse(_: Request) -> Json:
        raise not_served("creating and changing functions by this API", "Use CREATE FUNCTION.")

    return [
        unity_endpoint("GET", "/functions", list_functions),
        unity_endpoint("POST", "/functions", refuse),
        unity_endpoint("GET", "/functions/{name}", get_function),
        unity_endpoint("PATCH", "/functions/{name}", refuse),
        unity_endpoint("DELETE", "/functions/{name}", delete_function),
    ]


def _described(entry: FunctionEntry) -> Json:
    """A function in Unity Catalog's words."""
    described: dict[str, Any] = {
        "name": entry.name,
        "catalog_name": CATALOG,
        "schema_name": entry.schema,
        "full_name": f"{CATALOG}.{entry.schema}.{entry.name}",
        "owner": entry.owner,
        "routine_body": "SQL",
        "parameter_style": "S",
        "data_type": "TABLE_TYPE" if entry.is_table else type_facts(entry.returns)["type_name"],
        "full_data_type": _declared(entry.returns) if entry.is_table else type_text(entry.returns),
        "routine_definition": entry.body,
        "is_deterministic": entry.deterministic,
        "sql_data_access": "READS_SQL_DATA" if entry.reads_data else "CONTAINS_SQL",
        "comment": entry.comment,
        "created_at": int(entry.created_at.timestamp() * 1000),
        "input_params": {"parameters": [_parameter(*one) for one in enumerate(entry.parameters.fields)]},
        **METASTORE,
    }
    return {key: value for key, value in described.items() if value is not None}


def _declared(columns: t.DataType) -> str:
    """The columns of a table function as they are declared."""
    assert isinstance(columns, t.StructType)
    return ", ".join(f"{field.name} {type_text(field.dataType)}" for field in columns.fields)


def _parameter(position: int, field: t.StructField) -> Json:
    one: Json = {"name": field.name, "position": position} | type_facts(field.dataType)
    one["type_text"] = field.dataType.simpleString()
    comment = (field.metadata or {}).get("comment")
    return one | ({"comment": comment} if comment else {})
