"""Rows that follow from others because bookings are whole (mixed-integer rounding).

Any rows `values x <= limit`, added up with weights, give a row again. Where x is whole and at least 0, its coefficients
may be rounded down to multiples of a divisor, nearly, and its limit with them: no plan is lost, parts of bookings are.
All of it is in integers, so whoever has the weights can do it again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from optimizer.domain.exact import Floats, Ints
from optimizer.formulation.program import Program
from optimizer.formulation.terms import Row

SIZE = 36  # coefficients of sides are below 2**36, weights below 2**18, so that sums of 64 stay far inside 64 bits
WEIGHT = 18
LOWERED = 2.0 ** (14 - SIZE)  # for a solver, sides near 2**14, as all its rows
SIDES_MOST = 64
_DIVISORS = 12
_SAFE = 2**62  # sums below this stay inside 64 bits
_PART, _FULLEST = (
    0.01,
    0.99,
)  # a limit whose part of the divisor is nearer to a whole than this cuts off next to nothing


@dataclass(frozen=True, eq=False)
class Side:
    """`values x <= limit` over some columns, in integers; of a row of the program (`row`), `scale` times it."""

    values: Ints
    limit: int
    row: int = -1
    scale: float = 1.0


@dataclass(frozen=True, eq=False)
class Rounding:
    """How a side follows from others: (place, weight) of them; which columns are counted down from the most that they
    may be booked (`full`, places); and the divisor."""

    weights: tuple[tuple[int, int], ...]
    full: Ints
    divisor: int


@dataclass(frozen=True, eq=False)
class UnitSide:
    """How often a unit may be booked (`sign` 1), or must (-1): a side whose columns lie side by side, `first` to `last`
    (not included) of `size`. There are many of them, so what they count is laid out only when it is asked for."""

    size: int
    first: int
    last: int
    sign: int
    count: int
    row: int = -1
    scale: float = 1.0

    @property
    def values(self) -> Ints:
        """What each column counts."""
        values = np.zeros(self.size, dtype=np.int64)
        values[self.first : self.last] = self.each
        return values

    @property
    def each(self) -> int:
        """What each of the unit's columns counts."""
        return self.sign << (SIZE - 1)

    @property
    def limit(self) -> int:
        return self.count << (SIZE - 1)


AnySide = Side | UnitSide


def side(values: Ints, limit: int, row: int, sign: int) -> Side:
    """A side scaled by a power of two so that its largest coefficient has `SIZE` bits; rounded down: only looser.

    `values` are int64, or Python's integers (`object`) where those might not hold them.
    """
    size = max(int(values.max(initial=0)), -int(values.min(initial=0)))
    shift = size.bit_length() - SIZE
    scaled = sign * values >> shift if shift > 0 else sign * values << -shift
    limit = sign * limit >> shift if shift > 0 else sign * limit << -shift
    return Side(scaled.astype(np.int64), limit, row, sign * 2.0**-shift)


def sides_of(program: Program, columns: Ints, held: Sequence[int]) -> list[AnySide]:
    """Both sides of all rows, less what is `held` of each, then what the units of these columns may and must."""
    sides: list[AnySide] = []
    for at, (row, used) in enumerate(zip(program.rows, held, strict=True)):
        values = _coefficients(row, columns)
        if row.upper is not None:
            sides.append(side(values, row.upper - used, at, 1))
        if row.lower is not None:
            sides.append(side(values, row.lower - used, at, -1))
    units, starts, sizes = np.unique(program.unit[columns], return_index=True, return_counts=True)
    lasts, must, may = starts + sizes, program.required[units], program.available[units]
    told = (sizes > 1) | (must > 0)
    for first, last, least, most in zip(*(each[told].tolist() for each in (starts, lasts, must, may)), strict=True):
        if last - first > 1:
            sides.append(UnitSide(len(columns), first, last, 1, most))
        if least > 0:
            sides.append(UnitSide(len(columns), first, last, -1, -least))
    return sides


def _coefficients(row: Row, columns: Ints) -> Ints:
    """What a row counts of some columns, exactly."""
    picked = [(term.multiplier, term.values[columns], term.inside(columns)) for term in row.terms]
    size = sum(abs(times) * max(int(values.max(initial=0)), -int(values.min(initial=0))) for times, values, _ in picked)
    kind: type = np.int64 if size < _SAFE else object
    total: Ints = np.zeros(len(columns), dtype=kind)
    for times, values, inside in picked:
        total[inside] += values[inside].astype(kind) * times
    return total


def rounded(sides: Sequence[AnySide], most: Ints, how: Rounding) -> Side:
    """The side that follows; `most` (columns,) is how often each may be booked."""
    total, limit, slack, slack_limit = _summed(sides, how.weights)
    full = np.zeros(len(most), dtype=np.bool_)
    full[how.full] = True
    turned = np.where(full, -total, total)
    limit -= _dot(total[full], most[full])
    whole, rest = divmod(limit, how.divisor)
    values = _rounded_down(turned, how.divisor, rest)
    limit = (how.divisor - rest) * whole - _dot(values[full], most[full]) - slack_limit
    values = np.where(full, -values, values) - slack
    shift = int(np.abs(values).max(initial=0)).bit_length() - SIZE
    return Side(values >> shift if shift > 0 else values << -shift, limit >> shift if shift > 0 else limit << -shift)


def _summed(sides: Sequence[AnySide], weights: Sequence[tuple[int, int]]) -> tuple[Ints, int, Ints, int]:
    """The weighted sum, and of it the part with weights below 0: what they leave unused must be kept."""
    total, slack = np.zeros_like(sides[0].values), np.zeros_like(sides[0].values)
    limit, slack_limit = 0, 0
    for place, weight in weights:
        one = sides[place]
        total, limit = total + one.values * weight, limit + one.limit * weight
        if weight < 0:
            slack, slack_limit = slack + one.values * weight, slack_limit + one.limit * weight
    return total, limit, slack, slack_limit


def _rounded_down(values: Ints, divisor: int | Ints, rest: int | Ints) -> Ints:
    """(1 - f) times the coefficients of a rounded row, times the divisor: whole numbers again."""
    whole = values // divisor
    found: Ints = (divisor - rest) * whole + np.maximum(values - whole * divisor - rest, 0)
    return found


def _dot(values: Ints, counts: Ints) -> int:
    return sum(a * b for a, b in zip(values.tolist(), counts.tolist(), strict=True))


def weights_of(multipliers: Floats, places: Ints) -> tuple[tuple[int, int], ...]:
    """Multipliers as whole weights of at most `WEIGHT` bits; none where too many take part."""
    scale = 2.0**WEIGHT / float(np.abs(multipliers).max(initial=1e-300))
    whole = np.rint(multipliers * scale).astype(np.int64)
    used = np.flatnonzero(whole)
    if len(used) > SIDES_MOST:
        return ()
    return tuple(zip(places[used].tolist(), whole[used].tolist(), strict=True))


def best_rounding(
    sides: Sequence[AnySide], weights: tuple[tuple[int, int], ...], x: Floats, most: Ints, booked: Ints
) -> tuple[float, Rounding] | None:
    """The divisor which cuts off the most of a solution `x`; None where none does. `booked` are the places above 0.

    Columns that stand at 0, or in full where they are counted down, add nothing to a rounded row: only parts do.
    """
    few = [Side(sides[place].values[booked], sides[place].limit) for place, _ in weights]
    total, limit, slack, slack_limit = _summed(few, [(at, weight) for at, (_, weight) in enumerate(weights)])
    full = x[booked] > most[booked] / 2
    turned = np.where(full, -total, total)
    left = np.where(full, most[booked] - x[booked], x[booked])
    limit -= _dot(total[full], most[booked][full])
    unused = float(slack_limit) - float(slack @ x[booked])
    parts = np.flatnonzero(left > 1e-6)
    turned, left = turned[parts], left[parts]
    every = np.unique(np.abs(turned))
    every = every[every > every.max(initial=0) >> 20]
    if len(every) > _DIVISORS:
        every = every[np.linspace(0, len(every) - 1, _DIVISORS).astype(np.int64)]
    first = _most_cut_off(turned, left, limit, unused, every)
    if first is None:
        return None
    second = _most_cut_off(turned, left, limit, unused, np.unique(np.maximum(first[1] // np.array([2, 4, 8]), 1)))
    size, divisor = first if second is None or second[0] <= first[0] else second
    return size, Rounding(weights, booked[full], divisor)


def _most_cut_off(values: Ints, x: Floats, limit: int, unused: float, divisors: Ints) -> tuple[float, int] | None:
    """The divisor with which the rounded row `values x <= limit` is broken the most, per length of its coefficients."""
    split = [divmod(limit, divisor) for divisor in divisors.tolist()]
    rest = np.array([rest for _, rest in split], dtype=np.int64)
    rounded_limit = np.array(
        [float((divisor - rest) * whole) for divisor, (whole, rest) in zip(divisors.tolist(), split, strict=True)]
    )
    worth = np.flatnonzero((rest > _PART * divisors) & (rest < _FULLEST * divisors))
    if not len(worth):
        return None
    found = _rounded_down(values, divisors[worth, None], rest[worth, None]).astype(np.float64)
    size = np.sqrt((found * found).sum(axis=1)) + 1.0
    over = (found @ x + unused - rounded_limit[worth]) / size
    best = int(np.argmax(over))
    return (float(over[best]), int(divisors[worth[best]])) if over[best] > 1e-6 else None
