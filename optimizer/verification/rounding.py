"""Cutting planes by mixed-integer rounding, recomputed in integers.

A side is `values x <= limit` over the open bookings. Sides may be added with weights; for a negative weight, the slack
counts as well. Then the coefficients are rounded down to multiples of a divisor, nearly, and the limit with them
(mixed-integer rounding). Bookings that are `full` are complemented at their upper bounds.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from optimizer.verification.terms import WrongProof

_SIZE = 36  # bits of the largest coefficient of a side


@dataclass(frozen=True)
class Side:
    """`values x <= limit`; what is not among the values has 0."""

    values: Mapping[int, int]
    limit: int

    def scaled(self) -> Side:
        """Times a power of two, so that the largest coefficient has `_SIZE` bits; rounded down, which only loosens."""
        shift = max(map(abs, self.values.values()), default=0).bit_length() - _SIZE
        return Side({at: _shifted(value, shift) for at, value in self.values.items()}, _shifted(self.limit, shift))


def _shifted(value: int, shift: int) -> int:
    return value >> shift if shift > 0 else value << -shift


@dataclass(frozen=True)
class Rounding:
    """How a side follows: (place, weight) of the sides before it, the columns that are full, and the divisor."""

    weights: Sequence[tuple[int, int]]
    full: Collection[int]
    divisor: int

    def of(self, sides: Sequence[Side], most: Mapping[int, int]) -> Side:
        """The side that follows from those before it; `most` is how often each open column may be booked."""
        if self.divisor < 1 or not all(0 <= place < len(sides) for place, _ in self.weights):
            raise WrongProof("a row is said to follow from rows that are not there")
        total, limit = _sum((sides[place], weight) for place, weight in self.weights)
        unused, unused_limit = _sum((sides[place], weight) for place, weight in self.weights if weight < 0)
        full = [at for at in self.full if at in total]
        for at in full:
            limit -= total[at] * most[at]
            total[at] = -total[at]
        whole, rest = divmod(limit, self.divisor)
        values = {at: self._down(value, rest) for at, value in total.items()}
        limit = (self.divisor - rest) * whole - unused_limit
        for at in full:
            limit -= values[at] * most[at]
            values[at] = -values[at]
        for at, value in unused.items():
            values[at] -= value
        return Side(values, limit).scaled()

    def _down(self, value: int, rest: int) -> int:
        whole, part = divmod(value, self.divisor)
        return (self.divisor - rest) * whole + max(part - rest, 0)


def _sum(weighted: Iterable[tuple[Side, int]]) -> tuple[dict[int, int], int]:
    total: dict[int, int] = {}
    limit = 0
    for side, weight in weighted:
        limit += weight * side.limit
        for at, value in side.values.items():
            total[at] = total.get(at, 0) + weight * value
    return total, limit
