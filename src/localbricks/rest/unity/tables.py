"""Tables and views: list, get, exists, delete. They are created with SQL."""

from __future__ import annotations

import json
import re
import uuid
from typing import Any

from starlette.requests import Request
from starlette.routing import Route

from localbricks.catalog.facts import public_properties
from localbricks.catalog.spark_catalog import CATALOG, TableDetail, TableEntry
from localbricks.engine.types import declared_type
from localbricks.rest.endpoint import Json, is_true, text_field
from localbricks.rest.errors import not_served
from localbricks.rest.result_schema import type_facts
from localbricks.rest.services import Services
from localbricks.rest.unity.common import METASTORE, absent, full_name, in_session, named_schema, page, unity_endpoint
from localbricks.sql.lexer import quoted
from localbricks.sql.session import SqlSession


def routes(services: Services) -> list[Route]:
    """Routes of this family."""

    async def list_tables(request: Request) -> Json:
        bare = is_true(request.query_params.get("omit_columns"))

        def work(sql: SqlSession) -> list[Json]:
            schema = named_schema(services, sql, request)
            found = (_describe(sql.catalog.detail(entry)) for entry in sql.catalog.tables([schema]))
            return [{key: value for key, value in one.items() if not (bare and key == "columns")} for one in found]

        return page(request, "tables", await in_session(services, work))

    async def summaries(request: Request) -> Json:
        catalog = text_field(request.query_params, "catalog_name")
        if catalog.lower() != CATALOG:
            raise absent("Catalog", catalog)
        in_schema, in_name = (_pattern(request, f"{one}_name_pattern") for one in ("schema", "table"))

        def work(sql: SqlSession) -> list[Json]:
            schemas = [schema for schema in sql.catalog.schemas() if in_schema.fullmatch(schema)]
            entries = [entry for entry in sql.catalog.tables(schemas) if in_name.fullmatch(entry.name)]
            return [{"full_name": _full(entry), "table_type": entry.kind} for entry in entries]

        return page(request, "tables", await in_session(services, work))

    async def get_table(request: Request) -> Json:
        _, schema, name = full_name(request, "Table", 3)
        return await in_session(services, lambda sql: _describe(sql.catalog.detail(_require(sql, schema, name))))

    async def exists(request: Request) -> Json:
        _, schema, name = full_name(request, "Table", 3)
        found = await in_session(services, lambda sql: sql.catalog.table(schema, name))
        return {"table_exists": found is not None}

    async def delete_table(request: Request) -> Json:
        _, schema, name = full_name(request, "Table", 3)

        def work(sql: SqlSession) -> Json:
            kind = "view" if _require(sql, schema, name).is_view else "table"
            services.warehouse.run(sql, f"drop {kind} {quoted(CATALOG, schema, name)}")
            return {}

        return await in_session(services, work)

    async def refuse(_: Request) -> Json:
        raise not_served("creating and changing tables by this API", "Use CREATE TABLE and ALTER TABLE.")

    return [
        unity_endpoint("GET", "/table-summaries", summaries),
        unity_endpoint("GET", "/tables", list_tables),
        unity_endpoint("POST", "/tables", refuse),
        unity_endpoint("GET", "/tables/{name}/exists", exists),
        unity_endpoint("GET", "/tables/{name}", get_table),
        unity_endpoint("PATCH", "/tables/{name}", refuse),
        unity_endpoint("DELETE", "/tables/{name}", delete_table),
    ]


def _require(sql: SqlSession, schema: str, name: str) -> TableEntry:
    entry = sql.catalog.table(schema, name)
    if entry is None:
        raise absent("Table", f"{CATALOG}.{schema}.{name}")
    return entry


def _full(entry: TableEntry) -> str:
    return f"{CATALOG}.{entry.schema}.{entry.name}"


def _pattern(request: Request, name: str) -> re.Pattern[str]:
    """A pattern of LIKE (`%`, `_`); anything where none is given."""
    given = request.query_params.get(name) or "%"
    wild = "".join(".*" if letter == "%" else "." if letter == "_" else re.escape(letter) for letter in given)
    return re.compile(wild, re.IGNORECASE)


def _describe(detail: TableDetail) -> Json:
    entry = detail.entry
    created, updated = (int(when.timestamp() * 1000) for when in (entry.created_at, entry.altered_at()))
    described: dict[str, Any] = {
        "name": entry.name,
        "catalog_name": CATALOG,
        "schema_name": entry.schema,
        "full_name": _full(entry),
        "table_type": entry.kind,
        "data_source_format": entry.provider.upper() if entry.provider else None,
        "columns": _columns(detail),
        "storage_location": entry.location,
        "view_definition": detail.view_text,
        "comment": detail.comment,
        "properties": public_properties(detail),
        "owner": entry.owner,
        "created_at": created,
        "created_by": entry.owner,
        "updated_at": updated,
        "updated_by": entry.owner,
        # Of the name and the creation: another table under this name has another.
        "table_id": str(uuid.uuid5(uuid.NAMESPACE_URL, f"{_full(entry)}@{created}")),
        **METASTORE,
    }
    return {key: value for key, value in described.items() if value is not None}


def _columns(detail: TableDetail) -> list[Json]:
    described = []
    for position, field in enumerate(detail.columns.fields):
        kind = declared_type(field)
        one: Json = {"name": field.name, "position": position, "nullable": field.nullable}
        one |= type_facts(kind) | {"type_text": kind.simpleString(), "type_json": json.dumps(field.jsonValue())}
        comment = (field.metadata or {}).get("comment")
        if comment:
            one["comment"] = comment
        if field.name in detail.partition_columns:
            one["partition_index"] = detail.partition_columns.index(field.name)
        described.append(one)
    return described
