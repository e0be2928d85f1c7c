"""The branch proof: its cases leave no plan out, each is closed by prices, and what it claims is true of all plans."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cache
from itertools import product

import numpy as np
import pytest

from optimizer.domain.exact import Ints
from optimizer.formulation.program import Program
from optimizer.formulation.terms import Booked, Term
from optimizer.solving import lagrangian_bound
from optimizer.solving.branch import CASES_MOST, Proof, affordable, proof_of, prove
from optimizer.solving.branch_and_bound import Tree
from optimizer.solving.clock import Clock
from optimizer.solving.engine import Solution, solve
from optimizer.solving.reduced_problem import settle
from optimizer.solving.scaling import scaled
from tests.support.amounts import seeded, times
from tests.support.programs import RowOf, best_of, program_from, program_of, solved, value_of
from tests.support.proofs import (
    NEVER,
    Plans,
    Reader,
    as_booked,
    drawn_program,
    inside,
    opened,
    plans_of,
    root,
    said_program,
)
from tests.support.scenarios import scenario

DRAWN, SAID = times(56), times(20)


def proved(program: Program, value: Fraction | None, *, tight: bool = False, most: int | None = None) -> Proof | None:
    cases, prices = opened(program, value, tight=tight)
    if most is None:
        return prove(cases, prices, value, NEVER)
    tree = Tree(cases, prices, value)
    tree.grow(NEVER, Fraction(0), most)
    return proof_of(tree)


def narrowing(proof: Proof) -> int:
    """How many splits carry prices."""
    return sum(case.column is not None and any(case.prices) for case in proof.cases)


def reads_as_true(program: Program, proof: Proof, plans: Plans | None) -> None:
    """Walk a proof as a reader would, with everything worked out again; and hold all plans against it."""
    reader = Reader(proof.settled)
    leaves = reader.leaves(proof.cases, proof.above)
    for case, box in leaves:
        assert reader.closes(case, box, proof.bound)
    if plans is None:
        return
    if proof.bound is None:
        assert plans.best is None
        return
    assert plans.best is None or proof.bound >= plans.best
    points, free = plans.worth(proof.above), proof.settled.free
    boxes = [box for _, box in leaves if box is not None]
    times_in = sum((inside(box, points[:, free]).astype(int) for box in boxes), np.zeros(len(points), dtype=int))
    assert (times_in == 1).all()
    others = np.setdiff1d(np.arange(len(program)), free)
    fixed = np.zeros(len(program), dtype=np.int64)
    fixed[proof.settled.fixed.columns] = proof.settled.fixed.counts
    assert (points[:, others] == fixed[others]).all()
    if proof.plan is not None:
        assert program.failures(proof.plan) == []
        assert program.keeps_units(proof.plan)
        assert plans.best is not None
        assert program.value(proof.plan) <= plans.best
    if proof.bound == plans.best:
        assert inside(proof.tied, plans.worth(plans.best)[:, free]).all()


def small(seed: int) -> Program:
    said, frame = scenario(f"branch {seed}", sizes=(6, 14))
    return program_of(said, frame)


PROGRAMS = [program for program in map(small, range(40)) if program.all_whole and program.parts == 1]


@cache
def answers() -> tuple[tuple[Program, Solution], ...]:
    return tuple((program, solved(program, rounds=300)) for program in PROGRAMS)


@dataclass(frozen=True, eq=False)
class Asked:
    """A small program with all of its plans, and proofs (or None) where no plan is known, the best, or any: from the
    relaxation as it is, and tightened."""

    name: str
    program: Program
    plans: Plans
    proofs: tuple[Proof | None, ...]


@cache
def asked() -> tuple[Asked, ...]:
    drawn = [(f"{seeded('branch')} {number}", drawn_program) for number in range(DRAWN)]
    said = [(f"{seeded('branch said')} {number}", said_program) for number in range(SAID)]
    found = []
    for name, draw in [*drawn, *said]:
        program = draw(name)
        if program is not None:
            plans = plans_of(program)
            rng = random.Random(name)
            known = () if plans.best is None else (plans.best, Fraction(rng.choice(plans.values)))
            ways = product((None, *known), (False, True))
            proofs = tuple(proved(program, value, tight=tight) for value, tight in ways)
            found.append(Asked(name, program, plans, proofs))
    return tuple(found)


def test_each_case_is_closed_by_prices_that_show_what_is_claimed() -> None:
    split = 0
    for program, solution in answers():
        if solution.plan is None:
            continue
        for tight in (False, True):
            proof = proved(program, program.value(solution.plan), tight=tight, most=150)
            if proof is None or proof.bound is None:
                continue
            split += len(proof.cases) > 1
            reads_as_true(program, proof, None)
    assert split > 10


def test_a_proof_is_true_of_all_plans_whatever_plan_is_known() -> None:
    """Units with several offers or several bookings, equalities, switches, minimised goals; from the relaxation as it
    is, and tightened."""
    seen: Counter[str] = Counter()
    for one in asked():
        for proof in one.proofs:
            assert proof is not None, one.name
            reads_as_true(one.program, proof, one.plans)
            seen["split"] += len(proof.cases) > 1
            seen["narrowed"] += narrowing(proof) > 0
            seen["staged"] += bool(proof.settled.stages)
            seen["impossible"] += proof.bound is None
        program = one.program
        seen["switches"] += bool(program.indicators)
        seen["offers"] += len(np.unique(program.unit)) < len(program)
        seen["often"] += bool((program.available > 1).any())
        seen["must"] += bool(program.required.any())
        seen["equalities"] += any(row.lower == row.upper for row in program.rows)
        seen["minimised"] += program.objective.sense == "minimize"
    assert len(asked()) > 0.8 * (DRAWN + SAID)
    kinds = "split staged impossible switches offers often must equalities minimised".split()
    assert min(seen[kind] for kind in kinds) > len(asked()) / 30
    assert seen["narrowed"] > 3


def test_a_proof_that_ends_closes_the_gap() -> None:
    """Where every case was looked at, none is left open: the bound is what the best plan is worth."""
    for one in asked():
        for proof in one.proofs:
            assert proof is not None, one.name
            if proof.looked_at < affordable(len(proof.settled.free)):
                assert proof.bound == one.plans.best, one.name


def test_from_no_known_plan_a_proof_finds_one_or_shows_that_there_is_none() -> None:
    found = 0
    for one in asked():
        for proof in one.proofs[:2]:
            assert proof is not None, one.name
            assert proof.above is None
            assert (proof.plan is None) == (one.plans.best is None) == (proof.bound is None), one.name
            if proof.plan is not None:
                found += 1
                assert one.program.value(proof.plan) == one.plans.best == proof.bound, one.name
                assert narrowing(proof) == 0
    assert found > len(asked())


def test_the_smallest_rows_that_only_points_break_leave_no_case_open() -> None:
    """A single point that breaks a row is ruled out by that row, also where the solver has no multipliers to show."""
    program = program_from([2], [([0], 1, 1)])
    proof = prove(settle(scaled(program), (0.0,), Fraction(0), None), (0.0,), None, NEVER)
    assert proof is not None
    assert proof.bound is None


def test_a_row_that_counts_nothing_is_no_trouble() -> None:
    """The solver has nothing to do then, and no basis to be asked for: it once ended the process."""
    for rows in ([([0, 0], None, 1)], []):
        program = program_from([5, 1], rows)
        proof = prove(settle(scaled(program), (0.0,) * len(rows), Fraction(6), None), (0.0,) * len(rows), None, NEVER)
        assert proof is not None
        assert proof.bound == 6


def test_no_case_is_left_out() -> None:
    """Every point of the open box is in exactly one case; where a plan is known, every one that is worth as much."""
    program = program_from([7, 9, 4, 6], [([3, 5, 2, 4], None, 7), ([4, 3, 5, 1], None, 8)])
    best = best_of(program)
    for value in (None, best):
        proof = proved(program, value)
        assert proof is not None
        walked = Reader(proof.settled).leaves(proof.cases, proof.above)
        ranges = [range(int(high) + 1) for high in proof.settled.box().upper]
        for point in product(*ranges):
            within = [box is not None and np.all((box.lower <= point) & (point <= box.upper)) for _, box in walked]
            plan = proof.settled.plan(np.array(point))
            if value is None or (program.value(plan) >= value and not program.failures(plan)):
                assert sum(within) == 1


def hard(seed: int) -> Program:
    """A program whose bookings are worth nearly what they take."""
    rng = random.Random(f"{seeded('hard')} {seed}")
    n = rng.randint(8, 11)
    unit = np.array(sorted(rng.choice([at, at, max(at - 1, 0)]) for at in range(n)))
    unit = np.unique(unit, return_inverse=True)[1]
    rows: list[RowOf] = []
    for _ in range(2):
        values = [rng.randint(20, 60) for _ in range(n)]
        rows.append((values, None, sum(values) // 3))
    costs = [sum(pair) + rng.randint(0, 6) for pair in zip(rows[0][0], rows[1][0], strict=True)]
    many = np.ones(int(unit[-1]) + 1, dtype=np.int64)
    program = replace(program_from(costs, rows), unit=unit, available=many, required=np.zeros_like(many))
    return program.relaxed(program.rows)


@cache
def hard_ones() -> tuple[tuple[Program, Plans], ...]:
    return tuple((program, plans_of(program)) for program in map(hard, range(times(10))))


def test_splits_carry_prices_that_leave_out_no_plan_of_interest() -> None:
    """And they say something: without them, cases hold points that no case holds with them."""
    narrowed, fewer = 0, 0
    for program, plans in hard_ones():
        assert plans.best is not None
        for value in (plans.best, plans.best - 1):
            proof = proved(program, value)
            assert proof is not None
            reads_as_true(program, proof, plans)
            narrowed += narrowing(proof)
            reader = Reader(proof.settled)
            without = [replace(case, prices=() if case.column is not None else case.prices) for case in proof.cases]
            boxes = [reader.leaves(cases, proof.above) for cases in (proof.cases, without)]
            for (_, box), (_, wider) in zip(*boxes, strict=True):
                assert wider is not None
                assert box is None or bool((box.upper <= wider.upper).all() and (box.lower >= wider.lower).all())
                fewer += box is None or bool((box.upper < wider.upper).any())
    assert narrowed > 20
    assert fewer > 20


def test_prices_of_a_split_close_nothing_that_a_plan_passes() -> None:
    """Any prices in the place of those of a split: whoever narrows by them keeps all plans worth as much."""
    for number, (program, plans) in enumerate(hard_ones()):
        rng = random.Random(number)
        proof = proved(program, plans.best)
        assert proof is not None
        reader, free = Reader(proof.settled), proof.settled.free
        cases = []
        for case in proof.cases:
            prices = [abs(price) * rng.choice([0.5, 1, 2]) for price in case.prices]
            cases.append(case if case.column is None else replace(case, prices=tuple(prices)))
        walked = reader.leaves(cases, proof.above)
        for point in plans.worth(proof.above)[:, free]:
            assert sum(bool(inside(box, point[None])[0]) for _, box in walked if box is not None) == 1


def steps(tree: Tree, every: int) -> Iterator[Proof]:
    """Grow a tree a few cases at a time, and what it proves after each step."""
    while not tree.ended and tree.looked_at < CASES_MOST:
        tree.grow(NEVER, Fraction(0), tree.looked_at + every)
        proof = proof_of(tree)
        if proof is not None:
            yield proof


def test_a_tree_that_grows_in_steps_proves_no_less_and_stays_true_at_each() -> None:
    several = 0
    for number, (program, plans) in enumerate(hard_ones()):
        assert plans.best is not None
        for value in (None, plans.best, Fraction(random.Random(number).choice(plans.values))):
            cases, prices = opened(program, value)
            at_once = prove(cases, prices, value, NEVER)
            proofs = list(steps(Tree(cases, prices, value), 3 + number % 7))
            several += len(proofs) > 1
            assert at_once is not None
            bounds = [proof.bound for proof in proofs if proof.bound is not None]
            for proof in proofs[-1:] if value is None else (proofs[0], proofs[len(proofs) // 2]):
                reads_as_true(program, proof, plans)
            assert all(bound >= plans.best for bound in bounds)
            assert at_once.bound is not None
            assert bounds[-1] <= at_once.bound
            if value is not None:
                assert bounds == sorted(bounds, reverse=True)
    assert several > 7


def test_a_better_value_told_in_between_keeps_a_proof_true() -> None:
    told = 0
    for number, (program, plans) in enumerate(hard_ones()):
        assert plans.best is not None
        rng = random.Random(number)
        for first in sorted({Fraction(rng.choice(plans.values)), Fraction(0)}):
            cases, prices = opened(program, first)
            tree = Tree(cases, prices, first)
            better = sorted(
                {Fraction(value) for value in rng.choices(plans.values, k=3) if value > first} | {plans.best}
            )
            for value in better:
                tree.grow(NEVER, Fraction(0), tree.looked_at + rng.randint(1, 4))
                assert tree.value is not None
                told += value > tree.value
                tree.value = max(tree.value, value)
                proof = proof_of(tree)
                assert proof is not None
                reads_as_true(program, proof, plans)
            tree.grow(NEVER, Fraction(0), CASES_MOST)
            proof = proof_of(tree)
            assert proof is not None
            assert proof.above == first
            assert proof.bound == plans.best
            reads_as_true(program, proof, plans)
    assert told > 7


def test_near_enough_is_near_enough_and_no_bound_is_false_at_any_gap() -> None:
    for program, plans in hard_ones():
        assert plans.best is not None
        for gap in (Fraction(1, 100), Fraction(1, 2)):
            cases, prices = opened(program, plans.best, tight=False)
            proof = prove(cases, prices, plans.best, NEVER, gap=gap)
            assert proof is not None
            assert proof.bound is not None
            assert plans.best <= proof.bound <= plans.best * (1 + gap)
            reads_as_true(program, proof, plans)


def test_a_clock_that_runs_out_leaves_a_proof_that_is_true() -> None:
    for number, (program, plans) in enumerate(hard_ones()):
        left = [number]

        def over(left: list[int] = left) -> bool:
            left[0] -= 1
            return left[0] < 0

        cases, prices = opened(program, plans.best, tight=False)
        proof = prove(cases, prices, plans.best, Clock(cancelled=over))
        assert proof is not None
        assert proof.looked_at <= number
        reads_as_true(program, proof, plans)


def test_the_same_program_is_solved_and_proved_the_same_way_each_time() -> None:
    """To the last digit of every price, as nothing depends on the clock, on chance, or on what was solved before."""
    for program, plans in hard_ones()[: times(5)]:
        for value in (None, plans.best):
            first, second = (proved(program, value, tight=True) for _ in range(2))
            assert first is not None
            assert second is not None
            assert first.cases == second.cases
            assert (first.bound, first.looked_at) == (second.bound, second.looked_at)
            assert [side.values.tolist() for side in first.settled.sides] == [
                side.values.tolist() for side in second.settled.sides
            ]
        answers = [solved(program) for _ in range(2)]
        assert len({(a.prices, a.bound, a.solver_claim) for a in answers}) == 1
        assert len({tuple(a.plan.columns.tolist()) for a in answers if a.plan is not None}) == 1


def shuffled(program: Program, rng: random.Random) -> tuple[Program, Ints]:
    """The same program with its units, and the offers of each, in another order; and where each column was."""
    units = rng.sample(range(len(program.available)), len(program.available))
    order = np.array(
        [
            at
            for unit in units
            for at in rng.sample(np.flatnonzero(program.unit == unit).tolist(), k=int((program.unit == unit).sum()))
        ]
    )

    def turned(term: Term) -> Term:
        return replace(term, values=term.values[order])

    rows = tuple(replace(row, terms=tuple(map(turned, row.terms))) for row in program.rows)
    return replace(
        program,
        unit=np.searchsorted(np.arange(len(units)), [units.index(unit) for unit in program.unit[order].tolist()]),
        most=program.most[order],
        available=program.available[units],
        required=program.required[units],
        costs=tuple(map(turned, program.costs)),
        rows=rows,
    ), order


def test_the_order_of_columns_changes_neither_the_best_value_nor_that_it_is_proved() -> None:
    """Which of several best plans is shown is decided later, by spend and names (`planning.ties`)."""
    for number, one in enumerate(asked()[::2]):
        if one.program.indicators or any(term.members is not None for row in one.program.rows for term in row.terms):
            continue
        rng = random.Random(number)
        turned, order = shuffled(one.program, rng)
        first, second = solved(one.program), solved(turned)
        assert first.infeasible == second.infeasible == (one.plans.best is None), one.name
        assert value_of(one.program, first) == value_of(turned, second) == first.bound == second.bound, one.name
        if second.plan is not None:
            back = np.zeros(len(one.program), dtype=np.int64)
            back[order[second.plan.columns]] = second.plan.counts
            assert one.program.failures(as_booked(back)) == []
            if sum(value == one.plans.best for value in one.plans.values) == 1:
                assert first.plan is not None
                assert first.plan.columns.tolist() == as_booked(back).columns.tolist()


def test_where_too_much_is_open_no_case_is_looked_at() -> None:
    assert affordable(100) > affordable(10_000) > affordable(10**6) == 0
    assert 0 < affordable(1_000, near=True) < affordable(1_000)
    assert affordable(0) == CASES_MOST


def test_a_gap_of_small_pools_is_mostly_closed() -> None:
    """What stays open are rules that ask for a sum to the cent: there, nearly every choice must be looked at."""
    closed, gaps = 0, 0
    for program, solution in answers():
        if solution.plan is None or solution.bound is None:
            continue
        bound = lagrangian_bound.best_value(program, root(program)[1])
        gaps += bound > program.value(solution.plan)
        closed += bound > program.value(solution.plan) == solution.bound
    assert gaps > 10
    assert closed >= 0.75 * gaps


def test_a_better_plan_that_turns_up_is_taken() -> None:
    program = program_from([10, 9, 8, 5], [([6, 5, 4, 3], None, 9)])
    best = best_of(program)
    worse = Booked(np.array([0]), np.array([1]))
    proof = proved(program, program.value(worse))
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
    for program in map(coarse, range(times(80))):
        best = best_of(program)
        assert best is not None
        bound = solve(program, gap=0.5, clock=Clock()).bound
        assert bound is not None
        assert bound >= best
        for value in {Fraction(0), best - lagrangian_bound.step(program), best}:
            proof = proved(program, max(value, Fraction(0)))
            if proof is not None and proof.bound is not None:
                proofs += 1
                assert proof.bound >= best
    assert proofs > 120


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


def test_parts_of_bookings_are_never_split_and_yet_proved() -> None:
    said = {
        "format": 1,
        "currency": "EUR",
        "objective": {"maximize": "creators"},
        "budget": 5,
        "whole": False,
    }
    program = program_of(said, {"creator": ["a", "b"], "fee": ["3", "4"]})
    found = prove(settle(scaled(program), (0.0,), Fraction(9_000_000), Fraction(0)), (0.0,), Fraction(0), NEVER)
    assert found is not None
    assert found.plan is not None
    assert [case.column for case in found.cases] == [None]
    assert found.bound == program.value(found.plan) == 1_500_000


def test_the_proof_never_claims_less_than_the_best_of_all_plans() -> None:
    for seed in range(times(50)):
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
    for _ in range(times(80)):
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
