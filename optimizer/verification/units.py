"""Checks of the units that a plan states. (Since version 0.2.)"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from optimizer.domain.scenario import Scenario
from optimizer.results.stated import of
from optimizer.results.verification import Difference
from optimizer.verification.differences import compared
from optimizer.verification.fields import Fields

_RATIOS = dict.fromkeys(("cpm", "cpe", "cpc", "cpa", "cost_per_person"), "money")
_RATIOS |= dict.fromkeys(("roas", "frequency"), "count")
_SHARES = dict.fromkeys(("engagement_rate", "authenticity"), "share")


def units(said: Mapping[str, Any], scenario: Scenario) -> Iterator[Difference]:
    """Whether currency and units are the scenario's.

    What was read back from the JSON of 0.1.0 may state only the units of what it shows, and no currency (XXX).
    """
    if "units" not in said:
        return
    stated, currency = of(said, "units", dict), scenario.currency
    if stated.get("currency") != "XXX" or "currency" in said:
        yield from compared("units", stated, Fields({"currency": currency.code, "decimals": currency.decimals}))
    named = of(stated, "quantities", dict)
    every = {name: quantity.unit for name, quantity in scenario.quantities.items()} | _RATIOS | _SHARES
    shown = {*named, *said.get("totals", {})}
    yield from compared("units > quantities", named, {name: unit for name, unit in every.items() if name in shown})
