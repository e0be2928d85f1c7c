"""The tables behind the draws: normal quantiles, powers of e and Poisson probabilities.

No library's elementary function is in a draw, as their last digits differ between machines. Each entry is defined
as the exact value, rounded to a stated grid, so whoever computes it well enough gets the same entry.
"""

from __future__ import annotations

from functools import cache
from statistics import NormalDist
from typing import Final

import numpy as np

from optimizer.domain.exact import Floats, Ints

EQUAL: Final = 65_536  # equally likely normals, and steps of a uniform
FINE: Final = 16  # powers of e are known at multiples of 2**-FINE
_SPLIT: Final = 10  # bits of the exponent in the table of small powers
_LOWEST: Final = -64  # the exponents of the table of large powers, in whole numbers
_HIGHEST: Final = 32
MOST_SD: Final = 3.0  # two normals of this log standard deviation stay within the exponents

STEPS: Final = 64  # Poisson tables per unit of the mean
SMALL: Final = 8  # means below this one are drawn by table
_MOST_COUNTED: Final = 32  # thresholds of one table
_GUIDED: Final = 256  # entries of a row of the guide

_BITS: Final = 256
_ONE: Final = 1 << _BITS


@cache
def normals() -> Floats:
    """The standard normal quantiles at (i + 1/2) / 65536, to the nearest multiple of 2**-20; shape (65536,).

    No exact quantile is nearer to the middle between two multiples than 1e-11, and the quantiles of the standard
    library are far better than that. So the entries do not depend on its last digits.
    """
    quantile = NormalDist().inv_cdf
    upper = [round(quantile((2 * at + 1) / (2 * EQUAL)) * 2**20) for at in range(EQUAL // 2, EQUAL)]
    return np.array([-value for value in reversed(upper)] + upper, np.float64) * 2.0**-20


def kept(sd: float) -> float:
    """By how much a log-normal factor is multiplied so that its mean stays 1, though the table ends at 4.32.

    Of the mean of `exp(sd z - sd**2 / 2)`, the part above the end z is missing: the share of the normal distribution
    above end - sd. The table takes the middle of its last step, so it loses less: with an end of
    4.8 - sd / 20, means are kept within 0.4 % for each sd up to 3.
    """
    return EQUAL / int(np.searchsorted(normals(), 4.8 - 1.05 * sd, side="right"))


@cache
def _series(bits: int) -> int:
    """e**(2**-bits), in units of 2**-256."""
    total = term = _ONE
    for n in range(1, _BITS):
        term = (term >> bits) // n
        total += term
    return total


@cache
def powers() -> tuple[Floats, Floats]:
    """The nearest float64 to e**(k / 64), k = -4096 to 2047, and to e**(k / 65536), k = 0 to 1023."""
    small = _geometric(_ONE, _series(FINE), 1 << _SPLIT)
    step = _series(FINE - _SPLIT)
    large = _geometric(_ONE, step, -_LOWEST << FINE - _SPLIT)
    lowest = (_ONE << _BITS) // (large[-1] * step >> _BITS)
    large = _geometric(lowest, step, _HIGHEST - _LOWEST << FINE - _SPLIT)
    return np.array([value / _ONE for value in large]), np.array([value / _ONE for value in small])


def _geometric(first: int, factor: int, count: int) -> list[int]:
    values = [first]
    for _ in range(count - 1):
        values.append(values[-1] * factor >> _BITS)
    return values


def power(exponents: Floats) -> Floats:
    """e to exponents in units of 2**-16, rounded half to even to whole units: one product of two table entries."""
    large, small = powers()
    whole = np.rint(exponents).astype(np.int64)
    result: Floats = large.take((whole >> _SPLIT) - (_LOWEST << FINE - _SPLIT), mode="clip")
    result *= small.take(whole & (1 << _SPLIT) - 1, mode="clip")
    return result


@cache
def thresholds() -> Ints:
    """65536 P(N <= k), to the nearest whole number, for N Poisson with mean i / 64; shape (513, 32) by i and k."""
    table = []
    for at, none in enumerate(_geometric(_ONE, (_ONE << _BITS) // _series(FINE - _SPLIT), SMALL * STEPS + 1)):
        total, term = 0, none
        for k in range(_MOST_COUNTED):
            total += term
            table.append((total * EQUAL * 2 + _ONE) // (2 * _ONE))
            term = term * at // (STEPS * (k + 1))
    return np.array(table, np.int64).reshape(-1, _MOST_COUNTED)


@cache
def _guide() -> Ints:
    """How many thresholds of a row are at most 256 b, by row and b: where the search of a count begins."""
    starts = np.arange(_GUIDED) * (EQUAL // _GUIDED)
    return np.array([np.searchsorted(row, starts, side="right") for row in thresholds()], np.uint8)


def small_counts(rows: Ints, uniform: Ints) -> Ints:
    """How many thresholds of its row are at most each uniform of 16 bits; all of shape (size,)."""
    limits = thresholds().reshape(-1)
    found = _guide().reshape(-1).take(rows * _GUIDED + (uniform >> 8), mode="clip").astype(np.int64)
    at = rows * _MOST_COUNTED
    at += found
    open_ = np.flatnonzero(limits.take(at, mode="clip") <= uniform)
    while open_.size:
        found[open_] += 1
        at[open_] += 1
        open_ = open_[limits[at[open_]] <= uniform[open_]]
    return found
