"""How far predictions of reach are off: sets to try them on, and what is said of the errors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from optimizer.audience.pairs import Pairs
from optimizer.domain.exact import Floats, Ints

FEWEST: Final = 8
MOST: Final = 40


@dataclass(frozen=True, slots=True)
class Errors:
    """Over some sets, of `predicted / true - 1`: the median and 90th percentile of its size, and its signed median."""

    median: float
    p90: float
    bias: float


def errors(predicted: Floats, true: Floats) -> Errors:
    """The errors of some predictions; sets that truly reach nobody are left out."""
    some = true > 0
    if not some.any():
        return Errors(0.0, 0.0, 0.0)
    off = predicted[some] / true[some] - 1
    size = np.abs(off)
    return Errors(float(np.median(size)), float(np.quantile(size, 0.9)), float(np.median(off)))


def random_sets(size: int, count: int, seed: int, *, fewest: int = FEWEST, most: int = MOST) -> list[Ints]:
    """Sets of creators drawn at random, of `fewest` to `most`, as far as there are so many."""
    rng = np.random.default_rng([seed, 1])
    drawn = rng.integers(min(fewest, size), min(most, size) + 1, size=count)
    return [np.sort(rng.permutation(size)[:many]) for many in drawn.tolist()]


def sets_around_one(pairs: Pairs, count: int, seed: int, *, fewest: int = FEWEST, most: int = MOST) -> list[Ints]:
    """Sets around one creator: a creator drawn at random, and those who share most people with them.

    Those who share equally many are taken by position; nobody is in a set who shares nobody, unless too few do.
    """
    rng = np.random.default_rng([seed, 2])
    size = pairs.size
    row, column = np.append(pairs.first, pairs.second), np.append(pairs.second, pairs.first)
    shared = np.append(pairs.shared, pairs.shared)
    order = np.lexsort((column, -shared, row))
    row, column = row[order], column[order]
    starts = np.searchsorted(row, np.arange(size + 1))
    found = []
    for _ in range(count):
        one, many = int(rng.integers(size)), int(rng.integers(min(fewest, size), min(most, size) + 1))
        near = column[starts[one] : starts[one + 1]][: many - 1]
        chosen = np.append(one, near)
        rest = np.setdiff1d(np.arange(size), chosen)[: many - len(chosen)]
        found.append(np.sort(np.append(chosen, rest)))
    return found
