"""Further columns of a proof: indicators, each of which is 1 where some bookings are made, else 0; and overlaps, people
whom bookings reach twice.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from optimizer.verification.bookings import Bookings
from optimizer.verification.reached import Overlap, Reached
from optimizer.verification.terms import STRUCTURE, Different, Row, Sparse, Term, WrongProof, count

_APART, _MICRO = 1_000, 10**6
_SLOPE = re.compile(r"0|[1-9]\d{0,30}", re.ASCII)


class Indicators:
    """The indicators and overlaps of a proof in the order in which they were made, and the rows that tie them to
    bookings; `largest` says how large each can be.
    """

    def __init__(self, bookings: Bookings) -> None:
        self.bookings = bookings
        self.largest: list[int] = []
        self._linear: dict[tuple[int, ...], Term] = {}
        self._follows: dict[int, Sequence[int]] = {}
        self._ties: list[Row] = []
        self._crowds: dict[tuple[int, ...] | None, dict[int, int]] = {}
        self._crowd_names: list[str] = []
        self._overlaps: dict[str, tuple[Overlap, int]] = {}
        self._tangents: dict[str, Row] = {}

    def new_ties(self) -> list[Row]:
        """The ties of the indicators that were made since the last call."""
        found, self._ties = self._ties, []
        return found

    def tie(self, name: str, terms: tuple[Term, ...], lower: int | None, upper: int | None) -> None:
        """Add a row that says what indicators follow from."""
        self._ties.append(Row(name, STRUCTURE, terms, lower, upper))

    def add(self, members: Sequence[int]) -> Sequence[int]:
        """A new indicator that follows from some bookings, but is not tied to them."""
        column = self._new(1)
        self._follows[column] = members
        return [column]

    def _new(self, largest: int) -> int:
        """The place of one more column."""
        self.largest.append(largest)
        return len(self.bookings) + len(self.largest) - 1

    def booked(self, name: str, members: Sequence[int]) -> Sequence[int]:
        """Columns whose sum is 1 if one of some bookings is made: those of a single creator, else an indicator."""
        units = [self.bookings.units[unit] for unit in {self.bookings.unit[column] for column in members}]
        if not units or (len(units) == 1 and units[0].available == self.bookings.parts):
            return members
        on = self.add(members)
        self.tie(f"{name}: booked", (count(1, members), count(-1, on)), 0, None)
        self.only_if(name, members, on)
        return on

    def only_if(self, name: str, members: Sequence[int], on: Sequence[int]) -> None:
        """None of some bookings is made where an indicator is 0."""
        bookings = self.bookings
        by_unit: dict[int, list[int]] = {}
        for column in members:
            by_unit.setdefault(bookings.unit[column], []).append(column)
        apart = [by_unit[unit] for unit in sorted(by_unit)] if len(by_unit) <= _APART else [list(members)]
        for mine in apart:
            rooms = [bookings.units[unit].available for unit in {bookings.unit[column] for column in mine}]
            each = 1 if self.whole(mine) else bookings.parts
            most = sum(room // bookings.parts if each == 1 else room for room in rooms)
            self.tie(f"{name}: only if booked", (count(each, mine), count(-most, on)), None, 0)

    def over_columns(self, term: Term) -> Term:
        """A term over columns; of different values, with an indicator for each value that several creators share; of
        people reached, with their overlaps.
        """
        if isinstance(term, Reached):
            return self._reached(term)
        if not isinstance(term, Different):
            return term
        key = (*map(ord, term.column), *term.members)
        if key not in self._linear:
            self._linear[key] = self._different(term)
        return self._linear[key]

    def _different(self, term: Different) -> Term:
        bookings = self.bookings
        if not self.whole(term.members):
            raise WrongProof("different values cannot be counted where bookings may be parts")
        worth = dict.fromkeys(sorted(term.alone), _MICRO)
        for (column, name), mine in term.parts.items():
            single = len({bookings.unit[at] for at in mine}) == 1 and mine[0] in bookings.once
            for at in mine if single else self.booked(f"distinct.{term.column} {column} {name}", mine):
                worth[at] = worth.get(at, 0) + _MICRO
        return Term(term.multiplier, Sparse(worth, 0), sorted(worth))

    # --- people reached ---

    def _reached(self, term: Reached) -> Term:
        """People reached, over columns: the same bookings have the same overlaps, whoever asks for which cells."""
        every = len(term.members) == len(self.bookings)
        key = None if every else tuple(term.members)
        if key not in self._crowds:
            self._crowds[key] = self._overlapping(term)
        worth = {at: term.values[at] for at in term.members if term.values[at]}
        worth |= {at: -term.overlaps[cell].unit for cell, at in self._crowds[key].items() if cell in term.wanted}
        return Term(term.multiplier, Sparse(worth, 0), sorted(worth))

    def _overlapping(self, term: Reached) -> dict[int, int]:
        """New columns for the overlaps of some bookings in each cell where two of them may meet."""
        found = {cell: one for cell, one in term.overlaps.items() if one.meets(self.bookings)}
        if not found:
            return {}
        name, places = self._crowd_name(term.asking or "all"), {}
        for cell, one in found.items():
            places[cell] = self._new(one.most(self.bookings))
            self._overlaps[f"people of {one.name} by {name}"] = one, places[cell]
        return places

    def _crowd_name(self, wanted: str) -> str:
        """A name for some bookings, numbered where rows would be named like those of other ones."""
        name, number = wanted, 1
        while any(f" by {one}".endswith(f" by {name}") or name.endswith(f" by {one}") for one in self._crowd_names):
            number += 1
            name = f"{wanted} #{number}"
        self._crowd_names.append(name)
        return name

    def tangent(self, name: str) -> Row | None:
        """The row of a tangent, which is in a proof only where it names one."""
        what, _, slope = name.rpartition(": slope ")
        if name not in self._tangents and what in self._overlaps and _SLOPE.fullmatch(slope):
            overlap, column = self._overlaps[what]
            self._tangents[name] = overlap.below(name, int(slope), column)
        return self._tangents.get(name)

    # --- what columns can be ---

    def whole(self, columns: Sequence[int]) -> bool:
        """Whether some bookings are all integer, as indicators are."""
        return all(at >= len(self.bookings) or self.bookings.whole[at] for at in columns)

    def behind(self, columns: Sequence[int]) -> list[int]:
        """The bookings that some columns are, or that indicators among them follow from."""
        found = {at for at in columns if at < len(self.bookings)}
        return sorted(found.union(*(self._follows[at] for at in columns if at >= len(self.bookings))))

    def most(self, values: Mapping[int, int]) -> int:
        """The most that some columns can total, rounded up; of an indicator, its own value."""
        own = {at: value for at, value in values.items() if at < len(self.bookings)}
        best: dict[int, int] = {}
        for at, value in own.items():
            best[self.bookings.unit[at]] = max(best.get(self.bookings.unit[at], 0), value)
        parts = sum(value * self.bookings.units[unit].available for unit, value in best.items())
        return -(-parts // self.bookings.parts) + sum(value for at, value in values.items() if at not in own)
