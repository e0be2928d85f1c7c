"""Knapsacks and set covers drawn as the public ones of the OR-Library were, written as scenarios.

- `knapsack`: 100 items, 5 resources, of which half of what all items need is there. P. C. Chu and J. E. Beasley, "A
  genetic algorithm for the multidimensional knapsack problem", Journal of Heuristics 4, 1998: needs are whole numbers
  up to 1,000, an item is worth the mean of its needs and up to 500 more.
- `cover`: 1,000 columns that cost 1 to 100, 200 rows, a density of 2 %. E. Balas and A. Ho, "Set covering algorithms
  using cutting planes, heuristics, and subgradient optimization", Mathematical Programming Study 12, 1980: every column
  covers a row, every row is covered twice.

The same seed draws the same one.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from optimizer import load_scenario  # the root must be known first
from optimizer.domain.scenario import Scenario


def knapsack(seed: int, items: int = 100, resources: int = 5) -> Scenario:
    """Items as creators; what they are worth and need are quantities of their own."""
    rng = np.random.default_rng(seed)
    needs = rng.integers(1, 1_001, (resources, items))
    room = needs.sum(axis=1) // 2
    worth = (needs.sum(axis=0) / resources + 500 * rng.random(items)).astype(int)
    names = [f"need_{at}" for at in range(resources)]
    frame = {"creator": [f"item {at:03}" for at in range(items)], "worth": worth.tolist()}
    frame |= dict(zip(names, needs.tolist(), strict=True))
    said: dict[str, Any] = {
        "format": 1,
        "name": f"knapsack {seed}",
        "currency": "EUR",
        "quantities": ["worth", *names],
        "objective": {"maximize": "worth"},
        "constraints": {
            name: {"quantity": name, "at_most": int(limit)} for name, limit in zip(names, room, strict=True)
        },
    }
    return load_scenario(said, creators=frame)


def cover(seed: int, columns: int = 1_000, rows: int = 200, density: float = 0.02) -> Scenario:
    """Columns as creators, whose niches are the rows that they cover; every niche must be booked."""
    rng = np.random.default_rng(seed)
    covers = rng.random((rows, columns)) < density
    for column in np.flatnonzero(~covers.any(axis=0)):
        covers[rng.integers(rows), column] = True
    for row in np.flatnonzero(covers.sum(axis=1) < 2):
        covers[row, rng.choice(columns, 2, replace=False)] = True
    frame = {
        "creator": [f"column {at:04}" for at in range(columns)],
        "niche": ["|".join(f"row {row:03}" for row in np.flatnonzero(covers[:, at])) for at in range(columns)],
        "charge": rng.integers(1, 101, columns).tolist(),
    }
    said: dict[str, Any] = {
        "format": 1,
        "name": f"cover {seed}",
        "currency": "EUR",
        "quantities": ["charge"],
        "objective": {"minimize": "charge"},
        "constraints": {"every row": {"quantity": "creators", "per": "niche", "at_least": 1}},
    }
    return load_scenario(said, creators=frame)
