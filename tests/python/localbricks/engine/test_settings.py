"""Settings whose effect takes longer to see than a test may last."""

from __future__ import annotations

import pytest
from sql_client import Client

pytestmark = pytest.mark.server


def test_the_executor_of_a_machine_that_slept_is_not_given_up(session: Client) -> None:
    """Spark's 120 seconds are shorter than a night, and its local mode cannot register an executor again."""
    assert session.pairs("set spark.storage.blockManagerHeartbeatTimeoutMs") == {
        "spark.storage.blockManagerHeartbeatTimeoutMs": "365d"
    }
