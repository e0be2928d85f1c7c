"""A rule of a scenario, measured on a plan; and what its rows in the proof are made of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property

from optimizer.domain.constraints import AT_MOST_ONE, EXACTLY_ONE, TOGETHER, Constraint, Logic
from optimizer.domain.pool import CREATOR

Booked = Mapping[int, Fraction]  # how often each booking is made
STRUCTURE = -1
_MICRO = 10**6


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
class Different(Term):
    """How many different values of a column some bookings have: of each value, by its label, its bookings; those
    `alone` count one by one.
    """

    column: str
    parts: Mapping[tuple[str, str], Sequence[int]]
    alone: frozenset[int]

    def total(self, plan: Booked) -> Fraction:
        """The number of different values of a plan, in millionths."""
        who = {at for at, count in plan.items() if count}
        shared = sum(not who.isdisjoint(part) for part in self.parts.values())
        crowd = sum((count for at, count in plan.items() if at in self.alone), Fraction(0))
        return self.multiplier * _MICRO * (shared + crowd)


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
    used: Term | None = field(default=None, kw_only=True)
    lifted: int = field(default=0, kw_only=True)

    @property
    def name(self) -> str:
        return self.constraint.name if self.label is None else f"{self.constraint.name} ({self.label})"

    @property
    def says(self) -> str:
        """For whom it is held apart."""
        return "each creator" if self.each else ""

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
            measured = self.measured.total(plan)
            yield None, measured, Fraction(0) if self.constraint.skips_zero and not measured else whole
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
