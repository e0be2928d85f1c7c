"""Proofs as a reader works them out again: in plain integers and fractions, beside every plan of a small program."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import groupby, product
from math import comb, prod

import numpy as np

from optimizer.domain.exact import Flags, Ints
from optimizer.formulation.program import Program
from optimizer.formulation.terms import Booked
from optimizer.solving import lagrangian_bound
from optimizer.solving.branch import Case
from optimizer.solving.column_generation import relax
from optimizer.solving.cutting_planes import tightened
from optimizer.solving.highs import Clock
from optimizer.solving.mir_cuts import Rounding
from optimizer.solving.reduced_problem import Box, ReducedProblem, narrowed, settle
from optimizer.solving.scaling import scaled
from tests.support.programs import RowOf, program_from, program_of
from tests.support.scenarios import scenario

NEVER = Clock()
BITS = 36
PlainSide = tuple[list[int], int]
MOST_POINTS = 6_000


# --- programs and all of their plans ---


def drawn_program(name: str) -> Program:
    """A small program of plain numbers: several offers per unit, units that are booked often or must be, amounts of
    either sign, equalities; to be made large or small."""
    rng = random.Random(name)
    while True:
        units = rng.choice([rng.randint(1, 5), rng.randint(6, 11)])
        offers = [rng.choice([1, 1, 2, 3]) for _ in range(units)]
        available = [rng.choice([1, 1, 1, 1, 2, 4]) for _ in range(units)]
        if prod(comb(many + few, few) for many, few in zip(available, offers, strict=True)) <= MOST_POINTS:
            break
    unit = np.repeat(np.arange(units), offers)
    n = len(unit)
    size = rng.choice([3, 9, 30, 1000, 10**9])
    low = rng.choice([0, 0, 0, -size // 2])
    target = [0] * n
    for at in range(units):
        if rng.random() < 0.7:
            target[rng.choice(np.flatnonzero(unit == at).tolist())] = rng.randint(1, available[at])
    rows: list[RowOf] = []
    for _ in range(rng.choice([1, 1, 2, 3])):
        values = [rng.randint(low, size) for _ in range(n)]
        if rng.random() < 0.2:
            values = [2 * value for value in values]
        total = sum(a * b for a, b in zip(values, target, strict=True)) + rng.choice([0, 0, 0, 1, -1])
        slack = rng.choice([0, 0, 1, size // 3, size])
        least, most = rng.choice([(None, total + slack), (None, total + slack), (total - slack, None), (total, total)])
        rows.append((values, least, most))
    low = rng.choice([0, 1, -size])
    costs = [rng.randint(low, size) for _ in range(n)]
    if rng.random() < 0.5:  # worth nearly what it takes of a row: the hardest
        costs = [value + rng.randint(0, max(size // 10, 1)) for value in rows[0][0]]
    coarse = rng.choice([1, 1, 1, 100])
    sense = rng.choice(["maximize", "maximize", "minimize"])
    program = program_from([coarse * cost for cost in costs], rows, available=[1] * n, sense=sense)
    required = [rng.randint(0, many) if rng.random() < 0.15 else 0 for many in available]
    program = replace(program, unit=unit, available=np.array(available), required=np.array(required))
    return program.relaxed(program.rows)


def said_program(name: str) -> Program | None:
    """The program of a random scenario, with switches, segments and rules over single creators; None where bookings
    are parts or plans are many."""
    program = program_of(*scenario(name, sizes=(3, 6), words=("logic", "segments", "each"))).with_all_rows()
    if not program.all_whole or program.parts != 1:
        return None
    offers = Counter(program.unit[: program.bookings].tolist())
    ways = prod(comb(int(program.available[unit]) + few, few) for unit, few in offers.items())
    return program if ways <= MOST_POINTS else None


def coefficients(program: Program) -> np.ndarray:
    """Of all rows, in Python's integers; the last one is what a booking is worth."""
    n, sign = len(program), program.objective.sign
    rows = [[row.coefficient(at) for at in range(n)] for row in program.rows]
    worth = [sign * sum(term.coefficient(at) for term in program.costs) for at in range(n)]
    found = np.zeros((len(rows) + 1, n), dtype=object)
    found[:] = [*rows, worth]
    return found


@dataclass(frozen=True)
class Plans:
    """All plans of a program that keep its rules, (plans, n), and what each is worth; and all other bookings (`broken`)
    that keep to what the units may and must."""

    points: Ints
    values: list[int]
    broken: Ints

    @property
    def best(self) -> Fraction | None:
        return Fraction(max(self.values)) if self.values else None

    def worth(self, least: Fraction | None) -> Ints:
        """Those worth so much or more."""
        return self.points[[least is None or value >= least for value in self.values]]


def plans_of(program: Program) -> Plans:
    """Every plan, by looking at all bookings; with switches as they follow."""
    ways = []
    for unit in range(len(program.available)):
        columns = np.flatnonzero(program.unit[: program.bookings] == unit)
        if len(columns):
            counts = product(*(range(int(program.most[column]) + 1) for column in columns))
            low, high = int(program.required[unit]), int(program.available[unit])
            ways.append([one for one in counts if low <= sum(one) <= high])
    points = np.zeros((prod(map(len, ways)), len(program)), dtype=np.int64)
    if len(points):
        points[:, : program.bookings] = [sum(one, ()) for one in product(*ways)]
    for switch in program.indicators:
        points[:, switch.column] = points[:, switch.members].sum(axis=1) >= switch.at
    matrix = coefficients(program)
    totals = points.astype(object) @ matrix.T
    kept = np.ones(len(points), dtype=np.bool_)
    for at, row in enumerate(program.rows):
        kept &= np.array([row.lower is None or total >= row.lower for total in totals[:, at]], dtype=np.bool_)
        kept &= np.array([row.upper is None or total <= row.upper for total in totals[:, at]], dtype=np.bool_)
    return Plans(points[kept], totals[kept, -1].tolist(), points[~kept])


def root(program: Program) -> tuple[tuple[float, ...], Fraction]:
    """Prices of the relaxation, and what they prove."""
    relaxed = relax(scaled(program), NEVER)
    prices = lagrangian_bound.project(program, relaxed.prices or [0.0] * len(program.rows))
    return prices, lagrangian_bound.upper_bound(program, prices)


def opened(program: Program, value: Fraction | None, *, tight: bool = True) -> tuple[ReducedProblem, tuple[float, ...]]:
    """What prices leave open for plans worth `value` or more, after the relaxation was tightened or as it is."""
    layout, (prices, bound) = scaled(program), root(program)
    cases = settle(layout, prices, bound, value)
    if not tight:
        return cases, prices
    regret, _ = lagrangian_bound.regrets(program, lagrangian_bound.reduced_costs(program, prices)[0])
    goal = -np.inf if value is None else float(value - cases.held[0]) * layout.cost_scale
    found = tightened(layout, cases.free, cases.held[1], regret[cases.free], goal, NEVER)
    if found is None:
        return cases, prices
    return narrowed(cases, *found, value), found[0].prices


# --- sides and roundings in plain integers ---


def keeps(values: Sequence[int], limit: int, points: Ints) -> Flags:
    """Which points keep a side."""
    totals = points.astype(object) @ np.array([int(value) for value in values], dtype=object)
    return np.array([total <= limit for total in totals], dtype=np.bool_)


def brought_to_size(values: list[int], limit: int) -> PlainSide:
    """A side with a largest coefficient of `BITS` bits, rounded down."""
    power = BITS - max((abs(value).bit_length() for value in values), default=0)
    factor = Fraction(2) ** power
    return [int(value * factor // 1) for value in values], int(limit * factor // 1)


def sides_again(program: Program, columns: Sequence[int], held: Sequence[int]) -> list[PlainSide]:
    """The sides of all rows and units over some columns."""
    found = []
    for row, used in zip(program.rows, held, strict=True):
        values = [row.coefficient(column) for column in columns]
        if row.upper is not None:
            found.append(brought_to_size(values, row.upper - used))
        if row.lower is not None:
            found.append(brought_to_size([-value for value in values], used - row.lower))
    for unit in sorted({int(program.unit[column]) for column in columns}):
        mine = [int(program.unit[column] == unit) for column in columns]
        if sum(mine) > 1:
            found.append(brought_to_size(mine, int(program.available[unit])))
        if program.required[unit]:
            values, limit = brought_to_size(mine, int(program.required[unit]))
            found.append(([-value for value in values], -limit))
    return found


def rounded_again(sides: Sequence[PlainSide], most: Sequence[int], how: Rounding) -> PlainSide:
    """Mixed-integer rounding as it is in books, in fractions: with f the part of a/d, and g that of b/d,

    sum of (floor(a/d) + max(f - g, 0)/(1 - g)) x  +  sum of (w/d)/(1 - g) s  over weights w < 0  <=  floor(b/d)

    where s is what a side leaves unused; columns in `full` are counted down from the most that they may be booked.
    """
    n, full = len(most), {*how.full.tolist()}
    a = [sum(weight * sides[place][0][at] for place, weight in how.weights) for at in range(n)]
    b = sum(weight * sides[place][1] for place, weight in how.weights) - sum(a[at] * most[at] for at in full)
    part = Fraction(b, how.divisor) % 1
    values, limit = [], Fraction(b, how.divisor) // 1
    for at in range(n):
        ratio = Fraction(-a[at] if at in full else a[at], how.divisor)
        value = ratio // 1 + max(ratio % 1 - part, Fraction(0)) / (1 - part)
        values.append(-value if at in full else Fraction(value))
        limit -= value * most[at] if at in full else 0
    for place, weight in how.weights:
        if weight < 0:
            slack = Fraction(weight, how.divisor) / (1 - part)
            values = [value - slack * one for value, one in zip(values, sides[place][0], strict=True)]
            limit -= slack * sides[place][1]
    whole = how.divisor * (1 - part)
    scaled_up = [value * whole for value in values]
    assert all(value.denominator == 1 for value in scaled_up)
    return brought_to_size([int(value) for value in scaled_up], int(limit * whole))


def rounded_sides_again(cases: ReducedProblem) -> list[PlainSide]:
    """All sides that the stages of some cases give, over their free columns, from nothing but the program."""
    program, fixed = cases.program, dict(zip(cases.fixed.columns.tolist(), cases.fixed.counts.tolist(), strict=True))
    found: list[PlainSide] = []
    before: list[int] = []
    for stage in cases.stages:
        columns = stage.columns.tolist()
        found = _carried(found, before, columns, fixed)
        held = {column: count for column, count in fixed.items() if column not in columns}
        totals = [sum(row.coefficient(column) * count for column, count in held.items()) for row in program.rows]
        base = sides_again(program, columns, totals)
        sides = base + found
        for how in stage.roundings:
            assert all(place < len(sides) for place, _ in how.weights)
            sides.append(rounded_again(sides, program.most[columns].tolist(), how))
        found, before = sides[len(base) :], columns
    return _carried(found, before, cases.free.tolist(), fixed)


def _carried(sides: list[PlainSide], before: list[int], columns: list[int], fixed: dict[int, int]) -> list[PlainSide]:
    """Sides over fewer columns: what is fixed goes to the limit, what can be in no plan goes."""
    kept = [before.index(column) for column in columns] if sides else []
    gone = [(at, fixed[column]) for at, column in enumerate(before) if column in fixed]
    assert not {*kept} & {at for at, _ in gone}
    return [
        ([values[at] for at in kept], limit - sum(values[at] * count for at, count in gone)) for values, limit in sides
    ]


# --- reading a proof ---


@dataclass
class Reader:
    """What is open, with everything that prices rest on worked out again."""

    cases: ReducedProblem
    sides: list[PlainSide] = field(init=False)

    def __post_init__(self) -> None:
        program, free = self.cases.program, self.cases.free
        every = coefficients(program)
        self.sides = rounded_sides_again(self.cases)
        self.units = program.unit[free].tolist()
        self.cost = every[-1][free]
        self.matrix = np.zeros((len(program.rows) + len(self.sides), len(free)), dtype=object)
        self.matrix[: len(program.rows)] = every[:-1, free]
        for at, (values, _) in enumerate(self.sides):
            self.matrix[len(program.rows) + at] = values
        counts = np.zeros(len(program), dtype=object)
        counts[self.cases.fixed.columns] = self.cases.fixed.counts
        *self.held, self.worth = (every @ counts).tolist()

    def reduced(self, prices: Sequence[float], *, costs: bool = True) -> list[Fraction]:
        """Reduced costs of the free columns."""
        assert len(prices) == len(self.matrix)
        priced = [(Fraction(price), row) for price, row in zip(prices, self.matrix, strict=True) if price]
        common = max((price.denominator for price, _ in priced), default=1)
        total = self.cost * (common if costs else 0)
        for price, row in priced:
            total = total - int(price * common) * row
        return [Fraction(int(value), common) for value in total]

    def limits(self, prices: Sequence[float]) -> Fraction:
        """What the limits of rows and sides are worth; a price of the wrong sign is no price."""
        total, rows = Fraction(0), self.cases.program.rows
        for row, used, price in zip(rows, self.held, prices, strict=False):
            limit = row.upper if price > 0 else row.lower
            if price:
                assert limit is not None
                total += Fraction(price) * (limit - used)
        for (_, limit), price in zip(self.sides, prices[len(rows) :], strict=True):
            assert price >= 0
            total += Fraction(price) * limit
        return total

    def bound(self, prices: Sequence[float], box: Box, *, costs: bool = True) -> Fraction | None:
        """What no plan in the box passes; None where its units cannot be booked as they must."""
        best = self._of_units(self.reduced(prices, costs=costs), box)
        return None if best is None else self.limits(prices) + best + (self.worth if costs else 0)

    def _of_units(self, rc: list[Fraction], box: Box) -> Fraction | None:
        total = Fraction(0)
        every = zip(self.units, rc, box.lower.tolist(), box.upper.tolist(), strict=True)
        for unit, mine in groupby(every, key=lambda entry: entry[0]):
            columns = [entry[1:] for entry in mine]
            low, high = int(self.cases.program.required[unit]), int(self.cases.program.available[unit])
            if any(least > most for _, least, most in columns):
                return None
            worth, taken = sum(value * least for value, least, _ in columns), sum(least for _, least, _ in columns)
            more = sorted((value for value, least, most in columns for _ in range(most - least)), reverse=True)
            if taken > high or taken + len(more) < low:
                return None
            needed, possible = max(low - taken, 0), more[: high - taken]
            total += worth + sum(value for at, value in enumerate(possible) if value > 0 or at < needed)
        return total

    def narrower(self, prices: Sequence[float], box: Box, above: Fraction) -> Box | None:
        """The part of a box in which a plan worth `above` or more can be; None where there is none.

        Of units that are booked once at most and of which nothing is booked by force.
        """
        highest = self.bound(prices, box)
        if highest is None or highest < above:
            return None
        room, rc, program = highest - above, self.reduced(prices), self.cases.program
        lower, upper = box.lower.copy(), box.upper.copy()
        for unit in sorted({*self.units}):
            mine = [at for at, one in enumerate(self.units) if one == unit]
            if program.available[unit] != 1 or any(box.lower[at] for at in mine):
                continue
            idle = [] if program.required[unit] else [Fraction(0)]
            ways = {at: rc[at] for at in mine if box.upper[at]}
            best = max([*ways.values(), *idle])
            for at, value in ways.items():
                others = [other for place, other in ways.items() if place != at] + idle
                if best - value > room:
                    upper[at] = 0
                if value == best and (not others or best - max(others) > room):
                    lower[at] = 1
        return Box(lower, upper)

    def leaves(self, cases: Sequence[Case], above: Fraction | None) -> list[tuple[Case, Box | None]]:
        """Every case that is not split, with the box that it stands for (None: nothing is left of it)."""
        place = {int(column): at for at, column in enumerate(self.cases.free)}
        waiting: list[Box | None] = [self.cases.box()]
        found = []
        for case in cases:
            box = waiting.pop()
            if case.column is None:
                found.append((case, box))
                continue
            if case.prices and box is not None:
                assert above is not None
                box = self.narrower(case.prices, box, above)
            at = place[case.column]
            waiting += [None, None] if box is None else [box.at_least(at, case.at + 1), box.at_most(at, case.at)]
        assert not waiting
        return found

    def closes(self, case: Case, box: Box | None, bound: Fraction | None) -> bool:
        """Whether a case shows that no plan in it is worth more than the bound (None: that there is none)."""
        if box is None:
            return True
        highest = self.bound(case.prices, box, costs=not case.impossible)
        if highest is None:
            return True
        if case.impossible:
            return highest < 0
        return bound is not None and lagrangian_bound.best_value(self.cases.program, highest) <= bound


def inside(box: Box, points: Ints) -> Flags:
    """Which points are in a box."""
    found: Flags = ((box.lower <= points) & (points <= box.upper)).all(axis=1)
    return found


def as_booked(point: Ints) -> Booked:
    columns = np.flatnonzero(point)
    return Booked(columns, point[columns])
