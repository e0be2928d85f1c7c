"""Work is counted in rounds: a plan that was stopped is made again, to the byte, by as many."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest

from optimizer import NoPlan, Plan, load_scenario, to_dict, try_optimize
from optimizer.domain.scenario import Scenario
from performance.publics import cover, knapsack
from tests.planning.test_limits import large


def _text(result: Plan | NoPlan) -> str:
    shown = to_dict(result)
    del shown["solver"]["seconds"]
    return json.dumps(shown)


def _scenarios() -> Iterator[tuple[str, Scenario, int]]:
    yield "knapsack", knapsack(1), 40
    yield "cover", cover(1, columns=60, rows=25, density=0.1), 9
    yield "pool", large(3, 1_500, budget="60_000"), 25
    yield "segments in parts", load_scenario("scenarios/mix_without_names.yaml"), 2
    yield "clash", load_scenario("scenarios/booktok.yaml", changes={"budget": 100}), 60


SCENARIOS = list(_scenarios())


@pytest.mark.parametrize(("name", "scenario", "asked"), SCENARIOS, ids=[name for name, _, _ in SCENARIOS])
def test_a_plan_that_was_stopped_is_repeated_by_its_rounds(name: str, scenario: Scenario, asked: int) -> None:
    times = count()
    first = try_optimize(scenario, gap=0, cancel=lambda: next(times) >= asked)
    assert first.solver.stopped
    assert first.solver.rounds is not None
    assert first.solver.rounds > 0
    again = try_optimize(scenario, gap=0, rounds=first.solver.rounds)
    assert _text(again) == _text(first)


def test_a_plan_whose_search_ended_names_no_rounds_and_needs_none() -> None:
    scenario = load_scenario("scenarios/first_test.yaml")
    free, counted = try_optimize(scenario), try_optimize(scenario, rounds=10**9)
    assert (free.solver.stopped, free.solver.rounds) == (False, None)
    assert _text(free) == _text(counted)


def test_more_rounds_give_no_worse_a_plan() -> None:
    scenario, values = knapsack(2), []
    for rounds in (20, 60, 180):
        plan = try_optimize(scenario, gap=0, rounds=rounds)
        assert isinstance(plan, Plan)
        assert plan.solver.rounds == rounds
        values.append(plan.objective.value)
    assert values == sorted(values)


def test_a_search_goes_on_while_the_gap_is_open() -> None:
    plan = try_optimize(knapsack(3), gap=0, rounds=400)
    assert isinstance(plan, Plan)
    assert plan.objective.gap > 0
    assert plan.solver.rounds == 400


@pytest.mark.parametrize("rounds", [0, -3])
def test_rounds_are_at_least_one(rounds: int) -> None:
    with pytest.raises(ValueError, match="rounds must be at least 1"):
        try_optimize(knapsack(1), rounds=rounds)


def test_a_warning_says_how_to_repeat_the_plan() -> None:
    plan: Any = try_optimize(knapsack(1), gap=0, rounds=25)
    assert "--rounds 25 gives this plan again" in plan.warnings[-1]
