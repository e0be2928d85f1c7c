"""What the outcomes of chosen bookings are drawn from: expected outcomes given a post, and how far they may err.

One row stands for one booking. Of a segment that is booked often, a row stands for several; then its errors are those
of their sum, and the share of them that post is as expected.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from optimizer.domain import formulas
from optimizer.domain.accounts import platform_key
from optimizer.domain.exact import Flags, Floats, Ints
from optimizer.domain.filters import fold
from optimizer.domain.pay import Commission
from optimizer.domain.pool import PLATFORM, Labels
from optimizer.domain.scenario import Scenario
from optimizer.estimation.booking_table import BookingTable
from optimizer.estimation.bookings import Ledger, OfferBookings
from optimizer.estimation.estimate import kept_of
from optimizer.expectations import usual
from optimizer.ranges.outlook import Outlook
from optimizer.ranges.people import People
from optimizer.ranges.tables import MOST_SD

_DECIMALS = 6  # of standard deviations, which the verifier works out again
_MONEY = ("fee", "fixed_cash", "product", "rate", "per_conversion", "cap")
_ECONOMICS = ("order_value", "margin", "agency")
MOST_ROWS = 200  # of one booking that is made often
_OUTCOMES = {  # a figure that is missing counts as 0, and `trace` leaves out what is made of it
    "impressions": formulas.organic_impressions,
    "engagements": formulas.engagements,
    "clicks": formulas.clicks,
    "conversions": formulas.conversions,
}


def outlook(
    scenario: Scenario, columns: BookingTable, counts: Sequence[Fraction | int]
) -> tuple[Outlook, Ints, Floats, Ints]:
    """The rows of some bookings; the booking of each row, how many bookings it stands for, and its number of these."""
    rows = np.array([min(-(-count // 1), MOST_ROWS) for count in map(Fraction, counts)], dtype=np.int64)
    of = np.repeat(np.arange(len(rows)), rows)
    each = np.array([float(Fraction(count) / int(many)) for count, many in zip(counts, rows, strict=True)])[of]
    number = np.concatenate([np.arange(many) for many in rows.tolist()]) if len(rows) else rows
    return _rows(scenario, columns.take(of), each, number), of, each, number


def _rows(scenario: Scenario, columns: BookingTable, each: Floats, number: Ints) -> Outlook:
    size, kinds = len(columns), [kind for offer in scenario.offers for kind, _ in offer.deliver]
    names = list(dict.fromkeys(kinds))
    floats = {name: np.zeros(size) for name in (*_OUTCOMES, "paid", "viewers", "reach_scale", "post_rate")}
    money = {name: np.zeros(size, dtype=np.int64) for name in _MONEY}
    seen, pieces = np.zeros((size, len(names))), np.zeros((size, len(names)), dtype=np.int64)
    sds = {figure: (np.zeros(size), np.zeros(size)) for figure in ("views", "engagements")}
    by_engagements = np.zeros(size, dtype=np.bool_)
    for at, terms in enumerate(scenario.offers):
        mine = np.flatnonzero(columns.offer == at)
        if not len(mine):
            continue
        part = columns.take(mine)
        bookings = OfferBookings(scenario, terms, part, mine, Ledger(size), kept_of(scenario, part))
        several = each[mine]
        posting = bookings.posting()
        single = several == 1
        floats["post_rate"][mine] = np.where(single & (posting > 0), posting, 1.0)
        scale = np.where(single, np.divide(1.0, posting, out=np.zeros(len(mine)), where=posting > 0), several)
        for name, formula in _OUTCOMES.items():
            floats[name][mine] = formula(bookings) * scale
        floats["paid"][mine] = formulas.paid_impressions(bookings) * scale
        floats["viewers"][mine] = formulas.viewers(bookings)
        floats["reach_scale"][mine] = formulas.outcome(bookings) * scale
        for kind, count in terms.deliver:
            seen[mine, names.index(kind)] = formulas.views(bookings, kind)
            pieces[mine, names.index(kind)] = count
        by_engagements[mine] = bookings.follows_engagements()
        for name, amount in _money(bookings, several, number[mine]).items():
            money[name][mine] = amount
        posts = sum(count for _, count in terms.deliver)
        for figure, columns_of in (("views", _views_of(terms.deliver)), ("engagements", _ENGAGEMENTS)):
            creator, post = _spreads(scenario, part.creator, columns_of)
            sds[figure][0][mine] = _sd(_of_sum(creator, several))
            sds[figure][1][mine] = _sd(_of_sum(post, posts * several))
    platform, platforms = _names(scenario, PLATFORM, columns.creator)
    niche, niches = _names(scenario, "niche", columns.creator)
    constant = {name: np.full(size, getattr(scenario, name) or 0, dtype=np.int64) for name in _ECONOMICS}
    parts: dict[str, Any] = {**floats, **money, **constant}
    return Outlook(
        keys=[
            f"{_bare(scenario.pool.keys[int(creator)])}|{_bare(scenario.offers[int(offer)].name)}|{int(step)}|{int(one)}"
            for creator, offer, step, one in zip(columns.creator, columns.offer, columns.step, number, strict=True)
        ],
        platform=platform,
        platforms=platforms,
        niche=niche,
        niches=niches,
        views_sd=sds["views"],
        engagements_sd=sds["engagements"],
        by_engagements=by_engagements,
        seen=seen,
        pieces=pieces,
        people=_people(scenario, columns.creator, each),
        **parts,
    )


def _people(scenario: Scenario, creators: Ints, each: Floats) -> People | None:
    """Whom rows of some creators may reach."""
    audience = scenario.audience
    if audience is None:
        return None
    row, place = audience.entries(creators)
    return People(row, audience.cell[place], audience.share[place], each, audience.curves)


def _money(bookings: OfferBookings, several: Floats, number: Ints) -> dict[str, Ints | int]:
    """The terms on which the rows of one offer are paid; a `cap` of -1 is none."""
    earns = bookings.offer.pay.part(Commission)
    amounts = (bookings.exact("fee"), formulas.other_cash(bookings), formulas.paid("product", bookings))
    cap: Ints | int = -1 if earns.cap is None else np.rint(earns.cap * several).astype(np.int64)
    parts = (*(parted(amount, several, number) for amount in amounts), earns.rate, earns.per_conversion, cap)
    return dict(zip(_MONEY, parts, strict=True))


def _bare(name: str) -> str:
    """A name without the mark that parts names, so that no two bookings have the same key."""
    return name.replace("\\", "\\\\").replace("|", "\\|")


def parted(amount: Ints | Floats | int, each: Floats, number: Ints) -> Ints:
    """The amount of each row of a booking that is made often, rounded so that the rows add up to that of all."""
    parts: Ints = (np.rint(amount * each * (number + 1)) - np.rint(amount * each * number)).astype(np.int64)
    return parts


_ENGAGEMENTS = ("average_engagements", "engagement_rate")


def _views_of(deliver: Sequence[tuple[str, int]]) -> tuple[str, ...]:
    return (*(f"average_views_{kind}" for kind, _ in deliver), "average_views")


def _sd(variance: Floats) -> Floats:
    """Standard deviations to six decimals, at most what can be drawn."""
    found: Floats = np.minimum(np.round(np.sqrt(variance), _DECIMALS), MOST_SD)
    return found


def _of_sum(variance: Floats, many: Floats | float) -> Floats:
    """The log variance of the sum of so many log-normal outcomes."""
    found: Floats = np.log1p(np.expm1(variance) / np.maximum(many, 1.0))
    return found


def _spreads(scenario: Scenario, units: Ints, columns: Sequence[str]) -> tuple[Floats, Floats]:
    """Log variances of the creators' own averages, and of one post: of the first column that is known, else wide."""
    platform, platforms = _names(scenario, PLATFORM, units)
    creator, post, known = np.zeros(len(units)), np.zeros(len(units)), np.zeros(len(units), dtype=np.bool_)
    for column in columns:
        found = None if scenario.expecting is None else scenario.expecting.outlook(column, units)
        if found is not None:
            new = ~known & (found.post > 0)
            creator[new], post[new], known[new] = found.creator[new], found.post[new], True
    for at, name in enumerate(platforms):
        table = usual.usual(name, columns[-1])
        mine = ~known & (platform == at)
        measured = _measured(scenario, units, columns)
        own = np.log1p(np.expm1(table.post) / usual.posts(name))
        creator[mine] = np.where(measured, own, table.between)[mine]
        post[mine] = table.post
    return creator, post


def _measured(scenario: Scenario, units: Ints, columns: Sequence[str]) -> Flags:
    found = np.zeros(len(units), dtype=np.bool_)
    for column in columns:
        own = scenario.pool.columns.get(column)
        found |= own.known[units] if own is not None else False
    return found


def _names(scenario: Scenario, column: str, units: Ints) -> tuple[Ints, tuple[str, ...]]:
    """The groups of a column of texts, alike but for case and spelling, as codes; the last one is of blanks."""
    found = scenario.pool.columns.get(column)
    if not isinstance(found, Labels):
        return np.zeros(len(units), dtype=np.int64), ("",)
    as_key = platform_key if column == PLATFORM else fold
    keys = [as_key(entry) for entry in found.vocabulary]
    names = sorted(set(keys) - {""})
    at = {name: place for place, name in enumerate([*names, ""])}
    codes = np.array([*(at[key] for key in keys), len(names)], dtype=np.int64)
    return codes[found.codes[units]], (*names, "")
