"""Verification: whether a plan, or the statement that there is none, holds for a scenario."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from fractions import Fraction
from math import ceil
from pathlib import Path
from typing import Any, Protocol

from optimizer.domain.scenario import Scenario, check_loaded
from optimizer.results.stated import FORMAT, NotAPlan, digest, of, read
from optimizer.results.verification import Difference, Verification
from optimizer.verification import beside, clashes, recomputed
from optimizer.verification.bookings import Bookings
from optimizer.verification.bounds import Bounds
from optimizer.verification.committed import committed
from optimizer.verification.differences import compared
from optimizer.verification.expected import NotAFit, checked
from optimizer.verification.fields import Fields, missing
from optimizer.verification.figures import Missing
from optimizer.verification.forecasts import Redrawing
from optimizer.verification.goals import in_order, worst_gap
from optimizer.verification.grounds import Grounds
from optimizer.verification.kinds.duals import Duals
from optimizer.verification.kinds.registry import rules_of
from optimizer.verification.kinds.rule import Rule
from optimizer.verification.near import Near
from optimizer.verification.people import People
from optimizer.verification.proved import counted, prices_in, proved_by
from optimizer.verification.relaxed import relaxed
from optimizer.verification.rows import Rows
from optimizer.verification.stated import Places, booked, by_cases, number
from optimizer.verification.terms import STRUCTURE, Booked, Row, WrongProof
from optimizer.verification.units import units


class Stating(Protocol):
    """A `Plan` or a `NoPlan`, which this package does not import."""

    def to_dict(self) -> dict[str, Any]:
        """The statement as one object of plain values."""


Stated = Stating | Mapping[str, Any] | str | os.PathLike[str]


def verify(plan: Stated, scenario: Scenario, *, ranges: bool = False) -> Verification:
    """Recompute everything that a plan states, and compare.

    Estimates, rules, totals and the proven bound come from the scenario, the bookings and the certificate alone, in
    exact numbers; no code of the planner is used. It is plain Python, so its time grows with the pool.

    Parameters
    ----------
    plan
        A plan or NoPlan; its JSON, as an object or as text; or the path of a file with its JSON. A text that begins
        with a brace is JSON, any other a path.
    scenario
        The scenario of the plan, loaded with the same variant and changes.
    ranges
        Whether the ranges of the forecast are drawn again too: some 30 microseconds for each booking and draw, so
        minutes for 500 bookings with 10,000 draws.

    Raises
    ------
    OSError
        If the file of the plan cannot be read.

    Examples
    --------
    >>> from optimizer import load_scenario, optimize
    >>> campaign = {"format": 1, "currency": "EUR", "budget": 250, "objective": {"maximize": "engagements"}}
    >>> pool = {"creator": ["@ana", "@bea"], "average_engagements": [150, 600], "fee": [100, 250]}
    >>> scenario = load_scenario(campaign, creators=pool)
    >>> verify(optimize(scenario), scenario).holds
    True
    """
    check_loaded(scenario, "verify")
    try:
        said = _read(plan)
        outcome = of(said, "outcome", str)
        differences = tuple(_Verifier(said, scenario, ranges).differences())
    except NotAPlan as error:
        return refused(f"this is not a plan: {error}")
    except WrongProof as error:
        return refused(f"the scenario cannot be planned as it is: {error}")
    except NotAFit as error:
        return refused(f"what it states of the forecast cannot be read: {error}")
    except Missing as error:
        return refused(f"the scenario does not give {error}, which the plan rests on")
    except (AttributeError, KeyError, OverflowError, RecursionError, TypeError, ValueError):
        return refused("this is not a plan: its fields are not as they should be")
    holds = not differences
    return Verification(holds, outcome, _says(said) if holds else "not verified", differences)


def refused(*reasons: str) -> Verification:
    """The verification if nothing can be compared."""
    return Verification(False, "", "not verified", tuple(Difference("", None, None, text) for text in reasons))


def _read(plan: Stated) -> Mapping[str, Any]:
    if isinstance(plan, Mapping):
        return plan
    if isinstance(plan, str) and plan.lstrip().startswith("{"):
        return read(plan)
    if isinstance(plan, (str, os.PathLike)):
        return read(Path(plan).read_bytes())
    return plan.to_dict()


def _says(said: Mapping[str, Any]) -> str:
    if said["outcome"] == "plan":
        gap = said["objective"]["gap"]
        near = "" if gap == 0 else f" by more than {ceil(10_000 * gap) / 100:.2f} %"
        near = " by more than a billionth" if 0 < gap <= 1e-9 else near
        return (
            "verified: the plan keeps every rule, its figures follow from the scenario, and no plan is better"
            f"{near}{_changed(said)}"
        )
    if said["outcome"] == "infeasible" and said["proof"] != "none":
        proved = said.get("conflicts", [said["conflict"]])[0]
        return f"verified: no plan can keep these rules at once: {', '.join(proved)}{_changed(said)}"
    return "verified: it is for this scenario, and was not changed; it contains no proof"


def _changed(said: Mapping[str, Any]) -> str:
    """The variant and the changes of the scenario, in brackets."""
    asked = said["scenario"]
    parts = [f"variant {asked['variant']}"] if asked["variant"] else []
    parts += [f"{path} = {value}" for path, value in asked["changes"].items()]
    return f" ({'; '.join(parts)})" if parts else ""


@dataclass(frozen=True)
class _Verifier:
    """One plan against one scenario."""

    said: Mapping[str, Any]
    scenario: Scenario
    ranges: bool

    def differences(self) -> Iterator[Difference]:
        if of(self.said, "format", str) != FORMAT:
            raise NotAPlan(f"its format is not {FORMAT}")
        lacking = list(dict.fromkeys(missing(self.said)))
        if lacking:
            raise NotAPlan(f"these fields are missing: {', '.join(lacking)}")
        yield from self._identity()
        forecast = checked(self.said.get("forecast"))
        yield from self._asked(forecast)
        bookings = Bookings(self.scenario, forecast)
        rules = rules_of(bookings)
        rows = Rows(bookings, rules)
        places = Places.among(bookings)
        solver = of(self.said, "solver", dict)
        yield from compared("solver.columns", solver.get("columns"), len(bookings))
        certificate = self.said.get("certificate") or {}
        way = "cases" if isinstance(certificate, dict) and certificate.get("cases") else "prices"
        yield from compared("solver.way", solver.get("way"), way)
        if self.said["outcome"] == "plan":
            yield from self._plan(bookings, rules, rows, places)
        elif self.said["outcome"] == "infeasible":
            yield from self._clash(bookings, rules, rows, places)
        elif self.said["outcome"] != "no_plan":
            raise NotAPlan("its outcome is unknown")

    def _identity(self) -> Iterator[Difference]:
        """Whether the plan is for this scenario, and unchanged."""
        scenario, said = self.scenario, self.said
        name = {"name": scenario.name, "variant": scenario.variant, "changes": dict(scenario.changes)}
        yield from compared("scenario", of(said, "scenario", dict), Fields(name))
        files = [{"path": file.path, "sha256": file.sha256} for file in scenario.inputs]
        stated = [{key: of(one, key, str) for key in ("path", "sha256")} for one in of(said, "inputs", list)]
        if stated != files:
            changed = [file["path"] for file in files if file not in stated]
            text = f"these files have changed: {', '.join(changed) or 'some are missing'}"
            yield Difference("inputs", stated, files, text)
        if of(said, "digest", str) != digest(said):
            yield Difference("digest", said["digest"], digest(said), "the plan was changed after it was written")
        yield from beside.excluded(said, scenario)
        yield from units(said, scenario)

    def _asked(self, forecast: Mapping[str, Any]) -> Iterator[Difference]:
        """Whether the plan was made with the figures that the scenario asks for; older versions knew measured ones."""
        said = {key: forecast.get(key, "measured") for key in ("rates", "unmeasured")}
        asked = self.scenario.forecast
        if forecast:
            yield from compared("forecast", said, {"rates": asked.rates, "unmeasured": asked.unmeasured})
            drawn = {"seed": asked.seed, "common": Fields(asdict(asked.common))}
            yield from compared("forecast", {key: forecast.get(key) for key in drawn}, drawn)
            if not 0 <= of(forecast, "draws", int) <= asked.draws:
                yield Difference("forecast > draws", forecast["draws"], asked.draws, "there are more than were asked")

    # --- a plan ---

    def _plan(self, bookings: Bookings, rules: list[Rule], rows: Rows, places: Places) -> Iterator[Difference]:
        said = self.said
        yield from compared("currency", said.get("currency"), self.scenario.currency.code)
        mine = booked(of(said, "allocations", list), bookings, places)
        plan = {one.place: one.count for one in mine}
        yield from _broken(bookings, rules, plan)
        try:
            listed, prices = prices_in(of(said, "certificate", dict), rows)
            bounds = Bounds(bookings, rows, counted(rows, listed))
            proved = proved_by(bounds, of(said, "certificate", dict), listed, prices, places)
        except WrongProof as error:
            yield Difference("certificate", None, None, f"the proof does not hold: {error}")
            return
        yield from self._goal(bounds, bounds.value_of_bookings(plan), *proved)
        yield from in_order(said, bounds, plan, places)
        found = recomputed.shown(bookings, mine)
        stated = recomputed.stated_in(self.scenario)
        totals = recomputed.totals(bookings, found, mine)
        yield from compared("totals", said.get("totals"), Fields(totals, stated))
        again = [Fields(recomputed.allocation(bookings, found, at, one), stated) for at, one in enumerate(mine)]
        yield from compared("allocations", said["allocations"], again)
        prices_of, relaxation = of(said["certificate"], "rows", dict), None
        try:
            relaxation = relaxed(said["certificate"], bounds, bounds.upper(prices), places)
        except WrongProof as error:
            yield Difference("certificate > relaxed", None, None, f"these are not the prices of the rules: {error}")
        yield from compared("constraints", said.get("constraints"), _standing(bounds, plan, relaxation, prices_of))
        yield from People(bookings, mine, found).differences(said, totals)
        yield from self._words(found)
        if said.get("forecast", {}).get("draws"):
            yield from Grounds(bookings, mine, found).differences(said, totals)
        if self.ranges and said.get("forecast", {}).get("draws"):
            yield from Redrawing(bookings, mine).differences(said, rules)
        yield from clashes.empty(said, self.scenario, rules)
        yield from clashes.more_budget(said, self.scenario)
        yield from beside.unspent(said)
        yield from committed(said)
        yield from beside.runners_up(said, bounds, prices)

    def _goal(self, bounds: Bounds, value: Fraction, root: Fraction, bound: Fraction) -> Iterator[Difference]:
        """The objective and the bound. A weaker bound than the proof gives is true; a stronger one is not proved."""
        stated, certificate = of(self.said, "objective", dict), self.said["certificate"]
        again = recomputed.objective(bounds, value, bound)
        weaker = number(stated, "bound")
        if (weaker > again["bound"]) if again["sense"] == "maximize" else (weaker < again["bound"]):
            again = recomputed.objective(bounds, value, bounds.as_counted(weaker))
            again |= {key: Near(again[key]) for key in ("gap", "gap_absolute")}
        yield from compared("objective", stated, Fields(again))
        if value > bound:
            yield Difference(
                "objective", stated.get("value"), again["bound"], "the plan is worth more than is possible"
            )
        asked, gap = number(of(self.said, "solver", dict), "gap"), number(stated, "gap")
        if not 0 <= asked < 1:
            yield Difference("solver > gap", asked, None, "a gap must be at least 0 and below 1")
        worst = worst_gap(self.said, gap)
        yield from compared("claim", self.said.get("claim"), recomputed.claim(worst, asked))
        proved = {"bound": again["bound"], "gap": gap, "cells": {}}
        proved["root_bound"] = recomputed.objective(bounds, value, root)["bound"]
        yield from compared("certificate", {key: certificate.get(key) for key in proved}, proved)
        yield from compared("solver.rows", self.said["solver"].get("rows"), len(certificate["rows"]))

    def _words(self, found: recomputed.Shown) -> Iterator[Difference]:
        """Warnings and sources."""
        stated = of(self.said, "warnings", list)
        for warning in self.scenario.warnings:
            if not any(_same_words(warning, other) for other in stated):
                yield Difference("warnings", None, warning, "a warning is left out")
        if "definitions" in self.said:
            yield from compared("definitions", self.said["definitions"], dict(self.scenario.definitions))
        yield from compared("benchmarks", of(self.said, "benchmarks", list), list(map(Fields, found.benchmarks)))

    # --- a clash ---

    def _clash(self, bookings: Bookings, rules: list[Rule], rows: Rows, places: Places) -> Iterator[Difference]:
        said, certificate = self.said, self.said.get("certificate")
        conflict = of(said, "conflict", list)
        yield from clashes.named(conflict, self.scenario, rules)
        proved = yield from clashes.apart(said, conflict)
        told = [clashes.told(one) for one in of(said, "rules", list)]
        again = [rule.clashing() for rule in rules if rule.name in conflict]
        yield from compared("rules", told, again)
        yield from clashes.in_full(said, rules)
        yield from clashes.repairs(said, rules)
        if said.get("proof") == "none" or certificate is None:
            if said.get("proof") != "none" or certificate is not None:
                yield Difference("proof", said.get("proof"), None, "it names a proof, but contains none")
            return
        held = {at for at, rule in enumerate(rules) if rule.name in proved} | {STRUCTURE}
        try:
            listed, prices = prices_in(certificate, rows)
            _check_stray([row for row, _ in prices], held)
            blamed = [row for row in counted(rows, listed) if row.rule in held]
            bounds = Bounds(bookings, rows, blamed, include="include" in proved)
            cases = of(certificate, "cases", list)
            if cases:
                settled, replayed = by_cases(certificate, bounds.settled((), None), listed, places)
                possible = settled.replay(replayed) is not None
            else:
                possible = bounds.upper(prices, costs=False) >= 0
        except WrongProof as error:
            yield Difference("certificate", None, None, f"the proof does not hold: {error}")
            return
        if possible:
            yield Difference("certificate", None, None, "the proof does not show that these rules clash")
        yield from compared("proof", said.get("proof"), "branches" if cases else "prices")


def _same_words(warning: str, stated: Any) -> bool:
    """Whether a warning is stated; 0.1.0 named files by their path from wherever it was called."""
    if not isinstance(stated, str):
        return False
    longer, shorter = sorted((warning, stated), key=len, reverse=True)
    return longer == shorter or longer.endswith((f"/{shorter}", f"\\{shorter}"))


def _check_stray(rows: Sequence[Row], held: set[int]) -> None:
    stray = next((row.name for row in rows if row.rule not in held), None)
    if stray is not None:
        raise WrongProof(f"{stray} does not belong to the rules that are said to clash")


def _broken(bookings: Bookings, rules: list[Rule], plan: Mapping[int, Fraction]) -> Iterator[Difference]:
    """Check that a plan keeps all rules, the number of bookings of each unit, integrality and inclusions."""
    for rule in rules:
        if not rule.holds(plan):
            yield Difference("allocations", None, None, f"the plan breaks the rule {rule.name}")
    full = True
    for unit in bookings.units:
        counts = [plan.get(at, Fraction(0)) for at in unit.columns]
        taken, name = sum(counts, Fraction(0)) * bookings.parts, bookings.creators.ids[unit.creator]
        if not unit.required <= taken <= unit.available:
            text = (
                f"{name} is booked {float(taken / bookings.parts):g} times: more than possible, or less than required"
            )
            yield Difference("allocations", None, None, text)
        if any(count.denominator != 1 and bookings.whole[at] for at, count in zip(unit.columns, counts, strict=True)):
            yield Difference("allocations", None, None, f"{name} is booked in parts")
        if unit.step and taken and not full:
            yield Difference(
                "allocations", None, None, f"a step of {name} is booked although the step before it is not full"
            )
        full = taken == unit.available


def _standing(
    bounds: Bounds, plan: Booked, relaxation: Booked | None, prices: Mapping[str, float]
) -> list[dict[str, Any]]:
    """How all rules stand in the plan, with their prices by the relaxation if it is known."""
    priced: dict[int, list[tuple[Row, float]]] = {}
    for name, price in prices.items():
        row = bounds.rows.named(name)
        if row is not None and price:
            priced.setdefault(row.rule, []).append((row, price))
    return [
        Fields(rule.standing(bounds.bookings.scenario, plan, Duals(priced.get(at, []), bounds.goal[1], relaxation)))
        for at, rule in enumerate(bounds.rows.rules)
    ]
