"""Grants: privileges and errors have Databricks' names."""

from __future__ import annotations

from dbt.tests.adapter.grants.test_invalid_grants import BaseInvalidGrants
from dbt.tests.adapter.grants.test_model_grants import BaseModelGrants
from dbt.tests.adapter.grants.test_seed_grants import BaseSeedGrants

from conformance.published import adopt


class TestModelGrants(BaseModelGrants):
    def privilege_grantee_name_overrides(self) -> dict[str, str]:
        return {
            "select": "select",
            "insert": "modify",
            "fake_privilege": "fake_privilege",
            "invalid_user": "invalid_user",
        }


class TestSeedGrants(BaseSeedGrants):
    # A seed is replaced, and what was granted on it goes with it.
    def seeds_support_partial_refresh(self) -> bool:
        return False


class TestInvalidGrants(BaseInvalidGrants):
    def grantee_does_not_exist_error(self) -> str:
        return "PRINCIPAL_DOES_NOT_EXIST"

    def privilege_does_not_exist_error(self) -> str:
        return "INVALID_PARAMETER_VALUE"


adopt(__name__, "grants")
