"""A core: columns among which whole bookings are searched, all others held."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from scipy import sparse

from optimizer.domain.exact import Floats, Ints
from optimizer.formulation.program import Program
from optimizer.formulation.terms import Booked
from optimizer.solving import highs, lagrangian_bound
from optimizer.solving.no_good_cuts import Cut, against_rows, with_cuts
from optimizer.solving.reduced_problem import ReducedProblem
from optimizer.solving.scaling import Scaled, unit_rows
from optimizer.solving.search import Search

WHOLE_MOST = 5_000  # columns that go to the whole-number search all at once
CORE_FIRST, CORE_MOST = 100, 20_000  # of larger programs: few columns are searched deep, before many are
_CORE_OF_PEOPLE = 1_500
_CORE_OF_PARTS = 2_000  # where bookings may be parts, of which there is no deep search
OPEN_MOST = 1_000  # columns that go there together, where no others are open
_LIFTED = 2.0**10  # costs in a search of whole bookings, which takes for equal what differs by less than 1e-9
_REPAIRS = 25  # rounds in which a proposal broke a row by less than the solver can see
_TANGENTS = 12  # times a search begins anew because its best proposal reaches more people than it can


def everything(program: Program) -> RestrictedColumns:
    """A core of the whole program."""
    return RestrictedColumns(np.arange(len(program)), np.zeros(len(program)), True)


def open_in(cases: ReducedProblem) -> RestrictedColumns:
    """A core of all that a proof leaves open."""
    held = np.zeros(len(cases.program))
    held[cases.fixed.columns] = cases.fixed.counts
    return RestrictedColumns(cases.free, held, True)


def first_size(program: Program, splits: bool) -> int:
    """How many columns the first core has; where cases can be split (`splits`), few.

    Where people are counted once, what a booking adds depends on all others of its cell, so that few hold no good plan.
    """
    return (_CORE_OF_PEOPLE if program.overlaps else CORE_FIRST) if splits else _CORE_OF_PARTS


def next_size(program: Program, size: int, splits: bool) -> int:
    """How many the next one has: some more, with which another search finds other plans; or many more."""
    return size * 7 // 5 if splits and not program.overlaps else 8 * size // 3 if splits else 4 * size


@dataclass(frozen=True)
class RestrictedColumns:
    """Free columns, what is held of the others (n,), and whether all that a better plan could use are among them.

    `near` are the columns nearest to a tie, nearest first, where they are other than at the prices of the relaxation.
    """

    columns: Ints
    held: Floats
    complete: bool
    near: Ints | None = None

    def starting(self, plan: Booked) -> Floats | None:
        """A plan as values of the free columns; None where it is not one that the core allows."""
        whole = np.zeros(len(self.held))
        whole[plan.columns] = plan.counts.astype(np.float64)
        inside = np.zeros(len(whole), dtype=np.bool_)
        inside[self.columns] = True
        return whole[self.columns] if np.array_equal(whole[~inside], self.held[~inside]) else None


@dataclass(frozen=True, eq=False)
class Ranked:
    """How far all columns are from a tie at the prices of the relaxation, whose sum is `bound`.

    `near` (n,) is what it costs to book a column, or to leave it where it is its unit's best choice; `regret` (n,) only
    the first. `order` has the nearest columns, nearest first.
    """

    prices: tuple[float, ...]
    bound: Fraction
    near: Floats
    regret: Floats
    order: Ints

    def open_at(self, value: Fraction) -> int:
        """How many columns a plan worth `value` or more may differ in, nearly."""
        return int(np.count_nonzero(self.near <= self._room(value)))

    def needed(self, value: Fraction | None) -> np.ndarray:
        """Those columns; without a value, all.

        A column whose regret exceeds bound - value can be in no better plan; a unit whose best choice is worth more
        than that keeps it.
        """
        return np.ones(len(self.near), dtype=np.bool_) if value is None else self.near <= self._room(value)

    def _room(self, value: Fraction) -> float:
        return float(self.bound - value) * (1 + 1e-9)


def ranked(program: Program, prices: tuple[float, ...], bound: Fraction, rc: Floats | None = None) -> Ranked:
    """Rank all columns by their reduced costs, where these are not known in one pass over all columns."""
    if rc is None:
        rc, _ = lagrangian_bound.reduced_costs(program, prices)
    regret, keep = lagrangian_bound.regrets(program, rc)
    near = np.where(regret == 0, keep[program.unit], regret)
    return Ranked(prices, bound, near, regret, _nearest_first(near, CORE_MOST))


def _nearest_first(near: Floats, most: int) -> Ints:
    """The nearest columns; of many, only these are sorted. Which come first among equals is the same each time."""
    if len(near) <= most:
        return np.argsort(near, kind="stable")
    limit = np.partition(near, most - 1)[most - 1]
    few = np.flatnonzero(near <= limit)
    return few[np.argsort(near[few], kind="stable")][:most]


def nearest(search: Search, ranks: Ranked, x: Floats, size: int) -> RestrictedColumns:
    """The columns nearest to a tie, and whatever the relaxation leaves fractional; the others held as relaxed."""
    program = search.program
    needed = ranks.needed(search.value)
    free = np.abs(x - np.rint(x)) > 1e-7
    free[program.bookings :] = True  # indicators follow from what is booked
    complete = int(np.count_nonzero(needed)) <= max(size, OPEN_MOST) or size > CORE_MOST
    free[np.flatnonzero(needed) if complete else ranks.order[:size]] = True
    held = np.where(free, 0.0, np.where(program.whole, np.rint(x), x))
    return RestrictedColumns(np.flatnonzero(free), held, complete)


class RestrictedMip:
    """A search of whole bookings among the columns of a core, which goes on where it was left.

    A proposal that breaks a row by less than the solver's tolerance is cut off, with all others that break this row for
    the same reason, and the search begins anew: nothing that keeps the rules is ever cut off.

    It begins with the best plan so far, and ends within half of the gap that is asked for, so that a bound may be as
    far away. Where it is `alone`, it does what the solver would do by itself: it begins with no plan, for over a whole
    program the solver's own first plans are better than what a rounded relaxation keeps it from looking for; and it
    ends within the gap, for the gap steers its search.
    """

    def __init__(
        self, search: Search, core: RestrictedColumns, nodes: int | None = None, *, alone: bool = False
    ) -> None:
        self._search, self._core, self._nodes, self.alone = search, core, nodes, alone
        self._cuts: list[Cut] = []
        self._run: highs.Run | None = None
        self._repairs = self._tangents = 0

    @property
    def columns(self) -> Ints:
        """Among which it searches."""
        return self._core.columns

    def __enter__(self) -> RestrictedMip:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the solver."""
        if self._run is not None:
            self._run.close()
            self._run = None

    def go(self, rounds: int | None = None) -> tuple[str, Booked | None]:
        """Search on, to the end, or for so many rounds: how it ended (`STOPPED`: it has not), and the plan that the
        core is best booked with so far, which need not keep every rule.
        """
        search = self._search
        while self._repairs < _REPAIRS:
            answer = self._asked(rounds)
            if answer is None:
                return highs.STOPPED, None
            plan = None if answer.x is None else search.plan_of(self._spread(answer.x))
            if plan is None or search.clock.over or search.good_enough:
                return answer.status, plan
            if search.take(plan):
                return answer.status, plan
            cut_off = self._tangents < _TANGENTS and search.cut_off(self._spread(answer.x))
            if not cut_off and search.keeps_rules(plan):
                return answer.status, plan
            if cut_off:
                self.close()
                self._tangents += 1
                continue
            if not search.program.all_whole:
                break  # of parts there is no next smaller one
            self.close()
            self._repairs += 1
            self._cuts += against_rows(search.layout, self._core.columns, self._spread(answer.x))
        return highs.FAILED, None

    def _spread(self, found: Floats | None) -> Floats:
        whole = self._core.held.copy()
        if found is not None:
            whole[self._core.columns] = found[: len(self._core.columns)]
        return whole

    def _offer(self, found: Floats) -> bool:
        return self._search.offer(self._spread(found))

    def _asked(self, rounds: int | None) -> highs.Answer | None:
        """What the solver says; of another one than HiGHS, "there is none" counts only if HiGHS says so too."""
        search, core = self._search, self._core
        gap = float(search.gap) if self.alone else _relative_gap(search, core)
        if search.backend is highs.solve:
            if self._run is None:
                start = core.starting(search.best.plan) if search.best is not None and not self.alone else None
                model = model_of(search.searched, core, self._cuts)
                self._run = highs.Run(model, search.clock, relative_gap=gap, nodes=self._nodes, start=start)
            return self._run.go(self._offer, rounds)
        model = model_of(search.searched, core, self._cuts)
        answer = search.backend(model, search.clock, relative_gap=gap, on_solution=self._offer)
        if answer.status != highs.INFEASIBLE:
            return answer
        second = highs.solve(model, search.clock, relative_gap=gap, on_solution=self._offer)
        search.contradicted |= second.x is not None
        return second


def _relative_gap(search: Search, core: RestrictedColumns) -> float:
    """Half of the gap that is asked for, as a fraction of what the core is worth."""
    gap = float(search.gap) / 2
    if search.value is None or not gap:
        return gap
    booked = np.flatnonzero(core.held)
    held = float(search.layout.cost[booked] @ core.held[booked]) / search.layout.cost_scale
    total = float(search.value)
    return min(gap * abs(total) / max(abs(total - held), abs(total) * 1e-3, 1.0), 0.5)


def model_of(layout: Scaled, core: RestrictedColumns, cuts: Sequence[Cut] = ()) -> highs.Model:
    """The core as a model, with the rows that were cut so far. A unit of one column that may be left has no row."""
    program, columns, held = layout.program, core.columns, core.held
    lower, upper = layout.bounds(layout.totals(held))
    size, mine = len(program.available), program.unit[columns]
    taken = np.bincount(program.unit, weights=held, minlength=size)
    room, must = (program.times(counts) - taken for counts in (program.available, program.required))
    count = np.bincount(mine, minlength=size)
    units = np.flatnonzero((count > 1) | ((count > 0) & (must > 0)))
    matrix = sparse.vstack([layout.part(columns), unit_rows(program, columns, units)], format="csr")
    model = highs.Model(
        cost=layout.cost[columns] * _LIFTED,
        matrix=sparse.csr_array(matrix),
        row_lower=np.concatenate([lower, np.maximum(must[units], 0.0)]),
        row_upper=np.concatenate([upper, room[units]]),
        lower=np.zeros(len(columns)),
        upper=np.minimum(program.times(program.most[columns]), room[mine]).clip(min=0.0),
        whole=program.integral[columns],
    )
    return with_cuts(model, cuts)
