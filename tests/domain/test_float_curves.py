"""The curves of reach by floats: exact for one booking, within bounds for more."""

from __future__ import annotations

from math import inf

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from optimizer.domain.curves import exposure_by_floats, missed, share_reached

KS = st.one_of(st.just(inf), st.floats(0.1, 1_000))
SHARES = st.floats(0.0, 0.999)


@given(SHARES, KS)
def test_one_creator_alone_reaches_exactly_their_own_share(share: float, k: float) -> None:
    brought = exposure_by_floats(np.array([share]), k)
    if brought[0] < 1e6:
        assert share_reached(brought, k)[0] == pytest.approx(share, rel=1e-9, abs=1e-12)


@given(SHARES, SHARES, KS)
def test_two_reach_at_least_the_larger_share_and_at_most_the_sum(one: float, two: float, k: float) -> None:
    brought = exposure_by_floats(np.array([one, two]), k)
    both = share_reached(np.array([brought.sum()]), k)[0]
    if brought.max() < 1e6:
        assert max(one, two) * (1 - 1e-9) - 1e-12 <= both <= min(1.0, one + two) * (1 + 1e-9) + 1e-12


@given(st.floats(0.1, 50), st.lists(st.floats(0.01, 0.5), min_size=2, max_size=8))
def test_the_smaller_k_the_more_two_audiences_overlap(k: float, shares: list[float]) -> None:
    def both(some_k: float) -> float:
        return share_reached(np.array([exposure_by_floats(np.array(shares), some_k).sum()]), some_k)[0]

    assert both(k) <= both(2 * k) + 1e-12 <= both(inf) + 2e-12


def test_an_exposure_stays_below_a_million_and_a_share_of_one_is_not_infinite() -> None:
    assert exposure_by_floats(np.array([1.0]), 0.31)[0] == 1e6
    assert exposure_by_floats(np.array([1.0]), inf)[0] == pytest.approx(np.log(1e6))


@pytest.mark.parametrize(("share", "k"), [(1.1, inf), (-0.1, 2.0), (0.5, 0.05), (0.5, float("nan"))])
def test_what_is_no_share_or_no_k_is_refused(share: float, k: float) -> None:
    with pytest.raises(ValueError, match=r"share|k is"):
        exposure_by_floats(np.array([share]), k)


def test_a_small_share_keeps_its_digits_and_what_is_missed_is_the_rest() -> None:
    e = np.array([1e-14, 0.5, 3.0])
    for k in (inf, 0.3):
        assert share_reached(e, k)[0] == pytest.approx(1e-14, rel=1e-9)
        assert share_reached(e, k) + missed(e, k) == pytest.approx(np.ones(3))
