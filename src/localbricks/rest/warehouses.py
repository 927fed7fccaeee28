"""SQL Warehouses API: the one warehouse, always running. Its statements go over Thrift, not through here."""

from __future__ import annotations

from starlette.requests import Request
from starlette.routing import Route

from localbricks.rest.endpoint import Json, endpoint
from localbricks.rest.errors import missing, not_served
from localbricks.rest.services import Services


def routes(services: Services) -> list[Route]:
    """Routes of this family."""

    def describe(request: Request) -> Json:
        return {
            "id": services.warehouse_id,
            "name": "localbricks",
            "state": "RUNNING",
            "cluster_size": "2X-Small",
            "min_num_clusters": 1,
            "max_num_clusters": 1,
            "num_clusters": 1,
            "num_active_sessions": 0,
            "auto_stop_mins": 0,
            "warehouse_type": "PRO",
            "enable_serverless_compute": False,
            "enable_photon": False,
            "creator_name": services.user_name,
            "health": {"status": "HEALTHY"},
            "odbc_params": {
                "hostname": request.url.hostname,
                "port": request.url.port,
                "path": f"/sql/1.0/warehouses/{services.warehouse_id}",
                "protocol": request.url.scheme,
            },
        }

    def check(request: Request) -> None:
        warehouse_id = request.path_params["warehouse_id"]
        if warehouse_id != services.warehouse_id:
            raise missing(f"SQL warehouse {warehouse_id} does not exist. localbricks has one: {services.warehouse_id}.")

    async def list_all(request: Request) -> Json:
        return {"warehouses": [describe(request)]}

    async def get(request: Request) -> Json:
        check(request)
        return describe(request)

    async def start(request: Request) -> Json:
        check(request)
        return {}

    async def change(_: Request) -> Json:
        raise not_served("creating, editing, stopping and deleting warehouses", "`localbricks down` stops it.")

    one = "/api/2.0/sql/warehouses/{warehouse_id}"
    return [
        endpoint("GET", "/api/2.0/sql/warehouses", list_all),
        endpoint("POST", "/api/2.0/sql/warehouses", change),
        endpoint("GET", one, get),
        endpoint("DELETE", one, change),
        endpoint("POST", f"{one}/start", start),
        endpoint("POST", f"{one}/stop", change),
        endpoint("POST", f"{one}/edit", change),
    ]
