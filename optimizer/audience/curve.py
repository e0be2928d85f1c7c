"""Fitting curves of reach (`optimizer.domain.curves`) to measured unions: k, and how many people there are.

The number k says how unevenly people follow creators: with a small k, few people follow many creators, and audiences
overlap more than by chance.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import inf
from typing import Final

import numpy as np
from scipy.optimize import minimize_scalar

from optimizer.domain.curves import LEAST_K, exposure_by_floats, share_reached
from optimizer.domain.exact import Floats, Ints

MOST_K: Final = 1_000.0  # beyond, the curve is that of chance to the last digit that anybody reads
_LEAST_K: Final = float(LEAST_K)
_LOOSE: Final = 0.05  # errors above it count by their size and no more by their square
_STEPS: Final = 33  # of the search that the exact one begins from


def unions(sets: Sequence[Ints], audiences: Floats, people: float, k: float = inf) -> Floats:
    """How many people each set of creators reaches, by the curve of one cell that has all people."""
    brought = exposure_by_floats(np.minimum(audiences / people, 1.0), k)
    if not len(sets):
        return np.zeros(0)
    sizes = np.array([len(one) for one in sets])
    begins = np.append(0, np.cumsum(sizes)[:-1])
    sums = np.add.reduceat(np.append(brought[np.concatenate(sets)], 0.0), begins) * (sizes > 0)
    return people * share_reached(sums, k)


def fit_k(sets: Sequence[Ints], measured: Floats, audiences: Floats, people: float) -> float:
    """The k whose curve comes nearest to measured unions; infinite if chance overlap is as near.

    It minimises `sum_j rho(ln(R_j / U_j))`, where rho is a square for small errors and grows as the error for large
    ones, so that a few sets that share one fan base do not decide for all.

    Parameters
    ----------
    sets
        The creators of each set, by position; sets of one say nothing.
    measured
        How many people each set reaches, shape (n_sets,), above 0.
    audiences
        How many people each creator reaches alone, shape (n_creators,).
    people
        How many people there are, at least the largest audience and the largest union.
    """
    return _best_k(*_several(sets, measured), audiences, people)[1]


def fit_people(sets: Sequence[Ints], measured: Floats, audiences: Floats) -> float:
    """How many people there are, if audiences overlapped by chance, as measured unions say.

    Of pairs this is all that can be told of one cell: a smaller k with more people gives the same pairs.
    """
    asked, target = _several(sets, measured)
    largest = max(float(audiences.max(initial=1.0)), float(measured.max(initial=1.0)))
    if not asked:
        return largest
    return float(np.exp(_least(lambda at: _of_curve(asked, target, audiences, float(np.exp(at))), *_span(largest))[1]))


def fit_both(sets: Sequence[Ints], measured: Floats, audiences: Floats) -> tuple[float, float]:
    """How many people there are, and k, as measured unions of sets of several sizes say."""
    asked, target = _several(sets, measured)
    largest = max(float(audiences.max(initial=1.0)), float(measured.max(initial=1.0)))
    if not asked:
        return largest, inf
    _, log_people = _least(lambda at: _best_k(asked, target, audiences, float(np.exp(at)))[0], *_span(largest))
    people = float(np.exp(log_people))
    return people, _best_k(asked, target, audiences, people)[1]


def _several(sets: Sequence[Ints], measured: Floats) -> tuple[list[Ints], Floats]:
    """Sets of several creators, and the logarithms of whom they reach."""
    at = [number for number, one in enumerate(sets) if len(one) > 1]
    return [sets[number] for number in at], np.log(np.asarray(measured, dtype=np.float64)[at])


def _best_k(asked: Sequence[Ints], target: Floats, audiences: Floats, people: float) -> tuple[float, float]:
    """The loss of the best k, and k."""
    if not asked:
        return 0.0, inf
    value, log_k = _least(
        lambda at: _of_curve(asked, target, audiences, people, float(np.exp(at))), np.log(_LEAST_K), np.log(MOST_K)
    )
    chance = _of_curve(asked, target, audiences, people)
    if chance <= value * (1 + 1e-9):
        return chance, inf
    return value, max(_LEAST_K, float(np.exp(log_k)))


def _span(largest: float) -> tuple[float, float]:
    return float(np.log(largest * 1.000_01)), float(np.log(largest * 1e5))


def _least(of: Callable[[float], float], low: float, high: float) -> tuple[float, float]:
    """The least value of a function between bounds, and where: the best of some steps, made exact around it."""
    grid = np.linspace(low, high, _STEPS)
    values = [of(at) for at in grid.tolist()]
    best = int(np.argmin(values))
    around = (grid[max(0, best - 1)], grid[min(_STEPS - 1, best + 1)])
    found = minimize_scalar(of, bounds=around, method="bounded", options={"xatol": 1e-6})
    return min((values[best], float(grid[best])), (float(found.fun), float(found.x)))


def _of_curve(asked: Sequence[Ints], target: Floats, audiences: Floats, people: float, k: float = inf) -> float:
    return float(losses(np.log(unions(asked, audiences, people, k)) - target).sum())


def losses(errors: Floats) -> Floats:
    """Huber's loss of each error, of a logarithm."""
    size = np.abs(errors)
    found: Floats = np.where(size <= _LOOSE, size * size / 2, _LOOSE * (size - _LOOSE / 2))
    return found
