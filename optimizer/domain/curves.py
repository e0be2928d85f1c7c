"""How many people of a cell some bookings reach: concave curves, evaluated to 30 digits and rounded to a known side.

Of N people who could be reached, e = sum of the exposures of what is booked, a booking by itself reaches the share p:

    R(e) = N (1 - (1 + e/k)^(-k)),   b(p) = k ((1 - p)^(-1/k) - 1)     people follow creators unequally
    R(e) = N (1 - exp(-e)),          b(p) = -ln(1 - p)                 chance overlap: k infinite
    R(e) = N min(1, e),              b = 1                             each booking reaches all of the cell

The first is negative binomial exposure (Ehrenberg; Goodhardt), the second that of Sainsbury. People are counted in
millionths of a person, exposures in billionths.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal, localcontext
from fractions import Fraction
from math import isinf

import numpy as np

from optimizer.domain.exact import Floats, Ints

UNIT = 10**9  # of an exposure
LEAST_K = Fraction(1, 10)
MOST_EXPOSED = 10**6 * UNIT  # the exposure of a booking that reaches nearly everybody
NEARLY_ALL = 1 - 1e-6  # a share above this counts as this
_DIGITS = Context(prec=60)
_SURE = Decimal("1e-30")  # an error of 60 digits is far smaller
_HAIR = Decimal("1e-25")  # of a billionth, above which an exposure is no whole number of them
_ROUNDOFF = 2.0**-50  # of a float, more than the few steps of a formula lose


@dataclass(frozen=True)
class Curve:
    """The curve of one cell: `people` in millionths; `k` None: chance overlap; `all_of_it`: a booking reaches all."""

    people: int
    k: Fraction | None = None
    all_of_it: bool = False

    def reached(self, exposure: int) -> int:
        """The people that are reached, rounded down."""
        if self.all_of_it:
            return self.people * min(exposure, UNIT) // UNIT
        if exposure <= 0:
            return 0
        with localcontext(_DIGITS):
            share = 1 - self._missed(Decimal(exposure) / UNIT)
            return int((self.people * share - self.people * _SURE).to_integral_value(ROUND_FLOOR).max(0))

    def slope(self, exposure: float) -> float:
        """How many more millionths a further billionth reaches, nearly."""
        e = exposure / UNIT
        if self.all_of_it:
            return self.people / UNIT if e < 1 else 0.0
        k = None if self.k is None else float(self.k)
        falls = np.exp(-e) if k is None else (1 + e / k) ** (-k - 1)
        return float(self.people / UNIT * falls)

    def above(self, slope: Fraction) -> int:
        """The least c with R(e) <= slope e + c for every e, rounded up: the tangent of that slope (per billionth)."""
        steepest = Fraction(self.people, UNIT)
        if slope >= steepest:
            return 0
        if self.all_of_it or slope <= 0:  # of the straight lines, at its corner
            return -(-(self.people - slope * UNIT) // 1) if slope > 0 else self.people
        with localcontext(_DIGITS):
            ratio = Decimal(slope.numerator * UNIT) / (Decimal(slope.denominator) * self.people)  # R'(e) / N
            if self.k is None:
                e, missed = -ratio.ln(), ratio
            else:
                k = Decimal(self.k.numerator) / self.k.denominator
                grown = (-ratio.ln() / (k + 1)).exp()  # 1 + e/k
                e, missed = k * (grown - 1), ratio * grown
            over = self.people * (1 - missed - ratio * e)
            return int((over + self.people * _SURE * (1 + e)).to_integral_value(ROUND_CEILING))

    def _missed(self, e: Decimal) -> Decimal:
        """The share of people that is not reached."""
        if self.k is None:
            return (-e).exp()
        k = Decimal(self.k.numerator) / self.k.denominator
        return (-k * (1 + e / k).ln()).exp()


def missed(e: Floats, k: Floats | float) -> Floats:
    """The share of people that exposures miss, by floats; k is infinite for chance overlap."""
    return np.exp(_log_missed(e, k))


def share_reached(e: Floats, k: Floats | float) -> Floats:
    """The share of people that exposures reach, by floats, to all digits of a small one."""
    return -np.expm1(_log_missed(e, k))


def exposure_by_floats(share: Floats, k: float) -> Floats:
    """The exposures of bookings that reach these shares of all people, in [0, 1]: at most a million.

    Raises
    ------
    ValueError
        If a share is not between 0 and 1, or k is below 0.1.
    """
    if not k >= LEAST_K:
        raise ValueError(f"k is {k}; it is at least {float(LEAST_K)}")
    if not ((share >= 0) & (share <= 1)).all():
        raise ValueError("a share of people lies between 0 and 1")
    return np.minimum(_grown(-np.log1p(-np.minimum(share, NEARLY_ALL)), k), MOST_EXPOSED / UNIT)


def exposures(reached: Ints, people: Ints, k: Fraction | None) -> Ints:
    """The exposures of bookings (n,) that reach so many of so many people by themselves, rounded up to billionths.

    By floats; whatever lies so near to a whole billionth that these leave a doubt is worked out to 60 digits.
    """
    share = np.minimum(reached / people, NEARLY_ALL)
    found, error = (part * UNIT for part in _exposed(share, k))
    result: Ints = np.minimum(np.ceil(found), MOST_EXPOSED).astype(np.int64)
    result[reached <= 0] = 0
    doubtful = (np.abs(found - np.rint(found)) <= error) & (found - error < MOST_EXPOSED)
    at = np.flatnonzero(doubtful & (reached > 0))
    exact = {}
    for place, pair in zip(at.tolist(), zip(reached[at].tolist(), people[at].tolist(), strict=True), strict=True):
        if pair not in exact:
            exact[pair] = exposure_of(*pair, k)
        result[place] = exact[pair]
    return result


def exposure_of(reached: int, people: int, k: Fraction | None) -> int:
    """The exposure of one booking, exactly."""
    with localcontext(_DIGITS):
        most = Decimal(10**6 - 1) / 10**6
        left = 1 - min(Decimal(reached) / people, most)
        if k is None:
            e = -left.ln()
        else:
            at = Decimal(k.numerator) / k.denominator
            e = at * ((-left.ln() / at).exp() - 1)
        return min(int((e * UNIT - _HAIR).to_integral_value(ROUND_CEILING)), MOST_EXPOSED)


def _exposed(share: Floats, k: Fraction | None) -> tuple[Floats, Floats]:
    """The exposures of bookings that reach these shares, by floats, and how far these may be wrong: most where nearly
    all are reached, and what is left is a difference of nearly equal numbers.
    """
    missed = -np.log1p(-share)
    error = _ROUNDOFF * (share / (1 - share) + missed)
    if k is None:
        return missed, error
    grown = _grown(missed, float(k))
    return grown, (error + _ROUNDOFF * missed) * (1 + grown / float(k)) + _ROUNDOFF * grown


def _log_missed(e: Floats, k: Floats | float) -> Floats:
    """The logarithm of the share that exposures miss."""
    with np.errstate(invalid="ignore"):
        found: Floats = np.where(np.isinf(k), -e, -k * np.log1p(e / k))
    return found


def _grown(missed: Floats, k: float) -> Floats:
    """The exposures of shares of which `missed` are the negative logarithms of what they miss."""
    with np.errstate(over="ignore"):  # a million all the same
        return missed if isinf(k) else k * np.expm1(missed / k)
