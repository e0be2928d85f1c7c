"""Rules as the judge holds them: by their definition over a plan, and as sums that a plan adds up to.

A plan is a list of columns, one for each booking (a segment's may occur several times), or a mapping of columns to how
often each is booked, where bookings may be parts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

Chosen = Iterable[int] | Mapping[int, Fraction]
IntegerRow = tuple[list[int], int | None, int | None]


def counts(chosen: Chosen) -> Mapping[int, Fraction | int]:
    return chosen if isinstance(chosen, Mapping) else Counter(chosen)


def total(values: Sequence[int], chosen: Chosen) -> Fraction | int:
    return sum(values[at] * count for at, count in counts(chosen).items())


@dataclass(frozen=True)
class Rule:
    """`lead * measured / base` between bounds; `base` is per column, or 1."""

    name: str
    label: str | None
    kind: str
    low: Fraction | None
    high: Fraction | None
    measured: list[int]
    base: list[int] | None
    lead: Fraction
    unit: int

    @property
    def title(self) -> str:
        return self.name if self.label is None else f"{self.name} ({self.label})"

    def totals(self, chosen: Chosen) -> tuple[Fraction | int, Fraction | int]:
        return total(self.measured, chosen), 1 if self.base is None else total(self.base, chosen)

    def value(self, chosen: Chosen) -> Fraction | None:
        measured, base = self.totals(chosen)
        return self.lead * measured / base if base else None

    def holds(self, chosen: Chosen) -> bool:
        measured, base = self.totals(chosen)
        return (self.low is None or self.lead * measured >= self.low * base) and (
            self.high is None or self.lead * measured <= self.high * base
        )

    def room(self, chosen: Chosen) -> Fraction:
        """The distance to the nearer bound, in the unit of what is measured."""
        measured, base = self.totals(chosen)
        rooms = []
        if self.low is not None:
            rooms.append(measured - self.low * base / self.lead)
        if self.high is not None:
            rooms.append(self.high * base / self.lead - measured)
        return Fraction(min(rooms)) / self.unit

    @cached_property
    def rows(self) -> list[IntegerRow]:
        """The rule as rows of integer coefficients with bounds, exactly equivalent."""
        rows: list[IntegerRow] = []
        for bound, sense in ((self.low, 1), (self.high, -1)):
            if bound is None:
                continue
            slope = bound / self.lead
            if self.base is None:
                scaled = [value * slope.denominator for value in self.measured]
                limit = slope.numerator
            else:
                pairs = zip(self.measured, self.base, strict=True)
                scaled = [value * slope.denominator - other * slope.numerator for value, other in pairs]
                limit = 0
            rows.append((scaled, limit if sense > 0 else None, limit if sense < 0 else None))
        return rows


@dataclass(frozen=True)
class EachRule:
    """`lead * measured / base` of every single booking between bounds.

    `base` is the booking's own (`own_base`), a total of the plan (`of_plan`), or 1. `owner` says whose booking a column
    is, `inside` whether it counts.
    """

    name: str
    kind: str
    low: Fraction | None
    high: Fraction | None
    measured: list[int]
    inside: list[bool]
    owner: list[str]
    lead: Fraction
    unit: int
    own_base: list[int] | None = None
    of_plan: list[int] | None = None
    label: None = None

    @property
    def title(self) -> str:
        return self.name

    def single(self, chosen: Chosen) -> list[tuple[int, Fraction, Fraction]]:
        """Of each booking that counts: its column, `lead * measured`, and `base`."""
        whole = None if self.of_plan is None else Fraction(total(self.of_plan, chosen))
        return [
            (at, self.lead * self.measured[at], self._base(at) if whole is None else whole)
            for at, count in sorted(counts(chosen).items())
            if self.inside[at] and count
        ]

    def _base(self, at: int) -> Fraction:
        return Fraction(1 if self.own_base is None else self.own_base[at])

    def _keeps(self, value: Fraction, base: Fraction) -> bool:
        return (self.low is None or value >= self.low * base) and (self.high is None or value <= self.high * base)

    def holds(self, chosen: Chosen) -> bool:
        return all(self._keeps(value, base) for _, value, base in self.single(chosen))

    def tightest(self, chosen: Chosen) -> tuple[set[str], Fraction | None]:
        """Whose bookings have the least room, and how much that is, in the unit of what is measured."""
        rooms: dict[int, Fraction] = {}
        for at, value, base in self.single(chosen):
            ends = [value - self.low * base] if self.low is not None else []
            ends += [self.high * base - value] if self.high is not None else []
            rooms[at] = min(ends) / self.lead / self.unit
        least = min(rooms.values(), default=None)
        return {self.owner[at] for at, room in rooms.items() if room == least}, least

    @cached_property
    def rows(self) -> list[IntegerRow]:
        """The rule as rows; where it is held against a total of the plan, for columns that are booked at most once."""
        if self.of_plan is None:
            return [
                ([int(inside and breaks) for inside, breaks in zip(self.inside, self.broken, strict=True)], None, 0)
            ]
        assert self.high is not None
        slope = self.high / self.lead
        share = [-slope.numerator * value for value in self.of_plan]
        rows: list[IntegerRow] = []
        for at in [at for at, inside in enumerate(self.inside) if inside]:
            own = [0] * at + [self.measured[at] * slope.denominator] + [0] * (len(share) - at - 1)
            rows.append((list(map(int.__add__, own, share)), None, 0))
        return rows

    @property
    def broken(self) -> list[bool]:
        """Whether a booking of each column breaks the rule whatever else is booked."""
        assert self.of_plan is None
        return [not self._keeps(self.lead * value, self._base(at)) for at, value in enumerate(self.measured)]


@dataclass(frozen=True)
class LogicRule:
    """A rule about who is booked together; a part is booked where any of its columns is."""

    name: str
    logic: str
    parts: list[list[bool]]
    then: list[list[bool]]
    kind: str = "logic"
    label: None = None

    @property
    def title(self) -> str:
        return self.name

    def _keeps(self, parts: list[bool], then: list[bool]) -> bool:
        match self.logic:
            case "at_most_one_of":
                return sum(parts) <= 1
            case "exactly_one_of":
                return sum(parts) == 1
            case "together":
                return sum(parts) in (0, len(parts))
            case _:
                return all(then) or not all(parts)

    def booked(self, chosen: Chosen) -> tuple[list[bool], list[bool]]:
        """Which parts a plan books, and which of those that must follow."""
        plan = [at for at, count in counts(chosen).items() if count]
        found = [[any(part[at] for at in plan) for part in some] for some in (self.parts, self.then)]
        return found[0], found[1]

    def holds(self, chosen: Chosen) -> bool:
        return self._keeps(*self.booked(chosen))

    def allows(self, found: Sequence[int]) -> bool:
        """Whether the rule holds, given how many bookings a plan has of each part, then of each that must follow."""
        there = [count > 0 for count in found]
        return self._keeps(there[: len(self.parts)], there[len(self.parts) :])


@dataclass(frozen=True)
class TalentRule:
    """`lead * measured / base` of the bookings of each person between bounds.

    `people` are columns by the person's name; `crowds` columns each booking of which is of another person. `base` is a
    person's own (`own_base`), a total of the plan (`of_plan`), or 1.
    """

    name: str
    kind: str
    low: Fraction | None
    high: Fraction | None
    measured: list[int]
    people: dict[str, list[int]]
    crowds: list[int]
    lead: Fraction
    unit: int
    own_base: list[int] | None = None
    of_plan: list[int] | None = None
    label: None = None

    @property
    def title(self) -> str:
        return self.name

    def single(self, chosen: Chosen) -> list[tuple[str, Fraction, Fraction]]:
        """Of each person who is booked: the name, `lead * measured`, and `base`."""
        plan = {at: count for at, count in counts(chosen).items() if count}
        found = []
        for name, columns in self.people.items():
            mine = {at: plan[at] for at in columns if at in plan}
            apart = [{at: Fraction(1)} for at in mine] if set(mine) <= set(self.crowds) and self.of_plan is None else []
            for part in apart or ([mine] if mine else []):
                base = total(self.of_plan, plan) if self.of_plan else total(self.own_base, part) if self.own_base else 1
                found.append((name, self.lead * total(self.measured, part), Fraction(base)))
        return found

    def _keeps(self, value: Fraction, base: Fraction) -> bool:
        return (self.low is None or value >= self.low * base) and (self.high is None or value <= self.high * base)

    def holds(self, chosen: Chosen) -> bool:
        return all(self._keeps(value, base) for _, value, base in self.single(chosen))

    def tightest(self, chosen: Chosen) -> tuple[set[str], Fraction | None]:
        """Who has the least room, and how much that is, in the unit of what is measured."""
        rooms: list[tuple[Fraction, str]] = []
        for name, value, base in self.single(chosen):
            ends = [value - self.low * base] if self.low is not None else []
            ends += [self.high * base - value] if self.high is not None else []
            rooms.append((min(ends) / self.lead / self.unit, name))
        least = min((room for room, _ in rooms), default=None)
        return {name for room, name in rooms if room == least}, least

    @cached_property
    def rows(self) -> list[IntegerRow]:
        """The rule as rows over sums; bookings of a crowd that break it by themselves are counted in one."""
        alone = [at for at in self.crowds if self.of_plan is None and not self.holds([at])]
        rows: list[IntegerRow] = [([int(at in alone) for at in range(len(self.measured))], None, 0)] if alone else []
        for columns in self.people.values():
            if set(columns) <= set(self.crowds) and self.of_plan is None:
                continue
            mine = set(columns)
            own = [value if at in mine else 0 for at, value in enumerate(self.measured)]
            base = self.of_plan or [value if at in mine else 0 for at, value in enumerate(self.own_base or [])]
            rule = Rule(self.name, None, self.kind, self.low, self.high, own, base or None, self.lead, self.unit)
            rows += rule.rows
        return rows


AnyRule = Rule | EachRule | TalentRule | LogicRule
