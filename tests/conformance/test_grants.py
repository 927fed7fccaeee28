"""Grants: privileges and errors have Databricks' names."""

from __future__ import annotations

import pytest
from dbt.tests.adapter.grants.test_invalid_grants import BaseInvalidGrants
from dbt.tests.adapter.grants.test_model_grants import BaseModelGrants

from conformance.published import adopt


class TestModelGrants(BaseModelGrants):
    def privilege_grantee_name_overrides(self) -> dict[str, str]:
        return {
            "select": "select",
            "insert": "modify",
            "fake_privilege": "fake_privilege",
            "invalid_user": "invalid_user",
        }


@pytest.mark.xfail(reason="a workspace knows one user and takes any name for a principal", strict=True)
class TestInvalidGrants(BaseInvalidGrants):
    def grantee_does_not_exist_error(self) -> str:
        return "PRINCIPAL_DOES_NOT_EXIST"

    def privilege_does_not_exist_error(self) -> str:
        return "INVALID_PARAMETER_VALUE"


adopt(__name__, "grants")
