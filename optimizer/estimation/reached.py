"""How many people a plan reaches: in all, by two or three creators, and what each booking adds.

Where people of a cell follow creators unequally, a person's inclination is drawn from a gamma distribution with mean 1
and shape k. Given it, creators reach a person independently, one of exposure b with 1 - exp(-b times the inclination).
So the share that exposures e miss is L(e) = (1 + e/k)^(-k), and exp(-e) for chance overlap; and with inclusion and
exclusion the share that exactly one or two of some creators reach is a sum of such terms. It is not the number of
contacts that the curve itself spreads over people, which errs by a quarter to a half.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np

from optimizer.domain.constraints import Measure
from optimizer.domain.curves import UNIT, Curve, missed
from optimizer.domain.exact import MICRO, Floats, Ints
from optimizer.domain.quantities import GROSS_REACH
from optimizer.estimation.contacts import Contacts, contacts
from optimizer.estimation.estimate import Estimates

_SHOWN = 10  # of the overlaps of two bookings, the largest


@dataclass(frozen=True)
class PairOverlap:
    """Two bookings (by position), and how many people both reach, of those whom both by themselves could."""

    first: int
    second: int
    people: float


@dataclass(frozen=True, eq=False)
class Reached:
    """The people that some bookings reach together.

    `exact` (millionths) counts each person once, rounded down, `gross` once for each booking. `twice` and `thrice` are
    reached by at least two and three of the bookings. `added` (n,) is how many fewer would be reached without one
    booking of each. `fallback` is the share of the reach by bookings of creators of whose overlap nothing was learned.
    """

    exact: int
    gross: int
    twice: float
    thrice: float
    added: Floats
    overlaps: tuple[PairOverlap, ...]
    fallback: float | None


def reached(booked: Estimates, counts: Sequence[Fraction | int]) -> Reached | None:
    """What whole bookings reach together; None where no audience is known, or what they reach is not."""
    audience = booked.scenario.audience
    whole = all(Fraction(count).denominator == 1 for count in counts)
    if audience is None or not whole:
        return None
    if Measure(GROSS_REACH) not in booked.values and not audience.seen_by_all:
        return None
    found, times = contacts(booked), np.array([int(count) for count in counts], dtype=np.int64)
    total, twice, thrice = 0, 0.0, 0.0
    added, pairs = np.zeros(len(times)), _Pairs(len(times))
    for cell, mine in _by_cell(found):
        curve, booking, often = audience.curves[cell], found.booking[mine], times[found.booking[mine]]
        total += _exactly(curve, found.gross[mine], found.exposure[mine], often)
        seen = _Cell(curve, found.exposure[mine] / UNIT, often)
        twice, thrice = twice + seen.at_least_two, thrice + seen.at_least_three
        np.add.at(added, booking, seen.added)
        pairs.add(booking, seen.overlaps)
    fallback = None
    if audience.learned.any():
        unknown = ~audience.learned[booked.columns.creator]
        fallback = float(added[unknown].sum() / max(added.sum(), 1.0))
    gross = int(sum(a * b for a, b in zip(found.gross.tolist(), times[found.booking].tolist(), strict=True)))
    return Reached(total, gross, twice, thrice, added, pairs.largest(), fallback)


def held_back(booked: Estimates, counts: Sequence[Fraction | int]) -> Reached | None:
    """The same by the people of a sample who were kept back; None where nobody was."""
    audience = booked.scenario.audience
    if audience is None or audience.held_back is None:
        return None
    return reached(replace(booked, scenario=replace(booked.scenario, audience=audience.held_back)), counts)


def _by_cell(found: Contacts) -> Iterator[tuple[int, Ints]]:
    """The entries of each cell."""
    order = np.argsort(found.cell, kind="stable")
    cells, starts = np.unique(found.cell[order], return_index=True)
    ends = np.append(starts, len(order))[1:]
    for cell, start, end in zip(cells.tolist(), starts.tolist(), ends.tolist(), strict=True):
        yield cell, order[start:end]


def _exactly(curve: Curve, gross: Ints, exposure: Ints, often: Ints) -> int:
    """The millionths of people whom bookings reach in one cell, rounded down; of one booking, what it reaches."""
    every: list[tuple[int, int, int]] = list(zip(gross.tolist(), exposure.tolist(), often.tolist(), strict=True))
    if sum(count for _, _, count in every) == 1:
        return every[0][0]
    together = curve.reached(sum(exposed * count for _, exposed, count in every))
    return min(together, sum(people * count for people, _, count in every))


@dataclass(frozen=True, eq=False)
class _Cell:
    """The people of one cell, and the exposures of the bookings that reach them, each made `often`."""

    curve: Curve
    exposure: Floats
    often: Ints

    def missed(self, e: Floats) -> Floats:
        """The share of people whom exposures miss."""
        if self.curve.all_of_it:
            return (e < 0.5).astype(np.float64)
        return missed(e, np.array(np.inf if self.curve.k is None else float(self.curve.k)))

    @property
    def people(self) -> float:
        return self.curve.people / MICRO

    @property
    def total(self) -> float:
        return float(self.exposure @ self.often)

    @property
    def none(self) -> float:
        return float(self.missed(np.array([self.total]))[0])

    @property
    def added(self) -> Floats:
        """How many fewer are reached without one booking."""
        return self.people * (self.missed(self.total - self.exposure) - self.none)

    @property
    def one(self) -> float:
        """The share that exactly one booking reaches."""
        return float(self.often @ (self.missed(self.total - self.exposure) - self.none))

    @property
    def two(self) -> float:
        """The share that exactly two reach."""
        pair = self.exposure[:, None] + self.exposure
        alone = self.missed(self.total - self.exposure)
        if self.curve.all_of_it:
            return float(self.often.sum() == 2)
        each = self.missed(np.maximum(self.total - pair, 0.0)) - alone[:, None] - alone + self.none
        times = np.outer(self.often, self.often) - np.diag(self.often)
        return float((each * times).sum() / 2)

    @property
    def at_least_two(self) -> float:
        return self.people * max(1 - self.none - self.one, 0.0)

    @property
    def at_least_three(self) -> float:
        return self.people * max(1 - self.none - self.one - self.two, 0.0)

    @property
    def overlaps(self) -> Floats:
        """(n, n) How many people both of two bookings reach."""
        pair, alone = self.exposure[:, None] + self.exposure, self.missed(self.exposure)
        if self.curve.all_of_it:
            return np.full_like(pair, self.people)
        return self.people * (1 - alone[:, None] - alone + self.missed(pair))


class _Pairs:
    """People whom both of two different bookings reach, over all cells."""

    def __init__(self, bookings: int) -> None:
        self._people = np.zeros((bookings, bookings)) if bookings <= _PAIRED_MOST else None

    def add(self, booking: Ints, people: Floats) -> None:
        """Add those of one cell."""
        if self._people is not None:
            self._people[booking[:, None], booking] += people

    def largest(self) -> tuple[PairOverlap, ...]:
        """The pairs with the most people in common."""
        if self._people is None:
            return ()
        first, second = np.triu_indices(len(self._people), 1)
        people = self._people[first, second]
        order = np.lexsort((second, first, -people))[:_SHOWN]
        every = zip(first[order].tolist(), second[order].tolist(), people[order].tolist(), strict=True)
        return tuple(PairOverlap(*one) for one in every if one[2] > 0)


_PAIRED_MOST = 2_000  # bookings, of more of which no two are looked at
