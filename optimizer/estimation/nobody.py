"""The message when nobody can be booked at all."""

from __future__ import annotations

import numpy as np

from optimizer.domain.scenario import Scenario
from optimizer.errors import Place, Problem
from optimizer.estimation.booking_table import BookingTable

_SHOWN = 5  # offers, and segments, that are named


def nobody_bookable(scenario: Scenario, columns: BookingTable) -> Problem | None:
    """The problem that no offer matches anybody; None if one does."""
    if len(columns):
        return None
    offers = list({offer.base or offer.name: offer for offer in scenario.offers}.items())
    reasons = [
        f"offer {name} is for {offer.to}, which matches none of {_all(scenario)}" for name, offer in offers[:_SHOWN]
    ]
    if len(offers) > _SHOWN:
        reasons.append(f"and so on for {len(offers) - _SHOWN:,} more offers")
    place = next((offer.origin for _, offer in offers if isinstance(offer.origin, Place)), None)
    mend = "widen `to` of an offer, or the filters and tiers"
    return Problem("nobody-bookable", f"nobody can be booked: {'; '.join(reasons)}", mend, place)


def none_available(scenario: Scenario, columns: BookingTable) -> list[str]:
    """A warning if offers are only for segments with none available. That is a limit, not a fault."""
    empty = [segment.position for segment in scenario.segments if not segment.available]
    if not empty or not np.isin(columns.creator, np.array(empty, dtype=np.int64)).all():
        return []
    names = ", ".join(scenario.pool.ids[position] for position in empty[:_SHOWN])
    more = f", and {len(empty) - _SHOWN:,} more" if len(empty) > _SHOWN else ""
    return [f"nobody can be booked: none is available of the segment{'s' if len(empty) > 1 else ''} {names}{more}"]


def _all(scenario: Scenario) -> str:
    """Who there is, in words: `the 3 creators and 2 segments`."""
    segments = len(scenario.segments)
    counts = ((len(scenario.pool) - segments, "creator"), (segments, "segment"))
    return "the " + " and ".join(f"{count:,} {noun}{'s' if count > 1 else ''}" for count, noun in counts if count)
