"""`rwe build` on the demo: what it says, what it leaves, and that the marts hold what was written."""

from __future__ import annotations

import json
import re
import stat
import subprocess
from decimal import Decimal
from pathlib import Path

import pytest
from bad_files import bad_files
from project_in_use import LATE, ROOT, ProjectInUse, late_sales

from rwe.demo.report import read_report

pytestmark = [pytest.mark.server, pytest.mark.slow]
WARNED = {"dqd_convention_checks_pass", "dqd_keys_of_vocabularies_pass"}


def test_build_says_what_it_did(built: ProjectInUse) -> None:
    said = built.said
    warned = set(re.findall(r"^ +WARN test (\w+):", said, re.MULTILINE))
    assert warned <= WARNED, "what the demo's spoiled records let the checks of the CDM find"
    for line, least, more in (("built", 190, 0), ("tests", 240, len(warned))):
        (counts,) = [text.split() for text in said.splitlines() if text.startswith(f"{line} ")]
        done, total = int(counts[1]), int(counts[3])
        assert done + more == total >= least, line
    assert (built.home / "dbt" / "target" / "static_index.html").stat().st_size > 1_000_000
    assert "WRONG_ENCODING uk_epd/EPD_201501.csv" in said


def test_shell_with_the_env_file_runs_dbt_and_rwe(built: ProjectInUse) -> None:
    assert stat.S_IMODE((built.home / "env").stat().st_mode) == 0o600
    script = f'cd / && source "{built.home}/env" && dbt --quiet show --inline "select 6 * 7 as n" --output json && rwe status'
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert '"n": 42' in done.stdout
    assert f'"port": {built.status()["port"]}' in done.stdout


def test_csv_and_json_go_to_stdout_alone(built: ProjectInUse) -> None:
    done = built.run("rwe", "sql", "select 1.50 as n, null as x, 'a,b' as t, true as b", "--format", "csv")
    assert (done.stdout, done.stderr) == ('n,x,t,b\n1.50,,"a,b",true\n', "")
    done = built.run("rwe", "sql", "select array(1, 2) as a, date '2020-01-02' as d", "--format", "json")
    assert json.loads(done.stdout) == [{"a": [1, 2], "d": "2020-01-02"}]
    assert done.stderr == ""


def test_failing_query_says_so_and_ends_with_an_error(built: ProjectInUse) -> None:
    done = built.run("rwe", "sql", "select * from nowhere.at_all", "--format", "csv")
    assert done.returncode == 1
    assert done.stdout == ""
    assert "[TABLE_OR_VIEW_NOT_FOUND]" in done.stderr


def test_marts_hold_what_was_written(built: ProjectInUse, landing: Path) -> None:
    expected = read_report(landing).expected
    extra = bad_files().values()
    sales = built.row(
        "select sum(count_source_rows) as n, sum(count_items) as items, sum(amount_list_local) as nic from market.fct_sales "
        "where source_feed = 'uk_epd'"
    )
    added = sum(file.staged for file in extra)
    assert sales["n"] == expected.epd_records + added
    assert int(sales["items"]) == expected.epd_items + added
    assert Decimal(sales["nic"]) == Decimal(expected.epd_nic) + sum(n for f in extra for n in range(1, f.staged + 1))
    people = built.row("select count(*) as n, count(distinct person_id) as ids from omop.person")
    assert people == {"n": expected.persons, "ids": expected.persons}
    assert built.row("select count(*) as n from omop.visit_occurrence")["n"] > 0
    assert built.row("select count(*) as n from omop.death")["n"] == expected.deaths
    staged = built.rows("select entity, sum(count_staged) as n from quality.omop_row_accounts group by entity")
    assert {row["entity"]: int(row["n"]) for row in staged} == expected.patient_rows


def test_every_column_and_table_of_the_docs_is_described(built: ProjectInUse) -> None:
    catalog = json.loads((built.home / "dbt" / "target" / "catalog.json").read_text())
    manifest = json.loads((built.home / "dbt" / "target" / "manifest.json").read_text())
    models = [node for node in manifest["nodes"].values() if node["resource_type"] == "model"]
    assert len(models) > 60
    for node in models:
        assert node["description"], node["name"]
        described = {name.lower() for name, column in node["columns"].items() if column["description"]}
        found = {name.lower() for name in catalog["nodes"][node["unique_id"]]["columns"]}
        assert found - described == set(), node["name"]
    # dbt's own is that of the last command, whichever it was.
    built_from = json.loads((built.home / "dbt" / "standing" / "manifest.json").read_text())
    assert all(built_from["nodes"][node["unique_id"]]["compiled_code"] for node in models), "by whichever build"
    sources = catalog["sources"].values()
    assert len(sources) == len(manifest["sources"])
    assert all(source["columns"] for source in sources)


def test_checks_that_fail_on_the_demo_are_explained(built: ProjectInUse) -> None:
    explained = [line for line in (ROOT / "docs" / "omop.md").read_text(encoding="utf-8").splitlines() if "|" in line]
    failed = built.rows("select check_name, cdm_table from quality.dqd_results where status = 'FAILED'")
    assert failed
    for check in failed:
        assert any(check["check_name"] in line and check["cdm_table"] in line for line in explained), check


def test_report_accounts_for_every_record(built: ProjectInUse, landing: Path, tmp_path: Path) -> None:
    page = (built.home / "report.html").read_text(encoding="utf-8")
    assert "NO</td>" not in page, "an account that does not balance"
    for path in landing.glob("synthea/*.csv"):
        assert page.count(f">synthea/{path.name}<") + page.count(f">{path.name}<") >= 2, path.name
    assert "EPD_201501.csv" in page
    for title in ("Rows by file", "Checks that failed", "Codes without a standard concept"):
        assert f"<h2>{title}</h2>" in page
    assert built.good("rwe", "report", "--output", str(tmp_path / "again.html")).strip() == str(tmp_path / "again.html")
    assert (tmp_path / "again.html").stat().st_size == (built.home / "report.html").stat().st_size


def of_models(built: ProjectInUse, *changed: str) -> int:
    """How many models are or come after these nodes and sources."""
    after = json.loads((built.home / "dbt" / "target" / "manifest.json").read_text())["child_map"]
    assert set(changed) <= set(after)
    found = set(changed)
    for _ in after:
        found |= {child for node in found for child in after[node]}
    return sum(node.startswith("model.") for node in found)


def test_late_sales_are_built_with_what_follows(built: ProjectInUse, landing: Path) -> None:
    """Files of all markets that the first build did not have; built anew after kills, all is the same."""
    rows = built.count_sales()
    assert set(rows) == {*LATE, "uk_epd"}
    assert all(built.fewer_sales[feed] < rows[feed] for feed in rows)
    loaded = built.rows(
        "select distinct feed, entity from quality.landing_files where status like 'LOADED%' "
        f"and file_path in ({', '.join(repr(path.name) for path in late_sales(landing))})"
    )
    assert {row["feed"] for row in loaded} == set(rows)
    sources = (f"source.rwe.{row['feed']}.{row['entity']}" for row in loaded)
    count = of_models(built, "source.rwe.landing.files", *sources)
    assert f", {count} of them now" in built.said_again
    assert 30 < count < 100
    finished = [re.findall("Finished running (.*)", said) for said in (built.said, built.said_again)]
    assert [("unit tests" in line) for (line,) in finished] == [True, False], "no code has changed"


def test_a_second_build_does_what_has_changed(built: ProjectInUse, landing: Path) -> None:
    """A table that is gone, a raw table that something wrote to: those and what follows, and nothing the time after."""
    before = built.hashes("market", "quality")
    built.good("rwe", "sql", "drop table market.fct_launches")
    built.good("rwe", "sql", "alter table raw_landing.files set tblproperties ('changed' = 'yes')")
    said = built.good("rwe", "build", RWE_LANDING=str(landing))
    count = of_models(built, "model.rwe.fct_launches", "source.rwe.landing.files")
    assert f", {count} of them now" in said
    assert 5 < count < 20
    assert built.hashes("market", "quality") == before
    assert built.good("rwe", "build", RWE_LANDING=str(landing)).count(", 0 of them now") == 2


def test_root_of_the_project_gets_nothing_written(built: ProjectInUse) -> None:
    assert not (ROOT / "target").exists()
    assert not (ROOT / "logs").exists()
