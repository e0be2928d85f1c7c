"""What a plan states of the people whom it reaches, beside their number: how many by two creators, by three, by one.

People of a cell are inclined to follow creators, each by a factor with a gamma distribution of mean 1 and shape k.
Given the factor, bookings reach them independently: exposures e miss the share (1 + e/k)^(-k), or exp(-e).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import exp, log1p
from typing import Any

from optimizer.domain.curves import Curve
from optimizer.domain.quantities import GROSS_REACH
from optimizer.results.stated import of
from optimizer.results.verification import Difference
from optimizer.verification.bookings import Bookings
from optimizer.verification.contacts import Contacts
from optimizer.verification.curves import BILLION
from optimizer.verification.differences import compared
from optimizer.verification.fields import Fields
from optimizer.verification.near import Near
from optimizer.verification.recomputed import Shown
from optimizer.verification.stated import StatedBooking, number

_MILLION, _SHOWN, _PAIRED_MOST = 10**6, 10, 2_000


@dataclass(frozen=True)
class People:
    """The people whom the bookings of a plan reach."""

    bookings: Bookings
    mine: Sequence[StatedBooking]
    found: Shown

    def differences(self, said: Mapping[str, Any], totals: Mapping[str, Any]) -> Iterator[Difference]:
        """All that a plan states of them; plans of version 0.2.0 and before state nothing."""
        audience = self.bookings.scenario.audience
        known = audience is not None and "reach" in totals
        if not known or audience is None:
            for name in ["people"] if said.get("people") is not None else []:
                yield Difference(name, said[name], None, "is stated, but does not follow from the scenario")
            return
        cells = self._cells()
        size = 1e3 + sum(cell.people for cell in cells)
        added = [0.0] * len(self.mine)
        for cell in cells:
            for at, one in cell.added().items():
                added[at] += one
        for one, more in zip(said["allocations"], added, strict=True):
            if "adds_people" in one:
                yield from compared(
                    f"allocations > {one['creator']} > adds_people", one["adds_people"], Near(more, size)
                )
        if "people" not in said:
            return
        reach = float(totals["reach"])
        gross = float(totals["gross_reach"]) if "gross_reach" in totals else self._gross()
        unknown = (more for one, more in zip(self.mine, added, strict=True) if not self._learned(one))
        fallback = Near(sum(unknown) / max(sum(added), 1.0), 1e3) if any(audience.learned.tolist()) else None
        again = {
            "reach": reach,
            "gross_reach": gross,
            "contacts_each": Near(gross / reach) if reach else None,
            "by_two": Near(sum(cell.at_least(2) for cell in cells), size),
            "by_three": Near(sum(cell.at_least(3) for cell in cells), size),
            "cells": len(audience),
            "estimated": audience.estimated,
            "fallback_share": fallback,
        }
        yield from compared("people", of(said, "people", dict), Fields(again))
        yield from self._shared(of(said["people"], "shared", list), cells, size)

    def _learned(self, one: StatedBooking) -> bool:
        audience = self.bookings.scenario.audience
        return audience is not None and bool(audience.learned[one.column[0]])

    def _gross(self) -> float:
        """The contacts of a sample, whose views are not known: all people of each booking's cells."""
        audience = self.bookings.scenario.audience
        if audience is None:
            return 0.0
        contacts = Contacts(audience)
        each = (int(one.count) * sum(c.people for c in contacts.of(one.column[0], 0).values()) for one in self.mine)
        return sum(each) / 10**6

    def _cells(self) -> list[Seen]:
        audience = self.bookings.scenario.audience
        if audience is None:
            return []
        contacts, by_cell = Contacts(audience), dict[int, dict[int, tuple[float, int]]]()
        amounts = self.found.amounts.get(GROSS_REACH, [0] * len(self.mine))
        for at, (one, gross) in enumerate(zip(self.mine, amounts, strict=True)):
            for cell, contact in contacts.of(one.column[0], gross).items():
                by_cell.setdefault(cell, {})[at] = contact.exposure / BILLION, int(one.count)
        return [Seen(audience.curves[cell], mine) for cell, mine in by_cell.items()]

    def _shared(self, stated: Sequence[Any], cells: Sequence[Seen], size: float) -> Iterator[Difference]:
        """The pairs with the most people in common."""
        if len(self.mine) > _PAIRED_MOST:
            return
        pairs: dict[tuple[int, int], float] = {}
        for cell in cells:
            for pair, people in cell.shared().items():
                pairs[pair] = pairs.get(pair, 0.0) + people
        largest = [people for people in sorted(pairs.values(), reverse=True)[:_SHOWN] if people > 0]
        yield from compared(
            "people > shared", [number(one, "people") for one in stated], [Near(one, size) for one in largest]
        )
        for one in stated:
            creators = tuple(of(one, "creators", list))
            theirs = [
                people
                for pair, people in pairs.items()
                if tuple(self.bookings.name(self.mine[at].column) for at in pair) == creators
            ]
            if not any(Near(people, size).allows(one["people"]) for people in theirs):
                text = f"{' and '.join(map(str, creators))} do not have so many people in common"
                yield Difference("people > shared", one["people"], theirs[0] if theirs else None, text)


@dataclass(frozen=True)
class Seen:
    """The people of one cell; of each booking its exposure there, and how often it is made."""

    curve: Curve
    bookings: Mapping[int, tuple[float, int]]

    @property
    def people(self) -> float:
        return self.curve.people / _MILLION

    def missed(self, exposure: float) -> float:
        """The share that is not reached."""
        if self.curve.all_of_it:
            return 1.0 if exposure < 0.5 else 0.0
        exposure = max(exposure, 0.0)
        return (
            exp(-exposure)
            if self.curve.k is None
            else exp(-float(self.curve.k) * log1p(exposure / float(self.curve.k)))
        )

    @property
    def total(self) -> float:
        return sum(exposure * often for exposure, often in self.bookings.values())

    def added(self) -> dict[int, float]:
        """How many fewer are reached without one of each booking."""
        total, nobody = self.total, self.missed(self.total)
        return {at: self.people * (self.missed(total - e) - nobody) for at, (e, _) in self.bookings.items()}

    def at_least(self, many: int) -> float:
        """The people whom so many bookings reach, two or three."""
        every = [e for e, often in self.bookings.values() for _ in range(often)]
        if self.curve.all_of_it:
            return self.people if len(every) >= many else 0.0
        total, nobody = self.total, self.missed(self.total)
        alone = [self.missed(total - e) - nobody for e in every]
        share = 1 - nobody - sum(alone)
        if many > 2:
            for at, e in enumerate(every):
                for other in range(at):
                    share -= self.missed(total - e - every[other]) - nobody - alone[at] - alone[other]
        return self.people * max(share, 0.0)

    def shared(self) -> dict[tuple[int, int], float]:
        """How many people both of two bookings reach."""
        order = sorted(self.bookings)
        alone = {at: self.missed(self.bookings[at][0]) for at in order}
        found = {}
        for place, second in enumerate(order):
            for first in order[:place]:
                neither = self.missed(self.bookings[first][0] + self.bookings[second][0])
                found[first, second] = self.people * (1 - alone[first] - alone[second] + neither)
        return found
