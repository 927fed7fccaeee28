"""dbt as a command whose imports are done: half of what a short one takes.

A process imports dbt and its adapter once, and forks for each command: the fork gets the command's arguments, folder,
environment and output, and runs what the script `dbt` runs. Nothing of one command is left for the next. Tests of what
becomes of a process use the script itself, and `rwe build` starts `rwe.dbt_process`.
"""

from __future__ import annotations

import atexit
import functools
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any


def run(arguments: Sequence[str], cwd: Path, env: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """Run `dbt <arguments>`, with the code and the output that the script `dbt` gives."""
    with tempfile.TemporaryDirectory() as folder:
        outputs = [str(Path(folder) / name) for name in ("stdout", "stderr")]
        request = {"arguments": list(arguments), "cwd": str(cwd), "env": dict(env), "outputs": outputs}
        server = _server()
        assert server.stdin is not None
        assert server.stdout is not None
        server.stdin.write(json.dumps(request) + "\n")
        server.stdin.flush()
        answer = server.stdout.readline()
        assert answer, "the process that has dbt imported has ended"
        stdout, stderr = (Path(path).read_text(encoding="utf-8") for path in outputs)
    return subprocess.CompletedProcess(["dbt", *arguments], int(answer), stdout, stderr)


@functools.cache
def _server() -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
    )
    atexit.register(process.communicate)
    return process


def _serve() -> None:
    import dbt.adapters.databricks
    import dbt.cli.main  # noqa: F401

    from rwe.dbt_process import look_less

    look_less()
    answers = os.dup(sys.stdout.fileno())
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            _become(json.loads(line))
            return
        _, status = os.waitpid(child, 0)
        os.write(answers, f"{os.waitstatus_to_exitcode(status)}\n".encode())


def _become(request: dict[str, Any]) -> None:
    """Run the command, and end with its code."""
    from dbt.cli.main import cli

    for number, path in enumerate((os.devnull, *request["outputs"])):
        file = os.open(path, os.O_RDWR | os.O_CREAT)
        os.dup2(file, number)
        os.close(file)
    os.chdir(request["cwd"])
    os.environ.clear()
    os.environ.update(request["env"])
    sys.argv = ["dbt", *request["arguments"]]
    cli()


if __name__ == "__main__":
    _serve()
