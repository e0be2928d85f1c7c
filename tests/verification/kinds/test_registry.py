"""Each kind of rule has a twin, and a twin that is registered is used for all that a plan states of its rules."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import pytest

from optimizer import verify
from optimizer.domain.constraints import Measure
from optimizer.domain.filters import AnyOf, Filter
from optimizer.domain.scenario import Scenario
from optimizer.verification.bookings import Bookings
from optimizer.verification.different import measured_by
from optimizer.verification.indicators import Indicators
from optimizer.verification.kinds.duals import Duals
from optimizer.verification.kinds.registry import TWINS, rules_of
from optimizer.verification.kinds.rule import Rule
from optimizer.verification.terms import Booked, Row, Term
from tests.verification.test_attacks import THREE, asked, planned, sealed

EVERY = {
    "amount": {"quantity": "creators", "at_most": 2},
    "share": {"quantity": "spend", "group": {"creator": "@a"}, "at_most": "60%"},
    "ratio": {"quantity": "cpe", "at_most": 2},
    "or none": {"quantity": "spend", "group": {"creator": "@a"}, "at_least": 50, "or_none": True},
    "values": {"quantity": "creators", "per": "niche", "at_most": 1},
    "creator": {"quantity": "spend", "per": "creator", "at_most": 100},
    "talent": {"quantity": "spend", "per": "talent", "at_most": 100},
    "named": {"quantity": "spend", "per": "talent", "among": ["Ana"], "at_most": 100},
    "one": {"at_most_one_of": ["@a", "@b"]},
    "if": {"if": "@a", "then": "@b"},
}
POOL = THREE | {"niche": ["x", "y", "x"], "talent": ["Ana", "Ana", "Bo"]}


def test_each_kind_of_rule_has_a_twin() -> None:
    scenario = asked(POOL, budget=200, constraints=EVERY)
    kinds = {said.name: said.rule_kind for said in scenario.constraints}
    assert set(kinds.values()) == set(TWINS)
    assert {name for name, kind in kinds.items() if kind == "each"} == {"creator", "talent"}
    assert {name for name, kind in kinds.items() if kind == "logic"} == {"one", "if"}


def test_the_rules_of_a_constraint_are_named_after_it() -> None:
    scenario = asked(POOL, budget=200, constraints=EVERY)
    names = [rule.name for rule in rules_of(Bookings(scenario, {}))]
    assert names[:5] == ["budget", "amount", "share", "ratio", "or none"]
    assert names[5:] == ["values (x)", "values (y)", "creator", "talent", "named (Ana)", "one", "if"]


@dataclass(frozen=True)
class Balance:
    """What is spent on two creators may differ by an amount at most; no kind of the package."""

    name: str
    one: str
    other: str
    most: Fraction = Fraction(0)
    rule_kind: str = "balance"
    measures: tuple[Measure, ...] = (Measure("spend"),)


@dataclass(frozen=True)
class Balanced(Rule):
    said: Balance
    label: None
    terms: tuple[Term, Term]
    most: int

    def _apart(self, plan: Booked) -> Fraction:
        return sum((term.total(plan) for term in self.terms), Fraction(0))

    def holds(self, plan: Booked) -> bool:
        return abs(self._apart(plan)) <= self.most

    def rows(self, at: int, indicators: Indicators) -> Iterator[Row]:
        yield Row.bounded(self.name, at, self.terms, -self.most, self.most)

    def standing(self, scenario: Scenario, plan: Booked, duals: Duals) -> dict[str, Any]:
        return told(self.name, float(self._apart(plan) / scenario.scale("spend")))

    def clashing(self) -> dict[str, Any]:
        return {"name": self.name, "kind": "balance"}


class BalanceTwin:
    def rules(self, bookings: Bookings, said: Balance) -> list[Rule]:
        groups = [bookings.members(Filter((("creator", AnyOf((name,))),))) for name in (said.one, said.other)]
        above, below = (measured_by(bookings, Measure("spend"), group) for group in groups)
        return [Balanced(said, None, (above, below.times(-1)), int(said.most * bookings.scenario.scale("spend")))]


def told(name: str, value: float) -> dict[str, Any]:
    fields = "quantity group people of at_least at_most room binding shadow_price per_value says note"
    return dict.fromkeys(fields.split()) | {"name": name, "kind": "balance", "value": value}


@pytest.fixture
def balance(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(TWINS, "balance", BalanceTwin())


CREATORS = {"creator": ["@a", "@b", "@c"], "average_engagements": [100, 10, 50], "fee": [100, 100, 100]}


def both() -> tuple[Scenario, dict[str, Any]]:
    """A scenario, and a plan of the first two creators: the best one where as much is spent on both. The price of that
    proves it; without, the first and the third are worth more."""
    scenario = asked(CREATORS, budget=200, constraints={"both": {"together": ["@a", "@b"]}})
    said = planned(scenario)
    assert [one["creator"] for one in said["allocations"]] == ["@a", "@b"]
    rows = {"budget: at_most": 5000.0, "balance: exactly": 5000.0}
    proof = said["certificate"] | {"rows": rows, "relaxed": None, "bookings": [], "stages": [], "cases": []}
    budget = said["constraints"][0] | {"shadow_price": 0.5, "price_of": None, "price_up": None, "price_down": None}
    changes = {"certificate": proof, "constraints": [budget, told("balance", 0.0)]}
    said |= changes | {"solver": said["solver"] | {"rows": 2, "way": "prices"}}
    return replace(scenario, constraints=scenario.constraints[:1]), sealed(said)


def with_rule(scenario: Scenario, rule: Balance) -> Scenario:
    return replace(scenario, constraints=(*scenario.constraints, rule))  # type: ignore[arg-type]


@pytest.mark.usefixtures("balance")
def test_a_bound_is_proved_by_the_rows_of_a_registered_twin() -> None:
    scenario, said = both()
    verification = verify(said, with_rule(scenario, Balance("balance", "@a", "@b")))
    assert verification.holds, str(verification)
    assert "the rules make no row balance: exactly" in str(verify(said, scenario))
    loose = verify(said, with_rule(scenario, Balance("balance", "@a", "@b", Fraction(100))))
    assert "the rules make no row balance: exactly" in str(loose)


@pytest.mark.usefixtures("balance")
def test_a_plan_that_breaks_a_rule_of_a_registered_twin_is_found() -> None:
    scenario, said = both()
    for most, broken in ((Fraction(99), True), (Fraction(100), False)):
        rule = Balance("balance", "@a", "@c", most)
        assert ("the plan breaks the rule balance" in str(verify(said, with_rule(scenario, rule)))) == broken


@pytest.mark.usefixtures("balance")
def test_a_registered_twin_says_how_its_rule_stands() -> None:
    scenario, said = both()
    forged = sealed(said, constraints=[said["constraints"][0], told("balance", 1.0)])
    (difference,) = verify(forged, with_rule(scenario, Balance("balance", "@a", "@b"))).differences
    assert difference.where == "constraints > balance > value"
