"""Repairs of budgets say what to write, to the cent, where other costs come out of them first."""

from __future__ import annotations

import json
import random
from fractions import Fraction
from typing import Any

import pytest

from optimizer import NoPlan, Plan, load_scenario, to_dict, try_optimize, verify
from optimizer.domain.budgets import Budget
from optimizer.results.common import Repair
from optimizer.results.stated import digest

FRAME: dict[str, list[Any]] = {
    "creator": ["a", "b"],
    "followers": [2_000, 3_000],
    "platform": ["tiktok", "youtube"],
    "fee": ["50", "60"],
}
BOTH = {"both": {"quantity": "creators", "at_least": 2}}


def asked(**more: Any) -> dict[str, Any]:
    base = {"format": 1, "currency": "EUR", "objective": {"maximize": "creators"}, "constraints": BOTH}
    return base | more


def answer(said: dict[str, Any]) -> Plan | NoPlan:
    return try_optimize(load_scenario(said, creators=FRAME), gap=0)


def repair_of(said: dict[str, Any], name: str) -> Repair:
    result = answer(said)
    assert isinstance(result, NoPlan)
    assert verify(result, load_scenario(said, creators=FRAME)).holds
    return next(one for one in result.repairs if one.constraint == name)


@pytest.mark.parametrize(
    ("costs", "to", "left"),
    [
        ({}, "110", None),
        ({"fixed": 20}, "130", "110"),
        ({"reserve": "10%"}, "122.23", "110.007"),
        ({"fixed": 20, "reserve": "10%"}, "144.45", "110.005"),
        ({"fixed": 20, "reserve": "10%", "agency": "15%"}, "162.78", "126.502"),
    ],
)
@pytest.mark.parametrize("wallet", ["", "spend", "cash"])
def test_a_budget_is_raised_to_what_is_to_be_written(
    costs: dict[str, Any], to: str, left: str | None, wallet: str
) -> None:
    def said(amount: str) -> dict[str, Any]:
        return asked(costs=costs, **({"wallets": {wallet: amount}} if wallet else {"budget": amount}))

    found = repair_of(said("100"), f"budget {wallet}".strip())
    assert (found.from_, found.to, found.least) == (100, float(to), True)
    assert (found.leaves is None) == (left is None)
    if found.leaves is not None and left is not None:
        assert found.leaves[1] == float(left)
    assert isinstance(answer(said(to)), Plan)
    assert isinstance(answer(said(f"{float(to) - 0.01:.2f}")), NoPlan)


def test_the_least_amount_is_the_least_to_the_coin() -> None:
    rng = random.Random(1)
    for _ in range(500):
        budget = Budget(Fraction(0), Fraction(rng.randrange(0, 10**6), 10**6), Fraction(rng.randrange(10**6), 100))
        needed, coin = Fraction(rng.randrange(10**7), 100), Fraction(1, rng.choice([1, 100, 1_000]))
        least = budget.least(needed, coin)
        assert least is not None
        assert budget.left(least) >= needed > budget.left(least - coin)


def test_a_budget_that_is_all_kept_in_reserve_is_not_raised() -> None:
    result = answer(asked(budget=100, costs={"reserve": "100%"}))
    assert isinstance(result, NoPlan)
    assert "budget" not in [one.constraint for one in result.repairs]


def test_the_text_says_what_to_write() -> None:
    result = answer(asked(budget=100, costs={"fixed": 20, "reserve": "10%"}))
    assert "- raise budget to 144.45 EUR as written, which leaves 110.00 EUR for creators\n" in str(result)


def youtube(**bound: str) -> dict[str, Any]:
    group = {"quantity": "spend", "group": {"platform": "youtube"}, "of": "budget"}
    return {**BOTH, "youtube": group | bound}


def test_a_share_of_the_budget_asks_for_more_of_a_larger_one() -> None:
    said = asked(budget=100, costs={"fixed": 20}, constraints=youtube(at_least="45%"))
    found = repair_of(said, "budget")
    assert (found.to, found.least) == (130, True)
    assert isinstance(answer(said | {"budget": 130}), Plan)


def test_a_budget_of_nothing_leaves_nothing_of_it_and_more_of_a_larger_one() -> None:
    found = repair_of(asked(budget=0, costs={"reserve": "50%"}), "budget")
    assert (found.from_, found.to, found.leaves) == (0, 220, (0, 110))


def test_a_budget_whose_share_could_then_not_be_kept_is_not_raised() -> None:
    result = answer(asked(budget=100, constraints=youtube(at_least="55%")))  # 60 of 110 are less
    assert isinstance(result, NoPlan)
    assert [one.constraint for one in result.repairs if one.constraint == "budget"] == []


def test_where_a_larger_budget_allows_more_less_may_do() -> None:
    found = repair_of(asked(budget=100, constraints=youtube(at_most="60%")), "budget")
    assert (found.to, found.least) == (110, False)


def test_a_plan_of_before_states_what_is_left_and_still_verifies() -> None:
    said = asked(budget=100, costs={"fixed": 20})
    scenario = load_scenario(said, creators=FRAME)
    old = json.loads(json.dumps(to_dict(answer(said))))
    for repair in old["repairs"]:
        leaves = repair.pop("leaves")
        if leaves is not None:
            repair["from"], repair["to"] = leaves["from"], leaves["to"]
    assert [repair["from"] for repair in old["repairs"]] == [80.0, 2.0]
    assert verify(old | {"digest": digest(old)}, scenario).holds


@pytest.mark.parametrize(("key", "value"), [("from", 80.0), ("to", 131.0), ("leaves", None)])
def test_a_repair_that_does_not_add_up_is_found(key: str, value: float | None) -> None:
    said = asked(budget=100, costs={"fixed": 20})
    stated = json.loads(json.dumps(to_dict(answer(said))))
    stated["repairs"][0][key] = value
    found = verify(stated | {"digest": digest(stated)}, load_scenario(said, creators=FRAME))
    assert [one.where.split(" ")[0] for one in found.differences] == ["repairs"]
