"""Models that are built at the same time."""

from __future__ import annotations

from typing import Any

from dbt.tests.adapter.concurrency.test_concurrency import BaseConcurrency, seeds__update_csv
from dbt.tests.util import (
    check_relations_equal,
    check_table_does_not_exist,
    rm_file,
    run_dbt,
    run_dbt_and_capture,
    write_file,
)

from conformance.published import adopt


class TestConcurrency(BaseConcurrency):
    # dbt's own version expects the message of PostgreSQL in the result of the model that is wrong.
    def test_concurrency(self, project: Any) -> None:
        run_dbt(["seed", "--select", "seed"])
        self.check(project, run_dbt(["run"], expect_pass=False))
        rm_file(project.project_root, "seeds", "seed.csv")
        write_file(seeds__update_csv, project.project_root, "seeds", "seed.csv")
        results, output = run_dbt_and_capture(["run"], expect_pass=False)
        self.check(project, results)
        assert "PASS=5 WARN=0 ERROR=1 SKIP=1" in output

    @staticmethod
    def check(project: Any, results: Any) -> None:
        assert len(results) == 7
        for table in ("view_model", "dep", "table_a", "table_b"):
            check_relations_equal(project.adapter, ["seed", table])
        for table in ("invalid", "skip"):
            check_table_does_not_exist(project.adapter, table)


adopt(__name__, "concurrency")
