"""Rules about who is booked together."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from optimizer.domain.constraints import AT_MOST_ONE, EXACTLY_ONE, TOGETHER, Logic
from optimizer.domain.exact import Ints
from optimizer.formulation.counting import Counting, fault
from optimizer.formulation.indicators import Indicators
from optimizer.formulation.kinds.rule import Rule, Slope
from optimizer.formulation.terms import Booked, Row


@dataclass(frozen=True, eq=False)
class LogicRule(Rule):
    """A rule about who is booked together: the columns of each of its parts."""

    constraint: Logic
    parts: tuple[Ints, ...]
    then: tuple[Ints, ...]

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

    def rows(self, at: int, indicators: Indicators) -> Iterator[Row]:
        """The rows over indicators of its parts."""
        parts, then = ([indicators.booked(self.name, members) for members in said] for said in (self.parts, self.then))
        kind = self.constraint.kind
        if kind in (AT_MOST_ONE, EXACTLY_ONE):
            terms = tuple(indicators.counted(1, part) for part in parts)
            yield Row(at, terms, 1 if kind == EXACTLY_ONE else None, 1)
        elif kind == TOGETHER:
            for other in parts[1:]:
                yield Row(at, (indicators.counted(1, parts[0]), indicators.counted(-1, other)), 0, 0)
        else:
            for follows in then:
                terms = tuple(indicators.counted(1, part) for part in parts)
                yield Row(at, (*terms, indicators.counted(-1, follows)), None, len(parts) - 1)

    def slope(self, row: Row) -> Slope | None:
        """Only in a rule about one of its parts is there a bound, which is 1."""
        return Slope(Fraction(1)) if self.constraint.kind in (AT_MOST_ONE, EXACTLY_ONE) else None


def rules(constraint: Logic, counting: Counting) -> Iterator[LogicRule]:
    """The one rule of a constraint."""
    members, whole = counting.estimates.columns.members, counting.supply.whole
    parts = tuple(np.flatnonzero(members(part)) for part in constraint.parts)
    then = tuple(np.flatnonzero(members(part)) for part in constraint.then)
    if not all(whole[part].all() for part in (*parts, *then)):
        cause = "a rule about who is booked together needs whole bookings; here creators are booked in parts"
        raise fault(constraint, "logic-in-parts", cause, "remove `whole: false`, or write a rule on amounts")
    yield LogicRule(constraint, None, parts, then)
