"""What an interpreter inherits from the server, and when an idle one has become stale."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path

# Not inherited: settings of the server's own Python and Spark (with the secret of its gateway), and the
# credentials of a real workspace, which a local model has no business with.
_NOT_INHERITED = ("PYTHON", "PYSPARK", "SPARK_", "DATABRICKS_", "DBT_", "__PYVENV")

_ALWAYS = {
    "PYTHONUTF8": "1",
    "PYTHONFAULTHANDLER": "1",
    # pyspark.pandas sets this by itself, with a warning on every import.
    "PYARROW_IGNORE_TIMEZONE": "1",
    "GRPC_VERBOSITY": "ERROR",
}


def interpreter_environment(extra: Mapping[str, str]) -> dict[str, str]:
    """The environment variables of an interpreter; `extra` has the last word."""
    inherited = {key: value for key, value in os.environ.items() if not key.startswith(_NOT_INHERITED)}
    return {**inherited, **_ALWAYS, **extra}


@cache
def _package_folders(python: str) -> tuple[Path, ...]:
    """The folders that `python` has packages in."""
    if python == sys.executable:
        paths = sys.path
    else:
        code = "import sys; print('\\n'.join(sys.path))"
        asked = subprocess.run([python, "-P", "-c", code], capture_output=True, text=True, timeout=60, check=False)
        paths = asked.stdout.splitlines()
    return tuple(Path(path) for path in paths if path.endswith(("site-packages", "dist-packages")))


def packages_stamp(python: str) -> tuple[int, ...]:
    """Changes whenever a package is installed, upgraded or removed for `python`."""
    stamps = []
    for folder in _package_folders(python):
        try:
            stamps.append(folder.stat().st_mtime_ns)
        except OSError:
            stamps.append(0)
    return tuple(stamps)
