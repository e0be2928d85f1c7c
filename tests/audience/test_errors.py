"""Sets that predictions are tried on, and what is said of the errors."""

from __future__ import annotations

import numpy as np

from optimizer.audience.errors import errors, random_sets, sets_around_one
from optimizer.audience.pairs import pairs_of


def test_random_sets_are_of_the_asked_sizes_and_the_same_again():
    sets = random_sets(100, 50, 4)
    assert {len(one) for one in sets} <= set(range(8, 41))
    assert len({len(one) for one in sets}) > 10
    assert all(len(np.unique(one)) == len(one) for one in sets)
    assert all((one == other).all() for one, other in zip(sets, random_sets(100, 50, 4), strict=True))
    assert any(len(one) != len(other) for one, other in zip(sets, random_sets(100, 50, 5), strict=True))


def test_sets_around_one_have_those_who_share_most_with_somebody():
    first, second = np.triu_indices(60, 1)
    near = pairs_of(60, first, second, np.where(first // 10 == second // 10, 50.0, 1.0))
    for one in sets_around_one(near, 30, 1, fewest=10, most=10):
        assert len(np.unique(one // 10)) == 1


def test_sets_are_no_larger_than_the_pool():
    alone = pairs_of(5, np.array([0]), np.array([1]), np.array([1.0]))
    assert {len(one) for one in sets_around_one(alone, 20, 1)} == {5}
    assert {len(one) for one in random_sets(5, 20, 1)} == {5}


def test_errors_are_relative_with_their_direction():
    off = errors(np.array([110.0, 120.0, 90.0, 5.0]), np.array([100.0, 100.0, 100.0, 0.0]))
    assert (round(off.median, 9), round(off.bias, 9)) == (0.1, 0.1)
    assert 0.1 < off.p90 <= 0.2
