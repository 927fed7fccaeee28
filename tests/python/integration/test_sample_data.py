"""The real sample files, where they are at hand: the published totals come out of the marts."""

from __future__ import annotations

import csv
import os
from decimal import Decimal
from pathlib import Path

import pytest
from project_in_use import ROOT, ProjectInUse

pytestmark = [pytest.mark.server, pytest.mark.slow]
DATA = Path(os.environ.get("RWE_SAMPLE_DATA", ROOT.parent / "shared" / "data"))


@pytest.fixture(scope="session")
def feeds() -> dict[str, Path]:
    """The folders of the sample files by feed."""
    feeds = {
        "au_pbs": DATA / "sales" / "au_pbs_wide",
        "uk_epd": DATA / "sales" / "uk_epd",
        "us_sdud": DATA / "sales" / "us_sdud",
        "synthea": DATA / "synthea",
        "vocabulary": DATA / "vocabulary",
    }
    if not all(folder.is_dir() for folder in feeds.values()):
        pytest.skip(f"no sample data in {DATA}; name their folder in RWE_SAMPLE_DATA")
    return feeds


@pytest.fixture(scope="session")
def real(feeds: dict[str, Path], project: ProjectInUse, tmp_path_factory: pytest.TempPathFactory) -> ProjectInUse:
    """The project on the sample files: all that `rwe build` does with data."""
    landing = tmp_path_factory.mktemp("real")
    for feed, folder in feeds.items():
        (landing / feed).symlink_to(folder, target_is_directory=True)
    project.good("rwe", "up")
    project.good("rwe", "ingest", "--landing", str(landing))
    project.good("dbt", "build", "--exclude-resource-type", "unit_test")
    return project


def test_every_prescribing_row_is_staged_and_the_totals_hold(real: ProjectInUse) -> None:
    assert real.row("select count(*) as n from staging.stg_uk_epd__prescribing") == {"n": 10_027}
    sales = real.row(
        "select sum(amount_list_local) as nic, sum(count_items) as items, round(sum(amount_actual_cost_local), 2) as cost "
        "from market.fct_sales where source_feed = 'uk_epd'"
    )
    assert (Decimal(sales["nic"]), int(sales["items"])) == (Decimal("352697.84"), 46_895)
    assert Decimal(sales["cost"]) == Decimal("328908.73")
    adq = real.row("select round(sum(quantity_adq), 2) as adq from staging.stg_uk_epd__prescribing")
    assert Decimal(adq["adq"]) == Decimal("955823.85")


def test_every_sdud_row_is_in_the_fact_suppressed_or_not(real: ProjectInUse) -> None:
    with (DATA / "sales" / "us_sdud" / "sdud_ak_2022_first6000.csv").open(newline="", encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    assert len(rows) == 6_000
    found = real.row(
        "select count(*) as n, count_if(is_suppressed) as hidden, sum(count_items) as items, sum(quantity_units) as units, "
        "sum(amount_reimbursed_local) as amount from market.fct_sales where source_feed = 'us_sdud'"
    )
    shown = [row for row in rows if row["suppression_used"] == "false"]
    assert (found["n"], found["hidden"]) == (6_000, 6_000 - len(shown))
    assert int(found["items"]) == sum(int(Decimal(row["number_of_prescriptions"])) for row in shown)
    assert Decimal(found["units"]) == sum(Decimal(row["units_reimbursed"]) for row in shown)
    assert Decimal(found["amount"]) == sum(Decimal(row["total_amount_reimbursed"]) for row in shown)
    codes = {
        row["product_code"]
        for row in real.rows("select product_code from market.dim_product where source_feed = 'us_sdud'")
    }
    assert codes == {row["ndc"] for row in rows}
    parts = real.row(
        "select count_if(amount_reimbursed_usd != amount_medicaid_usd + amount_non_medicaid_usd) as n "
        "from staging.stg_us_sdud__utilization"
    )
    assert parts["n"] == 0


def test_wide_sheet_gives_the_published_totals(real: ProjectInUse) -> None:
    listed = real.row(
        "select count(*) as n, sum(count_items) as scripts, sum(amount_government_aud) as cost, sum(count_bad_cells) as bad "
        "from intermediate.int_market__au_pbs_history_unpivoted where is_listed"
    )
    assert (listed["n"], int(listed["scripts"]), listed["bad"]) == (67_596, 2_372_360_811, 0)
    assert Decimal(listed["cost"]) == Decimal("58719132631.86")
    costs = {
        row["period_start_date"].isoformat(): Decimal(row["amount_reimbursed_local"])
        for row in real.rows(
            "select period_start_date, amount_reimbursed_local from market.fct_sales join market.dim_product using (product_id) "
            "where product_code = 'A10' and period_start_date in (date '1991-07-01', date '2008-06-01')"
        )
    }
    assert costs == {"1991-07-01": 3_526_591, "2008-06-01": 19_431_740}


def read(entity: str) -> list[dict[str, str]]:
    """A file of the sample, by Python."""
    with (DATA / "synthea" / f"{entity}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_every_person_arrives(real: ProjectInUse) -> None:
    assert real.row("select count(*) as n, count(distinct person_source_value) as d from omop.person") == {
        "n": 27,
        "d": 27,
    }


def test_every_day_of_death_is_a_death(real: ProjectInUse) -> None:
    died = sum(bool(row["DEATHDATE"]) for row in read("patients"))
    assert real.row("select count(*) as n from omop.death")["n"] == died > 0


@pytest.mark.parametrize("entity", sorted(path.stem for path in (DATA / "synthea").glob("*.csv")))
def test_every_row_of_every_file_is_accounted_for(real: ProjectInUse, entity: str) -> None:
    """The rows of the file, read by Python, are mapped, unmapped or quarantined; none is lost."""
    account = real.row(f"select * from quality.omop_row_accounts where entity = '{entity}'")
    assert account["count_loaded"] == len(read(entity)) > 0
    assert account["count_quarantined"] == 0
    assert account["count_mapped"] + account["count_unmapped"] == account["count_staged"] == account["count_loaded"]
    fates = ("count_published", "count_routed_elsewhere", "count_without_person", "count_not_for_cdm")
    assert sum(account[fate] for fate in fates) == account["count_staged"]


def test_condition_codes_without_a_concept_are_listed(real: ProjectInUse) -> None:
    unmapped = real.row("select count(*) as n from omop.condition_occurrence where condition_concept_id = 0")["n"]
    listed = real.row("select sum(count_rows) as n from quality.unmapped_codes where entity = 'conditions'")["n"]
    assert unmapped == int(listed) == 4


def test_every_check_of_the_dashboard_was_run_and_what_fails_is_known(real: ProjectInUse) -> None:
    """The vocabularies are a cut, so they lack concepts that they refer to; no other fatal check fails."""
    found = real.row("select count(*) as n, count_if(status = 'NOT_RUN') as not_run from quality.dqd_results")
    assert found == {"n": 2_535, "not_run": 0}
    failed = real.rows("select * from quality.dqd_results where status = 'FAILED' and severity = 'fatal'")
    assert {one["check_name"] for one in failed} == {"isForeignKey"}
    assert {one["cdm_table"] for one in failed} == {
        "concept", "concept_class", "domain", "fact_relationship", "relationship", "source_to_concept_map", "vocabulary",
    }  # fmt: skip


def test_optional_feeds_may_be_absent(real: ProjectInUse) -> None:
    """The sample has no synonyms and no drug strengths: empty raw tables."""
    assert real.row("select count(*) as n from raw_vocabulary.drug_strength") == {"n": 0}
