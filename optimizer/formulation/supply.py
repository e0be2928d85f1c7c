"""How often each unit can and must be booked: creators, and the steps of segments."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import lcm

import numpy as np

from optimizer.domain.exact import Flags, Ints, exact_sum
from optimizer.estimation.estimate import Estimates


@dataclass(frozen=True, eq=False)
class Supply:
    """How often each unit can and must be booked, in `parts` of a booking; see `Program`.

    `follows` (m,) is true where a unit is a further step of the same segment as the unit before it.
    """

    unit: Ints
    whole: Flags
    available: Ints
    required: Ints
    follows: Flags
    creator: Ints
    parts: int
    ids: Sequence[str]

    @cached_property
    def single(self) -> Flags:
        """(n,) Which columns are whole and of a creator who is booked once at most."""
        steps = np.bincount(self.creator, minlength=len(self.ids))[self.creator]
        once: Flags = self.whole & ((self.available == self.parts) & (steps == 1))[self.unit]
        return once

    def most(self, values: Ints, members: Ints) -> int:
        """The most that some bookings can total: of each unit the best one, as often as there is room; rounded up."""
        best = np.zeros(len(self.available), dtype=np.int64)
        np.maximum.at(best, self.unit[members], values[members])
        total = 0
        for room in np.unique(self.available).tolist():  # few
            total += room * exact_sum(best[self.available == room])
        return -(-total // self.parts)

    def name(self, unit: int) -> str:
        """The name of the creator or segment that a unit books."""
        return self.ids[int(self.creator[unit])]


def supply_of(estimates: Estimates) -> Supply:
    """Units are creators, and the steps of segments."""
    scenario, columns = estimates.scenario, estimates.columns
    begins = np.ones(len(columns), dtype=np.bool_)
    begins[1:] = columns.creator[1:] != columns.creator[:-1]
    if columns.step.any():
        begins[1:] |= columns.step[1:] != columns.step[:-1]
    unit, first = np.cumsum(begins) - 1, np.flatnonzero(begins)
    creator, step = columns.creator[first], columns.step[first]
    widths = {(one.position, at): width for one in scenario.segments for at, width in enumerate(one.widths)}
    parts = lcm(*(width.denominator for width in widths.values()))
    available = np.full(len(creator), parts, dtype=np.int64)
    whole = np.full(len(columns), scenario.whole, dtype=np.bool_)
    for segment in scenario.segments:
        whole[slice(*np.searchsorted(columns.creator, (segment.position, segment.position + 1)))] = segment.whole
        for at in range(*np.searchsorted(creator, (segment.position, segment.position + 1))):
            available[at] = int(widths[segment.position, int(step[at])] * parts)
    required = np.zeros(len(creator), dtype=np.int64)
    included = np.unique(np.array([term.creator for term in scenario.include], dtype=np.int64))
    first = np.searchsorted(creator, included)  # on the first step, if there are several
    required[first] = parts
    for at in first[required[first] > available[first]].tolist():  # steps of less than one booking
        _carry_over(required, available, range(at, int(np.searchsorted(creator, creator[at], side="right"))))
    return Supply(unit, whole, available, required, step > 0, creator, parts, scenario.pool.ids)


def _carry_over(required: Ints, available: Ints, steps: range) -> None:
    """Required bookings that do not fit on a step are required on the next one."""
    for at in steps[:-1]:
        over = max(int(required[at] - available[at]), 0)
        required[at] -= over
        required[at + 1] += over
