"""The rules of a scenario, measured on a plan, and their rows in the proof."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from math import ceil, floor, gcd, lcm

from optimizer.domain.constraints import AT_MOST_ONE, EXACTLY_ONE, TOGETHER, Constraint, Logic, Measure
from optimizer.domain.filters import AnyOf, Filter, fold
from optimizer.domain.offers import OFFER_COLUMNS
from optimizer.domain.pool import CREATOR, values_of
from optimizer.domain.quantities import RATIOS
from optimizer.verification.bookings import Bookings

Booked = Mapping[int, Fraction]  # how often each booking is made
STRUCTURE = -1
_APART = 1_000
_BLANK = "(none)"


class WrongProof(Exception):  # noqa: N818  a verdict on what is verified, not a fault
    """A certificate whose proof does not hold; the message says why."""


@dataclass(frozen=True)
class Term:
    """A multiple of an amount, summed over some bookings (`members`, ascending)."""

    multiplier: int
    values: Sequence[int] | Mapping[int, int]
    members: Sequence[int]

    @cached_property
    def inside(self) -> frozenset[int] | range:
        """The members, to look up."""
        return self.members if isinstance(self.members, range) else frozenset(self.members)

    def times(self, factor: int) -> Term:
        return replace(self, multiplier=self.multiplier * factor)

    def total(self, plan: Booked) -> Fraction:
        """The term of a plan."""
        return self.multiplier * sum(
            (count * self.values[at] for at, count in plan.items() if at in self.inside), Fraction(0)
        )


@dataclass(frozen=True)
class Row:
    """A row of the proof: its rule's place, `lower <= sum of terms <= upper`."""

    name: str
    rule: int
    terms: tuple[Term, ...]
    lower: int | None
    upper: int | None


@dataclass(frozen=True)
class Held:
    """A rule over quantities: `lead * measured / base` between bounds; of `per: creator`, booking by booking."""

    constraint: Constraint
    label: str | None
    measured: Term
    base: Fraction | Term
    lead: Fraction

    @property
    def name(self) -> str:
        return self.constraint.name if self.label is None else f"{self.constraint.name} ({self.label})"

    @property
    def each(self) -> bool:
        """Whether it holds for each booking separately."""
        return self.constraint.per == CREATOR

    @property
    def each_share(self) -> bool:
        """Whether each booking is compared with a total of the plan."""
        return self.each and self.constraint.kind == "share" and isinstance(self.base, Term)

    def measure(self, plan: Booked) -> Iterator[tuple[int | None, Fraction, Fraction]]:
        """The measured value and its base: of the plan, or of each booking."""
        whole = self.base.total(plan) if isinstance(self.base, Term) else self.base
        if not self.each:
            yield None, self.measured.total(plan), whole
            return
        own = isinstance(self.base, Term) and not self.each_share
        for at in sorted(plan):
            if at in self.measured.inside:
                base = Fraction(self.base.values[at]) if own and isinstance(self.base, Term) else whole
                yield at, Fraction(self.measured.values[at]), base

    def rooms(self, measured: Fraction, base: Fraction) -> list[Fraction]:
        """The distances to the bounds, in the unit of what is measured; below 0 where they are broken."""
        low, high = self.constraint.at_least, self.constraint.at_most
        rooms = [] if low is None else [measured - low * base / self.lead]
        return rooms if high is None else [*rooms, high * base / self.lead - measured]

    def holds(self, plan: Booked) -> bool:
        return all(room >= 0 for _, measured, base in self.measure(plan) for room in self.rooms(measured, base))


@dataclass(frozen=True)
class Together:
    """A rule about who is booked together: the bookings of each part."""

    logic: Logic
    parts: tuple[Sequence[int], ...]
    then: tuple[Sequence[int], ...]

    @property
    def name(self) -> str:
        return self.logic.name

    def booked(self, plan: Booked) -> tuple[list[bool], list[bool]]:
        """Which parts are booked, and which of those that follow."""
        who = set(plan)
        parts, then = ([not who.isdisjoint(part) for part in group] for group in (self.parts, self.then))
        return parts, then

    def holds(self, plan: Booked) -> bool:
        parts, then = self.booked(plan)
        if self.logic.kind in (AT_MOST_ONE, EXACTLY_ONE):
            return parts.count(True) == 1 or (self.logic.kind == AT_MOST_ONE and True not in parts)
        if self.logic.kind == TOGETHER:
            return len(set(parts)) < 2
        return False in parts or False not in then


Rule = Held | Together


def rules_of(bookings: Bookings) -> list[Rule]:
    """The rules of a scenario, one for each value of `per`."""
    found: list[Rule] = []
    for said in bookings.scenario.constraints:
        if isinstance(said, Logic):
            parts, then = (tuple(map(bookings.members, group)) for group in (said.parts, said.then))
            found.append(Together(said, parts, then))
        elif said.per is None or said.per == CREATOR:
            found.append(_held(bookings, said, None, bookings.members(said.group)))
        else:
            found += _per_value(bookings, said)
    return found


def _per_value(bookings: Bookings, said: Constraint) -> Iterator[Held]:
    column, own = said.per or "", {value: (low, high) for value, low, high in said.own}
    named = list(dict.fromkeys([*own, *(said.among or ())]))
    for value in named or _values(bookings, said, column):
        low, high = own.get(value, (said.at_least, said.at_most))
        group = Filter((*said.group, (column, AnyOf((value,)))))
        bounded = replace(said, at_least=low, at_most=high)
        yield _held(bookings, bounded, value, bookings.members(group))
    if named or said.at_most in (None, said.at_least) or not bookings.creators.holds_texts(column):
        return
    cells = bookings.creators.cells(column)
    blank = [at for at in bookings.members(said.group) if cells[bookings.columns[at][0]] is None]
    if blank:
        yield _held(bookings, replace(said, at_least=None), _BLANK, blank)


def _values(bookings: Bookings, said: Constraint, column: str) -> list[str]:
    """Each single value among the bookings of a group; of several spellings the first in order."""
    inside = [bookings.columns[at] for at in bookings.members(said.group)]
    if column in OFFER_COLUMNS:
        return sorted({bookings.scenario.offers[offer].label(column) for _, _, offer in inside})
    cells = bookings.creators.cells(column)
    spelled: dict[str, str] = {}
    for cell in {cells[creator] for creator, _, _ in inside}:
        for value in values_of(str(cell)) if cell is not None else ():
            spelled[fold(value)] = min(value, spelled.get(fold(value), value))
    return [spelled[key] for key in sorted(spelled)]


def _held(bookings: Bookings, said: Constraint, label: str | None, members: Sequence[int]) -> Held:
    scenario, amounts, quantity = bookings.scenario, bookings.amounts, said.measure.quantity
    ratio = RATIOS.get(quantity)
    if ratio is not None:
        above, below = (Term(1, amounts[Measure(name)], members) for name in (ratio.numerator, ratio.denominator))
        lead = Fraction(ratio.factor * scenario.scale(ratio.denominator), scenario.scale(ratio.numerator))
        return Held(said, label, above, below, lead)
    measured = Term(1, amounts[said.measure], members)
    if isinstance(said.of, Filter):
        return Held(said, label, measured, Term(1, amounts[Measure(quantity)], bookings.members(said.of)), Fraction(1))
    amount = Fraction(1) if said.of is None else said.of
    return Held(said, label, measured, amount, Fraction(1, scenario.scale(quantity)))


class Rows:
    """The rows of a proof, by name. A switch, a further column, is 1 where some bookings are made, else 0."""

    def __init__(self, bookings: Bookings, rules: list[Rule]) -> None:
        self.bookings, self.rules = bookings, rules
        self._check()
        self.switches = 0
        self._ones = _Ones()
        self._named: dict[str, Row] = {}
        self._times: dict[str, int] = {}
        for at, rule in enumerate(rules):
            for row in self._of(rule, at):
                self._add(row)
        for row in self._orders():
            self._add(row)

    def _check(self) -> None:
        """Refuse rules that no rows can express."""
        bookings = self.bookings
        for rule in self.rules:
            if isinstance(rule, Together):
                members = [column for part in (*rule.parts, *rule.then) for column in part]
                sound = all(bookings.whole[column] for column in members)
            else:
                units = [bookings.units[bookings.unit[column]] for column in rule.measured.members if rule.each_share]
                sound = all(unit.available == bookings.parts for unit in units) and (
                    not rule.each_share or all(bookings.whole[column] for column in rule.measured.members)
                )
            if not sound:
                raise WrongProof(f"{rule.name} cannot be held where bookings may be parts, or several of one")

    def __iter__(self) -> Iterator[Row]:
        return iter(self._named.values())

    def named(self, name: str) -> Row | None:
        """A row by name; one for a single creator's share is made when it is asked for."""
        return self._named.get(name) or self._shares.get(name)

    def _add(self, row: Row) -> None:
        name = row.name
        while name in self._named:
            self._times[row.name] = self._times.get(row.name, 1) + 1
            name = f"{row.name} #{self._times[row.name]}"
        self._named[name] = replace(row, name=name)

    @cached_property
    def _shares(self) -> dict[str, Row]:
        return {row.name: row for at, rule in enumerate(self.rules) for row in self._each_share(rule, at)}

    def _each_share(self, rule: Rule, at: int) -> Iterator[Row]:
        if isinstance(rule, Together) or not rule.each_share or not isinstance(rule.base, Term):
            return
        if rule.constraint.at_most is None:
            return
        slope = rule.constraint.at_most / rule.lead
        for unit in self.bookings.units:
            mine = [column for column in unit.columns if column in rule.measured.inside]
            if mine:
                own = Term(slope.denominator, rule.measured.values, mine)
                name = f"{rule.name}: {self.bookings.creators.ids[unit.creator]}"
                name += f", step {unit.step + 1}" if unit.step else ""
                yield Row(name, at, (own, rule.base.times(-slope.numerator)), None, 0)

    def _of(self, rule: Rule, at: int) -> Iterator[Row]:
        if isinstance(rule, Together):
            yield from self._together(rule, at)
        elif rule.each:
            if not rule.each_share:
                forbidden = [column for column in rule.measured.members if not rule.holds({column: Fraction(1)})]
                if forbidden:
                    yield self._bounded(rule.name, at, (self._count(1, forbidden),), None, 0)
        elif isinstance(rule.base, Fraction):
            yield from self._between(rule, at, rule.base)
        else:
            low, high = rule.constraint.at_least, rule.constraint.at_most
            if low is not None and low == high:
                yield self._bounded(rule.name, at, _difference(rule, low), 0, 0)
            else:
                if low is not None:
                    yield self._bounded(rule.name, at, _difference(rule, low), 0, None)
                if high is not None:
                    yield self._bounded(rule.name, at, _difference(rule, high), None, 0)

    def _between(self, rule: Held, at: int, base: Fraction) -> Iterator[Row]:
        """Totals of whole bookings are multiples of the amounts' common divisor, and the bounds move in to those."""
        low, high = (
            None if bound is None else bound * base / rule.lead
            for bound in (rule.constraint.at_least, rule.constraint.at_most)
        )
        members, values = rule.measured.members, rule.measured.values
        if all(self.bookings.whole[column] for column in members):
            step = max(gcd(*(values[column] for column in members)), 1)
            term = rule.measured
            lower = None if low is None else ceil(low / step) * step
            upper = None if high is None else floor(high / step) * step
        else:
            factor = lcm(*(bound.denominator for bound in (low, high) if bound is not None))
            term = rule.measured.times(factor)
            lower, upper = (None if bound is None else int(bound * factor) for bound in (low, high))
        if lower is not None and upper is not None and lower > upper:
            yield self._bounded(rule.name, at, (term,), lower, None)
            yield self._bounded(rule.name, at, (term,), None, upper)
        else:
            yield self._bounded(rule.name, at, (term,), lower, upper)

    @staticmethod
    def _bounded(name: str, at: int, terms: tuple[Term, ...], lower: int | None, upper: int | None) -> Row:
        """A row named after the bound that it holds."""
        bound = "between" if lower != upper else "exactly"
        bound = "at_most" if lower is None else "at_least" if upper is None else bound
        return Row(f"{name}: {bound}", at, terms, lower, upper)

    def _count(self, multiplier: int, members: Sequence[int]) -> Term:
        return Term(multiplier, self._ones, members)

    def _switch(self) -> Sequence[int]:
        self.switches += 1
        return [len(self.bookings) + self.switches - 1]

    def _together(self, rule: Together, at: int) -> Iterator[Row]:
        ties: list[Row] = []
        parts, then = ([self._booked(rule.name, part, ties) for part in group] for group in (rule.parts, rule.then))
        yield from ties
        counted = tuple(self._count(1, part) for part in parts)
        kind = rule.logic.kind
        if kind in (AT_MOST_ONE, EXACTLY_ONE):
            yield self._bounded(rule.name, at, counted, 1 if kind == EXACTLY_ONE else None, 1)
        elif kind == TOGETHER:
            for other in parts[1:]:
                yield self._bounded(rule.name, at, (counted[0], self._count(-1, other)), 0, 0)
        else:
            for follows in then:
                terms = (*counted, self._count(-1, follows))
                yield self._bounded(rule.name, at, terms, None, len(parts) - 1)

    def _booked(self, name: str, members: Sequence[int], ties: list[Row]) -> Sequence[int]:
        """Columns whose sum is 1 if one of some bookings is made: those of a single creator, else a switch."""
        bookings = self.bookings
        units = sorted({bookings.unit[column] for column in members})
        if not units or (len(units) == 1 and bookings.units[units[0]].available == bookings.parts):
            return members
        on = self._switch()
        ties.append(Row(f"{name}: booked", STRUCTURE, (self._count(1, members), self._count(-1, on)), 0, None))
        apart: list[Sequence[int]] = [members]
        if len(units) <= _APART:
            apart = [[column for column in members if bookings.unit[column] == unit] for unit in units]
        for mine in apart:
            most = sum(
                bookings.units[unit].available // bookings.parts for unit in {bookings.unit[column] for column in mine}
            )
            terms = (self._count(1, mine), self._count(-most, on))
            ties.append(Row(f"{name}: only if booked", STRUCTURE, terms, None, 0))
        return on

    def _orders(self) -> Iterator[Row]:
        """Each further step of a segment opens when the one before it is full."""
        bookings = self.bookings
        for before, unit in zip(bookings.units, bookings.units[1:], strict=False):
            if unit.step == 0:
                continue
            full, name = self._switch(), f"returns of {bookings.creators.ids[unit.creator]}"
            filling = (self._count(bookings.parts, before.columns), self._count(-before.available, full))
            opening = (self._count(bookings.parts, unit.columns), self._count(-unit.available, full))
            yield Row(f"{name}: full", STRUCTURE, filling, 0, None)
            yield Row(f"{name}: open", STRUCTURE, opening, None, 0)


class _Ones(Sequence[int]):
    """1 for every column, switches among them."""

    def __len__(self) -> int:
        return 1 << 62

    def __getitem__(self, at):  # type: ignore[no-untyped-def]
        return 1


def _difference(rule: Held, bound: Fraction) -> tuple[Term, ...]:
    if not isinstance(rule.base, Term):
        raise TypeError("only a rule over a total is a difference")
    slope = bound / rule.lead
    terms = (rule.measured.times(slope.denominator), rule.base.times(-slope.numerator))
    return tuple(term for term in terms if term.multiplier)
