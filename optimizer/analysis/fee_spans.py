"""At which fees one plan is one of the best.

Rules and values are nearly linear in the fee, so these fees are those of one interval; but for an amount that is used
properly or not at all, which a fee of 0 may leave unused.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor

import numpy as np

from optimizer.domain.constraints import Measure
from optimizer.formulation.program import Program
from optimizer.formulation.terms import Booked, Row
from optimizer.planning.certificate import row_names
from optimizer.planning.near import Near


@dataclass(frozen=True, eq=False)
class FeeSpans:
    """Looks for the fees, up to `top`, at which a plan keeps all rules and is worth `most`; `figures` are what the
    booking's measures are at a fee.
    """

    near: Near
    most: Fraction
    top: int
    figures: Callable[[int], Mapping[int, Mapping[Measure, int]]]

    def at(self, plan: Booked, fee: int) -> tuple[Program, Booked]:
        """The program over what a plan books, at a fee, and the plan in it."""
        program, columns = self.near.part(plan.columns, self.figures(fee))
        program = program.with_all_rows()
        return program, program.settled(Booked(np.searchsorted(columns, plan.columns), plan.counts))

    def keeps(self, plan: Booked, fee: int) -> bool:
        """Whether a plan keeps all rules at a fee, and is surely one of the best."""
        return self._idle(plan, fee) is not None

    def _idle(self, plan: Booked, fee: int) -> tuple[bool, ...] | None:
        """Which amounts that are used properly or not at all a plan leaves unused; None where it is not kept."""
        program, inner = self.at(plan, fee)
        if not program.keeps_units(inner) or program.failures(inner) or program.value(inner) < self.most:
            return None
        amounts = (rule.bounded() for rule in program.rules)
        return tuple(amount.is_idle(inner) for amount in amounts if amount is not None)

    def span(self, plan: Booked, near: int = 0) -> tuple[int, int] | None:
        """The fees at which a plan is one of the best, looked for `near` some fee; None where it never is.

        At all of them the plan leaves the same amounts unused: there may be others.
        """
        low, high = 0, self.top
        first, last = self._crossing(plan, low, high) or (near, near)
        tried = dict.fromkeys((near, first, last, (first + last) // 2, first + 1, last - 1))
        inside = next((fee for fee in tried if low <= fee <= high and self.keeps(plan, fee)), None)
        if inside is None:
            return None
        return self._edge(plan, inside, low, first), self._edge(plan, inside, high, last)

    def _edge(self, plan: Booked, inside: int, end: int, guess: int) -> int:
        """The last fee from `inside` towards `end` at which a plan is kept; near `guess`: all is nearly linear."""
        idle = self._idle(plan, inside)

        def kept(fee: int) -> bool:
            return self._idle(plan, fee) == idle

        return end if kept(end) else last_kept(inside, end, kept, [guess])

    def _crossing(self, plan: Booked, low: int, high: int) -> tuple[int, int] | None:
        """About where a plan begins and ends to keep the rules and to be worth enough: by lines through two fees."""
        if low == high:
            return low, high
        (one, mine), (other, theirs) = self.at(plan, low), self.at(plan, high)
        lines = [(self.most - one.value(mine), self.most - other.value(theirs))]
        for row, again in pairs(one, other):
            totals = row.total(mine), again.total(theirs)
            if row.upper is not None and again.upper is not None:
                lines.append((totals[0] - row.upper, totals[1] - again.upper))
            if row.lower is not None and again.lower is not None:
                lines.append((row.lower - totals[0], again.lower - totals[1]))
        first, last = Fraction(low), Fraction(high)
        for at_low, at_high in lines:  # kept where it is at most 0
            if at_low > 0 and at_high > 0:
                return None
            if at_low > 0 or at_high > 0:
                crossing = low + (high - low) * -at_low / (at_high - at_low)
                first, last = (max(first, crossing), last) if at_low > 0 else (first, min(last, crossing))
        begin, end = ceil(first), floor(last)
        return (begin, end) if begin <= end else None


def last_kept(good: int, bad: int, kept: Callable[[int], bool], guesses: Sequence[int]) -> int:
    """The last fee from `good` towards `bad` that is kept: near some guesses, since all is nearly linear."""
    way = 1 if bad >= good else -1
    for guess in guesses:
        for fee in (guess, guess + way, guess - way):
            if way * good < way * fee < way * bad:
                good, bad = (fee, bad) if kept(fee) else (good, fee)
    while abs(bad - good) > 1:
        middle = (good + bad) // 2
        good, bad = (middle, bad) if kept(middle) else (good, middle)
    return good


def pairs(one: Program, other: Program) -> list[tuple[Row, Row]]:
    """The rows of two programs that have the same names."""
    theirs = dict(zip(row_names(other), other.rows, strict=True))
    return [(row, theirs[name]) for name, row in zip(row_names(one), one.rows, strict=True) if name in theirs]
