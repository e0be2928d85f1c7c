"""Pseudocosts: what splitting at a column has brought so far, to choose the next one by.

T. Achterberg, T. Koch and A. Martin, "Branching rules revisited", Operations Research Letters 33, 2005.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from optimizer.domain.exact import Floats, Ints


@dataclass
class Pseudocosts:
    """How far splitting at each free column has lowered the bound, per part of a booking: sums and times (2, free), of
    the side below and the side above."""

    falls: Floats
    times: Ints

    def add(self, side: int, column: int, fall: float) -> None:
        self.falls[side, column] += fall
        self.times[side, column] += 1

    def expected(self, columns: Ints, parts: Floats) -> Floats:
        """How far the bound should fall on both sides (2, columns); where nothing is known, as it does for others."""
        times, falls = self.times[:, columns], self.falls[:, columns]
        usual = self.falls.sum(axis=1) / np.maximum(self.times.sum(axis=1), 1)
        each = np.where(times > 0, falls / np.maximum(times, 1), usual[:, None])
        return each * np.stack([parts, 1.0 - parts])


def score_of(falls: Floats) -> Floats:
    """How good a split is, by how far the bound falls on its sides (2, ...)."""
    product: Floats = np.maximum(falls[0], 1e-9) * np.maximum(falls[1], 1e-9)
    return product
