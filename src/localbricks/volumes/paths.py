"""From a `/Volumes/…` path to the file behind it and back; no path leaves its volume."""

from __future__ import annotations

import re
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlparse

from localbricks.catalog.spark_catalog import CATALOG
from localbricks.catalog.store import CatalogStore, Volume
from localbricks.errors import DatabricksError
from localbricks.home import Home

_PATH = re.compile(r"^(?:dbfs:)?/+Volumes/([^/]+)/([^/]+)/([^/]+)(?:/+(.*))?$", re.DOTALL)

NAME_BYTES = 255
PATH_BYTES = 4000
"""Of Linux's 4,096 some are left for the temporary names of files that are being written."""


class Volumes:
    """Resolves volume paths of one workspace."""

    def __init__(self, home: Home, store: CatalogStore) -> None:
        self._home = home
        self._store = store

    def folder(self, volume: Volume) -> Path:
        """Where a volume's files are."""
        if volume.kind == "MANAGED":
            return self._home.volumes / volume.schema / volume.name
        return local_path(volume.location)

    def require(self, schema: str, name: str) -> Volume:
        """A volume that must exist.

        Raises:
            DatabricksError: VOLUME_NOT_FOUND.
        """
        volume = self._store.volume(schema, name)
        if volume is None:
            raise DatabricksError(
                "VOLUME_NOT_FOUND", f"Volume `{CATALOG}`.`{schema}`.`{name}` does not exist.", "42704"
            )
        return volume

    def is_volume_path(self, path: str) -> bool:
        """Whether a path is one of a volume, existing or not."""
        return _PATH.match(path) is not None

    def canonical(self, path: str) -> str:
        """The one spelling of a volume path, without the scheme: `/Volumes/<catalog>/<schema>/<volume>/…`."""
        found = _PATH.match(path)
        assert found is not None
        _, schema, name, inside = found.groups()
        return str(PurePosixPath("/Volumes", CATALOG, schema.lower(), name.lower(), inside or ""))

    def resolve(self, path: str) -> Path:
        """The local path behind a volume path.

        Raises:
            DatabricksError: no volume path, no such volume, or a path that leaves its volume.
        """
        found = _PATH.match(path)
        if not found:
            raise DatabricksError(
                "INVALID_VOLUME_PATH", f"{path!r} is not /Volumes/<catalog>/<schema>/<volume>/….", "22KD1"
            )
        catalog, schema, name, inside = found.groups()
        if catalog.lower() != CATALOG:
            raise DatabricksError(
                "VOLUME_NOT_FOUND", f"Volume `{catalog}`.`{schema}`.`{name}` does not exist.", "42704"
            )
        volume = self.require(schema, name)
        parts = PurePosixPath(inside or "").parts
        if ".." in parts or "\0" in path:
            raise DatabricksError("INVALID_VOLUME_PATH", f"{path!r} leaves its volume.", "22KD1")
        root = self.folder(volume)
        local = root.joinpath(*parts)
        if _is_too_long(local):
            raise DatabricksError(
                "INVALID_VOLUME_PATH",
                f"The path has {len(path)} characters: no part of one may have more than {NAME_BYTES} bytes, "
                f"nor the file's path on this machine more than {PATH_BYTES}. It begins {path[:100]!r}.",
                "22KD1",
            )
        # A link inside an external volume must not lead out of it either.
        if not local.resolve().is_relative_to(root.resolve()):
            raise DatabricksError("INVALID_VOLUME_PATH", f"{path!r} leaves its volume.", "22KD1")
        return local


def _is_too_long(path: Path) -> bool:
    sizes = [len(part.encode(errors="replace")) for part in path.parts]
    return max(sizes) > NAME_BYTES or sum(sizes) + len(sizes) > PATH_BYTES


def local_path(location: str) -> Path:
    """The path of a `file:` URI or an absolute path.

    Raises:
        DatabricksError: for any other location: there is no cloud storage here.
    """
    parsed = urlparse(location)
    if parsed.scheme == "file" and parsed.netloc in ("", "localhost"):
        return Path(unquote(parsed.path))
    if not parsed.scheme and location.startswith("/"):
        return Path(location)
    raise DatabricksError(
        "UNSUPPORTED_FEATURE.LOCALBRICKS",
        f"localbricks reads local folders only, found {location!r}. Name it as file:///absolute/folder.",
        "0A000",
    )
