"""The gates bite: what each of them is there for makes it fail, and the project as it stands passes."""

from __future__ import annotations

import copy
import json
import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest
from sqlfluff.core import FluffConfig, Linter
from yamllint import linter as yaml_linter
from yamllint.config import YamlLintConfig

PROJECT = Path(__file__).resolve().parents[3]
BIN = Path(sys.executable).parent

Manifest = dict[str, Any]


def run(*command: str | Path, cwd: Path = PROJECT, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        list(map(str, command)),
        cwd=cwd,
        env={**os.environ, "COLUMNS": "200", **environment},
        capture_output=True,
        text=True,
        check=False,
    )


# dbt-bouncer: each line breaks one thing in the manifest and names the findings that has to give.


def model(manifest: Manifest, name: str) -> Any:
    return manifest["nodes"][f"model.rwe.{name}"]


def drop_tests(manifest: Manifest, name: str, generic: str, column: str) -> None:
    for unique_id, node in list(manifest["nodes"].items()):
        metadata = node.get("test_metadata") or {}
        is_of_model = node.get("attached_node") == f"model.rwe.{name}"
        if is_of_model and metadata.get("name") == generic and node.get("column_name") == column:
            del manifest["nodes"][unique_id]


def drop_unit_tests(manifest: Manifest, name: str) -> None:
    for unique_id, node in list(manifest["unit_tests"].items()):
        if node["model"] == name:
            del manifest["unit_tests"][unique_id]


def reads(manifest: Manifest, name: str, upstream: str) -> None:
    model(manifest, name)["depends_on"]["nodes"].append(upstream)


BREAKS: dict[str, tuple[Callable[[Manifest], object], set[tuple[str, str]]]] = {
    "a model without a description": (
        lambda m: model(m, "person").update(description=""),
        {("check_model_description_contains_regexp_pattern", "person")},
    ),
    "a column without a description": (
        lambda m: model(m, "concept")["columns"]["concept_name"].update(description=""),
        {("check_model_column_description_populated", "concept")},
    ),
    "a source column without a description": (
        lambda m: m["sources"]["source.rwe.synthea.patients"]["columns"]["patient_id"].update(description=""),
        {("check_source_columns_described", "synthea_patients")},
    ),
    "a macro without a description": (
        lambda m: m["macros"]["macro.rwe.hash_id"].update(description=""),
        {("check_macro_description_populated", "hash_id")},
    ),
    "a mart without a contract": (
        lambda m: model(m, "visit_occurrence")["contract"].update(enforced=False),
        {("check_model_has_contracts_enforced", "visit_occurrence")},
    ),
    "a mart without a primary key": (
        lambda m: model(m, "condition_era").update(constraints=[]),
        {("check_model_has_constraints", "condition_era")},
    ),
    "a mart that is not public": (
        lambda m: model(m, "domain").update(access="protected"),
        {("check_model_access", "domain")},
    ),
    "a model without an owner": (
        lambda m: model(m, "vocabulary").update(group=None),
        {("check_model_has_owned_group", "vocabulary")},
    ),
    "a mart that reads a source": (
        lambda m: reads(m, "dim_geography", "source.rwe.uk_epd.prescribing"),
        {("check_lineage_source_cannot_be_used", "dim_geography")},
    ),
    "a staging model that reads a mart": (
        lambda m: reads(m, "stg_synthea__patients", "model.rwe.person"),
        {("check_lineage_permitted_upstream_models", "stg_synthea__patients")},
    ),
    "an intermediate model that reads a mart": (
        lambda m: reads(m, "int_omop__persons_mapped", "model.rwe.concept"),
        {("check_lineage_permitted_upstream_models", "int_omop__persons_mapped")},
    ),
    "a mart without the prefix of its layer": (
        lambda m: model(m, "dim_product").update(name="products"),
        {("check_model_names", "dim_product")},
    ),
    "properties in a file of another name": (
        lambda m: model(m, "concept_class").update(patch_path="rwe://models/marts/omop/schema.yml"),
        {("check_model_properties_file_name", "concept_class")},
    ),
    "a key that is not tested": (
        lambda m: drop_tests(m, "int_omop__persons_mapped", "unique", "person_id"),
        {("check_model_has_unique_test", "int_omop__persons_mapped")},
    ),
    "a foreign key that is not tested": (
        lambda m: drop_tests(m, "fct_sales", "relationships", "product_id"),
        {("check_model_foreign_keys_are_tested", "fct_sales")},
    ),
    "a branch without a unit test": (
        lambda m: drop_unit_tests(m, "unmapped_codes"),
        {("check_model_with_branches_has_unit_test", "unmapped_codes")},
    ),
    "an exposure of a private model": (
        lambda m: m["exposures"]["exposure.rwe.cohort_definitions"]["depends_on"]["nodes"].append(
            "model.rwe.int_omop__encounters_stitched"
        ),
        {("check_exposure_based_on_non_public_models", "cohort_definitions")},
    ),
    "a catalog's name": (
        lambda m: model(m, "concept_synonym").update(raw_code="select 1 as one from spark_catalog.omop.concept"),
        {
            ("check_model_code_does_not_contain_regexp_pattern", "concept_synonym"),
            ("check_model_hard_coded_references", "concept_synonym"),
        },
    ),
    "a Python model that collects": (
        lambda m: model(m, "int_omop__condition_eras_merged").update(raw_code="def model(dbt, _): x.toPandas()"),
        {("check_model_code_does_not_contain_regexp_pattern", "int_omop__condition_eras_merged")},
    ),
    "money as a binary fraction": (
        lambda m: model(m, "fct_sales")["columns"]["amount_list_local"].update(data_type="double"),
        {("check_model_column_name_complies_to_column_type", "fct_sales")},
    ),
}


@pytest.fixture(scope="module")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> Manifest:
    """The project as dbt parses it, which needs no server."""
    home = tmp_path_factory.mktemp("manifest")
    parse = [
        "--quiet",
        "--warn-error",
        "--no-partial-parse",
        "parse",
        "--profiles-dir",
        "profiles",
        "--target",
        "local",
    ]
    parsed = run(BIN / "dbt", *parse, "--target-path", home / "target", "--log-path", home / "logs")
    assert parsed.returncode == 0, parsed.stdout + parsed.stderr
    return json.loads((home / "target" / "manifest.json").read_text(encoding="utf-8"))


def bounced(manifest: Manifest, home: Path) -> tuple[int, set[tuple[str, str]]]:
    """The exit code of dbt-bouncer, and its findings as pairs of check and resource."""
    (home / "target").mkdir()
    (home / "target" / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    report = home / "report.json"
    to_report = ["--output-file", report, "--output-only-failures"]
    done = run(BIN / "dbt-bouncer", "run", *to_report, DBT_PROJECT_DIR=str(home))
    assert report.exists(), done.stdout + done.stderr
    findings = (finding["check_run_id"].split(":") for finding in json.loads(report.read_text(encoding="utf-8")))
    return done.returncode, {(check, resource) for check, _, resource in findings}


def test_project_keeps_the_rules_of_dbt_bouncer(manifest: Manifest, tmp_path: Path) -> None:
    assert bounced(manifest, tmp_path) == (0, set())


@pytest.fixture(scope="module")
def findings(manifest: Manifest, tmp_path_factory: pytest.TempPathFactory) -> set[tuple[str, str]]:
    """What dbt-bouncer finds when everything is broken that is listed, each thing in a place of its own."""
    broken = copy.deepcopy(manifest)
    for break_one, _ in BREAKS.values():
        break_one(broken)
    code, found = bounced(broken, tmp_path_factory.mktemp("broken"))
    assert code == 1
    return found


@pytest.mark.parametrize("broken", BREAKS)
def test_dbt_bouncer_finds(broken: str, findings: set[tuple[str, str]]) -> None:
    assert BREAKS[broken][1] <= findings


# sqlfluff and yamllint, with the project's settings.


@pytest.fixture(scope="module")
def sql_style() -> Linter:
    return Linter(config=FluffConfig.from_path(str(PROJECT / "models")))


@pytest.mark.parametrize(
    ("sql", "rules"),
    [
        ("select 1 as one\n", set()),
        ("{{ config(materialized='table') }}\n\nselect one\nfrom {{ ref('stg_x__y') }}\n", set()),
        ("SELECT 1 as one\n", {"CP01"}),
        ("select 1 one\n", {"AL02"}),
        ("select\n    1 as one\n    , 2 as two\n", {"LT04"}),
        ("select\n  1 as one,\n  2 as two\n", {"LT02"}),
        ("select a.one, two\nfrom a\ninner join b on a.one = b.one\n", {"RF02", "LT09"}),
        (f"select '{'x' * 100}' as one\n", {"LT05"}),
        ("select one from a where one <> 1\n", {"CV01", "LT14"}),
        ("select (one from a\n", {"PRS"}),
    ],
)
def test_sqlfluff_finds(sql_style: Linter, sql: str, rules: set[str]) -> None:
    violations = sql_style.lint_string(sql, fname="models/marts/market/new.sql").get_violations()
    assert {violation.rule_code() for violation in violations} == rules


@pytest.mark.parametrize(
    ("text", "rules"),
    [
        ("version: 2\nmodels:\n  - name: person\n", set()),
        ("version: 2\nmodels:\n- name: person\n", {"indentation"}),
        ("country: NO\n", {"truthy"}),
        ("code: 010\n", {"octal-values"}),
        ("name: a\nname: b\n", {"key-duplicates"}),
        (f"name: {'two words ' * 12}\n", {"line-length", "trailing-spaces"}),
        ("name: [a\n", {"syntax"}),
        ("models: {a: 1,b: 2}\n", {"commas"}),
    ],
)
def test_yamllint_finds(monkeypatch: pytest.MonkeyPatch, text: str, rules: set[str]) -> None:
    monkeypatch.chdir(PROJECT)
    settings = YamlLintConfig(file=".yamllint")
    problems = yaml_linter.run(text, settings, "models/marts/omop/_omop__models.yml")
    assert {problem.rule or "syntax" for problem in problems} == rules


# The commit hooks.

MARKER = "<" * 7
KEY = f"-----BEGIN RSA {'PRIVATE'} KEY-----"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("all is well\n=======\n", None),
        (f"ours\n{MARKER} HEAD\n", "file:2: a merge conflict marker"),
        (f"{KEY}\n", "file:1: a private key"),
        ("x" * (512 * 1024 + 1), "file: 524,289 bytes"),
    ],
)
def test_hygiene_finds(tmp_path: Path, content: str, message: str | None) -> None:
    (tmp_path / "file").write_text(content, encoding="utf-8")
    done = run(sys.executable, PROJECT / "tools" / "hygiene.py", "file", cwd=tmp_path)
    assert (done.returncode, done.stderr.startswith(message or "")) == (1 if message else 0, True)


def test_hygiene_finds_a_log(tmp_path: Path) -> None:
    (tmp_path / "derby.log").touch()
    done = run(sys.executable, PROJECT / "tools" / "hygiene.py", "derby.log", cwd=tmp_path)
    assert (done.returncode, done.stderr.startswith("derby.log: a log.")) == (1, True)


def test_commit_hooks_run_without_the_environment_activated(tmp_path: Path) -> None:
    home = Path(sys.prefix)
    if home.name != "venv":
        pytest.skip("the tests run in another environment than the one of RWE_HOME")
    for name in (".pre-commit-config.yaml", ".sqlfluff", ".yamllint", ".gitignore", "pyproject.toml"):
        shutil.copy(PROJECT / name, tmp_path / name)
    for name in ("tools", "macros"):
        shutil.copytree(PROJECT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in tomllib.loads((PROJECT / "pyproject.toml").read_text())["tool"]["mypy"]["files"]:
        # A folder that is not there, or without a module, stops mypy before it has looked at the others.
        (tmp_path / name).mkdir(parents=True, exist_ok=True)
        (tmp_path / name / "nothing.py").touch()
    bad_files = {
        "bad.txt": f"{MARKER} HEAD\n",
        "bad.py": "import os\nx = [1,2]\n",
        "src/rwe/__init__.py": "def f(x): ...\n",
        "src/localbricks/__init__.py": "",
        "models/bad.sql": "SELECT 1 as one\n",
        "models/bad.yml": "name: a\nname: b\n",
    }
    for name, content in bad_files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(content, encoding="utf-8")
    run("git", "init", "--quiet", cwd=tmp_path)
    run("git", "add", "--all", cwd=tmp_path)

    system = os.pathsep.join(part for part in os.environ["PATH"].split(os.pathsep) if Path(part) != BIN)
    done = run(
        *(BIN / "pre-commit", "run", "--all-files", "--color", "never"),
        cwd=tmp_path,
        PATH=system,
        RWE_HOME=str(home.parent),
        PRE_COMMIT_HOME=str(tmp_path / ".git" / "pre-commit"),
    )
    outcome = {line.split("....")[0]: line.rsplit(".", 1)[-1] for line in done.stdout.splitlines() if "...." in line}
    said = done.stdout + done.stderr
    assert outcome == {
        "no conflict markers, private keys, large files": "Failed",
        "ruff check": "Failed",
        "ruff format": "Failed",
        "mypy": "Failed",
        "yamllint": "Failed",
        "sqlfluff": "Failed",
        "rwe feeds check": "(no files to check)Skipped",
    }, said
    for finding in ("a merge conflict marker", "F401", "no-untyped-def", "key-duplicates", "CP01"):
        assert finding in said


def test_no_folder_of_tests_is_left_out(pytestconfig: pytest.Config) -> None:
    tests = PROJECT / "tests" / "python"
    folders = {part for path in tests.rglob("test_*.py") for part in path.relative_to(tests).parts[:-1]}
    patterns = pytestconfig.getini("norecursedirs")
    assert [one for one in sorted(folders) if any(fnmatch(one, pattern) for pattern in patterns)] == []
