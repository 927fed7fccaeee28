"""Generated files are fresh, and the commands around them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import jsonschema
import pytest
import yaml
from typer.testing import CliRunner

from rwe.feeds import load_contracts
from rwe.feeds.commands import app
from rwe.feeds.schema import SCHEMA_PATH, render_schema
from rwe.feeds.sources import STATUSES, render_landing_source, render_source, stale_files
from rwe.feeds.staging import FILE_COLUMNS, render_properties, render_stg, rendered_staging

ROOT = Path(__file__).parents[3]
CONTRACTS = load_contracts(ROOT / "feeds")


def test_generated_files_of_the_project_are_fresh() -> None:
    assert stale_files(CONTRACTS, ROOT) == [], "run `rwe feeds sync`"
    assert (ROOT / SCHEMA_PATH).read_text(encoding="utf-8") == render_schema(), "run `rwe feeds sync`"


@pytest.mark.parametrize("feed", CONTRACTS)
def test_source_carries_the_contract(feed: str) -> None:
    contract = CONTRACTS[feed]
    source = yaml.safe_load(render_source(contract))["sources"][0]
    assert (source["name"], source["schema"]) == (feed, f"raw_{feed}")
    assert source["config"]["loaded_at_field"] == "_loaded_at"
    assert [table["name"] for table in source["tables"]] == list(contract.entities)
    for table in source["tables"]:
        entity = contract.entities[table["name"]]
        meta = table["config"]["meta"]["contract"]
        assert (meta["feed"], meta["entity"]) == (feed, table["name"])
        assert [c["name"] for c in meta["columns"]] == [c.name for c in entity.columns]
        assert [c["name"] for c in table["columns"]][-6:] == [
            "_rescued_data",
            "_header_generation",
            "_file_path",
            "_file_modified_at",
            "_row_position",
            "_loaded_at",
        ]
        assert all(column["description"] and column["data_type"] for column in table["columns"])


def test_landing_source_names_every_status() -> None:
    tables = yaml.safe_load(render_landing_source())["sources"][0]["tables"]
    status = next(c for c in tables[0]["columns"] if c["name"] == "status")
    assert all(f"{name}: " in status["description"] for name in STATUSES)


@pytest.mark.parametrize("feed", CONTRACTS)
def test_contract_fits_the_json_schema(feed: str) -> None:
    contract = yaml.safe_load((ROOT / f"feeds/{feed}.yml").read_text(encoding="utf-8"))
    jsonschema.validate(contract, json.loads(render_schema()))


def test_check_finds_a_stale_file_and_sync_mends_it(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "feeds", tmp_path / "feeds")
    runner = CliRunner()
    assert runner.invoke(app, ["sync", "--project", str(tmp_path)]).exit_code == 0
    assert "everything was fresh" in runner.invoke(app, ["sync", "--project", str(tmp_path)]).output
    assert runner.invoke(app, ["check", "--project", str(tmp_path)]).exit_code == 0

    stale = tmp_path / "models/staging/uk_epd/_uk_epd__sources.yml"
    stale.write_text(stale.read_text(encoding="utf-8").replace("monthly", "x") + "# mine\n", encoding="utf-8")
    result = runner.invoke(app, ["check", "--project", str(tmp_path)])
    assert result.exit_code == 1
    assert (
        "models/staging/uk_epd/_uk_epd__sources.yml: found another text than feeds/ gives, expected the generated "
        "one. Run `rwe feeds sync`." in result.output
    )
    result = runner.invoke(app, ["sync", "--project", str(tmp_path)])
    assert result.output == "wrote models/staging/uk_epd/_uk_epd__sources.yml\n"


def test_check_prints_the_problems_of_a_contract(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "feeds", tmp_path / "feeds")
    path = tmp_path / "feeds/synthea.yml"
    path.write_text(path.read_text(encoding="utf-8").replace("type: date\n", "type: day\n", 1), encoding="utf-8")
    result = CliRunner().invoke(app, ["check", "--project", str(tmp_path)])
    assert result.exit_code == 1
    assert "entities.patients.columns[1].type: found 'day', expected one of text" in result.output


def test_list_names_every_entity() -> None:
    output = CliRunner().invoke(app, ["list", "--project", str(ROOT)]).output
    assert "  patients: patients.csv; 28 columns; generations 3.0, 3.1, 3.3; key patient_id; 1 rules" in output


def test_schema_is_json() -> None:
    assert json.loads(CliRunner().invoke(app, ["schema"]).output)["title"] == "Feed contract"


def test_generated_staging_keeps_every_column_but_those_that_name_a_person() -> None:
    entity = CONTRACTS["synthea"].entities["payer_transitions"]
    assert [column.name for column in entity.columns if column.personal] == ["owner_name"]
    staged = render_stg("synthea", "payer_transitions", entity)
    assert "owner_name" not in staged
    assert all(f"        {column.name},\n" in staged for column in entity.columns if not column.personal)
    described = yaml.safe_load(render_properties("synthea", {"payer_transitions": entity}))["models"]
    base, stg, _ = ([column["name"] for column in model["columns"]] for model in described)
    assert "owner_name" in base
    assert stg == [*(c.name for c in entity.columns if not c.personal), *FILE_COLUMNS]


def test_generated_staging_renames_and_marks_totals_and_suppression() -> None:
    entity = CONTRACTS["us_sdud"].entities["utilization"]
    renamed = {column.name: column.staged_as for column in entity.columns if column.staged_as}
    assert renamed and entity.totals and entity.suppression is not None
    staged = render_stg("us_sdud", "utilization", entity)
    assert all(f"        {name} as {other},\n" in staged for name, other in renamed.items())
    assert "        total_kinds,\n        is_suppressed,\n" in staged


def test_base_is_kept_by_file_unless_a_key_holds_in_the_whole_feed() -> None:
    bases = {
        (feed, path.name): text
        for feed in ("au_pbs", "synthea")
        for path, text in rendered_staging(CONTRACTS[feed]).items()
        if path.name.startswith("base_")
    }
    assert "materialized='table'" in bases["synthea", "base_synthea__payers.sql"]
    assert "unique_key='_file_path'" in bases["au_pbs", "base_au_pbs__items.sql"]
    assert "unique_key='_file_path'" in bases["au_pbs", "base_au_pbs__history.sql"]


def test_only_entities_that_ask_for_it_have_generated_staging() -> None:
    synthea = CONTRACTS["synthea"]
    by_hand = {name: entity for name, entity in synthea.entities.items() if entity.staging == "by_hand"}
    assert by_hand
    assert rendered_staging(synthea.model_copy(update={"entities": by_hand})) == {}
    written = {path.name for path in rendered_staging(synthea)}
    assert {
        "base_synthea__payers.sql",
        "stg_synthea__payers.sql",
        "quarantine_synthea__payers.sql",
        "_synthea_generated__models.yml",
    } <= written
    assert "base_synthea__patients.sql" not in written
