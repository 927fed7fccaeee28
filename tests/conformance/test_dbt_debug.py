"""`dbt debug`."""

from __future__ import annotations

from typing import Any

from dbt.tests.adapter.dbt_debug.test_dbt_debug import BaseDebug
from dbt.tests.util import run_dbt

from conformance.published import adopt


class TestSettings(BaseDebug):
    def test_what_the_adapter_connects_with(self, project: Any) -> None:
        run_dbt(["debug"])
        said = self.capsys.readouterr().out
        assert "ERROR" not in said
        for setting in ("host:", "http_path:", "schema:", "catalog:"):
            assert setting in said


adopt(__name__, "dbt_debug")
