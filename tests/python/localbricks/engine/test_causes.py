"""What lies behind the error that a client is told."""

from __future__ import annotations

from localbricks.engine.causes import messages
from localbricks.errors import DatabricksError


def test_an_error_that_is_its_own_cause_has_an_end() -> None:
    error = DatabricksError("SOME_CLASS", "words", "42000")
    error.__cause__ = error
    assert list(messages(error)) == []
