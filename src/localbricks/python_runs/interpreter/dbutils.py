"""`dbutils` and `display`, as far as they mean something on one machine; the rest is refused by name."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_OTHER_SCHEMES = ("abfss:", "abfs:", "wasbs:", "s3:", "s3a:", "gs:", "adl:")


class NotebookExit(BaseException):
    """`dbutils.notebook.exit(value)`: the source ends here, successfully."""

    def __init__(self, value: str) -> None:
        super().__init__(value)
        self.value = value


class RestartPython(BaseException):
    """`dbutils.library.restartPython()`: the cell ends here, and every variable is forgotten."""


@dataclass(frozen=True)
class FileInfo:
    """One entry of `dbutils.fs.ls`."""

    path: str
    name: str
    """With a slash at the end for a folder."""
    size: int
    """Bytes."""
    modificationTime: int
    """Milliseconds since 1970."""

    def isDir(self) -> bool:
        """Whether it is a folder."""
        return self.name.endswith("/")

    def isFile(self) -> bool:
        """Whether it is a file."""
        return not self.isDir()


class _Refusing:
    """Answers every unknown name with what is not supported."""

    _name = "dbutils"

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        raise NotImplementedError(f"{self._name}.{name} is not supported by localbricks.")


class _Library(_Refusing):
    _name = "dbutils.library"

    def restartPython(self) -> None:
        raise RestartPython


class _Notebook(_Refusing):
    _name = "dbutils.notebook"

    def exit(self, value: object) -> None:
        raise NotebookExit(str(value))


class _Widgets(_Refusing):
    """Parameters of the run; a widget's default holds where the run has none."""

    _name = "dbutils.widgets"

    def __init__(self, parameters: dict[str, str]) -> None:
        self._parameters = parameters
        self._defaults: dict[str, str] = {}

    def text(self, name: str, defaultValue: str, label: str | None = None) -> None:
        self._defaults[name] = defaultValue

    def dropdown(self, name: str, defaultValue: str, choices: object, label: str | None = None) -> None:
        self._defaults[name] = defaultValue

    combobox = multiselect = dropdown

    def get(self, name: str) -> str:
        values = self.getAll()
        if name not in values:
            raise KeyError(f"No widget and no parameter named {name!r}; there are: {sorted(values)}.")
        return values[name]

    def getAll(self) -> dict[str, str]:
        return {**self._defaults, **self._parameters}


class _Files(_Refusing):
    """Files in volumes (`/Volumes/…`) and on this machine (`file:/…`)."""

    _name = "dbutils.fs"

    def __init__(self, resolve: Callable[[str], Path]) -> None:
        self._resolve = resolve

    def local_path(self, path: str) -> str:
        """The path on this machine behind `path`. Databricks has no such function: there, `path` itself works."""
        for prefix in ("dbfs:/Volumes/", "/Volumes/"):
            if path.startswith(prefix):
                return str(self._resolve("/Volumes/" + path.removeprefix(prefix)))
        if path.startswith("file:/"):
            return "/" + path.removeprefix("file:").lstrip("/")
        if path.startswith(_OTHER_SCHEMES) or path.startswith("dbfs:"):
            raise NotImplementedError(f"{path}: localbricks has no cloud storage and no DBFS root; use /Volumes/….")
        raise ValueError(f"{path}: expected /Volumes/<catalog>/<schema>/<volume>/… or file:/….")

    def ls(self, path: str) -> list[FileInfo]:
        folder = Path(self.local_path(path))
        entries = sorted(folder.iterdir()) if folder.is_dir() else [folder]
        return [self._info(path, entry, folder) for entry in entries]

    @staticmethod
    def _info(path: str, entry: Path, folder: Path) -> FileInfo:
        status = entry.stat()
        is_folder = entry.is_dir()
        shown = path if entry == folder else f"{path.rstrip('/')}/{entry.name}"
        slash = "/" if is_folder else ""
        size = 0 if is_folder else status.st_size
        return FileInfo(shown + slash, entry.name + slash, size, int(status.st_mtime * 1000))

    def head(self, path: str, maxBytes: int = 65536) -> str:
        with Path(self.local_path(path)).open("rb") as stream:
            return stream.read(maxBytes).decode("utf-8", "replace")

    def put(self, path: str, contents: str, overwrite: bool = False) -> bool:
        target = Path(self.local_path(path))
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("w" if overwrite else "x", encoding="utf-8", newline="") as stream:
            stream.write(contents)
        return True

    def mkdirs(self, path: str) -> bool:
        Path(self.local_path(path)).mkdir(parents=True, exist_ok=True)
        return True

    def rm(self, path: str, recurse: bool = False) -> bool:
        target = Path(self.local_path(path))
        if not target.exists():
            return False
        if not target.is_dir():
            target.unlink()
        elif recurse:
            shutil.rmtree(target)
        else:
            target.rmdir()
        return True

    def cp(self, source: str, target: str, recurse: bool = False) -> bool:
        here, there = Path(self.local_path(source)), Path(self.local_path(target))
        if here.is_dir():
            if not recurse:
                raise IsADirectoryError(f"{source} is a folder: pass recurse=True.")
            shutil.copytree(here, there, dirs_exist_ok=True)
        else:
            there = there / here.name if there.is_dir() else there
            there.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(here, there)
        return True

    def mv(self, source: str, target: str, recurse: bool = False) -> bool:
        self.cp(source, target, recurse)
        return self.rm(source, recurse)


class DbUtils(_Refusing):
    """The object that notebooks know as `dbutils`."""

    def __init__(self, parameters: dict[str, str], resolve_volume: Callable[[str], Path]) -> None:
        self.library = _Library()
        self.notebook = _Notebook()
        self.widgets = _Widgets(parameters)
        self.fs = _Files(resolve_volume)


def display(value: Any = None, *_: Any, **__: Any) -> None:
    """Print what a notebook would draw: twenty rows of a DataFrame, anything else as text."""
    if hasattr(value, "show") and hasattr(value, "schema"):
        value.show(20, False)
    elif hasattr(value, "to_string"):
        print(value.to_string(max_rows=20))
    else:
        print(value)
