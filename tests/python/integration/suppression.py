"""What is known of shares and of a market's concentration where amounts are hidden: the marts' rules, written a second time."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

Range = tuple[float, float]
"""The least and the most that a figure can be."""
LARGEST = 4


def share_bounds(amounts: Sequence[tuple[float, float | None]]) -> list[Range]:
    """Each competitor's share, of what it and the others sold at least and at most (None where that is not known)."""
    lowest = sum(low for low, _ in amounts)
    highest = sum(math.inf if high is None else high for _, high in amounts)
    found = []
    for low, high in amounts:
        least = 0.0 if math.isinf(highest) or high is None else _part(low, highest - high, 0.0)
        most = 1.0 if high is None else _part(high, lowest - low, 1.0)
        found.append((least, most))
    return found


def _part(own: float, others: float, of_nothing: float) -> float:
    return own / (own + others) if own + others else of_nothing


def hhi_bounds(shares: Sequence[Range]) -> Range:
    """The sum of squared shares in percent: no market is less concentrated than equal shares, none more than one alone."""
    least, most = (sum((100 * one[side]) ** 2 for one in shares) for side in (0, 1))
    return max(least, 10_000 / len(shares)), min(most, 10_000)


def cr4_bounds(shares: Sequence[Range]) -> Range:
    """What the four largest have together."""
    least, most = (largest(one[side] for one in shares) for side in (0, 1))
    return least, min(most, 1)


def largest(shares: Iterable[float]) -> float:
    """The four largest shares together."""
    return sum(sorted(shares, reverse=True)[:LARGEST])
