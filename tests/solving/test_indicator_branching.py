"""Rules of which an indicator holds thousands of bookings are planned and proved as tightly as others."""

from __future__ import annotations

from typing import Any

import pytest

from optimizer import NoPlan, Plan, load_scenario, try_optimize, verify
from optimizer.domain.scenario import Scenario
from optimizer.estimation.estimate import estimate
from optimizer.formulation.build import build
from optimizer.solving.indicator_branching import weak_indicators
from optimizer.synthetic.pool import generate_pool

POOL = generate_pool(8_000, seed=3, without_rate=0, without_fee=0)
SAID = {
    "format": 1,
    "currency": "EUR",
    "budget": 8_000,
    "objective": {"maximize": "engagements"},
    "forecast": {"rates": "measured"},
}
NEAR = 1e-3


def asked(**rules: Any) -> Scenario:
    return load_scenario(SAID | {"constraints": rules}, creators=POOL)


def value_of(scenario: Scenario) -> float:
    plan = try_optimize(scenario, gap=NEAR, rounds=3_000)
    assert isinstance(plan, Plan)
    assert plan.objective.gap <= NEAR
    return plan.objective.value


def test_different_values_of_a_large_pool_are_the_best_choice_of_values() -> None:
    scenario = asked(one={"quantity": "distinct.platform", "at_most": 1})
    assert len(weak_indicators(build(estimate(scenario)))) == 2  # the others have few creators
    plan = try_optimize(scenario, gap=NEAR, rounds=3_000)
    assert isinstance(plan, Plan)
    assert plan.claim in ("within_gap", "optimal")
    assert verify(plan, scenario).holds
    platforms = ("instagram", "tiktok", "youtube", "pinterest", "linkedin")
    alone = [
        value_of(
            asked(
                **{
                    f"no {other}": {"quantity": "creators", "group": {"platform": other}, "at_most": 0}
                    for other in platforms
                    if other != one
                }
            )
        )
        for one in platforms
    ]
    assert plan.objective.value == pytest.approx(max(alone), rel=2 * NEAR)


def test_a_large_group_that_is_used_properly_or_not_at_all_is_proved() -> None:
    rule = {"quantity": "spend", "group": {"platform": "instagram"}, "at_least": "60%", "or_none": True}
    scenario = asked(it=rule)
    plan = try_optimize(scenario, gap=NEAR, rounds=3_000)
    assert isinstance(plan, Plan)
    assert verify(plan, scenario).holds
    within = value_of(asked(it=rule | {"or_none": False}))
    nothing = value_of(asked(it={"quantity": "creators", "group": {"platform": "instagram"}, "at_most": 0}))
    assert plan.objective.value == pytest.approx(max(within, nothing), rel=2 * NEAR)


def test_rules_that_clash_over_an_indicator_of_many_are_proved_to_clash() -> None:
    both = {
        name: {"quantity": "creators", "group": {"platform": name}, "at_least": 1} for name in ("instagram", "tiktok")
    }
    scenario = asked(one={"quantity": "distinct.platform", "at_most": 1}, **both)
    result = try_optimize(scenario, gap=NEAR, rounds=3_000)
    assert isinstance(result, NoPlan)
    assert (result.outcome, result.proof) == ("infeasible", "branches")
    assert verify(result, scenario).holds
