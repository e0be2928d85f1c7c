"""Public knapsacks with known optima, written as scenarios: each is proved, and none passes what is known."""

from __future__ import annotations

import pytest

from optimizer import optimize, verify
from optimizer.domain.scenario import Scenario
from performance.knapsacks import instances

KNOWN = instances()


@pytest.mark.parametrize(("name", "scenario", "best"), KNOWN, ids=[name for name, _, _ in KNOWN])
def test_a_public_knapsack_is_planned_to_its_known_best_value_and_proved(
    name: str, scenario: Scenario, best: float
) -> None:
    plan = optimize(scenario, gap=0)
    assert plan.objective.value == best
    assert plan.claim == "optimal"
    assert verify(plan, scenario).holds
