"""How many people of a cell are reached, by the formulas of the reference; written a second time, in 60 digits.

People are counted in millionths of a person, exposures in billionths. What is reached is rounded down, and what it
cannot pass is rounded up, each by a 10^-30 part of all people more than decimals of 60 digits can be wrong.
"""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal, localcontext
from fractions import Fraction
from functools import lru_cache

from optimizer.domain.curves import Curve

BILLION = 10**9
_MOST = 10**15
_LEFT = Decimal("1e-6")  # of the people, at least so many are counted as not reached by one booking
_SURE, _HAIR = Decimal("1e-30"), Decimal("1e-25")
_DIGITS = Context(prec=60)


def reached(curve: Curve, exposure: int) -> int:
    """The people whom bookings with so much exposure in all reach."""
    if curve.all_of_it:
        return curve.people * min(exposure, BILLION) // BILLION
    if exposure <= 0:
        return 0
    with localcontext(_DIGITS):
        e = Decimal(exposure) / BILLION
        left = (-e).exp() if curve.k is None else (1 + e / _decimal(curve.k)) ** -_decimal(curve.k)
        found = curve.people * (1 - left - _SURE)
        return max(int(found.to_integral_value(ROUND_FLOOR)), 0)


@lru_cache(maxsize=1 << 18)
def exposure(curve: Curve, people: int) -> int:
    """The exposure of one booking that reaches so many people by itself."""
    if curve.all_of_it:
        return BILLION
    with localcontext(_DIGITS):
        left = max(Decimal(curve.people - people) / curve.people, _LEFT)
        e = -left.ln() if curve.k is None else _decimal(curve.k) * (left ** (-1 / _decimal(curve.k)) - 1)
        return min(int((e * BILLION - _HAIR).to_integral_value(ROUND_CEILING)), _MOST)


def limited(curve: Curve, people: int, exposed: int) -> int:
    """The people whom a booking of this exposure reaches by itself: fewer where that has a limit."""
    at_limit = exposed == _MOST or (curve.people - people) * 10**6 < curve.people
    return min(people, reached(curve, exposed)) if at_limit and not curve.all_of_it else people


def beyond(curve: Curve, slope: Fraction) -> int:
    """By how much the curve rises above the line through nothing that has a slope (in people per exposure), at most."""
    if slope >= Fraction(curve.people, BILLION):
        return 0
    if slope <= 0:
        return curve.people
    if curve.all_of_it:
        return curve.people - slope.numerator * BILLION // slope.denominator
    with localcontext(_DIGITS):
        steep = _decimal(slope) * BILLION / curve.people  # of the curve at its beginning, 1
        if curve.k is None:
            e = -steep.ln()
            left = steep
        else:
            k = _decimal(curve.k)
            grown = steep ** (-1 / (k + 1))
            e, left = k * (grown - 1), grown**-k
        found = curve.people * (1 - left - steep * e + _SURE * (1 + e))
        return int(found.to_integral_value(ROUND_CEILING))


def _decimal(value: Fraction) -> Decimal:
    return Decimal(value.numerator) / value.denominator
