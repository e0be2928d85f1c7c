"""The formulas of drawn outcomes, for some bookings at once: whole thousandths and minor units, held in float64."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from optimizer.domain.exact import MICRO, Floats, Ints
from optimizer.ranges.outlook import THOUSANDTHS, Outlook

Values = dict[str, Floats]


@dataclass(frozen=True, slots=True)
class Block:
    """The bookings `rows` of an outlook; of each, no outcome is drawn larger than `most`.

    Each method takes arrays of shape (bookings, draws), or (bookings, 3) for percentiles: no outcome but profit ever
    falls when its factor or count rises, so its percentiles are the outcomes of their percentiles.
    """

    outlook: Outlook
    rows: slice
    most: float

    def impressions(self, views: Floats) -> Floats:
        """Those of the creator, and of what is posted those that are bought."""
        organic = self.organic(views)
        if not self._buys:
            return organic
        return np.minimum(organic + self.paid((views > 0).astype(np.float64)), self.most)

    def organic(self, views: Floats) -> Floats:
        """Expected impressions of the creator times the factor."""
        return self._rounded(self._column("impressions") * THOUSANDTHS * views)

    def paid(self, posted: Floats) -> Floats:
        """Impressions that are bought for what is posted."""
        return self._rounded(self._column("paid") * THOUSANDTHS * posted)

    def engagements(self, engagements: Floats) -> Floats:
        """Expected engagements times the factor."""
        return self._rounded(self._column("engagements") * THOUSANDTHS * engagements)

    def gross_reach(self, views: Floats) -> Floats:
        """Reach along its curve: views of each piece rise and fall with the factor, viewers do not.

        `reach_scale * viewers * (1 - prod_k (1 - min(1, seen_k / viewers * factor))**pieces_k)`
        """
        viewers, pieces = self._column("viewers"), self.outlook.pieces[self.rows]
        missed: Floats = np.ones((1, 1))
        for kind in np.flatnonzero(pieces.any(axis=0)):
            share = np.divide(self.outlook.seen[self.rows, kind, None], viewers, where=viewers > 0, out=viewers * 0.0)
            miss = share * views
            np.minimum(miss, 1.0, out=miss)
            np.subtract(1.0, miss, out=miss)
            missed = missed * to_the(miss, pieces[:, kind, None])
        return self._rounded(self._column("reach_scale") * viewers * THOUSANDTHS * (1.0 - missed))

    def posts(self, posted: Floats) -> Floats:
        """The pieces of what is posted."""
        return self._rounded(self.outlook.pieces[self.rows].sum(axis=1, keepdims=True) * float(THOUSANDTHS) * posted)

    def expected_clicks(self, views: Floats) -> Floats:
        """The mean of the clicks, given the factor."""
        return self._column("clicks") * self._of_all(views)

    def expected_conversions(self, views: Floats, engagements: Floats) -> Floats:
        """The mean of the conversions, given the factors."""
        by_engagements = self.outlook.by_engagements[self.rows, None]
        if by_engagements.all():
            return self._column("conversions") * engagements
        seen = self._of_all(views)
        driver = np.where(by_engagements, engagements, seen) if by_engagements.any() else seen
        return self._column("conversions") * driver

    @property
    def _buys(self) -> bool:
        """Whether impressions are bought for any booking."""
        return bool(self.outlook.paid[self.rows].any())

    def _of_all(self, views: Floats) -> Floats:
        """The factor of organic and paid impressions together: that of views, and 1 for the paid share if posted."""
        if not self._buys:
            return views
        paid = self._column("paid")
        both = self._column("impressions") + paid
        share = np.divide(paid, both, where=both > 0, out=both * 0.0)
        seen: Floats = (1.0 - share) * views + share * (views > 0)
        return seen

    def counted(self, counts: Floats) -> Floats:
        """Counts, no larger than what may be drawn."""
        return np.minimum(counts, self.most // THOUSANDTHS)

    def money(self, sold: Floats) -> Values:
        """All money of so many conversions; what nothing varies has one column for all draws."""
        revenue = np.minimum(sold * self._column("order_value"), self.most)
        commission = self._commission(sold, revenue)
        cash = np.minimum(self._column("fee") + self._column("fixed_cash") + commission, self.most)
        spend = np.minimum(cash + self._column("product"), self.most)
        agency = np.rint(cash * self._column("agency") / MICRO)
        cost = np.minimum(spend + agency, self.most)
        earned = np.clip(np.rint(revenue * self._column("margin") / MICRO), -self.most, self.most)
        profit = np.maximum(earned - spend, -self.most)
        return {
            "revenue": revenue,
            "commission": commission,
            "cash": cash,
            "spend": spend,
            "agency": agency,
            "cost": cost,
            "profit": profit,
        }

    @property
    def profit_rises(self) -> bool:
        """Whether profit never falls with conversions either: where nothing is paid for them."""
        paid = self.outlook.rate[self.rows].any() or self.outlook.per_conversion[self.rows].any()
        return not paid and bool((self.outlook.margin[self.rows] >= 0).all())

    def _commission(self, sold: Floats, revenue: Floats) -> Floats:
        rate, each, cap = self._column("rate"), self._column("per_conversion"), self._column("cap")
        if not rate.any() and not each.any():
            return np.zeros_like(rate)
        capped = np.minimum(revenue * rate / MICRO + sold * each, np.where(cap < 0, np.inf, cap))
        return self._rounded(capped)

    def _rounded(self, values: Floats) -> Floats:
        np.rint(values, out=values)
        return np.minimum(values, self.most, out=values)

    def _column(self, name: str) -> Floats:
        column: Floats = getattr(self.outlook, name)[self.rows, None].astype(np.float64)
        return column


def to_the(base: Floats, exponents: Ints) -> Floats:
    """Powers with whole exponents, by repeated squaring from the lowest bit on."""
    result: Floats = np.ones((1, 1))
    while True:
        odd = exponents & 1
        if odd.all():
            result = result * base
        elif odd.any():
            result = result * np.where(odd, base, 1.0)
        exponents = exponents >> 1
        if not exponents.any():
            return result
        base = base * base
