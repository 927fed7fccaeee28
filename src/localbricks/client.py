"""A connection to a workspace that runs, through the unmodified Databricks SQL connector."""

from __future__ import annotations

from databricks import sql
from databricks.sql.client import Connection

from localbricks.errors import LocalbricksError
from localbricks.home import HTTP_PATH, Home
from localbricks.lifecycle.daemon import healthy


def connect(home: Home) -> Connection:
    """Connect to the server of a home.

    Raises:
        LocalbricksError: when none runs.
    """
    state = healthy(home)
    if state is None:
        raise LocalbricksError(f"No server runs on {home.root}: run `localbricks up`.")
    address = f"http://127.0.0.1:{state.port}"
    return sql.connect(
        server_hostname=address,
        http_path=HTTP_PATH,
        access_token=home.token(),
        _connection_uri=address + HTTP_PATH,
        enable_telemetry=False,
        # A local server that does not answer is gone.
        _retry_stop_after_attempts_count=3,
        _retry_delay_min=0.5,
    )
