"""Runs one source, cell by cell, in the namespace of `__main__`."""

from __future__ import annotations

import ast
import builtins
import linecache
import sys
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

from . import requirements
from .cells import Cell, Magic, split_cells
from .dbutils import DbUtils, NotebookExit, RestartPython, display
from .engine import Engine


class UnsupportedMagic(NotImplementedError):
    """A magic that localbricks does not serve."""

    __module__ = "localbricks"


class Notebook:
    """The state that sources of one context share."""

    def __init__(self, engine: Engine, resolve_volume: Callable[[str], Path]) -> None:
        self._engine = engine
        self._resolve_volume = resolve_volume
        self._namespace: dict[str, Any] = {}
        self._reset()

    def run(self, source: str, name: str, libraries: list[str], parameters: dict[str, str]) -> str | None:
        """Run a source to its end; the value of `dbutils.notebook.exit`, None where it was not called.

        Raises:
            BaseException: whatever the source raises.
        """
        sys.argv = [name]
        # No time of modification: linecache then keeps the text and looks for no file.
        linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
        if libraries:
            requirements.check(libraries)
        self._provide(source, parameters)
        try:
            for cell in split_cells(source):
                try:
                    self._run_cell(cell, name)
                except RestartPython:
                    self._restart(source, parameters)
        except NotebookExit as end:
            return end.value
        except SystemExit as end:
            if end.code not in (None, 0):
                raise
        return None

    def _reset(self) -> None:
        """A new, empty `__main__`."""
        module = types.ModuleType("__main__")
        # Functions defined here reach Spark's workers by value, because cloudpickle knows `__main__`.
        sys.modules["__main__"] = module
        self._namespace = module.__dict__
        self._namespace["__builtins__"] = builtins

    def _provide(self, source: str, parameters: dict[str, str]) -> None:
        """The globals that a Databricks notebook has. Code without a word of Spark needs no engine."""
        self._namespace["dbutils"] = DbUtils(parameters, self._resolve_volume)
        self._namespace["display"] = display
        self._namespace["displayHTML"] = print
        if "spark" in source.lower():
            self._namespace["spark"] = self._engine.session()

    def _restart(self, source: str, parameters: dict[str, str]) -> None:
        """As after a restart: variables are gone. Packages cannot have changed, so modules may stay."""
        self._reset()
        self._provide(source, parameters)

    def _run_cell(self, cell: Cell, name: str) -> None:
        for magic in cell.magics:
            _run_magic(magic, name)
        tree = cast(ast.Module, compile(cell.code, name, "exec", ast.PyCF_ONLY_AST, dont_inherit=True))
        last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
        exec(compile(tree, name, "exec", dont_inherit=True), self._namespace)
        if last is not None:
            # As in a notebook, the value of a cell's last expression is shown.
            shown = ast.Interactive([last])
            exec(compile(shown, name, "single", dont_inherit=True), self._namespace)


def _run_magic(magic: Magic, name: str) -> None:
    if magic.name == "pip":
        for line in requirements.check(requirements.pip_requirements(magic.arguments)):
            print(f"Requirement already satisfied: {line}")
    elif magic.name == "restart_python":
        raise RestartPython
    elif magic.name not in ("md", "python"):
        raise UnsupportedMagic(
            f"%{magic.name} in line {magic.line} of {name}: localbricks runs Python cells, %pip install, "
            "%restart_python and %md. Write it in Python, for example spark.sql(…)."
        )
