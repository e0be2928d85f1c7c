"""The message when a figure that is needed is given nowhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from optimizer.domain.exact import Flags, Ints
from optimizer.domain.figures import FIGURES, Figure
from optimizer.domain.scenario import Scenario
from optimizer.errors import Problem
from optimizer.estimation.booking_table import BookingTable


def missing_figures(scenario: Scenario, columns: BookingTable, missing: Mapping[str, Flags]) -> list[Problem]:
    """One problem for each missing figure; a figure per deliverable has one for all kinds."""
    if not missing:
        return []
    kinds: dict[str, list[str]] = {}
    where: dict[str, Flags] = {}
    for name, at in missing.items():
        figure, kind = _figure(name, scenario)
        kinds.setdefault(figure, []).extend([kind] if kind else [])
        where[figure] = where[figure] | at if figure in where else at
    total = len(np.unique(columns.creator))
    return [_problem(scenario, name, kinds[name], np.unique(columns.creator[at]), total) for name, at in where.items()]


def _figure(name: str, scenario: Scenario) -> tuple[str, str]:
    """A figure and the kind of deliverable that it is missing for."""
    for offer in scenario.offers:
        for kind, _ in offer.deliver:
            figure = name.removesuffix(f"_{kind}")
            if figure != name and figure in FIGURES and FIGURES[figure].per_deliverable:
                return figure, kind
    return name, ""


def _problem(scenario: Scenario, name: str, kinds: list[str], who: Ints, total: int) -> Problem:
    if name in ("order_value", "margin"):
        return Problem(
            "missing-figure", f"{name} is needed, but not given", f"add it to the scenario: economics: {{{name}: ...}}"
        )
    if name.startswith("audience shares"):
        first = scenario.pool.ids[int(who[0])]
        cause = f"{name} add up to more than 100 % for {len(who):,} creators, {first} first"
        return Problem("audience-over-one", cause, "correct the audience_ columns")
    name = _given_instead(scenario, name, kinds)
    segments = {segment.position for segment in scenario.segments}
    named = [position for position in who.tolist() if position not in segments]
    first = ", ".join(who_is(scenario, position) for position in who[:3].tolist())
    count = "every creator" if len(who) == total else f"{len(who):,} of {total:,} creators"
    if not named:
        count = "every segment" if len(who) == len(segments) else f"{len(who):,} of {len(segments):,} segments"
    title = FIGURES[name].title if name in FIGURES else "a quantity of your own"
    of = f" of a {' and a '.join(dict.fromkeys(kinds))}" if kinds and len(_kinds(scenario)) > 1 else ""
    cures = list(_cures(scenario, name, list(dict.fromkeys(kinds)), len(named), len(who) - len(named)))
    if named and 0 < len(who) < total and name in scenario.pool.columns:
        cures.append(f"leave those creators out with `creators: {{where: {{{name}: {{from: 0}}}}}}`")
    return Problem(
        "missing-figure",
        f"{name}{of} ({title}) is needed, but not known for {count}: {first}{', ...' if len(who) > 3 else ''}",
        ", or ".join(cures),
    )


def _cures(scenario: Scenario, name: str, kinds: list[str], creators: int, segments: int) -> Iterator[str]:
    """What the planner can do, the nearest first."""
    figure: Figure | None = FIGURES.get(name)
    if name == "fit":
        yield "list the niche, or `other`, under `fit:`"
        return
    if creators:
        yield f"fill the column {name} of the pool"
    if segments:
        yield f"give the segment{'s' if segments > 1 else ''} {name}: ..."
    if figure is None or name == "followers":
        return
    told = f"{name}_{kinds[0]}" if len(kinds) == 1 and len(_kinds(scenario)) > 1 else name
    yield f"add `assume: {{{told}: ...}}` to the scenario"
    if name in _EITHER:
        yield f"give {_EITHER[name]} instead"
    reasons = {(benchmark.pack, why): None for benchmark, why in scenario.unusable if benchmark.figure == name}
    for pack, why in reasons:
        yield f"use what {pack} says, which is {why}"


def _kinds(scenario: Scenario) -> set[str]:
    return {kind for offer in scenario.offers for kind, _ in offer.deliver}


def who_is(scenario: Scenario, position: int) -> str:
    """A creator with the row of the file, or a segment."""
    row = int(scenario.pool.rows[position])
    return f"{scenario.pool.ids[position]} (row {row})" if row else f"segment {scenario.pool.ids[position]}"


_INSTEAD = {
    "engagement_rate": "average_engagements",
    "view_rate": "average_views",
    "conversion_rate": "conversions_per_engagement",
}
_EITHER = _INSTEAD | {other: name for name, other in _INSTEAD.items()}


def _given_instead(scenario: Scenario, name: str, kinds: list[str]) -> str:
    """The figure that the planner gave for some creators, where either of two would do: what is blank is that one."""
    other = _INSTEAD.get(name)
    if other is None or _is_given(scenario, name, kinds) or not _is_given(scenario, other, kinds):
        return name
    return other


def _is_given(scenario: Scenario, name: str, kinds: list[str]) -> bool:
    keys = {name, *(f"{name}_{kind}" for kind in kinds)}
    return bool(keys & scenario.pool.columns.keys() or keys & scenario.assume.keys())
