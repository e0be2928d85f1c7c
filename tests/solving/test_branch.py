"""The branch proof: its cases leave no plan out, each is closed by prices, and what it claims is true of all plans."""

from __future__ import annotations

import random
from dataclasses import replace
from fractions import Fraction
from itertools import product

import numpy as np
import pytest

from optimizer.formulation.program import Program
from optimizer.formulation.terms import Booked
from optimizer.solving import pricing
from optimizer.solving.branch import Case, Proof, prove
from optimizer.solving.cases import Box, Cases, settle
from optimizer.solving.engine import solve
from optimizer.solving.highs import Clock
from optimizer.solving.relaxation import relax
from optimizer.solving.scaling import scaled
from tests.support.programs import RowOf, best_of, program_from, program_of, solved, value_of
from tests.support.scenarios import scenario

NEVER = Clock(float("inf"), lambda: False)


def root(program: Program) -> tuple[tuple[float, ...], Fraction]:
    relaxed = relax(scaled(program), NEVER)
    prices = pricing.project(program, relaxed.prices or [0.0] * len(program.rows))
    return prices, pricing.upper_bound(program, prices)


def proved(program: Program, value: Fraction | None) -> tuple[Proof | None, Cases]:
    prices, bound = root(program)
    return prove(scaled(program), prices, bound, value, NEVER), settle(scaled(program), prices, bound, value)


def leaves(cases: tuple[Case, ...], settled: Cases) -> list[tuple[Case, Box]]:
    """Every case that is not split, with the box it stands for; as a reader of a proof would walk it."""
    place = {int(column): at for at, column in enumerate(settled.free)}
    found, waiting = [], [settled.box()]
    for case in cases:
        box = waiting.pop()
        if case.column is None:
            found.append((case, box))
        else:
            at = place[case.column]
            waiting += [box.more_than(at, case.at), box.at_most(at, case.at)]
    assert not waiting
    return found


def small(seed: int) -> Program:
    said, frame = scenario(f"branch {seed}", sizes=(6, 14))
    return program_of(said, frame)


PROGRAMS = [program for program in map(small, range(60)) if program.all_whole and program.parts == 1]


def test_each_case_is_closed_by_prices_that_show_what_is_claimed() -> None:
    split = 0
    for program in PROGRAMS:
        solution = solved(program)
        if solution.plan is None:
            continue
        value = program.value(solution.plan)
        proof, settled = proved(program, value)
        if proof is None or proof.bound is None:
            continue
        split += len(proof.cases) > 1
        for case, box in leaves(proof.cases, settled):
            if case.impossible:
                assert settled.is_empty(box) or settled.bound(case.prices, box, costs=False) < 0
            else:
                assert pricing.best_value(program, settled.bound(case.prices, box)) <= proof.bound
    assert split > 5


def test_no_case_is_left_out() -> None:
    """Every point of the open box is in exactly one case."""
    program = program_from([7, 9, 4, 6], [([3, 5, 2, 4], None, 7), ([4, 3, 5, 1], None, 8)])
    best = best_of(program)
    proof, settled = proved(program, best)
    assert proof is not None
    walked = leaves(proof.cases, settled)
    ranges = [range(int(high) + 1) for high in settled.box().upper]
    for point in product(*ranges):
        inside = [np.all((box.lower <= point) & (point <= box.upper)) for _, box in walked]
        assert sum(inside) == 1


def test_a_gap_of_small_pools_is_mostly_closed() -> None:
    """What stays open are rules that ask for a sum to the cent: there, nearly every choice must be looked at."""
    closed, gaps = 0, 0
    for program in PROGRAMS:
        solution = solved(program)
        if solution.plan is None or solution.bound is None:
            continue
        bound = pricing.best_value(program, root(program)[1])
        gaps += bound > program.value(solution.plan)
        closed += bound > program.value(solution.plan) == solution.bound
    assert gaps > 10
    assert closed >= 0.75 * gaps


def test_a_better_plan_that_turns_up_is_taken() -> None:
    program = program_from([10, 9, 8, 5], [([6, 5, 4, 3], None, 9)])
    best = best_of(program)
    worse = Booked(np.array([0]), np.array([1]))
    proof, _ = proved(program, program.value(worse))
    assert proof is not None
    assert proof.plan is not None
    assert program.value(proof.plan) == proof.bound == best


def coarse(seed: int) -> Program:
    """A program whose values are multiples of 100."""
    rng = random.Random(seed)
    n = rng.randint(3, 8)
    rows = [([rng.randint(1, 9) for _ in range(n)], None, rng.randint(4, 20)) for _ in range(rng.choice([1, 2]))]
    return program_from([rng.choice([1, 1, 2, 3]) * 100 for _ in range(n)], rows)


def test_no_proof_from_a_poor_plan_is_below_the_best_one_where_values_are_coarse() -> None:
    """A bound rounded down to a value that a plan can have once settled bookings that only the best plan has."""
    proofs = 0
    for program in map(coarse, range(300)):
        best = best_of(program)
        assert best is not None
        bound = solve(program, gap=0.5, deadline=float("inf"), cancelled=lambda: False).bound
        assert bound is not None
        assert bound >= best
        for value in {Fraction(0), best - pricing.step(program), best}:
            proof, _ = proved(program, max(value, Fraction(0)))
            if proof is not None and proof.bound is not None:
                proofs += 1
                assert proof.bound >= best
    assert proofs > 500


@pytest.mark.parametrize(
    "rows",
    [
        pytest.param([([2, 2, 2], 3, 3)], id="an odd sum of even amounts"),
        pytest.param([([6, 10, 15], 17, 20), ([1, 1, 1], None, 2)], id="two that add up, but not to this"),
        pytest.param([([3, 5, 7], 11, 11)], id="a sum that no choice gives"),
    ],
)
def test_what_only_whole_bookings_cannot_keep_is_proved_case_by_case(rows: list[RowOf]) -> None:
    program = program_from([1, 1, 1], rows)
    assert best_of(program) is None
    solution = solved(program)
    assert solution.infeasible
    assert solution.proof in ("prices", "branches")


def test_parts_of_bookings_are_not_split() -> None:
    said = {
        "format": 1,
        "currency": "EUR",
        "objective": {"maximize": "creators"},
        "budget": 5,
        "whole": False,
    }
    program = program_of(said, {"creator": ["a", "b"], "fee": ["3", "4"]})
    assert prove(scaled(program), (0.0,), Fraction(9), Fraction(0), NEVER) is None


def test_the_proof_never_claims_less_than_the_best_of_all_plans() -> None:
    for seed in range(80):
        rng = np.random.default_rng(seed)
        n = int(rng.integers(3, 8))
        rows: list[RowOf] = [
            (rng.integers(0, 9, n).tolist(), None, int(rng.integers(5, 20))),
            (rng.integers(0, 9, n).tolist(), int(rng.integers(0, 9)), None),
        ]
        program = program_from(rng.integers(1, 30, n).tolist(), rows, available=rng.integers(1, 3, n).tolist())
        best, solution = best_of(program), solved(program)
        assert value_of(program, solution) == best
        if best is not None:
            assert solution.bound is not None
            assert solution.bound >= best
        else:
            assert solution.infeasible


def test_terms_of_the_goal_that_cancel_close_no_case_that_holds_a_better_plan() -> None:
    """A gain less a loss may be smaller than what floats lose of each."""
    rng = random.Random(3)
    for _ in range(150):
        n = rng.randint(4, 9)
        gain = [rng.randint(7 * 10**9, 9 * 10**9) for _ in range(n)]
        loss = [amount - rng.randint(0, 3) for amount in gain]
        rows = [([rng.randint(1, 9) for _ in range(n)], None, rng.randint(5, 20))]
        program = program_from(gain, rows)
        first = program.costs[0]
        costs = (first.times(1001), replace(first, values=np.array(loss, dtype=np.int64), multiplier=-1001))
        program = replace(program, costs=costs)
        best = best_of(program)
        assert best is not None
        solution = solved(program)
        assert solution.bound is not None
        assert solution.bound >= best


def test_cases_that_ask_for_more_of_a_creator_than_there_is_are_closed() -> None:
    """A solver's tolerance makes such cases; they once stayed open and kept the bound high."""
    said = {
        "format": 1,
        "currency": "USD",
        "assume": {"view_rate": "45%", "click_rate": "0.8%", "conversion_rate": "1"},
        "pay": {"gifted": {"model": "gift", "post_rate": "0.333"}},
        "offers": {
            "offer 0": {"deliver": {"video": 1}, "pay": "gifted"},
            "offer 1": {"deliver": {"video": 3}},
        },
        "segments": [{"name": "B many 0", "available": "2", "followers": "57976"}],
        "objective": {"maximize": {"impressions": "0.5"}},
        "constraints": {"rule 1": {"quantity": "conversions", "per": "segment", "at_most": "695.642428"}},
    }
    program = program_of(said, {"creator": ["@a0."], "followers": [5000]})
    solution = solved(program)
    assert solution.plan is not None
    assert solution.bound == program.value(solution.plan)
