"""People reached in large pools: what no plan can reach is told as such, with the most that can be."""

from __future__ import annotations

from random import Random

from optimizer import load_scenario, try_optimize
from optimizer.results.no_plan import NoPlan

CREATORS = 5_200  # a pool of so many is no longer searched as a whole


def test_people_whom_no_plan_of_a_large_pool_reaches_are_told_with_a_repair() -> None:
    draw = Random(1)
    rows = {
        "creator": [f"@c{at}" for at in range(CREATORS)],
        "country": [draw.choice(["FR", "DE"]) for _ in range(CREATORS)],
        "followers": [draw.randint(2_000, 60_000) for _ in range(CREATORS)],
        "average_views": [draw.randint(500, 20_000) for _ in range(CREATORS)],
        "fee": [draw.randint(50, 500) for _ in range(CREATORS)],
    }
    said = {
        "format": 1,
        "currency": "EUR",
        "budget": 3_000,
        "objective": {"maximize": "creators"},
        "audience": {"cells": ["country"], "sizes": {"FR": 3_000_000, "DE": 4_000_000}},
        "constraints": {
            "people": {"quantity": "reach", "at_least": 2_000_000},
            "few": {"quantity": "creators", "at_most": 40},
        },
    }
    answer = try_optimize(load_scenario(said, creators=rows), gap=0.01)
    assert isinstance(answer, NoPlan)
    assert (answer.outcome, answer.proof) == ("infeasible", "prices")
    found = next(repair for repair in answer.repairs if repair.constraint == "people")
    assert found.to is not None
    assert 0 < found.to < 2_000_000
    said["constraints"]["people"]["at_least"] = round(found.to * 0.9)  # type: ignore[index]
    assert try_optimize(load_scenario(said, creators=rows), gap=0.05).outcome == "plan"
