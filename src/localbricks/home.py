"""The home folder: where one local workspace keeps all that it has.

Paths, the port and the token live here; who runs on it (process ids) is in `lifecycle`. Two homes are
two workspaces and share nothing but the cache of jars.
"""

from __future__ import annotations

import json
import os
import secrets
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from localbricks.errors import LocalbricksError

WAREHOUSE_ID = "localbricks"
CLUSTER_ID = "0000-000000-localbricks"
HTTP_PATH = f"/sql/1.0/warehouses/{WAREHOUSE_ID}"
USER_NAME = "localbricks@localhost"


@dataclass(frozen=True)
class Home:
    """Paths of one workspace under `root`; nothing is created before `prepare`."""

    root: Path

    @classmethod
    def default(cls) -> Home:
        """`LOCALBRICKS_HOME`, otherwise `~/.localbricks`."""
        return cls(Path(os.environ.get("LOCALBRICKS_HOME", "~/.localbricks")).expanduser().resolve())

    @property
    def warehouse(self) -> Path:
        """Data of managed tables."""
        return self.root / "warehouse"

    @property
    def metastore(self) -> Path:
        """Spark's own catalog (Hive metastore on Derby)."""
        return self.root / "metastore"

    @property
    def catalog_file(self) -> Path:
        """What Unity Catalog knows and Spark's catalog has no place for (SQLite)."""
        return self.root / "catalog.sqlite"

    @property
    def volumes(self) -> Path:
        """Files of managed volumes."""
        return self.root / "volumes"

    @property
    def workspace(self) -> Path:
        """Workspace files: uploaded notebooks and job definitions."""
        return self.root / "workspace"

    @property
    def logs(self) -> Path:
        """Logs of the server, of the JVM and of Python runs."""
        return self.root / "logs"

    @property
    def tmp(self) -> Path:
        """Spill and spool files; emptied at every start."""
        return self.root / "tmp"

    @property
    def state_file(self) -> Path:
        """Process ids and ports of the server that runs on this home."""
        return self.root / "server.json"

    @property
    def lock_file(self) -> Path:
        """Held by the server of this home."""
        return self.root / "lock"

    @property
    def turn_file(self) -> Path:
        """Held by who starts or stops the server of this home."""
        return self.root / "turn"

    @property
    def settings_file(self) -> Path:
        """Settings that outlive a server: its port."""
        return self.root / "settings.json"

    @property
    def token_file(self) -> Path:
        """The bearer token, readable by its owner alone."""
        return self.root / "token"

    def prepare(self) -> None:
        """Create the folders and the token. Safe to repeat."""
        self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        for folder in (self.warehouse, self.volumes, self.workspace, self.logs, self.tmp):
            folder.mkdir(mode=0o700, exist_ok=True)
        if not self.token_file.exists():
            write_private(self.token_file, "lb" + secrets.token_hex(20))

    def token(self) -> str:
        """The bearer token.

        Raises:
            LocalbricksError: when the file is missing, empty, damaged or readable by others.
        """
        try:
            mode = stat.S_IMODE(self.token_file.stat().st_mode)
            token = self.token_file.read_text(encoding="ascii").strip()
        except FileNotFoundError:
            raise LocalbricksError(f"No token at {self.token_file}: run `localbricks up` first.") from None
        except (UnicodeDecodeError, OSError) as error:
            raise LocalbricksError(self._bad_token(str(error))) from None
        if mode & 0o077:
            raise LocalbricksError(self._bad_token(f"mode is {mode:04o}, expected 0600"))
        if len(token) < 20 or not token.isalnum():
            raise LocalbricksError(self._bad_token(f"{len(token)} characters that are not a token"))
        return token

    def _bad_token(self, found: str) -> str:
        return (
            f"The token file {self.token_file} is damaged ({found}). "
            "Delete it and run `localbricks down` and `localbricks up`: a new token is written."
        )

    def settings(self) -> dict[str, Any]:
        """Settings of this home, empty where none were written."""
        return read_json(self.settings_file)

    def save_settings(self, settings: dict[str, Any]) -> None:
        """Replace the settings."""
        write_private(self.settings_file, json.dumps(settings, indent=2))


def read_json(path: Path) -> dict[str, Any]:
    """A JSON object from `path`, empty when there is no file.

    Raises:
        LocalbricksError: when the file is not a JSON object.
    """
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except ValueError as error:
        raise LocalbricksError(f"{path} is damaged ({error}). Delete it and try again.") from None
    if not isinstance(value, dict):
        raise LocalbricksError(f"{path} holds {type(value).__name__}, expected a JSON object. Delete it.")
    return value


def write_private(path: Path, text: str) -> None:
    """Write a file with mode 0600 so that a reader sees the old content or the new one, never a part."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    temporary.replace(path)
