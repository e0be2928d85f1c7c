"""Random small scenarios that ask for people reached, and what any plan reaches by the words of the reference."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from itertools import combinations_with_replacement, product
from math import exp, isclose, log
from typing import Any

import numpy as np

from optimizer import load_scenario, to_json, try_optimize
from optimizer.domain.audience import Audience, audience_of
from optimizer.domain.constraints import Constraint, Goal, Measure, Objective
from optimizer.domain.curves import Curve
from optimizer.domain.filters import EVERYTHING, AnyOf, Filter
from optimizer.domain.quantities import GROSS_REACH, REACH
from optimizer.domain.scenario import Scenario
from optimizer.estimation.contacts import contacts
from optimizer.estimation.estimate import Estimates, estimate
from optimizer.formulation.program import Program
from optimizer.formulation.terms import Booked
from optimizer.results.stated import digest

MICRO = 10**6
COUNTRIES = ("fr", "de", "es")
PLATFORMS = ("tiktok", "youtube")


def drawn(name: str) -> Scenario:
    """A scenario of a few creators with a budget, that asks for reach in its goal, in rules, or in both.

    What one creator reaches may be all of a cell, nearly all or hardly anybody; cells may be of one curve or of
    several. Among the rules are such over some people, by some creators, over ratios, and others beside.
    """
    return _Draw(random.Random(name)).scenario()


class _Draw:
    def __init__(self, rng: random.Random) -> None:
        self.rng = rng

    def scenario(self) -> Scenario:
        rng = self.rng
        count = rng.randint(3, 9)
        offers = 2 if count <= 6 and rng.random() < 0.4 else 1
        frame: dict[str, list[Any]] = {
            "creator": [f"@c{at}" for at in range(count)],
            "followers": [rng.choice([rng.randint(1_000, 50_000), 20_000]) for _ in range(count)],
            "platform": [rng.choice(PLATFORMS) for _ in range(count)],
            "niche": [rng.choice(["food", "pets", "food|pets"]) for _ in range(count)],
            "fee": [rng.randint(50, 500) for _ in range(count)],
        }
        frame["average_views"] = [int(many * rng.uniform(0.3, 1.3)) for many in frame["followers"]]
        frame["average_engagements"] = [int(many * 0.03) + rng.randint(1, 200) for many in frame["followers"]]
        said: dict[str, Any] = {
            "format": 1,
            "name": "drawn",
            "currency": "EUR",
            "budget": int(sum(frame["fee"]) * offers * rng.uniform(0.3, 0.7)),
            "objective": {"maximize": "engagements"},
        }
        if offers > 1:
            said["offers"] = {"one": {"deliver": {"video": 1}}, "more": {"deliver": {"video": 3}, "discount": "40%"}}
        if rng.random() < 0.25:
            said["segments"] = [self.segment()]
        if rng.random() < 0.2:
            said["include"] = [{"creator": "@c0"}]
        plain = load_scenario(said, creators=frame)
        return self.asking(replace(plain, audience=self.audience(plain)))

    def segment(self) -> dict[str, Any]:
        """A segment that is booked up to twice, all at once or on two steps of returns."""
        many = self.rng.randint(1_000, 20_000)
        said = {"name": "crowd", "followers": many, "fee": self.rng.randint(50, 300), "available": 2}
        said |= {"average_views": many // 2, "average_engagements": 50, "platform": "tiktok", "niche": "food"}
        steps = [{"up_to": 1, "keep": "100%"}, {"up_to": 2, "keep": "60%"}]
        return said | ({"returns": steps} if self.rng.random() < 0.5 else {})

    # --- the audience ---

    def audience(self, plain: Scenario) -> Audience:
        """Cells in which everybody who reaches them has room."""
        rng, creators, cells = self.rng, len(plain.pool), self.rng.randint(1, 4)
        entries: list[tuple[int, int, float]] = []
        for creator in range(creators):
            weights = [rng.random() if rng.random() < 0.7 else 0.0 for _ in range(cells)]
            inside = rng.choice([1.0, 1.0, 0.6]) / (sum(weights) or 1.0)
            entries += [(creator, cell, weight * inside) for cell, weight in enumerate(weights) if weight]
        by_hand = ByHand(replace(plain, objective=Objective("maximize", ((GROSS_REACH, Fraction(1)),))))
        most = [max(by_hand.gross_of(at), default=0) for at in range(creators)]
        fewest = [
            max((most[who] * share for who, at, share in entries if at == cell), default=1) for cell in range(cells)
        ]
        added = [sum(most[who] * share for who, at, share in entries if at == cell) for cell in range(cells)]
        kind = rng.choice(["chance", "k", "mixed", "all"])
        curves = []
        for cell in range(cells):
            room = rng.choice([1.0000001, 1.1, 1.1, 5.0])
            people = int(max(fewest[cell] * room, added[cell] * rng.uniform(0.2, 1.0))) + 10
            curves.append(Curve(people, self.k(kind), kind == "all"))
        values = [{"country": COUNTRIES[cell % 3], "age": "young" if cell < 2 else "old"} for cell in range(cells)]
        names = [f"cell {cell}" for cell in range(cells)]
        columns = (
            tuple(np.array(column) for column in zip(*entries, strict=True)) if entries else (np.zeros(0, int),) * 3
        )
        return audience_of(names, curves, values, columns, creators)

    def k(self, kind: str) -> Fraction | None:
        some = Fraction(self.rng.choice(["0.1", "0.3", "1", "2.5", "10"]))
        return {"chance": None, "k": some, "mixed": self.rng.choice([None, some]), "all": None}[kind]

    # --- what is asked ---

    def asking(self, plain: Scenario) -> Scenario:
        rng, goal = self.rng, self.rng.choice(["reach", "reach", "mix", "engagements"])
        weights = {"reach": {REACH: 1}, "mix": {REACH: 1, "engagements": 3}, "engagements": {"engagements": 1}}[goal]
        objective = Objective("maximize", tuple((name, Fraction(weight)) for name, weight in weights.items()))
        scenario = replace(plain, objective=objective)
        if rng.random() < 0.25:
            cheap = Goal(Objective("minimize", (("spend", Fraction(1)),)))
            goals = [Goal(objective, Fraction(rng.choice(["0.9", "1"]))), cheap]
            scenario = replace(scenario, goals=tuple(goals[::-1] if rng.random() < 0.2 else goals))
            scenario = replace(scenario, objective=scenario.goals[0].objective)
        by_hand, rules = ByHand(scenario), list[Constraint]()
        aim = by_hand.some_plan(rng)
        for number in range(rng.randint(0 if goal != "engagements" else 1, 3)):
            rules.append(self.floor(by_hand, aim, f"floor {number}"))
        if rng.random() < 0.3:
            dear = Fraction(rng.choice(["0.01", "0.02", "0.05"]))
            rules.append(Constraint("cost of a person", Measure("cost_per_person"), self.group(), at_most=dear))
        if rng.random() < 0.3:
            often = Fraction(rng.choice(["1.3", "2", "4"]))
            rules.append(Constraint("frequency", Measure("frequency", self.people()), self.group(), at_most=often))
        if rng.random() < 0.2:
            rules.append(Constraint("few", Measure("creators"), self.group(), at_most=Fraction(rng.randint(1, 4))))
        return replace(scenario, constraints=(*plain.constraints, *rules))

    def floor(self, by_hand: ByHand, aim: Mapping[int, int], name: str) -> Constraint:
        """Reach that a plan has, or a little more than it has, over some people, by some creators; or by each
        platform's."""
        rng, people, group = self.rng, self.people(), self.group()
        per = "platform" if rng.random() < 0.2 else None
        members = by_hand.members(Filter() if per else group)
        reached = by_hand.reach(aim, members, people)
        share = rng.choice([0.5, 0.9, 0.99, 1.0, 1.0001]) * (0.3 if per else 1.0)
        least = Fraction(round(reached * share * 100), 100)
        return Constraint(name, Measure(REACH, people), EVERYTHING if per else group, at_least=least, per=per)

    def people(self) -> Filter:
        return self.rng.choice(
            [
                EVERYTHING,
                Filter((("country", AnyOf(("FR",))),)),
                Filter((("country", AnyOf(("FR", "DE"))), ("age", AnyOf(("young",))))),
            ]
        )

    def group(self) -> Filter:
        return self.rng.choice([EVERYTHING, EVERYTHING, Filter((("platform", AnyOf(("tiktok",))),))])


# --- by the words of the reference, in floats ---


@dataclass(frozen=True)
class ByHand:
    """What the plans of a scenario reach; a plan says how often each booking is made."""

    scenario: Scenario

    @cached_property
    def estimates(self) -> Estimates:
        asked = ((GROSS_REACH, Fraction(1)), ("spend", Fraction(1)), ("impressions", Fraction(1)))
        return estimate(replace(self.scenario, objective=Objective("maximize", asked), goals=()))

    @cached_property
    def gross(self) -> list[float]:
        """The people that each booking reaches by itself."""
        return [int(many) / MICRO for many in self.estimates.values[Measure(GROSS_REACH)]]

    def gross_of(self, creator: int) -> list[int]:
        """What the bookings of a creator reach, in millionths."""
        mine = self.estimates.columns.creator == creator
        return [int(many) for many in self.estimates.values[Measure(GROSS_REACH)][mine]]

    def members(self, group: Filter) -> set[int]:
        return set(np.flatnonzero(self.estimates.columns.members(group)).tolist())

    def some_plan(self, rng: random.Random) -> dict[int, int]:
        """A plan that books each creator once at most, often within the budget."""
        found, creators = dict[int, int](), self.estimates.columns.creator.tolist()
        budget = next((rule.at_most for rule in self.scenario.constraints if rule.at_most is not None), Fraction(0))
        spend, left = self.estimates.values[Measure("spend")], float(budget) * 100
        for at in rng.sample(range(len(creators)), len(creators)):
            if all(creators[at] != creators[other] for other in found) and spend[at] <= left:
                found[at], left = 1, left - spend[at]
        return found

    def reach(self, plan: Mapping[int, int], members: Collection[int], people: Filter = EVERYTHING) -> float:
        """The people of some cells whom some of a plan's bookings reach."""
        audience = self.scenario.audience
        assert audience is not None
        total = 0.0
        for cell, values in enumerate(audience.values):
            if not all(values[column] in [value.lower() for value in asked.values] for column, asked in people):
                continue
            seen = [part for at, often in plan.items() if at in members for part in [self.part(at, cell)] * often]
            seen = [part for part in seen if part is not None]
            total += union(audience.curves[cell], [part for part in seen if part is not None])
        return total

    def views(self, plan: Mapping[int, int], members: Collection[int], people: Filter) -> float:
        """The views of some of a plan's bookings that are of people in some cells, each as much as its audience is."""
        audience, total = self.scenario.audience, 0.0
        assert audience is not None
        for at in members & plan.keys():
            creator = int(self.estimates.columns.creator[at])
            for place in range(int(audience.starts[creator]), int(audience.starts[creator + 1])):
                values = audience.values[int(audience.cell[place])]
                if all(values[column] in [value.lower() for value in asked.values] for column, asked in people):
                    total += plan[at] * float(self.estimates.values[Measure("impressions")][at] * audience.share[place])
        return total / MICRO

    def part(self, at: int, cell: int) -> float | None:
        """The people of a cell whom a booking reaches by itself; None where it has no part there."""
        audience, creator = self.scenario.audience, int(self.estimates.columns.creator[at])
        assert audience is not None
        for place in range(int(audience.starts[creator]), int(audience.starts[creator + 1])):
            if audience.cell[place] == cell:
                every = audience.curves[cell].all_of_it
                return audience.curves[cell].people / MICRO if every else self.gross[at] * float(audience.share[place])
        return None


def union(curve: Curve, parts: Sequence[float]) -> float:
    """The people of a cell whom bookings reach together that reach these by themselves."""
    people = curve.people / MICRO
    if not parts or curve.all_of_it:
        return people if parts else 0.0
    left = [max(1 - part / people, 1e-6) for part in parts]
    if curve.k is None:
        return people * (1 - exp(sum(map(log, left))))
    k = float(curve.k)
    e = sum(min(k * (one ** (-1 / k) - 1), 1e6) for one in left)
    return people * (1 - (1 + e / k) ** -k)


# --- plans ---


def every_plan(program: Program) -> Iterator[Booked]:
    """All ways to book what a program's units may and must, with the columns that follow."""
    ways = []
    for unit in range(int(program.unit[: program.bookings].max()) + 1):
        mine = np.flatnonzero(program.unit[: program.bookings] == unit).tolist()
        many = range(int(program.required[unit]), int(program.available[unit]) + 1)
        ways.append([one for count in many for one in combinations_with_replacement(mine, count)])
    for chosen in product(*ways):
        counts = Counter(at for one in chosen for at in one)
        columns = np.array(sorted(counts), dtype=np.int64)
        yield program.settled(Booked(columns, np.array([counts[at] for at in columns.tolist()], dtype=np.int64)))


def in_words(program: Program, plan: Booked) -> dict[int, int]:
    """The bookings of a plan, and how often each is made."""
    every = zip(plan.columns.tolist(), plan.counts.tolist(), strict=True)
    return {at: count for at, count in every if at < program.bookings}


def exactly(scenario: Scenario, plan: Mapping[int, int]) -> int:
    """The people whom a plan reaches, by the curves, in millionths and rounded down in each cell."""
    by_hand, audience = ByHand(scenario), scenario.audience
    assert audience is not None
    found, cells = contacts(by_hand.estimates), dict[int, list[tuple[int, int]]]()
    every = zip(found.booking.tolist(), found.cell.tolist(), found.gross.tolist(), found.exposure.tolist(), strict=True)
    for at, cell, gross, exposure in every:
        cells.setdefault(cell, []).extend([(gross, exposure)] * plan.get(at, 0))
    total = 0
    for cell, parts in cells.items():
        gross, exposure = (sum(part[at] for part in parts) for at in (0, 1))
        total += gross if len(parts) <= 1 else min(gross, audience.curves[cell].reached(exposure))
    return total


def answer(scenario: Scenario, *, gap: float = 0.0, rounds: int = 300) -> dict[str, Any]:
    """The JSON of the answer to a scenario."""
    said: dict[str, Any] = json.loads(to_json(try_optimize(scenario, gap=gap, rounds=rounds)))
    return said


def sealed(said: dict[str, Any]) -> dict[str, Any]:
    """What was changed, with a digest that fits."""
    return said | {"digest": digest(said)}


def near(one: float, other: float, people: float) -> bool:
    """Whether two numbers of people are the same but for what overlaps are rounded by."""
    return isclose(one, other, rel_tol=1e-9, abs_tol=people * 2.0**-24 + 1e-4)
