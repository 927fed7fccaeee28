"""Clusters API: the one cluster, always running. Libraries API: packages are looked for, and never installed."""

from __future__ import annotations

import os

from starlette.requests import Request
from starlette.routing import Route

from localbricks.python_runs.interpreter.requirements import check
from localbricks.rest.endpoint import Json, endpoints, json_body, list_field, text_field
from localbricks.rest.errors import ApiError, invalid, not_served
from localbricks.rest.ids import now_ms
from localbricks.rest.libraries import requirement
from localbricks.rest.services import Services

_VERSIONS = "2.0 2.1"


def check_cluster(services: Services, cluster_id: object) -> None:
    """Refuse any cluster but the one there is, in Databricks' own words: clients match on them."""
    if cluster_id != services.cluster_id:
        raise invalid(f"Cluster {cluster_id} does not exist. localbricks has one cluster: {services.cluster_id}.")


def routes(services: Services) -> list[Route]:
    """Routes of both families."""
    start_time = now_ms()
    libraries: dict[str, Json] = {}

    def describe() -> Json:
        return {
            "cluster_id": services.cluster_id,
            "cluster_name": "localbricks",
            "cluster_source": "API",
            "creator_user_name": services.user_name,
            "single_user_name": services.user_name,
            "data_security_mode": "SINGLE_USER",
            "spark_version": services.runtime_version,
            "effective_spark_version": services.runtime_version,
            "runtime_engine": "STANDARD",
            "node_type_id": "local",
            "driver_node_type_id": "local",
            "num_workers": 0,
            "cluster_cores": float(os.cpu_count() or 1),
            "autotermination_minutes": 0,
            "start_time": start_time,
            "state": "RUNNING",
            "state_message": "",
        }

    async def get(request: Request) -> Json:
        check_cluster(services, text_field(request.query_params, "cluster_id"))
        return describe()

    async def list_all(_: Request) -> Json:
        return {"clusters": [describe()]}

    async def start(request: Request) -> Json:
        check_cluster(services, text_field(await json_body(request), "cluster_id"))
        # As Databricks says it; the SDK's own `ensure_cluster_is_running` knows this answer.
        message = f"Cluster {services.cluster_id} is in unexpected state Running."
        raise ApiError(400, "INVALID_STATE", message)

    async def spark_versions(_: Request) -> Json:
        return {"versions": [{"key": services.runtime_version, "name": f"{services.runtime_version} (localbricks)"}]}

    async def node_types(_: Request) -> Json:
        local = {"node_type_id": "local", "description": "This machine", "instance_type_id": "local"}
        size = {"num_cores": float(os.cpu_count() or 1), "memory_mb": 0, "category": "General Purpose"}
        return {"node_types": [local | size]}

    async def change(request: Request) -> Json:
        raise not_served(
            f"clusters/{request.url.path.rpartition('/')[2]}", "It has one cluster, which `localbricks up` starts."
        )

    async def library_status(request: Request) -> Json:
        check_cluster(services, text_field(request.query_params, "cluster_id"))
        return describe_libraries()

    async def all_library_statuses(_: Request) -> Json:
        return {"statuses": [describe_libraries()]}

    def describe_libraries() -> Json:
        statuses = [
            {"library": library, "status": "INSTALLED", "is_library_for_all_clusters": False}
            for library in libraries.values()
        ]
        return {"cluster_id": services.cluster_id, "library_statuses": statuses}

    async def install_library(request: Request) -> Json:
        body = await json_body(request)
        check_cluster(services, text_field(body, "cluster_id"))
        found = {requirement(f"cluster {services.cluster_id}", one): one for one in list_field(body, "libraries")}
        try:
            check(list(found))
        except ImportError as error:
            raise invalid(str(error)) from None
        libraries.update(found)
        return {}

    async def uninstall_library(request: Request) -> Json:
        body = await json_body(request)
        check_cluster(services, text_field(body, "cluster_id"))
        for one in list_field(body, "libraries"):
            libraries.pop(requirement(f"cluster {services.cluster_id}", one), None)
        return {}

    changes = ("create", "edit", "delete", "permanent-delete", "restart", "resize")
    return [
        *endpoints(_VERSIONS, "GET", "/clusters/get", get),
        *endpoints(_VERSIONS, "GET", "/clusters/list", list_all),
        *endpoints(_VERSIONS, "POST", "/clusters/start", start),
        *endpoints(_VERSIONS, "GET", "/clusters/spark-versions", spark_versions),
        *endpoints(_VERSIONS, "GET", "/clusters/list-node-types", node_types),
        *[route for name in changes for route in endpoints(_VERSIONS, "POST", f"/clusters/{name}", change)],
        *endpoints("2.0", "GET", "/libraries/cluster-status", library_status),
        *endpoints("2.0", "GET", "/libraries/all-cluster-statuses", all_library_statuses),
        *endpoints("2.0", "POST", "/libraries/install", install_library),
        *endpoints("2.0", "POST", "/libraries/uninstall", uninstall_library),
    ]
