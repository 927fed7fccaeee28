"""What py4j says when the JVM ends in the middle of a call, and when the JVM itself says something."""

from __future__ import annotations

import pytest
from py4j.protocol import Py4JError, Py4JNetworkError

from localbricks.engine.session import is_broken


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (Py4JError("An error occurred while calling o81.databaseExists"), True),
        (Py4JNetworkError("Answer from Java side is empty"), True),
        (ConnectionRefusedError(), True),
        (Py4JError("An error occurred while calling o81.nothing. Trace:\npy4j.Py4JException: Method nothing"), False),
        (Py4JError("localbricks.Nothing does not exist in the JVM"), False),
        (ValueError("An error occurred while calling o81"), False),
    ],
)
def test_is_broken(error: Exception, expected: bool) -> None:
    assert is_broken(error) is expected
