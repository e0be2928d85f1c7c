"""Every booking that is possible, with its amounts, and how often each creator can and must be booked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from math import lcm
from typing import Any

from optimizer.domain.constraints import Measure
from optimizer.domain.filters import Filter
from optimizer.domain.pay import Fee
from optimizer.domain.quantities import GROSS_REACH
from optimizer.domain.scenario import Scenario
from optimizer.verification.contacts import Contact, Contacts
from optimizer.verification.dimensions import Column, Dimensions
from optimizer.verification.expected import Expected
from optimizer.verification.figures import Figures, Sources
from optimizer.verification.quantities import Quantities


@dataclass(frozen=True)
class Unit:
    """Who is booked: a creator, or one step of a segment. Counted in parts of a booking."""

    creator: int
    step: int
    columns: range
    available: int
    required: int


class Bookings:
    """The bookings of a scenario, sorted by creator, step and offer."""

    def __init__(self, scenario: Scenario, forecast: Mapping[str, Any]) -> None:
        self.scenario = scenario
        self.dimensions = Dimensions(scenario)
        self.creators = self.dimensions.creators
        self.expected = Expected(scenario, self.creators, forecast)
        self._segments = {segment.position: segment for segment in scenario.segments}
        self.columns: list[Column] = list(self._possible())
        self.parts = lcm(*(width.denominator for segment in scenario.segments for width in segment.widths))

    def __len__(self) -> int:
        return len(self.columns)

    def _possible(self) -> Iterator[Column]:
        scenario, agreed = self.scenario, {term.creator: term for term in self.scenario.include}
        eligible = [self.creators.matching(offer.to) for offer in scenario.offers]
        for creator in range(len(self.creators)):
            term, segment = agreed.get(creator), self._segments.get(creator)
            offers = [at for at, to in enumerate(eligible) if to[creator]]
            if term is not None and term.offer is not None:
                offers = [at for at in offers if term.offer in scenario.offers[at].names]
            if term is not None and (term.fee is not None or term.price is not None):
                offers = [at for at in offers if scenario.offers[at].pay.part(Fee).fee > 0]
            for step in range(len(segment.steps) or 1 if segment else 1):
                yield from ((creator, step, offer) for offer in offers)

    @cached_property
    def units(self) -> list[Unit]:
        """Creators and steps that have a booking, in order."""
        found: list[Unit] = []
        start = 0
        for at in range(1, len(self.columns) + 1):
            creator, step, _ = self.columns[start]
            if at == len(self.columns) or self.columns[at][:2] != (creator, step):
                width = self._segments[creator].widths[step] if creator in self._segments else 1
                found.append(Unit(creator, step, range(start, at), int(width * self.parts), 0))
                start = at
        return self._with_required(found)

    def _with_required(self, units: list[Unit]) -> list[Unit]:
        """Included creators are booked once; bookings that do not fit on a step are required on the next one."""
        left = {term.creator: self.parts for term in self.scenario.include}
        last = {unit.creator: at for at, unit in enumerate(units)}
        found = []
        for at, unit in enumerate(units):
            wanted = left.get(unit.creator, 0)
            must = wanted if last[unit.creator] == at else min(wanted, unit.available)
            left[unit.creator] = wanted - must
            found.append(Unit(unit.creator, unit.step, unit.columns, unit.available, must))
        return found

    @cached_property
    def unit(self) -> list[int]:
        """The unit of each booking."""
        return [at for at, unit in enumerate(self.units) for _ in unit.columns]

    @cached_property
    def once(self) -> frozenset[int]:
        """The whole bookings of creators who are booked once at most."""
        steps: dict[int, int] = {}
        for unit in self.units:
            steps[unit.creator] = steps.get(unit.creator, 0) + 1
        units = [unit for unit in self.units if unit.available == self.parts and steps[unit.creator] == 1]
        return frozenset(at for unit in units for at in unit.columns if self.whole[at])

    @cached_property
    def whole(self) -> list[bool]:
        """Whether each booking is integer."""
        parts = {position: segment.whole for position, segment in self._segments.items()}
        return [parts.get(creator, self.scenario.whole) for creator, _, _ in self.columns]

    @cached_property
    def amounts(self) -> dict[Measure, list[int]]:
        """The amounts of each booking that the goal and the rules count."""
        found: dict[Measure, list[int]] = {measure: [] for measure in self.scenario.measures}
        for column in self.columns:
            quantities = self.quantities(column)
            for measure, values in found.items():
                values.append(quantities.amount(measure))
        return found

    @cached_property
    def contacts(self) -> list[dict[int, Contact]]:
        """What each booking reaches of each cell of the audience by itself."""
        audience = self.scenario.audience
        if audience is None:
            return [{} for _ in self.columns]
        nothing = [0] * len(self.columns)  # of a sample, views do not matter
        contacts, gross = Contacts(audience), self.amounts.get(Measure(GROSS_REACH), nothing)
        return [contacts.of(column[0], amount) for column, amount in zip(self.columns, gross, strict=True)]

    def quantities(self, column: Column, sources: Sources | None = None) -> Quantities:
        """The quantities of one booking, recomputed."""
        keeps = self.keeps(column)
        return Quantities(self.figures(column, sources), 1.0 if keeps is None else keeps)

    def figures(self, column: Column, sources: Sources | None = None, expected: Expected | None = None) -> Figures:
        """The figures of one booking; `expected` are other ones than the plan was made with."""
        creator, _, offer = column
        booked, meets = self.scenario.offers[offer], partial(self.dimensions.meets, column)
        more = expected or self.expected, sources or Sources()
        return Figures(self.scenario, self.creators, creator, booked, meets, *more)

    def keeps(self, column: Column) -> float | None:
        """The share of its outcome that a booking keeps on its step of returns."""
        creator, step, _ = column
        segment = self._segments.get(creator)
        return segment.steps[step].keep if segment is not None and segment.steps else None

    def name(self, column: Column) -> str:
        """The name of the creator or segment of a booking."""
        return self.creators.ids[column[0]]

    def members(self, group: Filter) -> Sequence[int]:
        """The bookings of a group, in order."""
        if not group:
            return range(len(self))
        asked = self.dimensions.parted(group)
        return [at for at, column in enumerate(self.columns) if all(flags[column[place]] for place, flags in asked)]
