"""dbt's fixtures for adapter tests, on the one server."""

from __future__ import annotations

from conformance.fixtures import *  # noqa: F403
