"""The best plan and all plans by labels: against all plans of small programs, whatever prices they are found by."""

from __future__ import annotations

import random
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from optimizer.formulation.program import Program
from optimizer.formulation.terms import Booked
from optimizer.solving import label_runs, labels, lagrangian_bound
from optimizer.solving.clock import Clock
from optimizer.solving.column_generation import relax
from optimizer.solving.labels import Labelling, is_listable
from optimizer.solving.scaling import scaled
from tests.support.amounts import times
from tests.support.programs import program_from, program_of
from tests.support.proofs import MOST_POINTS, plans_of
from tests.support.scenarios import scenario

COUNT = 60


def labelling(program: Program, rng: random.Random | None = None) -> Labelling:
    """By the prices of the relaxation, or by random ones: any prove something."""
    found = relax(scaled(program), Clock())
    prices = [float(price) for price in found.prices or [0.0] * len(program.rows)]
    if rng is not None:
        prices = [price * rng.choice([0, 0.5, 1, 1.5]) + rng.choice([0, 0, rng.uniform(-1, 1)]) for price in prices]
    projected = lagrangian_bound.project(program, prices)
    return Labelling(program, projected, lagrangian_bound.upper_bound(program, projected))


def drawn(number: int) -> Program | None:
    said, frame = scenario(f"labels {number}", sizes=(3, 7), words=("each", "talents", "logic") if number % 3 else ())
    assert frame is not None
    program = program_of(said, frame)
    ways = 2.0 ** len(program.unit)
    largest = max((int(np.abs(term.values).max(initial=0)) * term.multiplier for term in program.costs), default=0)
    return program if is_listable(program) and ways <= 100 * MOST_POINTS and largest < 2**50 else None


def hard(rng: random.Random) -> Program:
    """A knapsack of several rows with nearly tied columns, two of a unit."""
    n = rng.randint(6, 12)
    rows = []
    for _ in range(rng.randint(1, 3)):
        sizes = [rng.randint(10, 60) for _ in range(n)]
        half = sum(sizes) // 4
        rows.append((sizes, rng.choice([None, None, half - rng.randint(0, 15)]), half))
    program = program_from([rng.randint(90, 110) for _ in range(n)], rows, sense=rng.choice(["maximize", "minimize"]))
    units = np.arange(n) // 2
    required = np.array([rng.random() < 0.1 for _ in range(units.max() + 1)], dtype=np.int64)
    ones = np.ones(len(required), dtype=np.int64)
    return replace(program, unit=units, available=ones, required=required).relaxed(program.rows)


def all_of(program: Program) -> list[tuple[Fraction, tuple[int, ...]]]:
    """All plans that keep all rows, as values with columns, the best first."""
    plans = plans_of(program.with_all_rows())
    found = zip(plans.values, plans.points.tolist(), strict=True)
    return sorted(
        ((Fraction(int(value)), tuple(np.flatnonzero(point).tolist())) for value, point in found), reverse=True
    )


def programs() -> list[tuple[random.Random, Program]]:
    drawn_ones = ((random.Random(number), drawn(number)) for number in range(times(COUNT)))
    found = [(rng, program) for rng, program in drawn_ones if program is not None]
    return found + [(rng, hard(rng)) for rng in map(random.Random, range(times(COUNT)))]


@pytest.mark.parametrize("together", [4_000, 3])
def test_the_best_plan_is_that_of_all_plans(together: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(label_runs, "TOGETHER", together)
    monkeypatch.setattr(labels, "TOGETHER", together)
    monkeypatch.setattr(labels, "_TO_A_PLAN", min(together, 300))
    monkeypatch.setattr(labels, "_OPEN_FIRST", 1 if together == 3 else 40)
    monkeypatch.setattr(labels, "_RUNS", 60)
    wrong: list[Any] = []
    none = some = 0
    for number, (rng, program) in enumerate(programs()):
        plans = all_of(program)
        for random_prices in (None, rng):
            best = labelling(program, random_prices).best()
            if best is None:
                wrong.append((number, "not known"))
            elif not plans:
                none += 1
                if not best.impossible or best.plan is not None:
                    wrong.append((number, "none"))
            else:
                some += 1
                if (best.value, best.bound) != (plans[0][0], plans[0][0]) or best.plan is None or best.impossible:
                    wrong.append((number, best, plans[0]))
                elif program.value(best.plan) != best.value or program.with_all_rows().failures(best.plan):
                    wrong.append((number, "breaks", best))
    assert wrong == []
    assert none >= 3
    assert some >= 2 * COUNT


def test_of_plans_worth_as_much_the_one_most_like_another_is_taken() -> None:
    program = program_from([10] * 6, [([1] * 6, None, 3)])
    like = Booked(np.array([1, 3, 5]), np.ones(3, dtype=np.int64))
    best = labelling(program).best(like=like)
    assert best is not None
    assert best.plan is not None
    assert best.plan.columns.tolist() == [1, 3, 5]


def test_a_least_value_is_reached_or_proved_out_of_reach() -> None:
    reached = missed = 0
    for rng, program in programs():
        plans = all_of(program)
        if not plans:
            continue
        best = plans[0][0]
        for least in (best - 3, best, best + 1, best + 40):
            found = labelling(program, rng).best(least=Fraction(least))
            assert found is not None
            if least <= best:
                reached += 1
                assert (found.value, found.bound) == (best, best)
            else:
                missed += 1
                assert found.plan is None
                assert best <= found.bound < least
    assert min(reached, missed) >= COUNT


def test_any_plan_worth_enough_ends_it_under_a_bound_that_holds() -> None:
    for rng, program in programs():
        plans = all_of(program)
        if plans:
            enough = plans[len(plans) // 2][0]
            found = labelling(program, rng).best(enough=Fraction(enough))
            assert found is not None
            assert found.value is not None
            assert enough <= found.value <= plans[0][0] <= found.bound


def test_all_plans_worth_so_much_are_listed_each_once() -> None:
    several = 0
    for rng, without in programs():
        program = without.with_all_rows()
        plans = all_of(program)
        if plans:
            least = plans[rng.randrange(len(plans))][0]
            found = labelling(program, rng).listed(Fraction(least))
            assert found is not None
            mine = sorted(
                (Fraction(int(value)), tuple(found.plan(at).columns.tolist())) for at, value in enumerate(found.values)
            )
            assert mine == sorted(one for one in plans if one[0] >= least)
            several += len(mine) > 1
    assert several >= COUNT // 2


def test_with_too_many_labels_nothing_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    program = hard(random.Random(1))
    monkeypatch.setattr(label_runs, "_WORK", 5)
    assert labelling(program).best() is None
    monkeypatch.setattr(label_runs, "_WORK", 10**6)
    monkeypatch.setattr(labels._Every, "together", 2)
    assert labelling(program).listed(Fraction(-(10**9))) is None


def test_sums_that_64_bits_do_not_hold_are_left_to_others() -> None:
    program = program_from([1, 2], [([2**60, 2**60], None, 2**60)])
    assert is_listable(program)
    assert labelling(program).best() is None
