"""A small campaign over a handful of creators, whose plans are known beforehand."""

from __future__ import annotations

from typing import Any

from optimizer import NoPlan, Plan, Scenario, load_scenario, try_optimize

FRAME: dict[str, list[Any]] = {
    "creator": ["@ann", "@bob", "@cyd", "@dan"],
    "niche": ["food", "food", "pets", "pets"],
    "followers": [2_000, 3_000, 9_000, 4_000],
    "engagement_rate": [0.05, 0.04, 0.03, 0.01],
    "fee": ["100.10", "200.05", "300", "50"],
}
SAID: dict[str, Any] = {
    "format": 1,
    "name": "small",
    "currency": "EUR",
    "budget": 400,
    "objective": {"maximize": "engagements"},
}
SEGMENT: dict[str, Any] = {
    "name": "food nano",
    "tier": "nano",
    "followers": 4_000,
    "engagement_rate": "5%",
    "fee": 100,
    "available": 40,
}
OFFERS = {"one": {"deliver": {"video": 1}}, "two": {"deliver": {"video": 2}, "discount": "20%"}}


def small(creators: dict[str, list[Any]] | None = None, **more: Any) -> Scenario:
    """The small scenario with some keys replaced."""
    return load_scenario({**SAID, **more}, creators=creators or FRAME)


def planned(creators: dict[str, list[Any]] | None = None, **more: Any) -> Plan | NoPlan:
    """The plan of the small scenario with some keys replaced."""
    return try_optimize(small(creators, **more), gap=0)


def segments(*, budget: int, returns: bool = True, **more: Any) -> Plan | NoPlan:
    """A plan that books one segment, by default with returns that fall after 15 bookings."""
    falling = {"returns": [{"up_to": 15, "keep": "100%"}, {"up_to": 40, "keep": "60%"}]} if returns else {}
    said = {**SAID, "budget": budget, "segments": [SEGMENT | falling], "offers": OFFERS, **more}
    return try_optimize(load_scenario(said), gap=0)
