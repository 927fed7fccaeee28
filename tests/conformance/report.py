"""The table of results: areas with counts, and below it each test that does not pass or does not apply, with the reason."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

import pytest

PASSED, FAILED, NOT_APPLICABLE = "passed", "failed", "not applicable"
_HEAD = """\
# Conformance

What dbt's own adapter tests say of localbricks: `dbt-tests-adapter` {tests} on dbt-databricks {adapter} and dbt-core
{core}, unmodified. The classes are under `tests/conformance`; where an expectation differs on Databricks, they have the
one that Databricks' adapter has in its own tests. The area `databricks_features` is not published: it takes what the
adapter has beyond dbt through set, change and removal. `make conformance` runs them and writes this page.

| area | tests | passed | failed | not applicable |
|---|---:|---:|---:|---:|
"""


@dataclass
class Outcome:
    """How one test ended, and why where it did not pass."""

    area: str
    test: str
    result: str
    reason: str = ""


@dataclass
class Report:
    """Notes outcomes while pytest runs; writes the table at the end of a run where one was asked for."""

    table: Path | None
    outcomes: dict[str, Outcome] = field(default_factory=dict)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note a step of a test; a step that fails outweighs those before."""
        if report.when != "call" and report.passed:
            return
        path, _, test = report.nodeid.partition("::")
        area = Path(path).stem.removeprefix("test_")
        self.outcomes[report.nodeid] = Outcome(area, test.replace("::", "."), *_result(report))

    def pytest_sessionfinish(self) -> None:
        """Write the table."""
        if self.table and self.outcomes:
            self.table.write_text(page(list(self.outcomes.values())), encoding="utf-8")


def _result(report: pytest.TestReport) -> tuple[str, str]:
    if hasattr(report, "wasxfail"):
        return FAILED, report.wasxfail.removeprefix("reason: ")
    if report.skipped:
        _, _, reason = report.longrepr if isinstance(report.longrepr, tuple) else ("", "", str(report.longrepr))
        return NOT_APPLICABLE, reason.removeprefix("Skipped: ")
    if report.failed:
        last = str(report.longrepr).strip().splitlines()[-1:]
        return FAILED, "unexpected: " + "".join(last)
    return PASSED, ""


def page(outcomes: list[Outcome]) -> str:
    """The page in Markdown."""
    areas: dict[str, list[Outcome]] = defaultdict(list)
    for one in outcomes:
        areas[one.area].append(one)
    versions = {"tests": "dbt-tests-adapter", "adapter": "dbt-databricks", "core": "dbt-core"}
    lines = [_HEAD.format(**{key: version(package) for key, package in versions.items()}).rstrip()]
    lines += [_row(area, areas[area]) for area in sorted(areas)]
    applicable = [one for one in outcomes if one.result != NOT_APPLICABLE]
    share = sum(one.result == PASSED for one in applicable) / max(1, len(applicable))
    lines += [_row("**all**", outcomes), "", f"{share:.1%} of the tests that apply pass."]
    for title, result in (("Failed", FAILED), ("Not applicable", NOT_APPLICABLE)):
        lines += _reasons(title, [one for one in outcomes if one.result == result])
    return "\n".join(lines) + "\n"


def _row(name: str, outcomes: list[Outcome]) -> str:
    counts = [sum(one.result == result for one in outcomes) for result in (PASSED, FAILED, NOT_APPLICABLE)]
    return f"| {name} | {len(outcomes)} | {counts[0]} | {counts[1]} | {counts[2]} |"


def _reasons(title: str, outcomes: list[Outcome]) -> list[str]:
    if not outcomes:
        return []
    tests: dict[tuple[str, str], list[str]] = defaultdict(list)
    for one in sorted(outcomes, key=lambda one: (one.area, one.test)):
        tests[one.area, one.reason].append(one.test)
    lines = ["", f"## {title}", "", "| area | tests | reason |", "|---|---|---|"]
    return lines + [
        f"| {area} | {', '.join(f'`{name}`' for name in sorted(set(names)))} | {reason.replace('|', '/')} |"
        for (area, reason), names in tests.items()
    ]
