"""Counts: the inverse of the Poisson distribution, from one uniform number of 32 bits."""

from __future__ import annotations

from typing import Final

import numpy as np

from optimizer.domain.exact import Floats, Ints
from optimizer.ranges.tables import SMALL, STEPS, normals, small_counts

_WORD: Final = 2**32


class Uniforms:
    """Uniform numbers of 32 bits, shape (rows, draws); of each, counts of several means may be drawn together."""

    def __init__(self, values: Ints) -> None:
        self._high: Ints = values >> 16
        self._low: Floats = (values & 0xFFFF).astype(np.float64)
        self._low *= 2.0**-16
        self._normal: tuple[Floats, Floats, Floats] | None = None

    @classmethod
    def given_below(cls, values: Ints, share: Floats) -> tuple[Uniforms, Floats]:
        """Whether each is in the lowest `share` (1.0 or 0.0), and the uniforms spread again over those that are."""
        inside: Floats = (values < share * _WORD).astype(np.float64)
        if (share == 1).all():
            return cls(values), inside
        spread = np.minimum(values * (1 / share), _WORD - 1.0)
        return cls(spread.astype(np.int64)), inside

    def counts(self, means: Floats) -> Floats:
        """Counts with these means, as whole float64.

        Below 8 by a table for each 64th of the mean: of the two next to a mean, one is chosen by the low 16 bits, so
        that the mean is kept, and the high 16 bits find the count. From 8 on by Cornish and Fisher's expansion, with z
        the normal of the high 16 bits: `mean + sqrt(mean) z + (z**2 + 2) / 6 - z (z**2 + 2) / (72 sqrt(mean))`,
        rounded down, at least 0. Means are those of the Poisson distribution within 0.5 %, variances within 2 %.
        """
        small = np.flatnonzero(means < SMALL)
        if not small.size:
            return self._large(means)
        flat, high, low = means.reshape(-1), self._high.reshape(-1), self._low.reshape(-1)
        if small.size < flat.size:
            result = self._large(means)
            flat, high, low = flat[small], high[small], low[small]
        scaled = flat * float(STEPS)
        scaled += low
        found = small_counts(scaled.astype(np.int64), high)
        if small.size == means.size:
            return found.astype(np.float64).reshape(means.shape)
        result.reshape(-1)[small] = found
        return result

    def _large(self, means: Floats) -> Floats:
        if self._normal is None:
            z: Floats = normals().take(self._high, mode="clip")
            square = z * z + 2.0
            self._normal = z, square / 6.0, z * square / 72.0
        z, sixth, skew = self._normal
        root = np.sqrt(np.maximum(means, float(SMALL)))
        value: Floats = root * z
        value += means
        value += sixth
        value -= skew / root
        np.maximum(value, 0.0, out=value)
        return np.floor(value, out=value)
