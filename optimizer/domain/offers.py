"""Offers: what can be booked, and on which pay terms."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction

from optimizer.domain.filters import EVERYTHING, Filter


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


@dataclass(frozen=True, slots=True)
class Boost:
    """Paid impressions that come with a booking: the way to buy them, and the money in minor units.

    `cpm` (minor units) is what 1,000 of them cost. Of `keeps`, each step ends at so much money (minor units,
    cumulative) and says which share of its impressions the money within it keeps; beyond the last step there is
    nothing, and without steps all of it is kept. `rights` are what the creator is paid for it.
    """

    way: str
    money: int
    cpm: Fraction
    keeps: tuple[tuple[int, Fraction], ...] = ()
    rights: Rights = NO_RIGHTS

    @property
    def impressions(self) -> float:
        """The impressions of one booking that is posted: 1000 x kept money / cpm, to the nearest float."""
        kept, before = Fraction(0), 0
        for up_to, keep in self.keeps or ((self.money, Fraction(1)),):
            kept += max(min(up_to, self.money) - before, 0) * keep
            before = up_to
        return float(1000 * kept / self.cpm)


FEE = PayTerms("fee", "fee", fee_share=10**6)


@dataclass(frozen=True, slots=True)
class Offer:
    """Deliverables on pay terms.

    `deliver` names each kind of deliverable with its pieces; `to` says which creators may get the offer; `price`
    (minor units) replaces the fees per piece, `discount` (millionths) lowers them, `rights` come on top; `boost` buys
    impressions beside those of the creator. `base` is the name as it is written, which all steps of a ladder have in
    common. `origin` is where it is written, for messages only.
    """

    name: str
    deliver: tuple[tuple[str, int], ...]
    pay: PayTerms = FEE
    to: Filter = EVERYTHING
    price: int | None = None
    discount: int = 0
    rights: Rights = NO_RIGHTS
    boost: tuple[Boost, ...] = ()
    base: str = ""
    origin: object = field(default=None, compare=False)

    @property
    def pieces(self) -> int:
        return sum(pieces for _, pieces in self.deliver)

    @property
    def boost_money(self) -> int:
        """What is paid for impressions, in minor units."""
        return sum(boost.money for boost in self.boost)

    @property
    def names(self) -> tuple[str, ...]:
        """What filters may call the offer: by its own name, and a step of a ladder by the written one, too."""
        return self.name, self.base or self.name
