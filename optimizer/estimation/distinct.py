"""How many different values of a column some bookings have."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from optimizer.domain.filters import fold
from optimizer.domain.pool import TALENT, values_of
from optimizer.estimation.estimate import Estimates


def different(booked: Estimates, counts: Sequence[Fraction | int], column: str) -> int:
    """How many different values of a column the bookings of a plan have, in any case and spelling.

    Of the column talent, a creator without one is their own talent, and each booking of such a segment another person.
    """
    labels, entry = booked.columns.labels(column)
    segments = {segment.position for segment in booked.scenario.segments}
    found: set[str | int] = set()
    crowd = 0
    for row, creator, count in zip(entry.tolist(), booked.columns.creator.tolist(), counts, strict=True):
        code = int(labels.codes[row])
        values = values_of(labels.vocabulary[code]) if code >= 0 else ()
        found.update(map(fold, values))
        if column == TALENT and not values:
            crowd += int(count) if creator in segments else 0
            found.update(() if creator in segments else (creator,))
    return len(found) + crowd
