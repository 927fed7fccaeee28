"""Finding a Java runtime that Spark 4 accepts."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from localbricks.errors import LocalbricksError

MINIMUM = 17


@dataclass(frozen=True)
class Java:
    """A Java runtime: the path of its launcher and its major version."""

    launcher: str
    version: int


def find_java() -> Java:
    """The runtime of `JAVA_HOME`, otherwise the `java` on the path.

    Raises:
        LocalbricksError: when there is none, or it is older than Java 17.
    """
    home = os.environ.get("JAVA_HOME")
    launcher = str(Path(home) / "bin" / "java") if home else shutil.which("java")
    if not launcher or not Path(launcher).exists():
        where = f"JAVA_HOME={home} has no bin/java" if home else "no `java` on the PATH"
        raise LocalbricksError(
            f"Java {MINIMUM} or newer is needed and was not found ({where}). "
            "Install a JDK or JRE (for example `apt install openjdk-17-jre-headless`) or set JAVA_HOME."
        )
    version = _major_version(launcher)
    if version < MINIMUM:
        raise LocalbricksError(
            f"Java {MINIMUM} or newer is needed; {launcher} is Java {version}. "
            "Install a newer one or point JAVA_HOME at it."
        )
    return Java(launcher, version)


def _major_version(launcher: str) -> int:
    done = subprocess.run([launcher, "-version"], capture_output=True, text=True, check=False)
    found = re.search(r'version "(\d+)(?:\.(\d+))?', done.stderr + done.stdout)
    if not found:
        raise LocalbricksError(f"`{launcher} -version` did not name a version: {done.stderr.strip()[:200]}")
    major = int(found.group(1))
    return int(found.group(2) or 0) if major == 1 else major
