"""Goals in order: against all plans, in parts, and with what is stated of them."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from optimizer import Plan, Planner, compare, load_scenario, try_optimize, verify, write_model
from tests.support import words

MANY = 40 * int(os.environ.get("CREATORMIX_TIMES", "1"))
IN_ORDER = {
    "format": 1,
    "currency": "EUR",
    "budget": 300,
    "objective": [{"maximize": "engagements", "keep": "80%"}, {"minimize": "spend"}],
}
POOL = {
    "creator": ["@ana", "@bea", "@cia"],
    "average_engagements": [100, 90, 40],
    "fee": [150, 100, 50],
}


def planned(said: dict[str, Any], **asked: Any) -> Plan:
    plan = try_optimize(load_scenario(said, creators=POOL), **{"gap": 0} | asked)
    assert isinstance(plan, Plan)
    return plan


def test_each_goal_is_the_best_among_the_plans_that_keep_those_before() -> None:
    wrong, plans = [], 0
    for seed in range(MANY):
        said, pool = words.goals(seed)
        scenario = load_scenario(said, creators=pool)
        result, best = try_optimize(scenario, gap=0, rounds=3_000), words.best(said, pool)
        if not isinstance(result, Plan):
            sound = not best and result.proof != "none"
        else:
            plans += 1
            sound = [goal.found for goal in result.goals] == list(map(float, best)) and result.claim == "optimal"
            sound = (
                sound
                and result.goals[-1].value == result.goals[-1].found
                and Plan.from_json(result.to_json()) == result
            )
        verified = verify(result, scenario)
        if not sound or not verified.holds:
            wrong.append((seed, best, str(result), str(verified)))
    assert wrong == []
    assert plans > MANY // 3


def test_a_later_goal_gives_up_no_more_than_is_allowed() -> None:
    plan = planned(IN_ORDER)
    assert [one.creator for one in plan.allocations] == ["@bea", "@cia"] or plan.objective.value >= 0.8 * 230
    first, second = plan.goals
    assert (first.found, first.keep, second.keep) == (230.0, 0.8, None)
    assert first.value == plan.objective.value >= 0.8 * first.found
    assert second.value == second.found == second.bound == plan.totals["spend"]
    assert first.certificate is None
    assert second.certificate is not None
    assert "goal 1: kept" in second.certificate.rows
    assert planned(IN_ORDER | {"objective": {"maximize": "engagements"}}).goals == ()


@pytest.mark.parametrize("keep", ["100%", "95%", "70%"])
def test_goals_in_order_hold_for_bookings_in_parts(keep: str) -> None:
    said = IN_ORDER | {"whole": False, "objective": [{"maximize": "engagements", "keep": keep}, {"minimize": "spend"}]}
    scenario = load_scenario(said, creators=POOL)
    plan = try_optimize(scenario, gap=1e-9)
    assert isinstance(plan, Plan)
    assert verify(plan, scenario).holds
    share = float(keep.removesuffix("%")) / 100
    assert plan.goals[0].value == pytest.approx(share * plan.goals[0].found, rel=1e-9)


def test_a_wrong_statement_of_a_goal_is_not_verified() -> None:
    scenario = load_scenario(IN_ORDER, creators=POOL)
    said = json.loads(try_optimize(scenario, gap=0).to_json())
    for change in (
        lambda goals: goals[0].update(found=goals[0]["found"] + 100),
        lambda goals: goals[0].update(keep=0.99),
        lambda goals: goals[1].update(value=goals[1]["value"] + 1),
        lambda goals: goals[1].update(bound=goals[1]["bound"] + 20),
        lambda goals: goals[1].update(certificate=None),
        lambda goals: goals.pop(),
    ):
        changed = json.loads(json.dumps(said))
        change(changed["goals"])
        assert not verify(changed, scenario).holds


def test_a_plan_is_the_same_when_the_rounds_of_each_goal_are_counted() -> None:
    one, two = (planned(IN_ORDER, rounds=200).to_dict() for _ in range(2))
    for plan in (one, two):
        plan["solver"]["seconds"] = 0
        plan.pop("digest")
    assert one == two


def test_a_planner_and_a_comparison_take_goals_in_order() -> None:
    scenario = load_scenario(IN_ORDER, creators=POOL)
    planner = Planner(scenario, gap=0)
    plan = planner.plan()
    assert isinstance(plan, Plan)
    cheaper = planner.plan({"budget": 150})
    assert isinstance(cheaper, Plan)
    assert verify(cheaper, load_scenario(IN_ORDER, creators=POOL, changes={"budget": 150})).holds
    assert [len(goal.of) for goal in cheaper.goals] == [1, 1]
    found = compare([("as it is", plan), ("cheaper", cheaper)])
    assert [case.outcome for case in found.cases] == ["plan", "plan"]


def test_a_model_file_says_that_it_has_the_first_goal_only(tmp_path: Path) -> None:
    write_model(load_scenario(IN_ORDER, creators=POOL), tmp_path / "m.lp")
    assert "the first of several goals" in (tmp_path / "m.lp").read_text(encoding="utf-8")
