"""Invented pools with something planted in them, and what is asked of them."""

from __future__ import annotations

from typing import Any

from optimizer import generate_pool, load_scenario
from optimizer.domain.doubts import Doubt
from optimizer.domain.scenario import Scenario

Columns = dict[str, list[Any]]
CAMPAIGN: dict[str, Any] = {
    "format": 1,
    "currency": "EUR",
    "budget": 5_000,
    "objective": {"maximize": "engagements"},
    "assume": {"fee": 100, "engagement_rate": "3%"},
}


def invented(size: int = 600, seed: int = 4) -> Columns:
    pool = generate_pool(size, seed=seed)
    return {name: pool[name].to_pylist() for name in pool.column_names}


def small(**columns: list[Any]) -> Columns:
    """Eight ordinary creators of one kind."""
    ordinary: Columns = {
        "creator": ["@ana", "@bea", "@cia", "@dan", "@eve", "@fay", "@gil", "@hal"],
        "niche": ["food", "food", "travel", "food", "beauty", "travel", "beauty", "food"],
        "followers": [5_200, 8_100, 12_400, 3_300, 22_700, 6_900, 15_050, 9_640],
        "engagement_rate": [0.041, 0.033, 0.027, 0.052, 0.021, 0.036, 0.03, 0.029],
        "fee": [105.0, 160.0, 250.0, 70.0, 430.0, 140.0, 310.0, 190.0],
    }
    return ordinary | columns


def loaded(columns: Columns, **changes: Any) -> Scenario:
    return load_scenario(CAMPAIGN | changes, creators=columns)


def asked(columns: Columns, code: str | None = None, **changes: Any) -> list[Doubt]:
    """The doubts about a pool, of one kind or all."""
    return [doubt for doubt in loaded(columns, **changes).doubts if code in (None, doubt.code)]
