"""The bookings of a rule that holds for each value of a column separately (`per`)."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from optimizer.domain.constraints import Constraint
from optimizer.domain.exact import Ints
from optimizer.domain.filters import AnyOf, Filter, fold
from optimizer.domain.offers import OFFER_COLUMNS
from optimizer.domain.pool import Labels, values_of
from optimizer.estimation.estimate import Estimates


@dataclass(eq=False)
class ByValue:
    """The bookings of a rule's group by the values of its `per`.

    Texts of creators are sorted once, and each value then takes its ranges. Testing every booking for every value would
    take many times as long.
    """

    constraint: Constraint
    estimates: Estimates
    inside: Ints = field(init=False)  # the group's bookings, ascending
    labels: Labels | None = field(init=False, default=None)  # None: `per` is a column of offers, or of numbers

    def __post_init__(self) -> None:
        column, creator = self.constraint.per or "", self.estimates.columns.creator
        self.inside = np.flatnonzero(self.estimates.members(self.constraint.group))
        found = None if column in OFFER_COLUMNS else self.estimates.scenario.pool.columns.get(column)
        if not isinstance(found, Labels):
            return
        size = len(found.vocabulary)
        short = found.codes.astype(np.min_scalar_type(-size - 1))  # short integers are sorted many times as fast
        codes = short[creator[self.inside]]
        self.labels, self._saying = found, _codes_by_value(found)
        self._sorted = self.inside[np.argsort(codes, kind="stable")]  # blank ones first, then code by code
        self._ends = np.cumsum(np.bincount(codes + 1, minlength=size + 1))

    def values(self) -> list[str]:
        """The values that the rule covers: those named, else those of the possible bookings."""
        named = [*(value for value, _, _ in self.constraint.own), *(self.constraint.among or ())]
        if named:
            return list(dict.fromkeys(named))
        if self.labels is not None:
            used = np.flatnonzero(np.diff(self._ends))
            return list(Labels(used, self.labels.vocabulary).values().values())
        if self.constraint.per not in OFFER_COLUMNS:
            raise TypeError("`per` runs over texts")
        offers = self.estimates.scenario.offers
        booked = np.unique(self.estimates.columns.offer[self.inside]).tolist()
        return sorted({offers[at].label(self.constraint.per) for at in booked})

    def members(self, value: str) -> Ints:
        """The bookings that have a value, ascending."""
        if self.labels is None:
            where = Filter((*self.constraint.group, (self.constraint.per or "", AnyOf((value,)))))
            return np.flatnonzero(self.estimates.members(where))
        stretches = [
            self._sorted[self._ends[code] : self._ends[code + 1]] for code in self._saying.get(fold(value), ())
        ]
        return np.sort(np.concatenate([*stretches, self.inside[:0]]))

    def blank(self) -> Ints:
        """The bookings of creators whose cell is blank, ascending."""
        if self.labels is not None:
            return self._sorted[: self._ends[0]].copy()  # lets the others go
        found = self.estimates.scenario.pool.columns.get(self.constraint.per or "")
        if found is None:
            return self.inside[:0]
        return self.inside[~found.known[self.estimates.columns.creator[self.inside]]]


def _codes_by_value(labels: Labels) -> dict[str, list[int]]:
    """The entries of the vocabulary that hold each single value, by its folded form."""
    found: dict[str, list[int]] = {}
    for code, entry in enumerate(labels.vocabulary):
        for value in dict.fromkeys(map(fold, values_of(entry))):
            found.setdefault(value, []).append(code)
    return found
