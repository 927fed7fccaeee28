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
# Environment variables in which Java looks for options.
_OPTIONS = ("JDK_JAVA_OPTIONS", "JAVA_TOOL_OPTIONS")


@dataclass(frozen=True)
class Java:
    """A Java runtime: the path of its launcher, its major version, and all that it says of itself."""

    launcher: str
    version: int
    build: str = ""


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
    build = _said_of_itself(launcher)
    version = _major_version(launcher, build)
    if version < MINIMUM:
        raise LocalbricksError(
            f"Java {MINIMUM} or newer is needed; {launcher} is Java {version}. "
            "Install a newer one or point JAVA_HOME at it."
        )
    return Java(launcher, version, build)


def _said_of_itself(launcher: str) -> str:
    # Java says, too, which options it has found in the environment.
    environment = {key: value for key, value in os.environ.items() if key not in _OPTIONS}
    done = subprocess.run([launcher, "-version"], capture_output=True, text=True, check=False, env=environment)
    return (done.stderr + done.stdout).strip()


def _major_version(launcher: str, build: str) -> int:
    found = re.search(r'version "(\d+)(?:\.(\d+))?', build)
    if not found:
        raise LocalbricksError(f"`{launcher} -version` did not name a version: {build[:200]}")
    major = int(found.group(1))
    return int(found.group(2) or 0) if major == 1 else major
