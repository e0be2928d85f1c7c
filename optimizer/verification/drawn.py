"""Drawn outcomes of a plan a second time, booking by booking and draw by draw, in plain Python.

The draws are integers by definition (decision 0024), so these must equal those of the plan, to the last digit. About
30 microseconds for each booking and draw: 40 bookings x 1,000 draws take a second or two, 500 x 10,000 some minutes.
"""

from __future__ import annotations

import hashlib
import math
from bisect import bisect_right
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Context, Decimal
from functools import cache

_EXACT = Context(prec=60)
_WORD = 2**32
_MILLION = 1_000_000
_SUMMED = 9 * 10**15  # no sum is larger, so that float64 holds it exactly
COUNTED = ("clicks", "conversions")
NAMES = (
    *("impressions", "impressions.organic", "impressions.paid", "gross_reach"),
    *("engagements", "clicks", "conversions", "posts"),
    *("revenue", "commission", "cash", "spend", "agency", "cost", "profit"),
)
Three = tuple[int, int, int]


@dataclass(frozen=True)
class Expected:
    """One booking: what is expected if it is posted, and its money in minor units and millionths."""

    key: str
    platform: str
    niche: str
    post_rate: float
    views_sd: tuple[float, float]
    engagements_sd: tuple[float, float]
    impressions: float
    paid: float
    engagements: float
    clicks: float
    conversions: float
    by_engagements: bool
    viewers: float
    seen: Sequence[float]
    pieces: Sequence[int]
    reach_scale: float
    fee: int
    fixed_cash: int
    product: int
    rate: int
    per_conversion: int
    cap: int
    order_value: int
    margin: int
    agency: int
    fixed: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Errors:
    """Log standard deviations of what bookings share."""

    bias: float
    campaign: float
    platform: float
    niche: float


@dataclass(frozen=True)
class Redrawn:
    """Totals draw by draw, in minor units and thousandths, and the percentiles of each booking, in their order."""

    totals: Mapping[str, Sequence[int]]
    alone: Mapping[str, Sequence[int]]
    groups: Sequence[Mapping[str, Sequence[int]]]
    bookings: Sequence[Mapping[str, Three]]
    bookings_alone: Sequence[Mapping[str, Three]]


def redrawn(
    bookings: Sequence[Expected],
    errors: Errors,
    groups: Sequence[Collection[int]] = (),
    *,
    draws: int,
    seed: int,
    see: Callable[[Mapping[str, Sequence[int]], Mapping[str, Sequence[int]]], None] | None = None,
) -> Redrawn:
    """Draw again; `draws` is the number that was used, and a group is the positions of its bookings. `see` is shown the
    draws of each booking in order, with the errors that bookings share and without.
    """
    most = _SUMMED // max(len(bookings), 1)
    shared = _Shared(errors, draws, seed)
    fixed = dict.fromkeys(name for booking in bookings for name in booking.fixed)
    totals, alone = _nothing(draws, fixed), _nothing(draws, fixed)
    of_groups = [_nothing(draws, fixed) for _ in groups]
    each, each_alone = [], []
    for at, booking in enumerate(bookings):
        with_errors, without = _draws_of(booking, shared, draws, seed, most)
        each.append({name: percentiles(values) for name, values in with_errors.items()})
        each_alone.append({name: percentiles(values) for name, values in without.items()})
        if see is not None:
            see(with_errors, without)
        _add(totals, with_errors)
        _add(alone, without)
        for members, sums in zip(groups, of_groups, strict=True):
            if at in members:
                _add(sums, with_errors)
    return Redrawn(totals, alone, of_groups, each, each_alone)


def percentiles(values: Sequence[int]) -> Three:
    """Of sorted draws those at the positions floor(10 %), floor(50 %) and floor(90 %) of their number, from 0."""
    ordered = sorted(values)
    ten, fifty, ninety = (ordered[percent * len(ordered) // 100] for percent in (10, 50, 90))
    return ten, fifty, ninety


def _nothing(draws: int, fixed: Iterable[str]) -> dict[str, list[int]]:
    return {name: [0] * draws for name in (*NAMES, *fixed)}


def _add(totals: dict[str, list[int]], values: Mapping[str, Sequence[int]]) -> None:
    for name, more in values.items():
        totals[name] = [one + other for one, other in zip(totals[name], more, strict=True)]


def _draws_of(
    booking: Expected, shared: _Shared, draws: int, seed: int, most: int
) -> tuple[dict[str, list[int]], dict[str, list[int]]]:
    """All draws of one booking, with the errors that bookings share and without."""
    with_errors, without = _nothing(draws, booking.fixed), _nothing(draws, booking.fixed)
    for name, value in booking.fixed.items():
        with_errors[name] = without[name] = [round(value * 1000)] * draws
    normals, common = _normals(), shared.of(booking)
    words: tuple[int, ...] = ()
    for draw in range(draws):
        if draw % 2 == 0:
            words = philox(_counter(booking.key, 0, draw // 2), seed)
        first, second = words[draw % 2 * 2 : draw % 2 * 2 + 2]
        pair = normals[first % 65_536], normals[first // 65_536]
        posted = second < booking.post_rate * _WORD
        uniform = int(min(second * (1 / booking.post_rate), _WORD - 1.0))
        views = _factor(pair, booking.views_sd) if posted else 0.0
        engagements = _factor(pair, booking.engagements_sd) if posted else 0.0
        _outcomes(without, draw, booking, posted, views, engagements, uniform, most)
        of_views, of_engagements = common[draw]
        _outcomes(with_errors, draw, booking, posted, views * of_views, engagements * of_engagements, uniform, most)
    return with_errors, without


def _outcomes(
    into: dict[str, list[int]],
    draw: int,
    booking: Expected,
    posted: bool,
    views: float,
    engagements: float,
    uniform: int,
    most: int,
) -> None:
    """What a booking brings in one draw."""
    into["posts"][draw] = min(sum(booking.pieces) * 1000 if posted else 0, most)
    organic = min(round(booking.impressions * 1000.0 * views), most)
    paid = min(round(booking.paid * 1000.0), most) if posted else 0
    into["impressions.organic"][draw], into["impressions.paid"][draw] = organic, paid
    into["impressions"][draw] = min(organic + paid, most)
    into["engagements"][draw] = min(round(booking.engagements * 1000.0 * engagements), most)
    into["gross_reach"][draw] = min(round(_reached(booking, views)), most)
    seen = _of_all(booking, posted, views)
    driver = engagements if booking.by_engagements else seen
    clicks = min(count(booking.clicks * seen, uniform), most // 1000)
    sold = min(count(booking.conversions * driver, uniform), most // 1000)
    into["clicks"][draw], into["conversions"][draw] = clicks * 1000, sold * 1000
    for name, value in _money(booking, float(sold), float(most)).items():
        into[name][draw] = int(value)


def _of_all(booking: Expected, posted: bool, views: float) -> float:
    """The factor of organic and paid impressions together."""
    if booking.paid == 0.0:
        return views
    share = booking.paid / (booking.impressions + booking.paid)
    return (1.0 - share) * views + (share if posted else 0.0)


def _reached(booking: Expected, views: float) -> float:
    if booking.viewers == 0:
        return 0.0
    missed = 1.0
    for seen, pieces in zip(booking.seen, booking.pieces, strict=True):
        base, exponent, power = 1.0 - min(seen / booking.viewers * views, 1.0), pieces, 1.0
        while exponent:
            if exponent % 2:
                power *= base
            exponent //= 2
            base *= base
        missed *= power
    return booking.reach_scale * booking.viewers * 1000.0 * (1.0 - missed)


def _money(booking: Expected, sold: float, most: float) -> dict[str, float]:
    revenue = min(sold * booking.order_value, most)
    commission = revenue * booking.rate / _MILLION + sold * booking.per_conversion
    if booking.cap >= 0:
        commission = min(commission, booking.cap)
    commission = min(round(commission), most)
    cash = min(float(booking.fee) + booking.fixed_cash + commission, most)
    spend = min(cash + booking.product, most)
    agency = float(round(cash * booking.agency / _MILLION))
    earned = max(min(round(revenue * booking.margin / _MILLION), most), -most)
    return {
        "revenue": revenue,
        "commission": commission,
        "cash": cash,
        "spend": spend,
        "agency": agency,
        "cost": min(spend + agency, most),
        "profit": max(earned - spend, -most),
    }


def count(mean: float, uniform: int) -> int:
    """The Poisson count of a uniform number of 32 bits: by table below a mean of 8, else by expansion."""
    high, low = divmod(uniform, 65_536)
    if mean < 8:
        return bisect_right(_shares(int(mean * 64.0 + low / 65_536)), high)
    z, root = _normals()[high], math.sqrt(mean)
    square = z * z + 2.0
    return math.floor(max(root * z + mean + square / 6.0 - z * square / 72.0 / root, 0.0))


@cache
def _shares(row: int) -> list[int]:
    """How many of 65536 equal steps a Poisson count with mean row / 64 is at most 0, 1, 2, ... in."""
    mean = _EXACT.divide(Decimal(row), Decimal(64))
    term = total = _EXACT.exp(-mean)
    shares = []
    for k in range(1, 40):
        shares.append(int((total * 65_536).to_integral_value(context=_EXACT)))
        term = _EXACT.divide(_EXACT.multiply(term, mean), Decimal(k))
        total = _EXACT.add(total, term)
    return shares


@cache
def _normals() -> list[float]:
    """Normal quantiles at the middles of 65536 equal steps, to the nearest 2**-20, by Newton's method."""
    upper, z = [], 0.0
    for step in range(32_768):
        above, change = (65_535 - 2 * step) / 131_072, 1.0
        while abs(change) > 1e-13:
            change = (math.erfc(z / math.sqrt(2)) / 2 - above) * math.sqrt(2 * math.pi) * math.exp(z * z / 2)
            z += change
        upper.append(round(z * 2**20) / 2**20)
    return [-value for value in reversed(upper)] + upper


@cache
def _power(numerator: int, denominator: int) -> float:
    """The nearest float64 to e**(numerator / denominator)."""
    return float(_EXACT.exp(_EXACT.divide(Decimal(numerator), Decimal(denominator))))


@cache
def _kept(sd: float) -> float:
    """What a factor is multiplied by as the table of normals ends."""
    return 65_536 / bisect_right(_normals(), 4.8 - 1.05 * sd)


def _e_to(units: float) -> float:
    """e to so many 65536ths."""
    large, small = divmod(round(units), 1024)
    return _power(large, 64) * _power(small, 65_536)


def _factor(normals: tuple[float, float], sds: tuple[float, float]) -> float:
    """A log-normal factor of mean 1, of the creator's and the posts' normals."""
    exponent = normals[0] * (sds[0] * 65_536.0) + normals[1] * (sds[1] * 65_536.0)
    return _e_to(exponent - (sds[0] * sds[0] + sds[1] * sds[1]) * 32_768.0) * (_kept(sds[0]) * _kept(sds[1]))


class _Shared:
    """The factors that bookings share, by name."""

    def __init__(self, errors: Errors, draws: int, seed: int) -> None:
        self._errors, self._draws, self._seed = errors, draws, seed
        self._known: dict[tuple[str, float], list[float]] = {}

    def of(self, booking: Expected) -> list[tuple[float, float]]:
        """The factors of views and of engagements, draw by draw."""
        errors = self._errors
        lists = (
            self._factors("figure views", errors.bias),
            self._factors("figure engagements", errors.bias),
            self._factors("campaign", errors.campaign),
            self._factors(f"platform {booking.platform}", errors.platform),
            self._factors(f"niche {booking.niche}", errors.niche),
        )
        return [
            (views * campaign * (platform * niche), engagements * campaign * (platform * niche))
            for views, engagements, campaign, platform, niche in zip(*lists, strict=True)
        ]

    def _factors(self, name: str, sd: float) -> list[float]:
        if (name, sd) not in self._known:
            self._known[name, sd] = [self._drawn(name, sd, draw) for draw in range(self._draws)]
        return self._known[name, sd]

    def _drawn(self, name: str, sd: float, draw: int) -> float:
        word = philox(_counter(name, 1, draw // 8), self._seed)[draw % 8 // 2]
        normal = _normals()[word // 65_536 if draw % 2 else word % 65_536]
        return _e_to(normal * (sd * 65_536.0) - sd * sd * 32_768.0) * _kept(sd)


def _counter(text: str, stream: int, turn: int) -> tuple[int, int, int, int]:
    hashed = int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "little")
    return hashed % _WORD, hashed // _WORD, stream, turn


def philox(counter: tuple[int, int, int, int], seed: int) -> tuple[int, int, int, int]:
    """Philox4x32 with ten rounds: four words of 32 bits."""
    a, b, c, d = counter
    left, right = seed % _WORD, seed // _WORD % _WORD
    for _ in range(10):
        one, two = a * 0xD2511F53, c * 0xCD9E8D57
        a, b, c, d = two // _WORD ^ b ^ left, two % _WORD, one // _WORD ^ d ^ right, one % _WORD
        left, right = (left + 0x9E3779B9) % _WORD, (right + 0xBB67AE85) % _WORD
    return a, b, c, d
