"""Binary columns that follow from the bookings, and the rows that link them to these.

An indicator is 1 if something is booked, else 0. Logic rules, different values, amounts that are used properly or not
at all, and steps of returns that open one after the other are made of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from fractions import Fraction

import numpy as np

from optimizer.domain.exact import Flags, Ints
from optimizer.formulation.overlaps import Overlaps
from optimizer.formulation.supply import Supply
from optimizer.formulation.terms import COUNTED, STRUCTURE, Indicator, Row, Term

_APART = 1_000  # up to so many units, an indicator is linked to each one, which is tighter than to their sum


@dataclass
class Indicators:
    """The indicators of a program that is being built, and the rows (`ties`) that link them to its bookings."""

    supply: Supply
    found: list[Indicator] = field(default_factory=list)
    ties: list[Row] = field(default_factory=list)
    overlaps: list[Overlaps] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._ones = np.ones(self.bookings, dtype=np.int64)

    @property
    def bookings(self) -> int:
        """How many columns there are before the first indicator."""
        return len(self.supply.unit)

    @property
    def whole(self) -> Flags:
        """Which columns are whole, of all that there are yet."""
        return np.concatenate([self.supply.whole, np.ones(self.more, dtype=np.bool_)])

    @property
    def more(self) -> int:
        """How many columns follow the bookings so far."""
        return len(self.found) + sum(map(len, self.overlaps))

    def overlap(self, found: Overlaps, name: str) -> Overlaps:
        """Add the columns of the overlaps of a group's bookings, whose rows are named after it: as no others are."""
        placed = replace(found, first=self.bookings + self.more, name=self._apart(name))
        self.overlaps.append(placed)
        return placed

    def _apart(self, wanted: str) -> str:
        """The name, numbered where rows `people of CELL by NAME` would be named like those of another group."""
        name, number = wanted, 1
        taken = [block.name for block in self.overlaps]
        while any(one == name or one.endswith(f" by {name}") or name.endswith(f" by {one}") for one in taken):
            number += 1
            name = f"{wanted} #{number}"
        return name

    def counted(self, multiplier: int, members: Ints) -> Term:
        """A term that counts bookings and indicators; extended to the length of the program at the end."""
        return Term(multiplier, COUNTED, self._ones, members)

    def add(self, term: Term, at: Fraction | None) -> Ints:
        """Add an indicator, see `Indicator`; returns the position of its column."""
        column = self.bookings + self.more
        self.found.append(Indicator(column, term, at))
        return np.array([column], dtype=np.int64)

    def booked(self, name: str, members: Ints) -> Ints:
        """Columns whose sum is 1 if one of `members`, whole bookings, is made, else 0: the columns of a single creator,
        else an indicator.
        """
        if self.is_one(members):
            return members
        on = self.add(self.counted(1, members), Fraction(1))
        self.ties.append(Row(STRUCTURE, (self.counted(1, members), self.counted(-1, on)), 0, None, f"{name}: booked"))
        self.only_if(name, members, on)
        return on

    def is_one(self, members: Ints) -> bool:
        """Whether some bookings are made once at most in total, because they are those of a single creator."""
        units = np.unique(self.supply.unit[members])
        return not len(units) or (len(units) == 1 and bool(self.supply.available[units[0]] == self.supply.parts))

    def behind(self, columns: Ints) -> Ints:
        """The bookings that some columns (ascending) are, or that indicators among them follow from."""
        inside = np.zeros(self.bookings, dtype=np.bool_)
        inside[columns[columns < self.bookings]] = True
        for at in columns[columns >= self.bookings].tolist():
            inside[self._at(at).members] = True
        return np.flatnonzero(inside)

    def _at(self, column: int) -> Indicator:
        return next(one for one in self.found if one.column == column)

    def only_if(self, name: str, members: Ints, on: Ints) -> None:
        """The rows by which none of `members` is booked where an indicator is 0."""
        supply = self.supply
        units = np.unique(supply.unit[members])
        apart = [members[supply.unit[members] == unit] for unit in units] if len(units) <= _APART else [members]
        for mine in apart:
            available = supply.available[np.unique(supply.unit[mine])]
            each = 1 if supply.whole[mine].all() else supply.parts
            most = int((available // supply.parts if each == 1 else available).sum())
            tied = (self.counted(each, mine), self.counted(-most, on))
            self.ties.append(Row(STRUCTURE, tied, None, 0, f"{name}: only if booked"))

    def tied(self) -> list[Row]:
        """The rows that link the indicators which were added since this was last asked."""
        ties, self.ties = self.ties, []
        return ties

    def orders(self) -> Iterator[Row]:
        """Rows and indicators by which each further step of a segment opens when the one before it is full."""
        supply = self.supply
        for unit in np.flatnonzero(supply.follows).tolist():
            before, mine = (np.flatnonzero(supply.unit == one) for one in (unit - 1, unit))
            filled, room = int(supply.available[unit - 1]), int(supply.available[unit])
            full = self.add(self.counted(1, before), Fraction(filled, supply.parts))
            name = f"returns of {supply.name(unit)}"
            filling = (self.counted(supply.parts, before), self.counted(-filled, full))
            opening = (self.counted(supply.parts, mine), self.counted(-room, full))
            yield Row(STRUCTURE, filling, 0, None, f"{name}: full")
            yield Row(STRUCTURE, opening, None, 0, f"{name}: open")
