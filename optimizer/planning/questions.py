"""What can be asked about plans near the best one, and the program that a question makes of another."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from math import ceil, floor

import numpy as np

from optimizer.domain.constraints import Measure, Objective
from optimizer.domain.exact import Ints
from optimizer.formulation.program import Program
from optimizer.formulation.terms import COUNTED, STRUCTURE, Booked, Row, Term
from optimizer.planning.certificate import row_names

FINE = 10**6  # the parts of a unit in which the least value of bookings in parts is written
_COUNTING = Objective("maximize", (("creators", Fraction(1)),))

Figures = Mapping[int, Mapping[Measure, int]]


def _nobody() -> Ints:
    return np.zeros(0, dtype=np.int64)


@dataclass(frozen=True, eq=False)
class Count:
    """The bookings of some columns, between bounds."""

    columns: Ints
    at_least: int | None = None
    at_most: int | None = None


@dataclass(frozen=True, eq=False)
class Sum:
    """The sum over some columns, each part with the weight of a booking, that must be at least so much."""

    parts: Sequence[tuple[int, Ints]]
    at_least: int


@dataclass(frozen=True, eq=False)
class Question:
    """How a program is changed; columns are positions in it, ascending.

    Parameters
    ----------
    out
        Columns that may not be booked.
    counts
        Bookings that must be between bounds.
    figures, up_to
        Other values of measures, by column; with `up_to` any between these and those: what is easier to keep and is
        worth more counts, so that no plan is lost.
    least
        What a plan must be worth, in the program's units; None: the best is asked for.
    enough
        It need only be known whether a plan is worth the second value or more, or that none is worth the first.
    toward
        Instead of the program's own goal: columns with the weight of a booking of them, of which the sum is maximised.
    room
        Instead of any of these: the name of a row, whose room to its upper bound is made the largest; any plan where
        the program has no such row.
    sums
        Sums that must be reached.
    later
        What a plan must be worth by each of the program's later goals, in the units of these.
    """

    out: Ints = field(default_factory=_nobody)
    counts: Sequence[Count] = ()
    figures: Figures = field(default_factory=dict)
    up_to: Figures | None = None
    least: Fraction | None = None
    enough: tuple[Fraction, Fraction] | None = None
    toward: Sequence[tuple[int, Ints]] = ()
    room: str | None = None
    sums: Sequence[Sum] = ()
    later: Sequence[Fraction] = ()

    @property
    def forced(self) -> set[int]:
        """Columns of which it is sure that they are booked."""
        return {int(one.columns[0]) for one in self.counts if one.at_least and len(one.columns) == 1}

    @property
    def named(self) -> Ints:
        """The columns that must be booked somehow or have other figures: no answer is without them."""
        asked = [one.columns for one in self.counts if one.at_least]
        return np.unique(np.concatenate([np.array([*self.figures], dtype=np.int64), *asked]))


@dataclass(frozen=True, eq=False)
class Found:
    """The answer to a question: a `plan` of the program's bookings (None: none was found), with its `value` by the
    goal that was asked for, in the program's units. No plan is worth more than `bound`. `impossible`: it is proved that
    no plan does what was asked for.
    """

    plan: Booked | None
    value: Fraction | None
    bound: Fraction | None
    impossible: bool

    @property
    def proved(self) -> bool:
        """Whether nothing is left open."""
        return self.impossible or (self.value is not None and self.value == self.bound)


def easier(one: Program, other: Program, columns: Sequence[int]) -> Program:
    """Of two programs that differ in the figures of a few columns, one that every plan of either keeps, and of any with
    figures between them.
    """
    theirs = dict(zip(row_names(other), other.rows, strict=True))
    rows: list[Row] = []
    for name, mine in zip(row_names(one), one.rows, strict=True):
        if name in theirs:
            rows += _easier_row(mine, theirs[name], columns)
    sign = one.objective.sign
    worth = [sign * sum(term.coefficient(at) for term in side.costs for at in columns) for side in (one, other)]
    return replace(one, costs=one.costs if worth[0] >= worth[1] else other.costs).relaxed(rows)


def _easier_row(one: Row, other: Row, columns: Sequence[int]) -> Iterator[Row]:
    """For each bound of a row, the coefficients with which it is easier to keep, and the wider bound."""
    falls = all(other.coefficient(at) <= one.coefficient(at) for at in columns)
    large, small = (one, other) if falls else (other, one)
    lowers, uppers = ([row.lower for row in (one, other)], [row.upper for row in (one, other)])
    low = None if None in lowers else min(bound for bound in lowers if bound is not None)
    high = None if None in uppers else max(bound for bound in uppers if bound is not None)
    if low is not None and high is not None and any(one.coefficient(at) != other.coefficient(at) for at in columns):
        yield replace(large, lower=low, upper=None)
        yield replace(small, lower=None, upper=high)
    else:
        yield replace(large if high is None else small, lower=low, upper=high)


def asked_program(program: Program, question: Question, columns: Ints) -> Program:
    """A program over some columns, changed as a question says."""
    ones = np.ones(len(program), dtype=np.int64)

    def counted(some: Ints, weight: int = 1) -> Term:
        places = np.searchsorted(columns, some[np.isin(some, columns)])
        return Term(weight, COUNTED, ones, places)

    rows = [*program.rows]
    if len(question.out):
        rows.append(Row(STRUCTURE, (counted(question.out),), None, 0, "left out"))
    for at, asked in enumerate(question.counts, 1):
        rows.append(Row(STRUCTURE, (counted(asked.columns),), asked.at_least, asked.at_most, f"counted {at}"))
    if question.least is not None:
        rows.append(_worth(program, program.objective, program.costs, question.least, "worth"))
    for number, (aim, least) in enumerate(zip(program.later, question.later, strict=False), 2):
        rows.append(_worth(program, aim.objective, aim.costs, least, f"worth by goal {number}"))
    for at, reached in enumerate(question.sums, 1):
        terms = tuple(counted(some, weight) for weight, some in reached.parts)
        rows.append(Row(STRUCTURE, terms, reached.at_least, None, f"sum {at}"))
    program = program.relaxed(rows)
    if question.room is not None:
        row = dict(zip(row_names(program), program.rows, strict=True)).get(question.room)
        costs = () if row is None else tuple(term.times(-1) for term in row.terms)
        return replace(program, objective=_COUNTING, costs=costs, denominator=1)
    if not question.toward:
        return program
    costs = tuple(counted(some, weight) for weight, some in question.toward)
    return replace(program, objective=_COUNTING, costs=costs, denominator=1)


def _worth(program: Program, objective: Objective, costs: tuple[Term, ...], least: Fraction, label: str) -> Row:
    """The row by which a plan is worth `least` by a goal; in parts of bookings, less than a hair below it."""
    fine, rounded = (1, ceil) if program.all_whole else (FINE, floor)
    terms = tuple(term.times(objective.sign * fine) for term in costs)
    return Row(STRUCTURE, terms, rounded(least * fine), None, label)
