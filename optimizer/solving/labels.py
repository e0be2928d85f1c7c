"""The best plan, or all plans that are worth some least value, by labels: units are decided in turn, many partial plans
at once.

A label is a partial plan with its totals of all rows and what it has lost. By the prices y of the rows, a plan is worth

    U(y)  -  the regret of what it makes of each unit  -  |y_k| times the room that it leaves in the bound of each row k

so a label is dropped where what it loses for sure is more than may be lost, or where a row cannot be kept any more,
whatever follows. The labels that lose least are followed to their end first; each better plan that they lead to leaves
less to lose for all others. What is left is exact. Where prices are nearly right, there are few labels, and this takes
a small part of the time of a search by cases.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import ceil

import numpy as np

from optimizer.domain.exact import Floats, Ints
from optimizer.formulation.program import Program
from optimizer.formulation.terms import STRUCTURE, Booked, Row, Term
from optimizer.solving import lagrangian_bound
from optimizer.solving.clock import Clock
from optimizer.solving.column_generation import relax
from optimizer.solving.label_runs import EXACT, HAIR, NOTHING, TOGETHER, Run, TooManyError, Way
from optimizer.solving.proposals import OPTIMAL
from optimizer.solving.scaling import scaled

MOST = 60_000  # plans that are listed, and labels that are followed together where all are
_TO_A_PLAN = 300  # labels that are followed together until there is a plan
_ROWS_MOST, _COLUMNS_MOST = 200, 20_000  # of more columns, too many plans are nearly tied
_OPEN_FIRST = 40  # columns that the first run leaves open
_RUNS, _MORE = 16, 3  # runs, each of which may lose so many times as much as the one before it
_LOOKED_AT = 200  # plans at once of which it is looked whether they keep rows that are not there yet


@dataclass(frozen=True, eq=False)
class Listed:
    """All plans: `columns` (plans, units) is what each books of each unit, -1 for nothing; `values` (plans,)."""

    columns: Ints
    values: Ints

    def plan(self, at: int) -> Booked:
        """One of the plans."""
        return _plan(self.columns[at])


@dataclass(frozen=True, eq=False)
class Best:
    """The best plan, with its value, and a bound on that of all plans; no plan where none is worth what was asked for,
    or none keeps all rows (`impossible`).
    """

    plan: Booked | None
    value: Fraction | None
    bound: Fraction
    impossible: bool


def is_listable(program: Program) -> bool:
    """Whether plans can be listed: bookings are whole and one of a unit at the most, and no columns follow from them.

    There may be too many labels all the same.
    """
    plain = program.all_whole and program.parts == 1 and not program.indicators and not program.overlaps
    few = len(program.rows) <= _ROWS_MOST and program.bookings <= _COLUMNS_MOST
    return plain and few and not bool((program.available > 1).any())


def best_by_labels(
    program: Program,
    clock: Clock,
    *,
    least: Fraction | None = None,
    enough: Fraction | None = None,
    like: Booked | None = None,
) -> Best | None:
    """The best plan of a program by the prices of its relaxation; see `Labelling.best`. None where it is not known."""
    if not is_listable(program):
        return None
    relaxed = relax(scaled(program), clock)
    if relaxed.status != OPTIMAL or relaxed.prices is None:
        return None
    prices = lagrangian_bound.project(program, relaxed.prices)
    bound = lagrangian_bound.upper_bound(program, prices)
    return Labelling(program, prices, bound).best(least=least, enough=enough, like=like, clock=clock)


@dataclass(frozen=True, eq=False)
class Labelling:
    """The plans of a program that `is_listable`, by prices whose sum U(y) is `bound`."""

    program: Program
    prices: tuple[float, ...]
    bound: Fraction

    def best(
        self,
        *,
        least: Fraction | None = None,
        enough: Fraction | None = None,
        like: Booked | None = None,
        clock: Clock | None = None,
    ) -> Best | None:
        """The best plan; None where there are too many labels to know it.

        At first little may be lost, then more and more, until there is a plan.

        Parameters
        ----------
        least
            What it must be worth, in the program's units.
        enough
            Any plan that is worth so much will do.
        like
            Of plans that are worth as much, the one with the fewest bookings that differ from this one.
        clock
            Says when to give up; asked before each run.
        """
        room, target = self._first_room, _Target(self.program, enough, like)
        for _ in range(_RUNS):
            if clock is not None and clock.over:
                return None
            last = least is not None and room >= self.bound - least
            low = least if last and least is not None else self.bound - room
            run = self._run(low, ())
            if run is None:
                return None
            followed = run.follow(target)
            if target.reached:
                return Best(target.plan, target.value, self.bound, impossible=False)
            if not followed:
                return None
            if target.plan is not None and target.value is not None:
                return Best(target.plan, target.value, target.value, impossible=False)
            if run.every or last:
                return Best(None, None, Fraction(ceil(low) - 1), impossible=run.every)
            room *= _MORE
        return None

    def listed(self, least: Fraction, more: Sequence[tuple[tuple[Term, ...], Fraction]] = ()) -> Listed | None:
        """All plans that keep the program's rows and are worth `least`; None where there are too many.

        Parameters
        ----------
        more
            Terms of further goals, each with what a plan must be worth by them.
        """
        run, every = self._run(least, more), _Every(self.program)
        return every.listed if run is not None and run.follow(every) else None

    def _run(self, least: Fraction, more: Sequence[tuple[tuple[Term, ...], Fraction]]) -> Run | None:
        """A run over the columns of plans that are worth `least`; None where sums are not exact."""
        program, (column, idle, doubt) = self.program, self._costs
        room = max(float(self.bound - least), 0.0) + doubt
        room += HAIR * room
        columns = np.flatnonzero(column <= room)
        worth = tuple(term.times(program.objective.sign) for term in program.costs)
        aims = [(worth, least), *more]
        rows = [*program.rows, *(Row(STRUCTURE, terms, ceil(low), None) for terms, low in aims)]
        matrix = _matrix(rows, columns)
        if matrix is None:
            return None
        prices = np.array([*self.prices, *[0.0] * len(aims)])
        whole = bool((column[program.most > 0] <= room).all() and (idle[np.isfinite(idle)] <= room).all())
        return Run(
            rows, prices, len(program.rows), matrix, columns, _ways(program, column, idle, columns, room), room, whole
        )

    @cached_property
    def _costs(self) -> tuple[Floats, Floats, float]:
        """What is lost by booking a column (n,), and by booking nothing of a unit (m,); and by how much that may be
        wrong, summed up.
        """
        program = self.program
        rc, error = lagrangian_bound.reduced_costs(program, self.prices)
        column, _ = lagrangian_bound.regrets(program, rc)
        possible = program.most > 0
        column = np.where(possible & np.isfinite(column), column, np.inf)
        idle, doubt = np.zeros(len(program.available)), np.zeros(len(program.available))
        np.maximum.at(idle, program.unit[possible], rc[possible])
        np.maximum.at(doubt, program.unit[possible], error[possible])
        idle[program.required > 0] = np.inf
        return column, idle, 4 * float(doubt.sum())

    @cached_property
    def _first_room(self) -> Fraction:
        """So much that some columns are open."""
        column, idle, _ = self._costs
        ways = np.concatenate([column[np.isfinite(column)], idle[np.isfinite(idle)]])
        ways = np.sort(ways[ways > 0])
        return max(Fraction(float(ways[:_OPEN_FIRST][-1])), Fraction(1)) if len(ways) else Fraction(1)


class _Every:
    """Collects all plans that a run leads to; all labels are followed together. The program has all of its rows."""

    together, splits = MOST, False

    def __init__(self, program: Program) -> None:
        self._units, self._found, self._count = len(program.available), list[tuple[Ints, Ints]](), 0

    def take(self, columns: Ints, values: Ints) -> int | None:
        """Take some plans."""
        self._found.append((columns, values))
        return None

    @property
    def reached(self) -> bool:
        """Whether no more are wanted."""
        return False

    @property
    def listed(self) -> Listed:
        """All of them."""
        if not self._found:
            return Listed(np.zeros((0, self._units), dtype=np.int64), np.zeros(0, dtype=np.int64))
        columns, values = (np.concatenate(one) for one in zip(*self._found, strict=True))
        return Listed(columns, values)


class _Target:
    """Keeps the best plan that a run leads to; of those that are worth as much, the one most `like` another."""

    splits = True

    def __init__(self, program: Program, enough: Fraction | None, like: Booked | None) -> None:
        self.program, self.enough, self.like = program, enough, like
        self.plan: Booked | None = None
        self.value: Fraction | None = None
        self._common = 0

    @property
    def together(self) -> int:
        """How many labels are followed together."""
        return _TO_A_PLAN if self.value is None else TOGETHER

    @property
    def reached(self) -> bool:
        """Whether the plan is worth enough."""
        return self.enough is not None and self.value is not None and self.value >= self.enough

    def take(self, columns: Ints, values: Ints) -> int | None:
        """Take the best of some plans that keeps the rows too that are only added where they are broken; what plans
        must be worth from now on, if that is known.
        """
        common = np.zeros(len(values))
        if self.like is not None:  # the fewest bookings that only one of the two has
            common = 2 * np.isin(columns, self.like.columns).sum(axis=1) - (columns >= 0).sum(axis=1)
        for at in np.lexsort((-common, -values))[:_LOOKED_AT].tolist():
            if self.value is not None and (int(values[at]), common[at]) <= (self.value, self._common):
                break
            plan = _plan(columns[at])
            if not self.program.rows_against(plan):
                if not self.program.keeps_units(plan) or self.program.failures(plan):
                    raise AssertionError("a plan that was found by labels breaks a row")
                self.plan, self.value, self._common = plan, Fraction(int(values[at])), int(common[at])
                break
        else:
            if len(values) > _LOOKED_AT:
                raise TooManyError
        return None if self.value is None else int(self.value)


def _ways(program: Program, column: Floats, idle: Floats, columns: Ints, room: float) -> list[Way]:
    """All that may be made of each unit that is not sure to be left; what is as good as certain comes first. None of a
    unit that must be booked and cannot be.
    """
    units = program.unit[columns]
    starts = np.flatnonzero(np.diff(units, prepend=-1))
    found = []
    for start, end in zip(starts.tolist(), [*starts[1:].tolist(), len(units)], strict=False):
        places, regrets, lost = np.arange(start, end), column[columns[start:end]], float(idle[units[start]])
        if lost <= room:
            places, regrets = np.append(places, NOTHING), np.append(regrets, lost)
        found.append(Way(places, regrets))
    there = np.zeros(len(program.available), dtype=np.bool_)
    there[units] = True
    if bool((~there & (idle > room)).any()):
        found.append(Way(np.zeros(0, dtype=np.int64), np.zeros(0)))
    return sorted(found, key=lambda way: -way.second)


def _plan(columns: Ints) -> Booked:
    """What a plan books of each unit, as a plan."""
    mine = np.sort(columns[columns >= 0])
    return Booked(mine, np.ones(len(mine), dtype=np.int64))


def _matrix(rows: Sequence[Row], columns: Ints) -> Ints | None:
    """The coefficients of rows in some columns as integers (rows, columns); None where sums of them are not exact."""
    found = np.zeros((len(rows), len(columns)), dtype=np.int64)
    if any(abs(limit) >= EXACT for row in rows for limit in (row.lower, row.upper) if limit is not None):
        return None
    for at, row in enumerate(rows):
        size = 0
        for term in row.terms:
            values = term.of(columns)
            size += int(np.abs(values).max(initial=0)) * abs(term.multiplier) * len(columns)
            if size >= EXACT:
                return None
            found[at] += values * term.multiplier
    return found
