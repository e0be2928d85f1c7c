"""Small scenarios for sweeps, drawn at random: each seed gives another pool and other rules."""

from __future__ import annotations

import random
from typing import Any

from optimizer import load_scenario
from optimizer.domain.scenario import Scenario

NICHES = ("books", "food", "travel")


def small(seed: int, creators: int = 9) -> tuple[dict[str, Any], dict[str, list[Any]]]:
    """A scenario as a mapping, and its pool."""
    rng = random.Random(seed)
    pool = {
        "creator": [f"@c{at:02}" for at in range(creators)],
        "niche": [rng.choice(NICHES) for _ in range(creators)],
        "followers": [rng.randrange(1_000, 60_000) for _ in range(creators)],
        "average_engagements": [rng.randrange(50, 900) for _ in range(creators)],
        "average_views": [rng.randrange(500, 9_000) for _ in range(creators)],
        "fee": [rng.randrange(40, 400) for _ in range(creators)],
    }
    rules: dict[str, Any] = {"books": {"quantity": "spend", "group": {"niche": "books"}, "at_most": "60%"}}
    if seed % 2:
        rules["team"] = {"quantity": "creators", "at_most": rng.randrange(2, 6)}
    if seed % 3 == 0:
        rules["seen"] = {"quantity": "impressions", "at_least": rng.randrange(500, 6_000)}
    said = {
        "format": 1,
        "name": "small",
        "currency": "EUR",
        "budget": 800,
        "objective": {"maximize": "engagements"},
        "constraints": rules,
        "forecast": {"rates": "measured"},
    }
    return said, pool


def loaded(seed: int, creators: int = 9, **changes: object) -> Scenario:
    """The scenario, loaded."""
    said, pool = small(seed, creators)
    return load_scenario(said, creators=pool, changes=changes)
