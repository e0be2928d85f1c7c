"""What a rule's bound is worth, against the relaxation solved anew with the bound moved a little.

The bounds are wide enough for every single booking: those that break a bound alone are no part of the relaxation.
"""

from __future__ import annotations

import random
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from scipy.optimize import linprog

from optimizer import Plan, load_scenario, try_optimize
from tests.support.brute import Question, Rule

SEEDS = range(4)
STEP = Fraction(1, 10_000)


def pool(seed: int, count: int = 30) -> dict[str, list[Any]]:
    rng = random.Random(seed)
    return {
        "creator": [f"c{at:02}" for at in range(count)],
        "followers": [rng.randint(1_000, 99_999) for _ in range(count)],
        "niche": [rng.choice(["yoga", "chess"]) for _ in range(count)],
        "fee": [f"{rng.uniform(100, 900):.2f}" for _ in range(count)],
        "engagement_rate": [rng.uniform(0.01, 0.1) for _ in range(count)],
        "average_views": [rng.uniform(1_000, 40_000) for _ in range(count)],
    }


def said(rule: dict[str, Any], **more: Any) -> dict[str, Any]:
    base = {
        "format": 1,
        "currency": "EUR",
        "budget": "5000",
        "objective": {"maximize": "engagements"},
        "assume": {"click_rate": "1%", "conversion_rate": "5%"},
        "economics": {"order_value": "40", "margin": "50%"},
        "offers": {"one": {"deliver": {"video": 1}}, "two": {"deliver": {"video": 2}, "discount": "10%"}},
        "constraints": {"rule": rule},
    }
    return {name: value for name, value in (base | more).items() if value is not None}


def relaxed(question: Question, rules: list[Rule]) -> float:
    """The best of the relaxation, in the objective's own sense."""
    rows, limits = [], []
    for rule in rules:
        for bound, sign in ((rule.low, -1), (rule.high, 1)):
            if bound is not None:
                slope = float(bound / rule.lead)
                if rule.base is None:
                    rows.append(sign * np.array(rule.measured, float) / rule.unit)
                    limits.append(sign * slope / rule.unit)
                else:
                    rows.append(
                        sign * (np.array(rule.measured, float) - slope * np.array(rule.base, float)) / rule.unit
                    )
                    limits.append(0.0)
    for _, columns in question.units():
        rows.append(np.isin(np.arange(len(question.columns)), columns).astype(float))
        limits.append(1.0)
    cost = -question.sign * np.array(question.cost, float) / question.denominator
    found = linprog(cost, A_ub=np.array(rows), b_ub=np.array(limits), bounds=(0, 1), method="highs")
    assert found.status == 0
    return float(-question.sign * found.fun)


def slopes(question: Question, name: str) -> tuple[float, float]:
    """How much the objective gains per unit by which a rule's bounds rise, from the left and from the right."""

    def at(step: Fraction) -> float:
        moved = [
            replace(
                rule,
                low=None if rule.low is None else rule.low * (1 + step),
                high=None if rule.high is None else rule.high * (1 + step),
            )
            if rule.name == name
            else rule
            for rule in question.rules
        ]
        return relaxed(question, moved)

    (rule,) = [rule for rule in question.rules if rule.name == name]
    bound = rule.low if rule.low is not None else rule.high
    assert bound is not None
    width = float(bound * STEP)
    here = question.sign * at(Fraction(0))
    return (here - question.sign * at(-STEP)) / width, (question.sign * at(STEP) - here) / width


RULES: dict[str, tuple[dict[str, Any], dict[str, Any], str, str]] = {
    "the budget": ({"quantity": "creators", "at_most": "30"}, {}, "budget", "loosened"),
    "a ceiling": ({"quantity": "spend", "group": {"niche": "yoga"}, "at_most": "2000"}, {}, "rule", "loosened"),
    "a floor": (
        {"quantity": "impressions", "group": {"niche": "chess"}, "at_least": "150000"},
        {},
        "rule",
        "tightened",
    ),
    "an exact amount": ({"quantity": "creators", "group": {"niche": "yoga"}, "exactly": "3"}, {}, "rule", "raised"),
    "a share at most": ({"quantity": "spend", "group": {"niche": "yoga"}, "at_most": "20%"}, {}, "rule", "loosened"),
    "a share at least": ({"quantity": "spend", "group": {"niche": "yoga"}, "at_least": "80%"}, {}, "rule", "tightened"),
    "an exact share": ({"quantity": "creators", "group": {"niche": "yoga"}, "exactly": "50%"}, {}, "rule", "raised"),
    "a share of a group": (
        {"quantity": "spend", "group": {"tier": "nano"}, "of": {"niche": "chess"}, "at_least": "60%"},
        {},
        "rule",
        "tightened",
    ),
    "a share of the budget": (
        {"quantity": "spend", "group": {"niche": "yoga"}, "of": "budget", "at_most": "40%"},
        {},
        "rule",
        "loosened",
    ),
    "a cost per result": ({"quantity": "cpa", "at_most": "30"}, {"budget": None}, "rule", "loosened"),
    "a cost per thousand": ({"quantity": "cpm", "at_most": "12"}, {"budget": None}, "rule", "loosened"),
    "a return": ({"quantity": "roas", "at_least": "1.5"}, {"budget": None}, "rule", "tightened"),
    "a rate": ({"quantity": "engagement_rate", "at_least": "8%"}, {}, "rule", "tightened"),
    "a floor under the least spend": (
        {"quantity": "impressions", "at_least": "300000"},
        {"objective": {"minimize": "spend"}, "budget": None},
        "rule",
        "tightened",
    ),
    "a mix with a cost": (
        {"quantity": "creators", "at_most": "5"},
        {"objective": {"maximize": {"engagements": "1", "spend": "-0.5"}}},
        "rule",
        "loosened",
    ),
}


@pytest.mark.parametrize("name", RULES)
def test_a_shadow_price_is_what_moving_the_bound_gains_in_the_relaxation(name: str) -> None:
    rule, more, asked, way = RULES[name]
    compared = 0
    for seed in SEEDS:
        frame, mapping = pool(seed), said(rule, **more)
        plan = try_optimize(load_scenario(mapping, creators=frame), gap=0.02, time_limit_s=None)
        assert isinstance(plan, Plan)
        (shown,) = [found for found in plan.constraints if found.name == asked]
        toward = -1 if way == "tightened" else 1
        low, high = sorted(toward * slope for slope in slopes(Question(mapping, frame), asked))
        price = shown.shadow_price * (100 if shown.kind == "share" else 1)
        slack = 0.02 * max(abs(low), abs(high)) + 1e-6  # at a kink every slope between the two sides is a price
        assert low - slack <= price <= high + slack
        compared += abs(price) > 1e-6
    assert compared >= len(SEEDS) / 2


def test_a_rule_with_room_in_the_relaxation_has_no_price() -> None:
    mapping = said({"quantity": "creators", "at_most": "30"})
    plan = try_optimize(load_scenario(mapping, creators=pool(1)), gap=0.02)
    assert isinstance(plan, Plan)
    assert [rule.shadow_price for rule in plan.constraints if rule.name == "rule"] == [0.0]


def test_loosening_a_bound_never_gains_more_than_its_price_says() -> None:
    """The relaxation is concave in a fixed bound, so its price is never less than what comes of a large step."""
    for seed in SEEDS:
        mapping, frame = said({"quantity": "creators", "at_most": "30"}), pool(seed)
        plan = try_optimize(load_scenario(mapping, creators=frame), gap=0.02)
        assert isinstance(plan, Plan)
        price = plan.constraints[0].shadow_price
        here = relaxed(Question(mapping, frame), Question(mapping, frame).rules)
        for budget in (2_000, 4_000, 6_000, 9_000):
            question = Question({**mapping, "budget": str(budget)}, frame)
            assert relaxed(question, question.rules) <= here + price * (budget - 5_000) + 1e-6 * here
