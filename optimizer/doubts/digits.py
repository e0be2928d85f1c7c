"""Where figures are rounded: one with more decimals than its column has was likely moved by a slip."""

from __future__ import annotations

import numpy as np

from optimizer.domain.exact import Flags, Ints
from optimizer.domain.pool import Numbers
from optimizer.doubts.levels import SAMPLED

_FROM, _TO = -7, 9  # powers of ten that a figure may be a multiple of
_RARE = 0.03
_LEAST = 100
_SAME = 1e-9


def odd_digits(numbers: Numbers, rows: Ints) -> Flags:
    """Which of some figures have more decimals (or fewer zeros at the end) than nearly all others of their column."""
    known = np.flatnonzero(numbers.known & (numbers.values > 0))
    if len(known) < _LEAST or not len(rows):
        return np.zeros(len(rows), dtype=np.bool_)
    sample = known[:: -(-len(known) // SAMPLED)]
    counts = np.bincount(_decimals(numbers, sample) - _FROM, minlength=_TO - _FROM + 1) / len(sample)
    at_least = np.cumsum(counts[::-1])[::-1]
    odd: Flags = at_least[_decimals(numbers, rows) - _FROM] < _RARE
    return odd


def _decimals(numbers: Numbers, rows: Ints) -> Ints:
    """The decimals that each figure is written with; below 0 for zeros at the end of a whole number."""
    values = numbers.values[rows].astype(np.float64)
    found = np.full(len(rows), _TO, dtype=np.int64)
    for decimals in range(_TO - 1, _FROM - 1, -1):
        scaled = values * 10.0**decimals / numbers.scale
        found[np.abs(scaled - np.rint(scaled)) <= _SAME * np.abs(scaled)] = decimals
    return found
