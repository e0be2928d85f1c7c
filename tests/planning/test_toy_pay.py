"""A pay model made of components is one entry of a table, and a component one class and its twin (`toy_pay.py`)."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def made() -> dict[str, Any]:
    """What the process that knows these models made of them."""
    command = [sys.executable, "-m", "tests.planning.toy_pay"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


BEST = {  # bookings of the best plan, with the spend of each; cash and gifts in all
    # fee 10 twice, rights 10 %, shipping 2, and a product of 18
    "fee and product": ([("@a", "two", 42.0)], 24.0, 1),
    # 1.50 for each of 20, 10 and 16 conversions, at most 20, and the minimum fee of 3
    "bounty": ([("@a", "two", 23.0), ("@b", "two", 18.0), ("@c", "two", 23.0)], 64.0, 0),
    # fees, 3 for each piece, and handling 1
    "fee and bonus": ([("@a", "two", 27.0), ("@c", "one", 34.0)], 61.0, 0),
}


@pytest.mark.parametrize("model", BEST)
def test_it_is_loaded_and_planned(made: dict[str, Any], model: str) -> None:
    plan = made["planned"][model]["plan"]
    bookings, cash, gifts = BEST[model]
    assert [(one["creator"], one["offer"], one["spend"]) for one in plan["allocations"]] == bookings
    assert (plan["totals"]["cash"], plan["totals"]["gifts"]) == (cash, gifts)
    assert plan["totals"]["spend"] == sum(spend for _, _, spend in bookings)
    assert plan["claim"] == "optimal"


@pytest.mark.parametrize("model", BEST)
def test_it_is_verified_with_its_ranges(made: dict[str, Any], model: str) -> None:
    assert made["planned"][model]["holds"], made["planned"][model]["verified"]
    assert "totals > spend" in made["planned"][model]["forged"]


@pytest.mark.parametrize("model", BEST)
def test_rules_and_reports_know_it(made: dict[str, Any], model: str) -> None:
    (rule,) = [one for one in made["planned"][model]["plan"]["constraints"] if one["name"] == "all on them"]
    assert (rule["group"], rule["value"]) == ({"model": model}, len(BEST[model][0]))
    assert f"spend          {sum(spend for _, _, spend in BEST[model][0]):.2f} EUR" in made["planned"][model]["text"]


def test_editors_offer_it(made: dict[str, Any]) -> None:
    assert made["models"] == ["fee", "gift", "commission", "hybrid", *BEST]


def test_slips_are_told_by_what_its_entry_says(made: dict[str, Any]) -> None:
    assert [[tuple(problem) for problem in problems] for problems in made["refused"]] == [
        [("missing-key", "fee and product terms need what is sent to the creator", "add product: {cost: 18}")],
        [("missing-key", "bounty terms need what each conversion earns", "add per_conversion: 4.00")],
        [("missing-key", "bounty terms need what each conversion earns", "add per_conversion: 4.00")],
        [("pay-model", "both rate and per_conversion are given", "keep one of them")],
        [
            (
                "pay-model",
                "rights come on top of the creator's fee, and these terms pay none",
                "write minimum_fee or handling instead",
            )
        ],
        [
            (
                "pay-model",
                "model fee and product pays no share of the fee",
                "use model: hybrid, or remove it; a discount belongs in an offer",
            )
        ],
        [
            (
                "pay-model",
                "cap is for a commission; model fee and bonus pays none",
                "use model: commission, hybrid or bounty, or remove it",
            )
        ],
        [
            (
                "unknown-choice",
                '"bouncy" is not one of: fee, gift, commission, hybrid, fee and product, bounty or fee and bonus',
                'did you mean "bounty"?',
            )
        ],
    ]
