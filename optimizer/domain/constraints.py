"""Constraints: a quantity, over a group, held between bounds; and the objective."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from optimizer.domain.budgets import Budget
from optimizer.domain.filters import EVERYTHING, Filter
from optimizer.domain.pool import CREATOR, TALENT
from optimizer.domain.quantities import IMPRESSIONS, RATIOS, Ratio


@dataclass(frozen=True, slots=True)
class Measure:
    """A quantity, counted over some people where it counts people; one column of the estimates."""

    quantity: str
    people: Filter = EVERYTHING

    def __str__(self) -> str:
        return f"{self.quantity} of {self.people}" if self.people else self.quantity


def parts_of(ratio: Ratio, people: Filter) -> tuple[Measure, Measure]:
    """What a ratio over some people is of: views are theirs, and money is spent on all."""
    seen = people if ratio.numerator == IMPRESSIONS else EVERYTHING
    return Measure(ratio.numerator, seen), Measure(ratio.denominator, people)


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
        A column: the rule holds for each of its values separately. `among` names the values; by default, all that can
        be booked.
        `creator` holds the rule for each booking, `talent` for the bookings of each person, however many there are.
    own
        Values of `per` with bounds of their own (lower, upper); the rule then runs over these.
    or_none
        Whether the quantity over the group may also be 0, outside of the bounds: used properly, or not at all.
    negotiable
        Whether a repair of rules that clash may change it.
    note
        How the bound was derived, where it is not as written.
    budget
        For a budget of money: the budget as written; `at_most` is what is left of it.
    of_budget
        The name of the budget that `of` is the written amount of.
    origin
        Where the rule is written, for messages only.
    """

    name: str
    measure: Measure
    group: Filter = EVERYTHING
    at_least: Fraction | None = None
    at_most: Fraction | None = None
    of: Filter | Fraction | None = None
    per: str | None = None
    among: tuple[str, ...] | None = None
    own: tuple[tuple[str, Fraction | None, Fraction | None], ...] = ()
    note: str = ""
    budget: Budget | None = None
    of_budget: str | None = None
    or_none: bool = False
    negotiable: bool = True
    origin: object = None

    @property
    def for_each(self) -> str | None:
        """`creator` or `talent`, if the rule holds for each of them, however many; None otherwise."""
        named = self.among is not None or bool(self.own)
        return self.per if self.per == CREATOR or (self.per == TALENT and not named) else None

    @property
    def rule_kind(self) -> str:
        """The kind of rule that it is, by which those who plan and verify know it."""
        return "amounts" if self.for_each is None else "each"

    @property
    def kind(self) -> str:
        if self.measure.quantity in RATIOS:
            return "ratio"
        return "absolute" if self.of is None else "share"

    @property
    def skips_zero(self) -> bool:
        """Whether 0 is allowed although it lies outside of the bounds."""
        low, high = self.at_least, self.at_most
        return self.or_none and ((low is not None and low > 0) or (high is not None and high < 0))

    @property
    def measures(self) -> tuple[Measure, ...]:
        """The additive measures that the rule is made of."""
        ratio = RATIOS.get(self.measure.quantity)
        if ratio is not None:
            return parts_of(ratio, self.measure.people)
        if isinstance(self.of, Filter):
            return self.measure, Measure(self.measure.quantity)
        return (self.measure,)


AT_MOST_ONE, EXACTLY_ONE, TOGETHER, IF = "at_most_one_of", "exactly_one_of", "together", "if"
_ONE_OF = {AT_MOST_ONE: "at most one of", EXACTLY_ONE: "exactly one of", TOGETHER: "all or none of"}


@dataclass(frozen=True, slots=True)
class Logic:
    """A rule about who is booked together. Each of `parts` is a group of bookings, which is booked or not.

    `kind` is `at_most_one_of`, `exactly_one_of`, `together` (all or none) or `if`: if all `parts` are booked,
    all of `then` must be booked too.
    """

    name: str
    kind: str
    parts: tuple[Filter, ...]
    then: tuple[Filter, ...] = ()
    negotiable: bool = True
    origin: object = None

    @property
    def rule_kind(self) -> str:
        """See `Constraint.rule_kind`."""
        return "logic"

    @property
    def measures(self) -> tuple[Measure, ...]:
        """Nothing is measured: bookings are counted."""
        return ()

    def __str__(self) -> str:
        parts = [_part_words(part) for part in self.parts]
        if self.kind in _ONE_OF:
            return f"{_ONE_OF[self.kind]} {', '.join(parts)}"
        return f"if {' and '.join(parts)}, then {' and '.join(_part_words(part) for part in self.then)}"

    def keeps(self, parts: Sequence[bool], then: Sequence[bool]) -> bool:
        """Whether the rule holds, given which parts are booked."""
        if self.kind == AT_MOST_ONE:
            return sum(parts) <= 1
        if self.kind == EXACTLY_ONE:
            return sum(parts) == 1
        if self.kind == TOGETHER:
            return all(parts) or not any(parts)
        return not all(parts) or all(then)


def _part_words(part: Filter) -> str:
    """A part of a logic rule in words: a handle, or what a filter asks."""
    return ", ".join(str(asked) if column == CREATOR else f"{column} {asked}" for column, asked in part)


@dataclass(frozen=True, slots=True)
class Objective:
    """What is maximized or minimized: a quantity, or a weighted sum of quantities."""

    sense: str  # "maximize" or "minimize"
    weights: tuple[tuple[str, Fraction], ...]

    @property
    def sign(self) -> int:
        return 1 if self.sense == "maximize" else -1


@dataclass(frozen=True, slots=True)
class Goal:
    """One of several goals in order; later goals may give up the part of its value that is not kept.

    `keep` is a share of the value that was found for it: of 100, 99 % are kept by plans of at least 99, if it is
    maximized, or of at most 101.
    """

    objective: Objective
    keep: Fraction = Fraction(1)
