"""Hadoop's default settings, without those of services that no engine of one machine has.

Spark and Delta copy all of Hadoop's settings for every statement, every read file and every look at a table's log: of some
thousand, more than half are those of YARN and of other stores. The lists without them go into our jar, which comes first.
"""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree

LISTS = ("core-default.xml", "mapred-default.xml", "yarn-default.xml")
"""The lists that Hadoop's client brings along."""
LEFT_OUT = (
    "yarn.",
    *(f"mapreduce.{part}." for part in ("jobhistory", "map", "reduce", "shuffle")),
    *(f"fs.{store}." for store in ("adl", "azure", "ftp", "s3a", "viewfs")),
    *("ftp.", "ha.", "dfs.ha.", "ipc.", "rpc.", "net.topology."),
    *(f"hadoop.{service}." for service in ("http", "registry", "zk")),
)
"""Beginnings of names."""
KEPT = ".impl"
"""End of names that say which class is meant: errors name it."""
RULES = (LISTS, LEFT_OUT, KEPT)
"""What decides on the lists in our jar."""


def lean_defaults(libraries: Sequence[Path]) -> dict[str, bytes]:
    """The lists that are left, by their names in a jar.

    Args:
        libraries: jars, among them Hadoop's.

    Raises:
        LookupError: a list is in none of them: another version of Hadoop, whose lists are to be looked at.
    """
    found: dict[str, bytes] = {}
    for jar in (path for path in libraries if path.name.startswith("hadoop-")):
        with zipfile.ZipFile(jar) as archive:
            found |= {name: _lean(archive.read(name)) for name in LISTS if name in archive.namelist()}
    if missing := set(LISTS) - set(found):
        raise LookupError(
            f"Found no {', '.join(sorted(missing))} in Hadoop's jars, expected each. Is it another Hadoop?"
        )
    return found


def _lean(text: bytes) -> bytes:
    root = ElementTree.fromstring(text)
    for entry in root.findall("property"):
        name = (entry.findtext("name") or "").strip()
        if name.startswith(LEFT_OUT) and not name.endswith(KEPT):
            root.remove(entry)
            continue
        # What it means is for people, who have Hadoop's documentation.
        for described in entry.findall("description"):
            entry.remove(described)
    return ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
