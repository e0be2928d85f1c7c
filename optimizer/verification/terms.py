"""What is counted of a plan, and the rows of a proof, which are made of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property

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

    @property
    def adds_up(self) -> bool:
        """Whether it is a sum over bookings, so that draws of these can be added up."""
        return True

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

    @property
    def adds_up(self) -> bool:
        return False

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

    @property
    def exact(self) -> bool:
        """Whether its bounds are one and the same."""
        return self.lower is not None and self.lower == self.upper

    @classmethod
    def bounded(cls, name: str, rule: int, terms: tuple[Term, ...], lower: int | None, upper: int | None) -> Row:
        """A row named after the bound that it holds."""
        bound = "between" if lower != upper else "exactly"
        bound = "at_most" if lower is None else "at_least" if upper is None else bound
        return cls(f"{name}: {bound}", rule, terms, lower, upper)


class Sparse(Sequence[int]):
    """Values by column, indicators among them; of all others the same."""

    def __init__(self, values: Mapping[int, int], other: int) -> None:
        self._values, self._other = values, other

    def __len__(self) -> int:
        return 1 << 62

    def __getitem__(self, at):  # type: ignore[no-untyped-def]
        return self._values.get(at, self._other)


_ONES = Sparse({}, 1)


def count(multiplier: int, members: Sequence[int]) -> Term:
    """A multiple of the number of some bookings or indicators."""
    return Term(multiplier, _ONES, members)
