"""Models for the tests of solvers: optima known by hand, one out of reach, and small ones drawn at random."""

from __future__ import annotations

import math
import random
import time
from collections.abc import Callable, Sequence
from itertools import product

import numpy as np
from scipy import sparse

from optimizer.solving.highs import Clock, Model

INF = math.inf
Row = tuple[Sequence[float], float, float]


def model_of(
    cost: Sequence[float],
    rows: Sequence[Row],
    bounds: Sequence[tuple[float, float]] | tuple[float, float] = (0, 1),
    *,
    whole: Sequence[bool] | bool = True,
) -> Model:
    """A model of plain numbers: rows of coefficients with both bounds, columns with theirs."""
    n = len(cost)
    ends = np.broadcast_to(np.array(bounds, dtype=float), (n, 2))
    matrix = np.array([row for row, _, _ in rows], dtype=float).reshape(len(rows), n)
    return Model(
        np.array(cost, dtype=float),
        sparse.csr_array(matrix),
        np.array([low for _, low, _ in rows], dtype=float),
        np.array([high for _, _, high in rows], dtype=float),
        ends[:, 0].copy(),
        ends[:, 1].copy(),
        np.broadcast_to(np.array(whole, dtype=bool), (n,)).copy(),
    )


def clock(seconds: float = 60, cancelled: Callable[[], bool] = lambda: False) -> Clock:
    """So many seconds from now."""
    return Clock(time.monotonic() + seconds, cancelled)


def market_split(rows: int, columns: int) -> list[Row]:
    """Equalities that no search gets through in the time of a test."""
    drawn = np.random.default_rng(1).integers(0, 100, (rows, columns))
    return [(row.tolist(), row.sum() // 2, row.sum() // 2) for row in drawn]


HARD = model_of([1] * 50, market_split(6, 50))


def hard_with_a_plan() -> Model:
    """The same with a slack on each side of each row, at a price: plans are plenty, the best is far to seek."""
    rows = market_split(6, 50)
    slack = np.kron(np.eye(len(rows)), [[1, -1]])
    wide = [([*row, *slack[at]], low, high) for at, (row, low, high) in enumerate(rows)]
    bounds = [(0, 1)] * 50 + [(0, 10_000)] * 12
    return model_of([0] * 50 + [-1] * 12, wide, bounds)


OPTIMA: dict[str, tuple[Model, float]] = {
    "whole": (model_of([5, 4, 3], [([2, 3, 1], -INF, 5), ([4, 1, 2], -INF, 11)], (0, 2)), 13),
    "linear": (model_of([5, 4, 3], [([2, 3, 1], -INF, 5), ([4, 1, 2], -INF, 9)], (0, 2), whole=False), 12.8),
    "linear with a price in every row": (
        model_of([3, 2], [([1, 1], -INF, 4), ([1, 3], -INF, 6)], (0, INF), whole=False),
        12,
    ),
    "mixed": (model_of([3, 2], [([2, 2], -INF, 7)], (0, 3), whole=[True, False]), 10),
    "equality": (model_of([1, 2, 4], [([3, 5, 7], 15, 15)], (0, 5)), 7),
    "ranged": (model_of([-1, -2], [([3, 4], 5, 6.5)], (0, 5)), -2),
    "ranged, from above": (model_of([1, 2], [([3, 4], 5, 6.5)], (0, 5), whole=False), 3.25),
    "negative lower bounds": (model_of([-1, -2], [([1, 1], -7.5, INF)], [(-5, 5), (-9, 5)], whole=[True, False]), 16),
    "no lower bound": (model_of([-1], [([1], -7.5, INF)], (-INF, 5), whole=False), 7.5),
    "a free row and an empty one": (
        model_of([1, 2], [([1, 1], -INF, INF), ([0, 0], -1, 1), ([1, 1], -INF, 3)], (0, 5)),
        6,
    ),
    "nothing to gain": (model_of([0, 0], [([1, 1], 3, INF)], (0, 5)), 0),
}


def drawn(seed: int) -> Model:
    """Some whole columns of 0 to 2, and up to four rows; often without any plan."""
    rng = random.Random(seed)
    n = rng.randint(2, 5)
    rows: list[Row] = []
    for _ in range(rng.randint(1, 4)):
        row = [rng.choice([0, rng.randint(-3, 9), rng.randint(1, 9)]) for _ in range(n)]
        low = rng.randint(0, 2 * sum(map(abs, row)))
        high = low + rng.choice([0, 1, rng.randint(0, 9)])
        rows.append((row, *rng.choice([(low, high), (-INF, high), (-INF, high), (low // 2, INF)])))
    return model_of([rng.randint(-2, 9) for _ in range(n)], rows, (0, 2))


def best(model: Model) -> float | None:
    """What a model of columns of 0 to 2 is worth at its best, by looking at every plan."""
    plans = np.array(list(product(range(3), repeat=len(model.cost))), dtype=float)
    got = plans @ model.matrix.todense().T
    kept = ((got >= model.row_lower) & (got <= model.row_upper)).all(axis=1)
    return float((plans[kept] @ model.cost).max()) if kept.any() else None
