"""How many people of each cell of the audience a booking reaches by itself."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from optimizer.domain.audience import Audience
from optimizer.domain.constraints import Measure
from optimizer.domain.curves import MOST_EXPOSED, UNIT, exposures
from optimizer.domain.exact import Floats, Ints
from optimizer.domain.quantities import GROSS_REACH
from optimizer.errors import Problem, ScenarioError
from optimizer.estimation.estimate import Estimates

_NAMED_MOST = 5
_AT_ONCE = 50_000  # bookings: what is in between stays small and near
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
    known = estimates.values.get(Measure(GROSS_REACH))
    if known is None and not audience.seen_by_all:
        raise ValueError("gross_reach was not estimated")
    curves = _Curves(audience)
    creators, parts, over = estimates.columns.creator, list[Contacts](), list[Contacts]()
    for first in range(0, max(len(creators), 1), _AT_ONCE):
        booking, place = audience.entries(creators[first : first + _AT_ONCE])
        booking += first
        part, too_many = curves.reached(booking, audience.cell[place], audience.share[place], known)
        parts.append(part)
        over.append(too_many)
    wrong = _joined(over)
    if len(wrong.booking):
        raise ScenarioError(_too_many(estimates, audience, wrong.booking, wrong.cell, wrong.gross))
    return _joined(parts)


def _joined(parts: list[Contacts]) -> Contacts:
    """All entries of some parts."""
    found = ([getattr(part, name) for part in parts] for name in ("booking", "cell", "gross", "exposure"))
    return Contacts(*(np.concatenate(arrays) if len(arrays) > 1 else arrays[0] for arrays in found))


class _Curves:
    """The curves of an audience, as columns."""

    def __init__(self, audience: Audience) -> None:
        self._curves = audience.curves
        self._people = np.array([curve.people for curve in audience.curves], dtype=np.int64)
        self._every = np.array([curve.all_of_it for curve in audience.curves], dtype=np.bool_)

    def reached(self, booking: Ints, cell: Ints, share: Floats, known: Ints | None) -> tuple[Contacts, Contacts]:
        """What some bookings reach of cells; and which reach more people than there are."""
        people, every = self._people[cell], self._every[cell]
        gross = np.zeros(len(booking), dtype=np.int64)
        if known is not None:
            gross = np.rint(known[booking] * share).astype(np.int64)
        too_many = np.flatnonzero(~every & (gross > people))
        over = Contacts(booking[too_many], cell[too_many], gross[too_many], gross[too_many])
        if len(too_many):
            return over, over
        exposure = self._exposures(cell, gross, people)
        at_most = np.flatnonzero(~every & ((people - gross <= (people - 1) // _ALL) | (exposure == MOST_EXPOSED)))
        for at in at_most.tolist():  # else one booking would reach more than two
            gross[at] = min(int(gross[at]), self._curves[int(cell[at])].reached(int(exposure[at])))
        exposure[every], gross[every] = UNIT, people[every]
        kept = gross > 0
        if kept.all():
            return Contacts(booking, cell, gross, exposure), over
        return Contacts(booking[kept], cell[kept], gross[kept], exposure[kept]), over

    def _exposures(self, cell: Ints, gross: Ints, people: Ints) -> Ints:
        ks = {curve.k for curve in self._curves}
        if len(ks) == 1:
            return exposures(gross, people, *ks)
        exposure = np.zeros(len(gross), dtype=np.int64)
        for k in ks:
            mine = np.array([curve.k == k for curve in self._curves], dtype=np.bool_)[cell]
            exposure[mine] = exposures(gross[mine], people[mine], k)
        return exposure


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
