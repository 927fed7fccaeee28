"""Which regular expressions mean the same in Python and in Java.

Contracts are checked in Python and applied by Spark, which is Java. This module refuses every
construct that only one of the two knows or that they read differently. Source: the documentation of
Python's `re` and of `java.util.regex.Pattern`.
"""

from __future__ import annotations

import re

_GROUPS = ("(?:", "(?=", "(?!", "(?<=", "(?<!")
_ESCAPES = frozenset("dDsSwWtnrf")
_QUANTIFIER = re.compile(r"\{[0-9]+(,[0-9]*)?\}")


def problem_of(pattern: str) -> str | None:
    """Say in words why a pattern is not portable, or None when it is."""
    if not (pattern.startswith("^") and pattern.endswith("$") and not pattern.endswith("\\$")):
        return "it must begin with ^ and end with $, so that it speaks of the whole value"
    try:
        re.compile(pattern, re.ASCII)
    except re.error as error:
        return f"it does not compile: {error}"
    return _scan(pattern)


def _scan(pattern: str) -> str | None:
    position, in_class = 0, False
    while position < len(pattern):
        rest = pattern[position:]
        character = rest[0]
        step = 1
        if character == "\\":
            if rest[1].isalnum() and rest[1] not in _ESCAPES:
                return f"the escape \\{rest[1]} is not the same in Java and in Python"
            step = 2
        elif in_class:
            if character == "[" or rest.startswith(("&&", "--", "~~", "||")):
                return f"{rest[:2]!r} inside a character class is a set operation in Java"
            in_class = character != "]"
        elif character == "[":
            in_class = True
            step = 2 if rest.startswith("[^") else 1
            if pattern[position + step : position + step + 1] == "]":
                return "a ] directly after [ needs a backslash"
        elif rest.startswith("(?") and not rest.startswith(_GROUPS):
            return f"{rest[:3]!r} is not among the groups allowed: {' '.join(_GROUPS)}"
        elif character == "{":
            quantifier = _QUANTIFIER.match(rest)
            if not quantifier:
                return "a { that is no {m}, {m,} or {m,n} needs a backslash"
            step = quantifier.end()
        position += step
    return None
