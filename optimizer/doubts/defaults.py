"""Defaults that act: where a figure that nobody gave decides what is counted."""

from __future__ import annotations

from collections.abc import Iterator

from optimizer.domain.doubts import KINDS, Doubt
from optimizer.domain.scenario import Scenario
from optimizer.errors import Place

# what is counted by engagements, whatever each kind of piece is worth
_BY_ENGAGEMENTS = frozenset({"engagements"})
_BY_CONVERSIONS = frozenset({"conversions", "revenue", "profit", "commission"})


def default_weight(scenario: Scenario, place: Place | None) -> Iterator[Doubt]:
    """Ask whether each kind of deliverable brings as many engagements as any other."""
    kinds = sorted({kind for offer in scenario.offers for kind, _ in offer.deliver})
    if len(kinds) < 2 or not _counts_engagements(scenario) or _gives(scenario, "weight", kinds):
        return
    told = f"a {kinds[0]} counts as many engagements as a {kinds[1]}"
    if len(kinds) > 2:
        told = f"{', '.join(kinds[:-1])} and {kinds[-1]} all count the same engagements"
    example = f"assume: {{weight_{kinds[-1]}: 50%}}"
    mend = f"say what a piece of one kind brings against another, as in {example}"
    kind = KINDS["default-weight"]
    yield Doubt(kind.code, False, place, None, told, kind.why, mend)


def _gives(scenario: Scenario, figure: str, kinds: list[str]) -> bool:
    names = [figure, *(f"{figure}_{kind}" for kind in kinds)]
    return any(name in scenario.assume or name in scenario.pool.columns for name in names)


def _counts_engagements(scenario: Scenario) -> bool:
    named = {measure.quantity for measure in scenario.measures}
    if named & _BY_ENGAGEMENTS:
        return True
    per_engagement = "conversions_per_engagement"
    given = per_engagement in scenario.assume or per_engagement in scenario.pool.columns
    return bool(named & _BY_CONVERSIONS) and given
