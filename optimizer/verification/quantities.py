"""The quantities of one booking, by the formulas of the reference; written a second time so that an error is found."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from functools import partial
from typing import Any

from optimizer.domain.constraints import Measure
from optimizer.domain.pay import Commission, Component, Costs, Fee, Product
from optimizer.domain.quantities import MONEY
from optimizer.verification.figures import Figures, Missing

_MICRO = 10**6
_LIMIT = 9 * 10**15  # of minor units, or of millionths: beyond it, what floats give is not exact, and no plan states it


def up(amount: int, share: int) -> int:
    """A share (in millionths) of an amount, rounded up: what we pay."""
    _check_size(amount, share)
    return -(-amount * share // _MICRO)


def _check_size(amount: int, share: int) -> None:
    """Raise Missing where a product cannot be counted exactly."""
    if abs(share) > 2**62 // _MICRO or float(abs(amount)) * abs(share) / _MICRO > _LIMIT:
        raise Missing("an amount that can be counted exactly")


def even(amount: int, share: int) -> int:
    """A share (in millionths) of an amount, rounded half to even: what we earn."""
    _check_size(amount, share)
    whole, rest = divmod(amount * share, _MICRO)
    return whole + (2 * rest > _MICRO or (2 * rest == _MICRO and whole % 2 == 1))


@dataclass(frozen=True)
class Quantities:
    """The quantities of one booking; `keeps` is the share of its outcome that it keeps on its step."""

    figures: Figures
    keeps: float
    _known: dict[str, float | int] = field(default_factory=dict)

    def amount(self, measure: Measure) -> int:
        """A measure in minor units of money, or in millionths; raises Missing, also where that is no exact count."""
        value = self.value(measure.quantity)
        if measure.people:
            share = self.figures.share if measure.quantity == "gross_reach" else self.figures.share_of_cells
            value = value * share(measure.people)
        money = self.figures.scenario.quantities[measure.quantity].unit == MONEY
        counted = value if money else value * 1e6
        if not abs(counted) <= _LIMIT:
            raise Missing(f"{measure.quantity} that can be counted exactly")
        return int(counted) if money else round(counted)

    def exact(self, name: str) -> int:
        """A quantity as the integer that stands for it."""
        value = self.value(name)
        if self.figures.scenario.quantities[name].unit == MONEY:
            return int(value)
        return round(value * 1e6)

    def value(self, name: str) -> float:
        """A quantity, unrounded."""
        if name not in self._known:
            self._known[name] = self._formula(name)()
        return self._known[name]

    def _formula(self, name: str) -> Callable[[], float]:
        if name in ("fee", "commission"):
            return partial(self.pays, name)
        if name.startswith("deliverables."):
            return partial(self._pieces_of, name.removeprefix("deliverables."))
        own = self.figures.scenario.quantities[name]
        if own.column is not None:
            return partial(self._own, own.column, own.falls)
        apart = {"impressions.organic": self.organic, "impressions.paid": self.paid}
        formula: Callable[[], float] = apart.get(name) or getattr(self, f"_{name}")
        return formula

    # --- counts ---

    def _creators(self) -> float:
        return 1.0

    def _deliverables(self) -> float:
        return float(sum(pieces for _, pieces in self.figures.offer.deliver))

    def _pieces_of(self, kind: str) -> float:
        return float(sum(pieces for name, pieces in self.figures.offer.deliver if name == kind))

    def _posts(self) -> float:
        return self._deliverables() * self.posting()

    def _gifts(self) -> float:
        return float(any(PARTS[type(part)][0] == "product" for part in self.figures.offer.pay.components))

    def _hours(self) -> float:
        return float(self.figures.offer.pay.hours)

    def _own(self, column: str, falls: bool) -> float:
        value = self.figures.creators.number(column, self.figures.creator)
        if value is None:
            raise Missing(column)
        counted = float(value) / self.figures.creators.scale(column)
        return counted * self.keeps if falls else counted

    # --- outcomes ---

    def posting(self) -> float:
        """The share of such bookings that are posted."""
        agreed = self.figures.offer.pay.post_rate
        return self.figures.figure("post_rate") if agreed is None else float(agreed)

    def _followers(self) -> float:
        return self.figures.figure("followers")

    def _audience(self) -> float:
        return self.figures.figure("followers") * self.figures.figure("authenticity")

    def _follower_posts(self) -> float:
        return self.figures.figure("followers") * self._posts()

    def views(self, kind: str) -> float:
        """Views of one piece of a kind."""
        if self.figures.prefers("average_views", "view_rate", kind):
            return self.figures.figure("average_views", kind)
        return self.figures.figure("view_rate", kind) * self._audience()

    def _impressions(self) -> float:
        return self.organic() + self.paid() if self.figures.offer.boost else self.organic()

    def paid(self) -> float:
        """Impressions that are bought: 1,000 for each cpm in the money, less what its steps do not keep."""
        if not self.figures.offer.boost:
            return 0.0
        total = 0.0
        for boost in self.figures.offer.boost:
            lost, start = Fraction(0), 0
            for end, keep in boost.keeps:
                within = min(boost.money, end) - start if boost.money > start else 0
                lost, start = lost + within * (1 - keep), end
            bought = (boost.money - lost) * 1000 / boost.cpm
            total = total + bought.numerator / bought.denominator
        return self.posting() * total

    def organic(self) -> float:
        """Impressions of the creator's own."""
        total = 0.0
        for kind, pieces in self.figures.offer.deliver:
            total = total + pieces * self.views(kind)
        return self.posting() * self.keeps * total

    def viewers(self) -> float:
        """Who can see the account's posts."""
        given = self.figures.rank("viewers") < _NOBODY_GIVES
        return self.figures.figure("viewers") if given else self._audience()

    def _gross_reach(self) -> float:
        crowd = self.viewers()
        missed = 1.0
        for kind, pieces in self.figures.offer.deliver:
            seen = min(1.0, self.views(kind) / crowd if crowd > 0 else 0.0)
            for _ in range(pieces):
                missed = missed * (1.0 - seen)
        return self.posting() * self.keeps * crowd * (1.0 - missed)

    def _engagements(self) -> float:
        figure = self.figures.figure
        if self.figures.prefers("average_engagements", "engagement_rate"):
            per_piece = figure("average_engagements")
        else:
            per_piece = figure("engagement_rate") * figure("followers")
        keeps, total = figure("repeat_keeps"), 0.0
        for kind, pieces in self.figures.offer.deliver:
            series, step = 1.0, 1.0
            for _ in range(pieces - 1):
                step = step * keeps
                series = series + step
            total = total + figure("weight", kind) * per_piece * series
        return self.posting() * self.keeps * figure("fit") * figure("deal_factor") * total

    def _clicks(self) -> float:
        return self.figures.figure("fit") * self.value("impressions") * self.figures.figure("click_rate")

    def _conversions(self) -> float:
        if self.figures.prefers("conversions_per_engagement", "conversion_rate"):
            return self.value("engagements") * self.figures.figure("conversions_per_engagement")
        return self.value("clicks") * self.figures.figure("conversion_rate")

    # --- money, in minor units ---

    def _revenue(self) -> int:
        return even(self.exact("conversions"), self._economics("order_value"))

    def _profit(self) -> int:
        return even(self.exact("revenue"), self._economics("margin")) - self.exact("spend")

    def _economics(self, name: str) -> int:
        value: int | None = getattr(self.figures.scenario, name)
        if value is None:
            raise Missing(name)
        return value

    def pays(self, counted: str) -> int:
        """What the terms cost that is counted as `fee`, `commission`, other `cash` or `product`."""
        parts = self.figures.offer.pay.components
        return sum(PARTS[type(part)][1](self, part) for part in parts if PARTS[type(part)][0] == counted)

    def fee(self, part: Fee) -> int:
        """The fee of a booking."""
        if part.fee <= 0:
            return part.minimum_fee
        paid = up(self._listed(), part.fee)
        fixed = self.figures.fixed("price") is not None or self.figures.fixed("fee") is not None
        return paid if fixed else max(paid, part.minimum_fee)

    def _listed(self) -> int:
        offer, price, agreed = self.figures.offer, self.figures.fixed("price"), self.figures.fixed("fee")
        if price is not None:
            return price
        if offer.price is not None and agreed is None:
            listed = offer.price
        else:
            fees = [
                pieces * (int(self.figures.figure("fee", kind)) if agreed is None else agreed)
                for kind, pieces in offer.deliver
            ]
            listed = up(sum(fees), _MICRO - offer.discount)
        paid = listed + up(listed, offer.rights.share) + offer.rights.amount
        for boost in offer.boost:
            if boost.money > 0:
                paid += up(listed, boost.rights.share) + boost.rights.amount
        return paid

    def _boost(self) -> int:
        return sum(boost.money for boost in self.figures.offer.boost)

    def commission(self, part: Commission) -> int:
        """The commission of a booking."""
        earned = up(self.exact("revenue"), part.rate) if part.rate else 0
        if part.per_conversion:
            earned += up(self.exact("conversions"), part.per_conversion)
        return earned if part.cap is None else min(earned, part.cap)

    def _cash(self) -> int:
        return self.exact("fee") + self.exact("commission") + self.pays("cash") + self._boost()

    def _spend(self) -> int:
        return self.exact("cash") + self.pays("product")

    def _agency(self) -> int:
        return up(self.exact("cash"), self.figures.scenario.agency)

    def _cost(self) -> int:
        return self.exact("spend") + self.exact("agency")

    def _cash_cost(self) -> int:
        return self.exact("cash") + self.exact("agency")


_NOBODY_GIVES = 10**6
# each component of pay: as what it counts, and its formula
PARTS: dict[type[Component], tuple[str, Callable[[Quantities, Any], int]]] = {
    Fee: ("fee", Quantities.fee),
    Commission: ("commission", Quantities.commission),
    Product: ("product", lambda _, part: part.cost),
    Costs: ("cash", lambda _, part: part.shipping + part.handling),
}
