"""Rules over quantities: amounts, shares and ratios of a group of bookings, held between bounds."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import ceil, floor, gcd, lcm
from typing import Any

from optimizer.domain.constraints import Constraint, Measure
from optimizer.domain.filters import EVERYTHING, AnyOf, Filter
from optimizer.domain.quantities import RATIOS
from optimizer.domain.scenario import Scenario
from optimizer.verification.bookings import Bookings
from optimizer.verification.different import measured_by
from optimizer.verification.indicators import Indicators
from optimizer.verification.kinds.duals import Duals
from optimizer.verification.kinds.rule import Drawn, Group, Rule
from optimizer.verification.near import Near, Signed, Since
from optimizer.verification.reached import Reached
from optimizer.verification.terms import Booked, Row, Term, count

_BLANK = "(none)"
_ENDS = (("from", "at_least"), ("to", "at_most"), ("above", "above"), ("below", "below"))
Nearest = tuple[Fraction, Fraction, tuple[str, str] | None]  # measured, base, and whose: a column and its value


def rules(bookings: Bookings, said: Constraint) -> list[Rule]:
    """The rules that it makes, one for each value of `per`."""
    if said.per is None:
        return [over(bookings, said, None, bookings.members(said.group))]
    return list(_per_value(bookings, said, said.per))


def _per_value(bookings: Bookings, said: Constraint, column: str) -> Iterator[Rule]:
    own = {value: (low, high) for value, low, high in said.own}
    named = list(dict.fromkeys([*own, *(said.among or ())]))
    inside, (place, who) = bookings.members(said.group), bookings.dimensions.of(column)
    for value in named or who.values(column, {bookings.columns[at][place] for at in inside}):
        low, high = own.get(value, (said.at_least, said.at_most))
        group = Filter((*said.group, (column, AnyOf((value,)))))
        bounded = replace(said, at_least=low, at_most=high)
        yield over(bookings, bounded, value, bookings.members(group))
    if named or said.at_most in (None, said.at_least):
        return
    cells = who.cells(column)
    blank = [at for at in inside if cells[bookings.columns[at][place]] is None]
    if blank:
        yield over(bookings, replace(said, at_least=None), _BLANK, blank)


def over(bookings: Bookings, said: Constraint, label: str | None, members: Sequence[int]) -> Amounts:
    """A constraint over some bookings."""
    scenario, quantity = bookings.scenario, said.measure.quantity
    ratio = RATIOS.get(quantity)
    if ratio is not None:
        whose = said.measure.people if ratio.numerator == "impressions" else EVERYTHING  # money is spent on all
        parts = Measure(ratio.numerator, whose), Measure(ratio.denominator, said.measure.people)
        above, below = (measured_by(bookings, part, members, said.name) for part in parts)
        lead = Fraction(ratio.factor * scenario.scale(ratio.denominator), scenario.scale(ratio.numerator))
        return Amounts(said, label, above, below, lead)
    measured = measured_by(bookings, said.measure, members, said.name)
    if isinstance(said.of, Filter):
        whole = measured_by(bookings, Measure(quantity), bookings.members(said.of), said.name)
        return Amounts(said, label, measured, whole, Fraction(1))
    amount = Fraction(1) if said.of is None else said.of
    return Amounts(said, label, measured, amount, Fraction(1, scenario.scale(quantity)))


@dataclass(frozen=True)
class Measured(Rule):
    """`lead * measured / base` between bounds; what is measured, and when, is for each kind to say."""

    said: Constraint
    label: str | None
    measured: Term
    base: Fraction | Term
    lead: Fraction

    @property
    def bounded(self) -> Constraint:
        return self.said

    def rooms(self, measured: Fraction, base: Fraction) -> list[Fraction]:
        """The distances to the bounds, in the unit of what is measured; below 0 where they are broken."""
        return _rooms(measured, base / self.lead, self.said.at_least, self.said.at_most)

    @abstractmethod
    def nearest(self, plan: Booked) -> Nearest:
        """What a plan measures where there is the least room."""

    @abstractmethod
    def price(self, duals: Duals) -> Near | Signed:
        """The shadow price of its bounds."""

    def standing(self, scenario: Scenario, plan: Booked, duals: Duals) -> dict[str, Any]:
        said, (measured, base, who) = self.said, self.nearest(plan)
        quantity, idle = said.measure.quantity, said.skips_zero and not measured
        value = self.lead * measured / base if base else Fraction(0) if idle else None
        ratio = RATIOS.get(quantity)
        room = min(self.rooms(measured, base)) / scenario.scale(ratio.numerator if ratio else quantity)
        whole = said.kind == "absolute" and scenario.quantities[quantity].whole
        return {
            "name": said.name,
            "quantity": quantity,
            "group": filter_json(said.group) | dict([who] if who else []),
            "people": filter_json(said.measure.people),
            "kind": said.kind,
            "of": _of(said.of),
            "at_least": _float(said.at_least),
            "at_most": _float(said.at_most),
            "value": None if value is None else int(value) if whole and value.denominator == 1 else float(value),
            "room": float(room),
            "binding": room == 0 and not idle,
            "shadow_price": self.price(duals),
            "per_value": who[1] if who else None,
            "says": _says(said),
            "note": said.note,
            "or_none": True if said.or_none else Since((None, False)),
            **duals.sides(self.price(replace(duals, relaxed=None))),
        }

    def clashing(self) -> dict[str, Any]:
        said = self.said
        return {
            "name": said.name,
            "per_value": self.label,
            "quantity": said.measure.quantity,
            "kind": said.kind,
            "of": _of(said.of),
            "at_least": _float(said.at_least),
            "at_most": _float(said.at_most),
            "says": _says(said),
            "or_none": said.or_none,
        }


@dataclass(frozen=True)
class Amounts(Measured):
    """A rule over the totals of a plan; `linear` is the same over columns."""

    linear: Linear | None = None

    def measure(self, plan: Booked) -> tuple[Fraction, Fraction]:
        """The measured value of a plan, and its base: 0 where nothing is measured and that is allowed."""
        measured = self.measured.total(plan)
        if self.said.skips_zero and not measured:
            return measured, Fraction(0)
        return measured, self.base.total(plan) if isinstance(self.base, Term) else self.base

    def holds(self, plan: Booked) -> bool:
        return all(room >= 0 for room in self.rooms(*self.measure(plan)))

    # --- the proof ---

    def over_columns(self, indicators: Indicators) -> Amounts:
        measured, base = indicators.over_columns(self.measured), self.base
        base = indicators.over_columns(base) if isinstance(base, Term) else base
        linear = Linear(measured, base, self.lead)
        return replace(self, linear=linear.or_none(self.name, indicators) if self.said.skips_zero else linear)

    def rows(self, at: int, indicators: Indicators) -> Iterator[Row]:
        linear = self.linear or Linear(self.measured, self.base, self.lead)
        return linear.rows(self.said, at, self.name, indicators)

    # --- what a plan states ---

    def nearest(self, plan: Booked) -> Nearest:
        who = None if self.said.per is None or self.label is None else (self.said.per, self.label)
        return *self.measure(plan), who

    def price(self, duals: Duals) -> Near | Signed:
        linear = self.linear or self
        return duals.price(linear.base, linear.lead, percent=self.said.kind == "share")

    def groups(self) -> Sequence[Group]:
        terms = [term for term in (self.measured, self.base) if isinstance(term, Term)]
        people = [term for term in terms if isinstance(term, Reached)]
        others = [term for term in terms if not isinstance(term, Reached)]
        apart = self.said.measure.people and (not people or self.said.measure.quantity == "frequency")
        if apart or not all(term.adds_up for term in others):
            return ()  # which people of a booking see it again is not drawn
        return [Group(term.inside, term.wanted if isinstance(term, Reached) else None) for term in terms]

    def chance(self, plan: Booked, drawn: Sequence[Drawn]) -> float:
        said = self.said
        if said.skips_zero and not self.measured.total(plan):
            return 1.0
        ratio = RATIOS.get(said.measure.quantity)
        above, below = (ratio.numerator, ratio.denominator) if ratio else (said.measure.quantity,) * 2
        measured = [float(self.lead) * value for value in drawn[0](above)]
        base = [float(self.base)] * len(measured) if isinstance(self.base, Fraction) else drawn[1](below)
        bounds, kept = (_float(said.at_least), _float(said.at_most)), 0
        for value, of in zip(measured, base, strict=True):
            kept += all(room >= -1e-9 * max(abs(value), 1.0) for room in _rooms(value, of, *bounds))
        return kept / len(measured)


@dataclass(frozen=True)
class Linear:
    """`lead * measured / base`, to be held between bounds.

    Where `used`, an indicator, is 0, so is what is measured, and the lower bound of a share is lifted: there `base` is
    `lifted` at most.
    """

    measured: Term
    base: Fraction | Term
    lead: Fraction
    used: Term | None = None
    lifted: int = 0

    def rows(self, said: Constraint, at: int, name: str, indicators: Indicators) -> Iterator[Row]:
        """The rows that hold it between the bounds of a constraint."""
        low, high = said.at_least, said.at_most
        if isinstance(self.base, Fraction):
            unit = self.base / self.lead
            low, high = (None if bound is None else bound * unit for bound in (low, high))
            yield from self._between((low, high), at, name, indicators)
        elif low is not None and low == high and self.used is None:
            yield Row.bounded(name, at, self._difference(self.base, low), 0, 0)
        else:
            if low is not None and self.used is not None:
                lift = self.lifted * (low / self.lead).numerator
                yield Row.bounded(name, at, (*self._difference(self.base, low), self.used.times(-lift)), -lift, None)
            elif low is not None:
                yield Row.bounded(name, at, self._difference(self.base, low), 0, None)
            if high is not None:
                yield Row.bounded(name, at, self._difference(self.base, high), None, 0)

    def _difference(self, base: Term, bound: Fraction) -> tuple[Term, ...]:
        slope = bound / self.lead
        terms = (self.measured.times(slope.denominator), base.times(-slope.numerator))
        return tuple(term for term in terms if term.multiplier)

    def _between(
        self, bounds: tuple[Fraction | None, Fraction | None], at: int, name: str, indicators: Indicators
    ) -> Iterator[Row]:
        """Totals of whole bookings are multiples of the amounts' common divisor, and the bounds move in to those."""
        (low, high), term = bounds, self.measured
        if indicators.whole(term.members):
            step = max(gcd(*(term.values[column] for column in term.members)), 1)
            lower = None if low is None else ceil(low / step) * step
            upper = None if high is None else floor(high / step) * step
        else:
            factor = lcm(*(bound.denominator for bound in (low, high) if bound is not None))
            term = term.times(factor)
            lower, upper = (None if bound is None else int(bound * factor) for bound in (low, high))
        apart = lower is not None and upper is not None and lower > upper
        for least, most in [(lower, None), (None, upper)] if apart else [(lower, upper)]:
            yield Row.bounded(name, at, (term,), least, most)

    def or_none(self, name: str, indicators: Indicators) -> Linear:
        """The same, if what is measured may also be 0: the bounds hold where an indicator of any amount is 1."""
        measured, base = self.measured, self.base
        counts = indicators.behind([at for at in measured.members if measured.values[at]])
        positive = all(measured.values[at] >= 0 for at in measured.members)
        if positive and indicators.whole(counts):
            used = indicators.booked(name, counts)
        else:
            used = indicators.add(counts)
            if positive:
                indicators.only_if(name, counts, used)
            else:
                for sign, bound in ((1, "at most"), (-1, "at least")):
                    most = indicators.most({at: sign * measured.values[at] for at in measured.members})
                    terms = (measured.times(sign), count(-most, used))
                    indicators.tie(f"{name}: {bound} if used", terms, None, 0)
        on = count(1, used)
        if isinstance(base, Fraction):
            return Linear(measured, on, self.lead / base)
        lifted = indicators.most({at: base.values[at] for at in base.members})
        return Linear(measured, base, self.lead, on, lifted)


def _rooms(value: Any, of: Any, low: Any, high: Any) -> list[Any]:
    """The distances of a value to bounds on its multiple `of` another; below 0 where they are broken."""
    rooms = [] if low is None else [value - low * of]
    return rooms if high is None else [*rooms, high * of - value]


def _says(said: Constraint) -> str:
    """For whom it is held apart."""
    return "" if said.for_each is None else f"each {said.for_each}"


def _float(value: Fraction | None) -> float | None:
    return None if value is None else float(value)


def _of(of: Filter | Fraction | None) -> Any:
    if isinstance(of, Filter):
        return filter_json(of) if of else "plan"
    return None if of is None else "budget"


def filter_json(where: Filter) -> dict[str, Any]:
    """A filter as the scenario file writes it."""
    found: dict[str, Any] = {}
    for column, condition in where:
        if isinstance(condition, AnyOf):
            found[column] = condition.values[0] if len(condition.values) == 1 else list(condition.values)
        else:
            ends = ((word, getattr(condition, name)) for word, name in _ENDS)
            found[column] = {word: float(end.value) for word, end in ends if end is not None}
    return found
