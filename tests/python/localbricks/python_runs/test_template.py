"""Interpreters are copies of a template: what they must not share, and what happens when it changes or ends."""

from __future__ import annotations

import itertools
import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from processes import is_gone
from waiting import wait_until

from localbricks.python_runs import runner as runner_module
from localbricks.python_runs.run import PythonRun, RunState
from localbricks.python_runs.runner import PythonRunner

Run = Callable[..., PythonRun]
Make = Callable[..., PythonRunner]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Make a runner whose files are below the test's folder."""

    def made(**options: object) -> PythonRunner:
        return PythonRunner(lambda: "", work_dir=tmp_path / "w", log_dir=tmp_path / "l", **options)  # type: ignore[arg-type]

    return made


def done(run: PythonRun) -> PythonRun:
    """The run, ended."""
    assert run.wait(60), "the run did not end"
    return run


def parent(runner: PythonRunner) -> int:
    """The process that made an interpreter of the runner."""
    return int(done(runner.submit("import os\nprint(os.getppid())", name="m")).result.output)


class TestCopies:
    def test_they_draw_other_random_numbers(self, run: Run) -> None:
        code = "import random, uuid, numpy\nprint(random.random(), numpy.random.random(), uuid.uuid4())"
        draws = [run(code).result.output.split() for _ in range(3)]
        assert all(len(set(drawn)) == 3 for drawn in zip(*draws, strict=True))

    def test_they_hold_no_descriptors_of_others(self, run: Run, runner: PythonRunner) -> None:
        other = runner.submit("import time\ntime.sleep(60)", name="m")
        wait_until(lambda: other.state is RunState.RUNNING)
        code = (
            "import os\nfor name in sorted(os.listdir('/proc/self/fd'), key=int):\n"
            "    try: print(name, os.readlink(f'/proc/self/fd/{name}').partition(':')[0])\n"
            "    except FileNotFoundError: pass\n"
        )
        kinds = [line.split()[1] for line in run(code).result.output.splitlines()]
        other.cancel()
        assert kinds == ["/dev/null", "pipe", "pipe", "socket"]

    def test_threads_of_libraries_work(self, run: Run) -> None:
        """numpy's and Arrow's pools were made before the copy."""
        code = (
            "import numpy, pyarrow, pyarrow.compute\na = numpy.ones((600, 600))\nprint((a @ a).sum())\n"
            "table = pyarrow.table({'n': pyarrow.array(range(1_000_000))})\n"
            "print(table.group_by('n').aggregate([]).num_rows, table.to_pandas()['n'].sum())"
        )
        assert run(code).result.output == "216000000.0\n1000000 499999500000\n"

    @pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
    def test_a_model_may_start_processes_of_its_own(self, run: Run, method: str) -> None:
        code = f"import multiprocessing\nwith multiprocessing.get_context({method!r}).Pool(2) as pool:\n"
        ended = run(code + "    print(pool.map(abs, [1, -2]))")
        assert ended.result.output == "[1, 2]\n"

    def test_what_a_model_does_to_a_library_stays_with_it(self, run: Run) -> None:
        code = "import sys, pyarrow\nprint('json.tool' in sys.modules, hasattr(pyarrow, 'spoiled'))\n"
        code += "import json.tool\npyarrow.spoiled = True"
        assert [run(code).result.output for _ in range(2)] == ["False False\n"] * 2


class TestTemplate:
    def test_changed_packages_are_seen_and_runs_go_on(self, make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
        stamp = (1,)
        monkeypatch.setattr(runner_module, "packages_stamp", lambda _python: stamp)
        runner = make()
        old = parent(runner)
        context = runner.create_context()
        context.execute("kept = 41", name="<command 1>")
        context.ready.result(60)
        assert parent(runner) == old
        stamp = (2,)
        new = parent(runner)
        assert new != old
        assert done(context.execute("kept + 1", name="<command 2>")).result.output == "42\n"
        context.close().result(20)
        wait_until(lambda: is_gone(old))
        assert parent(runner) == new
        runner.close()
        assert is_gone(new)

    def test_orders_that_wait_are_carried_out(self, make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
        """Each order finds other packages, while the template of the one before is still starting."""
        stamps = itertools.count()
        monkeypatch.setattr(runner_module, "packages_stamp", lambda _python: (next(stamps),))
        runner = make()
        runs = [runner.submit(f"import os\nprint({n}, os.getppid())", name="m") for n in range(3)]
        printed = [done(run).result.output.split() for run in runs]
        assert [line[0] for line in printed] == ["0", "1", "2"]
        assert len({line[1] for line in printed}) == 3
        wait_until(lambda: is_gone(int(printed[0][1])))
        runner.close()

    def test_killed_it_takes_its_interpreters_with_it_and_the_next_is_well(self, make: Make, tmp_path: Path) -> None:
        runner = make()
        old = parent(runner)
        file = tmp_path / "pid"
        code = f"import os, time\nopen({str(file)!r}, 'w').write(str(os.getpid()))\ntime.sleep(60)"
        sleeping = runner.submit(code, name="m")
        wait_until(lambda: file.exists() and file.read_text() != "")
        os.kill(old, signal.SIGKILL)
        ended = done(sleeping)
        assert (ended.state, ended.result.exit_code) == (RunState.FAILED, -signal.SIGKILL)
        wait_until(lambda: is_gone(int(file.read_text())))
        assert parent(runner) != old
        runner.close()

    def test_what_keeps_it_from_starting_is_told(self, make: Make) -> None:
        runner = make(env={**os.environ, "LOCALBRICKS_PYTHON_MEMORY": "plenty"})
        for _ in range(2):
            assert "LOCALBRICKS_PYTHON_MEMORY='plenty' is no size" in done(runner.submit("1", name="m")).result.error
        runner.close()


class TestWithoutCopies:
    """As on macOS: the template imports nothing, and an interpreter starts anew."""

    def test_it_is_as_with_copies(self, make: Make, tmp_path: Path) -> None:
        runner = make(copies=False)
        code = "import os, sys\nprint(os.getcwd() in sys.path, os.getpid() == os.getpgrp(), 'pandas' in sys.modules)"
        assert done(runner.submit(code, name="m")).result.output == "True True True\n"
        failed = done(runner.submit("def model():\n    return 1 / 0\nmodel()", name="/Workspace/model"))
        assert 'File "/Workspace/model", line 2, in model' in failed.result.traceback
        assert done(runner.submit("import os\nos._exit(7)", name="m")).result.exit_code == 7
        sleeping = runner.submit("import time\ntime.sleep(60)", name="m")
        wait_until(lambda: sleeping.state is RunState.RUNNING)
        sleeping.cancel()
        assert done(sleeping).state is RunState.CANCELED
        runner.close()
        assert not list((tmp_path / "w").iterdir())
