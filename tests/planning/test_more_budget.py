"""What 100 more of the budget would bring is said only where a plan was found that does."""

from __future__ import annotations

import json
from typing import Any

import pytest

from optimizer import Plan, load_scenario, to_dict, try_optimize, verify
from optimizer.report.text import render
from optimizer.results.stated import digest
from tests.support.amounts import seeded, times
from tests.support.brute import Question
from tests.support.scenarios import scenario
from tests.support.unexplained import with_brief_explanations

FRAME: dict[str, list[Any]] = {
    "creator": ["a", "b", "c", "d"],
    "niche": ["food", "food", "travel", "travel"],
    "average_engagements": [300, 280, 200, 150],
    "fee": [300, 250, 200, 180],
}


def said(**more: Any) -> dict[str, Any]:
    return {"format": 1, "currency": "EUR", "budget": 500, "objective": {"maximize": "engagements"}, **more}


def planned(question: dict[str, Any], frame: dict[str, list[Any]] = FRAME) -> Plan:
    result = try_optimize(load_scenario(question, creators=frame), gap=0)
    assert isinstance(result, Plan)
    return result


def test_what_a_hundred_more_brings_is_what_the_plan_with_a_hundred_more_brings() -> None:
    plan, richer = planned(said()), planned(said(budget=600))
    assert (plan.objective.value, richer.objective.value) == (500, 580)
    assert plan.more_budget is not None
    assert (plan.more_budget.amount, plan.more_budget.value, plan.more_budget.difference) == (100, 580, 80)
    assert "With 100 EUR more, a plan was found that brings 580 engagements: 80 more.\n" in render(plan)


def test_a_budget_with_room_promises_nothing_by_its_price() -> None:
    """As many of each niche: 300 are left, and the next 100 buy nothing, though the relaxation gives them a price."""
    pairs = {
        "creator": ["a1", "a2", "b1", "b2", "b3", "c1", "c2"],
        "niche": ["food", "food", "sport", "sport", "sport", "travel", "travel"],
        "average_engagements": [300, 280, 200, 150, 120, 260, 240],
        "fee": [300, 250, 200, 180, 150, 400, 350],
    }
    alike = {"quantity": "creators", "group": {"niche": "food"}, "exactly": "100%"}
    rules = {"one": alike | {"of": {"niche": "sport"}}, "two": alike | {"of": {"niche": "travel"}}}
    plan = planned(said(budget=1200, constraints=rules), pairs)
    assert plan.objective.value == 760
    assert plan.constraints[0].shadow_price > 0
    assert plan.more_budget is None or plan.more_budget.difference == 0
    text = render(plan)
    assert "Of the budget, 300.00 EUR is left.\n" in text
    assert "a plan was found" not in text


def test_where_it_is_proved_that_a_hundred_more_bring_nothing_that_is_said() -> None:
    two = {"creator": ["a", "b"], "average_engagements": [300, 300], "fee": [350, 350]}
    plan = planned(said(budget=500), two)
    assert plan.objective.value == 300
    assert plan.constraints[0].shadow_price > 0
    assert plan.more_budget is not None
    assert plan.more_budget.difference == 0
    assert "100 EUR more would bring nothing: it is proved that no plan would be better.\n" in render(plan)


def test_the_word_on_more_budget_is_true_of_random_scenarios() -> None:
    """Held against all plans of the scenario with 100 more in its budget, shares of the budget among its rules."""
    better = nothing = 0
    for number in range(times(100)):
        question, frame = scenario(f"{seeded('more')} {number}", style=("plain", "round")[number % 2], sizes=(3, 6))
        if question.get("costs") or not isinstance(question.get("budget"), (int, float, str)):
            continue
        with with_brief_explanations():
            plan = try_optimize(load_scenario(question, creators=frame), gap=0)
        if not isinstance(plan, Plan) or plan.more_budget is None:
            continue
        richer = question | {"budget": str(float(question["budget"]) + 100)}
        best = float(Question(richer, frame).best().value or 0)
        if plan.more_budget.difference:
            assert plan.more_budget.value <= best + 1e-6 * abs(best), number
            assert plan.more_budget.value > plan.objective.value, number
            better += 1
        else:
            assert best <= plan.objective.value + 1e-6 * abs(best), number
            nothing += 1
    assert better > 5


def test_a_share_of_the_budget_grows_with_it() -> None:
    half = {"half": {"quantity": "spend", "group": {"niche": "food"}, "of": "budget", "at_most": "50%"}}
    plan, richer = planned(said(budget=400, constraints=half)), planned(said(budget=500, constraints=half))
    assert plan.more_budget is not None
    assert plan.more_budget.value == richer.objective.value > plan.objective.value


def test_whoever_was_too_dear_for_the_budget_is_thought_of() -> None:
    """The relaxation leaves out who costs more than the budget, and has no price for it."""
    plan = planned(said(budget=190))
    assert plan.more_budget is not None
    assert (plan.objective.value, plan.more_budget.value) == (150, 280)


@pytest.mark.parametrize(
    "more",
    [
        {"objective": {"minimize": "spend"}, "constraints": {"some": {"quantity": "engagements", "at_least": 300}}},
        {"budget": 5000},
        {"budget": None},
    ],
)
def test_nothing_is_said_where_more_budget_is_no_question(more: dict[str, Any]) -> None:
    question = {key: value for key, value in said(**more).items() if value is not None}
    plan = planned(question)
    assert plan.more_budget is None
    assert " more" not in render(plan).split("Booked")[1]


def test_nothing_is_said_of_a_search_that_was_stopped() -> None:
    found = try_optimize(load_scenario(said(), creators=FRAME), gap=0, cancel=lambda: True)
    assert not isinstance(found, Plan) or found.more_budget is None


def test_what_costs_take_off_the_budget_is_told_beside_it() -> None:
    plan = planned(said(budget=600, costs={"fixed": 100}))
    text = render(plan)
    assert "The budget (600 EUR, less 100 fixed costs) is spent in full.\n" in text
    assert "With 100 EUR more for creators, a plan was found that brings 580 engagements: 80 more.\n" in text


@pytest.mark.parametrize("forgery", [{"value": 1000.0}, {"difference": -80.0}, {"amount": 50.0}])
def test_a_word_on_more_budget_that_does_not_add_up_is_refused(forgery: dict[str, Any]) -> None:
    loaded = load_scenario(said(), creators=FRAME)
    found = json.loads(json.dumps(to_dict(try_optimize(loaded, gap=0))))
    assert verify(found, loaded).holds
    found["more_budget"] |= forgery
    assert not verify(found | {"digest": digest(found)}, loaded).holds
