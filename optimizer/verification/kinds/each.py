"""Rules for each creator (`per: creator`), or for the bookings of each talent (`per: talent`), however many there are.

What a single booking breaks is ruled out by one row. Rows of single creators or talents are in a proof only if it
names them.
"""

# ruff: noqa: ARG002  # every kind answers the same questions, some without looking

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from typing import Any

from optimizer.domain.constraints import Constraint
from optimizer.domain.pool import CREATOR, TALENT
from optimizer.domain.scenario import Scenario
from optimizer.verification.bookings import Bookings
from optimizer.verification.different import shared_by
from optimizer.verification.indicators import Indicators
from optimizer.verification.kinds.amounts import Amounts, Measured, Nearest, over
from optimizer.verification.kinds.duals import Duals
from optimizer.verification.kinds.rule import Rule
from optimizer.verification.near import Near, OnceNear, Signed
from optimizer.verification.terms import Booked, Row, Term, count


@dataclass(frozen=True)
class Key:
    """Whom the rule holds for: the value of a column, what rows call it, its bookings, and of how many accounts."""

    column: str
    value: str
    label: str
    members: Sequence[int]
    accounts: int


Found = tuple[list[Key], frozenset[int], frozenset[int]]  # keys, and the bookings `apart` and `once` (see `Each`)


def rules(bookings: Bookings, said: Constraint) -> list[Rule]:
    """The one rule that it makes."""
    held = over(bookings, said, None, bookings.members(said.group))
    found = (_talents if said.for_each == TALENT else _creators)(bookings, held.measured.members)
    return [Each(said, None, held.measured, held.base, held.lead, *found, bookings.whole)]


def _creators(bookings: Bookings, members: Sequence[int]) -> Found:
    """The creators, and the steps of segments, that have a booking."""
    keys, once, inside = list[Key](), set[int](), frozenset(members)
    for unit in bookings.units:
        name, mine = bookings.creators.ids[unit.creator], [at for at in unit.columns if at in inside]
        if mine:
            keys.append(Key(CREATOR, name, f"{name}, step {unit.step + 1}" if unit.step else name, mine, 1))
        if unit.available == bookings.parts:
            once.update(at for at in mine if bookings.whole[at])
    return keys, inside, frozenset(once)


def _talents(bookings: Bookings, members: Sequence[int]) -> Found:
    """The talents, and the creators for whom the column names none. Apart are segments without a talent."""
    named, crowd = shared_by(bookings, TALENT, members)
    for at in crowd:
        named.setdefault((CREATOR, bookings.name(bookings.columns[at])), []).append(at)
    order = {name: at for at, name in enumerate(bookings.creators.ids)}
    lone = sorted((key for key in named if key[0] == CREATOR), key=lambda key: order[key[1]])
    keys = []
    for column, value in [*(key for key in named if key[0] == TALENT), *lone]:
        mine = named[column, value]
        keys.append(Key(column, value, f"{column} {value}", mine, len({bookings.unit[at] for at in mine})))
    return keys, frozenset(crowd), bookings.once


@dataclass(frozen=True)
class Each(Measured):
    """A rule that is held key by key; what is measured, and its base, are of all keys at once.

    Bookings `apart` are held one by one: of creators, all; of talents, those of segments without a talent, each of
    which is of another person. `once` are the integer ones of accounts that are booked once at most, and `whole` says
    which ones are integer.
    """

    keys: Sequence[Key]
    apart: frozenset[int]
    once: frozenset[int]
    whole: Sequence[bool]

    @property
    def of_plan(self) -> bool:
        """Whether each key is compared with a total of the plan, which no booking gives by itself."""
        return self.said.kind == "share" and isinstance(self.base, Term)

    @property
    def sound(self) -> bool:
        return not self.of_plan or self.once.issuperset(self.apart)

    def _one(self, members: Sequence[int]) -> Amounts:
        """The rule over the bookings of one key."""
        base = self.base
        base = replace(base, members=members) if isinstance(base, Term) and not self.of_plan else base
        return Amounts(self.said, None, replace(self.measured, members=members), base, self.lead)

    def _measure(self, plan: Booked) -> Iterator[tuple[Key, Fraction, Fraction]]:
        """The measured value and its base of each key that is booked; of those held one by one, of each booking."""
        whole = self.base.total(plan) if self.of_plan and isinstance(self.base, Term) else None
        for key in self.keys:
            mine = [at for at in key.members if at in plan]
            one, alone = self._one(key.members), self.apart.issuperset(mine)
            for part in [{at: Fraction(1)} for at in mine] if alone else [plan]:
                measured, base = one.measure(part)
                yield key, measured, base if whole is None else whole

    def holds(self, plan: Booked) -> bool:
        return all(room >= 0 for _, *found in self._measure(plan) for room in self.rooms(*found))

    # --- the proof ---

    def rows(self, at: int, indicators: Indicators) -> Iterator[Row]:
        """The row of the bookings that break the rule whatever else is booked; none of a share of the plan."""
        several = {at for key in self.keys if key.accounts > 1 for at in key.members}
        members, values = self.measured.members, self.measured.values
        positive = self.said.kind != "ratio" and all(values[at] >= 0 for at in members)
        forbidden = [
            at
            for at in members
            if not self.of_plan
            and (at in self.apart or (at in self.once and at not in several) or (positive and self.whole[at]))
            and not self._one([at]).holds({at: Fraction(1)})
        ]
        if forbidden:
            yield Row.bounded(self.name, at, (count(1, forbidden),), None, 0)

    def further(self, at: int, indicators: Indicators) -> Iterator[Row]:
        for name, key in self._by_row.items():
            if self.of_plan and self.said.for_each == CREATOR:
                yield from self._share(name, key, at)
            elif self.of_plan or not self.apart.issuperset(key.members):
                for row in self._one(key.members).rows(at, indicators):
                    yield replace(row, name=f"{name}{row.name.removeprefix(self.name)}")

    def _share(self, name: str, key: Key, at: int) -> Iterator[Row]:
        """The row of one creator, which has no bound in its name."""
        if self.said.at_most is not None and isinstance(self.base, Term):
            slope = self.said.at_most / self.lead
            own = Term(slope.denominator, self.measured.values, key.members)
            yield Row(name, at, (own, self.base.times(-slope.numerator)), None, 0)

    @cached_property
    def _by_row(self) -> dict[str, Key]:
        """The keys by the beginning of the names of their rows."""
        return {f"{self.name}: {key.label}": key for key in self.keys}

    # --- what a plan states ---

    def nearest(self, plan: Booked) -> Nearest:
        every = list(self._measure(plan))
        if not every:
            return Fraction(0), Fraction(0), None
        key, measured, base = min(every, key=lambda one: min(self.rooms(*one[1:])))
        return measured, base, (key.column, key.value)

    def standing(self, scenario: Scenario, plan: Booked, duals: Duals) -> dict[str, Any]:
        if self.said.for_each == TALENT:  # a row without a talent only excludes bookings
            duals = replace(duals, rows=[(row, price) for row, price in duals.rows if _start(row) in self._by_row])
        return super().standing(scenario, plan, duals)

    def price(self, duals: Duals) -> Near | Signed:
        base, relaxed = self.base, duals.relaxed
        if not self.of_plan and isinstance(base, Term) and self.said.for_each == CREATOR:
            return Near(0.0, 0.0)
        if self.of_plan or isinstance(base, Fraction) or relaxed is None:
            found = duals.price(base, self.lead, percent=self.said.kind == "share")
            excludes = isinstance(base, Fraction) and self.said.for_each == CREATOR  # its one row has no such bound
            return OnceNear(found.value, found.size) if excludes and isinstance(found, Near) else found
        own = [replace(base, members=self._by_row[_start(row)].members) for row, _ in duals.rows]
        totals = [float(duals.total(one, relaxed)) for one in own]  # a ratio's row moves by its own denominator
        moved = zip(duals.gains, totals, strict=True)
        gains = [gain * multiplier * total / float(self.lead) / duals.unit for (gain, multiplier), total in moved]
        return Near(sum(gains), sum(map(abs, gains)))


def _start(row: Row) -> str:
    """The name of a row without its bound."""
    return row.name.rpartition(": ")[0]
