"""The program: columns, rows, cells, objective; all in integers.

maximize    sign * sum of the objective's terms
subject to  lower <= sum of the row's terms <= upper      for each row
            required[u] <= sum of x over unit u <= available[u],  0 <= x <= most, whole
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np

from optimizer.domain.constraints import Constraint, Measure, Objective
from optimizer.domain.exact import Flags, Floats, Ints


@dataclass(frozen=True, eq=False)
class Term:
    """`multiplier` times one measure, summed over some columns (`members`: positions, ascending; None: all)."""

    multiplier: int
    measure: Measure
    values: Ints
    members: Ints | None

    def times(self, multiplier: int) -> Term:
        return Term(self.multiplier * multiplier, self.measure, self.values, self.members)

    def total(self, columns: Ints, counts: Ints) -> int:
        """The term of a plan, exactly: `columns` booked `counts` times."""
        if self.members is not None:
            inside = np.isin(columns, self.members)
            columns, counts = columns[inside], counts[inside]
        picked = zip(self.values[columns].tolist(), counts.tolist(), strict=True)
        return int(self.multiplier * sum(value * count for value, count in picked))

    def add_to(self, dense: Floats, weight: float) -> None:
        """Add `weight` times the term's coefficients to a dense vector of all columns."""
        factor = weight * self.multiplier
        if self.members is None:
            dense += factor * self.values
        else:
            dense[self.members] += factor * self.values[self.members]


@dataclass(frozen=True, eq=False)
class Row:
    """One linear row: `lower <= sum of terms <= upper`, in integers; it leads back to its rule."""

    rule: int
    terms: tuple[Term, ...]
    lower: int | None
    upper: int | None

    def coefficients(self, n: int) -> Floats:
        dense = np.zeros(n)
        for term in self.terms:
            term.add_to(dense, 1.0)
        return dense

    def total(self, columns: Ints, counts: Ints) -> int:
        return sum(term.total(columns, counts) for term in self.terms)

    def forbids(self) -> Ints | None:
        """The columns that alone break the upper bound of a row that counts nothing below 0; None: no such row."""
        if self.upper is None or len(self.terms) != 1 or self.terms[0].multiplier < 0:
            return None
        (term,) = self.terms
        columns = np.arange(len(term.values)) if term.members is None else term.members
        values = term.values[columns]
        return None if values.min(initial=0) < 0 else columns[values > self.upper // term.multiplier]

    def excess(self, total: int) -> int:
        """By how many units a total breaks the row; 0 where it holds."""
        below = self.lower - total if self.lower is not None else 0
        above = total - self.upper if self.upper is not None else 0
        return max(below, above, 0)


@dataclass(frozen=True, eq=False)
class Rule:
    """A constraint, or one value of its `per`, as `value = lead * measured / base` held between bounds.

    `base` is a number (absolute rules: 1; shares of an amount: that amount) or a term (shares and ratios). Every kind
    of rule is this one shape; its rows are derived from it (`build.rows_of`).
    """

    constraint: Constraint
    label: str | None
    measured: Term
    base: Fraction | Term
    lead: Fraction

    @property
    def name(self) -> str:
        return self.constraint.name if self.label is None else f"{self.constraint.name} ({self.label})"

    def base_total(self, columns: Ints, counts: Ints) -> Fraction:
        return Fraction(self.base.total(columns, counts)) if isinstance(self.base, Term) else self.base


def possible(rows: Iterable[Row], required: Flags) -> Flags:
    """Which bookings can be in a plan that keeps these rows.

    To rule the others out loses nothing and lowers the proven bound, which would else hope for parts of them. Those of
    creators who must be booked (`required`) stay, so that the clash is seen.
    """
    allowed = np.ones(len(required), dtype=np.bool_)
    for row in rows:
        forbidden = row.forbids()
        if forbidden is not None:
            allowed[forbidden] = False
    return allowed | required


@dataclass(frozen=True, eq=False)
class Cell:
    """A concave term of the objective or of rows: people of an audience cell reached by some columns."""

    size: int
    spread: float
    members: Ints
    exposures: Ints


@dataclass(frozen=True, eq=False)
class Program:
    """What is solved: n columns over m units, rows, concave cells (none before reach is built), objective.

    `unit` (n,) ascending says which unit a column books, `most` (n,) how often it may (0: in no plan can it be booked);
    `available` and `required` (m,) bound a unit's bookings. The
    objective's value is the sum of its terms over `denominator`; the program maximises `objective.sign` times it.
    """

    unit: Ints
    offer: Ints
    most: Ints
    available: Ints
    required: Ints
    objective: Objective
    costs: tuple[Term, ...]
    denominator: int
    rules: tuple[Rule, ...]
    rows: tuple[Row, ...]
    cells: tuple[Cell, ...] = ()

    def __len__(self) -> int:
        return len(self.unit)

    def under(self, rules: Collection[int]) -> Program:
        """The program as it would be with these rules alone; the other rows stand and are not to be held."""
        allowed = possible((row for row in self.rows if row.rule in rules), self.required[self.unit] > 0)
        return replace(self, most=allowed * self.available[self.unit])

    def value(self, columns: Ints, counts: Ints) -> int:
        """What the program maximises, exactly: the signed objective of a plan, times `denominator`."""
        return self.objective.sign * sum(term.total(columns, counts) for term in self.costs)

    def cost_vector(self) -> Floats:
        """The maximised objective's coefficients, as floats."""
        dense = np.zeros(len(self))
        for term in self.costs:
            term.add_to(dense, float(self.objective.sign))
        return dense

    def failures(self, columns: Ints, counts: Ints) -> list[tuple[Row, int]]:
        """Rows that a plan breaks, and by how many integer units."""
        totals = [(row, row.excess(row.total(columns, counts))) for row in self.rows]
        return [(row, excess) for row, excess in totals if excess]

    def keeps_units(self, columns: Ints, counts: Ints) -> bool:
        """Whether every unit is booked as often as it must and may be."""
        booked = np.zeros(len(self.available), dtype=np.int64)
        np.add.at(booked, self.unit[columns], counts)
        within = (counts >= 0).all() and (counts <= self.most[columns]).all()
        return bool(within and (booked <= self.available).all() and (booked >= self.required).all())


def booked(x: Sequence[float] | Floats) -> tuple[Ints, Ints]:
    """The columns that a solution books, and how often, as integers."""
    counts = np.rint(np.asarray(x)).astype(np.int64)
    columns = np.flatnonzero(counts).astype(np.int64)
    return columns, counts[columns]
