"""Constraints: a quantity, over a group, held between bounds; and the objective."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from optimizer.domain.filters import EVERYTHING, Filter
from optimizer.domain.quantities import QUANTITIES, RATIOS


@dataclass(frozen=True, slots=True)
class Measure:
    """A quantity, of these people where it is counted in people; what one column of estimates holds."""

    quantity: str
    people: Filter = EVERYTHING

    def __str__(self) -> str:
        return f"{self.quantity} of {self.people}" if self.people else self.quantity


@dataclass(frozen=True, slots=True)
class Constraint:
    """A rule: a measure over a group of creators x offers, held between bounds.

    Parameters
    ----------
    name
        The planner's own.
    at_least, at_most
        In the quantity's unit (currency, people, hours, ...), for a ratio its plain number, for a share a fraction.
    of
        What a share is a share of: a filter (the same quantity over that group), an amount in the quantity's own unit
        (of the budget), or None, which makes the bounds absolute.
    per
        A column: the rule holds for each of its values apart; `among` names the values, else all that can be booked.
    origin
        Where the rule stands, for messages; nothing here looks into it.
    """

    name: str
    measure: Measure
    group: Filter = EVERYTHING
    at_least: Fraction | None = None
    at_most: Fraction | None = None
    of: Filter | Fraction | None = None
    per: str | None = None
    among: tuple[str, ...] | None = None
    origin: object = None

    @property
    def kind(self) -> str:
        if self.measure.quantity in RATIOS:
            return "ratio"
        return "absolute" if self.of is None else "share"

    @property
    def measures(self) -> tuple[Measure, ...]:
        """The additive measures that the rule is made of."""
        ratio = RATIOS.get(self.measure.quantity)
        if ratio is not None:
            return Measure(ratio.numerator), Measure(ratio.denominator)
        if isinstance(self.of, Filter):
            return self.measure, Measure(self.measure.quantity)
        return (self.measure,)


@dataclass(frozen=True, slots=True)
class Objective:
    """What is to be as high (or as low) as the rules allow: a quantity, or a weighted mix of quantities."""

    sense: str  # "maximize" or "minimize"
    weights: tuple[tuple[str, Fraction], ...]

    @property
    def sign(self) -> int:
        return 1 if self.sense == "maximize" else -1

    @property
    def title(self) -> str:
        (name, weight), *more = self.weights
        if not more and weight == 1:
            return name
        return " + ".join(f"{float(weight):g} x {name}" for name, weight in self.weights)

    @property
    def unit(self) -> str | None:
        """The unit of the value; None for a mix."""
        (name, weight), *more = self.weights
        return QUANTITIES[name].unit if not more and weight == 1 else None
