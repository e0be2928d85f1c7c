"""What can be booked: single bookings with what they bring, and how often a creator or a segment can be booked."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from tests.support.reading import Row, Terms

Columns = tuple[int, ...]


@dataclass(frozen=True)
class Column:
    """One possible booking; of a segment with returns, on one of their steps (counted from 0)."""

    creator: str
    offer: str
    step: int
    cell: Row
    terms: Terms
    amounts: dict[str, int | None]  # minor units of money, millionths of all else; None where a figure is missing
    contacts: float | None  # gross reach, unrounded


@dataclass(frozen=True)
class Supply:
    """How often a creator or a segment can be booked: the width of each step, and its columns."""

    name: str
    must: bool
    whole: bool
    steps: tuple[tuple[Fraction, Columns], ...]

    @property
    def columns(self) -> list[int]:
        return [at for _, columns in self.steps for at in columns]

    @cached_property
    def ways(self) -> list[Columns]:
        """Every choice of whole bookings; a further step is begun only once the one before it is full."""
        return [way for way in self._from(0) if way or not self.must]

    def _from(self, step: int) -> list[Columns]:
        width, columns = self.steps[step]
        found: list[Columns] = []
        for taken in range(int(width) + 1):
            further = self._from(step + 1) if taken == width and step + 1 < len(self.steps) else [()]
            choices = itertools.combinations_with_replacement(columns, taken)
            found += [choice + more for choice in choices for more in further]
        return found

    def holds(self, booked: dict[int, Fraction | int]) -> bool:
        """Whether bookings are as many as there can and must be, in wholes where they must, step by step."""
        full = True
        for width, columns in self.steps:
            taken = sum(booked.get(at, 0) for at in columns)
            if taken > width or (taken and not full):
                return False
            full = taken == width
        mine = [booked.get(at, 0) for at in self.columns]
        whole = all(count == int(count) for count in mine) or not self.whole
        return whole and min(mine, default=0) >= 0 and (sum(mine) >= 1 or not self.must)
