"""Rules for each talent: the accounts of one person are held together, however many persons there are."""

from __future__ import annotations

import json
from typing import Any

import pytest

from optimizer import (
    NoPlan,
    Plan,
    ScenarioError,
    compare,
    load_scenario,
    optimize,
    to_dict,
    to_json,
    try_optimize,
    verify,
)
from optimizer.estimation.estimate import estimate
from optimizer.formulation.build import build

FRAME: dict[str, list[Any]] = {
    "creator": ["@ana", "@ana.ig", "@bo", "@bo.ig", "@cy", "@dee", "@duo"],
    "platform": ["tiktok", "instagram", "tiktok", "instagram", "tiktok", "tiktok", "tiktok"],
    "talent": ["Ana", " ana", "Bo", "Bo", None, None, "Ana|Bo"],
    "average_engagements": [400, 390, 380, 370, 100, 90, 350],
    "fee": ["100", "90", "100", "100", "120", "100", "100"],
}


def said(budget: int = 700, **rules: dict[str, Any]) -> dict[str, Any]:
    return {
        "format": 1,
        "currency": "EUR",
        "budget": budget,
        "objective": {"maximize": "engagements"},
        "constraints": rules,
    }


def planned(scenario: dict[str, Any], frame: dict[str, list[Any]] = FRAME) -> Plan:
    """The plan of a scenario, which is verified too."""
    loaded = load_scenario(scenario, creators=frame)
    plan = optimize(loaded, gap=0)
    assert verify(json.loads(to_json(plan)), loaded).holds
    return plan


def booked(plan: Plan) -> set[str]:
    return {one.creator for one in plan.allocations}


ONE = {"quantity": "creators", "per": "talent", "at_most": 1}


def test_each_person_is_booked_on_one_account_and_creators_without_a_talent_stand_alone() -> None:
    assert booked(planned(said(one=ONE))) == {"@ana", "@bo", "@cy", "@dee"}


def test_an_account_of_two_people_counts_for_both() -> None:
    frame = {**FRAME, "average_engagements": [400, 390, 380, 370, 100, 90, 800]}
    assert booked(planned(said(one=ONE), frame)) == {"@duo", "@cy", "@dee"}


def test_the_group_says_which_accounts_of_a_person_count() -> None:
    plan = planned(said(one={**ONE, "group": {"platform": "tiktok"}}))
    assert booked(plan) == {"@ana", "@ana.ig", "@bo", "@bo.ig", "@cy", "@dee"}


def test_an_amount_is_the_sum_over_all_accounts_of_a_person() -> None:
    plan = planned(said(little={"quantity": "spend", "per": "talent", "at_most": 190}))
    assert booked(plan) == {"@ana", "@ana.ig", "@bo", "@cy", "@dee"}
    assert (plan.constraints[-1].per_value, plan.constraints[-1].value) == ("Ana", 190)


def test_a_share_of_the_plan_is_compared_with_the_sum_of_each_person() -> None:
    plan = planned(said(shares={"quantity": "spend", "per": "talent", "at_most": "35%"}))
    spends = {"Ana": 0.0, "Bo": 0.0}
    for one in plan.allocations:
        for talent in spends:
            spends[talent] += one.values["spend"] if talent.lower() in str(one.creator).replace("duo", "anabo") else 0
    assert max(spends.values()) <= 0.35 * plan.totals["spend"]
    assert len(booked(plan)) > 2


def test_a_ratio_is_that_of_all_accounts_of_a_person() -> None:
    """A cost of 0.25 for one account and of 0.231 for the other are 0.2405 together."""
    rule = {"quantity": "cpe", "per": "talent", "at_most": 0.245, "group": {"talent": "Ana"}}
    plan = planned(said(cpe=rule, few={"quantity": "creators", "group": {"talent": "Ana"}, "at_least": 2}))
    assert {"@ana", "@ana.ig"} <= booked(plan)
    assert "@duo" not in booked(plan)


def test_the_nearest_talent_is_shown_with_its_column() -> None:
    (_, rule) = planned(said(one=ONE)).constraints
    assert (rule.per_value, dict(rule.group), rule.says) == ("Ana", {"talent": "Ana"}, "each talent")
    assert "one (nearest: Ana)" in str(planned(said(one=ONE)))
    frame = {**FRAME, "talent": ["Ana", None, None, None, None, None, None]}
    (_, rule) = planned(said(cheap={"quantity": "spend", "per": "talent", "at_most": 120}), frame).constraints
    assert (rule.per_value, dict(rule.group)) == ("@cy", {"creator": "@cy"})


def test_a_creator_may_be_called_as_a_talent_is() -> None:
    frame = {**FRAME, "creator": ["x", "@ana.ig", "@bo", "@bo.ig", "Ana", "@dee", "@duo"]}
    plan = planned(said(half={"quantity": "spend", "per": "talent", "at_most": "30%"}), frame)
    rows = [name for name in plan.certificate.rows if name.startswith("half: ")]
    assert len(rows) == len(set(rows))


def test_named_talents_make_ordinary_rules_which_may_ask_for_something() -> None:
    rule = {"quantity": "creators", "per": "talent", "among": ["Bo"], "at_least": 1}
    plan = planned(said(budget=100, bo=rule))
    assert booked(plan) == {"@bo"}
    own = {"quantity": "creators", "per": "talent", "at_most": {"Ana": 0, "Bo": 1}}
    assert booked(planned(said(own=own))) == {"@bo", "@cy", "@dee"}


@pytest.mark.parametrize("key", ["at_least", "exactly"])
def test_a_lower_bound_on_an_amount_of_each_talent_is_refused(key: str) -> None:
    with pytest.raises(ScenarioError, match="a lower bound on spend for each talent"):
        load_scenario(said(it={"quantity": "spend", "per": "talent", key: 5}), creators=FRAME)


def test_a_bound_below_zero_for_each_talent_is_refused() -> None:
    scenario = said(it={"quantity": "profit", "per": "talent", "at_most": -5})
    scenario |= {"economics": {"order_value": 20, "margin": "50%"}, "assume": {"conversions_per_engagement": "1%"}}
    with pytest.raises(ScenarioError, match="profit below zero of each talent"):
        load_scenario(scenario, creators=FRAME)


def test_a_pool_without_talents_has_no_column_of_that_name() -> None:
    frame = {name: cells for name, cells in FRAME.items() if name != "talent"}
    with pytest.raises(ScenarioError, match='there is no column "talent"'):
        load_scenario(said(one=ONE), creators=frame)


def test_two_accounts_that_must_be_booked_break_a_rule_of_one_for_each_person() -> None:
    loaded = load_scenario(said(one=ONE) | {"include": ["@ana", "@ana.ig"]}, creators=FRAME)
    result = try_optimize(loaded, gap=0)
    assert isinstance(result, NoPlan)
    assert set(result.conflict) == {"one", "include"}
    assert {repair.constraint for repair in result.repairs} == {"one", "include"}
    assert verify(json.loads(to_json(result)), loaded).holds


def test_a_person_who_breaks_no_rule_has_no_row() -> None:
    plan = planned(said(budget=200, one=ONE))
    assert booked(plan) == {"@ana", "@bo"}
    loaded = load_scenario(said(budget=200, one=ONE), creators=FRAME)
    assert len(build(estimate(loaded)).rows) == 1  # the budget's
    labels = {row.label for row in build(estimate(loaded)).with_all_rows().rows}
    assert labels == {"", "talent Ana: at_most", "talent Bo: at_most"}


def test_bookings_that_break_the_rule_by_themselves_are_excluded_from_the_start() -> None:
    loaded = load_scenario(said(cheap={"quantity": "spend", "per": "talent", "at_most": 99}), creators=FRAME)
    program = build(estimate(loaded))
    assert [program.ids[at] for at in program.creator[program.most > 0]] == ["@ana.ig"]
    assert booked(planned(said(cheap={"quantity": "spend", "per": "talent", "at_most": 99}))) == {"@ana.ig"}


def test_bookings_of_a_segment_without_a_talent_are_of_other_persons() -> None:
    segment = {"name": "many", "available": 3, "followers": 5_000, "fee": 90, "average_engagements": 50}
    scenario = said(one=ONE) | {"segments": [segment]}
    plan = planned(scenario)
    assert sum(one.count for one in plan.allocations if one.creator == "many") == 3
    scenario = said(one=ONE) | {"segments": [segment | {"talent": "Bo"}]}
    assert not any(one.creator == "many" for one in planned(scenario).allocations)


def test_a_share_of_each_talent_is_refused_where_a_segment_stands_for_many() -> None:
    segment = {"name": "many", "available": 3, "followers": 5_000, "fee": 90, "average_engagements": 50}
    scenario = said(one={"quantity": "spend", "per": "talent", "at_most": "40%"}) | {"segments": [segment]}
    with pytest.raises(ScenarioError, match="segments without a talent"):
        optimize(load_scenario(scenario, creators=FRAME))


def test_a_comparison_shows_a_rule_of_each_talent_once_whoever_is_nearest() -> None:
    scenarios = {
        name: load_scenario(said(one=ONE | {"group": {"talent": who}}), creators=FRAME)
        for name, who in (("first", "Ana"), ("second", "Bo"))
    }
    rows = [row for row in compare(scenarios).rules if row.name == "one"]
    assert [row.per_value for row in rows] == [None]


def test_talents_are_a_column_like_any_other_in_filters_and_logic() -> None:
    rule = {"at_most_one_of": [{"talent": "ana"}, {"talent": "Bo"}]}
    plan = planned(said(rivals=rule))
    assert booked(plan) == {"@ana", "@ana.ig", "@cy", "@dee"}


def test_more_than_a_thousand_talents_are_held_with_rows_for_those_who_break_the_rule() -> None:
    count = 2_200
    frame: dict[str, list[Any]] = {
        "creator": [f"@c{at}" for at in range(count)],
        "talent": [f"person {at // 2}" for at in range(count)],
        "average_engagements": [100 + at // 20 + at % 2 for at in range(count)],
        "fee": [str(50 + at % 7) for at in range(count)],
    }
    loaded = load_scenario(said(budget=3_000, one=ONE), creators=frame)
    plan = optimize(loaded, gap=0.01)
    owners = [int(one.creator.removeprefix("@c")) // 2 for one in plan.allocations]
    assert len(owners) == len(set(owners)) > 40
    assert 0 < len(plan.certificate.rows) < 1_000
    assert verify(to_dict(plan), loaded).holds
