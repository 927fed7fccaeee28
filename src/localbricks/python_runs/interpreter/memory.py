"""How much memory an interpreter may have: a source that wants more gets a MemoryError at the line that asked.

Without a limit Linux would choose what it ends when the machine has no more, and that may be somebody else.
"""

from __future__ import annotations

import contextlib
import os
import re
import resource

VARIABLE = "LOCALBRICKS_PYTHON_MEMORY"
_UNITS = {"": 1, "k": 2**10, "m": 2**20, "g": 2**30}


def limit_memory() -> None:
    """Limit this process and those it starts to `LOCALBRICKS_PYTHON_MEMORY`, by default half of the machine's."""
    size = wanted()
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    # Not every system has the limit, and none lets it be raised above the hard one.
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_DATA, (size, hard))


def wanted() -> int:
    """Bytes, from a text such as `4g`.

    Raises:
        ValueError: for a text that is no size.
    """
    text = os.environ.get(VARIABLE)
    if not text:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2
    found = re.fullmatch(r"(\d+)([kmg]?)b?", text.strip().lower())
    if not found:
        raise ValueError(f"{VARIABLE}={text!r} is no size: expected for example 4g or 800m.")
    return int(found.group(1)) * _UNITS[found.group(2)]


def limit() -> int:
    """Bytes that this process may have; negative without a limit."""
    return resource.getrlimit(resource.RLIMIT_DATA)[0]
