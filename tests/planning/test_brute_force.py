"""What is planned for small random scenarios, against all of their plans, enumerated in plain Python."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

import pytest

from optimizer import NoPlan, Plan, load_scenario, try_optimize
from optimizer.results.plan import ConstraintResult
from tests.support.amounts import seeded, times
from tests.support.brute import RATIOS, Best, Question
from tests.support.rules import AnyRule, EachRule, LogicRule, Rule, TalentRule
from tests.support.scenarios import WORDS, scenario
from tests.support.unexplained import plan_alone, with_brief_explanations

COUNT = times(121)
SEED = seeded("brute force")


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
    def places(self) -> list[int]:
        """The columns that are booked, one for each of the plan's allocations."""
        return self.question.places([(one.creator, one.offer, one.step) for one in self.plan.allocations])

    @property
    def chosen(self) -> list[int]:
        """The columns that are booked, each as often as it is."""
        pairs = zip(self.places, self.plan.allocations, strict=True)
        return [at for at, booking in pairs for _ in range(int(booking.count))]

    @property
    def value(self) -> Fraction:
        return self.question.value(self.chosen)


def case(seed: str, words: tuple[str, ...]) -> Case:
    said, frame = scenario(seed, words=words)
    question = Question(said, frame)
    with with_brief_explanations():
        return Case(seed, question, question.best(), try_optimize(load_scenario(said, creators=frame), gap=0))


@pytest.fixture(scope="module")
def cases() -> list[Case]:
    """A quarter of the scenarios know only creators, fees and gifts; the others any words."""
    return [case(f"{SEED} {number}", WORDS if number % 4 else ()) for number in range(COUNT)]


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
    assert {kind for kind, count in kinds.items() if count > COUNT / 20} == {"absolute", "share", "ratio", "logic"}


def test_the_scenarios_reach_every_word(planned: list[Case]) -> None:
    seen: Counter[str] = Counter()
    for one in planned:
        columns = [one.question.columns[at] for at in one.places]
        seen.update({f"model {column.terms.model}" for column in columns})
        seen.update({"step after step" for column in columns if column.step})
        seen.update({"several of a segment" for booking in one.plan.allocations if booking.count > 1})
        seen.update({rule.logic for rule in one.question.rules if isinstance(rule, LogicRule)})
        seen.update({f"each {rule.kind}" for rule in one.question.rules if isinstance(rule, EachRule)})
        seen.update({f"talent {rule.kind}" for rule in one.question.rules if isinstance(rule, TalentRule)})
        seen.update(word for word in ("wallets", "costs", "quantities", "segments") if word in one.question.said)
    wanted = {f"model {model}" for model in ("fee", "gift", "commission", "hybrid")}
    wanted |= {"step after step", "several of a segment", "wallets", "costs", "quantities", "segments"}
    wanted |= {"at_most_one_of", "exactly_one_of", "together", "if", "each absolute", "each share", "each ratio"}
    wanted |= {"talent absolute", "talent share", "talent ratio"}
    assert {word for word in wanted if seen[word] < COUNT / 220} == set()


def test_the_judge_keeps_by_definition_what_it_finds_by_sums(cases: list[Case]) -> None:
    able = [one for one in cases if one.best.value is not None]
    assert unlike((one.seed, one.question.keeps_all(one.best.chosen), True) for one in able) == []


def test_a_plan_is_worth_as_much_as_the_best_of_all_plans(planned: list[Case]) -> None:
    assert unlike((one.seed, one.value, one.best.value) for one in planned) == []


def test_a_plan_is_found_wherever_there_is_one(cases: list[Case]) -> None:
    able = [one for one in cases if one.best.value is not None]
    assert unlike((one.seed, one.result.outcome, "plan") for one in able) == []


def test_rules_that_no_plan_keeps_are_reported_as_infeasible(cases: list[Case]) -> None:
    unable = [one for one in cases if one.best.value is None]
    assert unlike((one.seed, one.result.outcome, "infeasible") for one in unable) == []


def test_infeasibility_is_called_proved_only_where_no_plan_exists(cases: list[Case]) -> None:
    for proof in ("prices", "branches"):
        proved = [one for one in cases if isinstance(one.result, NoPlan) and one.result.proof == proof]
        assert len(proved) > COUNT / 100
        assert unlike((one.seed, one.best.value, None) for one in proved) == []


def test_nearly_everything_about_few_bookings_is_proved(cases: list[Case]) -> None:
    plans = [one.result.claim for one in cases if isinstance(one.result, Plan)]
    clashes = [one.result.proof for one in cases if isinstance(one.result, NoPlan)]
    assert plans.count("optimal") > 0.98 * len(plans)
    assert clashes.count("none") < 0.05 * len(clashes)


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


def test_a_plan_keeps_every_rule_and_books_nobody_more_often_than_possible(planned: list[Case]) -> None:
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


def test_a_plan_is_called_optimal_where_it_meets_its_bound_exactly_and_nowhere_else(planned: list[Case]) -> None:
    met = ((one.seed, one.plan.objective.gap_absolute == 0, one.plan.claim == "optimal") for one in planned)
    assert unlike(met) == []


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
                [(rule.name, rule.kind) for rule in one.plan.constraints],
                [(rule.name, rule.kind) for rule in one.question.rules],
            )
            for one in planned
        )
        == []
    )


def _rules(planned: list[Case]) -> Iterator[tuple[Case, ConstraintResult, AnyRule]]:
    for one in planned:
        yield from ((one, shown, true) for shown, true in zip(one.plan.constraints, one.question.rules, strict=True))


def _over_quantities(planned: list[Case]) -> Iterator[tuple[Case, ConstraintResult, Rule]]:
    yield from ((one, shown, rule) for one, shown, rule in _rules(planned) if isinstance(rule, Rule))


def test_the_reported_value_of_a_rule_is_that_of_the_bookings(planned: list[Case]) -> None:
    pairs = (
        (one, (shown.per_value, shown.value), (rule.label, rule.value(one.chosen)))
        for one, shown, rule in _over_quantities(planned)
    )
    wrong = unlike((one.seed, shown, (label, None if v is None else float(v))) for one, shown, (label, v) in pairs)
    assert wrong == []


def test_the_reported_room_of_a_rule_is_the_way_to_its_nearer_bound(planned: list[Case]) -> None:
    pairs = ((one.seed, shown.room, float(rule.room(one.chosen))) for one, shown, rule in _over_quantities(planned))
    assert unlike(pairs) == []


def test_a_rule_is_reported_as_binding_where_it_has_no_room(planned: list[Case]) -> None:
    found = [(one.seed, shown.binding, rule.room(one.chosen) == 0) for one, shown, rule in _over_quantities(planned)]
    assert sum(tight for _, _, tight in found) > COUNT / 10
    assert unlike(iter(found)) == []


@pytest.mark.parametrize("kind", [EachRule, TalentRule])
def test_a_rule_for_each_booking_or_talent_is_reported_by_the_one_with_the_least_room(
    planned: list[Case], kind: type[EachRule] | type[TalentRule]
) -> None:
    wrong, seen = [], 0
    for one, shown, rule in _rules(planned):
        if isinstance(rule, kind):
            owners, room = rule.tightest(one.chosen)
            seen += bool(owners)
            if shown.per_value not in (owners or {None}) or shown.room != float(room or 0):
                wrong.append((one.seed, rule.name, shown.per_value, owners, shown.room, room))
    assert wrong == []
    assert seen > COUNT / 20


def test_a_rule_about_who_is_booked_together_reports_how_many_of_its_parts_are_booked(planned: list[Case]) -> None:
    pairs = ((one, shown, rule) for one, shown, rule in _rules(planned) if isinstance(rule, LogicRule))
    assert unlike((one.seed, shown.value, sum(map(sum, rule.booked(one.chosen)))) for one, shown, rule in pairs) == []


def test_the_totals_are_sums_over_the_bookings(planned: list[Case]) -> None:
    wrong = []
    for one in planned:
        for name in one.question.shown:
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
        for booking, at in zip(one.plan.allocations, one.places, strict=True):
            amounts = one.question.columns[at].amounts
            for name, shown in booking.values.items():
                if shown != float(Fraction((amounts[name] or 0) * int(booking.count), one.question.scale(name))):
                    wrong.append((one.seed, booking.creator, booking.offer, name, shown))
    assert wrong == []


@pytest.mark.parametrize("style", ["hair", "large", "odd money"])
def test_numbers_closer_than_a_solver_can_tell_apart_do_not_hide_a_plan_or_a_clash(style: str) -> None:
    wrong = []
    for number in range(max(COUNT // 5, 10)):
        said, frame = scenario(f"{SEED} {style} {number}", style=style, words=WORDS if number % 2 else ())
        question = Question(said, frame)
        best, result = question.best(), plan_alone(load_scenario(said, creators=frame), gap=0)
        if result.outcome != ("infeasible" if best.value is None else "plan"):
            wrong.append((number, result.outcome, best.plans))
        elif isinstance(result, Plan) and result.objective.value != pytest.approx(float(best.value or 0), rel=1e-9):
            wrong.append((number, result.objective.value, float(best.value or 0)))
    assert wrong == []
