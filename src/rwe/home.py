"""Where the project lies and where everything local of it lives.

`RWE_HOME` (by default `.local` in the project's folder) holds the environment, the local workspace, the demo's
landing files, dbt's artifacts and logs. Nothing local is written anywhere else.
"""

from __future__ import annotations

import os
import shlex
import sys
from dataclasses import dataclass
from pathlib import Path

from localbricks.home import Home, write_private
from localbricks.lifecycle.state import ServerState

PROJECT = Path(__file__).resolve().parents[2]
"""The folder of `dbt_project.yml`; the package is installed from it, editable."""


@dataclass(frozen=True)
class RweHome:
    """Paths under the home folder; nothing is created before it is needed."""

    root: Path

    @classmethod
    def default(cls) -> RweHome:
        """`RWE_HOME`, a relative one counted from the project's folder; otherwise `.local`."""
        return cls((PROJECT / os.environ.get("RWE_HOME", ".local")).resolve())

    @property
    def localbricks(self) -> Home:
        """The local workspace; `LOCALBRICKS_HOME` names another one."""
        return Home(Path(os.environ.get("LOCALBRICKS_HOME", self.root / "localbricks")).resolve())

    @property
    def cache(self) -> Path:
        """What was fetched once: Delta's jars."""
        return Path(os.environ.get("LOCALBRICKS_CACHE", self.root / "cache")).resolve()

    @property
    def demo_landing(self) -> Path:
        """The demo's landing files."""
        return self.root / "landing"

    @property
    def landing_state(self) -> Path:
        """Which landing folder the raw tables were loaded from."""
        return self.root / "landing.json"

    @property
    def dbt_target(self) -> Path:
        """dbt's artifacts and the static documentation."""
        return self.root / "dbt" / "target"

    @property
    def dbt_logs(self) -> Path:
        """dbt's logs."""
        return self.root / "dbt" / "logs"

    @property
    def standing(self) -> Path:
        """What the last build left, for the next one to compare with."""
        return self.root / "dbt" / "standing"

    @property
    def report(self) -> Path:
        """The quality report of the last build."""
        return self.root / "report.html"

    @property
    def env_file(self) -> Path:
        """To `source` into a shell, so that plain `dbt …` and `rwe …` work."""
        return self.root / "env"

    def variables(self) -> dict[str, str]:
        """What `rwe` and dbt read from the environment, but for the server's port and token."""
        return {
            "RWE_HOME": str(self.root),
            "LOCALBRICKS_HOME": str(self.localbricks.root),
            "LOCALBRICKS_CACHE": str(self.cache),
            "DBT_PROJECT_DIR": str(PROJECT),
            "DBT_PROFILES_DIR": str(PROJECT / "profiles"),
            "DBT_TARGET_PATH": str(self.dbt_target),
            "DBT_LOG_PATH": str(self.dbt_logs),
        }

    def dbt_environment(self, state: ServerState) -> dict[str, str]:
        """The environment of a dbt that builds on the server of `state`.

        The connector reads all certificates of the machine for every connection, one for each node, with Python's lock
        held: 20 ms, for a server that speaks plain HTTP.
        """
        return {
            **os.environ,
            "SSL_CERT_FILE": os.devnull,
            **self.variables(),
            "LOCALBRICKS_PORT": str(state.port),
            "LOCALBRICKS_TOKEN": self.localbricks.token(),
        }

    def write_env_file(self, state: ServerState) -> None:
        """Write the file to `source`, readable by its owner alone. The token stays in its own file."""
        lines = [f"export {name}={shlex.quote(value)}" for name, value in self.variables().items()]
        lines += [
            f"export LOCALBRICKS_PORT={state.port}",
            f'export LOCALBRICKS_TOKEN="$(cat {shlex.quote(str(self.localbricks.token_file))})"',
            f'export PATH={shlex.quote(str(Path(sys.executable).parent))}:"$PATH"',
        ]
        write_private(self.env_file, "\n".join(lines) + "\n")
