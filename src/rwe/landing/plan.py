"""Which files lie in a landing folder, which of them are news, and what becomes of each.

Pure decisions on what was found, what the manifest says and what the passes showed. The order is
fixed, so that two runs over the same files decide alike: files go by path, and of several with the
same content the first is loaded. Where each file is whole all are loaded: content that was there
before is the newest again.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from rwe.feeds.contract import Contract
from rwe.landing.inspect import Inspection
from rwe.landing.verdict import LOADED_STATUSES, Verdict, judge

SETTLED_STATUSES = LOADED_STATUSES | {
    "HEADER_ONLY",
    "EMPTY_FILE",
    "DUPLICATE_FILE",
    "CHANGED_FILE",
}
"""A file with such a status is not looked at again while its size and time stay. The others depend
on the contract or on the system, so they are looked at in every run until they are mended."""


@dataclass(frozen=True)
class FoundFile:
    """A file below a feed's landing folder."""

    file_path: str
    """Path below the feed's landing folder, with / between folders."""
    path: Path
    """Where it is."""
    size_bytes: int
    """Its size, packed or not; 0 where the system refuses to say."""
    modified_at_micros: int
    """Its modification time in microseconds since 1970 UTC; 0 where the system refuses."""


@dataclass(frozen=True)
class ManifestRow:
    """What raw_landing.files says about one path and content."""

    feed: str
    entity: str | None
    file_path: str
    status: str
    reason: str | None
    sha256: str | None
    size_bytes: int
    modified_at_micros: int
    count_records: int | None

    def is_of(self, file: FoundFile) -> bool:
        """Say whether the row is about the file as it lies there now, by size and time."""
        return (self.file_path, self.size_bytes, self.modified_at_micros) == (
            file.file_path,
            file.size_bytes,
            file.modified_at_micros,
        )


@dataclass(frozen=True)
class Decision:
    """What becomes of one file that was looked at."""

    file: FoundFile
    entity: str | None
    verdict: Verdict
    inspection: Inspection | None
    """None where the name alone decided."""


def find_files(folder: Path) -> list[FoundFile]:
    """Every file below a folder, in the order of the paths."""
    found = []
    for directory, _, names in os.walk(folder):
        for name in names:
            path = Path(directory, name)
            try:
                stat = path.stat()
                size, modified = stat.st_size, stat.st_mtime_ns // 1000
            except OSError:
                size, modified = 0, 0
            found.append(FoundFile(path.relative_to(folder).as_posix(), path, size, modified))
    return sorted(found, key=lambda file: file.file_path)


def entity_of(contract: Contract, file: FoundFile, folder: Path) -> str | Verdict:
    """The entity that takes a file, or why none does."""
    if not file.file_path.isprintable():
        return Verdict(
            "UNREADABLE",
            f"Found the file name {file.file_path!r}, expected one that is text and can be printed. Rename the file.",
        )
    if any(part.startswith((".", "_")) for part in file.file_path.split("/")):
        return Verdict(
            "UNKNOWN_FILE",
            "Found a file or folder whose name begins with . or _, which the load passes over. "
            "Rename it if it holds data.",
        )
    entities = contract.entities_of(file.path.name)
    if not entities:
        globs = ", ".join(glob for entity in contract.entities.values() for glob in entity.files)
        return Verdict(
            "UNKNOWN_FILE",
            f"Found a file that no entity of {contract.feed} takes, expected a name like {globs}. "
            "Nothing was loaded. Add an entity to the contract if the data is wanted.",
        )
    if len(entities) > 1:
        return Verdict(
            "UNKNOWN_FILE",
            f"Found a file that the entities {' and '.join(entities)} both take, expected one. "
            "Make their globs exclude each other.",
        )
    if not file.path.resolve().is_relative_to(folder.resolve()):
        return Verdict(
            "UNREADABLE",
            f"Found a link to {file.path.resolve()}, which is outside the landing folder {folder}, "
            "expected a file inside. Copy the file.",
        )
    return entities[0]


def settled(file: FoundFile, rows: Iterable[ManifestRow]) -> ManifestRow | None:
    """The row that makes another look at the file needless, if there is one."""
    return next(
        (row for row in rows if row.is_of(file) and row.status in SETTLED_STATUSES),
        None,
    )


def decide(
    contract: Contract,
    entity: str,
    looked_at: Sequence[tuple[FoundFile, Inspection]],
    rows: Collection[ManifestRow],
    paths_in_table: Collection[str],
) -> list[Decision]:
    """Decide on the files of one entity that were looked at.

    `rows` are the manifest's rows of the entity. `paths_in_table` are paths whose records are in the
    raw table already although the manifest does not say so: a run was stopped between the two.
    """
    loaded_as = {row.file_path: row for row in rows if row.status in LOADED_STATUSES}
    first_of = {row.sha256: row.file_path for row in loaded_as.values() if row.sha256}
    repeats = contract.entities[entity].each_file_is_whole
    decisions: dict[str, Decision] = {}
    for file, inspection in sorted(
        looked_at,
        key=lambda pair: (pair[0].file_path not in paths_in_table, pair[0].file_path),
    ):
        verdict = judge(inspection, contract, entity)
        earlier = loaded_as.get(file.file_path)
        if earlier is not None and verdict.status != "UNREADABLE":
            same = earlier.sha256 == inspection.sha256
            verdict = Verdict(earlier.status, earlier.reason) if same else _changed(inspection, earlier)
        elif verdict.status in LOADED_STATUSES and inspection.sha256 is not None and not repeats:
            first = first_of.setdefault(inspection.sha256, file.file_path)
            if first != file.file_path:
                verdict = _duplicate(inspection, first)
        decisions[file.file_path] = Decision(file, entity, verdict, inspection)
    return [decisions[path] for path in sorted(decisions)]


def _changed(inspection: Inspection, earlier: ManifestRow) -> Verdict:
    return Verdict(
        "CHANGED_FILE",
        f"Found content with SHA-256 {_short(inspection.sha256)} under a path that was loaded with "
        f"{_short(earlier.sha256)} ({earlier.count_records} records), expected a file that stays as "
        "it was. The records loaded before are kept, nothing new was loaded. Land the new content "
        "under a new name, or load the feed anew with reset.",
    )


def _duplicate(inspection: Inspection, first: str) -> Verdict:
    return Verdict(
        "DUPLICATE_FILE",
        f"Found the same content as {first} (SHA-256 {_short(inspection.sha256)}), expected new "
        "content. Nothing was loaded. Remove one of the two.",
    )


def _short(sha256: str | None) -> str:
    return f"{sha256[:12]}…" if sha256 else "unknown"
