"""What the engine's JVM runs on: pyspark's jars, Delta's, our own, and an archive of their classes where there is one.

The archive is Java's class data sharing. Spark loads some fifteen thousand classes before its first answer; from an
archive they come parsed and verified, which halves the time to start and to the first statement. It is good for the very
jars that it was made of: those of another environment have another one, whatever their content.
"""

from __future__ import annotations

import hashlib
import os
import time
from dataclasses import dataclass
from pathlib import Path

import pyspark

from localbricks.engine.classes import classes_folder, ensure_compiled, own_jar
from localbricks.engine.jars import ensure_jars, pinned_jars
from localbricks.engine.java import Java

SPARK_JARS = Path(pyspark.__file__).parent / "jars"
_ARCHIVE = ".jsa"
_UNUSED_SECONDS = 30 * 24 * 3600


@dataclass(frozen=True)
class ClassPath:
    """All jars, in their order, and the Java that runs on them."""

    java: Java
    delta: tuple[Path, ...]
    own: Path

    @property
    def text(self) -> str:
        """As Java takes it, ours first: some of its classes stand in for Spark's and Delta's. The launcher puts Spark's jars for the star."""
        return os.pathsep.join([str(self.own), f"{SPARK_JARS}/*", *map(str, self.delta)])

    @property
    def libraries(self) -> list[Path]:
        """The jars of others: Spark's and Delta's."""
        return [*sorted(SPARK_JARS.glob("*.jar")), *self.delta]

    def archive(self) -> Path | None:
        """The archive of these classes, where there is a whole one: Java dies of one that is cut short."""
        try:
            found = classes_folder().glob(f"{self._key()}.*{_ARCHIVE}")
        except FileNotFoundError:
            # Without a jar there is nothing that an archive could be of.
            return None
        return next((path for path in found if path.name.split(".")[1] == str(path.stat().st_size)), None)

    def keep_archive(self, made: Path) -> Path:
        """Put an archive that was made of these classes into its place, where it is from now on.

        Others that no engine has used for a month are removed.
        """
        for other in classes_folder().glob(f"*{_ARCHIVE}"):
            if time.time() - other.stat().st_mtime > _UNUSED_SECONDS:
                other.unlink(missing_ok=True)
        place = classes_folder() / f"{self._key()}.{made.stat().st_size}{_ARCHIVE}"
        made.replace(place)
        return place

    def _key(self) -> str:
        # Java looks at the time and the size of each jar.
        states = [(str(path), path.stat()) for path in (*self.libraries, self.own)]
        stamps = [(path, state.st_mtime_ns, state.st_size) for path, state in states]
        return hashlib.sha256(repr((self.java.build, stamps)).encode()).hexdigest()[:16]


def class_path(java: Java) -> ClassPath:
    """The class path, whether all of it is there or not."""
    return ClassPath(java, tuple(jar.path for jar in pinned_jars()), own_jar())


def ensure_class_path(java: Java) -> ClassPath:
    """The class path, with what it lacks fetched and compiled.

    Raises:
        LocalbricksError: Delta's jars cannot be had.
    """
    found = class_path(java)
    ensure_jars(java.launcher, SPARK_JARS)
    ensure_compiled(java.launcher, found.libraries)
    return found
