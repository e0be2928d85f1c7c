"""Plans near the best one: what they must be worth, how names are counted in them, and questions about them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from math import ceil, floor

import numpy as np

from optimizer.domain.exact import Flags, Ints
from optimizer.estimation.estimate import trace
from optimizer.formulation.program import Aim
from optimizer.formulation.terms import Booked
from optimizer.planning.check import check
from optimizer.planning.listing import listed
from optimizer.planning.near import ROUNDS, Near
from optimizer.planning.questions import FINE, Found, Question
from optimizer.solving.labels import Listed


@dataclass(frozen=True, eq=False)
class NearBest:
    """All plans that are worth at least `least` by the goal, and as much of each later goal in proportion.

    Parameters
    ----------
    near
        Answers questions.
    share
        The share of the best plan's value that may be given up.
    rounds
        Of work for one question.
    """

    near: Near
    share: Fraction
    rounds: int = ROUNDS

    def giving_up(self, share: Fraction) -> NearBest:
        """The same with another share."""
        return replace(self, share=share)

    @cached_property
    def least(self) -> Fraction:
        """What a plan must be worth, in the program's units."""
        return self._least(self.near.value)

    @cached_property
    def later(self) -> tuple[Fraction, ...]:
        """The same of each later goal."""
        return tuple(self._least(_worth(aim, self.near.plan)) for aim in self.near.program.later)

    def _least(self, value: Fraction) -> Fraction:
        least = value - self.share * abs(value)
        return Fraction(ceil(least)) if self.near.program.all_whole else Fraction(floor(least * FINE), FINE)

    @cached_property
    def columns(self) -> Ints:
        """All bookings that such plans can make."""
        return self.near.columns(self.least)

    @cached_property
    def who(self) -> Ints:
        """(n,) The creator or segment of each booking, by position in the pool."""
        return self.near.estimates.columns.creator

    @cached_property
    def named(self) -> Flags:
        """Which creators are booked once at most, by position in the pool: whom a plan books or not."""
        program = self.near.program
        units = len(program.creator)
        named: Flags = np.bincount(program.creator, weights=program.available[:units], minlength=len(program.ids)) == (
            program.parts
        )
        bookings = program.whole[: program.bookings]
        named[self.who[~bookings]] = False
        return named

    @cached_property
    def listed(self) -> Listed | None:
        """All such plans, where they are few."""
        return listed(self.near, self.least, self.later)

    def of(self, creators: Iterable[int]) -> Ints:
        """The bookings of some creators."""
        asked = np.zeros(len(self.near.program.ids), dtype=np.bool_)
        asked[[*creators]] = True
        return np.flatnonzero(asked[self.who])

    def booked(self, plan: Booked) -> dict[int, Fraction]:
        """How often a plan books each creator, in the order of the pool."""
        counts: dict[int, Fraction] = {}
        for creator, count in zip(self.who[plan.columns].tolist(), plan.counts.tolist(), strict=True):
            counts[creator] = counts.get(creator, Fraction(0)) + count
        return counts

    def ask(self, question: Question, *, gap: float = 0.0) -> Found:
        """The answer among these plans; a plan that does not belong to them is none."""
        asked = replace(question, least=self.least, later=self.later)
        found = self.near.ask(asked, gap=gap, rounds=self.rounds)
        if found.plan is None or self.has(found.plan):
            return found
        return Found(None, None, found.bound, impossible=False)

    def has(self, plan: Booked) -> bool:
        """Whether a plan is worth enough."""
        program = self.near.program
        plan = program.settled(plan)
        later = zip(program.later, self.later, strict=True)
        return program.value(plan) >= self.least and all(_worth(aim, plan) >= least for aim, least in later)

    def checked(self, plan: Booked) -> Booked:
        """A plan that passes the exact check of every plan that is shown; raises CheckError if it fails."""
        near = self.near
        traced = trace(near.estimates.scenario, near.estimates.columns.take(plan.columns))
        check(near.program, traced, near.program.settled(plan), near.solution.bound)
        return plan


def _worth(aim: Aim, plan: Booked) -> Fraction:
    """What a plan is worth by a goal, the more the better."""
    return sum((aim.objective.sign * term.total(plan) for term in aim.costs), Fraction(0))


def without_indicators(near: Near, plan: Booked) -> Booked:
    """The bookings of a plan."""
    mine = plan.columns < near.program.bookings
    return Booked(plan.columns[mine], plan.counts[mine])


def overlap(counts: dict[int, Fraction], names: Sequence[int] | dict[int, Fraction]) -> Fraction:
    """How many of a plan's bookings are of some creators."""
    return sum((count for creator, count in counts.items() if creator in names), Fraction(0))
