"""What the next build has to do: selected by what was written, dropped, left undone or begun since the last one."""

from __future__ import annotations

from pathlib import Path

import pytest

from rwe.dbt import NodeResult
from rwe.home import RweHome
from rwe.standing import SETTINGS, Basis, Standing, basis, begin, carry_over, has_unit_tested, read_standing, selectors

MANIFEST = {
    "sources": {
        "source.rwe.raw_x.sales": {
            "resource_type": "source", "source_name": "raw_x", "name": "sales", "schema": "raw_x", "identifier": "sales",
        },
    },
    "nodes": {
        "model.rwe.fct_sales": {"resource_type": "model", "name": "fct_sales", "schema": "market", "alias": "fct_sales"},
        "seed.rwe.codes": {"resource_type": "seed", "name": "codes", "schema": "seeds", "alias": "codes"},
        "test.rwe.unique_codes": {"resource_type": "test", "name": "unique_codes_1a2b", "schema": "tests", "alias": "u",
                                  "fqn": ["rwe", "seeds", "unique_codes"]},
    },
    "unit_tests": {},
    "exposures": {},
}  # fmt: skip
STAMPS = {"source.rwe.raw_x.sales": "1", "model.rwe.fct_sales": "2", "seed.rwe.codes": "3"}
PROJECT = "state:modified+"
BASIS = Basis(settings="today", code="1")


@pytest.fixture
def home(tmp_path: Path) -> RweHome:
    """A home folder with the manifest of a build."""
    found = RweHome(tmp_path)
    found.standing.mkdir(parents=True)
    (found.standing / "manifest.json").write_text("{}")
    return found


def standing(**statuses: str) -> Standing:
    """A build of the manifest in which some nodes ended with another status than success."""
    names = {"fct_sales": "model", "codes": "seed", "unique_codes": "test", "sums": "unit_test"}
    results = {
        f"{kind}.rwe.{name}": NodeResult(f"{kind}.rwe.{name}", statuses.get(name, "success"), "", 1.0)
        for name, kind in names.items()
    }
    return Standing(basis=BASIS, stamps=STAMPS, results=results)


@pytest.mark.parametrize(
    ("changed", "selected"),
    [
        ({}, []),
        ({"source.rwe.raw_x.sales": "4"}, ["source:raw_x.sales+"]),
        ({"model.rwe.fct_sales": None}, ["fct_sales+"]),
        ({"seed.rwe.codes": "4", "source.rwe.raw_x.sales": "5"}, ["codes+", "source:raw_x.sales+"]),
    ],
)
def test_what_was_written_or_dropped_is_built_with_all_after_it(
    changed: dict[str, str | None], selected: list[str]
) -> None:
    stamps = {name: stamp for name, stamp in {**STAMPS, **changed}.items() if stamp is not None}
    assert selectors(standing(), MANIFEST, stamps) == [PROJECT, *selected]


def test_relation_that_something_else_made_is_built() -> None:
    before = standing().model_copy(update={"stamps": {k: v for k, v in STAMPS.items() if "seed" not in k}})
    assert selectors(before, MANIFEST, STAMPS) == [PROJECT, "codes+"]


@pytest.mark.parametrize(
    ("status", "is_done"), [("pass", True), ("warn", True), ("fail", False), ("error", False), ("skipped", False)]
)
def test_nodes_that_are_not_done_are_done_again(status: str, is_done: bool) -> None:
    found = selectors(standing(unique_codes=status), MANIFEST, STAMPS)
    assert found == ([PROJECT] if is_done else [PROJECT, "rwe.seeds.unique_codes"])


def test_build_that_was_stopped_is_gone_on_with(home: RweHome) -> None:
    begin(home, standing(), [PROJECT, "codes+"])
    stopped = read_standing(home)
    assert stopped is not None
    assert selectors(stopped, MANIFEST, STAMPS) == [PROJECT, "codes+"]


def test_nothing_stands_while_everything_is_built(home: RweHome) -> None:
    begin(home, standing(), [PROJECT])
    begin(home, read_standing(home), None)
    assert read_standing(home) is None


@pytest.mark.parametrize(
    ("code", "status", "stand"),
    [("1", "pass", True), ("2", "pass", False), ("1", "fail", False), ("1", "skipped", False)],
)
def test_unit_tests_stand_while_the_code_does_and_they_went_well(code: str, status: str, stand: bool) -> None:
    assert has_unit_tested(standing(sums=status, unique_codes="fail"), Basis(settings="today", code=code)) is stand


def test_basis_changes_with_what_dbt_reads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rwe.standing.PROJECT", tmp_path)
    for name in (*SETTINGS, "models/a.sql"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("select 1")
    first = basis()
    (tmp_path / "models" / "__pycache__").mkdir()
    (tmp_path / "models" / "__pycache__" / "a.pyc").write_text("1")
    assert basis() == first
    (tmp_path / "models" / "a.sql").rename(tmp_path / "models" / "b.sql")
    renamed = basis()
    assert renamed.settings == first.settings
    assert renamed.code != first.code
    (tmp_path / SETTINGS[0]).write_text("select 2")
    assert basis().settings != first.settings
    assert basis().code == renamed.code


@pytest.mark.parametrize("text", ["", "{", '{"basis": 1}', "[]"])
def test_a_damaged_record_is_none(home: RweHome, text: str) -> None:
    (home.standing / "standing.json").write_text(text)
    assert read_standing(home) is None


def test_what_a_build_has_not_compiled_stays_as_an_earlier_one_did() -> None:
    def node(checksum: str, code: str | None = None) -> dict[str, object]:
        return {"checksum": checksum, **({"compiled": True, "compiled_code": code} if code else {"compiled": False})}

    before = {
        "nodes": {"same": node("1", "old"), "again": node("1", "old"), "changed": node("1", "old"), "bare": node("1")}
    }
    now = {
        "nodes": {
            "same": node("1"),
            "again": node("1", "new"),
            "changed": node("2"),
            "bare": node("1"),
            "new": node("1"),
        }
    }
    carry_over(before, now)
    found = {name: one.get("compiled_code") for name, one in now["nodes"].items()}
    assert found == {"same": "old", "again": "new", "changed": None, "bare": None, "new": None}
    assert now["nodes"]["same"]["compiled"]
