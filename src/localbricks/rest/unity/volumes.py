"""Volumes: list, get, create, delete."""

from __future__ import annotations

from datetime import datetime

from starlette.requests import Request
from starlette.routing import Route

from localbricks.catalog.spark_catalog import CATALOG
from localbricks.catalog.store import Volume
from localbricks.rest.endpoint import Json, json_body, optional_text, text_field
from localbricks.rest.errors import ApiError, invalid, not_served
from localbricks.rest.services import Services
from localbricks.rest.unity.common import METASTORE, absent, full_name, in_session, named_schema, page, unity_endpoint
from localbricks.sql.lexer import literal, quoted
from localbricks.sql.session import SqlSession


def routes(services: Services) -> list[Route]:
    """Routes of this family."""

    def describe(sql: SqlSession, volume: Volume) -> Json:
        created = int(datetime.fromisoformat(volume.created_at).timestamp() * 1000)
        described: Json = {
            "name": volume.name,
            "catalog_name": CATALOG,
            "schema_name": volume.schema,
            "full_name": f"{CATALOG}.{volume.schema}.{volume.name}",
            "volume_type": volume.kind,
            "storage_location": sql.volumes.folder(volume).as_uri(),
            "owner": services.user_name,
            "created_at": created,
            "created_by": services.user_name,
            "updated_at": created,
            **METASTORE,
        }
        return described | ({"comment": volume.comment} if volume.comment else {})

    def require(sql: SqlSession, schema: str, name: str) -> Volume:
        volume = sql.store.volume(schema, name)
        if volume is None:
            raise absent("Volume", f"{CATALOG}.{schema}.{name}")
        return volume

    async def list_volumes(request: Request) -> Json:
        def work(sql: SqlSession) -> list[Json]:
            schema = named_schema(services, sql, request)
            return [describe(sql, volume) for volume in sql.store.volumes() if volume.schema == schema]

        return page(request, "volumes", await in_session(services, work))

    async def get_volume(request: Request) -> Json:
        _, schema, name = full_name(request, "Volume", 3)
        return await in_session(services, lambda sql: describe(sql, require(sql, schema, name)))

    async def create_volume(request: Request) -> Json:
        body = await json_body(request)
        catalog, schema, name = (text_field(body, key).lower() for key in ("catalog_name", "schema_name", "name"))
        kind = text_field(body, "volume_type")
        if kind not in ("MANAGED", "EXTERNAL"):
            raise invalid(f"volume_type must be MANAGED or EXTERNAL, found {kind!r}.")
        if catalog != CATALOG:
            raise absent("Catalog", catalog)
        statement = f"create {'external ' if kind == 'EXTERNAL' else ''}volume {quoted(CATALOG, schema, name)}"
        if location := optional_text(body, "storage_location"):
            statement += f" location {literal(location)}"
        if comment := optional_text(body, "comment"):
            statement += f" comment {literal(comment)}"

        def work(sql: SqlSession) -> Json:
            if not sql.catalog.has_schema(schema):
                raise absent("Schema", f"{CATALOG}.{schema}")
            if sql.store.volume(schema, name):
                message = f"Volume '{CATALOG}.{schema}.{name}' already exists"
                raise ApiError(400, "VOLUME_ALREADY_EXISTS", message)
            services.warehouse.run(sql, statement)
            return describe(sql, require(sql, schema, name))

        return await in_session(services, work)

    async def delete_volume(request: Request) -> Json:
        _, schema, name = full_name(request, "Volume", 3)

        def work(sql: SqlSession) -> Json:
            require(sql, schema, name)
            services.warehouse.run(sql, f"drop volume {quoted(CATALOG, schema, name)}")
            return {}

        return await in_session(services, work)

    async def refuse(_: Request) -> Json:
        raise not_served("changing volumes", "Drop and create it: the files of an external one stay.")

    return [
        unity_endpoint("GET", "/volumes", list_volumes),
        unity_endpoint("POST", "/volumes", create_volume),
        unity_endpoint("GET", "/volumes/{name}", get_volume),
        unity_endpoint("PATCH", "/volumes/{name}", refuse),
        unity_endpoint("DELETE", "/volumes/{name}", delete_volume),
    ]
