"""Rates that count something else than the formulas take them for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from optimizer.domain.doubts import KINDS, Doubt
from optimizer.domain.pool import Numbers
from optimizer.domain.scenario import Scenario
from optimizer.errors import Place

RATE: Final = "engagement_rate"
_OVER_VIEWS: Final = re.compile(
    r"(?:/|\b(?:over|per|by|sur|par)\b)\s*(?:\w+\s+){0,2}?(?:views?|vues?|impressions?|reach|port[ée]e|plays?)\b",
    re.IGNORECASE,
)
_LIKES: Final = re.compile(r"\b(?:likes?|j'aime)\b", re.IGNORECASE)
_MORE_THAN_LIKES: Final = re.compile(
    r"(?<!without )(?<!sans )\b(?:comments?|commentaires?|interactions?|engagements?|reactions?)\b", re.IGNORECASE
)


def rate_of_another_kind(scenario: Scenario, _: Place | None) -> Iterator[Doubt]:
    """Ask about engagement rates that are not interactions over followers, by which followers are multiplied.

    Not asked where the interactions themselves are known of everybody: they come before the rate.
    """
    measured = scenario.pool.columns.get("average_engagements")
    if isinstance(measured, Numbers) and measured.known.all():
        return
    kind = KINDS["rate-of-another-kind"]
    for said in scenario.definitions.get(RATE, "").split("; "):
        if _OVER_VIEWS.search(said):
            told = f"{RATE} is {said}: it is not counted over followers"
        elif _LIKES.search(said) and not _MORE_THAN_LIKES.search(said):
            told = f"{RATE} is {said}: it counts likes only"
        else:
            continue
        mend = "give average_engagements, the interactions with one piece, which come before the rate"
        yield Doubt(kind.code, False, None, None, told, kind.why, mend)
