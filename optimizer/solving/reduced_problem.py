"""What a case can be worth at most: an exact bound over the columns that prices leave free, inside a box."""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from itertools import groupby
from math import floor, lcm

import numpy as np
from scipy import sparse

from optimizer.domain.exact import Flags, Floats, Ints
from optimizer.formulation.program import Program
from optimizer.formulation.terms import Booked
from optimizer.solving import highs, lagrangian_bound
from optimizer.solving.coefficients import Matrix, coefficients, stacked
from optimizer.solving.cutting_planes import Stage
from optimizer.solving.mir_cuts import Side
from optimizer.solving.reduced_cost_fixing import settled
from optimizer.solving.scaling import Scaled, unit_rows

_UNIT_ROUNDOFF = 2.0**-52

Price = float | Fraction  # of a row: as a solver gives it, or exactly


class Box:
    """Bounds on the bookings of the free columns, counted in the program's parts of a booking: a case of a proof.

    In most cases few of many columns may be booked, and a tree holds thousands: only these are held.
    """

    def __init__(self, lower: Ints, upper: Ints) -> None:
        self._size = len(lower)
        self._places = np.flatnonzero((lower > 0) | (upper > 0))
        self._low, self._high = lower[self._places], upper[self._places]

    @property
    def lower(self) -> Ints:
        """The fewest bookings of each free column."""
        return self._spread(self._low)

    @property
    def upper(self) -> Ints:
        """The most bookings of each free column."""
        return self._spread(self._high)

    @property
    def live(self) -> Ints:
        """Which of the free columns may be booked, as places."""
        live: Ints = self._places[self._high > 0]
        return live

    def _spread(self, values: Ints) -> Ints:
        every = np.zeros(self._size, dtype=np.int64)
        every[self._places] = values
        return every

    def at_most(self, column: int, count: int) -> Box:
        """The part of the box with at most so many bookings of a column."""
        found, at = copy(self), self._place(column)
        if at is not None:
            found._high = self._high.copy()
            found._high[at] = min(found._high[at], count)
        return found

    def at_least(self, column: int, count: int) -> Box:
        """The part of the box with at least so many bookings of a column."""
        at = self._place(column)
        if at is None:
            lower = self.lower
            lower[column] = count
            return Box(lower, self.upper)
        found = copy(self)
        found._low = self._low.copy()
        found._low[at] = max(found._low[at], count)
        return found

    def _place(self, column: int) -> int | None:
        at = int(np.searchsorted(self._places, column))
        return at if at < len(self._places) and self._places[at] == column else None


@dataclass(frozen=True, eq=False)
class ReducedProblem:
    """A program with what first prices settle, for plans that are as good as the one known, or better.

    `free` columns are open, those of `fixed` are booked as it says, and no other column can be in such a plan.
    `matrix` (terms, free) has the coefficients of the rows' terms as floats, sparse where most are 0, as in samples of
    people with a row for each of thousands of cells; `rows` (terms,) says whose they are,
    `cost` (free,) what a booking is worth, and `cost_size` the sizes of its terms, which may cancel. `held` is what is
    fixed: its value, and of each row its total. Where the relaxation was tightened, `stages` say how, and `sides` are
    what they give over the free columns; their prices follow those of the rows.
    """

    layout: Scaled
    free: Ints
    fixed: Booked
    matrix: Matrix
    rows: Ints
    cost: Floats
    cost_size: Floats
    held: tuple[int, tuple[int, ...]]
    stages: tuple[Stage, ...] = ()
    sides: tuple[Side, ...] = ()

    @property
    def program(self) -> Program:
        """What is proved about."""
        return self.layout.program

    @property
    def rounds(self) -> bool:
        """Whether rows may be rounded: all bookings are whole."""
        return self.program.all_whole and self.program.parts == 1

    @cached_property
    def whole(self) -> Flags:
        """Which of the free columns are booked in wholes only: cases are split at these alone."""
        return self.program.integral[self.free]

    def box(self) -> Box:
        """All that is open."""
        upper = self.program.most[self.free]
        return Box(np.zeros_like(upper), upper)

    def model(self, box: Box | None = None) -> highs.Model:
        """The relaxation over the free columns, inside a box."""
        program, free, box = self.program, self.free, box or self.box()
        held = np.zeros(len(program))
        held[self.fixed.columns] = self.fixed.counts
        lower, upper = self.layout.bounds(self.layout.totals(held))
        units = np.unique(program.unit[free])
        matrix = sparse.vstack([self.layout.part(free), unit_rows(program, free, units)], format="csr")
        return highs.Model(
            cost=self.layout.cost[free],
            matrix=sparse.csr_array(matrix),
            row_lower=np.concatenate([lower, program.times(program.required[units])]),
            row_upper=np.concatenate([upper, program.times(program.available[units])]),
            lower=program.times(box.lower),
            upper=program.times(box.upper),
        )

    def wider(self, sides: Sequence[Side]) -> ReducedProblem:
        """The same with some more sides."""
        if not sides:
            return self
        first = len(self.program.rows) + len(self.sides)
        return replace(
            self,
            matrix=stacked(self.matrix, [side.values.astype(np.float64) for side in sides]),
            rows=np.concatenate([self.rows, np.arange(first, first + len(sides))]),
            sides=(*self.sides, *sides),
        )

    def spread(self, x: Floats) -> Floats:
        """Values of the free columns, with what is fixed, as those of all columns."""
        every = np.zeros(len(self.program))
        every[self.fixed.columns] = self.fixed.counts
        every[self.free] = x
        return every

    def projected(self, prices: Sequence[float]) -> tuple[float, ...]:
        """Prices of rows and sides, with those set to 0 whose sign is wrong."""
        rows = len(self.program.rows)
        of_sides = (price if 0 < price < np.inf else 0.0 for price in prices[rows:])
        return (*lagrangian_bound.project(self.program, prices[:rows]), *of_sides)

    def plan(self, x: Floats) -> Booked:
        """What whole values of the free columns book, with what is fixed; indicators follow from the bookings."""
        return self.program.settled(self.point(x))

    def point(self, x: Floats) -> Booked:
        """The same, with indicators as `x` has them."""
        counts = np.zeros(len(self.program), dtype=np.int64)
        counts[self.fixed.columns] = self.fixed.counts
        counts[self.free] = np.rint(x).astype(np.int64)
        columns = np.flatnonzero(counts)
        return Booked(columns, counts[columns])

    @cached_property
    def _of_required(self) -> Ints:
        """Free columns of units that must be booked, as places."""
        return np.flatnonzero(self.program.required[self.program.unit[self.free]] > 0)

    def is_empty(self, box: Box) -> bool:
        """Whether a box asks for what cannot be: a unit booked too often, or not as often as it must."""
        unit, lower, upper = self.program.unit[self.free], box.lower, box.upper
        booked = np.flatnonzero(lower)
        if bool((lower[booked] > upper[booked]).any()):
            return True
        units, places = np.unique(unit[booked], return_inverse=True)
        if (np.bincount(places, weights=lower[booked]) > self.program.available[units]).any():
            return True
        units, places = np.unique(unit[self._of_required], return_inverse=True)
        most = np.bincount(places, weights=upper[self._of_required])
        return bool((np.minimum(most, self.program.available[units]) < self.program.required[units]).any())

    def below(self, prices: Sequence[Price], box: Box, limit: Fraction, *, or_at: bool = False) -> bool:
        """Whether prices show that no plan in the box is worth `limit` or more (`or_at`: more than that); exact where
        floats leave a doubt."""
        high = self.at_most(prices, box)
        if high < float(limit) - abs(float(limit)) * 4 * _UNIT_ROUNDOFF:
            return True
        if high >= float(limit) + max(abs(float(limit)) * 1e-6, 1.0):
            return False
        bound = self.bound(prices, box)
        return bound < limit or (or_at and bound == limit)

    def at_most(self, prices: Sequence[Price], box: Box) -> float:
        """What no plan in the box can pass, in floats rounded up beyond any error."""
        return self._at_most(prices, box)[0]

    def _at_most(self, prices: Sequence[Price], box: Box) -> tuple[float, Floats, Floats]:
        """The same, with the reduced costs of the box's live columns and a bound on the error of each."""
        price = np.array(prices, dtype=np.float64)
        limits = np.array([float(limit) for limit in self._limits(prices)], dtype=np.float64)
        with np.errstate(over="ignore", invalid="ignore"):
            rc, error, size = self.reduced(price, box.live)
            best = self._best_of_floats(rc + error, box)
            total = float(price @ limits) + self.held[0] + best
            most = self.program.times(box.upper[box.live])
            sizes = float(np.abs(price) @ np.abs(limits)) + abs(self.held[0]) + float(size @ most)
        high = total + sizes * (2 * (len(self.free) + len(limits) + 16) * _UNIT_ROUNDOFF)
        return high if np.isfinite(high) else np.inf, rc, error

    def narrower(self, prices: Sequence[Price], box: Box, above: Fraction) -> Box:
        """The part of a box in which a plan worth `above` or more can be: what costs more at these prices is left out.

        Of units that are booked once at most, in wholes; whoever reckons exactly leaves out no less.
        """
        high, rc, error = self._at_most(prices, box)
        room = high - float(above) + abs(float(above)) * 4 * _UNIT_ROUNDOFF
        live, units = box.live, self.program.unit[self.free[box.live]]
        if not np.isfinite(room) or not len(units):
            return box
        starts = np.flatnonzero(np.r_[True, units[1:] != units[:-1]])
        unit = np.repeat(np.arange(len(starts)), np.diff(np.r_[starts, len(units)]))
        parts = self.program.parts
        once = (self.program.available[units] == parts) & (np.maximum.reduceat(box.lower[live], starts) == 0)[unit]
        once &= self.whole[live]
        idle = np.where(self.program.required[units[starts]] > 0, -np.inf, 0.0)
        low, top = rc - error, rc + error
        best = np.maximum(np.maximum.reduceat(low, starts), idle)
        out = once & (best[unit] - top > room)
        first = np.flatnonzero(low == best[unit])[::-1]
        leader = np.full(len(starts), -1)
        leader[unit[first]] = first
        others = top.copy()
        others[leader[leader >= 0]] = -np.inf
        second = np.maximum(np.maximum.reduceat(others, starts), idle)
        sure = leader[(leader >= 0) & (best - second > room)]
        sure = sure[once[sure]]
        upper, lower = box.upper, box.lower
        upper[live[out]] = 0
        lower[live[sure]] = parts
        return Box(lower, upper)

    def reduced(self, price: Floats, places: Ints) -> tuple[Floats, Floats, Floats]:
        """Reduced costs of some free columns, a rigorous bound on each one's error, and the size of what was summed."""
        weights = price[self.rows]
        terms = len(self.rows) + len(self.program.costs)
        if sparse.issparse(self.matrix):
            rc = (self.cost - self.matrix.T @ weights)[places]
            size = (self.cost_size + self._sizes.T @ np.abs(weights))[places]
            return rc, size * (2 * (terms + 8) * _UNIT_ROUNDOFF), size
        priced = np.flatnonzero(weights)
        weights = weights[priced]
        matrix = self.matrix[priced] if len(places) == len(self.free) else self.matrix[priced[:, None], places]
        rc = self.cost[places] - weights @ matrix
        size = self.cost_size[places] + np.abs(weights) @ np.abs(matrix)
        return rc, size * (2 * (terms + 8) * _UNIT_ROUNDOFF), size

    @cached_property
    def _sizes(self) -> sparse.csr_array:
        """The sizes of a sparse matrix's coefficients."""
        return abs(sparse.csr_array(self.matrix))

    def _limits(self, prices: Sequence[Price]) -> list[int]:
        """The bound of each row or side that its price belongs to, less what is fixed."""
        found, rows = [], self.program.rows
        for row, price, held in zip(rows, prices, self.held[1], strict=False):
            limit = row.upper if price > 0 else row.lower
            found.append(limit - held if price and limit is not None else 0)
        return found + [side.limit if price else 0 for side, price in zip(self.sides, prices[len(rows) :], strict=True)]

    def _best_of_floats(self, rc: Floats, box: Box) -> float:
        """The most that the units make of reduced costs (of the live columns) inside the box."""
        program, units = self.program, self.program.unit[self.free[box.live]]
        if not len(units):
            return 0.0
        starts = np.flatnonzero(np.r_[True, units[1:] != units[:-1]])
        once = program.available[units[starts]] == program.parts
        best = np.maximum.reduceat(rc, starts)
        best = np.where(program.required[units[starts]] > 0, best, np.maximum(best, 0.0))
        lower, upper = box.lower[box.live], box.upper[box.live]
        must = lower > 0
        if must.any():
            forced = np.maximum.reduceat(np.where(must, rc, -np.inf), starts)
            best = np.where(np.isfinite(forced), forced, best)
        total = float(best[once].sum())
        for at in np.flatnonzero(~once).tolist():
            mine = slice(starts[at], starts[at + 1] if at + 1 < len(starts) else len(units))
            columns = list(zip(rc[mine].tolist(), lower[mine].tolist(), upper[mine].tolist(), strict=True))
            unit = int(units[starts[at]])
            total += _most(columns, int(program.available[unit]), int(program.required[unit])) / program.parts
        return total

    def bound(self, prices: Sequence[Price], box: Box, *, costs: bool = True) -> Fraction:
        """What no plan in the box can pass, exactly; without `costs`, below 0 means that there is none."""
        rc, denominator = self.exactly_reduced(prices, box.live, costs=costs)
        total, units = 0, self.program.unit[self.free[box.live]]
        every = zip(units.tolist(), rc, box.lower[box.live].tolist(), box.upper[box.live].tolist(), strict=True)
        for unit, mine in groupby(every, key=lambda entry: entry[0]):
            columns = [(value, low, high) for _, value, low, high in mine]
            total += int(_most(columns, int(self.program.available[unit]), int(self.program.required[unit])))
        limits = zip(prices, self._limits(prices), strict=True)
        worth = sum((Fraction(price) * limit for price, limit in limits), Fraction(0))
        return worth + (self.held[0] if costs else 0) + Fraction(total, denominator * self.program.parts)

    def exactly_reduced(self, prices: Sequence[Price], places: Ints, *, costs: bool) -> tuple[list[int], int]:
        """Reduced costs of some free columns as integers over one denominator."""
        rows = len(self.program.rows)
        rc, denominator = lagrangian_bound.exact_reduced_costs(self.program, prices[:rows], self.free[places], costs)
        charged = [(Fraction(price), side) for price, side in zip(prices[rows:], self.sides, strict=True) if price]
        if not charged:
            return rc, denominator
        common = lcm(denominator, *(price.denominator for price, _ in charged))
        total = np.array(rc, dtype=object) * (common // denominator)
        for price, side in charged:
            total -= side.values[places].astype(object) * int(price * common)
        return total.tolist(), common


def _most(columns: Sequence[tuple[float, int, int]], available: int, required: int) -> float:
    """The most that one unit makes of its columns (worth, least, most): what it must book, then the best it may; in
    parts of a booking, as these are counted.

    Of whole numbers, the sum is one too.
    """
    total = sum(worth * low for worth, low, _ in columns)
    taken = sum(low for _, low, _ in columns)
    for worth, low, high in sorted(columns, key=lambda entry: -entry[0]):
        room = min(high - low, available - taken)
        wanted = room if worth > 0 else min(room, max(required - taken, 0))
        total += worth * wanted
        taken += wanted
    return total


def settle(layout: Scaled, prices: Sequence[float], bound: Fraction, value: Fraction | None) -> ReducedProblem:
    """What prices leave open for plans that are worth `value` or more; where none is known, everything."""
    program = layout.program
    nothing = Booked(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64))
    if value is None:
        return _cases(layout, np.flatnonzero(program.most > 0), nothing)

    def exactly(columns: Ints) -> tuple[list[int], int]:
        return lagrangian_bound.exact_reduced_costs(program, prices, columns, True)

    room = bound - floor(value)  # in parts, a value may be no whole number
    free, fixed = settled(program, *lagrangian_bound.reduced_costs(program, prices), room, exactly)
    return _cases(layout, free, fixed)


def around(layout: Scaled, x: Floats, free: Ints) -> ReducedProblem:
    """Some columns free, all others booked as a relaxed solution books them, rounded: a part of the program in which to
    search. It proves nothing of the whole.
    """
    counts = np.rint(x).astype(np.int64)
    counts[free] = 0
    fixed = np.flatnonzero(counts)
    return _cases(layout, free, Booked(fixed, counts[fixed]))


def narrowed(cases: ReducedProblem, stage: Stage, sides: tuple[Side, ...], value: Fraction | None) -> ReducedProblem:
    """What the prices of a stage leave open as well, for plans that are worth `value` or more."""
    wide = cases.wider(sides)
    if value is None:
        return replace(wide, stages=(*cases.stages, replace(stage, prices=())))
    program, n = cases.program, len(cases.program)
    most, rc, error = np.zeros_like(program.most), np.zeros(n), np.zeros(n)
    most[cases.free] = program.most[cases.free]
    every = np.arange(len(cases.free))
    rc[cases.free], error[cases.free], _ = wide.reduced(np.array(stage.prices), every)
    room = wide.bound(stage.prices, wide.box()) - value

    def exactly(columns: Ints) -> tuple[list[int], int]:
        return wide.exactly_reduced(stage.prices, np.searchsorted(cases.free, columns), costs=True)

    free, more = settled(replace(program, most=most), rc, error, room, exactly)
    kept, gone = np.searchsorted(cases.free, free), np.searchsorted(cases.free, more.columns)
    left = tuple(
        replace(side, values=side.values[kept], limit=side.limit - _dot(side.values[gone], more.counts))
        for side in wide.sides
    )
    both = np.concatenate([cases.fixed.columns, more.columns])
    order = np.argsort(both, kind="stable")
    fixed = Booked(both[order], np.concatenate([cases.fixed.counts, more.counts])[order])
    return replace(_cases(cases.layout, free, fixed).wider(left), stages=(*cases.stages, stage))


def _dot(values: Ints, counts: Ints) -> int:
    return sum(a * b for a, b in zip(values.tolist(), counts.tolist(), strict=True))


def _cases(layout: Scaled, columns: Ints, fixed: Booked) -> ReducedProblem:
    program = layout.program
    terms = [(at, term) for at, row in enumerate(program.rows) for term in row.terms]
    matrix = coefficients([term for _, term in terms], columns)
    rows = np.array([at for at, _ in terms], dtype=np.int64)
    held = int(program.value(fixed)), tuple(int(row.total(fixed)) for row in program.rows)
    each = [program.objective.sign * term.at(columns) for term in program.costs]
    cost, size = sum(each, np.zeros(len(columns))), sum(map(np.abs, each), np.zeros(len(columns)))
    return ReducedProblem(layout, columns, fixed, matrix, rows, cost, size, held)
