"""A JVM that has the engine's class path and does nothing by itself."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from localbricks.engine.class_path import ClassPath, ensure_class_path
from localbricks.engine.classes import jvm_with
from localbricks.engine.java import find_java


@pytest.fixture(scope="module")
def class_path() -> ClassPath:
    """The engine's."""
    return ensure_class_path(find_java())


@pytest.fixture(scope="module")
def view(class_path: ClassPath) -> Iterator[Any]:
    """The JVM, by its classes."""
    with jvm_with(find_java().launcher, [class_path.own, *class_path.libraries]) as view:
        yield view
