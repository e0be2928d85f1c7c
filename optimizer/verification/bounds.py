"""The proof replayed: what no plan can pass, by the prices of a certificate, in integers and fractions alone.

For any prices of the right sign, the bounds of the rows at these prices, and what each unit makes of the reduced costs
of its bookings, add up to at least the value of every plan (weak duality).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import gcd, lcm

from optimizer.domain.constraints import Measure
from optimizer.verification.bookings import Bookings
from optimizer.verification.rules import Booked, Row, Rows, Term, WrongProof

Prices = Sequence[tuple[Row, Fraction]]
Box = Mapping[int, tuple[int, int]]  # of some columns, the least and the most bookings; all others are as they may be


@dataclass(frozen=True)
class Slots:
    """One unit of the program: its columns, how often it can and must be booked."""

    columns: Sequence[int]
    available: int
    required: int


@dataclass(frozen=True)
class Case:
    """A case of a proof: split at a column, or closed by prices."""

    column: int | None = None
    at_most: int = 0
    prices: Prices = ()
    impossible: bool = False


@dataclass(frozen=True)
class Bounds:
    """A program to prove bounds of; `rows` are those that count, of who must be booked only where `include`."""

    bookings: Bookings
    rows: Rows
    counted: Sequence[Row]
    include: bool = True

    # --- what is booked ---

    @cached_property
    def whole(self) -> list[bool]:
        return [*self.bookings.whole, *([True] * self.rows.switches)]

    @property
    def all_whole(self) -> bool:
        return all(self.whole)

    @cached_property
    def slots(self) -> list[Slots]:
        """All units that may be booked at all; switches are units of their own."""
        parts, count = self.bookings.parts, len(self.bookings)
        units = [
            *(
                Slots(unit.columns, unit.available, unit.required if self.include else 0)
                for unit in self.bookings.units
            ),
            *(Slots([count + at], parts, 0) for at in range(self.rows.switches)),
        ]
        out = self._ruled_out
        open_ = (
            Slots([at for at in unit.columns if unit.required or at not in out], unit.available, unit.required)
            for unit in units
        )
        return [unit for unit in open_ if unit.columns and unit.available]

    @cached_property
    def _ruled_out(self) -> set[int]:
        """Columns that alone break the upper bound of a row that counts nothing below 0: no plan has them."""
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

    @cached_property
    def goal(self) -> tuple[tuple[Term, ...], int]:
        """The goal's terms, signed so that more is better, over one denominator."""
        scenario = self.bookings.scenario
        weights = [(name, weight / scenario.scale(name)) for name, weight in scenario.objective.weights]
        denominator = lcm(*(weight.denominator for _, weight in weights))
        sign = 1 if scenario.objective.sense == "maximize" else -1
        every = range(len(self.bookings))
        terms = (
            Term(sign * int(weight * denominator), self.bookings.amounts[Measure(name)], every)
            for name, weight in weights
        )
        return tuple(terms), denominator

    def value(self, plan: Booked) -> Fraction:
        """What a plan is worth, as the program counts."""
        return sum((term.total(plan) for term in self.goal[0]), Fraction(0))

    def as_counted(self, bound: float) -> Fraction:
        """A bound in the goal's own sense as the program counts."""
        sign = 1 if self.bookings.scenario.objective.sense == "maximize" else -1
        return sign * Fraction(bound) * self.goal[1]

    @cached_property
    def step(self) -> int:
        """What the values of whole plans are multiples of; 0 where all are 0."""
        return gcd(*(term.multiplier * gcd(*term.values) for term in self.goal[0]))

    def reachable(self, bound: Fraction) -> Fraction:
        """The highest value that a plan can have under a bound."""
        if not self.all_whole:
            return bound
        return Fraction(bound // self.step * self.step) if self.step else Fraction(0)

    # --- prices ---

    def worth(self, prices: Prices) -> Fraction:
        """What the bounds of the rows are worth; raises WrongProof where a price has the wrong sign."""
        total = Fraction(0)
        for row, price in prices:
            limit = row.upper if price > 0 else row.lower
            if price and limit is None:
                raise WrongProof(f"the price of {row.name} has the wrong sign")
            total += price * (limit or 0)
        return total

    def upper(self, prices: Prices, *, costs: bool = True) -> Fraction:
        """What no plan passes at these prices; without `costs`, below 0 means that there is none."""
        rc, denominator = self._reduced(prices, costs=costs)
        total = 0
        for unit in self.slots:
            best = max(rc[at] for at in unit.columns)
            total += best * (unit.available if best > 0 else unit.required)
        return self.worth(prices) + Fraction(total, denominator * self.bookings.parts)

    @cached_property
    def _reduced(self) -> Reduced:
        return Reduced(self.goal[0], [at for unit in self.slots for at in unit.columns])

    # --- cases ---

    def settled(self, prices: Prices, above: Fraction | None) -> Settled:
        """What prices leave open for plans that are worth `above` or more; everything where that is None."""
        if not self.all_whole or self.bookings.parts != 1:
            raise WrongProof("cases are for whole bookings only")
        if above is None:
            return Settled(self, self.slots, {})
        rc, denominator = self._reduced(prices, costs=True)
        room = (self.upper(prices) - above) * denominator
        free: list[Slots] = []
        fixed: dict[int, Fraction] = {}
        for unit in self.slots:
            if 0 < unit.required < unit.available:  # must and may differ
                free.append(unit)
                continue
            ranked = sorted(unit.columns, key=lambda at: -rc[at])
            nothing = [] if unit.required else [0]
            best, *others = sorted([*(rc[at] for at in ranked), *nothing], reverse=True)
            if best == rc[ranked[0]] and all(best - other > room for other in others[:1]):
                fixed[ranked[0]] = Fraction(unit.available)
            elif left := [at for at in unit.columns if best - rc[at] <= room]:
                free.append(Slots(left, unit.available, unit.required))
        return Settled(self, free, fixed)


class Reduced:
    """Reduced costs of some columns at any prices: what a booking is worth, less what the rows charge for it."""

    def __init__(self, goal: Sequence[Term], columns: Sequence[int]) -> None:
        self._goal, self._columns, self._inside = goal, columns, frozenset(columns)
        self._known: dict[str, list[tuple[int, int]]] = {}

    def __call__(self, prices: Prices, *, costs: bool) -> tuple[dict[int, int], int]:
        """As integers over one denominator."""
        denominator = lcm(*(price.denominator for _, price in prices))
        rc = dict.fromkeys(self._columns, 0)
        weighted = [(-int(price * denominator), self._coefficients(row.name, row.terms)) for row, price in prices]
        weighted += [(denominator, self._coefficients("", self._goal))] if costs else []
        for weight, coefficients in weighted:
            for at, coefficient in coefficients:
                rc[at] += weight * coefficient
        return rc, denominator

    def _coefficients(self, name: str, terms: Sequence[Term]) -> list[tuple[int, int]]:
        if name not in self._known:
            found: dict[int, int] = {}
            for term in terms:
                shorter = self._columns if len(self._columns) < len(term.members) else term.members
                for at in shorter:
                    if at in self._inside and at in term.inside:
                        found[at] = found.get(at, 0) + term.multiplier * term.values[at]
            self._known[name] = [(at, value) for at, value in found.items() if value]
        return self._known[name]


@dataclass(frozen=True)
class Settled:
    """What is open (`free`), and what every plan of interest books (`fixed`)."""

    bounds: Bounds
    free: Sequence[Slots]
    fixed: Booked

    @cached_property
    def _held(self) -> dict[str, Fraction]:
        """Of each row, what is fixed of it."""
        return {
            row.name: sum((term.total(self.fixed) for term in row.terms), Fraction(0)) for row in self.bounds.counted
        }

    @cached_property
    def _reduced(self) -> Reduced:
        return Reduced(self.bounds.goal[0], [at for unit in self.free for at in unit.columns])

    def upper(self, prices: Prices, box: Box, *, costs: bool = True) -> Fraction | None:
        """What no plan in a box passes; None where the box holds none."""
        bounds = self.bounds
        rc, denominator = self._reduced(prices, costs=costs)
        held = sum((price * self._held[row.name] for row, price in prices), Fraction(0))
        total = 0
        for unit in self.free:
            best = _most([(rc[at], *box.get(at, (0, unit.available))) for at in unit.columns], unit)
            if best is None:
                return None
            total += best
        start = bounds.value(self.fixed) if costs else Fraction(0)
        return bounds.worth(prices) - held + start + Fraction(total, denominator)

    def replay(self, cases: Sequence[Case]) -> Fraction | None:
        """The most that a plan of all cases can be worth; None where they show that there is none."""
        best: Fraction | None = None
        place = {at: (0, unit.available) for unit in self.free for at in unit.columns}
        place |= {at: (int(count), int(count)) for at, count in self.fixed.items()}
        waiting: list[Box] = [{}]
        for case in cases:
            if not waiting:
                raise WrongProof("there are more cases than splits ask for")
            box = waiting.pop()
            if case.column is not None:
                low, high = box.get(case.column, place.get(case.column, (0, 0)))
                waiting.append({**box, case.column: (max(low, case.at_most + 1), high)})
                waiting.append({**box, case.column: (low, min(high, case.at_most))})
                continue
            if any(low > high for low, high in box.values()):
                continue
            high_value = self.upper(case.prices, box, costs=not case.impossible)
            if high_value is None or (case.impossible and high_value < 0):
                continue
            if case.impossible:
                raise WrongProof("a case that is said to hold no plan may hold one")
            best = high_value if best is None else max(best, high_value)
        if waiting:
            raise WrongProof("cases are missing")
        return best


def _most(columns: Sequence[tuple[int, int, int]], unit: Slots) -> int | None:
    """The most that a unit makes of its columns (worth, least, most), in whole bookings; None where it cannot."""
    total = sum(worth * low for worth, low, _ in columns)
    taken = sum(low for _, low, _ in columns)
    if taken > unit.available or min(sum(high for _, _, high in columns), unit.available) < unit.required:
        return None
    for worth, low, high in sorted(columns, reverse=True):
        room = min(high - low, unit.available - taken)
        wanted = room if worth > 0 else min(room, max(unit.required - taken, 0))
        total, taken = total + worth * wanted, taken + wanted
    return total
