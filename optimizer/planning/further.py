"""Further bookings: what could be added to a plan without changing the rest of it, and which rules forbid it.

Of whole bookings, one more is tried; of bookings in parts, however small a part. Decided exactly, mostly in floats.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor

import numpy as np

from optimizer.domain.exact import Flags, Floats, Ints
from optimizer.formulation.program import Program
from optimizer.formulation.rules import AnyRule, EachRule, LogicRule
from optimizer.formulation.terms import Booked, Row, Term

_EXACT = 2.0**52  # sums of integers up to here are exact in floats


def further_bookings(program: Program, plan: Booked) -> Ints:
    """The bookings (columns, ascending) that there is somebody for beside the plan, whatever the rules say of them.

    A further step of a segment's returns counts as soon as the step before it is full.
    """
    parts = np.zeros(len(program.available), dtype=np.int64)
    for column, count in zip(plan.columns.tolist(), plan.counts.tolist(), strict=True):
        parts[program.unit[column]] += int(count * program.parts)
    full = parts >= program.available
    least = np.where(_whole_units(program), program.parts, 1)
    room = program.available - parts >= least
    units = len(program.creator)
    follows = np.flatnonzero(program.creator[1:units] == program.creator[: units - 1]) + 1
    room[follows] &= full[follows - 1]
    found: Ints = np.flatnonzero(room[program.unit[: program.bookings]])
    return found


def _whole_units(program: Program) -> Flags:
    whole = np.zeros(len(program.available), dtype=np.bool_)
    whole[program.unit[program.whole]] = True
    return whole


@dataclass(frozen=True, eq=False)
class Further:
    """A plan of a program, to which single bookings are added."""

    program: Program
    plan: Booked

    def gains(self, columns: Ints) -> Flags:
        """Which further bookings would bring the objective forward."""
        sign = self.program.objective.sign
        return self._over([term.times(sign) for term in self.program.costs], Fraction(0), columns)

    def within(self, terms: Sequence[Term], room: Fraction, columns: Ints) -> Flags:
        """Which further bookings add no more than `room` to a sum of terms."""
        return ~self._over(terms, room, columns)

    def breaks(self, at: int, columns: Ints) -> Flags:
        """Which further bookings would break a rule."""
        rule = self.program.rules[at]
        if isinstance(rule, LogicRule):
            return self._breaks_logic(rule, columns)
        if isinstance(rule, EachRule):
            return self._breaks_each(rule, columns)
        broken = np.zeros(len(columns), dtype=np.bool_)
        for row in self.program.rows:
            if row.rule == at:
                broken |= self._breaks_row(row, columns)
        return broken

    def _breaks_row(self, row: Row, columns: Ints) -> Flags:
        total, broken = row.total(self.plan), np.zeros(len(columns), dtype=np.bool_)
        if row.upper is not None:
            broken |= self._over(row.terms, row.upper - total, columns)
        if row.lower is not None:
            broken |= self._over([term.times(-1) for term in row.terms], total - row.lower, columns)
        return broken

    def _breaks_each(self, rule: EachRule, columns: Ints) -> Flags:
        """A share of a total: the new booking's own, and the largest that is booked, of the new total."""
        broken = np.isin(columns, rule.forbidden())
        high = rule.constraint.at_most
        if not rule.is_share or high is None or not isinstance(rule.base, Term):
            return broken
        slope = high / rule.lead
        more = rule.base.times(-slope.numerator)
        own = Term(slope.denominator, rule.measured.measure, rule.measured.values, rule.members)
        whole = slope.numerator * rule.base.total(self.plan)
        mine = self.plan.columns[np.isin(self.plan.columns, rule.members)]
        largest = max((int(rule.measured.values[column]) for column in mine.tolist()), default=0)
        covered = np.isin(columns, rule.members)
        broken |= covered & self._over([own, more], whole, columns)
        return broken | self._over([more], whole - slope.denominator * largest, columns)

    def _breaks_logic(self, rule: LogicRule, columns: Ints) -> Flags:
        """Bookings that belong to the same parts do the same: one of each kind is tried."""
        kinds = np.zeros(len(columns), dtype=np.int64)
        for part in (*rule.parts, *rule.then):
            kinds = np.unique(2 * kinds + np.isin(columns, part), return_inverse=True)[1].reshape(-1)
        _, first, kind = np.unique(kinds, return_index=True, return_inverse=True)
        tried = [bool(rule.failure(self._with(int(columns[at])))) for at in first.tolist()]
        return np.array(tried, dtype=np.bool_)[kind.reshape(-1)]

    def _with(self, column: int) -> Booked:
        columns, counts = self.plan.columns, self.plan.counts
        at = int(np.searchsorted(columns, column))
        if at < len(columns) and columns[at] == column:
            return self.plan  # one more of what is booked changes nothing about who is booked
        return Booked(np.insert(columns, at, column), np.insert(counts, at, 1))

    def _over(self, terms: Sequence[Term], room: Fraction, columns: Ints) -> Flags:
        """Where one more booking adds more than `room` to the sum of the terms; in parts, anything where there is no
        room."""
        total, size = np.zeros(len(columns)), np.zeros(len(columns))
        for term in terms:
            coefficients = term.at(columns)
            total += coefficients
            size += np.abs(coefficients)
        over = self._beyond(terms, total, size, floor(room), columns)
        split = ~self.program.whole[columns]
        if split.any():
            over[split] = ceil(room) <= 0 and self._beyond(terms, total, size, 0, columns)[split]
        return over

    @staticmethod
    def _beyond(terms: Sequence[Term], total: Floats, size: Floats, room: int, columns: Ints) -> Flags:
        """Where an integer sum is above `room`: by floats where they are exact, or leave no doubt."""
        beyond: Flags = total > float(room)
        doubt = 1e-9 * (size + abs(float(room)))
        unsure = ((size >= _EXACT) | (abs(room) >= _EXACT)) & (np.abs(total - float(room)) <= doubt)
        for at in np.flatnonzero(unsure).tolist():
            beyond[at] = sum(term.coefficient(int(columns[at])) for term in terms) > room
        return beyond


def named(rules: Sequence[AnyRule], broken: Sequence[int], most: int) -> str:
    """The names of some rules, of the first ones where they are many."""
    names = list(dict.fromkeys(rules[at].name for at in broken))
    more = f" and {len(names) - most:,} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more
