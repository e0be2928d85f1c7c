"""A point of a sweep begins where the search of its neighbour ended, and says the same as a plan."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from optimizer import Plan, try_optimize
from optimizer.estimation.estimate import estimate
from optimizer.formulation.build import build
from optimizer.formulation.terms import Booked
from optimizer.planning.optimize import Terms
from optimizer.planning.point import pointed
from optimizer.solving.clock import Clock
from optimizer.solving.engine import Beginning, solve
from tests.analysis.sweeping import loaded

TERMS = Terms(gap=0.0, time_limit_s=None, rounds=3_000)


@pytest.mark.parametrize("seed", range(5))
def test_a_point_that_begins_beside_another_is_as_good_as_a_plan_from_nothing(seed: int) -> None:
    first = pointed(loaded(seed, 30), TERMS)
    assert first.beginning is not None
    for budget in (500, 830, 1_200):
        scenario = loaded(seed, 30, budget=budget)
        beside = pointed(scenario, TERMS, first.estimates, first.beginning).point
        alone = try_optimize(scenario, gap=0.0)
        assert isinstance(alone, Plan)
        assert beside.value == alone.objective.value
        assert beside.claim == "optimal"


def test_a_beginning_in_columns_that_are_not_there_is_no_beginning() -> None:
    scenario = loaded(2)
    far = Beginning(np.array([10**6]), Booked(np.array([10**6]), np.array([1])), 10**6 + 1)
    assert pointed(scenario, TERMS, None, far).point == pointed(scenario, TERMS).point


def test_goals_in_order_are_stated_each_with_its_bound() -> None:
    scenario = loaded(2, objective="[{maximize: engagements, keep: 90%}, {minimize: spend}]")
    found = pointed(scenario, TERMS)
    plan = try_optimize(scenario, gap=0.0)
    assert isinstance(plan, Plan)
    assert [step.value for step in found.steps] == [goal.value for goal in plan.goals]
    assert [step.bound for step in found.steps] == [goal.bound for goal in plan.goals]


def test_a_search_that_begins_at_a_plan_that_breaks_its_rules_finds_another() -> None:
    program = build(estimate(loaded(3, 20)))
    everybody = np.flatnonzero(program.most[: program.bookings] > 0)
    bad = Beginning(everybody, Booked(everybody, np.ones(len(everybody), dtype=np.int64)), program.bookings)
    found = solve(program, gap=0.0, clock=Clock(rounds=3_000), before=bad, polish=False)
    alone = solve(program, gap=0.0, clock=Clock(rounds=3_000))
    assert found.plan is not None
    assert alone.plan is not None
    assert program.value(found.plan) == program.value(alone.plan) == found.bound


def test_where_a_search_ended_has_bookings_alone() -> None:
    program = build(estimate(loaded(3, 20)))
    found = solve(program, gap=0.0, clock=Clock(rounds=3_000))
    assert found.plan is not None
    with_switch = replace(
        found, plan=Booked(np.append(found.plan.columns, program.bookings), np.append(found.plan.counts, 1))
    )
    begin = with_switch.beginning
    assert begin.plan is not None
    assert begin.plan.columns.tolist() == found.plan.columns.tolist()
