"""The proof replayed: the bound from the prices of a certificate, in integers and fractions only.

For any prices of the right sign, the bounds of the rows at these prices plus the best reduced costs of each unit are at
least the value of every plan (weak duality).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from math import gcd, lcm

from optimizer.domain.constraints import Objective
from optimizer.verification.bookings import Bookings
from optimizer.verification.reduced import Prices, Reduced
from optimizer.verification.rounding import Rounding, Side
from optimizer.verification.rows import Rows
from optimizer.verification.terms import STRUCTURE, Booked, Row, Term, WrongProof

_NOWHERE = -1  # no column; a box that bounds it is empty
Box = Mapping[int, tuple[int, int]]  # lower and upper bounds of some columns, in parts; all others keep their own
Part = tuple[Box, Sequence["Slots"]]  # a box, and the units with the columns that may be booked in it


@dataclass(frozen=True)
class Slots:
    """One unit of the program: its columns, how often it can and must be booked."""

    columns: Sequence[int]
    available: int
    required: int


@dataclass(frozen=True)
class Case:
    """A node of the tree: split at a column, or closed by prices; prices of a split fix columns by reduced cost."""

    column: int | None = None
    at_most: int = 0
    prices: Prices = ()
    impossible: bool = False


@dataclass(frozen=True)
class Bounds:
    """A program to prove bounds of; `rows` are those in use; `include`: whether creators who must be booked count.
    `at` is the place of its goal among those in order.
    """

    bookings: Bookings
    rows: Rows
    counted: Sequence[Row]
    include: bool = True
    at: int = 0

    # --- what is booked ---

    @cached_property
    def whole(self) -> list[bool]:
        return [*self.bookings.whole, *([True] * len(self.rows.largest))]

    @property
    def all_whole(self) -> bool:
        return all(self.whole)

    @cached_property
    def slots(self) -> list[Slots]:
        """All units that may be booked at all; indicators and overlaps are units of their own."""
        parts, count = self.bookings.parts, len(self.bookings)
        units = [
            *(
                Slots(unit.columns, unit.available, unit.required if self.include else 0)
                for unit in self.bookings.units
            ),
            *(Slots([count + at], largest * parts, 0) for at, largest in enumerate(self.rows.largest)),
        ]
        out = self._ruled_out
        open_ = (
            Slots([at for at in unit.columns if unit.required or at not in out], unit.available, unit.required)
            for unit in units
        )
        return [unit for unit in open_ if unit.columns and unit.available]

    @cached_property
    def _ruled_out(self) -> set[int]:
        """Columns that break by themselves the upper bound of a row without negative coefficients: no plan has them."""
        out: set[int] = set()
        for row in self.counted:
            if row.upper is None or len(row.terms) != 1 or row.terms[0].multiplier < 0:
                continue
            (term,) = row.terms
            if all(term.values[at] >= 0 for at in term.members):
                most = row.upper // term.multiplier
                out.update(at for at in term.members if term.values[at] > most and self.whole[at])
        return out

    # --- the goal ---

    @property
    def said(self) -> Objective:
        """The goal, as the scenario says it."""
        return self.bookings.scenario.objectives[self.at]

    @cached_property
    def goal(self) -> tuple[tuple[Term, ...], int]:
        """The goal's terms, to be maximized, over one denominator."""
        scenario = self.bookings.scenario
        weights = [(name, weight / scenario.scale(name)) for name, weight in self.said.weights]
        denominator = lcm(*(weight.denominator for _, weight in weights))
        terms = zip(self.rows.goals[self.at], weights, strict=True)
        return tuple(term.times(self.said.sign * int(weight * denominator)) for term, (_, weight) in terms), denominator

    def value(self, plan: Booked) -> Fraction:
        """The value of some columns in the units of the program."""
        return sum((term.total(plan) for term in self.goal[0]), Fraction(0))

    def value_of_bookings(self, plan: Booked) -> Fraction:
        """The same of a plan, which has bookings only: no indicator has to be believed."""
        said, times = self.rows.goals_said[self.at], (term.multiplier for term in self.goal[0])
        return sum((factor * term.total(plan) for factor, term in zip(times, said, strict=True)), Fraction(0))

    def as_counted(self, bound: float) -> Fraction:
        """A bound in the goal's own sense, in the units of the program."""
        return self.said.sign * Fraction(bound) * self.goal[1]

    @cached_property
    def step(self) -> int:
        """The common divisor of the values of integer plans; 0 if all are 0."""
        return gcd(*(term.multiplier * gcd(*(term.values[at] for at in term.members)) for term in self.goal[0]))

    def reachable(self, bound: Fraction) -> Fraction:
        """A bound rounded down to a value that a plan can have."""
        if not self.all_whole:
            return bound
        return Fraction(bound // self.step * self.step) if self.step else Fraction(0)

    # --- prices ---

    def worth(self, prices: Prices) -> Fraction:
        """The bounds of the rows at these prices; raises WrongProof if a price has the wrong sign."""
        total = Fraction(0)
        for row, price in prices:
            limit = row.upper if price > 0 else row.lower
            if price and limit is None:
                raise WrongProof(f"the price of {row.name} has the wrong sign")
            total += price * (limit or 0)
        return total

    def upper(self, prices: Prices, *, costs: bool = True) -> Fraction:
        """The bound at these prices; without `costs`, a bound below 0 means that there is no plan (Farkas)."""
        rc, denominator = self._reduced(prices, costs=costs)
        total = 0
        for unit in self.slots:
            best = max(rc[at] for at in unit.columns)
            total += best * (unit.available if best > 0 else unit.required)
        return self.worth(prices) + Fraction(total, denominator * self.bookings.parts)

    def reduced(self, prices: Prices) -> tuple[dict[int, int], int]:
        """The reduced costs of all columns that may be booked, as integers over one denominator."""
        return self._reduced(prices, costs=True)

    def goal_of(self, column: int) -> int:
        """What one booking adds to the goal."""
        return self._reduced.coefficients(self.goal[0]).get(column, 0)

    @cached_property
    def _reduced(self) -> Reduced:
        return Reduced(self.goal[0], [at for unit in self.slots for at in unit.columns])

    # --- cases ---

    def settled(self, prices: Prices, above: Fraction | None) -> Settled:
        """What prices leave open for plans with a value of `above` or more; everything if that is None."""
        if above is None:
            return Settled(self, self.slots, {}, None)
        rc, denominator = self._reduced(prices, costs=True)
        return Settled(self, *self.left(self.slots, rc, (self.upper(prices) - above) * denominator), above)

    def left(
        self, slots: Sequence[Slots], rc: Mapping[int, int], room: Fraction
    ) -> tuple[list[Slots], dict[int, Fraction]]:
        """The bookings that a plan within `room` of the bound may have, and those that every such plan has.

        Only integer bookings are left out: a small part of a booking costs little.
        """
        free: list[Slots] = []
        fixed: dict[int, Fraction] = {}
        for unit in slots:
            if 0 < unit.required < unit.available or not all(self.whole[at] for at in unit.columns):
                free.append(unit)
                continue
            ranked = sorted(unit.columns, key=lambda at: -rc[at])
            nothing = [] if unit.required else [0]
            best, *others = sorted([*(rc[at] for at in ranked), *nothing], reverse=True)
            alone = best == rc[ranked[0]] and all(best - other > room for other in others[:1])
            if alone and unit.available % self.bookings.parts == 0:
                fixed[ranked[0]] = Fraction(unit.available, self.bookings.parts)
            elif left := [at for at in unit.columns if best - rc[at] <= room]:
                free.append(Slots(left, unit.available, unit.required))
        return free, fixed


@dataclass(frozen=True)
class Settled:
    """The open bookings (`free`) of plans with a value of `above` or more, and those that each of them has (`fixed`).

    `sides` are cutting planes over the open bookings.
    """

    bounds: Bounds
    free: Sequence[Slots]
    fixed: Booked
    above: Fraction | None
    sides: tuple[Row, ...] = ()

    @cached_property
    def _held(self) -> dict[int, Fraction]:
        """The fixed part of each row, by its `id`."""
        counted = self.bounds.counted
        return {id(row): sum((term.total(self.fixed) for term in row.terms), Fraction(0)) for row in counted}

    @cached_property
    def _reduced(self) -> Reduced:
        return Reduced(self.bounds.goal[0], [at for unit in self.free for at in unit.columns])

    def upper(
        self, prices: Prices, box: Box, units: Sequence[Slots] | None = None, *, costs: bool = True
    ) -> Fraction | None:
        """The bound on plans in a box that book only these units (None: all open ones); None if the box holds none."""
        units = self.free if units is None else units
        rc, denominator = self._reduced(prices, costs=costs, columns=[at for unit in units for at in unit.columns])
        return self._upper(rc, denominator, prices, (box, units), costs)

    def _upper(
        self, rc: Mapping[int, int], denominator: int, prices: Prices, part: Part, costs: bool
    ) -> Fraction | None:
        held = sum((price * self._held.get(id(row), 0) for row, price in prices), Fraction(0))
        total, (box, units) = 0, part
        for unit in units:
            best = _most([(rc[at], *box.get(at, (0, unit.available))) for at in unit.columns], unit)
            if best is None:
                return None
            total += best
        start = self.bounds.value(self.fixed) if costs else Fraction(0)
        return self.bounds.worth(prices) - held + start + Fraction(total, denominator * self.bounds.bookings.parts)

    # --- rounding ---

    def rounded(self, open_: int, roundings: Sequence[Rounding], listed: Sequence[Row]) -> Settled:
        """Add the cutting planes that follow from the listed rows, from the units and from earlier cutting planes.

        Raises
        ------
        WrongProof
            If the number of open bookings is not `open_`, a side does not follow, or bookings may be parts.
        """
        if not self.bounds.all_whole or self.bounds.bookings.parts != 1:
            raise WrongProof("nothing is rounded where bookings may be parts")
        most = {at: unit.available for unit in self.free for at in unit.columns}
        if len(most) != open_:
            raise WrongProof("other bookings are open than it says")
        sides = [*self._base(listed), *(_side(row) for row in self.sides)]
        first = len(sides)
        for rounding in roundings:
            sides.append(rounding.of(sides, most))
        return replace(self, sides=(*self.sides, *map(_row, sides[first:])))

    def _base(self, listed: Sequence[Row]) -> Iterator[Side]:
        """Both sides of all rows, less the fixed part of each, then the bounds of the units."""
        reduced = Reduced((), [at for unit in self.free for at in unit.columns])
        for row in listed:
            held = int(self._held[id(row)])
            values = dict(reduced.coefficients(row.terms))
            if row.upper is not None:
                yield Side(values, row.upper - held).scaled()
            if row.lower is not None:
                yield Side({at: -value for at, value in values.items()}, held - row.lower).scaled()
        for unit in self.free:
            if len(unit.columns) > 1:
                yield Side(dict.fromkeys(unit.columns, 1), unit.available).scaled()
            if unit.required:
                yield Side(dict.fromkeys(unit.columns, -1), -unit.required).scaled()

    def narrowed(self, prices: Prices) -> Settled:
        """Fix columns by reduced cost at these prices."""
        if self.above is None:
            raise WrongProof("there is no value below which plans do not count")
        rc, denominator = self._reduced(prices, costs=True)
        high = self._upper(rc, denominator, prices, ({}, self.free), True)
        if high is None:
            raise WrongProof("what is open holds no plan")
        free, fixed = self.bounds.left(self.free, rc, (high - self.above) * denominator)
        left = {at for unit in free for at in unit.columns}
        sides = (
            Side(
                {at: value for at, value in side.values.items() if at in left},
                side.limit - sum(int(count) * side.values.get(at, 0) for at, count in fixed.items()),
            )
            for side in map(_side, self.sides)
        )
        return Settled(self.bounds, free, {**self.fixed, **fixed}, self.above, tuple(map(_row, sides)))

    # --- cases ---

    def replay(self, cases: Sequence[Case]) -> Fraction | None:
        """The bound on plans of all cases; None if they show that there is none."""
        best: Fraction | None = None
        waiting: list[Part] = [({}, self.free)]
        parts, whole = self.bounds.bookings.parts, self.bounds.whole
        for case in cases:
            if not waiting:
                raise WrongProof("there are more cases than splits ask for")
            box, units = waiting.pop()
            if case.column is not None:
                if not whole[case.column]:
                    raise WrongProof("a case is split at a booking that may be made in parts")
                box, units = self._narrower(case.prices, box, units) if case.prices else (box, units)
                low, high = box.get(case.column) or self._limits(case.column, units)
                waiting.append(({**box, case.column: (max(low, (case.at_most + 1) * parts), high)}, units))
                waiting.append(({**box, case.column: (low, min(high, case.at_most * parts))}, units))
                continue
            if any(low > high for low, high in box.values()):
                continue
            high_value = self.upper(case.prices, box, units, costs=not case.impossible)
            if high_value is None or (case.impossible and high_value < 0):
                continue
            if case.impossible:
                raise WrongProof("a case that is said to hold no plan may hold one")
            best = high_value if best is None else max(best, high_value)
        if waiting:
            raise WrongProof("cases are missing")
        return best

    def _limits(self, column: int, units: Sequence[Slots]) -> tuple[int, int]:
        """The bounds of a column outside of any box."""
        if column in self.fixed:
            count = int(self.fixed[column] * self.bounds.bookings.parts)
            return count, count
        return 0, next((unit.available for unit in units if column in unit.columns), 0)

    def _narrower(self, prices: Prices, box: Box, units: Sequence[Slots]) -> Part:
        """A box tightened by reduced cost at these prices, for units that are booked at most once, in integers."""
        if self.above is None:
            raise WrongProof("there is no value below which plans do not count")
        rc, denominator = self._reduced(prices, costs=True, columns=[at for unit in units for at in unit.columns])
        high = self._upper(rc, denominator, prices, (box, units), True)
        if high is None or high < self.above:
            return {**box, _NOWHERE: (1, 0)}, ()  # it holds no plan of interest, on either side of a split
        room, whole, parts = (high - self.above) * denominator, self.bounds.whole, self.bounds.bookings.parts
        narrow, left = dict(box), list[Slots]()
        for unit in units:
            limits = [box.get(at, (0, unit.available)) for at in unit.columns]
            once = unit.available == parts and all(whole[at] for at in unit.columns)
            if not once or any(low > 0 for low, _ in limits):
                left.append(unit)
                continue
            ranked = sorted((rc[at], at) for at, (_, top) in zip(unit.columns, limits, strict=True) if top > 0)
            best, second = _two_best([worth for worth, _ in ranked], idle=not unit.required)
            kept = [at for worth, at in ranked if best is not None and best - worth <= room]
            if ranked and ranked[-1][0] == best and (second is None or best - second > room):
                narrow[ranked[-1][1]] = parts, parts
            if kept or unit.required:
                left.append(replace(unit, columns=sorted(kept)))
        return narrow, left


def _two_best(worths: Sequence[int], *, idle: bool) -> tuple[int | None, int | None]:
    """The two best choices of a unit; `idle`: it may also book nothing."""
    ranked = sorted([*worths, *([0] if idle else [])], reverse=True)
    return (ranked[0] if ranked else None), (ranked[1] if len(ranked) > 1 else None)


def _row(side: Side) -> Row:
    """A side as a row that may have a price."""
    return Row("a row that follows", STRUCTURE, (Term(1, side.values, tuple(side.values)),), None, side.limit)


def _side(row: Row) -> Side:
    values = row.terms[0].values
    if not isinstance(values, Mapping) or row.upper is None:
        raise TypeError("only a side was made a row")
    return Side(values, row.upper)


def _most(columns: Sequence[tuple[int, int, int]], unit: Slots) -> int | None:
    """The best value of a unit from its columns (worth, least, most), in parts; None if its bounds cannot be met."""
    total = sum(worth * low for worth, low, _ in columns)
    taken = sum(low for _, low, _ in columns)
    if taken > unit.available or min(sum(high for _, _, high in columns), unit.available) < unit.required:
        return None
    for worth, low, high in sorted(columns, reverse=True):
        room = min(high - low, unit.available - taken)
        wanted = room if worth > 0 else min(room, max(unit.required - taken, 0))
        total, taken = total + worth * wanted, taken + wanted
    return total
