"""Writing a whole landing folder.

In this room: the order of the feeds, the files of an earlier landing, and the report. Not here:
what is in a feed (`synthea`, `uk_epd`, `vocabulary`).
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from rwe.demo.markets import write_markets
from rwe.demo.numerals import fixed
from rwe.demo.output import write_whole
from rwe.demo.report import REPORT_NAME, Expected, LandingReport, MonthTotals
from rwe.demo.synthea.columns import columns
from rwe.demo.synthea.writer import PatientTotals, write_synthea
from rwe.demo.uk_epd.columns import plan
from rwe.demo.uk_epd.writer import write_uk_epd
from rwe.demo.vocabulary import standard_domains, write_vocabulary

Progress = Callable[[str, int, int], None]
"""Called with what is being written, how many are done, and how many there will be."""


def write_landing(
    folder: Path,
    patients: int,
    months: int,
    seed: int,
    *,
    progress: Progress | None = None,
    synthea_version: str = "3.0",
    quirks: bool = True,
) -> LandingReport:
    """Write demo files of every feed under the folder.

    `patients` from 1, `months` of prescribing from 1 to 96. The same arguments give the same
    bytes; a patient does not depend on how many there are. Files that an earlier report of the
    folder names are removed first, other files stay. A file appears under its name only when
    complete, and `landing_report.json` last of all. Without `quirks` there is no fault in any file
    and no faulty file.

    Raises ValueError, before anything is written, for an argument out of range.
    """
    if patients < 1:
        raise ValueError(f"patients is {patients}, expected 1 or more: ask for at least one")
    plan(months)
    columns(synthea_version, "patients")
    tell = progress or (lambda what, done, total: None)
    folder.mkdir(parents=True, exist_ok=True)
    _remove_earlier(folder)
    vocabulary_files = write_vocabulary(folder)
    tell("vocabulary files", len(vocabulary_files), len(vocabulary_files))
    epd_files, epd_months = write_uk_epd(folder, patients, months, seed, with_quirks=quirks, progress=tell)
    # So many patients are the smallest demo; a market grows with them.
    market_files, market_totals = write_markets(
        folder, max(1.0, patients / 1000), seed, with_quirks=quirks, progress=tell
    )
    synthea_files, people = write_synthea(
        folder, patients, seed, version=synthea_version, with_quirks=quirks, progress=tell
    )
    report = LandingReport(
        patients=patients,
        months=months,
        seed=seed,
        synthea_version=synthea_version,
        quirks=quirks,
        files=tuple(
            sorted(
                (*market_files, *synthea_files, *epd_files, *vocabulary_files),
                key=lambda one: (one.feed, one.file_path),
            )
        ),
        expected=_expected(people, epd_months, market_totals),
    )
    write_whole(folder / REPORT_NAME, report.to_json())
    return report


def _remove_earlier(folder: Path) -> None:
    """Remove what the folder's earlier report names, and that report; nothing outside."""
    report = folder / REPORT_NAME
    if not report.is_file():
        return
    inside = folder.resolve()
    for entry in json.loads(report.read_text(encoding="utf-8"))["files"]:
        path = folder / entry["feed"] / entry["file_path"]
        if path.resolve().is_relative_to(inside):
            path.unlink(missing_ok=True)
    report.unlink()


def _expected(people: PatientTotals, months: list[MonthTotals], market_totals: dict[str, dict[str, str]]) -> Expected:
    """What must survive, from the totals of the feeds."""
    domains = standard_domains()
    by_domain: dict[str, int] = {}
    for code, count in people.condition_codes.items():
        for domain in domains.get(code, ("",)):
            by_domain[domain] = by_domain.get(domain, 0) + count
    return Expected(
        persons=people.persons,
        deaths=people.deaths,
        encounters=people.encounter_codes.total(),
        conditions=people.condition_codes.total(),
        patient_rows=dict(sorted(people.rows.items())),
        epd_records=sum(month.count_records for month in months),
        epd_items=sum(month.items for month in months),
        epd_total_quantity=_sum([month.total_quantity for month in months], 1),
        epd_nic=_sum([month.nic for month in months], 2),
        epd_actual_cost=_sum([month.actual_cost for month in months], 5),
        epd_months=tuple(months),
        encounter_codes=dict(sorted(people.encounter_codes.items())),
        condition_codes=dict(sorted(people.condition_codes.items())),
        unmapped_encounter_codes=_unmapped(people.encounter_codes),
        unmapped_condition_codes=_unmapped(people.condition_codes),
        condition_rows_by_domain=dict(sorted(by_domain.items())),
        market_totals=market_totals,
    )


def _unmapped(codes: dict[str, int]) -> dict[str, int]:
    """The codes that lead to no standard concept, with their counts."""
    domains = standard_domains()
    return {code: count for code, count in sorted(codes.items()) if code not in domains}


def _sum(texts: list[str], places: int) -> str:
    """Exact sum of decimals that all have so many places."""
    return fixed(sum(int(text.replace(".", "")) for text in texts), places)
