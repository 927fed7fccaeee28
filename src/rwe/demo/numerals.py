"""Whole numbers of the smallest unit as decimals, the way files have them."""

from __future__ import annotations


def fixed(number: int, places: int) -> str:
    """A whole number of the smallest unit as a decimal: `fixed(1250, 2)` is `12.50`."""
    unit = 10**places
    return f"{number // unit}.{number % unit:0{places}d}"


def plain(number: int, places: int) -> str:
    """As `fixed`, without the zeros at the end: `plain(1250, 2)` is `12.5`."""
    return fixed(number, places).rstrip("0").rstrip(".")
