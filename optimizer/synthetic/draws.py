"""Reproducible random numbers: one stream for each column, and the distributions made of them.

Only what NumPy promises to keep is used: the seeding of `SeedSequence` and the raw numbers of `PCG64` (NEP 19). The
methods of its `Generator` may give other numbers in a later version. The elementary functions may differ in their last
bit between machines; every column is rounded far more coarsely than that, so the pools do not.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from optimizer.domain.exact import Floats, Ints

Numbers = NDArray[np.uint64]

# The position of a stream decides its numbers: append new ones, or every old pool changes.
STREAMS: Final = (
    "platform",
    "tier",
    "followers",
    "place",
    "niche",
    "rate",
    "views",
    "fakes",
    "home",
    "fee",
    "no rate",
    "no fee",
    "posts",
)
_HANDLES: Final = len(STREAMS) + 1000


class Draws:
    """The random numbers of one pool, one for each creator from each stream.

    A creator's numbers depend on the seed and on the row alone, so a larger pool begins with the smaller one.
    """

    def __init__(self, seed: int, size: int) -> None:
        self._seed, self._size = seed, size

    def uniform(self, stream: str) -> Floats:
        """Evenly spread, above 0 and below 1, shape (size,)."""
        raw = self._raw(STREAMS.index(stream), self._size)
        return ((raw >> np.uint64(12)).astype(np.float64) + 0.5) * 2.0**-52  # 52 bits and a half are exact

    def normal(self, stream: str) -> Floats:
        """With the standard normal distribution, shape (size,)."""
        return normal(self.uniform(stream))

    def keys(self, count: int) -> Numbers:
        """A few raw numbers for the handles, the same for all creators."""
        return self._raw(_HANDLES, count)

    def _raw(self, stream: int, count: int) -> Numbers:
        return np.random.PCG64(np.random.SeedSequence([self._seed, stream])).random_raw(count)


def normal(uniform: Floats) -> Floats:
    """The value of the standard normal distribution below which this share lies."""
    value: Floats = ndtri(uniform)
    return value


def choose(uniform: Floats, shares: Sequence[float]) -> Ints:
    """The positions of what is drawn, each as often as its share says; shares need not add up to 1."""
    edges = np.cumsum(np.asarray(shares, np.float64))
    return np.searchsorted(edges[:-1] / edges[-1], uniform, side="right").astype(np.int64)


def kumaraswamy(uniform: Floats, a: Floats, b: Floats) -> Floats:
    """Values from 0 to 1 with F(x) = 1 - (1 - x^a)^b; like a beta distribution, with a formula for its quantiles."""
    return (1 - (1 - uniform) ** (1 / b)) ** (1 / a)


def burr(uniform: Floats, scale: Floats, c: Floats, k: Floats, most: float) -> Floats:
    """Values above 0 with F(x) = 1 - (1 + (x / scale)^c)^-k, cut off at `most` (Burr XII, also Singh-Maddala)."""
    below = 1 - (1 + (most / scale) ** c) ** -k
    return scale * ((1 - uniform * below) ** (-1 / k) - 1) ** (1 / c)
