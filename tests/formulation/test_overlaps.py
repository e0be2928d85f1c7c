"""People reached in a program: overlaps follow from the bookings, and the plan found is the best of all plans."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from fractions import Fraction
from math import inf

import numpy as np
import pytest

from optimizer.domain.constraints import Constraint, Measure, Objective
from optimizer.domain.filters import EVERYTHING, AnyOf, Filter
from optimizer.domain.quantities import REACH
from optimizer.estimation.estimate import estimate
from optimizer.formulation.build import build
from optimizer.formulation.kinds.amounts import AmountRule
from optimizer.formulation.program import Program
from optimizer.formulation.terms import Booked
from optimizer.solving import highs
from optimizer.solving.engine import solve
from tests.support.amounts import seeded, times
from tests.support.audiences import MICRO, ByHand, drawn, every_plan, in_words, near

DRAWS = times(60)


def people_of(program: Program) -> float:
    """All people of the cells, by which what is rounded is measured."""
    return sum(sum(curve.people for curve in block.curves) for block in program.overlaps) / MICRO


def test_what_a_plan_reaches_is_what_the_formulas_say() -> None:
    """Of every rule about people reached, and every plan."""
    seen = 0
    for number in range(DRAWS):
        scenario = drawn(seeded(f"overlaps {number}"))
        program, by_hand = build(estimate(scenario)), ByHand(scenario)
        rules = [rule for rule in program.rules if isinstance(rule, AmountRule)]
        rules = [rule for rule in rules if rule.constraint.measure.quantity == REACH and rule.label is None]
        for plan in list(every_plan(program))[:: 1 + number % 7]:
            for rule in rules:
                said = rule.constraint
                hand = by_hand.reach(in_words(program, plan), by_hand.members(said.group), said.measure.people)
                found = float(rule.measured.total(plan)) / MICRO
                assert near(found, hand, people_of(program)), (number, said.name, in_words(program, plan))
                seen += 1
    assert seen > 5 * DRAWS


def test_frequency_over_some_people_is_their_views_by_those_who_are_reached() -> None:
    young_french = Filter((("country", AnyOf(("FR",))), ("age", AnyOf(("young",)))))
    seen = 0
    for number in range(DRAWS):
        scenario = drawn(seeded(f"often {number}"))
        said = Constraint("seen too often", Measure("frequency", young_french), at_most=Fraction(6, 5))
        scenario = replace(scenario, constraints=(*scenario.constraints, said))
        program, by_hand = build(estimate(scenario)), ByHand(scenario)
        rule = next(one for one in program.rules if one.name == said.name)
        rows = [row for row in program.rows if row.rule >= 0 and program.rules[row.rule] is rule]
        members, every = by_hand.members(EVERYTHING), list(every_plan(program))
        for plan in every[:: 1 + len(every) // 40]:
            words = in_words(program, plan)
            views, reach = by_hand.views(words, members, young_french), by_hand.reach(words, members, young_french)
            if near(views, 1.2 * reach, people_of(program)):
                continue
            kept = views < 1.2 * reach
            assert (not rule.failure(plan)) is kept, (number, words)
            assert (not any(row.excess(row.total(plan)) for row in rows)) is kept, (number, words)
            seen += kept
    assert seen > 5 * DRAWS


def test_a_plan_keeps_every_tangent_that_any_solution_makes() -> None:
    rng = np.random.default_rng(4)
    rows = 0
    for number in range(DRAWS):
        program = build(estimate(drawn(seeded(f"tangents {number}"))))
        x = np.concatenate([rng.random(program.bookings), np.zeros(len(program) - program.bookings)])
        tangents, every = program.tangents(x, 0.0), list(every_plan(program))
        for plan in every[:: 1 + len(every) // 80]:
            for row in tangents:
                assert not row.excess(row.total(plan)), (number, row.label, in_words(program, plan))
        rows += len(tangents)
    assert rows > DRAWS


def test_a_booking_alone_overlaps_with_nobody() -> None:
    for number in range(DRAWS):
        program = build(estimate(drawn(seeded(f"alone {number}"))))
        for at in range(program.bookings):
            alone = Booked(np.array([at]), np.ones(1, dtype=np.int64))
            for block in program.overlaps:
                assert not len(block.settled(alone)[0]), number


def test_rows_of_different_groups_have_different_names() -> None:
    """Rules of each value of a column, of ratios and of groups, each over the same cells."""
    several = 0
    for number in range(times(150)):
        program = build(estimate(drawn(seeded(f"named {number}"))))
        names = [block.label(at, 5) for block in program.overlaps for at in range(len(block))]
        assert len(names) == len(set(names)), number
        several += len(program.overlaps) > 1
    assert several > 20


@pytest.mark.parametrize("part", range(4))
def test_the_plan_found_is_the_best_of_all_plans(part: int) -> None:
    """And where it is said that there is none, no plan keeps the rules."""
    seen = Counter[str]()
    for number in range(part, DRAWS, 4):
        program = build(estimate(drawn(seeded(f"best {number}"))))
        values = [
            program.value(plan) for plan in every_plan(program) if not any(r.failure(plan) for r in program.rules)
        ]
        found = solve(program, gap=0.0, clock=highs.Clock(inf, lambda: False, 3_000))
        if found.plan is None:
            assert not values, number
            assert found.infeasible, number
        else:
            assert program.value(found.plan) <= max(values), number
            assert found.bound is not None
            assert found.bound >= max(values), number
            if not found.stopped:
                assert program.value(found.plan) == max(values), number
        seen["none" if found.plan is None else "stopped" if found.stopped else "best"] += 1
    assert seen["best"] > 3 * seen["stopped"]


def test_a_program_without_people_reached_has_no_overlaps() -> None:
    scenario = drawn("plain")
    engagements = Objective("maximize", (("engagements", Fraction(1)),))
    program = build(estimate(replace(scenario, objective=engagements, goals=(), constraints=())))
    assert program.overlaps == ()
    assert len(program) == program.bookings
