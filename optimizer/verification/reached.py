"""People reached, each counted once: what bookings reach by themselves, less what they reach twice.

Of whole bookings, what several reach twice of a cell is its overlap, counted in a unit of the cell and rounded up. In a
proof an overlap is a column, which rows hold from below: each says that what the bookings reach in a cell lies below a
tangent of its curve. A certificate may name a tangent of any slope, since it is true of every plan.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from optimizer.domain.audience import Audience
from optimizer.domain.curves import Curve
from optimizer.domain.filters import AnyOf, Condition, Filter, fold
from optimizer.verification.bookings import Bookings
from optimizer.verification.contacts import Contact, Contacts
from optimizer.verification.curves import BILLION, beyond, reached
from optimizer.verification.terms import STRUCTURE, Booked, Row, Term, WrongProof, count

_FINE, _STEEP = 26, 24  # bits: of a cell's people to one unit of overlap; of slopes


@dataclass(frozen=True)
class Overlap:
    """What some bookings reach twice of one cell; `contacts` say what each reaches by itself."""

    curve: Curve
    name: str
    contacts: Mapping[int, Contact]

    @property
    def unit(self) -> int:
        """The millionths of a person in which it is counted."""
        return self.curve.people if self.curve.all_of_it else max(self.curve.people >> _FINE, 1)

    def meets(self, bookings: Bookings) -> bool:
        """Whether two of the bookings may be made at once."""
        units = (bookings.units[at] for at in {bookings.unit[at] for at in self.contacts})
        return sum(2 if unit.available > bookings.parts else 1 for unit in units) > 1

    def most(self, bookings: Bookings) -> int:
        """No plan has more: all that is reached if each is booked once more often than it can be."""
        often = {at: bookings.units[bookings.unit[at]].available // bookings.parts + 1 for at in self.contacts}
        return -(-sum(one.people * often[at] for at, one in self.contacts.items()) // self.unit)

    def of(self, plan: Booked) -> int:
        """Its value in a plan, in its unit."""
        gross, once = self._together(plan)
        return -((once - gross) // self.unit)

    def once(self, plan: Booked) -> int:
        """The people of the cell whom a plan reaches, each counted once."""
        return self._together(plan)[1]

    def _together(self, plan: Booked) -> tuple[int, int]:
        """Whom the bookings of a plan reach: counted as often as they are reached, and once. One alone meets nobody."""
        mine = {at: often for at, often in plan.items() if at in self.contacts}
        gross = int(sum(often * self.contacts[at].people for at, often in mine.items()))
        if sum(mine.values()) <= 1:
            return gross, gross
        exposed = sum(often * self.contacts[at].exposure for at, often in mine.items())
        return gross, min(gross, reached(self.curve, int(exposed)))

    def below(self, name: str, slope: int, column: int) -> Row:
        """The row by which what is reached lies below a tangent; `column` is that of the overlap."""
        scale = 1 if self.curve.all_of_it else 1 << max(_STEEP - max(self.curve.people // BILLION, 1).bit_length(), 0)
        members = sorted(self.contacts)
        gross, exposed = ({at: one[part] for at, one in self.contacts.items()} for part in (0, 1))
        terms = (
            count(scale * self.unit, [column]),
            Term(-scale, gross, members),
            *([Term(slope, exposed, members)] if slope else []),
        )
        return Row(name, STRUCTURE, terms, -scale * beyond(self.curve, Fraction(slope, scale)), None)


@dataclass(frozen=True)
class Reached(Term):
    """How many people of the `wanted` cells some bookings reach; `values` are those whom each reaches by itself.

    `overlaps` are of all cells that they reach; `asking` is the rule that asks for them, if it asks for some only.
    """

    wanted: frozenset[int]
    overlaps: Mapping[int, Overlap]
    asking: str | None

    @property
    def adds_up(self) -> bool:
        return False

    def total(self, plan: Booked) -> Fraction:
        """The people that a plan reaches, in millionths."""
        mine = {at: often for at, often in plan.items() if at in self.inside}
        gross = sum((often * self.values[at] for at, often in mine.items()), Fraction(0))
        twice = (one.unit * one.of(mine) for cell, one in self.overlaps.items() if cell in self.wanted)
        return self.multiplier * (gross - sum(twice))


def reached_by(bookings: Bookings, people: Filter, members: Sequence[int], asking: str | None) -> Reached:
    """How many people of those cells that hold `people` some bookings reach."""
    audience = bookings.scenario.audience
    if audience is None or not all(bookings.whole):
        raise WrongProof("people reached are counted of whole bookings, and of an audience")
    asked = [(fold(column), _values(condition)) for column, condition in people]
    wanted = frozenset(
        at for at, said in enumerate(audience.values) if all(said.get(column) in values for column, values in asked)
    )
    by_cell: dict[int, dict[int, Contact]] = {}
    values: dict[int, int] = {}
    for at in members:
        found = bookings.contacts[at]
        values[at] = sum(contact.people for cell, contact in found.items() if cell in wanted)
        for cell, contact in found.items():
            by_cell.setdefault(cell, {})[at] = contact
    names, curves = audience.names, audience.curves
    overlaps = {cell: Overlap(curves[cell], names[cell], by_cell[cell]) for cell in sorted(by_cell)}
    return Reached(1, values, members, wanted, overlaps, None if len(members) == len(bookings) else asking)


def _values(condition: Condition) -> set[str]:
    return set(map(fold, condition.values)) if isinstance(condition, AnyOf) else set()


def people_once(audience: Audience, booked: Iterable[tuple[int, int, int]]) -> int:
    """The people (millionths) whom bookings reach, each counted once; of each booking its creator, how many people it
    reaches by itself, and how often it is made.
    """
    contacts, by_cell, often = Contacts(audience), dict[int, dict[int, Contact]](), dict[int, Fraction]()
    for at, (creator, gross, times) in enumerate(booked):
        often[at] = Fraction(times)
        for cell, contact in contacts.of(creator, gross).items():
            by_cell.setdefault(cell, {})[at] = contact
    found = (Overlap(audience.curves[cell], audience.names[cell], mine) for cell, mine in by_cell.items())
    return sum(one.once(often) for one in found)
