"""The plan that changes the fewest names of an earlier one, among those that are worth enough.

Solved in a few questions over the few columns that such plans can differ in: how few names must change; then how few
offers; then the best plan that changes no more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import ceil

import numpy as np

from optimizer.domain.exact import Flags, Ints
from optimizer.estimation.estimate import Estimates
from optimizer.formulation.terms import Booked
from optimizer.planning.goals import last_of
from optimizer.planning.near import Near
from optimizer.planning.optimize import Planned
from optimizer.planning.questions import Found, Question, Sum
from optimizer.results.plan import Allocation
from optimizer.results.replanned import AgreedBooking
from optimizer.solving.clock import Clock


@dataclass(frozen=True)
class Fewest:
    """A plan in columns of the estimates, how many open names it changes, and whether fewer are proved impossible."""

    plan: Booked
    names: int
    proved: bool


@dataclass(frozen=True, eq=False)
class Changing:
    """An earlier plan beside what was planned now.

    Parameters
    ----------
    found
        What was planned now, with a plan.
    before
        The bookings of the earlier plan.
    agreed
        The bookings that were agreed.
    settled
        The names of those who answered: they no longer count.
    """

    found: Planned
    before: Sequence[Allocation]
    agreed: Sequence[AgreedBooking]
    settled: frozenset[str]

    @property
    def estimates(self) -> Estimates:
        """The estimates that the plans are columns of."""
        return self.found.estimates

    @cached_property
    def best(self) -> Booked:
        """The best plan that was found, without its indicators."""
        last = self.found.steps.last
        if last.plan is None:
            raise ValueError("there is no plan that could change")
        mine = last.plan.columns < last.program.bookings
        return Booked(last.plan.columns[mine], last.plan.counts[mine])

    @cached_property
    def _creators(self) -> tuple[Flags, Flags]:
        """(creators,) Whose names count, and who of them was in the earlier plan."""
        pool = self.estimates.scenario.pool
        counts, booked = np.ones(len(pool), dtype=np.bool_), np.zeros(len(pool), dtype=np.bool_)
        for segment in self.estimates.scenario.segments:
            counts[segment.position] = False
        for name in self.settled:
            counts[pool.positions(name)] = False
        for one in self.before:
            booked[pool.positions(one.creator)] = True
        return counts, booked & counts

    @cached_property
    def _same(self) -> Ints:
        """The columns of the earlier plan's open bookings."""
        found = [self._place(one) for one in self.before if one.creator not in self.settled]
        _, booked = self._creators
        mine = [at for at in found if at is not None and booked[self.estimates.columns.creator[at]]]
        return np.unique(np.array(mine, dtype=np.int64))

    def _place(self, one: Allocation | AgreedBooking) -> int | None:
        """The column of a booking; None where it can no longer be made."""
        scenario, columns = self.estimates.scenario, self.estimates.columns
        offer = next((at for at, offer in enumerate(scenario.offers) if offer.name == one.offer), None)
        who = scenario.pool.position(one.creator)
        if offer is None or who is None:
            return None
        begin, end = np.searchsorted(columns.creator, (who, who + 1)).tolist()
        step = (one.step or 1) - 1 if isinstance(one, Allocation) else 0
        mine = (columns.offer[begin:end] == offer) & (columns.step[begin:end] == step)
        return int(begin + mine.argmax()) if mine.any() else None

    @cached_property
    def _stay(self) -> tuple[tuple[int, Ints], ...]:
        """Names that stay, less names that are new: the more, the fewer change."""
        counts, booked = self._creators
        creator = self.estimates.columns.creator
        return (1, np.flatnonzero(booked[creator])), (-1, np.flatnonzero((counts & ~booked)[creator]))

    def reached(self, plan: Booked) -> tuple[Fraction, Fraction]:
        """How many names stay, less those that are new; and how many bookings stay as they are."""
        return _sum(self._stay, plan), _sum(((1, self._same),), plan)

    def names(self, plan: Booked) -> int:
        """How many open names a plan changes: those that leave, and those that are new."""
        counts, booked = self._creators
        now = np.zeros(len(counts), dtype=np.bool_)
        now[self.estimates.columns.creator[plan.columns]] = True
        return int(((now != booked) & counts).sum())

    def least(self, keep: Fraction) -> Fraction:
        """The least that a plan must be worth, in the program's units."""
        last = self.found.steps.last
        value = last.program.worth(self.best)
        least = value - (1 - keep) * abs(value)
        return Fraction(ceil(least)) if last.program.all_whole else least

    def fewest(self, keep: Fraction, clock: Clock, gap: float) -> Fewest:
        """A plan with the fewest changed names that is worth at least the share `keep` of the best; of those with the
        fewest changed offers, the best one within the gap.
        """
        last, least = self.found.steps.last, self.least(keep)
        near = Near(self.estimates, last, clock)
        near.change = last_of(self.estimates, self.found.steps)
        chosen = max(filter(None, (self.best, self.unchanged(least))), key=self.reached)
        most = near.ask(Question(least=least, toward=self._stay))
        chosen = self._further(chosen, most)
        proved = most.proved and most.value == self.reached(chosen)[0] and last.program.all_whole
        stay = Sum(self._stay, ceil(self.reached(chosen)[0]))
        if self._offers_change(chosen):
            chosen = self._further(chosen, near.ask(Question(least=least, sums=[stay], toward=((1, self._same),))))
        same = Sum(((1, self._same),), ceil(self.reached(chosen)[1]))
        better = near.ask(Question(least=least, sums=[stay, same]), gap=gap)
        if better.plan is not None and last.program.worth(better.plan) > last.program.worth(chosen):
            chosen = better.plan
        names = self.names(chosen)
        return Fewest(chosen, names, proved or not names)

    def _further(self, chosen: Booked, found: Found) -> Booked:
        """The one of two plans that changes less."""
        return chosen if found.plan is None or self.reached(found.plan) <= self.reached(chosen) else found.plan

    def _offers_change(self, plan: Booked) -> bool:
        """Whether somebody who stays is booked on another offer."""
        stays = _sum(self._stay[:1], plan)
        return stays != _sum(((1, self._same),), plan)

    def unchanged(self, least: Fraction) -> Booked | None:
        """The earlier plan with what is agreed; None where it breaks a rule, or is worth too little."""
        stands, program = self.as_it_stands, self.found.steps.last.program
        whole = program.settled(stands)
        kept = program.keeps_units(whole) and not program.failures(whole)
        kept = kept and not any(rule.failure(whole) for rule in program.rules)
        return stands if kept and program.value(whole) >= least else None

    @cached_property
    def as_it_stands(self) -> Booked:
        """The earlier plan as it would be now: what is agreed, and all others but those who declined."""
        found: dict[int, int | Fraction] = {}
        open_ = [one for one in self.before if one.creator not in self.settled]
        every: list[Allocation | AgreedBooking] = [*self.agreed, *open_]
        for one in every:
            at = self._place(one)
            if at is not None:
                found[at] = _count(one)
        order = sorted(found)
        kind = np.int64 if all(isinstance(count, int) for count in found.values()) else object
        return Booked(np.array(order, dtype=np.int64), np.array([found[at] for at in order], dtype=kind))


def _sum(parts: Sequence[tuple[int, Ints]], plan: Booked) -> Fraction:
    total = Fraction(0)
    for weight, columns in parts:
        counts = plan.counts[np.isin(plan.columns, columns)].tolist()
        total += weight * sum(map(Fraction, counts), Fraction(0))
    return total


def _count(one: Allocation | AgreedBooking) -> int | Fraction:
    if isinstance(one, AgreedBooking):
        return 1
    exact = Fraction(one.exact_count) if one.exact_count is not None else Fraction(one.count)
    return int(exact) if exact.denominator == 1 else exact
