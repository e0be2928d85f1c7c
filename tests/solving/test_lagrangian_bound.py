"""The bound that prices give holds for any prices whatever, and errors of floats are never larger than stated."""

from __future__ import annotations

from fractions import Fraction
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optimizer.formulation.program import Program
from optimizer.solving.lagrangian_bound import best_value, project, reduced_costs, regrets, upper_bound
from tests.support.brute import Question
from tests.support.programs import program_from, program_of
from tests.support.scenarios import scenario

POOLS = 40
WIDE = st.floats(allow_nan=True, allow_infinity=True, width=64)
USUAL = st.floats(min_value=-1e6, max_value=1e6)
TINY = st.floats(min_value=-1e-290, max_value=1e-290)
HUGE = st.sampled_from([1e308, -1e308, 1.7e308, -1.7e308, 1e300, -1e300])
PRICES = st.lists(st.one_of(WIDE, USUAL, USUAL, TINY, HUGE, st.just(0.0)), min_size=16, max_size=16)
WHICH = st.integers(min_value=0, max_value=POOLS - 1)


@cache
def drawn(number: int) -> tuple[Program, Fraction | None]:
    """A small program with what it maximises at its best, in the objective's unit."""
    said, frame = scenario(f"pricing {number}")
    question = Question(said, frame)
    best = question.best().value
    return program_of(said, frame), None if best is None else question.sign * best


def exact_reduced_cost(program: Program, prices: tuple[float, ...], column: int, *, costs: bool) -> Fraction:
    """c_j - y a_j, in fractions, term by term."""

    def coefficient(terms) -> int:
        return sum(
            term.multiplier * int(term.values[column])
            for term in terms
            if term.members is None or column in term.members.tolist()
        )

    gain = Fraction(program.objective.sign * coefficient(program.costs)) if costs else Fraction(0)
    priced = zip(program.rows, prices, strict=True)
    return gain - sum((Fraction(price) * coefficient(row.terms) for row, price in priced), Fraction(0))


def sized(prices: list[float], program: Program) -> list[float]:
    return (prices * (len(program.rows) // len(prices) + 1))[: len(program.rows)]


@given(WHICH, PRICES)
@settings(max_examples=250, deadline=None)
def test_no_plan_passes_the_bound_of_any_prices(number: int, prices: list[float]) -> None:
    program, best = drawn(number)
    bound = upper_bound(program, project(program, sized(prices, program)))
    if best is not None:
        assert bound >= best * program.denominator
        assert best_value(program, bound) >= best * program.denominator


@given(WHICH, PRICES)
@settings(max_examples=250, deadline=None)
def test_a_negative_bound_without_costs_means_that_there_is_no_plan(number: int, prices: list[float]) -> None:
    program, best = drawn(number)
    if upper_bound(program, project(program, sized(prices, program)), costs=False) < 0:
        assert best is None


@given(WHICH, PRICES, st.booleans())
@settings(max_examples=150, deadline=None)
def test_reduced_costs_are_within_their_stated_error(number: int, prices: list[float], costs: bool) -> None:
    program, _ = drawn(number)
    projected = project(program, sized(prices, program))
    rc, error = reduced_costs(program, projected, costs=costs)
    for column in range(len(program)):
        if np.isfinite(rc[column]) and np.isfinite(error[column]):
            exact = exact_reduced_cost(program, projected, column, costs=costs)
            assert abs(Fraction(float(rc[column])) - exact) <= Fraction(float(error[column]))


@given(WHICH, PRICES)
@settings(max_examples=120, deadline=None)
def test_the_bound_is_the_exact_sum_of_prices_and_best_reduced_costs(number: int, prices: list[float]) -> None:
    program, _ = drawn(number)
    projected = project(program, sized(prices, program))
    total = Fraction(0)
    for row, price in zip(program.rows, projected, strict=True):
        if price:
            total += Fraction(price) * (row.upper if price > 0 else row.lower)
    for unit in range(len(program.available)):
        columns = np.flatnonzero((program.unit == unit) & (program.most > 0)).tolist()
        ways = [exact_reduced_cost(program, projected, column, costs=True) for column in columns]
        total += max(ways if program.required[unit] else [*ways, Fraction(0)])
    assert upper_bound(program, projected) == total


@given(WHICH, PRICES)
@settings(max_examples=120, deadline=None)
def test_projected_prices_have_the_sign_that_their_row_allows(number: int, prices: list[float]) -> None:
    program, _ = drawn(number)
    for row, price in zip(program.rows, project(program, sized(prices, program)), strict=True):
        assert np.isfinite(price)
        assert price <= 0 or row.upper is not None
        assert price >= 0 or row.lower is not None


@given(WHICH, st.lists(USUAL, min_size=16, max_size=16))
@settings(max_examples=120, deadline=None)
def test_booking_a_column_costs_its_regret_in_the_bound(number: int, prices: list[float]) -> None:
    """With a column booked by force, the bound falls by the column's regret: reduced-cost fixing is sound."""
    program, _ = drawn(number)
    projected = project(program, sized(prices, program))
    rc, error = reduced_costs(program, projected)
    regret, _ = regrets(program, rc)
    for column in range(len(program)):
        mine = (program.unit == program.unit[column]) & (program.most > 0)
        if not mine[column]:
            assert regret[column] == np.inf
            continue
        exact = [exact_reduced_cost(program, projected, int(j), costs=True) for j in np.flatnonzero(mine)]
        best = max(exact) if program.required[program.unit[column]] else max(*exact, Fraction(0))
        lost = best - exact_reduced_cost(program, projected, column, costs=True)
        assert float(lost) == pytest.approx(regret[column], rel=1e-9, abs=4 * float(error[mine].max()))


def test_a_bound_is_cut_down_to_a_multiple_of_the_costs_divisor() -> None:
    program = program_from([100, 250, 50], [([1, 1, 1], None, 2)])
    assert best_value(program, Fraction(399)) == 350
    assert best_value(program, Fraction(-1, 2)) == -50


def test_the_divisor_takes_multipliers_beyond_64_bits() -> None:
    """Weights such as 1e-12 make multipliers that only Python's integers hold."""
    said = {
        "format": 1,
        "currency": "EUR",
        "objective": {"maximize": {"spend": "1", "creators": "0.000000000001"}},
        "budget": "2_000_000_000",
    }
    frame = {"creator": ["a", "b", "c"], "fee": ["800000000", "800000000", "1600000000"]}
    program = program_of(said, frame)
    prices = (0.0,) * len(program.rows)
    assert best_value(program, upper_bound(program, prices)) >= 2_400_000_000 * program.denominator
