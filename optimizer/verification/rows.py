"""The rows of a proof, from the rules of a scenario."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cached_property

from optimizer.domain.constraints import Measure
from optimizer.verification.bookings import Bookings
from optimizer.verification.different import measured_by
from optimizer.verification.indicators import Indicators
from optimizer.verification.kinds.rule import Rule
from optimizer.verification.terms import STRUCTURE, Row, WrongProof, count


class Rows:
    """The rows of a proof, by name.

    `goals_said` are the measures that each goal is made of; `goals` the same and `rules` the rules as terms over
    columns.
    """

    def __init__(self, bookings: Bookings, rules: Sequence[Rule]) -> None:
        for rule in rules:
            if not rule.sound:
                raise WrongProof(f"{rule.name} cannot be held where bookings may be parts, or several of one")
        self.bookings = bookings
        self._made = made = Indicators(bookings)
        self._named: dict[str, Row] = {}
        self._times: dict[str, int] = {}
        self.goals_said = [
            [measured_by(bookings, Measure(name), range(len(bookings))) for name, _ in goal.weights]
            for goal in bookings.scenario.objectives
        ]
        self.goals = [list(map(made.over_columns, said)) for said in self.goals_said]
        self.rules = [rule.over_columns(made) for rule in rules]
        self._add(())
        for at, rule in enumerate(self.rules):
            self._add(rule.rows(at, made))
        self._add(self._orders())

    @property
    def largest(self) -> Sequence[int]:
        """How large each column beside the bookings can be: 1 of an indicator."""
        return self._made.largest

    def __iter__(self) -> Iterator[Row]:
        return iter(self._named.values())

    def named(self, name: str) -> Row | None:
        """A row by name; a tangent, or one for a single creator or talent, is made when it is asked for."""
        return self._named.get(name) or self._made.tangent(name) or self.further.get(name)

    @cached_property
    def further(self) -> dict[str, Row]:
        """The rows that are in a proof only where it names them."""
        return {row.name: row for at, rule in enumerate(self.rules) for row in rule.further(at, self._made)}

    def _add(self, rows: Iterable[Row]) -> None:
        """Add rows, after the ties of the indicators that were made for them."""
        added = list(rows)
        for row in [*self._made.new_ties(), *added]:
            name = row.name
            while name in self._named:
                self._times[row.name] = self._times.get(row.name, 1) + 1
                name = f"{row.name} #{self._times[row.name]}"
            self._named[name] = replace(row, name=name)

    def _orders(self) -> Iterator[Row]:
        """Each further step of a segment opens when the one before it is full."""
        bookings = self.bookings
        for before, unit in zip(bookings.units, bookings.units[1:], strict=False):
            if unit.step == 0:
                continue
            full, name = self._made.add(before.columns), f"returns of {bookings.creators.ids[unit.creator]}"
            filling = (count(bookings.parts, before.columns), count(-before.available, full))
            opening = (count(bookings.parts, unit.columns), count(-unit.available, full))
            yield Row(f"{name}: full", STRUCTURE, filling, 0, None)
            yield Row(f"{name}: open", STRUCTURE, opening, None, 0)
