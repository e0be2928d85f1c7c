"""The rows of a proof, from the rules of a scenario."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from functools import cached_property
from math import ceil, floor, gcd, lcm

from optimizer.domain.constraints import AT_MOST_ONE, EXACTLY_ONE, TOGETHER, Measure
from optimizer.verification.bookings import Bookings
from optimizer.verification.different import measured_by
from optimizer.verification.held import STRUCTURE, Different, Held, Row, Term, Together, WrongProof
from optimizer.verification.rules import Rule
from optimizer.verification.talents import ByTalent

_APART, _MICRO = 1_000, 10**6


class Rows:
    """The rows of a proof, by name. An indicator, a further column, is 1 where some bookings are made, else 0.

    `goals_said` are the measures that each goal is made of; `goals` the same and `rules` the rules as terms over
    columns.
    """

    def __init__(self, bookings: Bookings, rules: list[Rule]) -> None:
        self.bookings, self._said = bookings, rules
        self._check()
        self.indicators = 0
        self._ones = Sparse({}, 1)
        self._linear: dict[tuple[int, ...], Term] = {}
        self._follows: dict[int, Sequence[int]] = {}
        self._named: dict[str, Row] = {}
        self._times: dict[str, int] = {}
        ties: list[Row] = []
        every = range(len(bookings))
        self.goals_said = [
            [measured_by(bookings, Measure(name), every) for name, _ in goal.weights]
            for goal in bookings.scenario.objectives
        ]
        self.goals = [[self._over_columns(term, ties) for term in said] for said in self.goals_said]
        self.rules = [self._rule(rule, ties) for rule in rules]
        for row in ties:
            self._add(row)
        for at, rule in enumerate(self.rules):
            for row in self._of(rule, at):
                self._add(row)
        for row in self._orders():
            self._add(row)

    # --- terms over columns ---

    def _over_columns(self, term: Term, ties: list[Row]) -> Term:
        """A term over columns; of different values, with an indicator for each value that several creators share."""
        if not isinstance(term, Different):
            return term
        key = (*map(ord, term.column), *term.members)
        if key not in self._linear:
            self._linear[key] = self._different(term, ties)
        return self._linear[key]

    def _different(self, term: Different, ties: list[Row]) -> Term:
        bookings = self.bookings
        if not all(bookings.whole[at] for at in term.members):
            raise WrongProof("different values cannot be counted where bookings may be parts")
        worth = dict.fromkeys(sorted(term.alone), _MICRO)
        for (column, name), mine in term.parts.items():
            units = {bookings.unit[at] for at in mine}
            if len(units) == 1 and mine[0] in bookings.once:
                on: Sequence[int] = mine
            else:
                on = self._booked(f"distinct.{term.column} {column} {name}", mine, ties)
            for at in on:
                worth[at] = worth.get(at, 0) + _MICRO
        return Term(term.multiplier, Sparse(worth, 0), sorted(worth))

    def _rule(self, rule: Rule, ties: list[Row]) -> Rule:
        if isinstance(rule, Together | ByTalent) or rule.each:
            return rule
        base = rule.base
        measured = self._over_columns(rule.measured, ties)
        if isinstance(base, Term):
            base = self._over_columns(base, ties)
        rule = replace(rule, measured=measured, base=base)
        return self._used_or_not(rule, ties) if rule.constraint.skips_zero else rule

    def _used_or_not(self, rule: Held, ties: list[Row]) -> Held:
        """A rule whose amount may also be 0: its bounds hold where an indicator of any amount is 1."""
        measured, bookings = rule.measured, self.bookings
        counts = self._behind([at for at in measured.members if measured.values[at]])
        positive = all(measured.values[at] >= 0 for at in measured.members)
        if positive and all(bookings.whole[at] for at in counts):
            used = self._booked(rule.name, counts, ties)
        else:
            used = self._indicator(counts)
            if positive:
                ties.extend(self._only_if(rule.name, counts, used))
            else:
                for sign, bound in ((1, "at most"), (-1, "at least")):
                    most = self._most({at: sign * measured.values[at] for at in measured.members})
                    terms = (measured.times(sign), self._count(-most, used))
                    ties.append(Row(f"{rule.name}: {bound} if used", STRUCTURE, terms, None, 0))
        z = self._count(1, used)
        if isinstance(rule.base, Fraction):
            return replace(rule, base=z, lead=rule.lead / rule.base)
        values = {at: rule.base.values[at] for at in rule.base.members}
        most = self._most({at: value for at, value in values.items() if at < len(bookings)})
        return replace(rule, used=z, lifted=most + sum(value for at, value in values.items() if at >= len(bookings)))

    def _behind(self, columns: Sequence[int]) -> list[int]:
        """The bookings that some columns are, or that indicators among them follow from."""
        found = {at for at in columns if at < len(self.bookings)}
        return sorted(found.union(*(self._follows[at] for at in columns if at >= len(self.bookings))))

    def _most(self, values: Mapping[int, int]) -> int:
        """The most that some bookings can total, rounded up."""
        best: dict[int, int] = {}
        for at, value in values.items():
            best[self.bookings.unit[at]] = max(best.get(self.bookings.unit[at], 0), value)
        parts = sum(value * self.bookings.units[unit].available for unit, value in best.items())
        return -(-parts // self.bookings.parts)

    def _check(self) -> None:
        """Refuse rules that no rows can express."""
        bookings = self.bookings
        for rule in self._said:
            if isinstance(rule, Together):
                members = [column for part in (*rule.parts, *rule.then) for column in part]
                sound = all(bookings.whole[column] for column in members)
            elif isinstance(rule, ByTalent):
                sound = not rule.of_plan or rule.once.issuperset(rule.crowds)
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
        """A row by name; one for a single creator or talent is made when it is asked for."""
        return self._named.get(name) or self._shares.get(name) or self._of_talents.get(name)

    def _add(self, row: Row) -> None:
        name = row.name
        while name in self._named:
            self._times[row.name] = self._times.get(row.name, 1) + 1
            name = f"{row.name} #{self._times[row.name]}"
        self._named[name] = replace(row, name=name)

    @cached_property
    def _shares(self) -> dict[str, Row]:
        return {row.name: row for at, rule in enumerate(self.rules) for row in self._each_share(rule, at)}

    @cached_property
    def _of_talents(self) -> dict[str, Row]:
        every = [(rule, at) for at, rule in enumerate(self.rules) if isinstance(rule, ByTalent)]
        return {
            row.name: row
            for rule, at in every
            for person in rule.people
            if rule.of_plan or not rule.crowds.issuperset(person.members)  # a crowd is no one person
            for row in self._amounts(rule.one(person.members), at, f"{rule.name}: {person.label}")
        }

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
        elif isinstance(rule, ByTalent):
            forbidden = rule.forbidden()
            if forbidden:
                yield self._bounded(rule.name, at, (self._count(1, forbidden),), None, 0)
        elif rule.each:
            if not rule.each_share:
                forbidden = [column for column in rule.measured.members if not rule.holds({column: Fraction(1)})]
                if forbidden:
                    yield self._bounded(rule.name, at, (self._count(1, forbidden),), None, 0)
        else:
            yield from self._amounts(rule, at, rule.name)

    def _amounts(self, rule: Held, at: int, name: str) -> Iterator[Row]:
        """The rows of a rule over the sums of its bookings."""
        low, high = rule.constraint.at_least, rule.constraint.at_most
        if isinstance(rule.base, Fraction):
            yield from self._between(rule, at, rule.base, name)
        elif low is not None and low == high and rule.used is None:
            yield self._bounded(name, at, _difference(rule, low), 0, 0)
        else:
            if low is not None and rule.used is not None:
                lift = rule.lifted * (low / rule.lead).numerator
                yield self._bounded(name, at, (*_difference(rule, low), rule.used.times(-lift)), -lift, None)
            elif low is not None:
                yield self._bounded(name, at, _difference(rule, low), 0, None)
            if high is not None:
                yield self._bounded(name, at, _difference(rule, high), None, 0)

    def _between(self, rule: Held, at: int, base: Fraction, name: str) -> Iterator[Row]:
        """Totals of whole bookings are multiples of the amounts' common divisor, and the bounds move in to those."""
        low, high = (
            None if bound is None else bound * base / rule.lead
            for bound in (rule.constraint.at_least, rule.constraint.at_most)
        )
        members, values = rule.measured.members, rule.measured.values
        if all(column >= len(self.bookings) or self.bookings.whole[column] for column in members):
            step = max(gcd(*(values[column] for column in members)), 1)
            term = rule.measured
            lower = None if low is None else ceil(low / step) * step
            upper = None if high is None else floor(high / step) * step
        else:
            factor = lcm(*(bound.denominator for bound in (low, high) if bound is not None))
            term = rule.measured.times(factor)
            lower, upper = (None if bound is None else int(bound * factor) for bound in (low, high))
        if lower is not None and upper is not None and lower > upper:
            yield self._bounded(name, at, (term,), lower, None)
            yield self._bounded(name, at, (term,), None, upper)
        else:
            yield self._bounded(name, at, (term,), lower, upper)

    @staticmethod
    def _bounded(name: str, at: int, terms: tuple[Term, ...], lower: int | None, upper: int | None) -> Row:
        """A row named after the bound that it holds."""
        bound = "between" if lower != upper else "exactly"
        bound = "at_most" if lower is None else "at_least" if upper is None else bound
        return Row(f"{name}: {bound}", at, terms, lower, upper)

    def _count(self, multiplier: int, members: Sequence[int]) -> Term:
        return Term(multiplier, self._ones, members)

    def _indicator(self, members: Sequence[int]) -> Sequence[int]:
        self.indicators += 1
        column = len(self.bookings) + self.indicators - 1
        self._follows[column] = members
        return [column]

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
        """Columns whose sum is 1 if one of some bookings is made: those of a single creator, else an indicator."""
        bookings = self.bookings
        units = sorted({bookings.unit[column] for column in members})
        if not units or (len(units) == 1 and bookings.units[units[0]].available == bookings.parts):
            return members
        on = self._indicator(members)
        ties.append(Row(f"{name}: booked", STRUCTURE, (self._count(1, members), self._count(-1, on)), 0, None))
        ties.extend(self._only_if(name, members, on))
        return on

    def _only_if(self, name: str, members: Sequence[int], on: Sequence[int]) -> Iterator[Row]:
        """None of some bookings is made where an indicator is 0."""
        bookings = self.bookings
        by_unit: dict[int, list[int]] = {}
        for column in members:
            by_unit.setdefault(bookings.unit[column], []).append(column)
        apart = [by_unit[unit] for unit in sorted(by_unit)] if len(by_unit) <= _APART else [list(members)]
        for mine in apart:
            rooms = [bookings.units[unit].available for unit in {bookings.unit[column] for column in mine}]
            each = 1 if all(bookings.whole[column] for column in mine) else bookings.parts
            most = sum(room // bookings.parts if each == 1 else room for room in rooms)
            terms = (self._count(each, mine), self._count(-most, on))
            yield Row(f"{name}: only if booked", STRUCTURE, terms, None, 0)

    def _orders(self) -> Iterator[Row]:
        """Each further step of a segment opens when the one before it is full."""
        bookings = self.bookings
        for before, unit in zip(bookings.units, bookings.units[1:], strict=False):
            if unit.step == 0:
                continue
            full, name = self._indicator(before.columns), f"returns of {bookings.creators.ids[unit.creator]}"
            filling = (self._count(bookings.parts, before.columns), self._count(-before.available, full))
            opening = (self._count(bookings.parts, unit.columns), self._count(-unit.available, full))
            yield Row(f"{name}: full", STRUCTURE, filling, 0, None)
            yield Row(f"{name}: open", STRUCTURE, opening, None, 0)


class Sparse(Sequence[int]):
    """Values by column, indicators among them; of all others the same."""

    def __init__(self, values: Mapping[int, int], other: int) -> None:
        self._values, self._other = values, other

    def __len__(self) -> int:
        return 1 << 62

    def __getitem__(self, at):  # type: ignore[no-untyped-def]
        return self._values.get(at, self._other)


def _difference(rule: Held, bound: Fraction) -> tuple[Term, ...]:
    if not isinstance(rule.base, Term):
        raise TypeError("only a rule over a total is a difference")
    slope = bound / rule.lead
    terms = (rule.measured.times(slope.denominator), rule.base.times(-slope.numerator))
    return tuple(term for term in terms if term.multiplier)
