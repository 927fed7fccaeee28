"""Patterns that mean the same in Java and in Python pass, all others are refused."""

from __future__ import annotations

import pytest

from rwe.feeds.patterns import problem_of


@pytest.mark.parametrize(
    "pattern",
    [
        "^[0-9A-Z]{11}([0-9A-Z]{4})?$",
        "^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$",
        r"^\d+(?:\.\d{1,2})?$",
        r"^[^,;\]\[]+$",
        "^(?=a)(?!b)(?<=c)(?<!d).*$",
        r"^\{x\}$",
        "^[{}]$",
        "^a{2,}b*?c+$",
    ],
)
def test_portable(pattern: str) -> None:
    assert problem_of(pattern) is None


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        ("[0-9]+", "must begin with ^ and end with $"),
        (r"^a\$", "must begin with ^ and end with $"),
        ("^(a$", "does not compile"),
        ("^(?P<year>[0-9]{4})$", "groups allowed"),
        ("^(?i)a$", "does not compile"),
        ("^(?#note)a$", "groups allowed"),
        (r"^a\Z$", r"escape \Z"),
        (r"^\bword\b$", r"escape \b"),
        (r"^\v$", r"escape \v"),
        (r"^\p{L}$", "does not compile"),
        ("^[a-z&&[aeiou]]$", "set operation in Java"),
        ("^[a[b]$", "set operation in Java"),
        ("^a{,3}$", "needs a backslash"),
        ("^a{$", "needs a backslash"),
        ("^[]a]$", "needs a backslash"),
        ("^[^]a]$", "needs a backslash"),
    ],
)
@pytest.mark.filterwarnings("ignore::FutureWarning")
def test_not_portable(pattern: str, words: str) -> None:
    assert words in (problem_of(pattern) or "")
