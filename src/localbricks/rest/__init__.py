"""The REST API of a workspace, as far as dbt, the SDK and an analyst's scripts need it.

In this room: one module for each API family, the shape of errors, long polls, and what is kept of jobs,
notebooks and permissions. Not in this room: running SQL (`localbricks.sql`) and Python (`localbricks.python_runs`),
the bearer token and the server itself.
"""

from starlette.routing import Route

from localbricks.rest import clusters, discovery, files, identity, query_history, unity, warehouses, workspace
from localbricks.rest.commands import CommandExecution
from localbricks.rest.job_store import JobStore
from localbricks.rest.jobs import Jobs
from localbricks.rest.permissions import Permissions
from localbricks.rest.services import Services
from localbricks.rest.statements import Statements
from localbricks.rest.workspace_store import WorkspaceStore


def routes(services: Services) -> list[Route]:
    """Every route of the REST API. The last one answers all of `/api`, so other routes there come before these."""
    store = WorkspaceStore(services.workspace_dir / "files", services.user_name)
    jobs = Jobs(services, JobStore(services.workspace_dir / "jobs.json", services.user_name), store)
    exists = {"jobs": jobs.has_job, "notebooks": store.has_notebook}
    permissions = Permissions(services.workspace_dir / "permissions.json", services.user_name, exists)
    return [
        *discovery.routes(),
        *clusters.routes(services),
        *CommandExecution(services).routes(),
        *jobs.routes(),
        *workspace.routes(store),
        *permissions.routes(),
        *identity.routes(services),
        *warehouses.routes(services),
        *Statements(services).routes(),
        *query_history.routes(services),
        *unity.routes(services),
        *files.routes(services),
        *discovery.unknown_endpoints(),
    ]
