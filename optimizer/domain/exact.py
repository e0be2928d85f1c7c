"""Exact numbers: decimals as written, money in minor units, integer products rounded by rule."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

MICRO = 10**6  # rates, shares and every quantity but money are counted in millionths
LIMIT = 9 * 10**15  # below this float64 holds every integer exactly

_NUMBER = re.compile(r"([+-]?)(\d[\d_]*)?(?:\.(\d+))?(?:[eE]([+-]?\d{1,3}))?\s*(%?)", re.ASCII)
_MOST_DIGITS = 18


@dataclass(frozen=True, slots=True)
class Number:
    """A number as the planner wrote it; `value` has the percent sign worked in."""

    value: Decimal
    percent: bool = False

    def __str__(self) -> str:
        return f"{plain(self.value * 100)}%" if self.percent else plain(self.value)

    @property
    def fraction(self) -> Fraction:
        return Fraction(self.value)


def parse_number(text: str) -> Number | None:
    """Read `25_000`, `-3`, `1e6`, `0.8%`; None where the text is no number of at most 18 digits."""
    match = _NUMBER.fullmatch(text.strip())
    if match is None:
        return None
    sign, whole, decimals, exponent, percent = match.groups()
    digits = (whole or "").replace("_", "") + (decimals or "")
    if (
        not digits
        or len(digits.lstrip("0")) > _MOST_DIGITS
        or len(digits) > 2 * _MOST_DIGITS
        or abs(int(exponent or 0)) > _MOST_DIGITS
    ):
        return None
    if whole and (whole.endswith("_") or "__" in whole):
        return None
    shift = int(exponent or 0) - len(decimals or "") - (2 if percent else 0)
    return Number(Decimal(f"{sign}{digits}").scaleb(shift), bool(percent))


def plain(value: Decimal) -> str:
    """A decimal without an exponent and without trailing zeros."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


@dataclass(frozen=True, slots=True)
class Currency:
    """An ISO 4217 currency; `scale` minor units make one of it."""

    code: str

    @property
    def decimals(self) -> int:
        return 0 if self.code in _NO_DECIMALS else 3 if self.code in _THREE_DECIMALS else 2

    @property
    def scale(self) -> int:
        return int(10**self.decimals)

    def minor(self, amount: Decimal) -> int | None:
        """The amount in minor units; None if it is finer than the currency, or ambiguous as in 20.000."""
        scaled = amount.scaleb(self.decimals)
        if amount.as_tuple().exponent == -3 and self.decimals != 3 and 1 <= abs(amount) < 1_000:
            return None
        return int(scaled) if scaled == scaled.to_integral_value() else None


_NO_DECIMALS = frozenset("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF".split())
_THREE_DECIMALS = frozenset("BHD IQD JOD KWD LYD OMR TND".split())
_TWO_DECIMALS = """
    AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY COP
    CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR
    JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN
    NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SYP SZL
    THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VES WST YER ZAR ZMW ZWG
"""
CURRENCIES = _NO_DECIMALS | _THREE_DECIMALS | frozenset(_TWO_DECIMALS.split())


def millionths(values: Floats) -> Ints:
    """Round half to even to millionths: the integer that stands for a quantity other than money."""
    scaled = values * float(MICRO)
    rounded: Ints = np.rint(scaled, out=scaled).astype(np.int64)
    return rounded


def largest(values: Ints | Floats) -> int | float:
    """The largest magnitude of some values; 0 of none."""
    most: int | float = max(values.max().item(), -values.min().item()) if values.size else 0
    return most


def exact_sum(values: Ints) -> int:
    """The sum of up to 2**31 integers of up to 62 bits, where that of 64-bit integers may overflow."""
    high, low = np.divmod(values, 2**31)
    return int(high.sum()) * 2**31 + int(low.sum())


def times_up(amount: Ints, factor: int) -> Ints:
    """`amount * factor / 10**6`, rounded up: what we pay is never understated."""
    whole, rest, _ = _product(amount, factor)
    return whole + (rest > 0).astype(np.int64)


def times_even(amount: Ints, factor: int) -> Ints:
    """`amount * factor / 10**6`, rounded half to even: what we earn."""
    whole, rest, half = _product(amount, factor)
    up: Flags = (rest > half) | ((rest == half) & (whole % 2 == 1))
    return whole + up.astype(np.int64)


def _product(amount: Ints, factor: int) -> tuple[Ints, Ints, int]:
    """Floor and rest of `amount * factor / 10**6`, by parts where the product overflows; OverflowError past LIMIT."""
    most = largest(amount)
    if amount.size and (float(most) * abs(factor) / MICRO > LIMIT or abs(factor) > 2**62 // MICRO):
        raise OverflowError
    if most * abs(factor) < 2**63:
        product = amount * factor
        whole = product // MICRO
        return whole, product - whole * MICRO, MICRO // 2
    millions, ones = np.divmod(amount, MICRO)
    carried, rest = np.divmod(ones * factor, MICRO)
    return millions * factor + carried, rest, MICRO // 2
