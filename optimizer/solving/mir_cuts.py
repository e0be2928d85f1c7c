"""Rows that follow from others because bookings are whole (mixed-integer rounding).

Any rows `values x <= limit`, added up with weights, give a row again. Where x is whole and at least 0, its coefficients
may be rounded down to multiples of a divisor, nearly, and its limit with them: no plan is lost, parts of bookings are.
All of it is in integers, so whoever has the weights can do it again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy import sparse

from optimizer.domain.exact import Floats, Ints
from optimizer.formulation.program import Program
from optimizer.formulation.terms import Row

SIZE = 36  # coefficients of sides are below 2**36, weights below 2**18, so that sums of 64 stay far inside 64 bits
WEIGHT = 18
LOWERED = 2.0 ** (14 - SIZE)  # for a solver, sides near 2**14, as all its rows
SIDES_MOST = 64
_DIVISORS = 12
_AT_ONCE = 50_000  # coefficients of sums that are rounded together: as many again for each divisor
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
    picked = [(term.multiplier, term.of(columns)) for term in row.terms]
    size = sum(abs(times) * max(int(values.max(initial=0)), -int(values.min(initial=0))) for times, values in picked)
    kind: type = np.int64 if size < _SAFE else object
    total: Ints = np.zeros(len(columns), dtype=kind)
    for times, values in picked:
        total += values.astype(kind) * times
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


def best_roundings(
    sides: Sequence[AnySide], multipliers: Floats, places: Ints, x: Floats, most: Ints, booked: Ints
) -> list[tuple[float, Rounding]]:
    """For each sum of sides, the divisor which cuts off the most of a solution; none for sums that cut nothing off.

    There are many sums, each of few columns, so all of them are worked out together.

    Parameters
    ----------
    multipliers
        Of each sum, what multiplies the sides at `places` (sums, places).
    x
        The solution (columns,); `most` is how often each column may be booked.
    booked
        The columns above 0.

    Returns
    -------
    list[tuple[float, Rounding]]
        By how much a solution is cut off, per length of the coefficients, and how; in the order of the sums.
    """
    weights = whole_weights(multipliers)
    sums = np.flatnonzero(weights.any(axis=1))
    full = x[booked] > most[booked] / 2
    left = np.where(full, most[booked] - x[booked], x[booked])
    # columns that stand at 0, or in full where they are counted down, add nothing to a rounded row: only parts do
    parts = np.flatnonzero(left > 1e-6)
    if not len(sums) or not len(parts):
        return []
    values = np.array([sides[place].values[booked] for place in places.tolist()])
    limits = [sides[place].limit for place in places.tolist()]
    found: list[tuple[float, Rounding]] = []
    for some in np.array_split(sums, -(-len(sums) * len(booked) // _AT_ONCE)):
        total, slack = _product(weights[some], values), _product(np.minimum(weights[some], 0), values)
        used = _used(weights[some])
        turned = _dots(total[:, full], most[booked][full])
        limit = [sum(limits[at] * w for at, w in row) - less for row, less in zip(used, turned, strict=True)]
        kept = np.array([float(sum(limits[at] * w for at, w in row if w < 0)) for row in used])
        unused = kept - slack.astype(np.float64) @ x[booked]
        size, divisor = _most_cut_off(np.where(full, -total, total)[:, parts], left[parts], limit, unused)
        for at in np.flatnonzero(divisor).tolist():
            by_place = tuple((int(places[place]), weight) for place, weight in used[at])
            found.append((float(size[at]), Rounding(by_place, booked[full], int(divisor[at]))))
    return found


def whole_weights(multipliers: Floats) -> Ints:
    """Multipliers (sums, places) as whole weights of at most `WEIGHT` bits; of a sum of too many, all are 0."""
    scale = 2.0**WEIGHT / np.abs(multipliers).max(axis=1, initial=1e-300, keepdims=True)
    whole: Ints = np.rint(multipliers * scale).astype(np.int64)
    whole[np.count_nonzero(whole, axis=1) > SIDES_MOST] = 0
    return whole


def _used(weights: Ints) -> list[list[tuple[int, int]]]:
    """Of each sum, the (place, weight) that are not 0."""
    row, place = np.nonzero(weights)
    pairs = list(zip(place.tolist(), weights[row, place].tolist(), strict=True))
    ends = np.searchsorted(row, np.arange(len(weights) + 1)).tolist()
    return [pairs[first:last] for first, last in pairwise(ends)]


def _product(weights: Ints, values: Ints) -> Ints:
    """Weighted sums of rows; NumPy multiplies the zeros of integers one by one, so many are left out."""
    few = weights.size * values.shape[1] <= _AT_ONCE
    found: Ints = (weights if few else sparse.csr_array(weights)) @ values
    return found


def _dots(values: Ints, counts: Ints) -> list[int]:
    """Of each row, the sum of its values times the counts, exactly."""
    if float((np.abs(values).astype(np.float64) @ counts).max(initial=0.0)) < _SAFE:
        exact: list[int] = (values @ counts).tolist()
        return exact
    return [_dot(row, counts) for row in values]


def _most_cut_off(values: Ints, x: Floats, limits: Sequence[int], unused: Floats) -> tuple[Floats, Ints]:
    """For each row `values x <= limit`, by how much it is broken at the most once it is rounded, per length of its
    coefficients, and the divisor that does it; 0 where there is none."""
    size, divisor = _best_of(values, x, limits, unused, _likely(np.abs(values)))
    cut = np.flatnonzero(divisor)
    if len(cut):
        finer = np.maximum(divisor[cut, None] // np.array([8, 4, 2]), 1)
        again, fine = _best_of(values[cut], x, [limits[at] for at in cut.tolist()], unused[cut], finer)
        better = (fine > 0) & (again > size[cut])
        size[cut[better]], divisor[cut[better]] = again[better], fine[better]
    return size, divisor


def _likely(sizes: Ints) -> Ints:
    """Of each row, up to `_DIVISORS` of its different coefficients, from the smallest to the largest; the rest is 1."""
    ordered = np.sort(sizes, axis=1)
    worth = ordered > ordered[:, -1:] >> 20
    worth[:, 1:] &= ordered[:, 1:] != ordered[:, :-1]
    ordered = np.take_along_axis(ordered, np.argsort(~worth, axis=1, kind="stable"), axis=1)
    count = worth.sum(axis=1)
    steps = np.arange(_DIVISORS)
    at = np.where(count[:, None] > _DIVISORS, (count[:, None] - 1) * steps // (_DIVISORS - 1), steps)
    inside = at < count[:, None]
    return np.where(inside, np.take_along_axis(ordered, np.where(inside, at, 0), axis=1), 1)


def _best_of(values: Ints, x: Floats, limits: Sequence[int], unused: Floats, divisors: Ints) -> tuple[Floats, Ints]:
    """The same, among some divisors of each row (rows, divisors)."""
    fits = all(-_SAFE < limit < _SAFE for limit in limits)
    limit = np.array(limits, dtype=np.int64 if fits else object)[:, None]
    whole = limit // divisors
    rest = (limit - whole * divisors).astype(np.int64)
    row, place = np.nonzero((rest > _PART * divisors) & (rest < _FULLEST * divisors))
    over = np.full(divisors.shape, -np.inf)
    by, less = divisors[row, place], rest[row, place]
    found = _rounded_down(values[row], by[:, None], less[:, None]).astype(np.float64)
    length = np.sqrt((found * found).sum(axis=1)) + 1.0
    rounded_limit = ((by - less) * whole[row, place]).astype(np.float64)
    over[row, place] = (found @ x + unused[row] - rounded_limit) / length
    every = np.arange(len(values))
    best = np.argmax(over, axis=1)
    size = over[every, best]
    return size, np.where(size > 1e-6, divisors[every, best], 0)
