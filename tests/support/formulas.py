"""The formulas of one booking, each written out once more: floats in the written order, money in whole minor units."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from tests.support.reading import MICRO, Reading, Row, Terms, exact, half_even, is_percent

NAMED = (
    "spend cash creators deliverables posts gifts hours impressions gross_reach engagements clicks conversions revenue"
    " profit"
).split()
HELPERS = ("fee", "commission", "followers", "audience", "follower_posts")
WITH_AGENCY = ("agency", "cost", "cash_cost")
WITH_BOOST = ("boost", "impressions.organic", "impressions.paid")


class MissingError(Exception):
    """A figure that nothing gives."""


def up(amount: Fraction) -> int:
    """What is paid is never understated."""
    return -int(-amount // 1)


@dataclass(frozen=True)
class Estimate:
    """What one booking brings and costs; `keep` is what it keeps of its outcome, on a step of a segment's returns."""

    reading: Reading
    row: Row
    terms: Terms
    agreed: dict[str, Any]
    keep: float = 1.0

    def amount(self, quantity: str) -> float | int:
        """A quantity: money in minor units, everything else as it is; raises MissingError where a figure is."""
        if quantity.startswith("deliverables."):
            return float(self.terms.deliver.get(quantity.removeprefix("deliverables."), 0))
        own = self.reading.own().get(quantity)
        if own is None:
            found: float | int = getattr(self, quantity.replace(".", "_"))()
            return found
        column, falls = own
        if self.row.get(column) is None:
            raise MissingError(column)
        return float(self.row[column]) * self.keep if falls else float(self.row[column])

    # --- figures ---

    def known(self, name: str, kind: str | None = None) -> float | None:
        found = self.reading.figure(name, kind, self.row, self.terms)
        return None if found is None else float(found)

    def need(self, name: str, kind: str | None = None) -> float:
        found = self.known(name, kind)
        if found is None:
            raise MissingError(name)
        return found

    def own(self, name: str, kind: str | None = None) -> bool:
        """Whether the creator's own row gives a figure."""
        columns = [name] if kind is None else [f"{name}_{kind}", name]
        return any(self.row.get(column) is not None for column in columns)

    def takes(self, first: str, second: str, kind: str | None = None) -> bool:
        """Whether the first of two ways is taken: an own figure beats an assumed one, else the first that is known."""
        return self.own(first, kind) or (self.known(first, kind) is not None and not self.own(second, kind))

    def posting(self) -> float:
        return self.need("post_rate") if self.terms.post_rate is None else self.terms.post_rate

    # --- outcomes ---

    def followers(self) -> float:
        return self.need("followers")

    def audience(self) -> float:
        return self.need("followers") * self.need("authenticity")

    def views(self, kind: str) -> float:
        if self.takes("average_views", "view_rate", kind):
            return self.need("average_views", kind)
        return self.need("view_rate", kind) * self.audience()

    def impressions(self) -> float:
        return self.impressions_organic() + self.impressions_paid()

    def impressions_paid(self) -> float:
        total = 0.0
        for one in self.terms.boost:
            total += one.impressions
        return self.posting() * total if self.terms.boost else 0.0

    def impressions_organic(self) -> float:
        total = 0.0
        for kind, pieces in self.terms.deliver.items():
            total += pieces * self.views(kind)
        return self.posting() * self.keep * total

    def gross_reach(self) -> float:
        crowd = self.known("viewers")
        crowd = self.audience() if crowd is None else crowd
        missed = 1.0
        for kind, pieces in self.terms.deliver.items():
            views = self.views(kind)
            seen = min(1.0, views / crowd) if crowd > 0 else 0.0
            for _ in range(pieces):
                missed *= 1.0 - seen
        return self.posting() * self.keep * crowd * (1.0 - missed)

    def engagements(self) -> float:
        if self.takes("average_engagements", "engagement_rate"):
            each = self.need("average_engagements")
        else:
            each = self.need("engagement_rate") * self.need("followers")
        keeps, total = self.need("repeat_keeps"), 0.0
        for kind, pieces in self.terms.deliver.items():
            series = power = 1.0
            for _ in range(pieces - 1):
                power *= keeps
                series += power
            total += self.need("weight", kind) * each * series
        return self.posting() * self.keep * self.need("fit") * self.need("deal_factor") * total

    def clicks(self) -> float:
        return self.need("fit") * self.impressions() * self.need("click_rate")

    def conversions(self) -> float:
        if self.takes("conversions_per_engagement", "conversion_rate"):
            return self.engagements() * self.need("conversions_per_engagement")
        return self.clicks() * self.need("conversion_rate")

    def creators(self) -> float:
        return 1.0

    def deliverables(self) -> float:
        return float(sum(self.terms.deliver.values()))

    def posts(self) -> float:
        return self.deliverables() * self.posting()

    def follower_posts(self) -> float:
        return self.followers() * self.posts()

    def gifts(self) -> float:
        return float(self.terms.gives)

    def hours(self) -> float:
        return self.terms.hours

    # --- money ---

    def listed(self) -> int:
        """What the booking costs before the terms' share of it."""
        if "price" in self.agreed:
            return self.reading.minor(self.agreed["price"])
        if "fee" in self.agreed or self.terms.price is None:
            total = sum(pieces * self._piece(kind) for kind, pieces in self.terms.deliver.items())
            before = up(total * (1 - self.terms.discount))
        else:
            before = self.terms.price
        every = [self.terms.rights, *(one.rights for one in self.terms.boost if one.money)]
        shares = [up(before * exact(rights)) for rights in every if is_percent(rights)]
        return before + sum(shares) + sum(self.reading.minor(rights) for rights in every if not is_percent(rights))

    def _piece(self, kind: str) -> int:
        if "fee" in self.agreed:
            return self.reading.minor(self.agreed["fee"])
        found = self.reading.figure("fee", kind, self.row, self.terms)
        if found is None:
            raise MissingError("fee")
        return int(found)

    def fee(self) -> int:
        if not self.terms.pays_fee:
            return self.terms.minimum_fee
        paid = up(self.listed() * self.terms.fee_share)
        return paid if {"fee", "price"} & set(self.agreed) else max(paid, self.terms.minimum_fee)

    def commission(self) -> int:
        earned = 0
        if self.terms.rate:
            earned += up(self.revenue() * self.terms.rate)
        if self.terms.per_conversion:
            earned += up(Fraction(round(self.conversions() * 1e6) * self.terms.per_conversion, MICRO))
        return earned if self.terms.cap is None else min(earned, self.terms.cap)

    def cash(self) -> int:
        return self.fee() + self.commission() + self.terms.shipping + self.terms.handling + self.boost()

    def boost(self) -> int:
        return sum(one.money for one in self.terms.boost)

    def spend(self) -> int:
        return self.cash() + self.terms.product

    def agency(self) -> int:
        return up(self.cash() * (self.reading.agency() or 0))

    def cost(self) -> int:
        return self.spend() + self.agency()

    def cash_cost(self) -> int:
        return self.cash() + self.agency()

    def revenue(self) -> int:
        order_value = self.reading.said.get("economics", {}).get("order_value")
        if order_value is None:
            raise MissingError("order_value")
        return half_even(round(self.conversions() * 1e6) * self.reading.minor(order_value), MICRO)

    def profit(self) -> int:
        margin = self.reading.said.get("economics", {}).get("margin")
        if margin is None:
            raise MissingError("margin")
        earned = exact(margin) * MICRO
        return half_even(self.revenue() * int(earned), MICRO) - self.spend()
