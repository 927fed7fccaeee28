"""What a run gives back, and what it cannot do to others."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from processes import is_gone
from waiting import wait_until

from localbricks.python_runs import context as context_module
from localbricks.python_runs.run import PythonRun, RunState
from localbricks.python_runs.runner import PythonRunner

Run = Callable[..., PythonRun]


def _works_in(process: psutil.Process, folder: Path) -> bool:
    """Whether a process runs in a folder; one that has ended has none."""
    try:
        return str(folder) in process.cwd()
    except (psutil.NoSuchProcess, psutil.ZombieProcess):
        return False


class TestResult:
    def test_output_and_last_value(self, run: Run) -> None:
        ended = run("print('hello')\n2 + 2")
        assert ended.state is RunState.SUCCEEDED
        assert ended.result.output == "hello\n4\n"
        assert ended.result.error is None
        assert ended.result.started_at <= ended.result.ended_at

    def test_stderr_and_output_of_children_are_there_in_order(self, run: Run) -> None:
        code = "import subprocess, sys\nprint(1)\nprint(2, file=sys.stderr)\nsubprocess.run(['echo', '3'])\nprint(4)"
        assert run(code).result.output == "1\n2\n3\n4\n"

    def test_error_shows_the_lines_of_the_model(self, run: Run) -> None:
        ended = run("def model():\n    return 1 / 0  # here\n\nmodel()")
        assert ended.state is RunState.FAILED
        assert ended.result.error == "ZeroDivisionError: division by zero"
        assert ended.result.traceback.splitlines() == [
            "Traceback (most recent call last):",
            '  File "/Workspace/model", line 4, in <module>',
            "    model()",
            '  File "/Workspace/model", line 2, in model',
            "    return 1 / 0  # here",
            "           ~~^~~",
            "ZeroDivisionError: division by zero",
        ]

    def test_causes_are_shown_without_frames_of_the_runner(self, run: Run) -> None:
        code = "try:\n    int('x')\nexcept ValueError as error:\n    raise RuntimeError('no') from error"
        trace = run(code).result.traceback
        assert "direct cause" in trace
        assert "ValueError: invalid literal" in trace
        assert "interpreter" not in trace

    def test_syntax_error_names_the_line(self, run: Run) -> None:
        ended = run("x = 1\ny = (\n")
        assert ended.result.error.startswith("SyntaxError: '(' was never closed")
        assert 'File "/Workspace/model", line 2' in ended.result.traceback
        assert "y = (" in ended.result.traceback

    @pytest.mark.parametrize(("code", "state"), [("0", RunState.SUCCEEDED), ("3", RunState.FAILED)])
    def test_sys_exit(self, run: Run, code: str, state: RunState) -> None:
        assert run(f"import sys\nsys.exit({code})").state is state

    def test_long_output_is_bounded(self, run: Run) -> None:
        ended = run("for n in range(200_000):\n    print(n, 'x' * 20)")
        assert ended.state is RunState.SUCCEEDED
        assert ended.result.output_truncated
        assert len(ended.result.output) < 1_000_000
        assert ended.result.output.startswith("0 xx")
        assert ended.result.output.endswith("199999 " + "x" * 20 + "\n")
        assert "bytes of output left out" in ended.result.output

    def test_output_that_is_not_text(self, run: Run) -> None:
        ended = run("import os\nos.write(1, bytes([0xff, 0xfe]))\nprint('\\ud800'.encode('utf-8', 'surrogatepass'))")
        assert ended.result.output.encode("utf-8")

    def test_the_error_can_be_written_as_utf8(self, run: Run) -> None:
        assert "ValueError" in run("raise ValueError('\\ud800')").result.traceback.encode("utf-8").decode()

    def test_log_has_output_and_traceback(self, run: Run, runs_folder: Path) -> None:
        ended = run("print('to the log')\n1 / 0")
        log = (runs_folder / "logs" / f"run-{ended.id}.log").read_text()
        assert "to the log" in log
        assert "ZeroDivisionError" in log


class TestIsolation:
    def test_every_run_is_a_fresh_process(self, run: Run) -> None:
        code = "import os, sys, pandas\nprint(os.getpid())\nprint(hasattr(pandas, 'spoiled'))\npandas.spoiled = True"
        first, second = run(code).result.output.split(), run(code).result.output.split()
        assert first[0] != second[0]
        assert first[1] == second[1] == "False"

    def test_the_working_directory_is_the_run_s_own(self, run: Run) -> None:
        code = "import os\nopen('a.txt', 'w').close()\nprint(os.getcwd(), os.listdir())"
        first, second = run(code).result.output, run(code).result.output
        assert first != second
        assert "['a.txt']" in first
        assert "['a.txt']" in second

    def test_an_edited_module_is_read_again(self, run: Run, tmp_path: Path) -> None:
        code = f"import sys\nsys.path.insert(0, {str(tmp_path)!r})\nimport helper\nprint(helper.value)"
        module = tmp_path / "helper.py"
        for value in "ab":
            module.write_text(f"value = {value!r}\n")
            os.utime(module, (1_000_000_000, 1_000_000_000))
            assert run(code).result.output == f"{value}\n"

    def test_the_server_s_python_settings_do_not_leak(
        self, run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        monkeypatch.setenv("PYTHONPATH", str(tmp_path))
        monkeypatch.setenv("DATABRICKS_TOKEN", "of-a-real-workspace")
        code = "import os, sys\nprint(sorted(os.environ))\nprint(sys.path)"
        output = run(code).result.output
        assert str(tmp_path) not in output
        assert "DATABRICKS_TOKEN" not in output
        checkout = str(Path(context_module.__file__).parents[2])
        assert checkout not in output or checkout in sys.path

    def test_main_holds_the_model_s_functions(self, run: Run) -> None:
        code = "import __main__\ndef f(): pass\nprint(f.__module__, __main__.f is f, __name__)"
        assert run(code).result.output == "__main__ True __main__\n"

    def test_several_at_once(self, runner: PythonRunner) -> None:
        runs = [runner.submit(f"import time\ntime.sleep(0.3)\nprint({n})", name="m") for n in range(5)]
        assert all(one.wait(60) for one in runs)
        assert [one.result.output for one in runs] == [f"{n}\n" for n in range(5)]


class TestSuddenEnd:
    def test_exit_of_the_process(self, run: Run) -> None:
        ended = run("import os\nprint('so far')\nos._exit(7)")
        assert ended.state is RunState.FAILED
        assert ended.result.exit_code == 7
        assert "exit code 7" in ended.result.error
        assert ended.result.output == "so far\n"

    def test_too_much_memory(self, run: Run) -> None:
        """Not touched, so that a machine without the limit is not harmed either."""
        code = "import resource\nlimit = resource.getrlimit(resource.RLIMIT_DATA)[0]\nkept = bytearray(limit)"
        made = run(code)
        assert made.state is RunState.FAILED
        assert made.result is not None and made.result.traceback is not None
        assert made.result.error == "MemoryError"
        assert "line 3" in made.result.traceback
        assert "LOCALBRICKS_PYTHON_MEMORY" in made.result.traceback

    def test_kill(self, run: Run) -> None:
        ended = run("import os\nos.kill(os.getpid(), 9)")
        assert ended.result.exit_code == -9
        assert "out of memory" in ended.result.error

    def test_crash_names_the_line(self, run: Run) -> None:
        ended = run("import ctypes\ndef crash():\n    ctypes.string_at(0)\ncrash()")
        assert "SIGSEGV" in ended.result.error
        assert 'File "/Workspace/model", line 3 in crash' in ended.result.traceback
        assert "interpreter" not in ended.result.traceback.replace("interpreter was", "")

    def test_the_next_run_is_well(self, run: Run) -> None:
        run("import os\nos._exit(1)")
        assert run("print('well')").result.output == "well\n"

    def test_interpreter_that_cannot_start(self, tmp_path: Path) -> None:
        runner = PythonRunner(lambda: "", python="/nonexistent/python", work_dir=tmp_path / "w", log_dir=tmp_path / "l")
        started = runner.submit("1", name="m")
        assert started.wait(60)
        assert "/nonexistent/python" in started.result.error
        runner.close()


class TestEnding:
    def test_cancel(self, runner: PythonRunner) -> None:
        started = runner.submit("import time\nprint('begun')\ntime.sleep(60)", name="m")
        wait_until(lambda: started.state is RunState.RUNNING)
        started.cancel()
        assert started.wait(60)
        assert started.state is RunState.CANCELED

    def test_cancel_before_the_start(self, runner: PythonRunner) -> None:
        context = runner.create_context()
        first = context.execute("import time\ntime.sleep(60)", name="m")
        second = context.execute("print('never')", name="m")
        second.cancel()
        assert second.wait(60)
        assert second.state is RunState.CANCELED
        context.close().result(20)
        assert first.state is RunState.CANCELED

    def test_timeout(self, run: Run) -> None:
        ended = run("import time\ntime.sleep(60)", timeout=0.3)
        assert ended.state is RunState.TIMEDOUT
        assert "0.3 seconds" in ended.result.error
        assert "time.sleep(60)" in ended.result.traceback

    def test_code_that_does_not_listen_is_ended(self, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(context_module, "INTERRUPT_GRACE", 0.3)
        code = (
            "import signal, time\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\n"
            "signal.signal(signal.SIGTERM, signal.SIG_IGN)\ntime.sleep(60)"
        )
        ended = run(code, timeout=0.3)
        assert ended.state is RunState.TIMEDOUT
        assert ended.result.exit_code == -signal.SIGKILL

    def test_children_of_the_model_end_with_it(self, run: Run) -> None:
        ended = run("import subprocess\nprint(subprocess.Popen(['sleep', '300']).pid)")
        pid = int(ended.result.output)
        wait_until(lambda: is_gone(pid))

    def test_abort_fails_with_the_reason(self, tmp_path: Path) -> None:
        runner = PythonRunner(lambda: "", work_dir=tmp_path / "w", log_dir=tmp_path / "l")
        started = runner.submit("import time\ntime.sleep(60)", name="m")
        wait_until(lambda: started.state is RunState.RUNNING)
        runner.abort("The engine ended.")
        assert started.wait(60)
        assert started.state is RunState.FAILED
        assert started.result.error == "The engine ended."
        runner.close()

    def test_close_ends_everything(self, tmp_path: Path) -> None:
        runner = PythonRunner(lambda: "", work_dir=tmp_path / "w", log_dir=tmp_path / "l")
        started = runner.submit("import time\ntime.sleep(60)", name="m")
        wait_until(lambda: started.state is RunState.RUNNING)
        mine = [child for child in psutil.Process().children(recursive=True) if _works_in(child, tmp_path)]
        assert mine
        runner.close()
        assert started.state is RunState.CANCELED
        assert not [child for child in mine if child.is_running() and child.status() != psutil.STATUS_ZOMBIE]
        with pytest.raises(RuntimeError, match="closed"):
            runner.submit("1", name="m")

    def test_interpreters_die_with_a_killed_server(self, tmp_path: Path) -> None:
        """Also one that is busy inside C code and cannot see the socket close."""
        server = tmp_path / "server.py"
        server.write_text(
            "import sys, time\nfrom pathlib import Path\nfrom localbricks.python_runs.runner import PythonRunner\n"
            "folder = Path(sys.argv[1])\n"
            "runner = PythonRunner(lambda: '', work_dir=folder / 'w', log_dir=folder / 'l')\n"
            'code = f\'import os, re\\nopen({str(folder / "pid")!r}, "w").write(str(os.getpid()))\\n\'\n'
            'code += \'re.match(r"(a+)+$", "a" * 40 + "b")\'\n'
            "run = runner.submit(code, name='m')\nrun.wait()\n"
        )
        source = str(Path(context_module.__file__).parents[2])
        process = subprocess.Popen([sys.executable, str(server), str(tmp_path)], env={"PYTHONPATH": source})
        pid_file = tmp_path / "pid"
        wait_until(lambda: pid_file.exists() and pid_file.read_text() != "", 40)
        pid = int(pid_file.read_text())
        process.kill()
        process.wait()
        wait_until(lambda: is_gone(pid))


class TestContext:
    def test_state_is_kept_between_commands(self, runner: PythonRunner) -> None:
        context = runner.create_context()
        context.ready.result(60)
        context.execute("x = 41", name="<command 1>")
        second = context.execute("x + 1", name="<command 2>")
        assert second.wait(30)
        assert second.result.output == "42\n"
        context.close().result(20)

    def test_an_error_and_a_cancel_leave_the_context_alive(self, runner: PythonRunner) -> None:
        context = runner.create_context()
        context.execute("x = 1\nraise ValueError('no')", name="<command 1>").wait(30)
        sleeping = context.execute("import time\ntime.sleep(60)", name="<command 2>")
        wait_until(lambda: sleeping.state is RunState.RUNNING)
        sleeping.cancel()
        assert sleeping.wait(10)
        third = context.execute("print(x)", name="<command 3>")
        assert third.wait(10)
        assert third.result.output == "1\n"
        context.close().result(20)

    def test_a_dead_context_says_so(self, runner: PythonRunner) -> None:
        context = runner.create_context()
        context.execute("import os\nos._exit(1)", name="<command 1>").wait(30)
        after = context.execute("1", name="<command 2>")
        assert after.wait(30)
        assert after.state is RunState.FAILED
        assert "process is gone" in after.result.error
        assert not context.is_open

    def test_a_function_of_an_earlier_command_shows_its_lines(self, runner: PythonRunner) -> None:
        context = runner.create_context()
        context.execute("def f():\n    raise KeyError('k')  # line of the first", name="<command 1>")
        second = context.execute("f()", name="<command 2>")
        assert second.wait(30)
        assert "# line of the first" in second.result.traceback
        context.close().result(20)


class TestEngine:
    def test_spark_without_an_engine(self, run: Run) -> None:
        ended = run("spark.range(3)")
        assert ended.result.error.endswith("the engine is not available: no engine in this test")

    def test_the_token_is_not_shown(self, tmp_path: Path) -> None:
        url = "sc://localhost:1/;token=0123456789secret;user_id=me"
        runner = PythonRunner(lambda: url, work_dir=tmp_path / "w", log_dir=tmp_path / "l")
        started = runner.submit(
            "import os\nprint(os.environ['SPARK_REMOTE'])\nraise ValueError('0123456789secret')", name="m"
        )
        assert started.wait(60)
        runner.close()
        shown = f"{started.result.output}{started.result.error}{started.result.traceback}"
        logged = "".join(log.read_text() for log in (tmp_path / "l").iterdir())
        assert "[token]" in shown
        assert "0123456789secret" not in shown + logged
