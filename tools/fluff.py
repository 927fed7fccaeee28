"""sqlfluff with each macro compiled once: `python tools/fluff.py lint …` takes what `sqlfluff lint …` takes.

sqlfluff's jinja templater compiles all macros of the project anew for every file, which is half of the time of a run.
The workers of `--processes` import this file too, as the main module of their process.
"""

from __future__ import annotations

from typing import Any

from jinja2.sandbox import SandboxedEnvironment
from sqlfluff.cli.commands import cli

_compile = SandboxedEnvironment.compile
_compiled: dict[str, Any] = {}
"""By source: the jinja templater's environments of a run are alike, so they compile a source to the same."""


def _compile_once(self: SandboxedEnvironment, source: Any, *rest: Any, **options: Any) -> Any:
    # dbt's templater has environments of its own kinds, which compile one source to different code.
    if type(self) is not SandboxedEnvironment or not isinstance(source, str) or options.get("raw"):
        return _compile(self, source, *rest, **options)
    if source not in _compiled:
        _compiled[source] = _compile(self, source, *rest, **options)
    return _compiled[source]


SandboxedEnvironment.compile = _compile_once  # type: ignore[assignment,method-assign]

if __name__ == "__main__":
    cli()
