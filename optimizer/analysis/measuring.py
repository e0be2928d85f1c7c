"""Differences between plans: what may be subtracted, in decimal arithmetic."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from optimizer.domain.quantities import MONEY
from optimizer.results.plan import Plan


def subtractable(quantity: str, one: Plan, other: Plan) -> bool:
    """Whether two plans count a quantity in the same unit: money in two currencies is never subtracted."""
    unit = one.units.get(quantity)
    return unit == other.units.get(quantity) and (unit != MONEY or one.currency == other.currency)


def same_objective(one: Plan, other: Plan) -> bool:
    """Whether the values of two objectives may be subtracted."""
    ours, theirs = one.objective, other.objective
    same = ours.sense == theirs.sense and dict(ours.of) == dict(theirs.of)
    return same and all(subtractable(name, one, other) for name in ours.of)


def total(values: Iterable[float]) -> float:
    """The sum of decimals as they are written: 0.1 + 0.2 is 0.3."""
    values = list(values)
    whole = all(isinstance(value, int) for value in values)
    exact = sum((Fraction(repr(value)) for value in values), start=Fraction(0))
    return int(exact) if whole else float(exact)


def difference(value: float, base: float) -> float:
    """The difference of decimals as they are written."""
    return total((value, -base))


def relative(difference: float, base: float) -> float | None:
    """A difference relative to the size of the base; None if that is 0."""
    return difference / abs(base) if base else None
