"""What an interpreter inherits from the server, and when an idle one has become stale."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path

_ALWAYS = {
    "PYTHONUTF8": "1",
    # pyspark.pandas sets this by itself, with a warning on every import.
    "PYARROW_IGNORE_TIMEZONE": "1",
    "GRPC_VERBOSITY": "ERROR",
}
_INHERITED = ("PATH", "HOME", "LANG")


def interpreter_environment(given: Mapping[str, str] | None) -> dict[str, str]:
    """The environment variables of an interpreter: those given, or the few that no program can do without.

    The server's own are not inherited: among them are settings of its Python and Spark (with the secret of its
    gateway), and often the credentials of a real workspace, which a local model has no business with.
    """
    if given is None:
        given = {name: os.environ[name] for name in _INHERITED if name in os.environ}
    return {**_ALWAYS, **given}


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
