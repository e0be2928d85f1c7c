"""What a rule's bound is worth, against the relaxation solved anew with the bound moved a little.

The bounds are wide enough for every single booking: those that break a bound alone are no part of the relaxation.
"""

from __future__ import annotations

import json
import random
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from scipy.optimize import linprog

from optimizer import Plan, load_scenario, to_dict, try_optimize, verify
from optimizer.results import words
from optimizer.results.stated import digest
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
        "forecast": {"rates": "measured"},  # as `Question` knows them
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
        if abs(price) <= 1e-6:
            assert (shown.price_of, shown.price_up, shown.price_down) == (None, None, None)
            continue
        compared += 1
        if plan.solver.stopped:
            assert shown.price_of is None
            continue
        left, right = slopes(Question(mapping, frame), asked)
        scale = 100 if shown.kind == "share" else 1
        assert shown.price_of == ("exactly" if way == "raised" else "at_least" if way == "tightened" else "at_most")
        assert shown.price_up is not None
        assert shown.price_down is not None
        assert abs(scale * shown.price_up - right) <= slack  # STEP may reach into the next piece: a little less
        assert abs(scale * shown.price_down + left) <= slack
    assert compared >= len(SEEDS) / 2


def pinned() -> Plan:
    """Three channels that are held exactly, and a budget that just covers them."""
    channels = {"tv": "3%", "radio": "1%", "press": "2%"}
    said = {
        "format": 1,
        "currency": "EUR",
        "budget": 3000,
        "objective": {"maximize": "conversions"},
        "whole": False,
        "segments": [
            {"name": name, "available": 50, "average_engagements": 100, "conversions_per_engagement": rate, "fee": 100}
            for name, rate in channels.items()
        ],
        "constraints": {
            "as it was": {
                "quantity": "spend",
                "per": "segment",
                "exactly": {"tv": 500, "radio": 1500, "press": 1000},
            }
        },
    }
    plan = try_optimize(load_scenario(said))
    assert isinstance(plan, Plan)
    return plan


def test_a_price_is_told_only_on_the_side_where_there_is_a_plan() -> None:
    """At 501 for one channel the budget does not suffice; at 499 the objective falls."""
    plan = pinned()
    found = {rule.per_value: (rule.price_of, rule.price_up, rule.price_down) for rule in plan.constraints[1:]}
    assert found == {
        "tv": ("exactly", None, pytest.approx(-0.03)),
        "radio": ("exactly", None, pytest.approx(-0.01)),
        "press": ("exactly", None, pytest.approx(-0.02)),
    }
    assert [words.price(plan, rule) for rule in plan.constraints] == ["", "", "", ""]


def test_a_bound_that_another_one_repeats_gains_nothing_when_it_is_loosened() -> None:
    """Two rules that bind at once: tightening one of them costs, loosening only one brings nothing."""
    mapping = said({"quantity": "spend", "at_most": "5000"})
    plan = try_optimize(load_scenario(mapping, creators=pool(1)), gap=0.02)
    assert isinstance(plan, Plan)
    priced = [rule for rule in plan.constraints if rule.shadow_price]
    assert priced
    for rule in priced:
        assert (rule.price_of, rule.price_up) == ("at_most", 0.0)
        assert rule.price_down == pytest.approx(-rule.shadow_price)
        assert words.price(plan, rule) == ""


def test_an_exact_bound_says_which_way_gains() -> None:
    rule = {"quantity": "creators", "group": {"niche": "yoga"}, "exactly": "3"}
    seen = set()
    for seed in SEEDS:
        plan = try_optimize(load_scenario(said(rule), creators=pool(seed)), gap=0.02)
        assert isinstance(plan, Plan)
        (shown,) = [found for found in plan.constraints if found.name == "rule"]
        if shown.price_up is None or shown.price_down is None:
            continue
        way = "more" if shown.price_up > 0 else "less" if shown.price_down > 0 else ""
        seen.add(way)
        assert words.price(plan, shown).endswith(f" per unit {way}" if way else "")
    assert seen - {""}


def test_where_the_sides_were_not_looked_at_a_price_is_the_most_that_it_can_be(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("optimizer.planning.sides.PRICED_MOST", 0)
    plan = try_optimize(load_scenario(said({"quantity": "creators", "at_most": "30"}), creators=pool(1)), gap=0.02)
    assert isinstance(plan, Plan)
    budget = plan.constraints[0]
    assert (budget.price_of, budget.price_up, budget.price_down) == (None, None, None)
    assert words.price(plan, budget).startswith("up to ")


def test_the_sides_of_prices_are_the_same_where_only_the_columns_that_matter_are_looked_at(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    mapping, frame = said({"quantity": "spend", "group": {"niche": "yoga"}, "at_most": "20%"}), pool(2, 200)

    def sides() -> list[tuple[float | None, float | None]]:
        plan = try_optimize(load_scenario(mapping, creators=frame), gap=0.02)
        assert isinstance(plan, Plan)
        return [(rule.price_up, rule.price_down) for rule in plan.constraints]

    whole = sides()
    monkeypatch.setattr("optimizer.planning.sides._COLUMNS_MOST", 10)
    monkeypatch.setattr("optimizer.solving.engine._NEAR", 40)
    assert sides() == [
        (None if up is None else pytest.approx(up), None if down is None else pytest.approx(down)) for up, down in whole
    ]


@pytest.mark.parametrize("field", ["price_up", "price_down", "price_of"])
def test_a_price_on_a_side_where_it_cannot_be_is_refused(field: str) -> None:
    """The relaxation is concave in a limit: less is lost upward than the price says, and more downward."""
    mapping = said({"quantity": "creators", "at_most": "30"})
    loaded = load_scenario(mapping, creators=pool(1))
    found = json.loads(json.dumps(to_dict(try_optimize(loaded, gap=0.02))))
    assert verify(found, loaded).holds
    price = found["constraints"][0]["shadow_price"]
    found["constraints"][0][field] = "at_least" if field == "price_of" else 2 * price
    assert not verify(found | {"digest": digest(found)}, loaded).holds


def test_a_plan_that_says_nothing_of_sides_is_still_verified() -> None:
    loaded = load_scenario(said({"quantity": "creators", "at_most": "30"}), creators=pool(1))
    found = json.loads(json.dumps(to_dict(try_optimize(loaded, gap=0.02))))
    for rule in found["constraints"]:
        for key in ("price_of", "price_up", "price_down"):
            del rule[key]
    del found["more_budget"]
    assert verify(found | {"digest": digest(found)}, loaded).holds


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


def test_a_rule_that_only_excludes_single_bookings_has_no_price() -> None:
    """Its row counts the bookings that break it; no bound of the planner's stands in it."""
    pool = {"creator": ["@a", "@b"], "average_engagements": [900, 10], "fee": [500, 100]}
    said = {
        "format": 1,
        "currency": "EUR",
        "budget": 1_000,
        "whole": False,
        "objective": {"maximize": "engagements"},
        "constraints": {"nobody too dear": {"quantity": "spend", "per": "creator", "at_most": 200}},
    }
    scenario = load_scenario(said, creators=pool)
    plan = try_optimize(scenario, gap=0)
    assert isinstance(plan, Plan)
    rule = next(one for one in plan.constraints if one.name == "nobody too dear")
    assert (rule.shadow_price, rule.price_of, rule.price_up) == (0.0, None, None)
    assert verify(plan, scenario).holds
