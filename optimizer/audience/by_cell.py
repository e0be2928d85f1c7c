"""A k for each cell of people, from unions that were measured in each: drawn towards the k that they share.

With the loss L_c of a cell (as in `curve.fit_k`), its sets and the logarithm x of a k,

    x_c minimises L_c(x) + strength (x - x_0)^2,   x_0 minimises sum_c L_c(x)

which is a penalised likelihood, or an empirical Bayes estimate whose prior is as narrow as held-back sets say: the
strength is the one that tells sets best that were left out, each fifth of them in turn. Where no strength tells them
better by at least a tenth than the shared k does, all cells have that.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf
from typing import Final

import numpy as np

from optimizer.audience import curve
from optimizer.domain.curves import LEAST_K
from optimizer.domain.exact import Floats, Ints

FEWEST: Final = 5  # sets of several creators, below which a cell has the shared k
_STRENGTHS: Final = (1.0, 0.1, 0.01, 1e-3, 1e-4, 0.0)
_FOLDS: Final = 5
_STEPS: Final = 257  # of k, each 4 % above the one before; the last one is chance overlap
_WORTH: Final = 0.9
_GRID: Final = np.linspace(np.log(float(LEAST_K)), np.log(curve.MOST_K), _STEPS)


@dataclass(frozen=True, eq=False)
class CellSets:
    """What was measured in one cell: `sets` of several creators by position, and how many of its people each reaches;
    `audiences` are those of all creators in it, shape (n_creators,), and `people` how many there are.
    """

    sets: Sequence[Ints]
    measured: Floats
    audiences: Floats
    people: float

    def unions(self, k: float) -> Floats:
        """How many people the sets reach by the curve of some k."""
        return curve.unions(self.sets, self.audiences, self.people, k)

    def take(self, which: Ints) -> CellSets:
        """Some of the sets."""
        return CellSets([self.sets[at] for at in which.tolist()], self.measured[which], self.audiences, self.people)


@dataclass(frozen=True, slots=True)
class FittedKs:
    """The k of each cell, the k that cells share, and how strongly cells are drawn to it; infinite: all have it."""

    each: tuple[float, ...]
    shared: float
    strength: float


def fit_ks(cells: Sequence[CellSets], seed: int) -> FittedKs:
    """The k of each cell and the one that they share."""
    losses = [_losses(cell) for cell in cells]
    everything = [np.ones(len(one), dtype=np.bool_) for one in losses]
    folds = _folds([len(one) for one in losses], seed)
    tried = dict.fromkeys((inf, *_STRENGTHS), 0.0)
    for fold in range(_FOLDS):
        kept = [numbers != fold for numbers in folds]
        totals, base = _totals(losses, kept)
        for strength in tried:
            chosen = _chosen(totals, [int(one.sum()) for one in kept], base, strength)
            left_out = zip(losses, kept, chosen, strict=True)
            tried[strength] += float(sum(loss[~some, at].sum() for loss, some, at in left_out))
    best = min(tried, key=tried.__getitem__)  # of those that tell them alike the strongest
    if tried[best] >= _WORTH * tried[inf]:
        best = inf
    totals, base = _totals(losses, everything)
    chosen = _chosen(totals, [len(one) for one in losses], base, best)
    return FittedKs(tuple(map(_k, chosen)), _k(base), best)


def _losses(cell: CellSets) -> Floats:
    """The loss of each set (rows) with each k of the grid."""
    target = np.log(cell.measured)
    ks = [_k(at) for at in range(_STEPS)]
    return np.stack([curve.losses(np.log(cell.unions(k)) - target) for k in ks], axis=1).reshape(-1, _STEPS)


def _folds(sizes: Sequence[int], seed: int) -> list[Ints]:
    """Which fifth each set of each cell is in, drawn at random so that each cell is split evenly."""
    rng = np.random.default_rng([seed, 4])
    return [rng.permutation(np.arange(size) % _FOLDS) for size in sizes]


def _totals(losses: Sequence[Floats], kept: Sequence[np.ndarray]) -> tuple[list[Floats], int]:
    """The loss of each cell over some sets, by the grid, and where the sum of all is least."""
    totals = [loss[some].sum(axis=0) for loss, some in zip(losses, kept, strict=True)]
    return totals, int(np.argmin(np.sum(totals, axis=0)))


def _chosen(totals: Sequence[Floats], sizes: Sequence[int], base: int, strength: float) -> list[int]:
    """Where on the grid the k of each cell is."""
    if strength == inf:
        return [base] * len(totals)
    pull = strength * (_GRID - _GRID[base]) ** 2
    return [base if size < FEWEST else int(np.argmin(total + pull)) for total, size in zip(totals, sizes, strict=True)]


def _k(at: int) -> float:
    return inf if at == _STEPS - 1 else max(float(LEAST_K), float(np.exp(_GRID[at])))
