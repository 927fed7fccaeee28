"""Delta Lake's jars: fetched once from a Maven repository into a cache, pinned by SHA-256.

pyspark ships Ivy, which knows Maven Central and checks what it fetches; so no repository is named here. A
mirror (`LOCALBRICKS_MAVEN_MIRROR`, a URL) or a folder that already holds the jars (`LOCALBRICKS_JARS_FOLDER`)
take its place where the network is closed.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from enum import Enum
from importlib import resources
from pathlib import Path
from xml.sax.saxutils import quoteattr

from localbricks.errors import LocalbricksError

FETCH_SECONDS = 300


@dataclass(frozen=True)
class Jar:
    """One pinned artefact."""

    group: str
    name: str
    version: str
    sha256: str

    @property
    def file_name(self) -> str:
        return f"{self.name}-{self.version}.jar"

    @property
    def path(self) -> Path:
        """Where the cache has it, or would have it."""
        return jars_folder() / self.file_name


def pinned_jars() -> list[Jar]:
    """The jars of `jars.lock.json`."""
    text = resources.files("localbricks.engine").joinpath("jars.lock.json").read_text(encoding="utf-8")
    return [Jar(**entry) for entry in json.loads(text)["jars"]]


def cache_folder() -> Path:
    """`LOCALBRICKS_CACHE`, otherwise `~/.cache/localbricks`."""
    return Path(os.environ.get("LOCALBRICKS_CACHE", "~/.cache/localbricks")).expanduser().resolve()


def jars_folder() -> Path:
    """The folder of the pinned jars."""
    return cache_folder() / "jars"


class JarState(Enum):
    """What the cache has of a jar."""

    GOOD = "present"
    MISSING = "missing"
    WRONG = "has another SHA-256"


def jar_states() -> dict[str, JarState]:
    """What the cache has of each pinned jar, by file name."""
    return {jar.file_name: _state(jar.path, jar) for jar in pinned_jars()}


def ensure_jars(java: str, pyspark_jars: Path) -> list[Path]:
    """Paths of the pinned jars, fetched when the cache lacks one or holds another content.

    Args:
        java: the Java launcher that runs Ivy.
        pyspark_jars: pyspark's own `jars` folder, where Ivy is.

    Raises:
        LocalbricksError: when a jar cannot be had; the message says how to go on.
    """
    jars = pinned_jars()
    missing = [jar for jar in jars if not _is_good(jar.path, jar)]
    if missing:
        folder = jars_folder()
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix="fetch-") as temporary:
            _fetch(missing, Path(temporary), java, pyspark_jars)
            for jar in missing:
                _install(Path(temporary) / jar.file_name, jar.path, jar)
    return [jar.path for jar in jars]


def _state(path: Path, jar: Jar) -> JarState:
    if not path.is_file():
        return JarState.MISSING
    return JarState.GOOD if hashlib.sha256(path.read_bytes()).hexdigest() == jar.sha256 else JarState.WRONG


def _is_good(path: Path, jar: Jar) -> bool:
    return _state(path, jar) is JarState.GOOD


def _install(source: Path, target: Path, jar: Jar) -> None:
    if not source.is_file():
        raise LocalbricksError(_how_to_go_on(f"{jar.file_name} was not found"))
    if not _is_good(source, jar):
        found = hashlib.sha256(source.read_bytes()).hexdigest()
        raise LocalbricksError(f"{jar.file_name} has SHA-256 {found}, expected {jar.sha256}: not used.")
    source.replace(target)


def _fetch(jars: list[Jar], into: Path, java: str, pyspark_jars: Path) -> None:
    folder = os.environ.get("LOCALBRICKS_JARS_FOLDER")
    if folder:
        for jar in jars:
            source = Path(folder).expanduser() / jar.file_name
            if source.is_file():
                shutil.copyfile(source, into / jar.file_name)
        return
    _run_ivy(jars, into, java, pyspark_jars)


def _run_ivy(jars: list[Jar], into: Path, java: str, pyspark_jars: Path) -> None:
    ivy = next(iter(pyspark_jars.glob("ivy-*.jar")), None)
    if ivy is None:
        raise LocalbricksError(f"pyspark's folder {pyspark_jars} has no ivy jar: reinstall pyspark.")
    settings, module = into / "ivysettings.xml", into / "ivy.xml"
    settings.write_text(_ivy_settings(into / "ivy-cache"), encoding="utf-8")
    module.write_text(_ivy_module(jars), encoding="utf-8")
    pattern = f"{into}/[artifact]-[revision].[ext]"
    command = [java, "-jar", str(ivy), "-settings", str(settings), "-ivy", str(module)]
    command += ["-retrieve", pattern, "-confs", "default"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=FETCH_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        raise LocalbricksError(_how_to_go_on(f"no answer within {FETCH_SECONDS} s")) from None
    if done.returncode != 0:
        lines = [line.strip() for line in (done.stdout + done.stderr).splitlines()]
        reason = next((line for line in lines if "Exception" in line or "UNRESOLVED" in line.upper()), "")
        raise LocalbricksError(_how_to_go_on(reason or f"Ivy ended with code {done.returncode}"))


def _ivy_settings(cache: Path) -> str:
    mirror = os.environ.get("LOCALBRICKS_MAVEN_MIRROR")
    root = f" root={quoteattr(mirror)}" if mirror else ""
    return (
        '<ivysettings><settings defaultResolver="maven"/>'
        f"<caches defaultCacheDir={quoteattr(str(cache))}/>"
        f'<resolvers><ibiblio name="maven" m2compatible="true"{root}/></resolvers></ivysettings>'
    )


def _ivy_module(jars: list[Jar]) -> str:
    wanted = "".join(
        f'<dependency org="{jar.group}" name="{jar.name}" rev="{jar.version}" transitive="false" '
        'conf="default->master"/>'
        for jar in jars
    )
    return (
        '<ivy-module version="2.0"><info organisation="localbricks" module="jars"/>'
        f'<configurations><conf name="default"/></configurations><dependencies>{wanted}</dependencies></ivy-module>'
    )


def _how_to_go_on(reason: str) -> str:
    names = ", ".join(jar.file_name for jar in pinned_jars())
    return (
        f"Delta Lake's jars could not be fetched from Maven Central ({reason}). "
        "Check the network, name a mirror in LOCALBRICKS_MAVEN_MIRROR (its root URL), "
        f"or put the files into a folder and name it in LOCALBRICKS_JARS_FOLDER: {names}."
    )
