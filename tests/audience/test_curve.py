"""Curves of reach fitted to measured unions: k and the number of people are found again."""

from __future__ import annotations

from math import inf

import numpy as np
import pytest

from optimizer.audience import curve


def drawn(k, seed=3, count=60):
    """Sets, their unions by the curve of some k with a little noise, and the audiences."""
    rng = np.random.default_rng(seed)
    audiences = rng.uniform(50, 2_000, 80)
    sets = [rng.permutation(80)[: rng.integers(2, 40)] for _ in range(count)]
    noise = np.exp(rng.normal(0, 0.005, count))
    return sets, curve.unions(sets, audiences, 10_000, k) * noise, audiences


@pytest.mark.parametrize("k", [0.3, 1.0, 4.0])
def test_k_is_found_again_from_unions_of_sets(k):
    assert curve.fit_k(*drawn(k), 10_000) == pytest.approx(k, rel=0.05)


def test_a_few_wild_sets_do_not_decide():
    sets, unions, audiences = drawn(1.0)
    unions[:5] *= 0.3
    assert curve.fit_k(sets, unions, audiences, 10_000) == pytest.approx(1.0, rel=0.2)


def test_chance_overlap_is_told_as_infinite_or_as_a_large_k():
    assert curve.fit_k(*drawn(inf), 10_000) > 30


def test_sets_of_one_say_nothing():
    assert curve.fit_k([np.array([0])], np.array([5.0]), np.array([5.0]), 100) == inf


def test_how_many_people_there_are_is_found_with_k():
    people, k = curve.fit_both(*drawn(1.0))
    assert people == pytest.approx(10_000, rel=0.1)
    assert k == pytest.approx(1.0, rel=0.2)
    assert curve.fit_people(*drawn(inf)) == pytest.approx(10_000, rel=0.05)
