"""The table of quantities: the only place where each formula is written.

A quantity is what one booking is expected to bring or cost. The model, the report and the check use this table.
Formulas use + - x / on float64 alone, in the order written here; results are rounded half to even to millionths, money
is integer arithmetic in minor units (rounded up where we pay, half to even where we earn). A formula uses the unrounded
values of other quantities, money their rounded integers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Protocol

import numpy as np

from optimizer.domain.exact import Flags, Floats, Ints, times_even, times_up
from optimizer.domain.filters import fold
from optimizer.domain.offers import Offer

MONEY, COUNT = "money", "count"
BOOST, ORGANIC, PAID = "boost", "impressions.organic", "impressions.paid"

Way = tuple[str, Callable[["Bookings"], Floats]]  # the figure that it needs, and the formula


class Bookings(Protocol):
    """Bookings of one offer, as aligned arrays of shape (n,). The formulas are written against this interface."""

    @property
    def offer(self) -> Offer: ...
    @property
    def order_value(self) -> int: ...
    @property
    def margin(self) -> int: ...
    @property
    def agency(self) -> int: ...

    def figure(self, name: str, kind: str | None = None) -> Floats:
        """A figure of each booked creator; a figure that nothing gives is reported as missing."""

    def either(self, first: Way, second: Way, kind: str | None = None) -> Floats:
        """One of two formulas, chosen per creator: an own figure beats an assumed one, else the first formula."""

    def listed(self) -> tuple[Ints, Flags]:
        """The list price of each booking in minor units, before the terms' share; and where a client has fixed it."""

    def posting(self) -> Floats:
        """The share of bookings that are posted."""

    def keeps(self) -> Floats:
        """The share of its outcome that each booking keeps under falling returns; 1 without returns."""

    def cell(self, column: str) -> Floats:
        """A column of the pool that holds numbers."""

    def value(self, quantity: str) -> Floats:
        """Another quantity, unrounded."""

    def exact(self, quantity: str) -> Ints:
        """Another quantity as its rounded integers."""

    def constant(self, value: float) -> Floats:
        """The same number for each booking; not to be written to."""


# formulas are functions with a name, so that a scenario can be pickled


def creators(b: Bookings) -> Floats:
    return b.constant(1.0)


def deliverables(b: Bookings) -> Floats:
    return b.constant(float(b.offer.pieces))


def gifts(b: Bookings) -> Floats:
    return b.constant(float(b.offer.pay.gives_product))


def hours(b: Bookings) -> Floats:
    return b.constant(b.offer.pay.hours)


def followers(b: Bookings) -> Floats:
    return b.figure("followers")


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


def outcome(b: Bookings) -> Floats:
    return b.posting() * b.keeps()


def organic_impressions(b: Bookings) -> Floats:
    total = b.constant(0.0)
    for kind, pieces in b.offer.deliver:
        total = total + pieces * views(b, kind)
    return outcome(b) * total


def paid_impressions(b: Bookings) -> Floats:
    """Bought for posts that appear; they do not fall with a segment's returns."""
    if not b.offer.boost:
        return b.constant(0.0)
    total = 0.0
    for boost in b.offer.boost:
        total = total + boost.impressions
    return b.posting() * total


def impressions(b: Bookings) -> Floats:
    if not b.offer.boost:
        return organic_impressions(b)
    return b.value(ORGANIC) + b.value(PAID)


def gross_reach(b: Bookings) -> Floats:
    crowd = viewers(b)
    missed = b.constant(1.0)
    for kind, pieces in b.offer.deliver:
        seen = np.minimum(1.0, np.divide(views(b, kind), crowd, out=np.zeros(len(crowd)), where=crowd > 0))
        for _ in range(pieces):
            missed = missed * (1.0 - seen)
    return outcome(b) * crowd * (1.0 - missed)


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
    return outcome(b) * b.figure("fit") * b.figure("deal_factor") * total


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
    return b.constant(float(b.offer.pieces)) * b.posting()


def follower_posts(b: Bookings) -> Floats:
    return b.figure("followers") * posts(b)


def fee(b: Bookings) -> Ints:
    """The terms' share of the list price, at least their minimum unless a client has fixed the fee."""
    pay = b.offer.pay
    least = np.full(len(b.constant(0.0)), pay.minimum_fee, dtype=np.int64)
    if not pay.pays_fee:
        return least
    listed, fixed = b.listed()
    paid = times_up(listed, pay.fee_share)
    return np.where(fixed, paid, np.maximum(paid, least))


def commission(b: Bookings) -> Ints:
    """The rate of the revenue, or the amount per conversion, up to the cap."""
    pay = b.offer.pay
    earned = np.zeros(len(b.constant(0.0)), dtype=np.int64)
    if pay.rate:
        earned = earned + times_up(b.exact("revenue"), pay.rate)
    if pay.per_conversion:
        earned = earned + times_up(b.exact("conversions"), pay.per_conversion)
    return earned if pay.cap is None else np.minimum(earned, pay.cap)


def boost_money(b: Bookings) -> Ints:
    return np.full(len(b.constant(0.0)), b.offer.boost_money, dtype=np.int64)


def cash(b: Bookings) -> Ints:
    pay = b.offer.pay
    return b.exact("fee") + b.exact("commission") + pay.shipping + pay.handling + b.offer.boost_money


def spend(b: Bookings) -> Ints:
    return b.exact("cash") + b.offer.pay.product_cost


def agency(b: Bookings) -> Ints:
    return times_up(b.exact("cash"), b.agency)


def cost(b: Bookings) -> Ints:
    return b.exact("spend") + b.exact("agency")


def cash_cost(b: Bookings) -> Ints:
    return b.exact("cash") + b.exact("agency")


def pieces_of(kind: str, b: Bookings) -> Floats:
    return b.constant(float(dict(b.offer.deliver).get(kind, 0)))


def alone(b: Bookings) -> Floats:
    """Different values are counted over bookings together, not one by one."""
    return b.constant(1.0)


def own_figure(column: str, falls: bool, b: Bookings) -> Floats:
    return b.cell(column) * b.keeps() if falls else b.cell(column)


def revenue(b: Bookings) -> Ints:
    return times_even(b.exact("conversions"), b.order_value)


def profit(b: Bookings) -> Ints:
    return times_even(b.exact("revenue"), b.margin) - b.exact("spend")


Formula = Callable[[Bookings], Floats] | Callable[[Bookings], Ints]


@dataclass(frozen=True, slots=True)
class Quantity:
    """An additive quantity: its unit and its formula, as code and in words. Helpers are used by other formulas and
    ratios.

    A quantity of the scenario's own has the pool's `column`, and may fall with a segment's returns. One that counts
    the different values among bookings has their `distinct` column: it is no sum over bookings.
    """

    name: str
    unit: str
    formula: Formula
    text: str
    helper: bool = False
    signed: bool = False
    whole: bool = False
    column: str | None = None
    falls: bool = False
    distinct: str | None = None


_ORGANIC = "post_rate x keep x sum of pieces x (average_views, else view_rate x followers x authenticity)"

QUANTITIES: dict[str, Quantity] = {
    quantity.name: quantity
    for quantity in (
        Quantity("spend", MONEY, spend, "fee + commission + product cost + shipping + handling + boost"),
        Quantity("cash", MONEY, cash, "spend without product cost"),
        Quantity("creators", COUNT, creators, "bookings", whole=True),
        Quantity("deliverables", COUNT, deliverables, "pieces booked", whole=True),
        Quantity("posts", COUNT, posts, "pieces x post_rate"),
        Quantity(
            "gifts",
            COUNT,
            gifts,
            "bookings with a product",
            whole=True,
        ),
        Quantity("hours", COUNT, hours, "the team's hours, by pay terms"),
        Quantity(
            "impressions",
            COUNT,
            impressions,
            f"{_ORGANIC}, plus impressions.paid where a boost is bought",
        ),
        Quantity(
            "gross_reach",
            COUNT,
            gross_reach,
            "post_rate x keep x V x (1 - product of (1 - min(1, views / V)) over all pieces),"
            " V = viewers, else followers x authenticity",
        ),
        Quantity(
            "engagements",
            COUNT,
            engagements,
            "post_rate x keep x fit x deal_factor x sum of weight x E x (1 + r + ... + r^(pieces - 1)),"
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
            "fee",
            MONEY,
            fee,
            "the terms' share (fee 100 %, hybrid as given, else 0) of: price, else the fees of all pieces less the"
            " discount, plus rights, and those of a boost; at least minimum_fee",
            helper=True,
        ),
        Quantity(
            "commission", MONEY, commission, "rate x revenue, or per_conversion x conversions; at most cap", helper=True
        ),
        Quantity("followers", COUNT, followers, "followers", helper=True),
        Quantity("audience", COUNT, audience, "followers x authenticity", helper=True),
        Quantity("follower_posts", COUNT, follower_posts, "followers x posts", helper=True),
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
    def unit(self) -> str:
        return "share" if self.share else MONEY if self.money else COUNT

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


_WITH_BOOST = (
    Quantity(BOOST, MONEY, boost_money, "what is paid for impressions, by the offer"),
    Quantity(ORGANIC, COUNT, organic_impressions, _ORGANIC),
    Quantity(PAID, COUNT, paid_impressions, "post_rate x sum over the ways to boost of 1000 x kept money / cpm"),
)
_WITH_AGENCY = (
    Quantity("agency", MONEY, agency, "the agency's rate x cash"),
    Quantity("cost", MONEY, cost, "spend + agency"),
    Quantity("cash_cost", MONEY, cash_cost, "cash + agency"),
)


DISTINCT = "distinct."  # what the names of quantities begin with that count different values of a column


def quantity_table(
    kinds: Iterable[str] = (),
    own: Mapping[str, tuple[str, bool]] | None = None,
    *,
    agency: bool = False,
    distinct: Iterable[str] = (),
    boost: bool = False,
) -> dict[str, Quantity]:
    """Every quantity of a scenario by name: the common ones, its deliverables, its own, its boost, its agency's fee.

    Parameters
    ----------
    kinds
        The kinds of deliverable that are offered; each has a quantity `deliverables.<kind>`.
    own
        The scenario's own quantities: the pool's column of each, and whether it falls with a segment's returns.
    distinct
        The columns of which different values are counted; each has a quantity `distinct.<column>`.
    """
    table = dict(QUANTITIES)
    for kind in sorted(kinds):
        name = f"deliverables.{kind}"
        table[name] = Quantity(name, COUNT, partial(pieces_of, kind), f"pieces of {kind} booked", whole=True)
    for name, (column, falls) in (own or {}).items():
        formula = partial(own_figure, column, falls)
        table[name] = Quantity(name, COUNT, formula, f"the column {column}", signed=True, column=column, falls=falls)
    for column in distinct:
        name, text = f"{DISTINCT}{column}", f"different values of {column}, counted once over all bookings"
        table[name] = Quantity(name, COUNT, alone, text, whole=True, distinct=fold(column))
    more = (*(_WITH_BOOST if boost else ()), *(_WITH_AGENCY if agency else ()))
    return table | {quantity.name: quantity for quantity in more}
