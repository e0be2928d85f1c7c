"""The state of a search: the best plan so far, the bound, and whether they are near enough."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np

from optimizer.domain.exact import Floats, Ints
from optimizer.formulation.program import Program
from optimizer.formulation.terms import Booked, Row, booked
from optimizer.solving import highs
from optimizer.solving.backends import Backend
from optimizer.solving.column_generation import FINE
from optimizer.solving.exact_basis import exact_plan
from optimizer.solving.scaling import Scaled

Enough = Callable[[Fraction | None, Fraction | None], bool]


@dataclass(frozen=True)
class Progress:
    """How far a search has come: the best plan's value and the proven bound, in the objective's unit."""

    seconds: float
    value: float | None
    bound: float | None
    columns: int


@dataclass(frozen=True)
class Best:
    """A plan that passes every row, with its value in the program's units."""

    plan: Booked
    value: Fraction


def decided(low: Fraction, high: Fraction) -> Enough:
    """Enough is a bound below the first value, or a plan worth the second one (in the program's units)."""

    def enough(value: Fraction | None, bound: Fraction | None) -> bool:
        return (bound is not None and bound < low) or (value is not None and value >= high)

    return enough


def columns_looked_at(program: Program, x: Floats, nearest: Ints, most: int) -> Ints:
    """The bookings that a heuristic looks at: the nearest, those of a relaxed solution, those that are required."""
    bookings = program.bookings
    booked = np.flatnonzero((x[:bookings] > 0) | (program.required[program.unit[:bookings]] > 0))
    return np.union1d(nearest[nearest < bookings][:most], booked)


def support(x: Floats) -> Booked:
    """What a relaxed solution books, in parts."""
    columns = np.flatnonzero(x > 1e-9)
    return Booked(columns, np.array([Fraction(float(count)) for count in x[columns]], dtype=object))


@dataclass
class Search:
    """The state of one search."""

    program: Program
    layout: Scaled
    gap: Fraction
    clock: highs.Clock
    backend: Backend
    progress: Callable[[Progress], None] | None
    started: float = field(default_factory=time.monotonic)
    bound: Fraction | None = None
    best: Best | None = None
    wanting: tuple[Row, ...] = ()  # rows for single creators that proposals broke
    tangents: tuple[Row, ...] = ()  # that proposals broke: a search of whole bookings keeps them
    enough: Enough | None = None  # whether the best value and the bound, as far as they are known, end it
    clash: bool = True  # whether the rules are looked for that cannot hold together
    polish: bool = True  # whether small gaps are closed further once the one that was asked for is met
    beside: bool = False  # it begins where the search of a like program ended, and ends once the asked gap is met
    exchanged: Callable[[Booked], Booked | None] | None = None  # a plan after exchanges of single bookings
    contradicted: bool = False  # the solver said that there is no plan, and there is one

    def offer(self, x: Floats) -> bool:
        """Take a proposal if it passes every row and beats the best so far; True once the gap is met."""
        plan = self.plan_of(x)
        return self.take(plan) or self.take_bettered(plan)

    def take(self, plan: Booked | None) -> bool:
        """Take a plan, as `offer` does."""
        if plan is not None:
            value = self.program.value(plan)
            if (self.best is None or value > self.best.value) and self.keeps_rules(plan):
                broken = self.program.rows_against(plan)
                if broken:
                    self.wanting += broken
                else:
                    self.best = Best(plan, value)
                    self.report(len(self.program))
        return self.good_enough

    def take_bettered(self, plan: Booked | None) -> bool:
        """Take what exchanges of single bookings make of a plan, which may break a rule."""
        if plan is not None and self.exchanged is not None and not self.clock.over:
            self.take(self.exchanged(plan))
        return self.good_enough

    def cut_off(self, x: Floats) -> bool:
        """Note the tangents by which a proposal reaches more people than it can; whether there are any.

        Searches of whole bookings keep them; what is proved by the relaxation does not need them.
        """
        if not self.program.overlaps or self.good_enough:
            return False
        known = {row.label for row in self.tangents}
        found = self.program.tangents(x, max(FINE, float(self.gap) / 4))
        new = tuple(row for row in found if row.label not in known)
        self.tangents += new
        return bool(new)

    @property
    def searched(self) -> Scaled:
        """The program with the tangents that proposals broke."""
        return self.layout.with_rows(self.tangents) if self.tangents else self.layout

    def plan_of(self, x: Floats) -> Booked | None:
        """What a proposal books, exactly, with the indicators that follow from it."""
        if not np.isfinite(x).all():
            return None
        if self.program.all_whole:
            return self.program.settled(booked(x))
        return exact_plan(self.layout, x, self.clock)

    def keeps_rules(self, plan: Booked | None) -> bool:
        """Whether a proposal passes every row and books every unit as it must and may be."""
        return plan is not None and self.program.keeps_units(plan) and not self.program.failures(plan)

    @property
    def value(self) -> Fraction | None:
        """Of the best plan so far."""
        return None if self.best is None else self.best.value

    @property
    def good_enough(self) -> bool:
        """Whether the plan is within the asked gap of the bound, or what is known is enough."""
        if self.enough is not None and self.enough(self.value, self.bound):
            return True
        if self.best is None or self.bound is None:
            return False
        return self.bound - self.best.value <= self.gap * max(abs(self.best.value), Fraction(self.program.denominator))

    def report(self, columns: int) -> None:
        if self.progress is not None:
            sign, unit = self.program.objective.sign, self.program.denominator
            value = None if self.best is None else float(sign * self.best.value / unit)
            bound = None if self.bound is None else float(sign * self.bound / unit)
            self.progress(Progress(time.monotonic() - self.started, value, bound, columns))
