"""Catalogs and schemas. There is one catalog, which is neither created nor dropped."""

from __future__ import annotations

from starlette.requests import Request
from starlette.routing import Route

from localbricks.catalog.facts import schema_comment
from localbricks.catalog.spark_catalog import CATALOG
from localbricks.rest.endpoint import Json, is_true, json_body, object_field, optional_text, text_field
from localbricks.rest.errors import ApiError, not_served
from localbricks.rest.services import Services
from localbricks.rest.unity.common import METASTORE, absent, full_name, in_session, page, unity_endpoint
from localbricks.sql.lexer import literal, quoted
from localbricks.sql.session import SqlSession

_ONE_CATALOG = f"Use schemas of {CATALOG}."


def routes(services: Services) -> list[Route]:
    """Routes of both families."""
    catalog: Json = {
        "name": CATALOG,
        "full_name": CATALOG,
        "catalog_type": "MANAGED_CATALOG",
        "securable_type": "CATALOG",
        "isolation_mode": "OPEN",
        "owner": services.user_name,
        **METASTORE,
    }

    async def list_catalogs(request: Request) -> Json:
        return page(request, "catalogs", [catalog])

    async def get_catalog(request: Request) -> Json:
        full_name(request, "Catalog", 1)
        return catalog

    async def refuse(_: Request) -> Json:
        raise not_served("creating, changing and deleting catalogs", _ONE_CATALOG)

    async def list_schemas(request: Request) -> Json:
        name = text_field(request.query_params, "catalog_name")
        if name.lower() != CATALOG:
            raise absent("Catalog", name)
        found = await in_session(services, lambda sql: [_describe(services, sql, one) for one in sql.catalog.schemas()])
        return page(request, "schemas", found)

    async def get_schema(request: Request) -> Json:
        schema = full_name(request, "Schema", 2)[1]
        return await in_session(services, lambda sql: _require(services, sql, schema))

    async def create_schema(request: Request) -> Json:
        body = await json_body(request)
        name, parent = text_field(body, "name").lower(), text_field(body, "catalog_name")
        if parent.lower() != CATALOG:
            raise absent("Catalog", parent)
        if body.get("storage_root"):
            raise not_served("a storage_root of a schema", "Tables of a schema are in the home folder.")
        statement = f"create schema {quoted(CATALOG, name)}"
        if comment := optional_text(body, "comment"):
            statement += f" comment {literal(comment)}"
        if properties := object_field(body, "properties"):
            pairs = (f"{literal(key)} = {literal(str(value))}" for key, value in properties.items())
            statement += f" with dbproperties ({', '.join(pairs)})"

        def work(sql: SqlSession) -> Json:
            if sql.catalog.has_schema(name):
                raise ApiError(400, "SCHEMA_ALREADY_EXISTS", f"Schema '{CATALOG}.{name}' already exists")
            services.warehouse.run(sql, statement)
            return _describe(services, sql, name)

        return await in_session(services, work)

    async def update_schema(request: Request) -> Json:
        schema = full_name(request, "Schema", 2)[1]
        body = await json_body(request)
        unknown = sorted(set(body) - {"full_name", "comment", "owner"})
        if unknown:
            raise not_served(f"changing {', '.join(unknown)} of a schema", "It changes the comment.")

        def work(sql: SqlSession) -> Json:
            _require(services, sql, schema)
            if body.get("comment") is not None:
                comment = literal(optional_text(body, "comment") or "")
                services.warehouse.run(sql, f"comment on schema {quoted(CATALOG, schema)} is {comment}")
            return _describe(services, sql, schema)

        return await in_session(services, work)

    async def delete_schema(request: Request) -> Json:
        schema = full_name(request, "Schema", 2)[1]
        cascade = " cascade" if is_true(request.query_params.get("force")) else ""

        def work(sql: SqlSession) -> Json:
            _require(services, sql, schema)
            services.warehouse.run(sql, f"drop schema {quoted(CATALOG, schema)}{cascade}")
            return {}

        return await in_session(services, work)

    return [
        unity_endpoint("GET", "/catalogs", list_catalogs),
        unity_endpoint("POST", "/catalogs", refuse),
        unity_endpoint("GET", "/catalogs/{name}", get_catalog),
        unity_endpoint("PATCH", "/catalogs/{name}", refuse),
        unity_endpoint("DELETE", "/catalogs/{name}", refuse),
        unity_endpoint("GET", "/schemas", list_schemas),
        unity_endpoint("POST", "/schemas", create_schema),
        unity_endpoint("GET", "/schemas/{name}", get_schema),
        unity_endpoint("PATCH", "/schemas/{name}", update_schema),
        unity_endpoint("DELETE", "/schemas/{name}", delete_schema),
    ]


def _require(services: Services, sql: SqlSession, schema: str) -> Json:
    """A schema that must exist, described."""
    if not sql.catalog.has_schema(schema):
        raise absent("Schema", f"{CATALOG}.{schema}")
    return _describe(services, sql, schema)


def _describe(services: Services, sql: SqlSession, schema: str) -> Json:
    comment = schema_comment(sql.catalog, sql.store, schema)
    described: Json = {
        "name": schema,
        "catalog_name": CATALOG,
        "full_name": f"{CATALOG}.{schema}",
        "catalog_type": "MANAGED_CATALOG",
        "owner": services.user_name,
        **METASTORE,
    }
    return described | ({"comment": comment} if comment else {})
