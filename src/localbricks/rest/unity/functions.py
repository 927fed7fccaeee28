"""Functions of SQL: list, get, delete. They are created with SQL."""

from __future__ import annotations

import json
from typing import Any

from pyspark.sql import types as t
from starlette.requests import Request
from starlette.routing import Route

from localbricks.catalog.spark_catalog import CATALOG
from localbricks.rest.endpoint import Json
from localbricks.rest.errors import not_served
from localbricks.rest.result_schema import type_facts
from localbricks.rest.services import Services
from localbricks.rest.unity.common import METASTORE, absent, full_name, in_session, named_schema, page, unity_endpoint
from localbricks.sql.lexer import quoted
from localbricks.sql.session import SqlSession

_USAGE = "Usage: "
"""Spark tells of a function of SQL all that it keeps, as JSON behind this word."""


def routes(services: Services) -> list[Route]:
    """Routes of this family."""

    def describe(sql: SqlSession, schema: str, name: str) -> Json:
        lines = [row[0] for row in sql.spark.rows(f"describe function extended {quoted(CATALOG, schema, name)}")]
        usage = next((line.removeprefix(_USAGE) for line in lines if line.startswith(_USAGE)), "")
        kept = json.loads(usage) if usage.startswith("{") else {}
        described: Json = {
            "name": name,
            "catalog_name": CATALOG,
            "schema_name": schema,
            "full_name": f"{CATALOG}.{schema}.{name}",
            "owner": services.user_name,
            "routine_body": "SQL" if kept else "EXTERNAL",
            "parameter_style": "S",
            **METASTORE,
        }
        return described | _facts(kept)

    def names(sql: SqlSession, schema: str) -> list[str]:
        prefix = f"{CATALOG}.{schema}."
        listed = (row[0] for row in sql.spark.rows(f"show user functions in {quoted(CATALOG, schema)}"))
        return sorted(name.removeprefix(prefix) for name in listed if name.startswith(prefix))

    def require(sql: SqlSession, schema: str, name: str) -> None:
        if not sql.catalog.has_schema(schema) or name not in names(sql, schema):
            raise absent("Function", f"{CATALOG}.{schema}.{name}")

    async def list_functions(request: Request) -> Json:
        def work(sql: SqlSession) -> list[Json]:
            schema = named_schema(services, sql, request)
            return [describe(sql, schema, name) for name in names(sql, schema)]

        return page(request, "functions", await in_session(services, work))

    async def get_function(request: Request) -> Json:
        _, schema, name = full_name(request, "Function", 3)

        def work(sql: SqlSession) -> Json:
            require(sql, schema, name)
            return describe(sql, schema, name)

        return await in_session(services, work)

    async def delete_function(request: Request) -> Json:
        _, schema, name = full_name(request, "Function", 3)

        def work(sql: SqlSession) -> Json:
            require(sql, schema, name)
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


def _facts(kept: dict[str, str]) -> Json:
    """What Spark keeps of a function of SQL, in Unity Catalog's words."""
    if not kept:
        return {}
    is_table = kept.get("sqlFunction.isTableFunc") == "true"
    returned = kept.get("sqlFunction.returnType", "")
    facts: dict[str, Any] = {
        "data_type": "TABLE_TYPE" if is_table else type_facts(t.DataType.fromDDL(returned))["type_name"],
        "full_data_type": returned,
        "routine_definition": kept.get("sqlFunction.expression") or kept.get("sqlFunction.query"),
        "is_deterministic": kept.get("sqlFunction.deterministic") == "true",
        "sql_data_access": "CONTAINS_SQL" if kept.get("sqlFunction.containsSQL") == "true" else "READS_SQL_DATA",
        "comment": kept.get("sqlFunction.comment"),
        "created_at": int(kept.get("sqlFunction.createTime", "0")),
        "input_params": {"parameters": _parameters(kept.get("sqlFunction.inputParam"))},
    }
    return {key: value for key, value in facts.items() if value is not None}


def _parameters(declared: str | None) -> list[Json]:
    if not declared:
        return []
    described = []
    for position, field in enumerate(t.StructType.fromDDL(declared).fields):
        one: Json = {"name": field.name, "position": position} | type_facts(field.dataType)
        one["type_text"] = field.dataType.simpleString()
        comment = (field.metadata or {}).get("comment")
        described.append(one | ({"comment": comment} if comment else {}))
    return described
