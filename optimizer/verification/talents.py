"""Rules for each talent (`per: talent`): the bookings of one person's accounts are summed and held together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property

from optimizer.domain.pool import CREATOR, TALENT
from optimizer.verification.bookings import Bookings
from optimizer.verification.different import shared_by
from optimizer.verification.held import Booked, Held, Term


@dataclass(frozen=True)
class Person:
    """A talent with the bookings of their accounts; where the column names none, a creator (`column`)."""

    column: str
    name: str
    members: Sequence[int]
    accounts: int

    @property
    def label(self) -> str:
        """What rows call the person."""
        return f"{self.column} {self.name}"


@dataclass(frozen=True)
class ByTalent(Held):
    """A rule that is held talent by talent.

    `crowds` are the bookings of segments without a talent, each of which is of another person; `once` those that are
    whole, of accounts that are booked once at most; `whole` those that are whole.
    """

    people: tuple[Person, ...]
    crowds: frozenset[int]
    once: frozenset[int]
    whole: Sequence[bool]

    @property
    def says(self) -> str:
        return "each talent"

    @property
    def of_plan(self) -> bool:
        """Whether each talent is compared with a total of the plan."""
        return self.constraint.kind == "share" and isinstance(self.base, Term)

    def one(self, members: Sequence[int]) -> Held:
        """The rule over the bookings of one person."""
        base = self.base
        if isinstance(base, Term) and not self.of_plan:
            base = replace(base, members=members)
        return Held(replace(self.constraint, per=None), None, replace(self.measured, members=members), base, self.lead)

    def measure(self, plan: Booked) -> Iterator[tuple[int | None, Fraction, Fraction]]:
        """The measured value and its base of each person who is booked; in a crowd, of each booking."""
        for at, person in enumerate(self.people):
            mine = [column for column in person.members if column in plan]
            each = not self.of_plan and self.crowds.issuperset(mine)
            for part in [{column: Fraction(1)} for column in mine] if each else [plan] if mine else []:
                for _, measured, base in self.one(person.members).measure(part):
                    yield at, measured, base

    def forbidden(self) -> list[int]:
        """The bookings that break the rule whatever else is booked; none for a share of the plan."""
        if self.of_plan:
            return []
        several = {column for person in self.people if person.accounts > 1 for column in person.members}
        positive = self.constraint.kind != "ratio"
        positive = positive and all(self.measured.values[at] >= 0 for at in self.measured.members)
        return [
            at
            for at in self.measured.members
            if (at in self.crowds or (at in self.once and at not in several) or (positive and self.whole[at]))
            and not self.one([at]).holds({at: Fraction(1)})
        ]

    @cached_property
    def limits(self) -> dict[str, Sequence[int]]:
        """The bookings of each person, by the beginning of the names of their rows."""
        return {f"{self.name}: {person.label}": person.members for person in self.people}


def by_talent(bookings: Bookings, rule: Held) -> ByTalent:
    """A rule for each talent, from the rule over all its bookings."""
    named, crowd = shared_by(bookings, TALENT, rule.measured.members)
    for at in crowd:
        creator = bookings.columns[at][0]
        named.setdefault((CREATOR, bookings.creators.ids[creator]), []).append(at)

    def person(column: str, name: str, members: list[int]) -> Person:
        return Person(column, name, members, len({bookings.unit[at] for at in members}))

    order = {name: at for at, name in enumerate(bookings.creators.ids)}
    lone = sorted((key for key in named if key[0] == CREATOR), key=lambda key: order[key[1]])
    people = [person(*key, named[key]) for key in [*(key for key in named if key[0] == TALENT), *lone]]
    said = rule.constraint, rule.label, rule.measured, rule.base, rule.lead
    return ByTalent(*said, tuple(people), frozenset(crowd), bookings.once, bookings.whole)
