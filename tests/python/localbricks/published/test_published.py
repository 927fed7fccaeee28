"""Some of dbt's published adapter tests, of what the neighbouring features do not touch; `make conformance` runs all."""

from __future__ import annotations

import pytest
from conformance.test_relations import TestChangeRelationTypeValidator

pytestmark = [pytest.mark.server, pytest.mark.slow, pytest.mark.filterwarnings("ignore")]

__all__ = ["TestChangeRelationTypeValidator"]
