"""The classes that `dbt-tests-adapter` publishes, as tests of an area.

A module of an area writes down only what differs on Databricks: its own classes where an expectation differs, and a
reason where a class does not apply. `adopt` adds all others as they were published, so that none is forgotten.
"""

from __future__ import annotations

import importlib
import inspect
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

ROOT = "dbt.tests.adapter"


def adopt(module: str, area: str, *, parents: tuple[str, ...] = (), skipped: Mapping[str, str] | None = None) -> None:
    """Add the published classes of an area to a module of tests.

    Args:
        module: `__name__` of the module of tests.
        area: the folder of `dbt.tests.adapter`.
        parents: classes that are no tests by themselves, only parents of others.
        skipped: why a class does not apply, by its name.
    """
    namespace = vars(sys.modules[module])
    reasons = dict(skipped or {})
    classes = list(_classes(area))
    written = set()
    for value in [value for value in namespace.values() if inspect.isclass(value) and value.__module__ == module]:
        known = [one for one in value.__mro__ if one in classes]
        written |= {one for one in known if not any(other is not one and issubclass(other, one) for other in known)}
    unknown = {*parents, *reasons}
    for published in classes:
        name = published.__name__
        unknown.discard(name)
        if name in parents or (published in written and name not in reasons):
            continue
        test_name = "Test" + name.removeprefix("Base").removeprefix("Test")
        body = {"__module__": module, "__doc__": published.__doc__}
        adopted = type(test_name, (published,), body)
        if name in reasons:
            adopted = pytest.mark.skip(reason=reasons[name])(adopted)
        assert test_name not in namespace, f"{module} has two classes {test_name}"
        namespace[test_name] = adopted
    assert not unknown, f"dbt.tests.adapter.{area} has no classes {sorted(unknown)}"


def _classes(area: str) -> Iterator[type]:
    """Classes with tests, of every module of an area; not those that only repeat one of them for PostgreSQL."""
    folder = Path(importlib.import_module(ROOT).__path__[0])
    for path in sorted((folder / area).rglob("*.py")):
        module = ".".join((ROOT, *path.relative_to(folder).with_suffix("").parts))
        for value in vars(importlib.import_module(module)).values():
            own = inspect.isclass(value) and value.__module__ == module and not value.__name__.startswith("Test")
            if own and any(name.startswith("test_") for name in dir(value)):
                yield value
