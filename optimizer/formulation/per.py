"""The bookings of a rule that holds for each value of a column separately (`per`)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from optimizer.domain.exact import Ints
from optimizer.domain.filters import Filter, fold
from optimizer.domain.pool import Labels
from optimizer.estimation.booking_table import BookingTable


class ByValue:
    """The bookings of a group by the values of a column of texts.

    They are sorted once, and each value then takes its ranges. Testing every booking for every value would take many
    times as long.
    """

    def __init__(self, bookings: BookingTable, group: Filter, column: str) -> None:
        self._labels, entry = bookings.labels(column)
        self._saying = _codes_by_name(self._labels)
        inside, size = np.flatnonzero(bookings.members(group)), len(self._labels.vocabulary)
        short = self._labels.codes.astype(np.min_scalar_type(-size - 1))  # which are sorted many times as fast
        codes = short[entry[inside]]
        self._sorted = inside[np.argsort(codes, kind="stable")]  # blank ones first, then code by code
        self._ends = np.cumsum(np.bincount(codes + 1, minlength=size + 1))

    def values(self) -> list[str]:
        """The values of the possible bookings."""
        used = np.flatnonzero(np.diff(self._ends))
        return list(replace(self._labels, codes=used).values().values())

    def members(self, value: str) -> Ints:
        """The bookings that have a value, ascending."""
        stretches = [
            self._sorted[self._ends[code] : self._ends[code + 1]] for code in self._saying.get(fold(value), ())
        ]
        if len(stretches) == 1:
            return stretches[0].copy()  # lets the others go
        return np.sort(np.concatenate([*stretches, self._sorted[:0]]))

    def blank(self) -> Ints:
        """The bookings whose cell is blank, ascending."""
        return self._sorted[: self._ends[0]].copy()  # lets the others go


def _codes_by_name(labels: Labels) -> dict[str, list[int]]:
    """The entries of the vocabulary that answer to each name, by its folded form."""
    found: dict[str, list[int]] = {}
    for code, names in enumerate(labels.answers()):
        for name in dict.fromkeys(map(fold, names)):
            found.setdefault(name, []).append(code)
    return found
