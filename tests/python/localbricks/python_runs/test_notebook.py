"""Cells, magics, `dbutils` and libraries: what a Databricks notebook may contain."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from localbricks.python_runs.interpreter.cells import Cell, Magic, split_cells
from localbricks.python_runs.interpreter.requirements import RequirementNotSatisfied, check, pip_requirements
from localbricks.python_runs.run import PythonRun, RunState

Run = Callable[..., PythonRun]
SEPARATOR = "\n\n# COMMAND ----------\n\n"


class TestCells:
    @pytest.mark.parametrize(
        ("source", "cells"),
        [
            pytest.param("x = 1", [Cell((), "x = 1")], id="one"),
            pytest.param("", [], id="empty"),
            pytest.param("a\n# COMMAND ----------\nb", [Cell((), "a"), Cell((), "\n\nb")], id="two"),
            pytest.param("a\n# COMMAND -----\nb", [Cell((), "a\n# COMMAND -----\nb")], id="no separator"),
            pytest.param("%pip install p\nx", [Cell((Magic(1, "pip", "install p"),), "\nx")], id="magic and code"),
            pytest.param("# MAGIC %pip install p", [Cell((Magic(1, "pip", "install p"),), "\n")], id="source format"),
            pytest.param("# MAGIC %md\n# MAGIC # Title\n", [Cell((Magic(1, "md", ""),), "")], id="markdown"),
            pytest.param(
                "%pip install \\\n  p \\\n  q\nx",
                [Cell((Magic(1, "pip", "install  p  q"),), "\n\n\nx")],
                id="continued",
            ),
            pytest.param("x = (7\n% 4)", [Cell((), "x = (7\n% 4)")], id="modulo is no magic"),
        ],
    )
    def test_split(self, source: str, cells: list[Cell]) -> None:
        assert split_cells(source) == cells

    def test_line_numbers_are_those_of_the_notebook(self, run: Run) -> None:
        ended = run(f"# Databricks notebook source\nx = 1{SEPARATOR}def f():\n    boom()\n{SEPARATOR}f()")
        assert 'File "/Workspace/model", line 7, in f\n    boom()' in ended.result.traceback

    def test_a_failed_cell_is_the_last_one(self, run: Run) -> None:
        assert run(f"print(1){SEPARATOR}1 / 0{SEPARATOR}print(2)").result.output == "1\n"


class TestMagics:
    def test_as_the_adapter_sends_it(self, run: Run) -> None:
        """`notebook_scoped_libraries: true`."""
        restart = "dbutils.library.restartPython()"
        ended = run(f"%pip install -q pandas>=1 pyarrow{SEPARATOR}{restart}{SEPARATOR}print('model')")
        assert ended.state is RunState.SUCCEEDED
        first, second, third = ended.result.output.splitlines()
        assert first.startswith("Requirement already satisfied: pandas>=1 (")
        assert second.startswith("Requirement already satisfied: pyarrow (")
        assert third == "model"

    def test_missing_package(self, run: Run) -> None:
        ended = run(f"%pip install --index-url https://user:pw@index nothing-like-it 'pandas>999'{SEPARATOR}print(1)")
        assert ended.state is RunState.FAILED
        assert "nothing-like-it (not installed), pandas>999 (found " in ended.result.error
        assert "uv pip install --python" in ended.result.error
        assert "user:pw" not in ended.result.error
        assert ended.result.output == ""

    @pytest.mark.parametrize("magic", ["%sql select 1", "%sh ls", "%run ./other", "%scala 1"])
    def test_others_are_refused_by_name(self, run: Run, magic: str) -> None:
        error = run(f"# MAGIC {magic}").result.error
        assert magic.split()[0] in error
        assert "line 1" in error

    def test_restart_forgets_variables(self, run: Run) -> None:
        ended = run(f"x = 1\ndbutils.library.restartPython()\nprint('not reached'){SEPARATOR}print('x' in globals())")
        assert ended.result.output == "False\n"

    def test_libraries_of_a_job(self, run: Run) -> None:
        assert run("print(1)", libraries=["pandas"]).state is RunState.SUCCEEDED
        assert "nothing-like-it" in run("print(1)", libraries=["nothing-like-it==1"]).result.error


class TestRequirements:
    @pytest.mark.parametrize(
        ("arguments", "expected"),
        [
            ("install a b", ["a", "b"]),
            ("install -q --upgrade --index-url https://x 'a>=1,<2'", ["a>=1,<2"]),
            ("install a[b]==1 # why", ["a[b]==1"]),
        ],
    )
    def test_read(self, arguments: str, expected: list[str]) -> None:
        assert pip_requirements(arguments) == expected

    @pytest.mark.parametrize("arguments", ["uninstall a", "", "install -r file.txt", "install -e ."])
    def test_refused(self, arguments: str) -> None:
        with pytest.raises(RequirementNotSatisfied, match="installs nothing"):
            pip_requirements(arguments)

    @pytest.mark.parametrize(
        "requirement",
        ["pytest", "PyTest>1", "pytest; python_version > '3'", "nothing; python_version < '3'", "pyspark[connect]"],
    )
    def test_satisfied(self, requirement: str) -> None:
        assert len(check([requirement])) == 1

    @pytest.mark.parametrize(
        ("requirement", "why"),
        [
            ("pytest>999", "found"),
            ("nothing-like-it", "not installed"),
            ("git+https://host/x.git", "cannot|can be checked"),
            ("nothing_like_it-1.0-py3-none-any.whl", "not installed"),
        ],
    )
    def test_not_satisfied(self, requirement: str, why: str) -> None:
        with pytest.raises(RequirementNotSatisfied, match=why):
            check([requirement])


class TestDbutils:
    def test_exit(self, run: Run) -> None:
        ended = run(f"dbutils.notebook.exit('value'){SEPARATOR}print('not reached')")
        assert ended.state is RunState.SUCCEEDED
        assert ended.result.exit_value == "value"
        assert ended.result.output == ""

    def test_widgets(self, run: Run) -> None:
        code = "dbutils.widgets.text('a', '1')\ndbutils.widgets.text('b', '2')\nprint(dbutils.widgets.getAll())"
        assert run(code, parameters={"b": "given"}).result.output == "{'a': '1', 'b': 'given'}\n"

    @pytest.mark.parametrize(
        "call", ["dbutils.secrets.get('a', 'b')", "dbutils.notebook.run('x', 1)", "dbutils.fs.mount()"]
    )
    def test_refused_by_name(self, run: Run, call: str) -> None:
        error = run(call).result.error
        assert "not supported by localbricks" in error
        assert call.split("(")[0].rpartition(".")[0] in error

    def test_files_in_a_volume(self, run: Run, runs_folder: Path) -> None:
        (runs_folder / "volumes" / "s" / "v").mkdir(parents=True, exist_ok=True)
        code = (
            "p = '/Volumes/c/s/v/d'\ndbutils.fs.mkdirs(p)\ndbutils.fs.put(p + '/a.txt', 'text')\n"
            "print(dbutils.fs.ls(p)[0].path, dbutils.fs.head('dbfs:' + p + '/a.txt'))\n"
            "dbutils.fs.mv(p + '/a.txt', p + '/b.txt')\nprint([f.name for f in dbutils.fs.ls(p)])\n"
            "dbutils.fs.rm(p, True)\nprint(dbutils.fs.ls('/Volumes/c/s/v'))"
        )
        assert run(code).result.output == "/Volumes/c/s/v/d/a.txt text\n['b.txt']\n[]\n"

    def test_no_way_out_of_a_volume(self, run: Run) -> None:
        assert "no way out" in run("dbutils.fs.ls('/Volumes/c/s/v/../../../..')").result.error

    def test_open_on_a_volume_says_what_to_do(self, run: Run) -> None:
        ended = run("open('/Volumes/c/s/v/a.csv')")
        assert ended.result.error.startswith("FileNotFoundError")
        assert "dbutils.fs.local_path" in ended.result.traceback

    def test_display(self, run: Run) -> None:
        output = run("import pandas\ndisplay(pandas.DataFrame({'a': [1]}))\ndisplay('text')").result.output
        assert output == "   a\n0  1\ntext\n"
