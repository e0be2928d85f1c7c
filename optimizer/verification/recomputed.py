"""A plan's figures recomputed from its bookings only, in the form of its JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from optimizer.domain.constraints import Measure
from optimizer.domain.exact import plain
from optimizer.domain.figures import FIGURES
from optimizer.domain.quantities import GROSS_REACH, RATIOS, REACH
from optimizer.domain.scenario import Assumption, Scenario
from optimizer.verification.bookings import Bookings
from optimizer.verification.bounds import Bounds
from optimizer.verification.different import measured_by
from optimizer.verification.figures import Missing, Sources
from optimizer.verification.near import Since
from optimizer.verification.reached import people_once
from optimizer.verification.stated import StatedBooking

_LABELS = ("tier", "platform", "niche", "country")


def stated_in(scenario: Scenario) -> list[str]:
    """The names of the quantities that bookings and totals may state."""
    return [*scenario.quantities, *RATIOS, *_LABELS]


def objective(bounds: Bounds, value: Fraction, bound: Fraction) -> dict[str, Any]:
    """The objective with its proved bound."""
    said, unit = bounds.said, bounds.goal[1]
    return {
        "sense": said.sense,
        "of": {name: float(weight) for name, weight in said.weights},
        "value": float(said.sign * value / unit),
        "bound": float(said.sign * bound / unit),
        "gap": float((bound - value) / max(abs(value), Fraction(unit))),
        "gap_absolute": float((bound - value) / unit),
    }


def claim(gap: float, asked: float) -> str:
    """The claim that a plan may make."""
    return "optimal" if gap == 0 else "within_gap" if gap <= asked else "feasible"


@dataclass(frozen=True)
class Shown:
    """What the bookings of a plan show: each one's amounts of all quantities that all of them have, and sources."""

    amounts: Mapping[str, Sequence[int]]
    sources: Sequence[Sources]

    @property
    def benchmarks(self) -> list[dict[str, Any]]:
        """The benchmarks that were used, and those that were passed over."""
        used = set[Assumption]().union(*(one.lines for one in self.sources))
        others = set[Assumption]().union(*(one.passed_over for one in self.sources)) - used
        ordered = [*sorted(used, key=_in_order), *sorted(others, key=_in_order)]
        return [_benchmark(line, line in others) for line in ordered]


def _in_order(line: Assumption) -> tuple[int, str, str]:
    return line.rank, line.benchmark.figure if line.benchmark else "", str(line.benchmark)


def _benchmark(line: Assumption, passed_over: bool) -> dict[str, Any]:
    said = line.benchmark
    if said is None:
        raise TypeError("the line is from no pack")

    def written(value: Decimal) -> str:
        if FIGURES[said.figure].unit in ("rate", "factor"):
            return f"{plain(value * 100)} %"
        per = " per 1,000 followers" if said.per_thousand_followers else ""
        return (f"{plain(value)} {said.currency}" if said.currency else plain(value)) + per

    ranged = said.low != said.high
    return {
        "pack": said.pack,
        "figure": said.figure,
        "speaks_of": said.whom,
        "level": line.level,
        "value": written(said.at(line.level)),
        "low": written(said.low) if ranged else None,
        "high": written(said.high) if ranged else None,
        "source": said.source,
        "date": said.date,
        "passed_over": passed_over,
    }


def shown(bookings: Bookings, booked: Sequence[StatedBooking]) -> Shown:
    """Estimate the bookings of a plan in full."""
    amounts: dict[str, list[int]] = {}
    sources = [Sources() for _ in booked]
    for measure in dict.fromkeys([*bookings.scenario.measures, *map(Measure, bookings.scenario.additive)]):
        found: list[tuple[int, Sources]] = []
        try:
            for one in booked:
                mine = Sources()
                found.append((bookings.quantities(one.column, mine).amount(measure), mine))
        except Missing:
            continue
        if not measure.people:
            amounts[measure.quantity] = [amount for amount, _ in found]
        for whole, (_, mine) in zip(sources, found, strict=True):
            whole.lines |= mine.lines
            whole.passed_over |= mine.passed_over
            whole.figures = mine.figures | whole.figures
    return Shown(amounts, sources)


def totals(bookings: Bookings, found: Shown, booked: Sequence[StatedBooking]) -> dict[str, Any]:
    """Every quantity and ratio that the bookings' figures give."""
    scenario = bookings.scenario
    sums = {
        name: sum((one.count * amount for one, amount in zip(booked, amounts, strict=True)), Fraction(0))
        for name, amounts in found.amounts.items()
    }
    for name, quantity in scenario.quantities.items():
        if quantity.distinct is not None:
            counted = measured_by(bookings, Measure(name), range(len(bookings)))
            sums[name] = counted.total({one.place: one.count for one in booked})
    audience, whole = scenario.audience, all(one.count.denominator == 1 for one in booked)
    if audience is not None and whole and (GROSS_REACH in sums or audience.seen_by_all):
        gross = zip(booked, found.amounts.get(GROSS_REACH, [0] * len(booked)), strict=True)
        every = ((one.column[0], amount, int(one.count)) for one, amount in gross)
        sums[REACH] = Fraction(people_once(audience, every))
    judged = None if audience is None or REACH not in sums else audience.held_back
    result = {name: _number(scenario, name, sums[name]) for name in _named(scenario) if name in sums}
    for ratio in RATIOS.values():
        above, below = sums.get(ratio.numerator), sums.get(ratio.denominator)
        if above is not None and below:
            lead = Fraction(ratio.factor * scenario.scale(ratio.denominator), scenario.scale(ratio.numerator))
            result[ratio.name] = float(lead * above / below)
    if judged is not None:
        gross = zip(booked, found.amounts.get(GROSS_REACH, [0] * len(booked)), strict=True)
        again = ((one.column[0], amount, int(one.count)) for one, amount in gross)
        result["reach_held_back"] = people_once(judged, again) / 10**6
    return result


def allocation(bookings: Bookings, found: Shown, at: int, one: StatedBooking) -> dict[str, Any]:
    """One booking of a plan."""
    scenario, (creator, step, offer) = bookings.scenario, one.column
    whole, keeps = one.count.denominator == 1, bookings.keeps(one.column)
    pay = {} if "pay" in scenario.quantities else {"pay": Since((scenario.offers[offer].pay.model,))}
    labels = {name: bookings.creators.text(name, creator) for name in _LABELS if bookings.creators.holds_texts(name)}
    values = {
        name: _number(scenario, name, found.amounts[name][at] * one.count)
        for name in _named(scenario)
        if name in found.amounts
    }
    return {
        "creator": bookings.creators.ids[creator],
        "offer": scenario.offers[offer].name,
        "count": int(one.count) if whole else float(one.count),
        "exact_count": None if whole else str(one.count),
        "step": None if keeps is None else step + 1,
        "keeps": keeps,
        **pay,
        **labels,
        **values,
        "estimated": found.sources[at].figures,
    }


def _number(scenario: Scenario, quantity: str, total: Fraction) -> float:
    exact = total / scenario.scale(quantity)
    return int(exact) if scenario.quantities[quantity].whole and exact.denominator == 1 else float(exact)


def _named(scenario: Scenario) -> list[str]:
    """The quantities that a plan shows; redundant ones only if they are in use."""
    kinds = [name for name in scenario.quantities if name.startswith("deliverables.")]
    asked = {measure.quantity for measure in scenario.measures}
    silent = {"cash_cost", *(kinds if len(kinds) == 1 else ())}
    return [
        name
        for name, quantity in scenario.quantities.items()
        if not quantity.helper and (name in asked or name not in silent)
    ]
