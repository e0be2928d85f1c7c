"""Further bookings: what could be added to a plan without changing the rest of it, and which rules forbid it.

Of whole bookings, one more is tried; of bookings in parts, however small a part. Decided exactly, mostly in floats.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor

import numpy as np

from optimizer.domain.exact import Flags, Floats, Ints
from optimizer.formulation.kept import KEPT
from optimizer.formulation.kinds.rule import Rule
from optimizer.formulation.program import Program
from optimizer.formulation.terms import STRUCTURE, Booked, Indicator, Row, Term

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
        return self.over([term.times(sign) for term in self.program.costs], Fraction(0), columns)

    def within(self, terms: Sequence[Term], room: Fraction, columns: Ints) -> Flags:
        """Which further bookings add no more than `room` to a sum of terms."""
        return ~self.over(terms, room, columns)

    def breaks(self, at: int, columns: Ints) -> Flags:
        """Which further bookings would break a rule."""
        return self.program.rules[at].breaks(at, self, columns)

    def breaks_rows(self, at: int, columns: Ints) -> Flags:
        """Which further bookings would break a row that the program has of a rule."""
        return self._breaks_any((row for row in self.program.rows if row.rule == at), columns)

    def gives_up(self, columns: Ints) -> Flags:
        """Which further bookings would give up more of an earlier goal than is allowed."""
        kept = (row for row in self.program.rows if row.label.endswith(KEPT) and row.rule == STRUCTURE)
        return self._breaks_any(kept, columns)

    def _breaks_any(self, rows: Iterable[Row], columns: Ints) -> Flags:
        broken = np.zeros(len(columns), dtype=np.bool_)
        for row in rows:
            broken |= self.breaks_row(row, columns)
        return broken

    def breaks_row(self, row: Row, columns: Ints) -> Flags:
        """Which further bookings would break a row."""
        total, broken = row.total(self.plan), np.zeros(len(columns), dtype=np.bool_)
        if row.upper is not None:
            broken |= self.over(row.terms, row.upper - total, columns)
        if row.lower is not None:
            broken |= self.over([term.times(-1) for term in row.terms], total - row.lower, columns)
        return broken

    def over(self, terms: Sequence[Term], room: Fraction, columns: Ints) -> Flags:
        """Where one more booking adds more than `room` to the sum of the terms; in parts, anything where there is no
        room."""
        total, size = np.zeros(len(columns)), np.zeros(len(columns))
        for term in terms:
            coefficients = term.at(columns)
            total += coefficients
            size += np.abs(coefficients)
        for indicator in self.program.indicators:
            worth = sum(term.coefficient(indicator.column) for term in terms)
            if worth:
                turned = worth * self._turned(indicator, columns)
                total += turned
                size += np.abs(turned)
        for block in self.program.overlaps:
            mine = block.first + np.arange(len(block))
            worth_each = sum((term.at(mine) for term in terms), np.zeros(len(block)))
            if worth_each.any():
                which, cell, change = block.added(self.plan, columns)
                total += np.bincount(which, weights=worth_each[cell] * change, minlength=len(columns))
        over = self._beyond(terms, total, size, floor(room), columns)
        split = ~self.program.whole[columns]
        if split.any():
            over[split] = ceil(room) <= 0 and self._beyond(terms, total, size, 0, columns)[split]
        return over

    def _turned(self, indicator: Indicator, columns: Ints) -> Floats:
        """By how much one more booking changes an indicator: 1 where it turns it on, -1 where off."""
        before = indicator.term.total(self.plan)
        after = float(before) + indicator.term.at(columns)
        on = after != 0 if indicator.at is None else after >= float(indicator.at)
        turned: Floats = on.astype(np.float64) - float(indicator.is_on(self.plan))
        return turned

    def _beyond(self, terms: Sequence[Term], total: Floats, size: Floats, room: int, columns: Ints) -> Flags:
        """Where an integer sum is above `room`: by floats where they are exact, or leave no doubt."""
        beyond: Flags = total > float(room)
        doubt = 1e-9 * (size + abs(float(room)))
        unsure = ((size >= _EXACT) | (abs(room) >= _EXACT)) & (np.abs(total - float(room)) <= doubt)
        for at in np.flatnonzero(unsure).tolist():
            beyond[at] = self._adds(terms, int(columns[at])) > room
        return beyond

    def _adds(self, terms: Sequence[Term], column: int) -> Fraction:
        """What one more booking adds to the sum of some terms, exactly."""
        columns, counts = self.plan.columns, self.plan.counts
        at = int(np.searchsorted(columns, column))
        if at < len(columns) and columns[at] == column:
            counts = counts.copy()
            counts[at] += 1
            more = Booked(columns, counts)
        else:
            more = Booked(np.insert(columns, at, column), np.insert(counts, at, 1))
        more = self.program.settled(more)
        return sum((term.total(more) - term.total(self.plan) for term in terms), Fraction(0))


def named(rules: Sequence[Rule], broken: Sequence[int], most: int) -> str:
    """The names of some rules, of the first ones where they are many."""
    names = list(dict.fromkeys(rules[at].name for at in broken))
    more = f" and {len(names) - most:,} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more
