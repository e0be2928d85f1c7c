"""The formulas of quantities: the only place where each is written, but for those of the components of pay.

Formulas use + - x / on float64 alone, in the order written here; results are rounded half to even to millionths, money
is integer arithmetic in minor units (rounded up where we pay, half to even where we earn). A formula uses the unrounded
values of other quantities, money their rounded integers.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import numpy as np

from optimizer.domain.exact import Floats, Ints, times_even, times_up
from optimizer.domain.offers import Offer
from optimizer.domain.pay import Paid

BOOST, ORGANIC, PAID = "boost", "impressions.organic", "impressions.paid"

Way = tuple[str, Callable[["Bookings"], Floats]]  # the figure that it needs, and the formula


class Bookings(Paid, Protocol):
    """Bookings of one offer, as aligned arrays of shape (n,). The formulas are written against this interface."""

    @property
    def offer(self) -> Offer: ...

    def economics(self, name: str) -> int:
        """`order_value`, `margin` or `agency`; reported as missing where the scenario does not say it."""

    def figure(self, name: str, kind: str | None = None) -> Floats:
        """A figure of each booked creator; a figure that nothing gives is reported as missing."""

    def either(self, first: Way, second: Way, kind: str | None = None) -> Floats:
        """One of two formulas, chosen per creator: an own figure beats an assumed one, else the first formula."""

    def posting(self) -> Floats:
        """The share of bookings that are posted."""

    def keeps(self) -> Floats:
        """The share of its outcome that each booking keeps under falling returns; 1 without returns."""

    def cell(self, column: str) -> Floats:
        """A column of the pool that holds numbers."""

    def value(self, quantity: str) -> Floats:
        """Another quantity, unrounded."""

    def constant(self, value: float) -> Floats:
        """The same number for each booking; not to be written to."""


# formulas are functions with a name, so that a scenario can be pickled


def creators(b: Bookings) -> Floats:
    return b.constant(1.0)


def deliverables(b: Bookings) -> Floats:
    return b.constant(float(b.offer.pieces))


def gifts(b: Bookings) -> Floats:
    return b.constant(float(b.offer.pay.has("product")))


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


def paid(counts_as: str, b: Bookings) -> Ints:
    """What those components of the pay cost that count so."""
    return np.full(len(b.constant(0.0)), b.offer.pay.money(counts_as, b), dtype=np.int64)


def boost_money(b: Bookings) -> Ints:
    return np.full(len(b.constant(0.0)), sum(boost.money for boost in b.offer.boost), dtype=np.int64)


def other_cash(b: Bookings) -> Ints:
    """What is paid beside fee and commission, whatever the booking brings."""
    return paid("cash", b) + boost_money(b)


def cash(b: Bookings) -> Ints:
    return b.exact("fee") + b.exact("commission") + other_cash(b)


def spend(b: Bookings) -> Ints:
    return b.exact("cash") + paid("product", b)


def agency(b: Bookings) -> Ints:
    return times_up(b.exact("cash"), b.economics("agency"))


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
    return times_even(b.exact("conversions"), b.economics("order_value"))


def profit(b: Bookings) -> Ints:
    return times_even(b.exact("revenue"), b.economics("margin")) - b.exact("spend")
