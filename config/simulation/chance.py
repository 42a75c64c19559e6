"""Chance without surprise: every throw is named, and the same seed and name give the same throw, in any process and order."""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from itertools import accumulate
from random import Random
from typing import TypeVar

T = TypeVar("T")
_SPAN = float(1 << 64)


@dataclass(frozen=True, slots=True)
class Chance:
    """The throws of one simulation. A throw is named by words such as ("pays", order 17): no state, so a broken run can go on."""

    seed: int

    def share(self, *words: object) -> float:
        """A number from 0 up to, but without, 1."""
        told = "|".join(map(str, (self.seed, *words)))
        return int.from_bytes(blake2b(told.encode(), digest_size=8).digest(), "big") / _SPAN

    def happens(self, likely: float, *words: object) -> bool:
        """Whether something of this likelihood happens."""
        return self.share(*words) < likely

    def between(self, low: int, high: int, *words: object) -> int:
        """A whole number from low to high, both included."""
        return low + int(self.share(*words) * (high - low + 1))

    def count(self, expected: float, *words: object) -> int:
        """A whole number that comes to ``expected`` on average."""
        return int(expected + self.share(*words))

    def pick(self, options: Sequence[T], *words: object) -> T:
        """One of them, all alike."""
        return options[int(self.share(*words) * len(options))]

    def weighted(self, options: Sequence[T], weights: Sequence[float], *words: object) -> T:
        """One of them by weight; at least one weight is above zero."""
        sums = list(accumulate(weights))
        mark = self.share(*words) * sums[-1]
        return next((option for option, until in zip(options, sums, strict=True) if mark < until), options[-1])

    def dice(self, *words: object) -> Random:
        """Dice of its own for many throws in a fixed order."""
        return Random(f"{self.seed}|{'|'.join(map(str, words))}")
