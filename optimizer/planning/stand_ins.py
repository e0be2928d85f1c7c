"""Stand-ins: who steps in where one booking of a plan falls out and all others stay.

Single ones are found by trying one more booking of every column at once, exactly; several together by a question about
plans near the best one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property

import numpy as np

from optimizer.domain.exact import Ints
from optimizer.formulation.kinds.amounts import AmountRule
from optimizer.formulation.kinds.rule import Rule
from optimizer.formulation.program import Program
from optimizer.formulation.terms import Booked
from optimizer.planning.further import Further, further_bookings
from optimizer.planning.near import Near
from optimizer.planning.questions import Count, Question

_FIRST = 4_000  # bookings that are tried first, and say how much others must bring
_HAIR = 1e-9  # of a value, by which sums in floats may err


@dataclass(frozen=True, eq=False)
class StandIn:
    """A booking (a column) that steps in, and the `value` of the plan with it."""

    column: int
    value: Fraction


@dataclass(frozen=True, eq=False)
class Together:
    """Bookings that step in together (`columns`, one entry for each), None where none were found. `proved`: that they
    are the best ones, or that there are none.
    """

    columns: Ints | None
    value: Fraction | None
    proved: bool


class Bench:
    """All bookings that could be added to a plan as far as there is somebody for them, those first that lose least by
    the prices of the rows.
    """

    def __init__(self, near: Near, plan: Booked) -> None:
        program = near.program
        free = further_bookings(program, program.settled(plan))
        free = free[program.most[free] > 0]
        regret = near.booking_regret[free]
        order = np.argsort(regret, kind="stable")
        self.columns = free[order]
        gain = np.zeros(len(free))
        for term in program.costs:
            gain += program.objective.sign * term.at(free)
        order = np.argsort(-gain, kind="stable")
        self._by_gain, self._gain = free[order], gain[order]

    def gaining(self, value: Fraction) -> Ints:
        """Those that bring so much for the goal, or more."""
        least = float(value) - _HAIR * abs(float(value))
        return np.sort(self._by_gain[: np.searchsorted(-self._gain, -least, side="right")])

    def first(self, many: int) -> Ints:
        """So many that lose least."""
        return np.sort(self.columns[:many])


class Fallen:
    """A plan of a program without one booking of a column (None: the whole plan); all others stay."""

    def __init__(self, program: Program, plan: Booked, column: int | None) -> None:
        self.program, self.whole, self.column = program, program.settled(plan), column

    @cached_property
    def rest(self) -> Booked:
        """The plan without the booking."""
        if self.column is None:
            return self.whole
        columns, counts = self.whole.columns, self.whole.counts.copy()
        counts[np.searchsorted(columns, self.column)] -= 1
        left = counts > 0
        return self.program.settled(Booked(columns[left], counts[left]))

    @cached_property
    def value(self) -> Fraction:
        """What the rest is worth."""
        return self.program.value(self.rest)

    @cached_property
    def candidates(self) -> Ints:
        """The bookings that could be added as far as there is somebody for them, who is not the one that fell out."""
        every = further_bookings(self.program, self.rest)
        every = every[self.program.most[every] > 0]
        if self.column is None or self.left:
            return every
        found: Ints = every[self.program.creator[self.program.unit[every]] != self.creator]
        return found

    @cached_property
    def is_single(self) -> bool:
        """Whether somebody falls out who is booked once, so that nobody is left of them."""
        units = self.program.creator == self.creator
        return not self.left and int(self.program.available[: len(units)][units].sum()) == self.program.parts

    @cached_property
    def creator(self) -> int:
        """Whose booking falls out, by position in the pool."""
        if self.column is None:
            raise ValueError("nobody falls out")
        return int(self.program.creator[self.program.unit[self.column]])

    @cached_property
    def left(self) -> int:
        """How many there are beside those whom the whole plan books, of the same segment."""
        program, whole = self.program, self.whole
        mine = whole.columns < program.bookings
        of_whole = program.creator[program.unit[whole.columns[mine]]] == self.creator
        units = np.flatnonzero(program.creator == self.creator)
        return int(program.available[units].sum()) // program.parts - int(whole.counts[mine][of_whole].sum())

    @cached_property
    def broken(self) -> tuple[int, ...]:
        """The rules that the rest breaks, by position."""
        return tuple(at for at, rule in enumerate(self.program.rules) if rule.failure(self.rest))

    @cached_property
    def _adding(self) -> Further:
        return Further(self.program, self.rest)

    @cached_property
    def _adding_below(self) -> Further:
        """The same without the lower bounds of amounts, shares and ratios."""
        rules = self.program.rules
        floors = {at for at, rule in enumerate(rules) if isinstance(rule, AmountRule)}
        rows = [replace(row, lower=None) if row.rule in floors else row for row in self.program.rows]
        return Further(replace(self.program, rows=tuple(rows)), self.rest)

    def keeping(self, columns: Ints, *, least: Fraction | None = None, floors: bool = True) -> Ints:
        """Those of some candidates with which every rule is kept, and the plan is worth `least`; without `floors`,
        lower bounds may be missed.
        """
        adding = self._adding if floors else self._adding_below
        if least is not None:
            lost = [term.times(-self.program.objective.sign) for term in self.program.costs]
            columns = columns[adding.within(lost, self.value - least, columns)]
        for at in range(len(self.program.rules)):
            if not len(columns):
                break
            columns = columns[~adding.breaks(at, columns)]
        return columns

    def with_(self, columns: Ints) -> Booked:
        """The rest with some bookings, one for each entry."""
        counts = dict(zip(self.rest.columns.tolist(), self.rest.counts.tolist(), strict=True))
        for column in columns.tolist():
            counts[column] = counts.get(column, 0) + 1
        every = np.array(sorted(counts), dtype=np.int64)
        return self.program.settled(Booked(every, np.array([counts[one] for one in every.tolist()], dtype=np.int64)))

    def keeps(self, plan: Booked, *, floors: bool = True) -> bool:
        """Whether a plan keeps every rule, row and unit, exactly; without `floors`, lower bounds may be missed."""
        if floors:
            kept = not self.program.failures(plan) and not any(rule.failure(plan) for rule in self.program.rules)
        else:
            kept = not any(_without_floor(rule).failure(plan) for rule in self.program.rules)
        return kept and self.program.keeps_units(plan)


def _without_floor(rule: Rule) -> Rule:
    return rule.moved("at_least", None) if isinstance(rule, AmountRule) else rule


def single(bench: Bench, fallen: Fallen, most: int, *, floors: bool = True) -> list[StandIn]:
    """The best single stand-ins, at most one booking of each creator, those first with which the plan is worth most.

    `bench` has the bookings that could be added to the whole plan.
    """
    if fallen.is_single:
        tried = bench.first(_FIRST)
        found = list(_best_first(fallen, fallen.keeping(tried, floors=floors), most, floors=floors))
        if len(found) == most:
            better = fallen.keeping(bench.gaining(found[-1].value - fallen.value), floors=floors)
            return list(_best_first(fallen, better, most, floors=floors))
    return list(_best_first(fallen, fallen.keeping(fallen.candidates, floors=floors), most, floors=floors))


def _best_first(fallen: Fallen, columns: Ints, most: int, *, floors: bool) -> Iterator[StandIn]:
    program, seen = fallen.program, set[int]()
    gain = np.zeros(len(columns))
    for term in program.costs:
        gain += program.objective.sign * term.at(columns)
    for column in columns[np.argsort(-gain, kind="stable")].tolist():
        creator = int(program.creator[program.unit[column]])
        if creator in seen:
            continue
        plan = fallen.with_(np.array([column]))
        if not fallen.keeps(plan, floors=floors):
            continue
        seen.add(creator)
        yield StandIn(column, program.value(plan))
        if len(seen) == most:
            return


def together(near: Near, fallen: Fallen, rounds: int) -> Together:
    """The bookings that do best together where no single one keeps every rule."""
    program, rest = fallen.program, fallen.rest
    mine = program.creator[program.unit[: program.bookings]] == fallen.creator
    inside = rest.columns < program.bookings
    columns, counts = rest.columns[inside], rest.counts[inside]
    once = (program.available[program.unit[columns]] == program.parts) & ~mine[columns]
    held = [Count(columns[once], at_least=int(once.sum()))] if once.any() else []
    many = zip(columns[~once].tolist(), counts[~once].tolist(), strict=True)
    held += [Count(np.array([column]), at_least=count) for column, count in many]
    held += [Count(np.flatnonzero(mine), at_most=int(counts[mine[columns]].sum()) + fallen.left)]
    found = near.ask(Question(counts=held), rounds=rounds)
    if found.plan is None:
        return Together(None, None, found.impossible)
    before = dict(zip(columns.tolist(), counts.tolist(), strict=True))
    after = zip(found.plan.columns.tolist(), found.plan.counts.tolist(), strict=True)
    added = [column for column, count in after for _ in range(int(count) - before.get(column, 0))]
    plan = fallen.with_(np.array(added, dtype=np.int64))
    if not fallen.keeps(plan):
        return Together(None, None, proved=False)
    return Together(np.array(added, dtype=np.int64), program.value(plan), found.proved)
