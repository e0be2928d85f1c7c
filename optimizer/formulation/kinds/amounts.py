"""Rules over quantities: amounts, shares and ratios between bounds, also such as are used properly or not at all."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from math import ceil, floor, lcm

import numpy as np

from optimizer.domain.constraints import Constraint, Measure, parts_of
from optimizer.domain.exact import Flags, Ints
from optimizer.domain.filters import Filter
from optimizer.domain.quantities import RATIOS
from optimizer.formulation.counting import Counting, fault
from optimizer.formulation.indicators import Indicators
from optimizer.formulation.kinds.rule import Rule, Slope
from optimizer.formulation.per import ByValue
from optimizer.formulation.terms import STRUCTURE, Booked, Row, Term

MOST_VALUES = 1_000  # rules that one `per` may make
BLANK = "(none)"


@dataclass(frozen=True, eq=False)
class Nearest:
    """What a rule measures in a plan, and its base, of the value that is nearest to its bound.

    `column` has the value `who`. `idle`: the rule asks nothing, because its group is not used.
    """

    measured: Fraction
    base: Fraction
    column: str | None = None
    who: str | None = None
    idle: bool = False


@dataclass(frozen=True, eq=False)
class Measured(Rule):
    """A constraint whose value is `lead * measured / base`, held between bounds.

    `base` is a number (amounts: 1; shares of an amount: that amount) or a term (shares and ratios).
    """

    constraint: Constraint
    measured: Term
    base: Fraction | Term
    lead: Fraction

    @abstractmethod
    def nearest(self, plan: Booked) -> Nearest:
        """What the rule measures in a plan, where it is nearest to its bound."""

    def outside(self, value: Fraction, base: Fraction) -> str:
        """How `value / base` lies outside the bounds; empty if it lies inside."""
        low, high = self.constraint.at_least, self.constraint.at_most
        shown = f"{float(value / base):.6g}" if base else f"{float(value):.6g} of nothing"
        if low is not None and value < low * base:
            return f"{self.name}: {shown} is below {float(low):g}"
        if high is not None and value > high * base:
            return f"{self.name}: {shown} is above {float(high):g}"
        return ""

    def moving(self, base: Fraction | Term) -> Slope:
        """How far a row with this base moves with the bound as written."""
        return Slope(base, self.lead, percent=self.constraint.kind == "share")


@dataclass(frozen=True, eq=False)
class AmountRule(Measured):
    """A constraint on a quantity of a group, or on that of one value of its `per`.

    If it may also be 0 (`or_none`), the base of an amount is an indicator. The lower bound of a share is lifted where
    the term `used` is 0; up to `lifted`, its total can be.
    """

    used: Term | None = None
    lifted: int = 0

    def base_total(self, plan: Booked) -> Fraction:
        """The base that a plan's value is divided by."""
        return self.base.total(plan) if isinstance(self.base, Term) else self.base

    @property
    def drawn_base(self) -> tuple[Term, ...]:
        """The total that a share or a ratio is of, which is as uncertain as what is measured."""
        counts_use = self.constraint.skips_zero and self.used is None
        return (self.base,) if isinstance(self.base, Term) and not counts_use else ()

    def is_idle(self, plan: Booked) -> bool:
        """Whether the rule asks nothing of a plan because its group is not used."""
        used = self.base if self.used is None else self.used
        return self.constraint.skips_zero and isinstance(used, Term) and not used.total(plan)

    def nearest(self, plan: Booked) -> Nearest:
        """The one value that it has."""
        totals = self.measured.total(plan), self.base_total(plan)
        return Nearest(*totals, self.constraint.per, self.label, self.is_idle(plan))

    def failure(self, plan: Booked) -> str:
        """How a plan breaks the rule; empty if it keeps it."""
        measured = self.measured.total(plan)
        if self.is_idle(plan) and not measured:
            return ""
        return self.outside(self.lead * measured, self.base_total(plan))

    def rows(self, at: int, indicators: Indicators) -> Iterator[Row]:
        """The rows of the rule."""
        return self.rows_over(at, indicators.whole)

    def rows_over(self, at: int, whole: Flags) -> Iterator[Row]:
        """The rows `lead * measured - bound * base` against 0, in integers.

        With a constant base, both bounds fit in one row and are rounded to the integers inside. A share or a ratio
        makes one row per bound, multiplied by its total, which is never negative (Charnes and Cooper, 1962). `whole`
        (n,) says which columns are integer.
        """
        low, high = self.constraint.at_least, self.constraint.at_most
        if isinstance(self.base, Fraction):
            lower, upper = (None if bound is None else bound * self.base / self.lead for bound in (low, high))
            yield from self._between(at, lower, upper, whole)
        elif low is not None and low == high and self.used is None:
            yield Row(at, self._difference(self.base, low), 0, 0)
        else:
            if low is not None and self.used is not None:
                lift = self.lifted * (low / self.lead).numerator
                yield Row(at, (*self._difference(self.base, low), self.used.times(-lift)), -lift, None)
            elif low is not None:
                yield Row(at, self._difference(self.base, low), 0, None)
            if high is not None:
                yield Row(at, self._difference(self.base, high), None, 0)

    def _between(self, at: int, low: Fraction | None, high: Fraction | None, whole: Flags) -> Iterator[Row]:
        """The rows of an amount. With whole bookings, totals are multiples of the values' common divisor, and the
        bounds are tightened to those; otherwise the row is scaled until its bounds are integers.

        Bounds that cross make two rows, so that dual prices can prove the conflict.
        """
        members = slice(None) if self.measured.members is None else self.measured.members
        if whole[members].all():
            step = max(int(np.gcd.reduce(self.measured.each, initial=0)), 1)
            term = self.measured
            lower = None if low is None else ceil(low / step) * step
            upper = None if high is None else floor(high / step) * step
        else:
            factor = lcm(*(bound.denominator for bound in (low, high) if bound is not None))
            term = self.measured.times(factor)
            lower = None if low is None else int(low * factor)
            upper = None if high is None else int(high * factor)
        if lower is not None and upper is not None and lower > upper:
            yield Row(at, (term,), lower, None)
            yield Row(at, (term,), None, upper)
        else:
            yield Row(at, (term,), lower, upper)

    def _difference(self, base: Term, bound: Fraction) -> tuple[Term, ...]:
        slope = bound / self.lead
        terms = (self.measured.times(slope.denominator), base.times(-slope.numerator))
        return tuple(term for term in terms if term.multiplier)

    def slope(self, row: Row) -> Slope:
        """Every row has the base of the rule."""
        return self.moving(self.base)

    # --- bounds that can be moved ---

    def bounded(self) -> AmountRule:
        """The rule itself."""
        return self

    def moved(self, side: str, bound: Fraction | None) -> AmountRule:
        """The rule with another bound on one side (`at_least`, `at_most`), or without it."""
        said = self.constraint
        low = side == "at_least"
        return replace(self, constraint=replace(said, at_least=bound) if low else replace(said, at_most=bound))

    def of_amount(self, amount: Fraction) -> AmountRule:
        """The rule as a share of another amount."""
        return replace(self, base=amount, constraint=replace(self.constraint, of=amount))


def rules(constraint: Constraint, counting: Counting) -> Iterator[AmountRule]:
    """The rules of a constraint: one, or one for each value of `per`."""
    if constraint.per is None:
        members = np.flatnonzero(counting.estimates.columns.members(constraint.group)) if constraint.group else None
        yield _rule(constraint, None, counting, members)
        return
    split = ByValue(counting.estimates.columns, constraint.group, constraint.per)
    own = {value: (low, high) for value, low, high in constraint.own}
    named = list(dict.fromkeys([*own, *(constraint.among or ())]))
    values = named or split.values()
    if len(values) > MOST_VALUES:
        cause = f"`per: {constraint.per}` would make {len(values):,} rules; at most {MOST_VALUES:,} are allowed"
        raise fault(constraint, "per-too-many", cause, "name the values that matter with `among: [...]`")
    for value in values:
        low, high = own.get(value, (constraint.at_least, constraint.at_most))
        bounded = replace(constraint, at_least=low, at_most=high)
        yield _rule(bounded, value, counting, split.members(value))
    if not named and constraint.at_most not in (None, constraint.at_least):
        blanks, bounded = split.blank(), replace(constraint, at_least=None)
        if len(blanks):
            yield _rule(bounded, BLANK, counting, blanks)


def _rule(constraint: Constraint, label: str | None, counting: Counting, members: Ints | None) -> AmountRule:
    rule = AmountRule(constraint, label, *measured_of(constraint, counting, members))
    return _used_or_not(rule, counting.indicators) if constraint.skips_zero else rule


def measured_of(
    constraint: Constraint, counting: Counting, members: Ints | None
) -> tuple[Term, Fraction | Term, Fraction]:
    """The measured term, its base, and the factor `lead` between their units."""
    scenario, measure, term = counting.estimates.scenario, constraint.measure, counting.term
    ratio = RATIOS.get(measure.quantity)
    if ratio is not None:
        above, below = parts_of(ratio, measure.people)
        lead = Fraction(ratio.factor * scenario.scale(ratio.denominator), scenario.scale(ratio.numerator))
        return term(above, members, constraint), term(below, members, constraint), lead
    if isinstance(constraint.of, Filter):
        whole = np.flatnonzero(counting.estimates.columns.members(constraint.of)) if constraint.of else None
        return term(measure, members, constraint), term(Measure(measure.quantity), whole, constraint), Fraction(1)
    amount = Fraction(1) if constraint.of is None else constraint.of
    return term(measure, members, constraint), amount, Fraction(1, scenario.scale(measure.quantity))


def _used_or_not(rule: AmountRule, indicators: Indicators) -> AmountRule:
    """The rule with bounds that hold where the group is used: `low * z <= lead * measured <= high * z`.

    z is 1 where the amount is not 0. So it is of the same form as a share, with z as its total. A share of a total has
    a lower bound that is lifted where z is 0.
    """
    measured, supply = rule.measured, indicators.supply
    every = np.arange(indicators.bookings) if measured.members is None else measured.members
    counts = indicators.behind(every[measured.values[every] != 0])
    positive = bool(measured.values[every].min(initial=0) >= 0)
    if positive and supply.whole[counts].all():
        used = indicators.booked(rule.name, counts)
    else:
        used = indicators.add(measured, None)
        if positive:
            indicators.only_if(rule.name, counts, used)
        else:
            _held_at_zero(rule, every, used, indicators)
    z = indicators.counted(1, used)
    if isinstance(rule.base, Fraction):
        return replace(rule, base=z, lead=rule.lead / rule.base)
    total = np.arange(indicators.bookings) if rule.base.members is None else rule.base.members
    inside = total < indicators.bookings
    most = supply.most(rule.base.values, total[inside]) + int(rule.base.values[total[~inside]].sum())
    return replace(rule, used=z, lifted=most)


def _held_at_zero(rule: AmountRule, members: Ints, used: Ints, indicators: Indicators) -> None:
    """The rows by which an amount that may be below zero is 0 where its indicator is."""
    for sign, bound in ((1, "at most"), (-1, "at least")):
        most = indicators.supply.most(sign * rule.measured.values, members)
        terms = (replace(rule.measured, multiplier=sign), indicators.counted(-most, used))
        indicators.ties.append(Row(STRUCTURE, terms, None, 0, f"{rule.name}: {bound} if used"))
