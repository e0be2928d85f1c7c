"""Offers: what can be booked, and on which pay terms."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction

from optimizer.domain.filters import EVERYTHING, Filter
from optimizer.domain.pay import FEE, NO_RIGHTS, PayTerms, Rights


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
    def names(self) -> tuple[str, ...]:
        """What filters may call the offer: by its own name, and a step of a ladder by the written one, too."""
        return self.name, self.base or self.name
