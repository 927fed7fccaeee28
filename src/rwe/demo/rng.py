"""Random draws and identifiers that depend on names, not on order.

Every stream is seeded by the seed and the stream's name, so patient 7 is the same in a landing of
ten patients and of ten million, in any process and under any hash seed. In this room: draws and
UUIDs. Not here: what is drawn.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import date, timedelta
from hashlib import blake2b
from typing import TypeVar

T = TypeVar("T")


class Draws:
    """A stream of random draws, named by the seed and any number of words or numbers.

    It uses nothing of `random.Random` but `random()`, whose sequence Python promises to keep.
    """

    __slots__ = ("_random",)

    def __init__(self, seed: int, *stream: str | int) -> None:
        name = "/".join(map(str, (seed, *stream))).encode()
        self._random = random.Random(int.from_bytes(blake2b(name, digest_size=8).digest(), "big")).random

    def share(self) -> float:
        """A number from 0 (included) to 1 (excluded)."""
        return self._random()

    def chance(self, probability: float) -> bool:
        """True with the probability given."""
        return self._random() < probability

    def below(self, end: int) -> int:
        """A whole number from 0 to `end - 1`."""
        return int(self._random() * end)

    def between(self, first: int, last: int) -> int:
        """A whole number from `first` to `last`, both included."""
        return first + int(self._random() * (last - first + 1))

    def pick(self, items: Sequence[T]) -> T:
        """One of the items, each as likely."""
        return items[int(self._random() * len(items))]

    def day(self, first: date, last: date) -> date:
        """A day from `first` to `last`, both included."""
        return first + timedelta(days=self.below((last - first).days + 1))


def uuid(seed: int, *name: str | int) -> str:
    """The identifier of a named thing: 32 hexadecimal digits in the form of a UUID."""
    text = blake2b("/".join(map(str, (seed, *name))).encode(), digest_size=16).hexdigest()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
