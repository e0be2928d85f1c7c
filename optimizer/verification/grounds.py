"""What a plan states of its forecast beside what is drawn: what is expected, what was measured, and why they differ."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import ceil, isfinite
from typing import Any

from optimizer.domain.constraints import Measure
from optimizer.domain.quantities import RATIOS, REACH
from optimizer.results.verification import Difference
from optimizer.verification.bookings import Bookings
from optimizer.verification.differences import compared
from optimizer.verification.drawn import NAMES
from optimizer.verification.expected import Expected
from optimizer.verification.fields import Fields
from optimizer.verification.figures import POOL, Missing
from optimizer.verification.near import Near
from optimizer.verification.quantities import Quantities
from optimizer.verification.recomputed import Shown
from optimizer.verification.stated import StatedBooking

SHOWN = ("impressions", "gross_reach", "engagements", "clicks", "conversions", "revenue", "profit")
_SALES = ("conversions", "revenue", "commission", "profit")
ENGAGEMENTS = ("average_engagements", "engagement_rate")
ENDS = ("p10", "p50", "p90")
_FAR, _BELOW, _MAINLY = 1.25, 0.8, 0.5


@dataclass(frozen=True)
class Grounds:
    """The bookings of a plan, with what was recomputed of them."""

    bookings: Bookings
    mine: Sequence[StatedBooking]
    found: Shown

    def differences(self, said: Mapping[str, Any], totals: Mapping[str, Any]) -> Iterator[Difference]:
        """All that a plan with a forecast states of it, but for what is drawn."""
        stated, scenario = said["forecast"], self.bookings.scenario
        known = [name for name in self.found.amounts if name in NAMES and not scenario.quantities[name].helper]
        if REACH in stated and REACH in totals:  # which plans of 0.2.0 and before do not state
            known.append(REACH)
        asked = [*known, *self._ratios(totals, known)]
        if all(name in (*self.found.amounts, *known) for name in said["objective"]["of"]):
            asked.append("objective")
        for name in asked:
            if name not in stated:
                yield Difference(f"forecast > {name}", None, None, "is not stated")
            if name in stated:
                yield from _without_ends(f"forecast > {name}", stated[name])
                yield from _without_ends(f"forecast > {name} > alone", stated[name].get("alone", {}))
            if name in stated and name in totals:
                again = Near(float(totals[name]), abs(float(totals[name])))
                yield from compared(f"forecast > {name} > expected", stated[name].get("expected"), again)
        if "objective" in stated:
            value = self._goal(float(said["objective"]["value"]), totals)
            again = Near(value, abs(value) + sum(abs(float(totals.get(name, 0))) for name in said["objective"]["of"]))
            yield from compared("forecast > objective > expected", stated["objective"].get("expected"), again)
        measured = {name: self._measured(name) for name in SHOWN if name in known}
        for at, (one, mine) in enumerate(zip(said["allocations"], self.mine, strict=True)):
            again_of = self._of(at, mine, measured) if ceil(mine.count) == 1 else {}
            where = f"allocations > {one['creator']} on {one['offer']} > forecast"
            yield from compared(where, one.get("forecast", {}), Fields(again_of, SHOWN))
            for name, value in one.get("forecast", {}).items():
                yield from _without_ends(f"{where} > {name}", value if name in again_of else dict.fromkeys(ENDS, 0.0))

    def _goal(self, stated: float, totals: Mapping[str, Any]) -> float:
        """The goal by the figures of the bookings. A proof counts people in coarser steps, as it rounds what is reached
        twice, so that its value is a little lower.
        """
        weights, scenario = self.bookings.scenario.objective.weights, self.bookings.scenario
        if REACH not in totals or REACH not in dict(weights):
            return stated
        value = float(dict(weights)[REACH]) * float(totals[REACH])
        for name, weight in weights:
            if name != REACH:
                amounts = zip(self.mine, self.found.amounts[name], strict=True)
                value += float(weight * sum(one.count * amount for one, amount in amounts) / scenario.scale(name))
        return value

    def _ratios(self, totals: Mapping[str, Any], known: Sequence[str]) -> list[str]:
        """The ratios of which something is drawn."""
        amounts = {name: sum(amounts) for name, amounts in self.found.amounts.items()}
        amounts |= {REACH: totals[REACH]} if REACH in known else {}
        return [
            ratio.name
            for ratio in RATIOS.values()
            if ratio.name in totals
            and {ratio.numerator, ratio.denominator} <= set(amounts)
            and amounts[ratio.denominator] > 0
            and {ratio.numerator, ratio.denominator} & {*NAMES, REACH}
        ]

    def _of(self, at: int, one: StatedBooking, measured: Mapping[str, list[int | None]]) -> dict[str, Any]:
        """The forecast of one booking, without its range."""
        creator, scenario = one.column[0], self.bookings.scenario
        figures = self.bookings.figures(one.column)
        by_engagements = figures.prefers("conversions_per_engagement", "conversion_rate")
        found = {}
        for name, values in measured.items():
            follows = name == "engagements" or (by_engagements and name in _SALES)
            family = ENGAGEMENTS if follows else self._views()
            assumed, (posts, pooled) = self._assumed(at, family), self._ground(creator, family)
            scale = scenario.scale(name)
            amount, own = self.found.amounts[name][at], values[at]
            was = None if assumed or own is None else own / scale
            expecting = amount / scale
            found[name] = Fields(
                {
                    "measured": was,
                    "posts": posts if posts > 0 else None,
                    "expected": expecting,
                    "why": "assumed" if assumed else _why(was, expecting, posts, pooled),
                }
            )
        return found

    def _views(self) -> tuple[str, ...]:
        offers = self.bookings.scenario.offers
        kinds = dict.fromkeys(kind for offer in offers for kind, _ in offer.deliver)
        return (*(f"average_views_{kind}" for kind in kinds), "average_views")

    def _assumed(self, at: int, family: Sequence[str]) -> bool:
        """Whether a figure of a family is neither the creator's own nor what the pool expects."""
        views = family[-1] == "average_views"
        return any(
            source != POOL
            for name, source in self.found.sources[at].figures.items()
            if name in family or (views and name.startswith(("average_views_", "view_rate")))
        )

    def _ground(self, creator: int, family: Sequence[str]) -> tuple[float, float]:
        expected = self.bookings.expected
        column = next((name for name in family if expected.spread(name, creator) is not None), None)
        return (0.0, 0.0) if column is None else expected.ground(column, creator)

    def _measured(self, name: str) -> list[int | None]:
        """What the figures of the file bring; None of creators with one that only the pool gives."""
        own = Expected(self.bookings.scenario, self.bookings.creators, {})
        found: list[int | None] = []
        for at, one in enumerate(self.mine):
            if POOL in self.found.sources[at].figures.values():
                found.append(None)
                continue
            figures = self.bookings.figures(one.column, expected=own)
            keeps = self.bookings.keeps(one.column)
            try:
                found.append(Quantities(figures, 1.0 if keeps is None else keeps).amount(Measure(name)))
            except Missing:
                return [None] * len(self.mine)
        return found


def _without_ends(where: str, stated: Mapping[str, Any]) -> Iterator[Difference]:
    """The ends that a range should state: whether they are there; what they are is drawn."""
    for end in ENDS:
        value = stated.get(end)
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not isfinite(value):
            yield Difference(f"{where} > {end}", value, None, "is no number")


def _why(measured: float | None, expected: float, posts: float, pooled: float) -> str:
    """Why what is expected differs from what was measured."""
    if measured is None:
        return "not measured: what is usual for its kind"
    if posts <= 0:
        return ""
    said = f"{posts:,.0f} post{'' if posts == 1 else 's'}" if posts == int(posts) else f"{posts:,.1f} posts"
    if expected > 0 and measured > _FAR * expected:
        said += ", far above its kind"
    elif measured < _BELOW * expected:
        said += ", far below its kind"
    return f"{said}; rests mainly on the pool" if pooled >= _MAINLY else said
