"""What dbt's adapter tests ask of an adapter's repository: a target, users for grants, and where logs and files go.

The fixture `server` is the caller's: an object with `home` and `state` of a server that runs.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from dbt.tests.fixtures.project import *  # noqa: F403
from dbt_common.behavior_flags import BehaviorFlagRendered

from localbricks.home import CLUSTER_ID, HTTP_PATH

USERS = {f"DBT_TEST_USER_{number}": f"user{number}@example.com" for number in (1, 2, 3)}


@pytest.fixture(scope="class", autouse=True)
def users_for_grants() -> Iterator[None]:
    """Who the tests of grants grant to."""
    with pytest.MonkeyPatch.context() as patch:
        for variable, user in USERS.items():
            patch.setenv(variable, user)
        yield


@pytest.fixture(scope="session", autouse=True)
def callers_are_known() -> Iterator[None]:
    """Who asks for dbt's flags of behaviour, which an event may name, without a look at the stack for each of them.

    Every adapter that dbt makes adds its flags to one list of a module, and looks up the caller for each flag in it: in a
    process that makes hundreds of adapters that is nine tenths of the time, and more with every test.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(BehaviorFlagRendered, "_default_source", staticmethod(lambda: "dbt.adapters.databricks.impl"))
        yield


def warehouse_target(server: Any) -> dict[str, Any]:
    """The target of a profile, with the SQL warehouse of a server."""
    return _target(server, HTTP_PATH)


def cluster_target(server: Any) -> dict[str, Any]:
    """The target of a profile, with the cluster of a server."""
    return _target(server, f"/sql/protocolv1/o/0/{CLUSTER_ID}")


def _target(server: Any, http_path: str) -> dict[str, Any]:
    address = f"http://127.0.0.1:{server.state.port}"
    return {
        "type": "databricks",
        "catalog": "spark_catalog",
        "host": address,
        "http_path": http_path,
        "token": server.home.token(),
        "threads": 4,
        "connection_parameters": {
            "_connection_uri": address + http_path,
            "enable_telemetry": False,
            "_retry_stop_after_attempts_count": 3,
            "_retry_delay_min": 0.5,
            "_retry_delay_max": 5,
        },
    }


@pytest.fixture(scope="class")
def dbt_profile_target(server: Any) -> dict[str, Any]:
    """The target of the profile."""
    return warehouse_target(server)


@pytest.fixture(scope="class")
def logs_dir(prefix: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """dbt's logs: dbt's own fixture writes them beside the project's files."""
    folder = tmp_path_factory.mktemp("logs") / prefix
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DBT_LOG_PATH", str(folder))
        yield str(folder)


@pytest.fixture(scope="module")
def test_data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where a test keeps files that it makes for itself."""
    return tmp_path_factory.mktemp("data") / "files"


@pytest.fixture(scope="class")
def project_root(tmpdir_factory: Any) -> Iterator[Any]:
    """The folder of the project; whoever runs the tests stays where he was."""
    here = Path.cwd()
    yield tmpdir_factory.mktemp("project")
    os.chdir(here)
