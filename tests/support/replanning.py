"""Random plans with random answers, and the plans that change the fewest names by looking at all of them."""

from __future__ import annotations

import random
from dataclasses import dataclass
from fractions import Fraction
from math import prod
from typing import Any

import numpy as np

from optimizer import NoPlan, Plan, Scenario, load_scenario, replan
from optimizer.estimation.estimate import estimate
from optimizer.formulation.build import build
from optimizer.formulation.terms import booked
from optimizer.planning.optimize import Terms, planned
from tests.support.proofs import MOST_POINTS, plans_of
from tests.support.scenarios import scenario

Frame = dict[str, list[Any]]


@dataclass(frozen=True)
class Story:
    """A scenario with its plan, what was answered, and the plan after it; with `changes`, the scenario after it."""

    said: dict[str, Any]
    frame: dict[str, Any]
    loaded: Scenario
    before: Plan
    rows: Frame
    keep: float
    after: Plan | NoPlan

    def again(self) -> Scenario:
        """The scenario as the plan after it says it, loaded anew."""
        return load_scenario(self.said, creators=self.frame, changes=self.after.scenario.changes)


def rows_of(plan: Plan, answers: dict[str, tuple[str, float | None]]) -> Frame:
    """A file of results: creator -> status and fee."""
    pairs = list(answers.items())
    offers = {one.creator: one.offer for one in plan.allocations}
    return {
        "plan_id": [plan.to_dict()["digest"]] * len(pairs),
        "creator": [name for name, _ in pairs],
        "offer": [offers.get(name, "") for name, _ in pairs],
        "status": [status for _, (status, _) in pairs],
        "fee": [fee for _, (_, fee) in pairs],
    }


def story(number: int) -> Story | None:
    """A random story; None where there is no plan to begin with, or too many to look at."""
    rng = random.Random(f"replan {number}")
    if number % 3:
        said, frame = close_choices(rng)
    else:
        said, frame = scenario(f"replan {number}", sizes=(3, 8), words=("logic", "each", "terms"))
    if frame is None:
        return None
    loaded = load_scenario(said, creators=frame)
    program = build(estimate(loaded))
    offers = np.bincount(program.unit[: program.bookings])
    ways = prod((offers * np.minimum(program.available[: len(offers)], 2) + 1).tolist())
    if not program.all_whole or program.parts != 1 or ways > MOST_POINTS:
        return None
    older = loaded
    if number % 3 and rng.random() < 0.7:  # planned with figures that have changed since
        brought = [round(value * rng.uniform(0.8, 1.25)) for value in frame["average_engagements"]]
        asked = [round(fee * rng.uniform(0.7, 1.2)) for fee in frame["fee"]]
        older = load_scenario(said, creators={**frame, "average_engagements": brought, "fee": asked})
    before = planned(older, Terms(gap=0.3, time_limit_s=None, rounds=2_000, more_budget=False)).result
    if isinstance(before, NoPlan) or not before.allocations:
        return None
    rows, keep = rows_of(before, answered(rng, loaded, before)), rng.choice([1.0, 0.99, 0.97, 0.95, 0.9])
    after = replan(before, rows, scenario=loaded, keep=keep, gap=0, time_limit_s=None, rounds=2_000)
    return Story(said, frame, loaded, before, rows, keep, after)


def close_choices(rng: random.Random) -> tuple[dict[str, Any], dict[str, Any]]:
    """A scenario in which the best plan changes much with little: what creators bring is nearly what they cost."""
    count = rng.randint(5, 7)
    fees = [rng.randint(20, 90) for _ in range(count)]
    frame: dict[str, Any] = {
        "creator": [f"@c{at}" for at in range(count)],
        "niche": [rng.choice(["food", "home"]) for _ in range(count)],
        "fee": fees,
        "average_engagements": [round(fee * rng.uniform(0.85, 1.2)) for fee in fees],
    }
    said: dict[str, Any] = {
        "format": 1,
        "currency": "EUR",
        "budget": sum(fees) * rng.choice([4, 6, 7]) // 10,
        "objective": {"maximize": "engagements"},
        "offers": {"one": {"deliver": {"post": 1}}, "two": {"deliver": {"post": 2}, "discount": "15%"}},
        "assume": {"repeat_keeps": "70%"},
    }
    if rng.random() < 0.4:
        said["constraints"] = {"some food": {"quantity": "spend", "group": {"niche": "food"}, "at_least": "30%"}}
    if rng.random() < 0.25:
        said["segments"] = [{"name": "others", "average_engagements": 30, "fee": 33, "available": 1}]
    if rng.random() < 0.25:
        goals = [{"maximize": "engagements", "keep": rng.choice(["100%", "97%"])}, {"minimize": "spend"}]
        said["objective"] = goals
    return said, frame


def answered(rng: random.Random, loaded: Scenario, before: Plan) -> dict[str, tuple[str, float | None]]:
    """Random answers of those whom a plan books, but for those who must be booked: creator -> status and fee."""
    pays = {offer.name: offer.pay.pays_fee for offer in loaded.offers}
    musts = {loaded.pool.ids[term.creator] for term in loaded.include}
    musts |= {loaded.pool.ids[segment.position] for segment in loaded.segments}
    answers: dict[str, tuple[str, float | None]] = {}
    for one in before.allocations:
        status = rng.choice(["", "", "signed", "declined", "paid"])
        fee = round(one.values.get("spend", 0.0) * rng.choice([0.8, 1.3, 1.6, 2]), loaded.currency.decimals)
        agreed = status in ("signed", "paid") and pays[one.offer] and rng.random() < 0.8
        if status and one.creator not in musts:
            answers[one.creator] = status, fee if agreed else None
    return answers


@dataclass(frozen=True)
class Looked:
    """How few open names and offers can change, and the best value with no more changes; and whether the plan before
    keeps all rules with what is agreed and without those who declined.
    """

    names: int
    offers: int
    value: float
    stands: bool


def by_looking(told: Story) -> Looked | None:
    """The fewest changes among all plans that are worth enough; None where there is no plan."""
    estimates = estimate(told.again())
    scenario_, program = estimates.scenario, build(estimates).with_all_rows()
    plans = plans_of(program)
    if plans.best is None:
        return None
    points, values = list(plans.points), [Fraction(value) for value in plans.values]
    for aim, goal in zip(program.later, scenario_.goals, strict=False):
        best = max(values)
        kept = [at for at, value in enumerate(values) if value >= best - (1 - goal.keep) * abs(best)]
        program = program.towards(aim, [])
        points = [points[at] for at in kept]
        values = [program.value(booked(point)) for point in points]
    keep, best = Fraction(str(told.keep)), max(values)
    settled = {name for name, status in zip(told.rows["creator"], told.rows["status"], strict=True) if status}
    settled |= {scenario_.pool.ids[segment.position] for segment in scenario_.segments}
    before = {one.creator: one.offer for one in told.before.allocations if one.creator not in settled}
    found = []
    stands = False
    for point, value in zip(points, values, strict=True):
        now = {}
        for at in np.flatnonzero(point[: program.bookings]).tolist():
            name = scenario_.pool.ids[int(estimates.columns.creator[at])]
            if name not in settled:
                now[name] = scenario_.offers[int(estimates.columns.offer[at])].name
        stands = stands or now == before
        if value < best - (1 - keep) * abs(best):
            continue
        changed = sum(1 for name in before if name in now and now[name] != before[name])
        found.append((len(before.keys() ^ now.keys()), changed, -value))
    names, changed, value = min(found)
    return Looked(names, changed, float(-value * program.objective.sign / program.denominator), stands)
