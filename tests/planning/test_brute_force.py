"""What is planned for small random scenarios, against all of their plans, enumerated in plain Python."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

import pytest

from optimizer import NoPlan, Plan, load_scenario, try_optimize
from tests.support.brute import NAMED, RATIOS, Best, Question
from tests.support.scenarios import scenario

COUNT = int(os.environ.get("CREATORMIX_SCENARIOS", "400"))
SEED = os.environ.get("CREATORMIX_SEED", "brute force")


@dataclass(frozen=True)
class Case:
    """A scenario with its true best, and what was planned at a gap of 0."""

    seed: str
    question: Question
    best: Best
    result: Plan | NoPlan

    @property
    def plan(self) -> Plan:
        assert isinstance(self.result, Plan)
        return self.result

    @property
    def chosen(self) -> list[int]:
        return self.question.places([(booking.creator, booking.offer) for booking in self.plan.allocations])

    @property
    def value(self) -> Fraction:
        return self.question.value(self.chosen)


def case(seed: str) -> Case:
    said, frame = scenario(seed)
    question = Question(said, frame)
    return Case(seed, question, question.best(), try_optimize(load_scenario(said, creators=frame), gap=0))


@pytest.fixture(scope="module")
def cases() -> list[Case]:
    return [case(f"{SEED} {number}") for number in range(COUNT)]


@pytest.fixture(scope="module")
def planned(cases: list[Case]) -> list[Case]:
    return [one for one in cases if isinstance(one.result, Plan)]


def unlike(pairs: Iterator[tuple[str, object, object]]) -> list[tuple[str, object, object]]:
    """The seeds where two answers differ, with both."""
    return [(seed, ours, true) for seed, ours, true in pairs if ours != true]


def test_the_scenarios_reach_plans_clashes_and_every_kind_of_rule(cases: list[Case]) -> None:
    outcomes = Counter(one.best.value is None for one in cases)
    assert min(outcomes[True], outcomes[False]) > COUNT / 10
    kinds = Counter(rule.kind for one in cases for rule in one.question.rules if one.best.value is not None)
    assert {kind for kind, count in kinds.items() if count > COUNT / 20} == {"absolute", "share", "ratio"}


def test_a_plan_is_worth_as_much_as_the_best_of_all_plans(planned: list[Case]) -> None:
    assert unlike((one.seed, one.value, one.best.value) for one in planned) == []


def test_a_plan_is_found_wherever_there_is_one(cases: list[Case]) -> None:
    able = [one for one in cases if one.best.value is not None]
    assert unlike((one.seed, one.result.outcome, "plan") for one in able) == []


def test_rules_that_no_plan_keeps_are_reported_as_infeasible(cases: list[Case]) -> None:
    unable = [one for one in cases if one.best.value is None]
    assert unlike((one.seed, one.result.outcome, "infeasible") for one in unable) == []


def test_infeasibility_is_called_proved_only_where_no_plan_exists(cases: list[Case]) -> None:
    proved = [one for one in cases if isinstance(one.result, NoPlan) and one.result.proof == "prices"]
    assert len(proved) > COUNT / 20
    assert unlike((one.seed, one.best.value, None) for one in proved) == []


def test_the_rules_that_are_said_to_clash_do_so_alone(cases: list[Case]) -> None:
    wrong, seen = [], 0
    for one in cases:
        if isinstance(one.result, NoPlan) and one.result.outcome == "infeasible" and one.best.value is None:
            seen += 1
            named = one.result.conflict
            if one.question.keeping(named).best().value is not None:
                wrong.append((one.seed, named))
    assert wrong == []
    assert seen > COUNT / 10


def test_a_plan_keeps_every_rule_and_books_each_creator_once(planned: list[Case]) -> None:
    assert unlike((one.seed, one.question.keeps_all(one.chosen), True) for one in planned) == []


def test_the_bound_is_never_passed_by_the_best_of_all_plans(planned: list[Case]) -> None:
    wrong = []
    for one in planned:
        assert one.best.value is not None
        bound, best, sign = one.plan.objective.bound, float(one.best.value), one.question.sign
        if sign * bound < sign * best:
            wrong.append((one.seed, bound, best))
    assert wrong == []


def test_a_plan_is_called_optimal_only_where_none_is_better(planned: list[Case]) -> None:
    claimed = [one for one in planned if one.plan.claim == "optimal"]
    assert len(claimed) > COUNT / 10
    assert unlike((one.seed, one.value, one.best.value) for one in claimed) == []


def test_a_plan_that_meets_its_bound_is_called_optimal(planned: list[Case]) -> None:
    met = [one for one in planned if one.plan.objective.bound == one.plan.objective.value]
    assert unlike((one.seed, one.plan.claim, "optimal") for one in met) == []


def test_the_reported_value_is_that_of_the_bookings(planned: list[Case]) -> None:
    assert unlike((one.seed, one.plan.objective.value, float(one.value)) for one in planned) == []


def test_the_reported_gap_is_that_between_bound_and_value(planned: list[Case]) -> None:
    for one in planned:
        goal = one.plan.objective
        assert goal.gap_absolute == pytest.approx(abs(goal.bound - goal.value), rel=1e-6, abs=1e-6 * abs(goal.bound))
        assert goal.gap == pytest.approx(goal.gap_absolute / max(abs(goal.value), 1), rel=1e-9)


def test_every_rule_is_reported_under_its_name_and_value(planned: list[Case]) -> None:
    assert (
        unlike(
            (
                one.seed,
                [(rule.name, rule.per_value, rule.kind) for rule in one.plan.constraints],
                [(rule.name, rule.label, rule.kind) for rule in one.question.rules],
            )
            for one in planned
        )
        == []
    )


def _rules(planned: list[Case]) -> Iterator[tuple[Case, object, object]]:
    for one in planned:
        yield from ((one, shown, true) for shown, true in zip(one.plan.constraints, one.question.rules, strict=True))


def test_the_reported_value_of_a_rule_is_that_of_the_bookings(planned: list[Case]) -> None:
    pairs = ((one, shown.value, rule.value(one.chosen)) for one, shown, rule in _rules(planned))
    assert unlike((one.seed, shown, None if true is None else float(true)) for one, shown, true in pairs) == []


def test_the_reported_room_of_a_rule_is_the_way_to_its_nearer_bound(planned: list[Case]) -> None:
    assert unlike((one.seed, shown.room, float(rule.room(one.chosen))) for one, shown, rule in _rules(planned)) == []


def test_a_rule_without_room_is_reported_as_binding(planned: list[Case]) -> None:
    tight = [(one, shown) for one, shown, rule in _rules(planned) if rule.room(one.chosen) == 0]
    assert len(tight) > COUNT / 10
    assert unlike((one.seed, shown.binding, True) for one, shown in tight) == []


def test_the_totals_are_sums_over_the_bookings(planned: list[Case]) -> None:
    wrong = []
    for one in planned:
        for name in NAMED:
            amounts = [one.question.columns[at].amounts[name] for at in one.chosen]
            if name in one.plan.totals or (amounts and None not in amounts):
                true = float(Fraction(sum(amounts), one.question.scale(name)))
                if one.plan.totals.get(name) != true:
                    wrong.append((one.seed, name, one.plan.totals.get(name), true))
    assert wrong == []


def test_the_ratios_among_the_totals_divide_the_sums(planned: list[Case]) -> None:
    wrong, seen = [], 0
    for one in planned:
        for name, (factor, above, below) in RATIOS.items():
            sums = {}
            for quantity in (above, below):
                amounts = [one.question.columns[at].amounts[quantity] for at in one.chosen]
                sums[quantity] = None if None in amounts else Fraction(sum(amounts), one.question.scale(quantity))
            if None in sums.values() or not sums[below]:
                continue
            seen += 1
            if one.plan.totals.get(name) != float(factor * sums[above] / sums[below]):
                wrong.append((one.seed, name, one.plan.totals.get(name)))
    assert wrong == []
    assert seen > COUNT


def test_every_booking_shows_what_its_formulas_give(planned: list[Case]) -> None:
    wrong = []
    for one in planned:
        for booking, at in zip(one.plan.allocations, one.chosen, strict=True):
            amounts = one.question.columns[at].amounts
            for name, shown in booking.values.items():
                if shown != float(Fraction(amounts[name] or 0, one.question.scale(name))):
                    wrong.append((one.seed, booking.creator, booking.offer, name, shown))
    assert wrong == []


@pytest.mark.parametrize("style", ["hair", "large", "odd money"])
def test_numbers_closer_than_a_solver_can_tell_apart_do_not_hide_a_plan_or_a_clash(style: str) -> None:
    wrong = []
    for number in range(max(COUNT // 5, 10)):
        said, frame = scenario(f"{SEED} {style} {number}", style=style)
        question = Question(said, frame)
        best, result = question.best(), try_optimize(load_scenario(said, creators=frame), gap=0)
        if result.outcome != ("infeasible" if best.value is None else "plan"):
            wrong.append((number, result.outcome, best.plans))
        elif isinstance(result, Plan) and result.objective.value != pytest.approx(float(best.value or 0), rel=1e-9):
            wrong.append((number, result.objective.value, float(best.value or 0)))
    assert wrong == []
