"""What the REST API needs of the server it is part of."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from localbricks.python_runs.runner import PythonRunner
from localbricks.sql.warehouse import Execution, Warehouse


class Volumes(Protocol):
    """Files behind `/Volumes/…`."""

    def resolve(self, path: str) -> Path:
        """The local path behind a volume path; a `DatabricksError` for an unknown or an escaping one."""
        ...


class Services(Protocol):
    """The workspace, as the REST API sees it."""

    @property
    def user_name(self) -> str:
        """The only user."""
        ...

    @property
    def workspace_dir(self) -> Path:
        """Where workspace files, jobs and permissions are kept. Must exist."""
        ...

    @property
    def runner(self) -> PythonRunner:
        """Runs notebooks and commands."""
        ...

    @property
    def volumes(self) -> Volumes:
        """Resolves volume paths."""
        ...

    @property
    def runtime_version(self) -> str:
        """For example `18.0.x-scala2.13`."""
        ...

    @property
    def cluster_id(self) -> str:
        """The only cluster."""
        ...

    @property
    def warehouse_id(self) -> str:
        """The only SQL warehouse."""
        ...

    @property
    def warehouse(self) -> Warehouse:
        """Runs SQL."""
        ...

    def statements(self) -> list[Execution]:
        """The warehouse's last statements, the newest first."""
        ...
