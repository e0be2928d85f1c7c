"""Pay: the components of pay terms, and the pay models, which are presets of components.

A component says in one place what it costs, on what that hangs, as what it counts, and which keys of a scenario say it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Protocol, TypeVar

import numpy as np

from optimizer.domain.exact import MICRO, Flags, Ints, times_up


class Paid(Protocol):
    """What components ask of the bookings that are paid."""

    def listed(self) -> tuple[Ints, Flags]:
        """The list price of each booking in minor units, before the terms' share; and where a client has fixed it."""

    def exact(self, quantity: str) -> Ints:
        """Another quantity as its rounded integers."""


@dataclass(frozen=True, slots=True)
class Component(ABC):
    """One part of pay terms. Its fields are keys of the scenario (`under` another key, where that is named): money in
    minor units, those in `shares` in millionths.

    `counts_as` is the quantity `fee` or `commission`, or `cash` beside them, or a `product`: spend, but no cash.
    """

    counts_as: ClassVar[str]
    under: ClassVar[str] = ""
    shares: ClassVar[tuple[str, ...]] = ()

    @abstractmethod
    def money(self, b: Paid) -> Ints | int:
        """What it costs for each booking, in minor units."""


@dataclass(frozen=True, slots=True)
class Fee(Component):
    """A share of the list price, at least a minimum unless a client has fixed the fee."""

    counts_as = "fee"
    shares = ("fee",)
    fee: int = 0
    minimum_fee: int = 0

    def money(self, b: Paid) -> Ints | int:
        if not self.fee:
            return self.minimum_fee
        listed, fixed = b.listed()
        paid = times_up(listed, self.fee)
        return np.where(fixed, paid, np.maximum(paid, self.minimum_fee))


@dataclass(frozen=True, slots=True)
class Commission(Component):
    """A share of the revenue, or an amount per conversion, up to the cap. The draws of a forecast know its terms, too:
    no other component hangs on what is drawn.
    """

    counts_as = "commission"
    shares = ("rate",)
    rate: int = 0
    per_conversion: int = 0
    cap: int | None = None

    def money(self, b: Paid) -> Ints | int:
        earned: Ints | int = times_up(b.exact("revenue"), self.rate) if self.rate else 0
        if self.per_conversion:
            earned = earned + times_up(b.exact("conversions"), self.per_conversion)
        return earned if self.cap is None else np.minimum(earned, self.cap)


@dataclass(frozen=True, slots=True)
class Product(Component):
    """A product that is given: what it costs, and its value to the creator, which no formula uses."""

    counts_as = "product"
    under = "product"
    cost: int = 0
    value: int = 0

    def money(self, _: Paid) -> Ints | int:
        return self.cost


@dataclass(frozen=True, slots=True)
class Costs(Component):
    """What each booking costs beside what the creator gets."""

    counts_as = "cash"
    shipping: int = 0
    handling: int = 0

    def money(self, _: Paid) -> Ints | int:
        return self.shipping + self.handling


@dataclass(frozen=True, slots=True)
class PayModel:
    """A preset: what it is in words, its components, and the keys that it needs, each with what it says and an example.

    The keys of `Fee` and `Commission` are refused on models without them, and `fee` is where a model does not need it.
    """

    text: str
    components: tuple[Component, ...]
    needs: Mapping[str, tuple[str, str]] = field(default_factory=dict)

    def parts(self) -> Iterable[Component]:
        """Its components, and the others, which terms have where their keys say something."""
        return {type(one): one for one in (Fee(), Commission(), Product(), Costs(), *self.components)}.values()


_A_SHARE = {"fee": ("the share of the fee that is paid", "50%")}
PAY = "pay"  # the field of a plan that says by which model a booking is paid, unless a quantity has this name
MODELS = {
    "fee": PayModel("the creator's fee is paid", (Fee(fee=MICRO),)),
    "gift": PayModel("a product is given, and no fee", (Product(),)),
    "commission": PayModel("a part of what is sold is paid, and no fee", (Commission(),)),
    "hybrid": PayModel("a share of the fee, and a commission", (Fee(), Commission()), _A_SHARE),
}


def models_with(kind: type[Component]) -> list[str]:
    """The names of the models that have a component of a kind."""
    return [name for name, one in MODELS.items() if kind in map(type, one.components)]


@dataclass(frozen=True, slots=True)
class Rights:
    """What rights of use cost: an amount in minor units, and a share of the fee in millionths."""

    amount: int = 0
    share: int = 0


NO_RIGHTS = Rights()
Kind = TypeVar("Kind", bound=Component)


@dataclass(frozen=True, slots=True)
class PayTerms:
    """How a booking is paid: the components of its `model`, and those that its keys add.

    `hours` are the team's time per booking; `post_rate` is the share of booked creators who post (None: as assumed,
    else all). `rights` are those of offers that name none.
    """

    name: str
    model: str
    components: tuple[Component, ...]
    hours: float = 0.0
    post_rate: float | None = None
    rights: Rights = NO_RIGHTS

    def part(self, kind: type[Kind]) -> Kind:
        """The component of a kind; one of nothing where there is none."""
        return next((one for one in self.components if isinstance(one, kind)), kind())

    def has(self, counts_as: str) -> bool:
        """Whether there is a component that counts so."""
        return any(one.counts_as == counts_as for one in self.components)

    def money(self, counts_as: str, b: Paid) -> Ints | int:
        """What the components that count so cost for each booking, in minor units."""
        return sum((one.money(b) for one in self.components if one.counts_as == counts_as), 0)

    @property
    def pays_fee(self) -> bool:
        """Whether the creator's own fee is paid, in whole or in part."""
        return self.part(Fee).fee > 0


FEE = PayTerms("fee", "fee", MODELS["fee"].components)
