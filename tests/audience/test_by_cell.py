"""A k for each cell: found where cells differ, shared where they do not, and no worse on sets that were left out."""

from __future__ import annotations

from math import inf

import numpy as np
import pytest

from optimizer.audience import curve
from optimizer.audience.by_cell import CellSets, fit_ks


def cell(k: float, seed: int, count: int = 40, noise: float = 0.02) -> CellSets:
    """Sets in a cell of 10,000 people, and whom they reach by the curve of some k, with noise."""
    rng = np.random.default_rng(seed)
    audiences = rng.uniform(50, 2_000, 80)
    sets = [rng.permutation(80)[: rng.integers(2, 40)] for _ in range(count)]
    measured = curve.unions(sets, audiences, 10_000, k) * np.exp(rng.normal(0, noise, count))
    return CellSets(sets, measured, audiences, 10_000)


def off(cells: list[CellSets], ks: list[float]) -> float:
    """The mean error of predictions, as a share."""
    return float(np.mean([np.abs(one.unions(k) / one.measured - 1).mean() for one, k in zip(cells, ks, strict=True)]))


def test_cells_that_differ_have_a_k_of_their_own() -> None:
    ks = [0.2, 0.5, 2.0, 8.0]
    found = fit_ks([cell(k, seed) for seed, k in enumerate(ks)], 1)
    assert found.strength < inf
    assert list(found.each) == pytest.approx(ks, rel=0.25)


def test_cells_that_do_not_differ_share_theirs() -> None:
    found = fit_ks([cell(1.0, seed, count=8) for seed in range(6)], 1)
    assert found.each == (found.shared,) * 6
    assert found.strength == inf
    assert found.shared == pytest.approx(1.0, rel=0.15)


def test_a_cell_with_few_sets_has_the_shared_k() -> None:
    cells = [*(cell(k, seed) for seed, k in enumerate([0.3, 3.0])), cell(0.1, 7, count=4)]
    found = fit_ks(cells, 1)
    assert found.strength < inf
    assert found.each[2] == found.shared


def test_fresh_sets_are_told_no_worse_than_by_the_shared_k_and_better_where_cells_differ() -> None:
    """Over ten worlds of cells that differ a lot, a little and not at all, measured by few and noisy sets."""
    for spread, better in ((1.0, 0.8), (0.2, 1.02), (0.0, 1.02)):
        each = shared = 0.0
        for world in range(10):
            drawn = np.exp(np.random.default_rng(world).normal(0, spread, 6)).clip(0.1, 100).tolist()
            learned = [cell(k, 100 * world + at, count=12, noise=0.05) for at, k in enumerate(drawn)]
            fresh = [cell(k, 100 * world + at + 50, noise=0.0) for at, k in enumerate(drawn)]
            found = fit_ks(learned, world)
            each += off(fresh, list(found.each))
            shared += off(fresh, [found.shared] * 6)
        assert each <= better * shared, spread


def test_overlap_by_chance_is_told_as_such_and_nothing_measured_is_no_fault() -> None:
    assert fit_ks([cell(inf, seed, noise=0.0) for seed in range(3)], 1).shared > 100
    empty = CellSets([], np.zeros(0), np.array([5.0]), 100.0)
    assert fit_ks([empty, cell(1.0, 2)], 1).each[0] == fit_ks([empty, cell(1.0, 2)], 1).shared
