"""What a case can be worth at most: an exact bound over the columns that prices leave free, inside a box."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import groupby

import numpy as np
from scipy import sparse

from optimizer.domain.exact import Floats, Ints
from optimizer.formulation.program import Program
from optimizer.formulation.terms import Booked
from optimizer.solving import highs, pricing
from optimizer.solving.scaling import Scaled, unit_rows

_UNIT_ROUNDOFF = 2.0**-52


@dataclass(frozen=True, eq=False)
class Box:
    """Bounds on the bookings of the free columns: a case of a proof."""

    lower: Ints
    upper: Ints

    def at_most(self, column: int, count: int) -> Box:
        """The part of the box with at most so many bookings of a column."""
        upper = self.upper.copy()
        upper[column] = min(upper[column], count)
        return replace(self, upper=upper)

    def more_than(self, column: int, count: int) -> Box:
        """The part of the box with more than so many bookings of a column."""
        lower = self.lower.copy()
        lower[column] = max(lower[column], count + 1)
        return replace(self, lower=lower)


@dataclass(frozen=True, eq=False)
class Cases:
    """A program with what first prices settle, for plans that are as good as the one known, or better.

    `free` columns are open, those of `fixed` are booked as it says, and no other column can be in such a plan.
    `matrix` (terms, free) has the coefficients of the rows' terms as floats, `rows` (terms,) says whose they are,
    `cost` (free,) what a booking is worth, and `cost_size` the sizes of its terms, which may cancel. `held` is what is
    fixed: its value, and of each row its total.
    """

    layout: Scaled
    free: Ints
    fixed: Booked
    matrix: Floats
    rows: Ints
    cost: Floats
    cost_size: Floats
    held: tuple[int, tuple[int, ...]]

    @property
    def program(self) -> Program:
        """What is proved about."""
        return self.layout.program

    def box(self) -> Box:
        """All that is open."""
        upper = self.program.most[self.free]
        return Box(np.zeros_like(upper), upper)

    def model(self) -> highs.Model:
        """The relaxation over the free columns."""
        program, free = self.program, self.free
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
            lower=np.zeros(len(free)),
            upper=program.times(program.most[free]),
        )

    def plan(self, x: Floats) -> Booked:
        """What whole values of the free columns book, with what is fixed."""
        counts = np.zeros(len(self.program), dtype=np.int64)
        counts[self.fixed.columns] = self.fixed.counts
        counts[self.free] = np.rint(x).astype(np.int64)
        columns = np.flatnonzero(counts)
        return self.program.settled(Booked(columns, counts[columns]))

    def is_empty(self, box: Box) -> bool:
        """Whether a box asks for what cannot be: a unit booked too often, or not as often as it must."""
        if bool((box.lower > box.upper).any()):
            return True
        program = self.program
        size, units = len(program.available), program.unit[self.free]
        least, most = (np.bincount(units, weights=counts, minlength=size) for counts in (box.lower, box.upper))
        mine = np.bincount(units, minlength=size) > 0
        return bool((mine & ((least > program.available) | (most < program.required))).any())

    def below(self, prices: Sequence[float], box: Box, limit: Fraction) -> bool:
        """Whether prices show that no plan in the box is worth `limit` or more; exact where floats leave a doubt."""
        high = self.at_most(prices, box)
        if high < float(limit) - abs(float(limit)) * 4 * _UNIT_ROUNDOFF:
            return True
        return high < float(limit) + abs(float(limit)) * 1e-6 and self.bound(prices, box) < limit

    def at_most(self, prices: Sequence[float], box: Box) -> float:
        """What no plan in the box can pass, in floats rounded up beyond any error."""
        price = np.array(prices, dtype=np.float64)
        limits = np.array([float(limit) for limit in self._limits(prices)], dtype=np.float64)
        with np.errstate(over="ignore", invalid="ignore"):
            weights = price[self.rows]
            rc = self.cost - weights @ self.matrix
            size = self.cost_size + np.abs(weights) @ np.abs(self.matrix)
            terms = len(self.rows) + len(self.program.costs)
            best = self._best_of_floats(rc + size * (2 * (terms + 8) * _UNIT_ROUNDOFF), box)
            total = float(price @ limits) + self.held[0] + best
            sizes = float(np.abs(price) @ np.abs(limits)) + abs(self.held[0]) + float(size @ box.upper)
        high = total + sizes * (2 * (len(self.free) + len(limits) + 16) * _UNIT_ROUNDOFF)
        return high if np.isfinite(high) else np.inf

    def _limits(self, prices: Sequence[float]) -> list[int]:
        """The bound of each row that its price belongs to, less what is fixed."""
        found = []
        for row, price, held in zip(self.program.rows, prices, self.held[1], strict=True):
            limit = row.upper if price > 0 else row.lower
            found.append(limit - held if price and limit is not None else 0)
        return found

    def _best_of_floats(self, rc: Floats, box: Box) -> float:
        """The most that the units make of reduced costs inside the box."""
        program, units = self.program, self.program.unit[self.free]
        if not len(units):
            return 0.0
        starts = np.flatnonzero(np.r_[True, units[1:] != units[:-1]])
        once = program.available[units[starts]] == 1
        best = np.maximum.reduceat(np.where(box.upper > 0, rc, -np.inf), starts)
        best = np.where(program.required[units[starts]] > 0, best, np.maximum(best, 0.0))
        must = box.lower > 0
        if must.any():
            forced = np.maximum.reduceat(np.where(must, rc, -np.inf), starts)
            best = np.where(np.isfinite(forced), forced, best)
        total = float(best[once].sum())
        for at in np.flatnonzero(~once).tolist():
            mine = slice(starts[at], starts[at + 1] if at + 1 < len(starts) else len(units))
            total += self._unit_best(int(units[starts[at]]), rc[mine].tolist(), box, mine)
        return total

    def _unit_best(self, unit: int, rc: list[float], box: Box, mine: slice) -> float:
        columns = list(zip(rc, box.lower[mine].tolist(), box.upper[mine].tolist(), strict=True))
        return _most(columns, int(self.program.available[unit]), int(self.program.required[unit]))

    def bound(self, prices: Sequence[float], box: Box, *, costs: bool = True) -> Fraction:
        """What no plan in the box can pass, exactly; without `costs`, below 0 means that there is none."""
        rc, denominator = pricing.exact_reduced_costs(self.program, prices, self.free, costs)
        total, units = 0, self.program.unit[self.free]
        every = zip(units.tolist(), rc, box.lower.tolist(), box.upper.tolist(), strict=True)
        for unit, mine in groupby(every, key=lambda entry: entry[0]):
            columns = [(value, low, high) for _, value, low, high in mine]
            total += int(_most(columns, int(self.program.available[unit]), int(self.program.required[unit])))
        limits = zip(map(Fraction, prices), self._limits(prices), strict=True)
        worth = sum((price * limit for price, limit in limits), Fraction(0))
        return worth + (self.held[0] if costs else 0) + Fraction(total, denominator)


def _most(columns: Sequence[tuple[float, int, int]], available: int, required: int) -> float:
    """The most that one unit makes of its columns (worth, least, most): what it must book, then the best it may.

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


def settle(layout: Scaled, prices: Sequence[float], bound: Fraction, value: Fraction | None) -> Cases:
    """What prices leave open for plans that are worth `value` or more; where none is known, everything."""
    program = layout.program
    free, count = program.most > 0, np.zeros(len(program), dtype=np.int64)
    if value is not None:
        room = max(float(bound - value), 0.0) * (1 + 1e-9)
        rc, error = pricing.reduced_costs(program, prices)
        column, keep = pricing.regrets(program, rc)
        doubt = np.zeros(len(program.available))
        np.maximum.at(doubt, program.unit, 4 * error)
        kept = (keep - doubt > room)[program.unit]
        booked = kept & (column == 0) & free
        count[booked] = program.available[program.unit[booked]]
        free &= ~kept & ~(column - doubt[program.unit] > room)
    columns, fixed = np.flatnonzero(free), np.flatnonzero(count)
    terms = [(at, term) for at, row in enumerate(program.rows) for term in row.terms]
    matrix = np.zeros((len(terms), len(columns)))
    for number, (_, term) in enumerate(terms):
        matrix[number] = term.at(columns)
    rows = np.array([at for at, _ in terms], dtype=np.int64)
    plan = Booked(fixed, count[fixed])
    held = int(program.value(plan)), tuple(int(row.total(plan)) for row in program.rows)
    each = [program.objective.sign * term.at(columns) for term in program.costs]
    cost, size = sum(each, np.zeros(len(columns))), sum(map(np.abs, each), np.zeros(len(columns)))
    return Cases(layout, columns, plan, matrix, rows, cost, size, held)
