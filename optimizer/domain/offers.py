"""Offers: what can be booked, and on which pay terms."""

from __future__ import annotations

from dataclasses import dataclass, field

from optimizer.domain.filters import EVERYTHING, Filter

OFFER_COLUMNS = ("offer", "pay", "model")  # group columns that an offer answers, not a creator


@dataclass(frozen=True, slots=True)
class PayTerms:
    """How a booking is paid; money in minor units of the scenario's currency, rates in millionths.

    `model` is `fee` (the creator's fee is paid), `gift` (a product is given), `commission` (a share of the revenue, or
    an amount per conversion) or `hybrid` (`fee_share` of the fee, and a commission). At least `minimum_fee` is paid,
    on any terms. `hours` and `handling` are the team's time and money per booking; `post_rate` is the share of booked
    creators who post (None: as assumed, else all). Rights cost an amount, or a share of the fee.
    """

    name: str
    model: str
    product_cost: int = 0
    product_value: int = 0
    shipping: int = 0
    handling: int = 0
    hours: float = 0.0
    post_rate: float | None = None
    fee_share: int = 0
    minimum_fee: int = 0
    rate: int = 0
    per_conversion: int = 0
    cap: int | None = None

    @property
    def pays_fee(self) -> bool:
        """Whether the creator's own fee is paid, in whole or in part."""
        return self.fee_share > 0

    @property
    def gives_product(self) -> bool:
        """Whether a product is sent."""
        return self.product_cost > 0 or self.product_value > 0 or self.model == "gift"


@dataclass(frozen=True, slots=True)
class Rights:
    """What rights of use cost: an amount in minor units, and a share of the fee in millionths."""

    amount: int = 0
    share: int = 0


NO_RIGHTS = Rights()
FEE = PayTerms("fee", "fee", fee_share=10**6)


@dataclass(frozen=True, slots=True)
class Offer:
    """Deliverables on pay terms.

    `deliver` names each kind of deliverable with its pieces; `to` says which creators may get the offer; `price`
    (minor units) replaces the fees per piece, `discount` (millionths) lowers them, `rights` come on top. `origin` is
    where it is written, for messages only.
    """

    name: str
    deliver: tuple[tuple[str, int], ...]
    pay: PayTerms = FEE
    to: Filter = EVERYTHING
    price: int | None = None
    discount: int = 0
    rights: Rights = NO_RIGHTS
    origin: object = field(default=None, compare=False)

    @property
    def pieces(self) -> int:
        return sum(pieces for _, pieces in self.deliver)

    def label(self, column: str) -> str:
        """The offer's value in one of `OFFER_COLUMNS`."""
        return {"offer": self.name, "pay": self.pay.name, "model": self.pay.model}[column]
