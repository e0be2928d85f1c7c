"""What to tell the planner when nobody can be booked at all."""

from __future__ import annotations

import numpy as np

from optimizer.domain.scenario import Scenario
from optimizer.errors import Place, Problem
from optimizer.estimation.columns import Columns

_SHOWN = 5  # offers, and segments, that are named


def nobody_bookable(scenario: Scenario, columns: Columns) -> Problem | None:
    """Why there is not a single booking to choose from; None where there is one."""
    empty = [segment for segment in scenario.segments if not segment.available]
    gone = np.array([segment.position for segment in empty], dtype=np.int64)
    if not np.isin(columns.creator, gone).all() if len(gone) else len(columns):
        return None
    taken = set(np.unique(columns.offer).tolist())
    idle = [offer for at, offer in enumerate(scenario.offers) if at not in taken]
    reasons = [f"offer {offer.name} is for {offer.to}, which none of {_all(scenario)} is" for offer in idle[:_SHOWN]]
    if len(idle) > _SHOWN:
        reasons.append(f"and so on for {len(idle) - _SHOWN:,} more offers")
    mends = ["widen `to` of an offer, or the filters and tiers"] if idle else []
    if len(columns):
        names = ", ".join(scenario.pool.ids[segment.position] for segment in empty[:_SHOWN])
        more = f", and {len(empty) - _SHOWN:,} more" if len(empty) > _SHOWN else ""
        reasons.append(f"none is available of the segment{'s' if len(empty) > 1 else ''} {names}{more}")
        mends.append("raise available")
    place = next((offer.origin for offer in idle if isinstance(offer.origin, Place)), None)
    return Problem("nobody-bookable", f"nobody can be booked: {'; '.join(reasons)}", ", or ".join(mends), place)


def _all(scenario: Scenario) -> str:
    """Who there is, in words: `the 3 creators and 2 segments`."""
    segments = len(scenario.segments)
    counts = ((len(scenario.pool) - segments, "creator"), (segments, "segment"))
    return "the " + " and ".join(f"{count:,} {noun}{'s' if count > 1 else ''}" for count, noun in counts if count)
