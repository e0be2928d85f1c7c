"""The parts of programs and rules: terms over columns, rows, the bookings of a plan, indicators."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np

from optimizer.domain.constraints import Measure
from optimizer.domain.exact import Flags, Floats, Ints

HELD = 2**62  # what a 64-bit integer is sure to hold
COUNTED = Measure("booked")  # the measure of terms over both bookings and indicators
STRUCTURE = -1  # the rule number of structural rows, which no planner wrote


@dataclass(frozen=True, eq=False)
class Booked:
    """The bookings of a plan: `columns` (ascending) with their `counts`, which are integers, or fractions if parts are
    allowed.
    """

    columns: Ints
    counts: np.ndarray

    def __len__(self) -> int:
        return len(self.columns)


def _products(values: Ints, counts: np.ndarray) -> Fraction | int:
    """The exact sum of values times counts: in 64-bit integers where these are sure to hold it."""
    if counts.dtype == np.int64 and len(counts) and _size(values) * _size(counts) * len(counts) < HELD:
        return int(values @ counts)
    total: Fraction | int = sum(value * count for value, count in zip(values.tolist(), counts.tolist(), strict=True))
    return total


def _size(values: Ints) -> int:
    """The largest magnitude of some values."""
    return int(np.abs(values).max())


def booked(x: Sequence[float] | Floats) -> Booked:
    """The bookings of a solution in integers."""
    counts = np.rint(np.asarray(x)).astype(np.int64)
    columns = np.flatnonzero(counts).astype(np.int64)
    return Booked(columns, counts[columns])


@dataclass(frozen=True, eq=False)
class Term:
    """`multiplier` times one measure, summed over some columns (`members`: positions, ascending; None: all).

    `values` are those of all columns, which terms of one measure share; or, where `own`, of the members alone.
    """

    multiplier: int
    measure: Measure
    values: Ints
    members: Ints | None
    own: bool = False

    def times(self, multiplier: int) -> Term:
        """The term multiplied by a factor."""
        return replace(self, multiplier=self.multiplier * multiplier)

    @property
    def each(self) -> Ints:
        """The values of the members (of all columns, where there are none), without the multiplier."""
        return self.values if self.own or self.members is None else self.values[self.members]

    def total(self, booked: Booked) -> Fraction:
        """The exact value of the term for a plan."""
        return Fraction(self.exactly(booked))

    def exactly(self, booked: Booked) -> int | Fraction:
        """The same; an integer where all counts are, which adds up quicker."""
        columns, counts = booked.columns, booked.counts
        if self.members is not None:
            inside = self._has(self.members, columns)
            columns, counts = columns[inside], counts[inside]
        return 0 if not len(columns) else self.multiplier * _products(self.values[self._places(columns)], counts)

    def add_to(self, dense: Floats, weight: float) -> None:
        """Add `weight` times the term's coefficients to a dense vector of all columns."""
        factor = weight * self.multiplier
        if self.members is None:
            dense += factor * self.values
        else:
            dense[self.members] += factor * self.each

    def at(self, columns: Ints) -> Floats:
        """The term's coefficients in some columns, as floats."""
        return self.of(columns).astype(np.float64) * self.multiplier

    def of(self, columns: Ints) -> Ints:
        """The values of some columns, 0 of those that it does not count; without the multiplier."""
        if self.members is None:
            return self.values[columns]
        inside = self._has(self.members, columns)
        if not self.own:
            return np.where(inside, self.values[columns], 0)
        found = np.zeros(len(columns), dtype=np.int64)
        found[inside] = self.values[self._places(columns[inside])]
        return found

    def entries(self, columns: Ints) -> tuple[Ints, Ints]:
        """Where some columns (ascending) are that the term counts, and their values, without the multiplier.

        A term of a few of many columns looks these few up, and takes no memory for the others.
        """
        if self.members is None or len(self.members) >= len(columns):
            values = self.of(columns)
            places = np.flatnonzero(values)
            return places, values[places]
        at = columns.searchsorted(self.members)
        at[at == len(columns)] = 0
        there = columns[at] == self.members
        return at[there], self.each[there]

    def _places(self, columns: Ints) -> Ints:
        """Where the values of some members are."""
        return self.members.searchsorted(columns) if self.own and self.members is not None else columns

    def inside(self, columns: Ints) -> Flags:
        """Which of some columns (ascending) the term counts."""
        return np.ones(len(columns), dtype=np.bool_) if self.members is None else self._has(self.members, columns)

    @staticmethod
    def _has(members: Ints, columns: Ints) -> Flags:
        """Which columns are among the members. Both are ascending; the shorter list is looked up in the longer one."""
        if not len(members):
            return np.zeros(len(columns), dtype=np.bool_)
        place = members.searchsorted(columns)  # the functions of NumPy take several times as long for a few columns
        place[place == len(members)] = 0
        inside: Flags = members[place] == columns
        return inside

    def coefficient(self, column: int) -> int:
        """The term's exact coefficient in one column."""
        return self.multiplier * int(self.of(np.array([column]))[0])


@dataclass(frozen=True, eq=False)
class Row:
    """One linear row: `lower <= sum of terms <= upper`, in integers; `rule` is the position of its rule (or
    `STRUCTURE`).
    """

    rule: int
    terms: tuple[Term, ...]
    lower: int | None
    upper: int | None
    label: str = ""

    @property
    def bound(self) -> str:
        """Which of its bounds it has, for names."""
        if self.lower is None:
            return "at_most"
        if self.upper is None:
            return "at_least"
        return "exactly" if self.lower == self.upper else "between"

    def coefficients(self, n: int) -> Floats:
        """All coefficients, as floats."""
        dense = np.zeros(n)
        for term in self.terms:
            term.add_to(dense, 1.0)
        return dense

    def coefficient(self, column: int) -> int:
        """The exact coefficient of one column."""
        return sum(term.coefficient(column) for term in self.terms)

    def total(self, plan: Booked) -> Fraction:
        """The exact sum of the terms for a plan."""
        return Fraction(sum(term.exactly(plan) for term in self.terms))

    def forbids(self, whole: Flags) -> Ints | None:
        """The columns that break the upper bound by themselves; None if the row has a negative coefficient or no such
        bound.
        """
        if self.upper is None or len(self.terms) != 1 or self.terms[0].multiplier < 0:
            return None
        (term,) = self.terms
        values = term.each
        if values.min(initial=0) < 0:
            return None
        over = np.flatnonzero(values > self.upper // term.multiplier)
        columns = over if term.members is None else term.members[over]
        return columns[whole[columns]]

    def excess(self, total: Fraction) -> Fraction:
        """By how many units a total breaks the row; 0 if it keeps it."""
        if self.lower is not None and total < self.lower:
            return self.lower - total
        return total - self.upper if self.upper is not None and total > self.upper else Fraction(0)


@dataclass(frozen=True, eq=False)
class Indicator:
    """A binary column that follows from the bookings: 1 where a term of them is at least `at` (None: is not 0)."""

    column: int
    term: Term
    at: Fraction | None

    @property
    def members(self) -> Ints:
        """The bookings that it follows from."""
        return np.arange(len(self.term.values)) if self.term.members is None else self.term.members

    def is_on(self, plan: Booked) -> bool:
        """Whether a plan turns it on."""
        total = self.term.total(plan)
        return total != 0 if self.at is None else total >= self.at
