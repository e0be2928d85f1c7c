"""The table of quantities: the one home of each formula.

A quantity is what one booking is expected to bring or cost. Model, report and check all read this table. Formulas use
+ - x / on float64 alone, in the order written here; results are rounded half to even to millionths, money is integer
arithmetic in minor units (rounded up where we pay, half to even where we earn). A formula uses the unrounded values of
other quantities, money their rounded integers.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from optimizer.domain.exact import Flags, Floats, Ints, times_even, times_up
from optimizer.domain.offers import Offer

MONEY, COUNT = "money", "count"

Way = tuple[str, Callable[["Bookings"], Floats]]  # the figure that it needs, and the formula


class Bookings(Protocol):
    """Bookings of one offer, as aligned arrays of shape (n,); what the formulas are written in."""

    @property
    def offer(self) -> Offer: ...
    @property
    def order_value(self) -> int: ...
    @property
    def margin(self) -> int: ...

    def figure(self, name: str, kind: str | None = None) -> Floats:
        """A figure of each booked creator; one that nothing gives is reported as missing."""

    def either(self, first: Way, second: Way, kind: str | None = None) -> Floats:
        """One of two ways to a value, creator by creator: an own figure beats an assumed one, else the first way."""

    def piece_fee(self, kind: str) -> Ints:
        """The fee for one piece, in minor units."""

    def price(self) -> tuple[Ints, Flags]:
        """The price agreed for the whole booking in minor units, and where there is one."""

    def value(self, quantity: str) -> Floats:
        """Another quantity, unrounded."""

    def exact(self, quantity: str) -> Ints:
        """Another quantity as its rounded integers."""

    def constant(self, value: float) -> Floats:
        """The same number for each booking."""


def audience(b: Bookings) -> Floats:
    return b.figure("followers") * b.figure("authenticity")


def viewers(b: Bookings) -> Floats:
    return b.either(("viewers", lambda some: some.figure("viewers")), ("", audience))


def views(b: Bookings, kind: str) -> Floats:
    return b.either(
        ("average_views", lambda some: some.figure("average_views", kind)),
        ("view_rate", lambda some: some.figure("view_rate", kind) * audience(some)),
        kind,
    )


def impressions(b: Bookings) -> Floats:
    total = b.constant(0.0)
    for kind, pieces in b.offer.deliver:
        total = total + pieces * views(b, kind)
    return b.offer.pay.post_rate * total


def gross_reach(b: Bookings) -> Floats:
    crowd = viewers(b)
    missed = b.constant(1.0)
    for kind, pieces in b.offer.deliver:
        seen = np.minimum(1.0, np.divide(views(b, kind), crowd, out=b.constant(0.0), where=crowd > 0))
        for _ in range(pieces):
            missed = missed * (1.0 - seen)
    return b.offer.pay.post_rate * crowd * (1.0 - missed)


def engagements(b: Bookings) -> Floats:
    per_piece = b.either(
        ("average_engagements", lambda some: some.figure("average_engagements")),
        ("engagement_rate", lambda some: some.figure("engagement_rate") * some.figure("followers")),
    )
    keeps = b.figure("repeat_keeps")
    total = b.constant(0.0)
    for kind, pieces in b.offer.deliver:
        series, step = b.constant(1.0), b.constant(1.0)
        for _ in range(pieces - 1):
            step = step * keeps
            series = series + step
        total = total + b.figure("weight", kind) * per_piece * series
    return b.offer.pay.post_rate * b.figure("fit") * b.figure("deal_factor") * total


def clicks(b: Bookings) -> Floats:
    return b.figure("fit") * b.value("impressions") * b.figure("click_rate")


def conversions(b: Bookings) -> Floats:
    return b.either(
        (
            "conversions_per_engagement",
            lambda some: some.value("engagements") * some.figure("conversions_per_engagement"),
        ),
        ("conversion_rate", lambda some: some.value("clicks") * some.figure("conversion_rate")),
    )


def posts(b: Bookings) -> Floats:
    return b.constant(float(b.offer.pieces)) * b.offer.pay.post_rate


def fee(b: Bookings) -> Ints:
    """The agreed price, else the offer's, else its pieces at their fees less the discount; nothing on gift terms."""
    nothing = np.zeros(len(b.constant(0.0)), dtype=np.int64)
    if not b.offer.pay.pays_fee:
        return nothing
    agreed, is_agreed = b.price()
    if is_agreed.all():
        return agreed
    total = nothing
    for kind, pieces in b.offer.deliver:
        total = total + pieces * b.piece_fee(kind)
    return np.where(is_agreed, agreed, times_up(total, 10**6 - b.offer.discount))


def cash(b: Bookings) -> Ints:
    return b.exact("fee") + b.offer.pay.shipping + b.offer.pay.handling


def spend(b: Bookings) -> Ints:
    return b.exact("cash") + b.offer.pay.product_cost


def revenue(b: Bookings) -> Ints:
    return times_even(b.exact("conversions"), b.order_value)


def profit(b: Bookings) -> Ints:
    return times_even(b.exact("revenue"), b.margin) - b.exact("spend")


Formula = Callable[[Bookings], Floats] | Callable[[Bookings], Ints]


@dataclass(frozen=True, slots=True)
class Quantity:
    """An additive quantity: its unit, its formula as code and in words; helpers serve other formulas and ratios."""

    name: str
    unit: str
    formula: Formula
    text: str
    helper: bool = False
    signed: bool = False
    whole: bool = False


QUANTITIES: dict[str, Quantity] = {
    quantity.name: quantity
    for quantity in (
        Quantity("spend", MONEY, spend, "fee + product cost + shipping + handling"),
        Quantity("cash", MONEY, cash, "spend without product cost"),
        Quantity("creators", COUNT, lambda b: b.constant(1.0), "bookings", whole=True),
        Quantity("deliverables", COUNT, lambda b: b.constant(float(b.offer.pieces)), "pieces booked", whole=True),
        Quantity("posts", COUNT, posts, "pieces x post_rate"),
        Quantity(
            "gifts",
            COUNT,
            lambda b: b.constant(float(b.offer.pay.gives_product)),
            "bookings with a product",
            whole=True,
        ),
        Quantity("hours", COUNT, lambda b: b.constant(b.offer.pay.hours), "the team's hours, by pay terms"),
        Quantity(
            "impressions",
            COUNT,
            impressions,
            "post_rate x sum of pieces x (average_views, else view_rate x followers x authenticity)",
        ),
        Quantity(
            "gross_reach",
            COUNT,
            gross_reach,
            "post_rate x V x (1 - product of (1 - min(1, views / V)) over all pieces),"
            " V = viewers, else followers x authenticity",
        ),
        Quantity(
            "engagements",
            COUNT,
            engagements,
            "post_rate x fit x deal_factor x sum of weight x E x (1 + r + ... + r^(pieces - 1)),"
            " E = average_engagements, else engagement_rate x followers, r = repeat_keeps",
        ),
        Quantity("clicks", COUNT, clicks, "fit x impressions x click_rate"),
        Quantity(
            "conversions",
            COUNT,
            conversions,
            "clicks x conversion_rate, or engagements x conversions_per_engagement",
        ),
        Quantity("revenue", MONEY, revenue, "conversions x order_value"),
        Quantity("profit", MONEY, profit, "margin x revenue - spend", signed=True),
        Quantity(
            "fee", MONEY, fee, "price, else the fees of all pieces less the discount; 0 on gift terms", helper=True
        ),
        Quantity("followers", COUNT, lambda b: b.figure("followers"), "followers", helper=True),
        Quantity("audience", COUNT, audience, "followers x authenticity", helper=True),
        Quantity("follower_posts", COUNT, lambda b: b.figure("followers") * posts(b), "followers x posts", helper=True),
    )
}


@dataclass(frozen=True, slots=True)
class Ratio:
    """`factor x numerator / denominator` of two additive quantities, over the same bookings."""

    name: str
    numerator: str
    denominator: str
    factor: int = 1
    share: bool = False  # lies between 0 and 1, and is written in percent

    @property
    def money(self) -> bool:
        """Whether it is money for one of something."""
        return QUANTITIES[self.numerator].unit == MONEY and QUANTITIES[self.denominator].unit != MONEY

    @property
    def text(self) -> str:
        return f"{'1000 x ' if self.factor == 1000 else ''}{self.numerator} / {self.denominator}"


RATIOS: dict[str, Ratio] = {
    ratio.name: ratio
    for ratio in (
        Ratio("cpm", "spend", "impressions", 1000),
        Ratio("cpe", "spend", "engagements"),
        Ratio("cpc", "spend", "clicks"),
        Ratio("cpa", "spend", "conversions"),
        Ratio("roas", "revenue", "spend"),
        Ratio("engagement_rate", "engagements", "follower_posts", share=True),
        Ratio("authenticity", "audience", "followers", share=True),
    )
}

NAMED: tuple[str, ...] = tuple(name for name, quantity in QUANTITIES.items() if not quantity.helper)
