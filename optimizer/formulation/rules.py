"""The planner's rules over columns: how a plan is checked against them, and the rows that enforce them.

A rule measures a plan without using its rows, so that a fault in deriving the rows is found.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import floor

import numpy as np

from optimizer.domain.constraints import Constraint, Logic
from optimizer.domain.exact import Ints
from optimizer.formulation.terms import Booked, Row, Term

_ALIKE_MOST = 300  # creators who get their row early because another one broke theirs


@dataclass(frozen=True, eq=False)
class Rule:
    """A constraint, or one value of its `per`, as `value = lead * measured / base` held between bounds.

    `base` is a number (absolute rules: 1; shares of an amount: that amount) or a term (shares and ratios). All
    rules over quantities have this form; their rows are derived from it (`build.rows_of`).
    """

    constraint: Constraint
    label: str | None
    measured: Term
    base: Fraction | Term
    lead: Fraction

    @property
    def name(self) -> str:
        """The planner's name, with the value of `per`."""
        return self.constraint.name if self.label is None else f"{self.constraint.name} ({self.label})"

    def base_total(self, plan: Booked) -> Fraction:
        """The base that a plan's value is divided by."""
        return self.base.total(plan) if isinstance(self.base, Term) else self.base

    def failure(self, plan: Booked) -> str:
        """How a plan breaks the rule; empty if it keeps it."""
        return _outside(self, self.lead * self.measured.total(plan), self.base_total(plan))


@dataclass(frozen=True, eq=False)
class EachRule:
    """A constraint on each single booking (`per: creator`), as `value = lead * measured / base` of that booking.

    `members` are the bookings that the rule covers. For a share, `base` is a total of the plan; for a ratio, a total of
    the booking itself; otherwise a number.
    """

    constraint: Constraint
    members: Ints
    measured: Term
    base: Fraction | Term
    lead: Fraction
    label: None = None

    @property
    def name(self) -> str:
        """The planner's name."""
        return self.constraint.name

    @property
    def is_share(self) -> bool:
        """Whether a booking is compared with a total of the plan, which is not known beforehand."""
        return self.constraint.kind == "share" and isinstance(self.base, Term)

    def values(self, plan: Booked) -> list[tuple[int, Fraction, Fraction]]:
        """For each booking that the rule covers: its column, `lead * measured`, and `base`."""
        inside = plan.columns[np.isin(plan.columns, self.members)]
        whole = self.base.total(plan) if self.is_share and isinstance(self.base, Term) else Fraction(0)
        return [(at, self.lead * int(self.measured.values[at]), whole or self._own_base(at)) for at in inside.tolist()]

    def _own_base(self, column: int) -> Fraction:
        if self.is_share:
            return Fraction(0)
        return Fraction(int(self.base.values[column])) if isinstance(self.base, Term) else self.base

    def failure(self, plan: Booked) -> str:
        """How a plan breaks the rule; empty if it keeps it."""
        broken = (_outside(self, value, base) for _, value, base in self.values(plan))
        return next(filter(None, broken), "")

    def forbidden(self) -> Ints:
        """The bookings that break the rule whatever else is booked; none for a share."""
        breaks = np.zeros(len(self.members), dtype=np.bool_)
        for bound, sign in ((self.constraint.at_least, -1), (self.constraint.at_most, 1)):
            if bound is not None and not self.is_share:
                breaks |= sign * self._signs_over(self.members, bound) > 0
        return self.members[breaks]

    def _signs_over(self, columns: Ints, bound: Fraction) -> Ints:
        """Whether `lead * measured - bound * base` is above, at or below 0; by floats where they suffice."""
        value = self.measured.values[columns]
        if isinstance(self.base, Fraction):
            limit = bound * self.base / self.lead
            return np.sign(value - floor(limit)) if limit.denominator == 1 else np.where(value > floor(limit), 1, -1)
        base = self.base.values[columns]
        above, below = float(self.lead) * value, float(bound) * base
        signs = np.sign(above - below).astype(np.int64)
        for at in np.flatnonzero(np.abs(above - below) <= 1e-9 * (np.abs(above) + np.abs(below))).tolist():
            exact = self.lead * int(value[at]) - bound * int(base[at])
            signs[at] = int(exact > 0) - int(exact < 0)
        return signs

    def units_against(self, plan: Booked, unit: Ints) -> list[int]:
        """The creators (units) whose booking breaks a share, and those with a booking at least as large, if they are
        few.
        """
        high = self.constraint.at_most
        broken = [column for column, value, base in self.values(plan) if high is not None and value > high * base]
        if not broken:
            return []
        least = min(int(self.measured.values[column]) for column in broken)
        large = np.unique(unit[self.members[self.measured.values[self.members] >= least]])
        return [int(one) for one in (large if len(large) <= _ALIKE_MOST else np.unique(unit[broken]))]

    def row(self, one: int, unit: Ints, at: int, label: str) -> Row:
        """The row that enforces the share of one creator."""
        if not isinstance(self.base, Term) or self.constraint.at_most is None:
            raise TypeError("only a share of a total has a row for each creator")
        slope = self.constraint.at_most / self.lead
        mine = self.members[unit[self.members] == one]
        own = Term(slope.denominator, self.measured.measure, self.measured.values, mine)
        return Row(at, (own, self.base.times(-slope.numerator)), None, 0, label)


@dataclass(frozen=True, eq=False)
class LogicRule:
    """A rule about who is booked together: the columns of each of its parts."""

    constraint: Logic
    parts: tuple[Ints, ...]
    then: tuple[Ints, ...]
    label: None = None

    @property
    def name(self) -> str:
        """The planner's name."""
        return self.constraint.name

    def booked(self, plan: Booked) -> tuple[list[bool], list[bool]]:
        """Which parts a plan books, and which of `then`."""
        return [bool(np.isin(plan.columns, part).any()) for part in self.parts], [
            bool(np.isin(plan.columns, part).any()) for part in self.then
        ]

    def failure(self, plan: Booked) -> str:
        """How a plan breaks the rule; empty if it keeps it."""
        parts, then = self.booked(plan)
        if self.constraint.keeps(parts, then):
            return ""
        return f"{self.name}: {sum(parts)} of {len(parts)} are booked, and {sum(then)} of {len(then)} that must follow"


AnyRule = Rule | EachRule | LogicRule


def _outside(rule: Rule | EachRule, value: Fraction, base: Fraction) -> str:
    """How `value / base` lies outside the rule's bounds; empty if it lies inside."""
    low, high = rule.constraint.at_least, rule.constraint.at_most
    shown = f"{float(value / base):.6g}" if base else f"{float(value):.6g} of nothing"
    if low is not None and value < low * base:
        return f"{rule.name}: {shown} is below {float(low):g}"
    if high is not None and value > high * base:
        return f"{rule.name}: {shown} is above {float(high):g}"
    return ""
