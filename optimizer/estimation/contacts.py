"""How many people of each cell of the audience a booking reaches by itself."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from optimizer.domain.audience import Audience
from optimizer.domain.constraints import Measure
from optimizer.domain.curves import MOST_EXPOSED, UNIT, exposures
from optimizer.domain.exact import Ints
from optimizer.domain.quantities import GROSS_REACH
from optimizer.errors import Problem, ScenarioError
from optimizer.estimation.estimate import Estimates

_NAMED_MOST = 5
_ALL = 10**6  # who reaches all but less than one in so many reaches nearly all, see `exposures`


@dataclass(frozen=True, eq=False)
class Contacts:
    """Entries (e,), by booking and then by cell: `gross` people of a cell, in millionths, whom a booking reaches; and
    its `exposure` there, in billionths.
    """

    booking: Ints
    cell: Ints
    gross: Ints
    exposure: Ints


def contacts(estimates: Estimates) -> Contacts:
    """What bookings reach of each cell.

    Exposures have a limit, and with the greatest one not quite all of a cell are reached: who would reach more reaches
    as many as that.

    Raises
    ------
    ScenarioError
        If a booking reaches more people of a cell than there are.
    """
    audience = estimates.scenario.audience
    if audience is None:
        raise ValueError("there is no audience")
    booking, place = audience.entries(estimates.columns.creator)
    cell, share = audience.cell[place], audience.share[place]
    people = np.array([curve.people for curve in audience.curves], dtype=np.int64)[cell]
    every = np.array([curve.all_of_it for curve in audience.curves], dtype=np.bool_)[cell]
    known = estimates.values.get(Measure(GROSS_REACH))
    if known is None and not audience.seen_by_all:
        raise ValueError("gross_reach was not estimated")
    gross = np.zeros(len(booking), dtype=np.int64)
    if known is not None:
        gross = np.rint(known[booking] * share).astype(np.int64)
    over = np.flatnonzero(~every & (gross > people))
    if len(over):
        raise ScenarioError(_too_many(estimates, audience, booking[over], cell[over], gross[over]))
    exposure = np.zeros(len(gross), dtype=np.int64)
    for k in {curve.k for curve in audience.curves}:
        mine = np.array([curve.k == k for curve in audience.curves], dtype=np.bool_)[cell]
        exposure[mine] = exposures(gross[mine], people[mine], k)
    at_most = np.flatnonzero(~every & ((people - gross <= (people - 1) // _ALL) | (exposure == MOST_EXPOSED)))
    for at in at_most.tolist():  # else one booking would reach more than two
        gross[at] = min(int(gross[at]), audience.curves[int(cell[at])].reached(int(exposure[at])))
    exposure[every], gross[every] = UNIT, people[every]
    kept = np.flatnonzero(gross > 0)
    return Contacts(booking[kept], cell[kept], gross[kept], exposure[kept])


def _too_many(estimates: Estimates, audience: Audience, booking: Ints, cell: Ints, gross: Ints) -> list[Problem]:
    """A fault for each cell with too few people, of the booking that reaches the most."""
    found = []
    for at in np.unique(cell).tolist()[:_NAMED_MOST]:
        mine = np.flatnonzero(cell == at)
        most = mine[np.argmax(gross[mine])]
        who = estimates.scenario.pool.ids[int(estimates.columns.creator[booking[most]])]
        people = audience.curves[at].people / 10**6
        cause = f"{who} reaches {gross[most] / 10**6:,.0f} people of {audience.names[at]}, which has {people:,.0f}"
        mend = "correct how many people this part has (sizes of audience), or the creator's followers or views"
        found.append(Problem("audience-too-small", cause, mend))
    return found
