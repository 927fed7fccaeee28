"""Fixtures for the tests of Python models: a classic local Spark session, and a loader of models."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest
from jinja2 import Template
from pyspark.sql import SparkSession

PROJECT = Path(__file__).parents[3]


@pytest.fixture(scope="session")
def spark() -> Iterator[SparkSession]:
    """A session in this process, small and silent, in the time zone that every target has."""
    session = (
        SparkSession.builder.master("local[1]")
        .appName("tests of Python models")
        .config("spark.ui.enabled", "false")
        .config("spark.driver.memory", "1g")
        # The quick compiler's own 48 MB are full after some dozen tests.
        .config("spark.driver.extraJavaOptions", "-XX:ReservedCodeCacheSize=256m")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.sql.shuffle.partitions", "2")
        .config("spark.sql.session.timeZone", "UTC")
        .getOrCreate()
    )
    yield session
    session.stop()


@pytest.fixture(scope="session")
def hash_id() -> Callable[[str, list[str]], str]:
    """The macro `hash_id`: an entity and its natural key to the SQL of an id."""
    text = (PROJECT / "macros" / "hash_id.sql").read_text(encoding="utf-8")
    return Template(text).module.hash_id  # type: ignore[attr-defined]


@pytest.fixture(scope="session")
def load_model() -> Callable[[str], ModuleType]:
    """Import a Python model by its path below `models/`, as dbt does: from the file alone."""

    def load(path: str) -> ModuleType:
        file = PROJECT / "models" / path
        spec = importlib.util.spec_from_file_location(file.stem, file)
        assert spec is not None and spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module

    return load
