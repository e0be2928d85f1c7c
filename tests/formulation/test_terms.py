"""Terms are summed exactly, whatever the size of their values and of the counts."""

from __future__ import annotations

import random
from fractions import Fraction

import numpy as np
import pytest

from optimizer.domain.constraints import Measure
from optimizer.formulation.terms import Booked, Term


@pytest.mark.parametrize("size", [1, 10**3, 10**9, 9 * 10**15])
@pytest.mark.parametrize("most", [1, 3, 10**4])
def test_a_total_is_the_sum_of_integers_of_any_size(size: int, most: int) -> None:
    rng = random.Random(size + most)
    for number in (0, 1, 7, 300):
        values = [rng.randrange(-size, size + 1) for _ in range(number)]
        counts = [rng.randrange(1, most + 1) for _ in range(number)]
        plan = Booked(np.arange(number), np.array(counts, dtype=np.int64))
        term = Term(3, Measure("spend"), np.array(values, dtype=np.int64), None)
        assert term.total(plan) == 3 * sum(value * count for value, count in zip(values, counts, strict=True))


def test_a_total_of_parts_is_a_fraction() -> None:
    plan = Booked(np.arange(2), np.array([Fraction(1, 3), Fraction(1, 2)], dtype=object))
    assert Term(1, Measure("spend"), np.array([10, 7]), None).total(plan) == Fraction(41, 6)
