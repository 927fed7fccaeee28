"""Months come one after the other, and what was merged equals what is built at once from all of them.

Three extracts of patients, with new, changed and late rows: the first is what stands; the second and the third have only
what is new or different, as a registry sends it. Releases of the vocabularies, each whole. That sales of late files are
merged is seen by the tests of what is built, and of killed builds, which make the extracts' events anew as well.
"""

from __future__ import annotations

import csv
import os
import shutil
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from project_in_use import PATIENTS, ProjectInUse

pytestmark = [pytest.mark.server, pytest.mark.slow]
Row = dict[str, str]
VOCABULARY = (
    *("--select", "path:models/staging/vocabulary", "path:models/intermediate/vocabulary", "row_accounts"),
    *("int_omop__event_versions", "int_omop__events_routed", "--exclude", "config.materialized:view"),
)
EVENTS = ("conditions", "observations")
COUNT_CHANGED = 5


@dataclass
class Extract:
    """Rows by file, and the patients whose events they change."""

    rows: dict[str, list[Row]] = field(default_factory=dict)
    patients: set[str] = field(default_factory=set)
    count_superseding: int = 0

    def add(self, entity: str, rows: Iterable[Row], superseding: bool) -> None:
        """Add rows of a file; say whether they replace rows of older files."""
        for row in rows:
            self.rows.setdefault(entity, []).append(row)
            if entity in EVENTS:
                self.patients.add(row["PATIENT"])
            self.count_superseding += superseding

    def write(self, folder: Path, seconds: int) -> None:
        """Write the files, as if at this second since 1970."""
        folder.mkdir(parents=True)
        for entity, rows in self.rows.items():
            path = folder / f"{entity}.csv"
            with path.open("w", newline="", encoding="utf-8") as file:
                writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
                writer.writeheader()
                writer.writerows(rows)
            os.utime(path, (seconds, seconds))


@pytest.fixture
def folder(built: ProjectInUse, landing: Path) -> Path:
    """The landing files that stand, to which later ones are added."""
    return landing


def staged(project: ProjectInUse, folder: Path, entity: str) -> list[Row]:
    """The rows of the first extract that are staged: the others would replace nothing."""
    with (folder / "synthea" / f"{entity}.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    positions = project.rows(f"select _row_position as n from staging.stg_synthea__{entity}")
    return [rows[place["n"] - 1] for place in sorted(positions, key=lambda place: place["n"])]


def second_extract(project: ProjectInUse, folder: Path) -> Extract:
    """Conditions that ended, encounters that cost more, a measurement put right, and a patient nobody knew."""
    extract = Extract()
    conditions = [row for row in staged(project, folder, "conditions") if not row["STOP"]][:COUNT_CHANGED]
    extract.add("conditions", ({**row, "STOP": "2031-05-06"} for row in conditions), superseding=True)
    encounters = staged(project, folder, "encounters")[-COUNT_CHANGED:]
    extract.add("encounters", ({**row, "TOTAL_CLAIM_COST": "4321.00"} for row in encounters), superseding=True)
    numbers = [row for row in staged(project, folder, "observations") if row["TYPE"] == "numeric"][:COUNT_CHANGED]
    extract.add("observations", ({**row, "VALUE": "77.7"} for row in numbers), superseding=True)

    new, visit = str(uuid.UUID(int=1)), str(uuid.UUID(int=2))
    patient = {**staged(project, folder, "patients")[0], "Id": new, "DEATHDATE": ""}
    extract.add("patients", [patient], superseding=False)
    extract.add("encounters", [{**encounters[0], "Id": visit, "PATIENT": new}], superseding=False)
    extract.add("conditions", [{**conditions[0], "PATIENT": new, "ENCOUNTER": visit}], superseding=False)
    return extract


def third_extract(project: ProjectInUse, folder: Path, second: Extract) -> Extract:
    """A death, a condition that is open again, and what was found out late about an old encounter."""
    extract = Extract()
    alive = next(row for row in staged(project, folder, "patients") if not row["DEATHDATE"])
    extract.add("patients", [{**alive, "DEATHDATE": "2032-01-02"}], superseding=True)
    reopened = {**second.rows["conditions"][0], "STOP": ""}
    extract.add("conditions", [reopened], superseding=True)
    late = staged(project, folder, "conditions")[-1]
    extract.add("conditions", [{**late, "CODE": "444814009", "DESCRIPTION": "Viral sinusitis"}], superseding=False)
    return extract


def versions(project: ProjectInUse) -> dict[str, str]:
    """By patient, what the routed events were made from."""
    rows = project.rows("select distinct patient_id, source_version from intermediate.int_omop__events_routed")
    assert len({row["patient_id"] for row in rows}) == len(rows), "a patient's events are of one version"
    return {row["patient_id"]: row["source_version"] for row in rows}


def merge(project: ProjectInUse, folder: Path, extract: Extract, name: str, seconds: int) -> dict[str, str]:
    """Load one more extract; the patients whose events were made anew, with their versions."""
    before, superseded = versions(project), count_superseded(project)
    extract.write(folder / "synthea" / name, seconds)
    project.good("rwe", "ingest", "--landing", str(folder))
    project.good("dbt", "run", "--select", *PATIENTS)
    assert count_superseded(project) - superseded == extract.count_superseding
    after = versions(project)
    return {patient: version for patient, version in after.items() if before.get(patient) != version}


def count_superseded(project: ProjectInUse) -> int:
    """Rows that a newer file's replace."""
    return int(project.row("select sum(count_superseded) as n from quality.row_accounts")["n"])


def test_three_loads_change_the_patients_that_they_are_about(project: ProjectInUse, folder: Path) -> None:
    persons = project.row("select count(*) as n from omop.person")["n"]
    latest = max(int(path.stat().st_mtime) for path in (folder / "synthea").glob("*.csv"))
    second = second_extract(project, folder)
    third = third_extract(project, folder, second)

    assert set(merge(project, folder, second, "extract_2", latest + 60)) == second.patients
    ended = project.row(
        "select count(distinct source_row_id) as n from intermediate.int_omop__events_routed "
        "where end_date = date '2031-05-06'"
    )
    assert ended["n"] == COUNT_CHANGED
    assert project.row("select count(*) as n from omop.person")["n"] == persons + 1

    assert set(merge(project, folder, third, "extract_3", latest + 120)) == third.patients
    assert project.row("select count(*) as n from omop.death where death_date = date '2032-01-02'")["n"] == 1


def write_releases(vocabulary: Path, concept_id: int) -> int:
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


def test_a_newer_release_of_the_vocabularies_stands(project: ProjectInUse, folder: Path) -> None:
    """Its rows in place of the older release's, unless none is good; the older one's again when it is gone.

    What was merged, these releases and the extracts before them, equals what is built at once.
    """
    before = of_vocabularies(project)
    code = project.row(
        "select source_concept_id, any_value(source_code) as code, count(*) as n "
        "from intermediate.int_omop__events_routed where entity = 'conditions' and target_concept_id != 0 "
        "group by source_concept_id having count(distinct target_concept_id) = 1 order by n desc limit 1"
    )
    count_concepts = write_releases(folder / "vocabulary", code["source_concept_id"])
    project.good("rwe", "ingest", "--landing", str(folder))
    project.good("dbt", "run", *VOCABULARY)

    accounts = project.rows("select * from quality.row_accounts where feed = 'vocabulary'")
    assert len(accounts) == 9 + 9 + 1
    for row in accounts:
        third = row["file_path"].startswith("a_release_3/")
        standing = row["file_path"].startswith("release_2/")
        assert (row["count_staged"] > 0, row["count_superseded"] > 0) == (standing, not standing and not third), row
        assert (row["count_quarantined"] == row["count_records"]) == third
    assert project.row("select count(*) as n from staging.stg_vocabulary__concept")["n"] == count_concepts
    unmapped = project.row(
        "select count(*) as n, count_if(target_concept_id = 0) as unmapped "
        f"from intermediate.int_omop__events_routed where entity = 'conditions' and source_code = '{code['code']}'"
    )
    assert (unmapped["n"], unmapped["unmapped"]) == (code["n"], code["n"])
    merged = of_vocabularies(project)
    project.good("dbt", "run", "--full-refresh", *VOCABULARY)
    assert of_vocabularies(project) == merged

    for table in project.rows("show tables in raw_vocabulary"):
        project.rows(f"delete from raw_vocabulary.{table['tableName']} where _file_path like '%release%'")
    project.rows("delete from raw_landing.files where feed = 'vocabulary' and file_path like '%release%'")
    for release in (folder / "vocabulary").glob("*release*"):
        shutil.rmtree(release)
    project.good("dbt", "run", *VOCABULARY)
    assert of_vocabularies(project) == before


def of_vocabularies(project: ProjectInUse) -> dict[str, tuple[int, str]]:
    """Hashes of the vocabularies' staging, and of all that is made from it."""
    return project.hashes("staging", like="%vocabulary%") | project.hashes("intermediate")
