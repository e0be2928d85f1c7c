"""Rules about who is booked together."""

# ruff: noqa: ARG002  # every kind answers the same questions, some without looking

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from optimizer.domain.constraints import AT_MOST_ONE, EXACTLY_ONE, IF, TOGETHER, Logic
from optimizer.domain.filters import Filter
from optimizer.domain.pool import CREATOR
from optimizer.domain.scenario import Scenario
from optimizer.verification.bookings import Bookings
from optimizer.verification.indicators import Indicators
from optimizer.verification.kinds.duals import Duals
from optimizer.verification.kinds.rule import Rule
from optimizer.verification.near import Near, Since
from optimizer.verification.terms import Booked, Row, count


def rules(bookings: Bookings, said: Logic) -> list[Rule]:
    """The one rule that it makes."""
    parts, then = (tuple(map(bookings.members, group)) for group in (said.parts, said.then))
    return [Together(said, None, parts, then, all(bookings.whole[at] for part in (*parts, *then) for at in part))]


@dataclass(frozen=True)
class Together(Rule):
    """A rule about who is booked together: the bookings of each part, and whether all of them are integer (`whole`)."""

    said: Logic
    label: None
    parts: tuple[Sequence[int], ...]
    then: tuple[Sequence[int], ...]
    whole: bool

    @property
    def sound(self) -> bool:
        return self.whole

    def booked(self, plan: Booked) -> tuple[list[bool], list[bool]]:
        """Which parts are booked, and which of those that follow."""
        who = set(plan)
        parts, then = ([not who.isdisjoint(part) for part in group] for group in (self.parts, self.then))
        return parts, then

    def holds(self, plan: Booked) -> bool:
        parts, then = self.booked(plan)
        if self.said.kind in (AT_MOST_ONE, EXACTLY_ONE):
            return parts.count(True) == 1 or (self.said.kind == AT_MOST_ONE and True not in parts)
        if self.said.kind == TOGETHER:
            return len(set(parts)) < 2
        return False in parts or False not in then

    def rows(self, at: int, indicators: Indicators) -> Iterator[Row]:
        parts, then = ([indicators.booked(self.name, part) for part in group] for group in (self.parts, self.then))
        counted = tuple(count(1, part) for part in parts)
        kind = self.said.kind
        if kind in (AT_MOST_ONE, EXACTLY_ONE):
            yield Row.bounded(self.name, at, counted, 1 if kind == EXACTLY_ONE else None, 1)
        elif kind == TOGETHER:
            for other in parts[1:]:
                yield Row.bounded(self.name, at, (counted[0], count(-1, other)), 0, 0)
        else:
            for follows in then:
                yield Row.bounded(self.name, at, (*counted, count(-1, follows)), None, len(parts) - 1)

    def standing(self, scenario: Scenario, plan: Booked, duals: Duals) -> dict[str, Any]:
        kind = self.said.kind
        parts, then = self.booked(plan)
        low, high = {AT_MOST_ONE: (None, 1.0), EXACTLY_ONE: (1.0, 1.0)}.get(kind, (None, None))
        free = kind == AT_MOST_ONE and True not in parts
        gained = sum(gain for gain, _ in duals.gains) / duals.unit
        price = Near(0.0 if kind in (TOGETHER, IF) else gained, 0.0)
        return {
            "name": self.name,
            "quantity": kind,
            "group": {},
            "people": {},
            "kind": "logic",
            "of": None,
            "at_least": low,
            "at_most": high,
            "value": parts.count(True) + then.count(True),
            "room": 1.0 if free else 0.0,
            "binding": not (free or (kind == IF and False in parts)),
            "shadow_price": price,
            "per_value": None,
            "says": _says(self.said),
            "note": "",
            "or_none": Since((None, False)),
            **duals.sides(price),
        }

    def clashing(self) -> dict[str, Any]:
        said = {"name": self.name, "quantity": self.said.kind, "kind": "logic", "says": _says(self.said)}
        return said | dict.fromkeys(("per_value", "of", "at_least", "at_most")) | {"or_none": False}


def _says(rule: Logic) -> str:
    parts, then = ([_part(part) for part in group] for group in (rule.parts, rule.then))
    words = {AT_MOST_ONE: "at most one of", EXACTLY_ONE: "exactly one of", TOGETHER: "all or none of"}
    if rule.kind in words:
        return f"{words[rule.kind]} {', '.join(parts)}"
    return f"if {' and '.join(parts)}, then {' and '.join(then)}"


def _part(part: Filter) -> str:
    return ", ".join(str(asked) if column == CREATOR else f"{column} {asked}" for column, asked in part)
