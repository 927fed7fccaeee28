"""The size of the engine: what the machine has, and what `LOCALBRICKS_MEMORY` and `LOCALBRICKS_CORES` may say."""

from __future__ import annotations

import re
from pathlib import Path

import psutil

from localbricks.errors import LocalbricksError

LEAST = 600 * 1024**2
"""Spark refuses a heap below 450 MiB, and works with none."""
_SIZE = re.compile(r"(\d+)([mg])", re.IGNORECASE)
_LIMITS = (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"))


def machine_memory() -> int:
    """Bytes of memory that processes here may have: the machine's, or the container's limit where it is lower."""
    total = int(psutil.virtual_memory().total)
    for path in _LIMITS:
        try:
            text = path.read_text(encoding="ascii").strip()
        except OSError:
            continue
        if text.isdigit():
            return min(total, int(text))
    return total


def heap_bytes(setting: str) -> int:
    """The bytes of a heap that is written as `1500m` or `3g`.

    Raises:
        LocalbricksError: it is not written so, too small for Spark, or larger than the machine.
    """
    found = _SIZE.fullmatch(setting.strip())
    if not found:
        raise LocalbricksError(f"LOCALBRICKS_MEMORY is {setting!r}, expected a size such as 1500m or 3g.")
    size = int(found.group(1)) * 1024 ** (2 if found.group(2).lower() == "m" else 3)
    if size < LEAST:
        raise LocalbricksError(f"LOCALBRICKS_MEMORY is {setting}; Spark needs at least {LEAST // 1024**2}m.")
    machine = machine_memory()
    if size > machine:
        raise LocalbricksError(
            f"LOCALBRICKS_MEMORY is {setting}, and this machine has {machine // 1024**2}m. "
            "Set it to at most half of that: the server and Python models need memory too."
        )
    return size


def core_count(setting: str, machine: int) -> int:
    """The number of cores that `LOCALBRICKS_CORES` says; `machine` where it is empty or 0.

    Raises:
        LocalbricksError: it is no whole number from 0 to 1024.
    """
    text = setting.strip() or "0"
    if not text.isdigit() or int(text) > 1024:
        raise LocalbricksError(f"LOCALBRICKS_CORES is {setting!r}, expected a whole number, 0 for all {machine} cores.")
    return int(text) or machine
