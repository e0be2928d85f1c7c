"""Bookings, possible or chosen, as a table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from optimizer.domain.dimensions import OFFER, STEP, Dimensions
from optimizer.domain.exact import Flags, Ints
from optimizer.domain.filters import Filter
from optimizer.domain.pool import CREATOR, Labels


@dataclass(frozen=True, eq=False)
class BookingTable:
    """Bookings, sorted by unit of the pool, step, offer.

    `at` has by the name of each dimension the position of its entry of each booking, of shape (n,): of the creator in
    the pool, of the offer among the offers. It also has the step in the segment's returns (0 for all others), of which
    nothing else is known. Columns stay as long as their dimension, which for offers is a few entries.
    """

    dimensions: Dimensions
    at: Mapping[str, Ints]

    def __len__(self) -> int:
        return len(self.creator)

    @property
    def creator(self) -> Ints:
        """The position of each booking's creator in the pool."""
        return self.at[CREATOR]

    @property
    def offer(self) -> Ints:
        """The position of each booking's offer."""
        return self.at[OFFER]

    @property
    def step(self) -> Ints:
        """The step of each booking in the returns of its segment."""
        return self.at[STEP]

    def take(self, rows: Ints) -> BookingTable:
        """Some of the bookings, by position."""
        return replace(self, at={name: at[rows] for name, at in self.at.items()})

    def places(self, others: BookingTable, creators: Ints | None) -> Ints | None:
        """Where other bookings are among these; None if some are not. `creators` has the positions of their creators
        here, if these differ."""
        creator = others.creator if creators is None else creators[others.creator]
        steps = 1 + max(int(table.step.max(initial=0)) for table in (self, others))
        offers = 1 + max(int(table.offer.max(initial=0)) for table in (self, others))
        mine = (self.creator * steps + self.step) * offers + self.offer  # ascending, as the bookings are
        theirs = (creator * steps + others.step) * offers + others.offer
        found = mine.searchsorted(theirs)
        there = bool((found < len(mine)).all()) and bool((mine[found] == theirs).all())
        return found if there else None

    def members(self, group: Filter) -> Flags:
        """Which bookings belong to a group."""
        inside = np.ones(len(self), dtype=np.bool_)
        for name, mine in self.dimensions.parted(group):
            inside &= self.dimensions.every[name].matches(mine)[self.at[name]]
        return inside

    def labels(self, column: str) -> tuple[Labels, Ints]:
        """A column of texts, and the entry of it that each booking has."""
        found = self.dimensions.column(column)
        if not isinstance(found, Labels):
            raise TypeError(f"{column} is no column of texts")
        return found, self.at[self.dimensions.of(column)]
