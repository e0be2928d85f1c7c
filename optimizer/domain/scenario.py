"""A scenario: what is meant, with every reference resolved and every number exact."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from optimizer.domain.constraints import Constraint, Measure, Objective
from optimizer.domain.exact import Currency
from optimizer.domain.filters import EVERYTHING, Filter
from optimizer.domain.offers import Offer
from optimizer.domain.pool import Pool
from optimizer.domain.quantities import MONEY, QUANTITIES


@dataclass(frozen=True, slots=True)
class Assumption:
    """One line of an `assume:` table: a figure for the creators, offers and deliverables it speaks of.

    `value` is a float, or for money an integer in minor units; `where` may hold pool and offer columns.
    """

    value: float | int
    where: Filter = EVERYTHING
    deliverables: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Inclusion:
    """A creator who must be booked, by position in the pool; with the terms that the client fixed, if any."""

    creator: int
    offer: str | None = None
    fee: int | None = None
    price: int | None = None


@dataclass(frozen=True, slots=True)
class InputFile:
    """A file that the scenario was read from, by its path from the scenario's folder."""

    path: str
    sha256: str


@dataclass(frozen=True, eq=False)
class Scenario:
    """One planning question, ready to be estimated.

    The pool holds only creators who may be booked: inside the filters and tiers, not excluded. `assume` maps a figure
    (`fee`, or `fee_video` for one deliverable) to its table, of which the first line that matches counts. `fit` maps a
    folded niche to its fit; `other` is everything else. `order_value` is in minor units, `margin` in millionths.
    """

    name: str
    currency: Currency
    objective: Objective
    pool: Pool
    offers: tuple[Offer, ...]
    constraints: tuple[Constraint, ...] = ()
    include: tuple[Inclusion, ...] = ()
    assume: Mapping[str, tuple[Assumption, ...]] = field(default_factory=dict)
    fit: Mapping[str, float] | None = None
    order_value: int | None = None
    margin: int | None = None
    variant: str | None = None
    changes: Mapping[str, str] = field(default_factory=dict)
    inputs: tuple[InputFile, ...] = ()
    warnings: tuple[str, ...] = ()
    resolved: object = None  # the document with the origin of each value, opaque here

    def scale(self, quantity: str) -> int:
        """How many integer units make one of a quantity: minor units of money, else millionths."""
        return self.currency.scale if QUANTITIES[quantity].unit == MONEY else 10**6

    @property
    def measures(self) -> tuple[Measure, ...]:
        """Every additive measure that the objective and the rules are made of."""
        named = [Measure(name) for name, _ in self.objective.weights]
        return tuple(dict.fromkeys([*named, *(m for rule in self.constraints for m in rule.measures)]))
