"""Runners-up are those who are not booked and have the highest reduced costs at the prices of the rules."""

from __future__ import annotations

from typing import Any

import pytest

from optimizer import Plan, load_scenario, to_dict, try_optimize, verify
from optimizer.report.text import render
from optimizer.results.stated import digest
from tests.support.amounts import seeded, times
from tests.support.scenarios import WORDS, scenario

SEED = seeded("runners-up")
FRAME: dict[str, list[Any]] = {
    "creator": [f"@c{at:02}" for at in range(30)],
    "average_engagements": [1_000 - 20 * at for at in range(30)],
    "fee": [100] * 30,
}
SAID = {"format": 1, "currency": "EUR", "budget": 500, "objective": {"maximize": "engagements"}}


def planned(frame: dict[str, list[Any]] = FRAME, **more: Any) -> Plan:
    plan = try_optimize(load_scenario({**SAID, **more}, creators=frame))
    assert isinstance(plan, Plan)
    return plan


def test_at_one_fee_the_next_best_come_next() -> None:
    plan = planned()
    assert [one.creator for one in plan.allocations] == [f"@c{at:02}" for at in range(5)]
    assert plan.runners_up == tuple(f"@c{at:02}" for at in range(5, 15))
    assert "Runners-up, nearest to being booked by the prices of the rules: @c05, @c06, " in render(plan, 200)


def test_of_equal_ones_the_first_by_id_come_first_whatever_the_order_of_the_file() -> None:
    alike = {**FRAME, "average_engagements": [500] * 30}
    turned = {name: cells[::-1] for name, cells in alike.items()}
    assert planned(alike).runners_up == planned(turned).runners_up == tuple(f"@c{at:02}" for at in range(5, 15))


def test_whoever_a_rule_forbids_is_no_runner_up() -> None:
    dear = {**FRAME, "fee": [100] * 10 + [501] * 20}
    assert planned(dear).runners_up == tuple(f"@c{at:02}" for at in range(5, 10))


def test_where_everybody_is_booked_there_is_no_runner_up() -> None:
    plan = planned(budget=10_000)
    assert plan.runners_up == ()
    assert "Runners-up" not in render(plan)


def test_the_rule_that_binds_decides_who_is_near() -> None:
    frame = {**FRAME, "hours": [1 if at % 2 else 9 for at in range(30)], "fee": [1] * 30}
    rule = {"team": {"quantity": "team", "at_most": 10}}
    plan = planned(frame, quantities={"team": "hours"}, constraints=rule)
    assert plan.runners_up[:5] == ("@c21", "@c23", "@c25", "@c27", "@c29")


@pytest.mark.parametrize("number", range(times(22)))
def test_they_are_what_another_code_finds_and_a_forged_list_is_refused(number: int) -> None:
    said, frame = scenario(f"{SEED} {number}", words=WORDS if number % 2 else (), sizes=(4, 9))
    loaded = load_scenario(said, creators=frame)
    plan = try_optimize(loaded, gap=0)
    if not isinstance(plan, Plan):
        return
    stated = to_dict(plan)
    assert verify(stated, loaded).holds
    booked = {one.creator for one in plan.allocations}
    assert not booked & set(plan.runners_up)
    for forged in ([*plan.runners_up, *sorted(booked)[:1]], ["@nobody"]):
        other = stated | {"runners_up": forged}
        other["digest"] = digest(other)
        assert other["runners_up"] == list(plan.runners_up) or not verify(other, loaded).holds


def test_a_worse_one_in_front_is_found() -> None:
    loaded = load_scenario(SAID, creators=FRAME)
    stated = to_dict(try_optimize(loaded))
    for forged in (["@c06", "@c05", *stated["runners_up"][2:]], ["@c20", *stated["runners_up"][1:]], ["@c05"]):
        other = stated | {"runners_up": forged}
        other["digest"] = digest(other)
        assert "others come before them" in str(verify(other, loaded))


def test_runners_up_whom_a_row_of_a_talent_rules_out_are_verified() -> None:
    pool = {
        "creator": ["a", "b", "c"],
        "talent": ["Ana", "Ana", "Bo"],
        "followers": [5_000, 60_000, 50_000],
        "average_views": [1_000, 9_000, 8_000],
        "average_engagements": [10, 90, 80],
        "fee": [400, 600, 900],
    }
    question = {
        "format": 1,
        "currency": "EUR",
        "budget": 900,
        "objective": {"maximize": {"engagements": 1}},
        "assume": {"click_rate": "1%"},
        "constraints": {"cheap clicks": {"per": "talent", "quantity": "cpc", "at_most": 0}},
    }
    scenario = load_scenario(question, creators=pool)
    for number in (900, 2_000):
        plan = try_optimize(load_scenario(question | {"budget": number}, creators=pool))
        assert verify(plan, load_scenario(question | {"budget": number}, creators=pool)).holds
    forged = to_dict(try_optimize(scenario)) | {"runners_up": ["nobody"]}
    assert not verify(forged | {"digest": digest(forged)}, scenario).holds
