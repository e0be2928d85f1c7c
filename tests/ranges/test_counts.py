"""Counts are Poisson: their means and variances are kept, from a hundredth to a million."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import poisson

from optimizer.ranges.counts import Uniforms

STEPS = np.arange(65_536)
SPREAD = (STEPS << 16 | STEPS * 40_503 % 65_536).reshape(1, -1)  # every high half once, and every low half


def counts(mean: float) -> np.ndarray:
    return Uniforms(SPREAD).counts(np.full(SPREAD.shape, mean))[0]


@pytest.mark.parametrize("mean", [*np.geomspace(0.01, 1e6, 60).tolist(), 1 / 64, 1, 7.999, 8, 8.001])
def test_the_mean_and_the_variance_of_counts_are_kept(mean: float) -> None:
    drawn = counts(mean)
    assert drawn.mean() == pytest.approx(mean, rel=0.005)
    assert drawn.var() == pytest.approx(mean, rel=0.02)
    assert (drawn == np.floor(drawn)).all()


@pytest.mark.parametrize("mean", [0.02, 0.7, 2, 5.03, 7.99, 8.01, 12, 40])
def test_each_count_is_as_frequent_as_poisson_says(mean: float) -> None:
    drawn = counts(mean)
    values = np.arange(int(drawn.max()) + 1)
    shares = np.bincount(drawn.astype(int)) / drawn.size
    assert np.abs(shares - poisson.pmf(values, mean)).sum() < 0.01


def test_nothing_expected_is_nothing_drawn() -> None:
    assert counts(0).max() == 0


def test_small_and_large_means_side_by_side_are_drawn_as_each_alone() -> None:
    means = np.where(STEPS % 3 == 0, 20.0, 2.0).reshape(1, -1)
    together = Uniforms(SPREAD).counts(means)[0]
    assert together.tolist() == np.where(STEPS % 3 == 0, counts(20), counts(2)).tolist()


def test_huge_means_are_drawn_close_to_themselves() -> None:
    assert counts(1e15).mean() == pytest.approx(1e15, rel=1e-9)


def test_uniforms_are_spread_again_over_those_below_the_share() -> None:
    values = np.random.default_rng(3).integers(0, 2**32, (1, 200_000))
    uniforms, inside = Uniforms.given_below(values, np.array([[0.25]]))
    assert inside.mean() == pytest.approx(0.25, abs=0.005)
    drawn = uniforms.counts(np.full(values.shape, 3.0))[inside == 1]
    assert drawn.mean() == pytest.approx(3, abs=0.04)
    assert drawn.var() == pytest.approx(3, abs=0.1)
