"""Groups that are used properly or not at all, and different values: against all plans, and against each other."""

from __future__ import annotations

import os
import random
from typing import Any

import pytest

from optimizer import ScenarioError, load_scenario, try_optimize, verify
from tests.support import words

MANY = 60 * int(os.environ.get("CREATORMIX_TIMES", "1"))
CITIES = {
    "format": 1,
    "currency": "EUR",
    "objective": {"maximize": "engagements"},
    "budget": 300,
    "constraints": {"Lyon": {"quantity": "creators", "group": {"city": "Lyon"}, "at_least": 2, "or_none": True}},
}
POOL = {
    "creator": ["@ana", "@bea", "@cia", "@dan"],
    "city": ["Lyon", "Lyon", "Paris", "Paris"],
    "niche": ["food", "food|home", "home", ""],
    "average_engagements": [90, 10, 60, 50],
    "fee": [100, 100, 100, 100],
}


def booked(said: dict[str, Any], pool: dict[str, Any] = POOL) -> list[str]:
    plan = try_optimize(load_scenario(said, creators=pool), gap=0)
    assert plan.outcome == "plan"
    assert verify(plan, load_scenario(said, creators=pool)).holds
    return [booking.creator for booking in plan.allocations]


def test_the_plan_is_the_best_of_all_that_keep_the_rules() -> None:
    wrong, plans, none = [], 0, 0
    for seed in range(MANY):
        said, pool = words.words(seed)
        scenario = load_scenario(said, creators=pool)
        result, best = try_optimize(scenario, gap=0, rounds=3_000), words.best(said, pool)
        verified = verify(result, scenario)
        if not best:
            sound, none = result.outcome == "infeasible" and result.proof != "none", none + 1
        else:
            plans += 1
            sound = result.outcome == "plan" and result.claim == "optimal" and result.objective.value == float(best[0])
        if not sound or not verified.holds:
            wrong.append((seed, best, str(result), str(verified)))
    assert wrong == []
    assert plans >= MANY // 3
    assert none >= MANY // 8


def test_a_group_is_used_properly_or_not_at_all() -> None:
    assert booked(CITIES) == ["@ana", "@bea", "@cia"]
    assert booked(CITIES | {"budget": 150}) == ["@cia"]


def test_an_idle_group_is_told_as_kept_and_not_as_at_its_bound() -> None:
    plan = try_optimize(load_scenario(CITIES | {"budget": 150}, creators=POOL), gap=0)
    assert plan.outcome == "plan"
    lyon = next(rule for rule in plan.constraints if rule.name == "Lyon")
    assert (lyon.value, lyon.or_none, lyon.binding, lyon.room) == (0, True, False, 0.0)
    assert "creators at least 2, or none" in str(plan)


@pytest.mark.parametrize("seed", range(12))
def test_or_none_is_the_better_of_within_the_bounds_and_nothing(seed: int) -> None:
    rng = random.Random(seed)
    parts = rng.random() < 0.6
    said: dict[str, Any] = {
        "format": 1,
        "currency": "EUR",
        "budget": rng.randint(200, 900),
        "whole": not parts,
        "objective": {"maximize": "engagements"},
        "segments": [
            {
                "name": f"s{at}",
                "niche": rng.choice(["food", "home"]),
                "average_engagements": rng.randint(10, 300),
                "fee": rng.randint(20, 200),
                "available": rng.randint(2, 5),
                **(
                    {"returns": [{"up_to": 1, "keep": "100%"}, {"up_to": 2, "keep": "60%"}]}
                    if rng.random() < 0.4
                    else {}
                ),
            }
            for at in range(4)
        ],
    }
    quantity = rng.choice(["spend", "creators", "engagements"])
    low = {"spend": 150, "creators": 2, "engagements": 200}[quantity] * rng.choice([1, 2])
    rule = {"quantity": quantity, "group": {"niche": "food"}, "at_least": low}
    if rng.random() < 0.4:
        rule["at_most"] = 2 * low

    def value(rule: dict[str, Any]) -> float | None:
        scenario = load_scenario(said | {"constraints": {"food": rule}})
        result = try_optimize(scenario, gap=1e-9, rounds=4_000)
        assert verify(result, scenario).holds
        return result.objective.value if result.outcome == "plan" else None

    either, within = value(rule | {"or_none": True}), value(rule)
    idle = value({"quantity": quantity, "group": {"niche": "food"}, "exactly": 0})
    assert either is not None
    assert either == pytest.approx(max(one for one in (within, idle) if one is not None), rel=1e-8)


def test_different_values_are_counted_once_in_rules_goals_and_totals() -> None:
    said = {
        "format": 1,
        "currency": "EUR",
        "objective": {"maximize": {"distinct.niche": 1_000, "engagements": 1}},
        "budget": 100,
    }
    plan = try_optimize(load_scenario(said, creators=POOL), gap=0)
    assert plan.outcome == "plan"
    assert [one.creator for one in plan.allocations] == ["@bea"]  # of two niches
    assert plan.totals["distinct.niche"] == 2
    three = said | {"objective": {"minimize": "spend"}, "budget": 400}
    three["constraints"] = {"cities": {"quantity": "distinct.city", "exactly": 2}}
    assert len(booked(three)) == 2


def test_a_segment_without_a_talent_is_as_many_people_as_bookings() -> None:
    said = {
        "format": 1,
        "currency": "EUR",
        "budget": 1_000,
        "objective": {"minimize": "spend"},
        "segments": [{"name": "crowd", "fee": 10, "available": 9}],
        "constraints": {"people": {"quantity": "distinct.talent", "at_least": 5}},
    }
    pool = {"creator": ["@ana", "@ana.tok"], "talent": ["Ana", "Ana"], "fee": [1, 1]}
    scenario = load_scenario(said, creators=pool)
    plan = try_optimize(scenario, gap=0)
    assert plan.outcome == "plan"
    assert plan.totals["distinct.talent"] == 5
    assert {one.creator: one.count for one in plan.allocations} == {"@ana": 1, "crowd": 4}
    assert verify(plan, scenario).holds


def test_a_wrong_number_of_different_values_is_not_verified() -> None:
    said = CITIES | {"constraints": {"niches": {"quantity": "distinct.niche", "at_least": 2}}}
    scenario = load_scenario(said, creators=POOL)
    plan = try_optimize(scenario, gap=0).to_dict()
    plan["totals"]["distinct.niche"] += 1
    assert not verify(plan, scenario).holds


def test_a_repair_of_a_group_that_is_used_or_not_works() -> None:
    said = CITIES | {"include": ["@ana"], "budget": 100}
    none = try_optimize(load_scenario(said, creators=POOL), gap=0)
    assert none.outcome == "infeasible"
    assert none.proof != "none"
    lower = next(one for one in none.repairs if one.constraint == "Lyon")
    assert (lower.bound, lower.to) == ("at_least", 1.0)
    mended = said | {"constraints": {"Lyon": CITIES["constraints"]["Lyon"] | {"at_least": 1}}}
    assert booked(mended) == ["@ana"]


def test_more_shared_values_than_can_be_counted_are_refused() -> None:
    many = 2 * 1_001
    pool = {"creator": [f"@c{at}" for at in range(many)], "talent": [f"t{at // 2}" for at in range(many)]}
    pool |= {"fee": [1] * many, "average_engagements": [1] * many}
    said = CITIES | {"constraints": {"people": {"quantity": "distinct.talent", "at_least": 2}}}
    with pytest.raises(ScenarioError, match="at most 1,000 such") as error:
        try_optimize(load_scenario(said, creators=pool))
    assert [problem.code for problem in error.value.problems] == ["distinct-too-many"]


def test_a_rule_for_each_of_too_many_values_is_refused() -> None:
    many = 1_001
    pool = {"creator": [f"@c{at}" for at in range(many)], "village": [f"v{at}" for at in range(many)]}
    pool |= {"fee": [1] * many, "average_engagements": [1] * many}
    said = CITIES | {"constraints": {"villages": {"quantity": "spend", "per": "village", "at_most": 2}}}
    with pytest.raises(ScenarioError, match="would make 1,001 rules; at most 1,000 are allowed") as error:
        try_optimize(load_scenario(said, creators=pool))
    assert [problem.code for problem in error.value.problems] == ["per-too-many"]


def test_or_none_for_each_creator_books_nobody_for_less() -> None:
    rule = {"quantity": "engagements", "per": "creator", "at_least": 60, "or_none": True}
    assert booked(CITIES | {"constraints": {"worth it": rule}}) == ["@ana", "@cia"]


def test_different_values_are_the_same_however_their_column_is_written() -> None:
    rules = {
        "niches": {"quantity": "distinct.Niche", "at_least": 2},
        "again": {"quantity": "distinct.niche", "at_most": 2},
    }
    assert len(booked(CITIES | {"constraints": rules})) >= 1
    assert booked(CITIES | {"constraints": {}, "wallets": {"distinct.City": 1}, "budget": None}) == ["@cia", "@dan"]
