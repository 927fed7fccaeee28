"""The real sample files, where they are at hand: the published totals come out of the marts."""

from __future__ import annotations

import os
from decimal import Decimal
from pathlib import Path

import pytest
from project_in_use import ROOT, ProjectInUse

pytestmark = [pytest.mark.server, pytest.mark.slow]
DATA = Path(os.environ.get("RWE_SAMPLE_DATA", ROOT.parent / "shared" / "data"))


@pytest.fixture
def real(project: ProjectInUse, tmp_path_factory: pytest.TempPathFactory) -> ProjectInUse:
    """The project on the sample files: all that `rwe build` does with data."""
    feeds = {"uk_epd": DATA / "sales" / "uk_epd", "synthea": DATA / "synthea", "vocabulary": DATA / "vocabulary"}
    if not all(folder.is_dir() for folder in feeds.values()):
        pytest.skip(f"no sample data in {DATA}; name their folder in RWE_SAMPLE_DATA")
    landing = tmp_path_factory.getbasetemp() / "real-landing"
    if project.landing != landing:
        landing.mkdir()
        for feed, folder in feeds.items():
            (landing / feed).symlink_to(folder, target_is_directory=True)
        project.good("rwe", "ingest", "--landing", str(landing))
        project.good("dbt", "build", "--exclude-resource-type", "unit_test")
        project.landing = landing
    return project


def test_every_prescribing_row_is_staged_and_the_totals_hold(real: ProjectInUse) -> None:
    assert real.row("select count(*) as n from staging.stg_uk_epd__prescribing") == {"n": 10_027}
    sales = real.row("select sum(amount_list_local) as nic, sum(count_items) as items from market.fct_sales")
    assert (Decimal(sales["nic"]), int(sales["items"])) == (Decimal("352697.84"), 46_895)


def test_every_person_arrives(real: ProjectInUse) -> None:
    assert real.row("select count(*) as n, count(distinct person_source_value) as d from omop.person") == {
        "n": 27,
        "d": 27,
    }


def test_every_condition_row_is_accounted_for(real: ProjectInUse) -> None:
    source = real.row("select count(*) as n from raw_synthea.conditions")["n"]
    account = real.row("select * from quality.row_accounts where feed = 'synthea' and entity = 'conditions'")
    assert account["count_records"] == account["count_loaded"] == source == 438
    assert account["count_staged"] + account["count_quarantined"] == source
    published = real.row("select count(*) as n from omop.condition_occurrence")["n"]
    elsewhere = real.row("select count(*) as n from quality.routed_elsewhere")["n"]
    assert published + elsewhere == source
    unmapped = real.row("select count(*) as n from omop.condition_occurrence where condition_concept_id = 0")["n"]
    listed = real.row("select sum(count_rows) as n from quality.unmapped_codes where entity = 'conditions'")["n"]
    assert unmapped == int(listed) == 4


def test_optional_feeds_may_be_absent(real: ProjectInUse) -> None:
    """The sample has no synonyms and no drug strengths: empty raw tables."""
    assert real.row("select count(*) as n from raw_vocabulary.drug_strength") == {"n": 0}
