"""A runner without an engine: code that never speaks of Spark needs none."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from localbricks.python_runs.run import PythonRun
from localbricks.python_runs.runner import PythonRunner


def no_engine() -> str:
    """In the place of the Spark Connect address."""
    raise RuntimeError("no engine in this test")


@pytest.fixture(scope="session")
def runs_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the session's runner keeps its files: `work`, `logs`, `volumes`."""
    return tmp_path_factory.mktemp("python_runs")


@pytest.fixture(scope="session")
def runner(runs_folder: Path) -> Iterator[PythonRunner]:
    """One runner for all tests: its interpreters are fresh ones anyway."""
    made = PythonRunner(
        no_engine,
        work_dir=runs_folder / "work",
        log_dir=runs_folder / "logs",
        volumes_root=runs_folder / "volumes",
    )
    made.warm()
    yield made
    made.close()
    assert not list((runs_folder / "work").iterdir()), "folders of interpreters are left"


@pytest.fixture
def run(runner: PythonRunner) -> Callable[..., PythonRun]:
    """Run a source to its end."""

    def run_to_end(code: str, **options: object) -> PythonRun:
        started = runner.submit(code, name="/Workspace/model", **options)  # type: ignore[arg-type]
        assert started.wait(60), "the run did not end"
        return started

    return run_to_end
