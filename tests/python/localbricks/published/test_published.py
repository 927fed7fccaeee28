"""Some of dbt's published adapter tests, of what the neighbouring features do not touch; `make conformance` runs all."""

from __future__ import annotations

import pytest
from conformance.test_dbt_clone import TestClonePossible
from conformance.test_grants import TestModelGrants
from conformance.test_hooks import TestPrePostRunHooks
from conformance.test_incremental import TestMicrobatch
from conformance.test_persist_docs import TestPersistDocs
from conformance.test_relations import TestChangeRelationTypeValidator
from conformance.test_simple_snapshot import TestSnapshotNewColumnWithDeletes

pytestmark = [pytest.mark.server, pytest.mark.slow, pytest.mark.filterwarnings("ignore")]

__all__ = [
    "TestChangeRelationTypeValidator",
    "TestClonePossible",
    "TestMicrobatch",
    "TestModelGrants",
    "TestPersistDocs",
    "TestPrePostRunHooks",
    "TestSnapshotNewColumnWithDeletes",
]
