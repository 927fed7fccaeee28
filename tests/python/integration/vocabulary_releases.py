"""Releases of the vocabularies that come after the one that stands."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from project_in_use import PLACE, ProjectInUse

VOCABULARY = ("path:models/staging/vocabulary", "path:models/intermediate/vocabulary", "row_accounts")
"""What is made of the vocabularies, and the accounts of their files."""
EVENTS = ("int_omop__event_versions", "int_omop__events_routed")
"""What the vocabularies send to their tables."""
BUILD_VOCABULARY = ("dbt", "run", "--select", *VOCABULARY, *EVENTS, "--exclude", "config.materialized:view")


@dataclass(frozen=True)
class NewerRelease:
    """A second release that maps a concept no more, and a third without a good row, loaded and built."""

    before: dict[str, tuple[int, str]]
    """Hashes of what was made of the first release."""
    code: str
    """The code of conditions that the second release does not map."""
    count_events: int
    """Events with that code."""
    count_concepts: int
    """Concepts of the second release."""


def add_newer_releases(project: ProjectInUse, folder: Path) -> NewerRelease:
    """Write the releases beside the first one, load them and build what they concern."""
    before = of_vocabularies(project)
    chosen = project.row(
        "select source_concept_id, any_value(source_code) as code, count(*) as n "
        "from intermediate.int_omop__events_routed where entity = 'conditions' and target_concept_id != 0 "
        "group by source_concept_id having count(distinct target_concept_id) = 1 order by n desc limit 1"
    )
    count_concepts = _write_releases(folder / "vocabulary", chosen["source_concept_id"])
    project.good("rwe", "ingest", "--landing", str(folder))
    project.good(*BUILD_VOCABULARY)
    return NewerRelease(before, chosen["code"], chosen["n"], count_concepts)


def withdraw_newer_releases(project: ProjectInUse) -> None:
    """Take the releases out of the raw tables, and build what they concerned."""
    for table in project.rows("show tables in raw_vocabulary"):
        project.rows(f"delete from raw_vocabulary.{table['tableName']} where _file_path like '%release%'")
    project.rows("delete from raw_landing.files where feed = 'vocabulary' and file_path like '%release%'")
    project.good(*BUILD_VOCABULARY)


def of_vocabularies(project: ProjectInUse) -> dict[str, tuple[int, str]]:
    """Hashes of the vocabularies' staging, and of all that is made from it. Files may be shuffled."""
    staging = project.hashes("staging", like="%vocabulary%", without=PLACE)
    return staging | project.hashes("intermediate", without=PLACE)


def _write_releases(vocabulary: Path, concept_id: int) -> int:
    """A second release that maps a concept no more, and a third without a good row; the concepts of the second."""
    latest = max(int(path.stat().st_mtime) for path in vocabulary.iterdir())
    second, third = vocabulary / "release_2", vocabulary / "a_release_3"
    files = sorted(vocabulary.glob("*.csv"))
    second.mkdir()
    for path in files:
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
        if path.name == "CONCEPT_RELATIONSHIP.csv":
            lines = [line for line in lines if not (line.startswith(f"{concept_id}\t") and "\tMaps to\t" in line)]
        if path.name == "CONCEPT.csv":
            header, *concepts, _ = lines
            third.mkdir()
            (third / path.name).write_text(header + "".join("x" + line for line in concepts), encoding="utf-8")
            os.utime(third / path.name, (latest + 120, latest + 120))
            lines = [header, *concepts]
            count = len(concepts)
        (second / path.name).write_text("".join(lines), encoding="utf-8")
        os.utime(second / path.name, (latest + 60, latest + 60))
    return count
