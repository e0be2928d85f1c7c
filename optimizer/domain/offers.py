"""Offers: what may be booked, and on which pay terms."""

from __future__ import annotations

from dataclasses import dataclass

from optimizer.domain.filters import EVERYTHING, Filter

OFFER_COLUMNS = ("offer", "pay", "model")  # group columns that an offer answers, not a creator


@dataclass(frozen=True, slots=True)
class PayTerms:
    """How a booking is paid; money in minor units of the scenario's currency.

    `model` is `fee` (the creator's fee is paid) or `gift` (a product is given, no fee); `hours` and `handling` are the
    team's time and money per booking; `post_rate` is the share of booked creators who post.
    """

    name: str
    model: str
    product_cost: int = 0
    product_value: int = 0
    shipping: int = 0
    handling: int = 0
    hours: float = 0.0
    post_rate: float = 1.0

    @property
    def pays_fee(self) -> bool:
        return self.model == "fee"

    @property
    def gives_product(self) -> bool:
        return self.product_cost > 0 or self.product_value > 0 or self.model == "gift"


FEE = PayTerms("fee", "fee")


@dataclass(frozen=True, slots=True)
class Offer:
    """Deliverables on pay terms.

    `deliver` names each kind of deliverable with its pieces; `to` says which creators may get the offer; `price`
    (minor units) replaces the fees per piece, `discount` (millionths) lowers them.
    """

    name: str
    deliver: tuple[tuple[str, int], ...]
    pay: PayTerms = FEE
    to: Filter = EVERYTHING
    price: int | None = None
    discount: int = 0

    @property
    def pieces(self) -> int:
        return sum(pieces for _, pieces in self.deliver)

    def label(self, column: str) -> str:
        """What the offer answers to one of `OFFER_COLUMNS`."""
        return {"offer": self.name, "pay": self.pay.name, "model": self.pay.model}[column]
