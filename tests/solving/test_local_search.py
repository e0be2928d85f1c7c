"""Exchanges of a few bookings, beside all plans of small programs."""

from __future__ import annotations

import time
from collections.abc import Iterator
from fractions import Fraction

import numpy as np
import pytest

from optimizer.formulation.program import Program
from optimizer.formulation.terms import Booked
from optimizer.solving import highs
from optimizer.solving.local_search import exchange
from optimizer.solving.scaling import scaled
from optimizer.solving.search import Search
from tests.support.proofs import Plans, as_booked, coefficients, drawn_program, plans_of, said_program

COUNT = 60
NEVER = highs.Clock()


def asked() -> Iterator[tuple[Program, Plans]]:
    """Small programs that have plans, with all of these; of numbers that floats tell apart."""
    for number in range(COUNT):
        program = drawn_program(f"exchange {number}")
        if max(map(abs, coefficients(program).ravel().tolist())) < 2**30:
            plans = plans_of(program)
            if plans.best is not None:
                yield program, plans


def searching(program: Program) -> Search:
    return Search(program, scaled(program), Fraction(0), NEVER, highs.solve, None)


def counts_of(program: Program, plan: Booked) -> np.ndarray:
    counts = np.zeros(len(program), dtype=np.int64)
    counts[plan.columns] = plan.counts
    return counts


@pytest.mark.parametrize(("four", "moves"), [(False, 3), (True, 4)])
def test_what_exchanges_end_with_is_better_than_all_plans_a_few_moves_away(four: bool, moves: int) -> None:
    better = 0
    for program, plans in asked():
        for first in (0, len(plans.points) // 2):
            start, search = plans.points[first], searching(program)
            found = exchange(search, as_booked(start), np.arange(len(program))[::-1], four=four)
            assert search.best is not None
            assert search.best.value == program.value(found) >= plans.values[first]
            away = np.abs(plans.points - counts_of(program, found))
            near = (away.sum(axis=1) <= moves) & (away.max(axis=1, initial=0) <= 1)
            assert max(value for value, inside in zip(plans.values, near, strict=True) if inside) == search.best.value
            better += search.best.value > plans.values[first]
    assert better > COUNT / 3


def test_an_exchange_keeps_every_rule_switches_included() -> None:
    better = 0
    for number in range(COUNT):
        program = said_program(f"exchange {number}")
        plans = None if program is None else plans_of(program)
        if program is None or plans is None or plans.best is None:
            continue
        search = searching(program)
        found = exchange(search, as_booked(plans.points[0]), np.arange(len(program)))
        assert (plans.points == counts_of(program, found)).all(axis=1).any()
        better += program.value(found) > plans.values[0]
    assert better > 5


def test_only_near_columns_are_exchanged_and_a_plan_that_breaks_a_rule_is_left_as_it_is() -> None:
    for program, plans in asked():
        near = np.arange(0, len(program), 2)
        found = exchange(searching(program), as_booked(plans.points[0]), near)
        assert (np.delete(counts_of(program, found) - plans.points[0], near) == 0).all()
        if len(plans.broken):
            broken = as_booked(plans.broken[0])
            search = searching(program)
            assert exchange(search, broken, near) is broken
            assert search.best is None


def test_exchanges_end_when_the_time_is_over() -> None:
    for program, plans in asked():
        over = highs.Clock(time.monotonic() - 1, lambda: False)
        plan = as_booked(plans.points[0])
        search = Search(program, scaled(program), Fraction(0), over, highs.solve, None)
        assert exchange(search, plan, np.arange(len(program))) is plan
