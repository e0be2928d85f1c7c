"""Bookings that are added to a plan: which rules they would break, against the rules themselves."""

from __future__ import annotations

import random

import numpy as np

from optimizer.formulation.program import Program
from optimizer.formulation.terms import Booked
from optimizer.planning.further import Further, further_bookings
from tests.support.amounts import times
from tests.support.programs import program_of

COUNT = 60


def drawn(seed: int) -> Program:
    """Shares, amounts and ratios for each creator and for each talent."""
    rng = random.Random(f"further {seed}")
    size = rng.randint(4, 7)
    pool = {
        "creator": [f"@c{at}" for at in range(size)],
        "talent": [rng.choice(["Ana", "Bo", "", ""]) for _ in range(size)],
        "average_engagements": [rng.randint(5, 60) for _ in range(size)],
        "fee": [rng.randint(10, 60) for _ in range(size)],
    }
    high = {"at_most": rng.choice(["30%", "50%", "70%"])}
    rules = {
        "share": {"quantity": rng.choice(["spend", "engagements"]), "per": "creator", **high},
        "cost": {"quantity": "cpe", "per": "creator", **rng.choice([{"at_most": 3}, {"at_least": 0.4}])},
        "talent": {"quantity": "spend", "per": "talent", **rng.choice([high, {"at_most": 90}])},
    }
    goal = {"maximize": "engagements"}
    said = {"format": 1, "currency": "EUR", "budget": 10_000, "objective": goal, "constraints": rules}
    return program_of(said, pool)


def test_what_would_break_a_rule_is_what_the_rule_says_of_the_plan_with_it() -> None:
    wrong, kept, broken = [], 0, 0
    for seed in range(times(COUNT)):
        program, rng = drawn(seed), random.Random(seed)
        columns = np.flatnonzero([rng.random() < 0.5 for _ in range(program.bookings)])
        plan = Booked(columns, np.ones(len(columns), dtype=np.int64))
        for at, rule in enumerate(program.rules):
            if rule.failure(plan):
                continue  # of a plan that keeps its rules
            more = further_bookings(program, plan)
            said = Further(program, plan).breaks(at, more)
            for column, breaks in zip(more.tolist(), said.tolist(), strict=True):
                every = np.sort(np.append(columns, column))
                fails = bool(rule.failure(Booked(every, np.ones(len(every), dtype=np.int64))))
                kept, broken = kept + (not fails), broken + fails
                if fails != breaks:
                    wrong.append((seed, rule.name, columns.tolist(), column, fails))
    assert wrong == []
    assert kept >= COUNT
    assert broken >= COUNT // 3
