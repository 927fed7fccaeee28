"""dbt as a command, on the one server."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import imported_dbt


@dataclass
class Dbt:
    """dbt as a command, in a copy of the project."""

    folder: Path
    server: Any
    schema: str
    round: int = 1
    """Which of the project's data: not a variable of dbt's, with whose change dbt reads the whole project again."""

    @property
    def environment(self) -> dict[str, str]:
        """Where the server is; nothing of another project."""
        kept = {key: value for key, value in os.environ.items() if not key.startswith("DBT_")}
        return {
            **kept,
            "LOCALBRICKS_PORT": str(self.server.state.port),
            "LOCALBRICKS_TOKEN": self.server.home.token(),
            "FEATURES_SCHEMA": self.schema,
            "FEATURES_ROUND": str(self.round),
            "DBT_USE_COLORS": "false",
        }

    def command(self, *arguments: str) -> list[str]:
        """The command line."""
        return [str(Path(sys.executable).with_name("dbt")), *arguments]

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a command of dbt."""
        return imported_dbt.run(arguments, self.folder, self.environment)

    def good(self, *arguments: str) -> str:
        """Run a command that must end well; what it printed."""
        done = self.run(*arguments)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def artifact(self, name: str) -> Any:
        """A file that dbt has written."""
        return json.loads((self.folder / "target" / name).read_text(encoding="utf-8"))
