"""Bookings, possible or chosen, as columns."""

from __future__ import annotations

from dataclasses import dataclass

from optimizer.domain.exact import Ints


@dataclass(frozen=True, eq=False)
class Columns:
    """Bookings in columns of shape (n,), sorted by unit of the pool, step, offer.

    `creator` is a position in the scenario's pool, `offer` in its offers, `step` in the segment's returns (0 for all
    others).
    """

    creator: Ints
    offer: Ints
    step: Ints

    def __len__(self) -> int:
        return len(self.creator)

    def take(self, columns: Ints) -> Columns:
        """Some of the columns."""
        return Columns(self.creator[columns], self.offer[columns], self.step[columns])
