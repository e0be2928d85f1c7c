"""Terms are summed exactly, whatever the size of their values and of the counts."""

from __future__ import annotations

import random
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from optimizer.domain.constraints import Measure
from optimizer.estimation.estimate import estimate
from optimizer.formulation.build import build
from optimizer.formulation.terms import Booked, Term
from tests.analysis.sweeping import loaded


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


@pytest.mark.parametrize("seed", range(6))
def test_units_are_kept_in_integers_as_in_fractions(seed: int) -> None:
    rng = random.Random(seed)
    program = build(estimate(loaded(seed, 12)))
    n = program.bookings
    program = replace(
        program,
        available=np.array([rng.randrange(1, 3) for _ in program.available], dtype=np.int64),
        required=np.array([rng.randrange(0, 2) for _ in program.required], dtype=np.int64),
        most=np.array([rng.randrange(1, 3) for _ in program.most], dtype=np.int64),
    )
    verdicts = set()
    for _ in range(200):
        columns = np.array(sorted(rng.sample(range(n), rng.randrange(1, n + 1))), dtype=np.int64)
        good = np.minimum(program.most[columns], program.available[program.unit[columns]])
        counts = good if rng.random() < 0.7 else good + rng.randrange(-1, 2)
        if rng.random() < 0.5:
            columns, counts = np.arange(n), np.clip(program.required[program.unit[:n]], 0, None)
        whole = Booked(columns, counts)
        parts = Booked(columns, np.array([Fraction(int(count)) for count in counts], dtype=object))
        assert program.keeps_units(whole) == program.keeps_units(parts)
        verdicts.add(program.keeps_units(whole))
    assert verdicts == {False, True}
