"""The curves of reach: exact for one creator, within bounds for more, and k found again."""

from __future__ import annotations

from math import inf

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from optimizer.audience import curve

KS = st.one_of(st.just(inf), st.floats(0.1, 1_000))
SHARES = st.floats(0.0, 0.999)


@given(SHARES, KS)
def test_one_creator_alone_reaches_exactly_their_own_share(share, k):
    brought = curve.exposure(np.array([share]), k)
    if brought[0] < curve.MOST_EXPOSURE:
        assert curve.reach(brought, k)[0] == pytest.approx(share, rel=1e-9, abs=1e-12)


@given(SHARES, SHARES, KS)
def test_two_reach_at_least_the_larger_share_and_at_most_the_sum(one, two, k):
    brought = curve.exposure(np.array([one, two]), k)
    both = curve.reach(np.array([brought.sum()]), k)[0]
    if brought.max() < curve.MOST_EXPOSURE:
        assert max(one, two) * (1 - 1e-9) <= both <= min(1.0, one + two) * (1 + 1e-9) + 1e-12


@given(st.floats(0.1, 50), st.lists(st.floats(0.01, 0.5), min_size=2, max_size=8))
def test_the_smaller_k_the_more_two_audiences_overlap(k, shares):
    def both(some_k):
        return curve.reach(np.array([curve.exposure(np.array(shares), some_k).sum()]), some_k)[0]

    assert both(k) <= both(2 * k) + 1e-12 <= both(inf) + 2e-12


def test_an_exposure_stays_below_a_million_and_a_share_of_one_is_not_infinite():
    assert curve.exposure(np.array([1.0]), 0.31)[0] == curve.MOST_EXPOSURE
    assert curve.exposure(np.array([1.0]))[0] == pytest.approx(np.log(1e6))


@pytest.mark.parametrize(("share", "k"), [(1.1, inf), (-0.1, 2.0), (0.5, 0.05), (0.5, float("nan"))])
def test_what_is_no_share_or_no_k_is_refused(share, k):
    with pytest.raises(ValueError, match=r"share|k is"):
        curve.exposure(np.array([share]), k)


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
