"""A server with the REST API and a real runner, and the SDK's own client of it."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import uvicorn
from databricks.sdk import WorkspaceClient
from starlette.applications import Starlette

from localbricks.errors import DatabricksError
from localbricks.python_runs.runner import PythonRunner
from localbricks.rest import routes
from localbricks.sql.warehouse import Execution

CLUSTER_ID = "0000-000000-test"


def no_engine() -> str:
    """In the place of the Spark Connect address."""
    raise RuntimeError("no engine in this test")


class FolderVolumes:
    """The volume `/Volumes/main/s/v`, in a folder."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def resolve(self, path: str) -> Path:
        """As `localbricks.volumes` does."""
        prefix = "/Volumes/main/s/v"
        if path != prefix and not path.startswith(prefix + "/"):
            raise DatabricksError("VOLUME_NOT_FOUND", f"No volume in {path}.", "42704")
        inside = path[len(prefix) :].strip("/")
        if ".." in inside.split("/"):
            raise DatabricksError("INVALID_VOLUME_PATH", f"{path!r} leaves its volume.", "22KD1")
        return self.root / inside


@dataclass(frozen=True)
class Workspace:
    """What the REST API needs of a server."""

    workspace_dir: Path
    runner: PythonRunner
    volumes: FolderVolumes
    user_name: str = "someone@localhost"
    runtime_version: str = "18.0.x-scala2.13"
    cluster_id: str = CLUSTER_ID
    warehouse_id: str = "warehouse"
    statements: Callable[[], list[Execution]] = list


@pytest.fixture(scope="session")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    """A workspace in a temporary folder."""
    folder = tmp_path_factory.mktemp("workspace")
    for name in ("files", "volume"):
        (folder / name).mkdir()
    volumes = FolderVolumes(folder / "volume")
    runner = PythonRunner(no_engine, work_dir=folder / "work", log_dir=folder / "logs", resolve_volume=volumes.resolve)
    runner.warm()
    yield Workspace(folder / "files", runner, volumes)
    runner.close()


@pytest.fixture(scope="session")
def url(workspace: Workspace) -> Iterator[str]:
    """Address of a server of that workspace."""
    config = uvicorn.Config(Starlette(routes=routes(workspace)), log_level="warning", lifespan="off")
    server = uvicorn.Server(config)
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.01)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        server.should_exit = True
        server.force_exit = True
        thread.join(10)


@pytest.fixture(scope="session")
def client(url: str) -> WorkspaceClient:
    """The SDK's client."""
    return WorkspaceClient(host=url, token="any")
