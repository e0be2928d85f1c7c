"""Prices and the proof. For any prices y of the right sign

    U(y) = sum over rows k of y_k * bound_k  +  sum over units of max { sum of rc_j x_j : what the unit may do }

with reduced costs rc_j = c_j - sum over k of y_k a_kj is at least the value of every plan (weak duality). Prices are
float64 read as exact rationals, so the sum is exact and no solver need be believed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from math import gcd, lcm

import numpy as np

from optimizer.domain.exact import Floats, Ints
from optimizer.formulation.program import Program
from optimizer.formulation.terms import Row, Term

_UNIT_ROUNDOFF = 2.0**-52


def project(program: Program, prices: Sequence[float]) -> tuple[float, ...]:
    """Prices with the sign that their row's bounds allow: positive needs an upper bound, negative a lower one."""
    projected = []
    for row, price in zip(program.rows, prices, strict=True):
        allowed = row.upper is not None if price > 0 else row.lower is not None
        projected.append(float(price) if allowed and np.isfinite(price) else 0.0)
    return tuple(projected)


def reduced_costs(program: Program, prices: Sequence[float], *, costs: bool = True) -> tuple[Floats, Floats]:
    """Reduced costs of all columns, and a rigorous bound on the error of each; not finite where floats overflow."""
    n, priced = len(program), list(_priced_terms(program, prices, costs))
    with np.errstate(over="ignore", invalid="ignore"):
        total, size = weighted(n, priced), np.zeros(n)
        everywhere, own = _parted(priced)
        for measured in everywhere:
            # a term counts for all columns here, not only for its members: this only makes the error larger
            weight = sum(abs(weight * term.multiplier) for weight, term in measured)
            size += weight * np.abs(measured[0][1].values)
        for mine in own:
            several = [(sum(abs(w * term.multiplier) for w, term in one), np.abs(one[0][1].values)) for one in mine]
            size[mine[0][0][1].members] += sum(weight * values for weight, values in several)
    # Each product of a weight, a multiplier and a value has at most 4 roundings; it is in at most `count` sums, those
    # over a measure's weights and over the measures together. All that is summed up is no larger than `size`, so the
    # error is below (count + 4) half units of it, and more; doubled for the roundings in `size` itself.
    return total, size * (2 * (len(priced) + 8) * _UNIT_ROUNDOFF)


def by_measure(weighted: Iterable[tuple[float, Term]]) -> list[list[tuple[float, Term]]]:
    """Terms with their weights, those together that count the same of every column."""
    found: dict[int, list[tuple[float, Term]]] = {}
    for weight, term in weighted:
        found.setdefault(id(term.values), []).append((weight, term))
    return list(found.values())


def weighted(n: int, terms: Iterable[tuple[float, Term]]) -> Floats:
    """The weighted sum of terms over all columns (n,): weights of the same measure first, so that each is read once."""
    total = np.zeros(n)
    everywhere, own = _parted(terms)
    for measured in everywhere:
        total += _weights(n, measured) * measured[0][1].values
    for mine in own:
        several = [(sum(w * term.multiplier for w, term in one), one[0][1].values) for one in mine]
        total[mine[0][0][1].members] += sum(weight * values for weight, values in several)
    return total


_Weighted = list[tuple[float, Term]]


def _parted(terms: Iterable[tuple[float, Term]]) -> tuple[list[_Weighted], list[list[_Weighted]]]:
    """Terms by measure: those over all columns; and those that have values of their own, by the columns that these are
    of, each of which is then written once.
    """
    everywhere, own = list[_Weighted](), dict[int, list[_Weighted]]()
    for measured in by_measure(terms):
        term = measured[0][1]
        if term.own:
            own.setdefault(id(term.members), []).append(measured)
        else:
            everywhere.append(measured)
    return everywhere, list(own.values())


def _weights(n: int, measured: Sequence[tuple[float, Term]]) -> Floats | float:
    """What one measure counts in every column; one number where it is the same in all of them."""
    everywhere = sum(weight * term.multiplier for weight, term in measured if term.members is None)
    some = [(weight * term.multiplier, term.members) for weight, term in measured if term.members is not None]
    if not some:
        return everywhere
    dense = np.full(n, everywhere, dtype=np.float64)
    for weight, members in some:
        dense[members] += weight
    return dense


def upper_bound(
    program: Program, prices: Sequence[float], *, costs: bool = True, reduced: tuple[Floats, Floats] | None = None
) -> Fraction:
    """U(y), exactly, in the program's units; without `costs` a negative one proves that no plan exists.

    `reduced` are the `reduced_costs` at these prices, where they are known.
    """
    found = reduced_costs(program, prices, costs=costs) if reduced is None else reduced
    return limits_worth(program.rows, prices) + _units_best(program, prices, costs, *found)


def nearly(program: Program, prices: Sequence[float], *, costs: bool = False) -> float:
    """U(y) in floats: about what `upper_bound` is."""
    rc, _ = reduced_costs(program, prices, costs=costs)
    rc = np.where(program.most > 0, rc, -np.inf)
    starts = np.flatnonzero(np.diff(program.unit, prepend=-1))  # units ascend
    if not len(starts):
        return float(limits_worth(program.rows, prices))
    best, unit = np.maximum.reduceat(rc, starts), program.unit[starts]
    worth = best > 0
    times = np.where(worth, program.available[unit], program.required[unit])
    units = float((best[times > 0] * times[times > 0]).sum())
    return float(limits_worth(program.rows, prices)) + units / program.parts


def limits_worth(rows: Sequence[Row], prices: Sequence[float]) -> Fraction:
    """What the bounds of all rows are worth at these prices, exactly."""
    worth = Fraction(0)
    for row, price in zip(rows, map(Fraction, prices), strict=True):
        limit = row.upper if price > 0 else row.lower
        if price and limit is not None:
            worth += price * limit
    return worth


def step(program: Program) -> Fraction:
    """What all values are whole multiples of, in whole bookings: the costs' common divisor; 0 where they are all 0."""
    divisor = 0
    for term in program.costs:
        divisor = gcd(divisor, int(np.gcd.reduce(term.values, initial=0)) * term.multiplier)
    return Fraction(divisor)


def best_value(program: Program, bound: Fraction) -> Fraction:
    """The highest value that a plan can have under a bound; in parts of bookings, the bound itself."""
    if not program.all_whole:
        return bound
    divisor = step(program)
    return bound // divisor * divisor if divisor else Fraction(0)


def _units_best(program: Program, prices: Sequence[float], costs: bool, rc: Floats, error: Floats) -> Fraction:
    """The sum over units of the best that each may do; exact where a reduced cost may be positive."""
    must = program.required[program.unit] > 0
    columns = np.flatnonzero((~(rc <= -error) | must) & (program.most > 0))  # also where floats gave no answer
    exact, denominator = exact_reduced_costs(program, prices, columns, costs)
    best: dict[int, int] = {}
    for unit, value in zip(program.unit[columns].tolist(), exact, strict=True):
        best[unit] = max(best.get(unit, value), value)
    total = 0
    for unit, value in best.items():
        times = program.available[unit] if value > 0 else program.required[unit]
        total += int(times) * value
    return Fraction(total, denominator * program.parts)


def exact_reduced_costs(
    program: Program, prices: Sequence[float | Fraction], columns: Ints, costs: bool
) -> tuple[list[int], int]:
    """Reduced costs of some columns as integers over one denominator."""
    priced = [(Fraction(program.objective.sign), term) for term in program.costs if costs]
    priced += [
        (-Fraction(price), term) for row, price in zip(program.rows, prices, strict=True) for term in row.terms if price
    ]
    denominator = lcm(*(weight.denominator for weight, _ in priced))
    total = np.zeros(len(columns), dtype=object)
    for weight, term in priced:
        inside = np.flatnonzero(term.at(columns))
        factor = int(weight * denominator) * term.multiplier
        total[inside] += factor * term.of(columns[inside]).astype(object)
    return [int(value) for value in total], denominator


def _priced_terms(program: Program, prices: Sequence[float], costs: bool) -> Iterator[tuple[float, Term]]:
    if costs:
        for term in program.costs:
            yield float(program.objective.sign), term
    for row, price in zip(program.rows, prices, strict=True):
        if price:
            for term in row.terms:
                yield -price, term


def regrets(program: Program, rc: Floats) -> tuple[Floats, Floats]:
    """What it costs, at given prices, to book a column (n,), and to leave a unit's best choice (m,).

    In a plan whose value is within d of the bound, no column with a regret over d is booked, and every unit with a
    regret over d keeps its best choice: reduced-cost fixing.
    """
    units = len(program.available)
    rc = np.where(program.most > 0, rc, -np.inf)
    floor = np.where(program.required >= program.available, -np.inf, 0.0)  # a unit with a free booking may go without
    starts = np.flatnonzero(np.diff(program.unit, prepend=-1))  # units ascend
    mine = program.unit[starts]
    best, others = floor.copy(), floor.copy()
    if len(rc):
        best[mine] = np.maximum(floor[mine], np.maximum.reduceat(rc, starts))
    with np.errstate(invalid="ignore"):  # of units that cannot be booked
        column = best[program.unit] - rc
    is_best = column == 0
    if len(rc):
        others[mine] = np.maximum(floor[mine], np.maximum.reduceat(np.where(is_best, -np.inf, rc), starts))
    ties = np.bincount(program.unit[is_best], minlength=units) > 1
    with np.errstate(invalid="ignore"):
        keep = np.where(ties, 0.0, best - others)
    keep[best == floor] = 0.0
    partly = (program.required > 0) & (program.required < program.available)
    column[partly[program.unit]], keep[partly] = 0.0, 0.0  # must and may differ: nothing is settled
    column[~program.whole], keep[program.unit[~program.whole]] = 0.0, 0.0  # a small part of a booking costs little
    keep[program.available % program.parts > 0] = 0.0  # no whole bookings fill it
    return column, keep
