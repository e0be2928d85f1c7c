"""Why money is left is said in one sentence, which holds when each further booking is tried in plain Python."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import pytest

from optimizer import Plan, load_scenario, to_dict, try_optimize, verify
from optimizer.report.text import render
from optimizer.results.stated import digest
from tests.support.amounts import seeded, times
from tests.support.brute import Question
from tests.support.rules import Rule, TalentRule, total
from tests.support.scenarios import WORDS, scenario

COUNT = times(90)
SEED = seeded("unspent")
TAIL = r"; (no other plan does better \(proved\)|no better plan was found)"
KINDS = {
    "spent": r"the budget is spent in full",
    "coin": r"less than the smallest coin is left",
    "nobody": rf"nobody is left who could be booked{TAIL}",
    "dear": rf"the cheapest further booking costs ([\d,.]+) EUR, ([\d,.]+) EUR more than is left{TAIL}",
    "broken": r"each further booking that the rest would pay for would break "
    rf"(?:a rule|one of these rules): (.*){TAIL}",
    "useless": rf"no further booking that the rest would pay for would bring anything for the goal{TAIL}",
    "both": r"each further booking that the rest would pay for would bring nothing for the goal, or break "
    rf"(?:a rule|one of these rules): (.*){TAIL}",
    "missed": r"the search ended before (.*) was added on (.*) for ([\d,.]+) EUR",
}


@dataclass(frozen=True)
class Case:
    """A scenario and its plan, with the further bookings that a reader of the definitions finds."""

    seed: str
    question: Question
    plan: Plan

    @property
    def chosen(self) -> list[int]:
        places = self.question.places([(one.creator, one.offer, one.step) for one in self.plan.allocations])
        return [at for at, one in zip(places, self.plan.allocations, strict=True) for _ in range(int(one.count))]

    @property
    def budget(self) -> Rule:
        return next(rule for rule in self.question.rules if rule.title in ("budget", "budget spend"))  # type: ignore[return-value]

    @property
    def left(self) -> Fraction:
        room: Fraction = self.budget.room(self.chosen)
        return room

    @property
    def further(self) -> list[int]:
        """One more booking of anybody, if only the supplies are asked."""
        found = []
        for at in range(len(self.question.columns)):
            more = Counter([*self.chosen, at])
            if all(supply.holds(more) or supply.must for supply in self.question.supplies) and self.fits(more):
                found.append(at)
        return found

    def fits(self, booked: Counter[int]) -> bool:
        """As `Supply.holds`, of those who must be booked too, which every plan keeps."""
        return all(supply.holds(booked) for supply in self.question.supplies)

    def cost(self, at: int) -> Fraction:
        return Fraction(self.budget.measured[at]) / self.question.scale("spend")

    def broken(self, at: int) -> set[str]:
        return {rule.title for rule in self.question.rules if not rule.holds([*self.chosen, at])}

    def gains(self, at: int) -> bool:
        return self.question.sign * total(self.question.cost, [at]) > 0

    @property
    def affordable(self) -> list[int]:
        return [at for at in self.further if self.cost(at) <= self.left]


def number(text: str) -> Fraction:
    return Fraction(text.replace(",", ""))


def kind_of(why: str) -> tuple[str, tuple[str, ...]]:
    found = [(kind, match.groups()) for kind, form in KINDS.items() if (match := re.fullmatch(form, why))]
    assert len(found) == 1, why
    return found[0]


def holds(case: Case) -> bool:
    """Whether the sentence is true, by the definitions alone."""
    unspent = case.plan.unspent
    assert unspent is not None
    kind, said = kind_of(unspent.why)
    if (kind == "spent") != (case.left == 0) or Fraction(str(unspent.amount)) != case.left:
        return False
    if kind == "coin":
        return case.left < Fraction(1, 100)
    if kind in ("nobody", "spent"):
        return kind == "spent" or not case.further
    if kind == "dear":
        cheapest = min(map(case.cost, case.further))
        near = abs(number(said[1]) - (cheapest - case.left)) < Fraction(1, 100)  # costs may leave parts of a cent
        return number(said[0]) == cheapest and near and cheapest > case.left
    if not case.affordable:
        return False
    if kind == "missed":
        return any(
            (case.question.columns[at].creator, case.question.columns[at].offer, case.cost(at))
            == (said[0], said[1], number(said[2]))
            and not case.broken(at)
            and case.gains(at)
            for at in case.affordable
        )
    if kind == "useless":
        return not any(map(case.gains, case.affordable))
    named = set(said[0].split(" and ")[0].split(", "))
    useful = [at for at in case.affordable if case.gains(at)] if kind == "both" else case.affordable
    many = re.search(r" and \d+ more$", said[0]) is not None
    return all(case.broken(at) if many else case.broken(at) & named for at in useful)


def cases(*only: str, **how: Any) -> list[Case]:
    found = []
    for number in range(COUNT):
        words = only or (WORDS if number % 4 else ())
        said, frame = scenario(f"{SEED} {' '.join(only)}{number}", words=words)
        if said["currency"] != "EUR" or (not {"budget"} & set(said) and "spend" not in said.get("wallets", {})):
            continue
        plan = try_optimize(load_scenario(said, creators=frame), **how)
        if isinstance(plan, Plan):
            found.append(Case(f"{SEED} {number}", Question(said, frame), plan))
    return found


@pytest.fixture(scope="module")
def best() -> list[Case]:
    return cases(gap=0)


@pytest.fixture(scope="module")
def hasty() -> list[Case]:
    return cases(gap=0.9, rounds=1)


def test_of_the_best_plan_the_sentence_is_true(best: list[Case]) -> None:
    assert [(one.seed, one.plan.unspent) for one in best if not holds(one)] == []


def test_of_a_plan_that_is_not_the_best_the_sentence_is_true(hasty: list[Case]) -> None:
    assert [(one.seed, one.plan.unspent) for one in hasty if not holds(one)] == []


def test_beside_rules_for_each_talent_the_sentence_is_true() -> None:
    found = [*cases("talents", gap=0.9, rounds=1), *cases("talents", gap=0)]
    found = [one for one in found if any(isinstance(rule, TalentRule) for rule in one.question.rules)]
    assert [(one.seed, one.plan.unspent) for one in found if not holds(one)] == []
    assert len(found) > 15


def test_the_scenarios_reach_every_kind_of_sentence(best: list[Case], hasty: list[Case]) -> None:
    kinds = Counter(kind_of(one.plan.unspent.why)[0] for one in [*best, *hasty] if one.plan.unspent is not None)
    assert {kind for kind, count in kinds.items() if count} >= {"spent", "dear", "broken", "useless", "both"}, kinds


def test_that_no_other_plan_does_better_is_said_only_where_it_is_proved(best: list[Case], hasty: list[Case]) -> None:
    for one in [*best, *hasty]:
        assert one.plan.unspent is not None
        proved = "(proved)" in one.plan.unspent.why
        assert not proved or one.plan.claim == "optimal"
        assert not proved or one.question.best().value == one.question.value(one.chosen), one.seed
    assert any("(proved)" in one.plan.unspent.why for one in best if one.plan.unspent)


# --- the single cases ---

FRAME: dict[str, list[Any]] = {
    "creator": ["@ann", "@bob", "@cyd"],
    "niche": ["food", "food", "pets"],
    "average_engagements": [300, 200, 100],
    "fee": ["100.10", "200", "90.50"],
}


def planned(frame: dict[str, list[Any]] = FRAME, **more: Any) -> Plan:
    said = {"format": 1, "currency": "EUR", "budget": 400, "objective": {"maximize": "engagements"}, **more}
    plan = try_optimize(load_scenario(said, creators=frame), gap=0)
    assert isinstance(plan, Plan)
    return plan


def why(frame: dict[str, list[Any]] = FRAME, **more: Any) -> str:
    unspent = planned(frame, **more).unspent
    assert unspent is not None
    return unspent.why


def test_the_cheapest_further_booking_is_named_with_what_is_missing_for_it() -> None:
    found = why(budget=160)
    assert found == (
        "the cheapest further booking costs 90.50 EUR, 30.60 EUR more than is left; no other plan does better (proved)"
    )


def test_a_rule_that_forbids_more_is_named() -> None:
    rules = {"two": {"quantity": "creators", "at_most": 2}, "idle": {"quantity": "creators", "at_most": 50}}
    assert why(constraints=rules) == (
        "each further booking that the rest would pay for would break a rule: two; no other plan does better (proved)"
    )


def test_nobody_is_left() -> None:
    assert why(budget=10_000) == "nobody is left who could be booked; no other plan does better (proved)"


def test_what_does_not_help_the_goal_is_said() -> None:
    idle = {**FRAME, "average_engagements": [300, 0, 0]}
    unspent = planned(idle).unspent
    assert unspent is not None
    assert unspent.why.startswith("no further booking that the rest would pay for would bring anything for the goal; ")


def test_logic_and_shares_of_single_creators_are_tried_too() -> None:
    rivals = {"rivals": {"at_most_one_of": ["@ann", "@bob", "@cyd"]}}
    assert why(constraints=rivals) == (
        "each further booking that the rest would pay for would break a rule: rivals;"
        " no other plan does better (proved)"
    )
    shares = {"spread": {"quantity": "spend", "per": "creator", "at_most": "50%"}}
    uneven = {"creator": ["@a", "@b", "@c"], "average_engagements": [300, 200, 100], "fee": [100, 100, 300]}
    assert why(frame=uneven, budget=600, constraints=shares) == (
        "each further booking that the rest would pay for would break a rule: spread;"
        " no other plan does better (proved)"
    )


def test_parts_of_a_coin_are_nothing_that_could_be_spent() -> None:
    unspent = planned(budget="111.23", costs={"reserve": "10%"}).unspent
    assert unspent is not None
    assert (unspent.amount, unspent.why) == (0.007, "less than the smallest coin is left")


def test_a_budget_in_full_and_no_budget() -> None:
    full = planned(budget="100.10").unspent
    assert full is not None
    assert (full.amount, full.why) == (0, "the budget is spent in full")
    said = {"format": 1, "currency": "EUR", "objective": {"maximize": "engagements"}}
    plan = try_optimize(load_scenario(said, creators=FRAME))
    assert isinstance(plan, Plan)
    assert plan.unspent is None
    assert to_dict(plan)["unspent"] is None


def test_in_parts_even_a_small_part_would_break_a_rule() -> None:
    rules = {"pets": {"quantity": "spend", "group": {"niche": "food"}, "at_most": 150}}
    found = why(whole=False, constraints=rules)
    assert found.startswith("each further booking that the rest would pay for would break a rule: pets; ")


def test_the_text_says_it_in_a_line_of_its_own() -> None:
    text = render(planned(budget=160), 200)
    assert "Of the budget, 59.90 EUR is left.\nThe cheapest further booking costs 90.50 EUR, 30.60 EUR more" in text


def test_a_forged_amount_is_found() -> None:
    said = {"format": 1, "currency": "EUR", "budget": 160, "objective": {"maximize": "engagements"}}
    scenario_ = load_scenario(said, creators=FRAME)
    plan = to_dict(try_optimize(scenario_))
    assert verify(plan, scenario_).holds
    for forged in (
        {"amount": 60.9, "why": plan["unspent"]["why"]},
        {"amount": 59.9, "why": "the budget is spent in full"},
    ):
        other = plan | {"unspent": forged}
        other["digest"] = digest(other)
        assert not verify(other, scenario_).holds


@pytest.mark.parametrize("goal", [{"maximize": "engagements"}, {"minimize": "spend"}])
@pytest.mark.parametrize(
    "rule",
    [
        {"quantity": "creators", "at_most": "40%"},
        {"quantity": "spend", "at_most": 120},
        {"quantity": "cpe", "at_least": "0.11"},
    ],
    ids=["share", "amount", "ratio"],
)
def test_the_rule_of_a_talent_is_named_before_it_was_ever_broken(rule: dict[str, Any], goal: dict[str, Any]) -> None:
    """Ana is booked on one account, and her other one would be too much; nothing in the search asked for it."""
    frame = {
        "creator": ["@ana", "@ana.ig", "@bo"],
        "talent": ["Ana", "Ana", "Bo"],
        "average_engagements": [600, 600, 600],
        "fee": [100, 30, 300],
    }
    include = {} if "%" in str(rule) else {"include": ["@ana"]}
    found = why(frame=frame, budget=200, objective=goal, constraints={"one": {**rule, "per": "talent"}}, **include)
    assert found.startswith("each further booking that the rest would pay for would break a rule: one; ")
