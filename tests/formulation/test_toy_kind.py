"""A kind of rule that only this file knows: the spend of two groups may differ by so much at most.

It is made of what a kind needs and no more: a constraint, a rule, an entry in the registry, and how it is told.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import combinations
from typing import Any

import numpy as np
import pytest

from optimizer import NoPlan, Plan, load_scenario, to_json, try_optimize
from optimizer.domain.constraints import Measure
from optimizer.domain.filters import AnyOf, Filter
from optimizer.domain.scenario import Scenario
from optimizer.formulation.counting import Counting
from optimizer.formulation.indicators import Indicators
from optimizer.formulation.kinds.registry import KINDS, Kind
from optimizer.formulation.kinds.rule import Rule
from optimizer.formulation.terms import Booked, Row, Term
from optimizer.planning.kinds import TELLINGS, Telling
from optimizer.results.common import ClashingRule
from optimizer.results.plan import ConstraintResult

SPEND = Measure("spend")
Frame = dict[str, list[Any]]


@dataclass(frozen=True)
class Balance:
    """The constraint: two niches, and by how much their spend may differ, in coins."""

    name: str
    niches: tuple[str, str]
    at_most: int
    negotiable: bool = True
    origin: object = None
    rule_kind: str = "balance"
    measures: tuple[Measure, ...] = (SPEND,)


@dataclass(frozen=True, eq=False)
class BalanceRule(Rule):
    constraint: Any
    first: Term
    second: Term

    def difference(self, plan: Booked) -> Fraction:
        return self.first.total(plan) - self.second.total(plan)

    def failure(self, plan: Booked) -> str:
        differs = abs(self.difference(plan))
        return f"{self.name}: they differ by {differs}" if differs > self.constraint.at_most else ""

    def rows(self, at: int, indicators: Indicators) -> Iterator[Row]:
        most = self.constraint.at_most
        yield Row(at, (self.first, self.second.times(-1)), None, most, "the first over the second")
        yield Row(at, (self.second, self.first.times(-1)), None, most, "the second over the first")


def rules(said: Balance, counting: Counting) -> Iterator[BalanceRule]:
    members = (counting.estimates.columns.members(Filter((("niche", AnyOf((niche,))),))) for niche in said.niches)
    yield BalanceRule(said, None, *(counting.term(SPEND, np.flatnonzero(inside)) for inside in members))


def result(scenario: Scenario, rule: BalanceRule, plan: Booked, price: float) -> ConstraintResult:
    said, scale = rule.constraint, scenario.currency.scale
    differs = abs(rule.difference(plan))
    return ConstraintResult(
        name=said.name,
        quantity="spend",
        group={"niche": list(said.niches)},
        people={},
        kind="balance",
        of=None,
        at_least=None,
        at_most=said.at_most / scale,
        value=float(differs / scale),
        room=float((said.at_most - differs) / scale),
        binding=differs == said.at_most,
        shadow_price=price,
        says="differ by",
    )


def clashing(rule: BalanceRule) -> ClashingRule:
    return ClashingRule(rule.name, None, "spend", "balance", None, None, None, "differ by", None)


@pytest.fixture(autouse=True)
def _known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(KINDS, "balance", Kind(rules, ("balance",)))
    monkeypatch.setitem(TELLINGS, "balance", Telling(result, clashing))


def balanced(said: dict[str, Any], frame: Frame, at_most: int) -> Scenario:
    basis = {"format": 1, "currency": "EUR", "objective": {"maximize": "engagements"}}
    scenario = load_scenario(basis | said, creators=frame)
    rule: Any = Balance("balance", ("yoga", "chess"), at_most)
    return replace(scenario, constraints=(*scenario.constraints, rule))


def drawn(rng: random.Random) -> Frame:
    count = rng.randint(4, 8)
    return {
        "creator": [f"@{at}" for at in range(count)],
        "followers": [2_000] * count,
        "niche": ["yoga", "chess", *rng.choices(["yoga", "chess", "yoga|chess", None], k=count - 2)],
        "fee": [str(rng.randint(1, 60)) for _ in range(count)],
        "average_engagements": [rng.randint(1, 500) for _ in range(count)],
    }


def coins(frame: Frame, chosen: tuple[int, ...], niche: str) -> int:
    return sum(100 * int(frame["fee"][at]) for at in chosen if niche in (frame["niche"][at] or "").split("|"))


def best(frame: Frame, budget: int, at_most: int) -> int:
    """The most engagements of any choice that the budget and the balance allow."""
    every = range(len(frame["creator"]))
    choices = (chosen for size in range(len(every) + 1) for chosen in combinations(every, size))
    return max(
        sum(frame["average_engagements"][at] for at in chosen)
        for chosen in choices
        if sum(int(frame["fee"][at]) for at in chosen) <= budget
        and abs(coins(frame, chosen, "yoga") - coins(frame, chosen, "chess")) <= at_most
    )


def test_it_plans_as_well_as_brute_force() -> None:
    held = 0
    for seed in range(25):
        rng = random.Random(f"balance {seed}")
        frame, budget, at_most = drawn(rng), rng.randint(20, 150), 100 * rng.choice([0, 3, 10, 40])
        plan = try_optimize(balanced({"budget": budget}, frame, at_most), gap=0)
        assert isinstance(plan, Plan)
        assert plan.claim == "optimal"
        assert plan.objective.value == best(frame, budget, at_most)
        held += best(frame, budget, 10**9) > plan.objective.value
    assert held >= 10


def test_it_lives_beside_rules_with_indicators() -> None:
    """These make the program longer after the rule was made."""
    frame = drawn(random.Random("indicators"))
    choice = {"constraints": {"one": {"exactly_one_of": ["@0", {"niche": "chess"}]}}}
    plan = try_optimize(balanced(choice, frame, 2_000), gap=0)
    assert isinstance(plan, Plan)
    assert [rule.name for rule in plan.constraints] == ["one", "balance"]


FRAME: Frame = {
    "creator": ["@a", "@b", "@c"],
    "followers": [2_000] * 3,
    "niche": ["yoga", "chess", "yoga"],
    "fee": ["10", "25", "30"],
    "average_engagements": [100, 50, 80],
}


def test_it_is_told_with_its_value_and_room() -> None:
    plan = try_optimize(balanced({"budget": 40}, FRAME, 1_600), gap=0)
    assert isinstance(plan, Plan)
    shown = plan.constraints[-1]
    assert {one.creator for one in plan.allocations} == {"@a", "@b"}
    assert (shown.name, shown.value, shown.room, shown.says) == ("balance", 15.0, 1.0, "differ by")
    assert (shown.shadow_price, shown.price_of) == (0.0, None)
    assert '"balance: the second over the first"' in to_json(plan)


def test_what_is_left_of_the_budget_is_told_by_its_rows() -> None:
    frame = {**FRAME, "fee": ["10", "25", "35"]}
    plan = try_optimize(balanced({"budget": 75}, frame, 1_600), gap=0)
    assert isinstance(plan, Plan)
    assert plan.unspent is not None
    assert plan.unspent.why.startswith("each further booking that the rest would pay for would break a rule: balance")


def test_a_conflict_names_it_and_dropping_it_is_the_repair() -> None:
    both = {"constraints": {"all": {"quantity": "creators", "group": {"niche": "yoga"}, "at_least": 2}}}
    frame = {**FRAME, "niche": ["yoga", "chess", "yoga"], "fee": ["10", "5", "30"]}
    answer = try_optimize(balanced(both, frame, 500), gap=0)
    assert isinstance(answer, NoPlan)
    assert answer.outcome == "infeasible"
    assert set(answer.conflict) == {"all", "balance"}
    assert {(repair.constraint, repair.bound) for repair in answer.repairs} == {("all", "at_least"), ("balance", None)}
    assert {rule.says for rule in answer.rules} == {"", "differ by"}
