"""sqlfluff's lint, with what it does again and again done once: `python tools/fluff.py lint …` takes what `sqlfluff lint …` takes.

Its jinja templater compiles all macros of the project anew for every file, and each of the four rules of layout brings a
file into sequence anew: together more than half of the time of a run. Only for `lint`: a fix changes the file that the next rule sees.
The workers of `--processes` import this file too, as the main module of their process.
"""

from __future__ import annotations

import gc
from typing import Any

from jinja2.sandbox import SandboxedEnvironment
from sqlfluff.cli.commands import cli
from sqlfluff.utils.reflow import ReflowSequence

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


_from_root = ReflowSequence.from_root
_sequence: list[Any] = []
"""The file that was brought into sequence last, its configuration and the sequence, which the rules do not change."""


def _from_root_once(root_segment: Any, config: Any) -> ReflowSequence:
    if not _sequence or _sequence[0] is not root_segment or _sequence[1] is not config:
        _sequence[:] = root_segment, config, _from_root(root_segment, config)
    return _sequence[2]


# A parsed file is a million objects that all stay to its end: looking at them again and again is a quarter of a run.
gc.set_threshold(200_000, 20, 100)
SandboxedEnvironment.compile = _compile_once  # type: ignore[assignment,method-assign]
ReflowSequence.from_root = _from_root_once  # type: ignore[assignment,method-assign]

if __name__ == "__main__":
    cli()
