"""A plan says of each booking how it is paid, and the verifier works that out again."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from optimizer import Plan, load_scenario, optimize, verify
from optimizer.report.gallery import groups
from optimizer.report.language import speaker
from optimizer.results.stated import digest

POOL = {
    "creator": ["@ana", "@bea", "@cem", "@dua"],
    "average_engagements": [150, 600, 300, 250],
    "fee": [100, 250, 200, 150],
    "way": ["1", "2", "3", "4"],
}
PAY = {
    "card": {"model": "gift", "product": {"cost": 5, "value": 20}, "shipping": 2},
    "sales": {"model": "commission", "per_conversion": 2},
    "both": {"model": "hybrid", "fee": "50%", "per_conversion": 1},
}
OFFERS = {
    "for a fee": {"deliver": {"video": 1}, "to": {"way": 1}},
    "for a gift": {"deliver": {"video": 1}, "pay": "card", "to": {"way": 2}},
    "for sales": {"deliver": {"video": 1}, "pay": "sales", "to": {"way": 3}},
    "for both": {"deliver": {"video": 1}, "pay": "both", "to": {"way": 4}},
}
MODELS = {"@ana": "fee", "@bea": "gift", "@cem": "commission", "@dua": "hybrid"}


def asked(**more: Any) -> Any:
    said = {"format": 1, "currency": "EUR", "budget": 2_000, "objective": {"maximize": "engagements"}}
    said |= {"pay": PAY, "offers": OFFERS, "assume": {"conversions_per_engagement": "1%", "post_rate": "100%"}}
    return load_scenario(said | more, creators=POOL)


def paid(plan: Plan) -> dict[str, Any]:
    return {one["creator"]: one.get("pay") for one in plan.to_dict()["allocations"]}


def test_each_model_has_its_own_word() -> None:
    plan = optimize(asked(), gap=0)
    assert paid(plan) == MODELS
    assert Plan.from_json(plan.to_dict()).allocations == plan.allocations
    assert verify(plan, asked()).holds


@pytest.mark.parametrize("said", ["gift", None, "", 1])
def test_another_word_is_refused_and_none_at_all_is_that_of_an_older_plan(said: object) -> None:
    stated = copy.deepcopy(dict(optimize(asked(), gap=0).to_dict()))
    stated["allocations"][0]["pay"] = said
    assert [one.where for one in verify(stated | {"digest": digest(stated)}, asked()).differences] != []
    for one in stated["allocations"]:
        del one["pay"]
    assert verify(stated | {"digest": digest(stated)}, asked()).holds


def test_a_quantity_of_this_name_keeps_it() -> None:
    scenario = asked(quantities={"pay": {"column": "way"}})
    plan = optimize(scenario, gap=0)
    assert sorted(paid(plan).values()) == [1, 2, 3, 4]
    assert verify(plan, scenario).holds


def test_spend_and_outcome_are_drawn_by_pay() -> None:
    plan = optimize(asked(), gap=0)
    (drawn,) = [one for one in groups(plan) if one.title.endswith("by pay")]
    assert {row["name"] for row in drawn.spec["data"]["values"]} == set(MODELS.values())
    assert (
        speaker("fr", plan).picture(drawn).title
        == "Parts par mode de paiement\N{NO-BREAK SPACE}: dépense et engagements"
    )
