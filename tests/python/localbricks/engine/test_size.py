"""What the settings of the engine's size may say."""

from __future__ import annotations

from pathlib import Path

import pytest

from localbricks.engine import size
from localbricks.engine.jvm import EngineOptions
from localbricks.engine.size import core_count, heap_bytes, machine_memory
from localbricks.errors import LocalbricksError


@pytest.mark.parametrize(("text", "expected"), [("1500m", 1500 * 1024**2), ("2g", 2 * 1024**3), (" 1G ", 1024**3)])
def test_a_heap(text: str, expected: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(size, "machine_memory", lambda: 8 * 1024**3)
    assert heap_bytes(text) == expected


@pytest.mark.parametrize("text", ["3", "3 g", "3gb", "-1g", "1.5g", "three", "3g -Dx=y"])
def test_what_is_no_size(text: str) -> None:
    with pytest.raises(LocalbricksError, match=r"expected a size such as 1500m or 3g"):
        heap_bytes(text)


def test_too_small_and_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(size, "machine_memory", lambda: 2 * 1024**3)
    with pytest.raises(LocalbricksError, match=r"is 599m; Spark needs at least 600m"):
        heap_bytes("599m")
    with pytest.raises(LocalbricksError, match=r"is 3g, and this machine has 2048m.*at most half"):
        heap_bytes("3g")


def test_a_container_has_what_its_limit_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    limit = tmp_path / "memory.max"
    monkeypatch.setattr(size, "_LIMITS", (tmp_path / "absent", limit))
    limit.write_text("max\n")
    whole = machine_memory()
    limit.write_text("1073741824\n")
    assert machine_memory() == 1024**3 < whole


def test_cores() -> None:
    assert [core_count(text, 4) for text in ("", "0", "1", "16")] == [4, 4, 1, 16]
    for text in ("-1", "two", "1.5", "100000"):
        with pytest.raises(LocalbricksError, match=r"LOCALBRICKS_CORES is .* expected a whole number"):
            core_count(text, 4)


def test_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOCALBRICKS_MEMORY", "700m")
    monkeypatch.setenv("LOCALBRICKS_CORES", "3")
    assert EngineOptions.from_environment() == EngineOptions("700m", 3)
    monkeypatch.setenv("LOCALBRICKS_MEMORY", "700")
    with pytest.raises(LocalbricksError):
        EngineOptions.from_environment()
