"""What a form offers of a scenario: its budget, goal and rules as written, quantities, and columns to group by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from optimizer.domain.pool import Labels
from optimizer.domain.quantities import RATIOS
from optimizer.domain.scenario import Scenario
from optimizer.loading.source import Node

_VALUES_MOST: Final = 60  # of a column to group by


def outline(scenario: Scenario, variants: Sequence[str]) -> dict[str, Any]:
    """The outline of a loaded scenario, as plain values."""
    said = scenario.resolved.plain() if isinstance(scenario.resolved, Node) else {}
    document: Mapping[str, Any] = said if isinstance(said, dict) else {}
    names = [name for name, one in scenario.quantities.items() if not one.helper]
    return {
        "format": "creatormix/outline/1",
        "name": scenario.name,
        "currency": scenario.currency.code,
        "variants": list(variants),
        "budget": document.get("budget"),
        "objective": document.get("objective"),
        "rules": document.get("constraints") or {},
        "include": document.get("include") or [],
        "exclude": document.get("exclude") or [],
        "quantities": [*names, *(ratio.name for ratio in RATIOS.values())],
        "groups": _groups(scenario),
        "offers": [offer.name for offer in scenario.offers],
        "creators": len(scenario.pool),
        "doubts": len(scenario.doubts),
    }


def _groups(scenario: Scenario) -> dict[str, list[str]]:
    """Columns of the pool with few values, and these."""
    found = {}
    for name, column in scenario.pool.columns.items():
        if isinstance(column, Labels) and 1 < len(column.vocabulary) <= _VALUES_MOST:
            values = {one for entry in column.answers() for one in entry[:1]}
            found[name] = sorted(values)
    return found
