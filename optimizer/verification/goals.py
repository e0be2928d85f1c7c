"""Several goals in order: what is kept of each, and the proof of each step."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from math import ceil, floor
from typing import Any

from optimizer.results.stated import of
from optimizer.results.verification import Difference
from optimizer.verification import recomputed
from optimizer.verification.bounds import Bounds
from optimizer.verification.differences import compared
from optimizer.verification.fields import Fields
from optimizer.verification.near import Near
from optimizer.verification.proved import counted, prices_in, proved_by
from optimizer.verification.stated import Places, number
from optimizer.verification.terms import STRUCTURE, Booked, Row, WrongProof

_EXACT, _FINE, _HAIR = 2**52, 10**6, Fraction(1, 10**12)


def worst_gap(said: Mapping[str, Any], gap: float) -> float:
    """The largest gap that a step was left with; that of the plan itself, if it has one goal only."""
    if "goals" not in said:
        return gap
    return max(_gap_of_step(one) for one in of(said, "goals", list))


def _gap_of_step(goal: Mapping[str, Any]) -> float:
    found, bound = number(goal, "found"), number(goal, "bound")
    return abs(bound - found) / max(abs(found), 1.0)


def in_order(said: Mapping[str, Any], first: Bounds, plan: Booked, places: Places) -> Iterator[Difference]:
    """Check what a plan states of its goals, the first of which is its objective."""
    scenario = first.bookings.scenario
    stated = of(said, "goals", list) if "goals" in said else []
    if len(stated) != len(scenario.goals):
        yield Difference("goals", len(stated), len(scenario.goals), "these are not the goals of the scenario")
        return
    kept: list[Row] = []
    for at, (one, goal) in enumerate(zip(stated, scenario.goals, strict=True)):
        where, last = f"goals > {at + 1}", at + 1 == len(stated)
        try:
            bounds, bound = (first, None) if not at else _step(first, at, one, kept, places)
        except WrongProof as error:
            yield Difference(where, None, None, f"the proof does not hold: {error}")
            return
        yield from compared(f"{where} > keep", one.get("keep"), None if last else float(goal.keep))
        yield from _goal(said, where, one, bounds, plan, bound)
        row = _kept_row(bounds, at + 1, number(one, "found"), goal.keep)
        value = bounds.value_of_bookings(plan) * (1 if bounds.all_whole else _FINE)
        if row.lower is not None and value < row.lower:
            yield Difference(where, one.get("value"), one.get("found"), "less of it is kept than was asked")
        kept.append(row)


def _step(first: Bounds, at: int, one: Mapping[str, Any], kept: list[Row], places: Places) -> tuple[Bounds, Fraction]:
    """The program of a later goal, and the bound that its certificate proves."""
    certificate, rows = of(one, "certificate", dict), first.rows
    listed, prices = prices_in(certificate, rows, kept)
    bounds = Bounds(first.bookings, rows, counted(rows, [*listed, *kept]), at=at)
    return bounds, proved_by(bounds, certificate, listed, prices, places)[1]


def _goal(
    said: Mapping[str, Any], where: str, one: Mapping[str, Any], bounds: Bounds, plan: Booked, bound: Fraction | None
) -> Iterator[Difference]:
    stated = {key: one.get(key) for key in ("sense", "of", "value", "bound", "gap")}
    if bound is None:  # the objective, which is checked as such
        yield from compared(where, stated, {key: said["objective"].get(key) for key in stated})
    else:
        value, weaker = bounds.value_of_bookings(plan), bounds.as_counted(number(one, "bound"))
        again = recomputed.objective(bounds, value, max(bound, weaker))
        again |= {key: Near(again[key]) for key in ("bound", "gap")}
        again.pop("gap_absolute")
        yield from compared(where, stated, Fields(again))
        if value > bound:
            yield Difference(where, one.get("value"), None, "the plan is worth more than is possible")
    if bounds.said.sign * (number(one, "found") - number(one, "bound")) > 0:
        yield Difference(where, one.get("found"), one.get("bound"), "more was found than is possible")


def _kept_row(bounds: Bounds, number_: int, found: float, keep: Fraction) -> Row:
    """The row that keeps a share of what was found for a goal."""
    terms, _ = bounds.goal
    worth = bounds.as_counted(found)
    lost, name = (1 - keep) * abs(worth), f"goal {number_}: kept"
    if bounds.all_whole:
        doubt = 0 if abs(worth) < _EXACT else ceil(abs(worth) / _EXACT) * 2
        return Row(name, STRUCTURE, terms, ceil(round(worth) - doubt - lost), None)
    lower = floor((worth - lost - _HAIR * abs(worth)) * _FINE)
    return Row(name, STRUCTURE, tuple(term.times(_FINE) for term in terms), lower, None)
