"""Copies: tables of a schema, names in upper case."""

from __future__ import annotations

from typing import Any

import pytest
from dbt.tests.adapter.simple_copy.test_copy_uppercase import BaseSimpleCopyUppercase
from dbt.tests.adapter.simple_copy.test_simple_copy import EmptyModelsArentRunBase

from conformance.fixtures import warehouse_target
from conformance.published import adopt


class TestSimpleCopyUppercase(BaseSimpleCopyUppercase):
    @pytest.fixture(scope="class")
    def dbt_profile_target(self, server: Any) -> dict[str, Any]:
        return warehouse_target(server)


class TestEmptyModelsArentRun(EmptyModelsArentRunBase):
    pass


adopt(__name__, "simple_copy")
