"""Percentiles are draws themselves: those at floor(share * draws) of the sorted ones."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from optimizer.ranges.percentiles import of_counts, of_rows, percentiles
from optimizer.verification import drawn

RANDOM = np.random.default_rng(11)
KINDS: dict[str, Callable[[int], np.ndarray]] = {
    "factors": lambda size: RANDOM.lognormal(0, 1, size),
    "wide factors": lambda size: RANDOM.lognormal(0, 9, size),
    "mostly zeros": lambda size: RANDOM.lognormal(0, 1, size) * (RANDOM.random(size) < 0.3),
    "all zeros": np.zeros,
    "one value": lambda size: np.full(size, 7.25),
    "losses and gains": lambda size: np.rint(RANDOM.normal(0, 1e6, size)),
    "losses": lambda size: -np.rint(RANDOM.lognormal(10, 2, size)),
    "counts": lambda size: RANDOM.poisson(3, size).astype(float),
    "large counts": lambda size: RANDOM.poisson(1e9, size).astype(float),
}


@pytest.mark.parametrize("size", [1, 2, 9, 10, 11, 1_000, 4_095, 4_096, 10_001])
@pytest.mark.parametrize("kind", KINDS)
def test_percentiles_stand_at_their_places_among_the_sorted(kind: str, size: int) -> None:
    values = np.stack([KINDS[kind](size) for _ in range(3)])
    expected = np.sort(values, axis=1)[:, [size * 10 // 100, size * 50 // 100, size * 90 // 100]]
    assert of_rows(values).tolist() == expected.tolist()
    if kind.endswith("counts"):
        assert of_counts(values).tolist() == expected.tolist()


def test_percentiles_of_a_total_are_three_whole_numbers() -> None:
    total = np.arange(1_000, dtype=np.int64)[::-1].copy()
    assert percentiles(total) == (100, 500, 900) == drawn.percentiles(total.tolist())
    assert percentiles(np.array([5], np.int64)) == (5, 5, 5)
