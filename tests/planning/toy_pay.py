"""Pay that only the tests know, in a process of its own: three pay models and a component, and what is made of them.

What is registered here is all that the package needs: of a pay model one entry in `MODELS`, of a component one class
and its twin in the verifier. They are registered before the scenario format is read, as those of the package are.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from optimizer.domain.exact import MICRO, Ints, times_up
from optimizer.domain.pay import MODELS, Commission, Component, Fee, Paid, PayModel, Product
from optimizer.verification.quantities import PARTS, up


@dataclass(frozen=True, slots=True)
class Bonus(Component):
    """An amount for each piece."""

    counts_as = "cash"
    bonus: int = 0

    def money(self, b: Paid) -> Ints | int:
        return times_up(b.exact("deliverables"), self.bonus)


PARTS[Bonus] = ("cash", lambda booking, part: up(booking.exact("deliverables"), part.bonus))
MODELS["fee and product"] = PayModel(
    "the creator's fee is paid, and a product is given",
    (Fee(fee=MICRO), Product()),
    {"product": ("what is sent to the creator", "{cost: 18}")},
)
MODELS["bounty"] = PayModel(
    "an amount for each conversion", (Commission(),), {"per_conversion": ("what each conversion earns", "4.00")}
)
MODELS["fee and bonus"] = PayModel("the creator's fee, and 3.00 for each piece", (Fee(fee=MICRO), Bonus(bonus=300)))

from optimizer import ScenarioError, load_scenario, optimize, to_dict, verify  # noqa: E402  now that they are known
from optimizer.loading.json_schema import scenario_schema  # noqa: E402

CREATORS = {
    "creator": ["@a", "@b", "@c"],
    "followers": [2_000] * 3,
    "fee": ["10", "25", "30"],
    "average_engagements": [100, 50, 80],
    "conversions_per_engagement": ["0.1"] * 3,
}
SENT = {"cost": 18, "value": 35}
TERMS: dict[str, dict[str, Any]] = {  # what is said of terms beside the model
    "fee and product": {"product": SENT, "shipping": 2, "rights": "10%"},
    "bounty": {"per_conversion": "1.50", "cap": 20, "minimum_fee": 3, "post_rate": 1},
    "fee and bonus": {"handling": 1},
}
SLIPS: list[dict[str, Any]] = [
    {"model": "fee and product"},
    {"model": "bounty"},
    {"model": "bounty", "rate": "5%"},
    {"model": "bounty", "rate": "5%", "per_conversion": 2},
    {"model": "bounty", "per_conversion": 2, "rights": 5},
    {"model": "fee and product", "product": SENT, "fee": "50%"},
    {"model": "fee and bonus", "cap": 5},
    {"model": "bouncy", "per_conversion": 2},
]


def scenario(pay: dict[str, Any]) -> Any:
    said = {
        "format": 1,
        "currency": "EUR",
        "budget": 70,
        "objective": {"maximize": "engagements"},
        "pay": {"terms": pay},
        "offers": {"two": {"deliver": {"video": 2}, "pay": "terms"}, "one": {"deliver": {"video": 1}, "pay": "terms"}},
        "economics": {"order_value": 20, "margin": "50%"},
        "constraints": {"all on them": {"quantity": "creators", "group": {"model": pay["model"]}, "at_least": 1}},
        "forecast": {"draws": 1_000, "rates": "measured"},
    }
    return load_scenario(said, creators=CREATORS)


def planned(model: str) -> dict[str, Any]:
    loaded = scenario({"model": model, **TERMS[model]})
    plan = optimize(loaded, gap=0)
    said = to_dict(plan)
    forged = said | {"totals": said["totals"] | {"spend": said["totals"]["spend"] + 0.01}}
    return {
        "plan": said,
        "warnings": list(loaded.warnings),
        "text": str(plan),
        "verified": str(verify(json.dumps(said), loaded, ranges=True)),
        "holds": verify(json.dumps(said), loaded, ranges=True).holds,
        "forged": [one.where for one in verify(json.dumps(forged), loaded).differences],
    }


def refused(pay: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    try:
        scenario(pay)
    except ScenarioError as error:
        yield from ((one.code, one.cause, one.mend) for one in error.problems)


if __name__ == "__main__":
    models = scenario_schema()["$defs"]["Pay"]["properties"]["model"]["enum"]
    made = {"planned": {model: planned(model) for model in TERMS}, "refused": [list(refused(pay)) for pay in SLIPS]}
    json.dump(made | {"models": models}, sys.stdout)
