"""Questions about plans near the best one: against all plans of small programs, and against whole programs."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from optimizer.domain.constraints import Measure
from optimizer.domain.exact import Ints
from optimizer.estimation.estimate import Estimates, estimate
from optimizer.formulation.build import build
from optimizer.loading.load import load_scenario
from optimizer.planning.near import Near
from optimizer.planning.questions import Count, Found, Question, Sum
from optimizer.solving.clock import Clock
from optimizer.solving.engine import solve
from tests.support.amounts import times
from tests.support.proofs import MOST_POINTS, coefficients, plans_of
from tests.support.scenarios import scenario

COUNT = 24


def near_of(said: dict[str, Any], frame: dict[str, Any] | None) -> Near | None:
    """Questions about a scenario's program; None where it has no plan."""
    estimates = estimate(load_scenario(said, creators=frame))
    solution = solve(build(estimates), gap=0.0, clock=Clock(rounds=2_000))
    return None if solution.plan is None else Near(estimates, solution, Clock())


def drawn(number: int) -> Near | None:
    said, frame = scenario(f"near {number}", sizes=(3, 7), words=("logic", "segments") if number % 2 else ())
    near = near_of(said, frame)
    if near is None or not near.program.all_whole or near.program.parts != 1:
        return None
    ways = np.prod(near.program.available.astype(float) + 1) * 2.0 ** (near.program.bookings / 3)
    return near if ways <= 40 * MOST_POINTS else None


def best_of_all(near: Near, question: Question, estimates: Estimates | None = None) -> Fraction | None:
    """The answer by looking at every plan."""
    program = build(estimates or near.estimates).with_all_rows()
    plans = plans_of(program)
    matrix, kept = coefficients(program), []
    for point, value in zip(plans.points, plans.values, strict=True):
        if point[question.out].any() or (question.least is not None and value < question.least):
            continue
        totals = [int(point[count.columns].sum()) for count in question.counts]
        if any(
            (count.at_least is not None and total < count.at_least)
            or (count.at_most is not None and total > count.at_most)
            for count, total in zip(question.counts, totals, strict=True)
        ):
            continue
        if any(sum_of(point, one.parts) < one.at_least for one in question.sums):
            continue
        kept.append(Fraction(sum_of(point, question.toward) if question.toward else value))
    assert len(matrix[-1]) == len(program)
    return max(kept, default=None)


def sum_of(point: Ints, parts: Sequence[tuple[int, Ints]]) -> int:
    return sum(weight * int(point[some].sum()) for weight, some in parts)


def asked(near: Near, rng: random.Random) -> Question:
    """A random question."""
    bookings = np.arange(near.program.bookings)

    def some() -> Ints:
        return np.array(sorted(rng.sample(bookings.tolist(), rng.randint(1, min(3, len(bookings))))), dtype=np.int64)

    counts = [Count(some(), at_least=rng.choice([None, 1]), at_most=rng.choice([None, 1, 2]))]
    least = near.value - abs(near.value) * Fraction(rng.choice([1, 5, 30]), 100)
    return rng.choice(
        [
            Question(out=some()),
            Question(counts=counts),
            Question(out=some(), counts=counts),
            Question(toward=[(-1, near.plan.columns[near.plan.columns < len(bookings)]), (1, some())], least=least),
            Question(out=some(), least=least),
            Question(sums=[Sum([(2, some()), (-1, some())], rng.randint(-1, 3))], least=rng.choice([None, least])),
        ]
    )


def test_each_answer_is_the_best_of_all_plans() -> None:
    wrong, answered, impossible = [], 0, 0
    for number in (363, *range(times(COUNT))):  # the first has a value of `per` that no near plan books
        near, rng = drawn(number), random.Random(number)
        for at in range(4 if near is not None else 0):
            question = asked(near, rng)
            found, best = near.ask(question), best_of_all(near, question)
            answered, impossible = answered + 1, impossible + (best is None)
            if found.value != best or not found.proved or found.impossible != (best is None):
                wrong.append((number, at, found.value, found.bound, best))
    assert wrong == []
    assert answered >= 2 * COUNT
    assert impossible >= COUNT // 10


def with_figure(near: Near, column: int, measure: Measure, value: int) -> Estimates:
    values = dict(near.estimates.values)
    values[measure] = values[measure].copy()
    values[measure][column] = value
    return replace(near.estimates, values=values)


def test_another_figure_changes_the_answer_as_it_changes_the_scenario() -> None:
    wrong, asked_ = [], 0
    for number in range(times(COUNT)):
        near = drawn(number)
        spend = Measure("spend")
        if near is None or spend not in near.estimates.values:
            continue
        for column in near.plan.columns[near.plan.columns < near.program.bookings][:2].tolist():
            for factor in (0.5, 1.1, 3):
                cost = int(near.estimates.values[spend][column] * factor)
                counts = [Count(np.array([column]), at_least=1)]
                question = Question(counts=counts, figures={column: {spend: cost}})
                best = best_of_all(near, question, with_figure(near, column, spend, cost))
                found = near.ask(question)
                asked_ += 1
                if found.value != best or not found.proved:
                    wrong.append((number, column, factor, found.value, best))
    assert wrong == []
    assert asked_ >= COUNT


@pytest.mark.parametrize("forced", [True, False])
def test_prices_prove_what_a_plan_is_worth_at_most_with_another_figure(forced: bool) -> None:
    seen = 0
    spend = Measure("spend")
    for number in range(times(COUNT)):
        near = drawn(number)
        if near is None or spend not in near.estimates.values or near._lifts:
            continue
        for column in range(min(near.program.bookings, 6)):
            for factor in (0, 0.5, 2):
                cost = int(near.estimates.values[spend][column] * factor)
                counts = [Count(np.array([column]), at_least=1)] if forced else []
                question = Question(counts=counts, figures={column: {spend: cost}})
                best = best_of_all(near, question, with_figure(near, column, spend, cost))
                if best is not None:
                    seen += 1
                    assert best <= near.bound + near._worth_more(question)
    assert seen >= COUNT


def test_creators_who_must_be_booked_gain_in_full_by_a_lower_fee() -> None:
    said = {
        "format": 1,
        "currency": "EUR",
        "objective": {"maximize": {"engagements": 1, "spend": -1}},
        "include": ["@a"],
    }
    near = near_of(said, {"creator": ["@a", "@b"], "average_engagements": [10, 50], "fee": ["100.00", "20.00"]})
    assert near is not None
    spend = Measure("spend")
    question = Question(figures={0: {spend: 5_000}})
    best = best_of_all(near, question, with_figure(near, 0, spend, 5_000))
    assert best == near.value + 50 * near.program.denominator
    assert best <= near.bound + near._worth_more(question)


def test_a_plan_is_worth_no_less_than_a_value_between_two_units() -> None:
    said = {
        "format": 1,
        "currency": "EUR",
        "objective": {"minimize": "spend"},
        "constraints": {"one": {"quantity": "creators", "exactly": 1}},
    }
    near = near_of(said, {"creator": ["@a", "@b", "@c"], "fee": ["1.00", "1.01", "1.02"]})
    assert near is not None
    assert near.value == -100
    for least, others in ((Fraction(-201, 2), 0), (Fraction(-101), 1), (Fraction(-203, 2), 1)):
        assert near.ask(Question(least=least, toward=[(1, np.array([1, 2]))])).value == others


def test_a_plan_keeps_what_is_asked_of_later_goals() -> None:
    said = {
        "format": 1,
        "currency": "EUR",
        "objective": [{"maximize": "engagements", "keep": "90%"}, {"minimize": "spend"}],
        "constraints": {"one": {"quantity": "creators", "exactly": 1}},
    }
    pool = {"creator": ["@a", "@b", "@c"], "fee": [30, 20, 10], "average_engagements": [100, 95, 50]}
    near = near_of(said, pool)
    assert near is not None
    bea = Question(out=np.array([0]), least=near.value * Fraction(9, 10))
    assert near.ask(bea).value == 95 * 10**6
    assert near.ask(replace(bea, later=[Fraction(-2_000)])).value == 95 * 10**6
    assert near.ask(replace(bea, later=[Fraction(-1_999)])).impossible


POOL = 300
LARGER = {
    "format": 1,
    "currency": "EUR",
    "budget": 6_000,
    "objective": {"maximize": "engagements"},
    "offers": {"one": {"deliver": {"post": 1}}, "two": {"deliver": {"post": 2}, "discount": "10%"}},
    "constraints": {
        "nano": {"quantity": "spend", "group": {"city": "Lyon"}, "at_least": "30%"},
        "team": {"quantity": "creators", "at_most": 40},
        "niches": {"quantity": "spend", "per": "niche", "at_most": "60%"},
    },
}


def larger(seed: int) -> tuple[dict[str, Any], dict[str, Any]]:
    rng = random.Random(seed)
    reach = [rng.randint(1_000, 60_000) for _ in range(POOL)]
    frame = {
        "creator": [f"@c{at:03}" for at in range(POOL)],
        "city": [rng.choice(["Lyon", "Paris", "Lille"]) for _ in range(POOL)],
        "niche": [rng.choice(["food", "home", "sport"]) for _ in range(POOL)],
        "average_engagements": [int(one * rng.uniform(0.01, 0.08)) for one in reach],
        "fee": [round(one / 200 * rng.uniform(0.5, 2) + 20) for one in reach],
    }
    return LARGER, frame


@pytest.mark.parametrize("seed", range(2))
def test_over_few_of_many_columns_an_answer_has_a_bound_over_all(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    few, all_ = near_of(*larger(seed)), near_of(*larger(seed))
    assert few is not None
    assert all_ is not None
    booked = few.plan.columns
    questions = [
        Question(out=booked[:2], least=few.value * Fraction(9, 10)),
        Question(toward=[(-1, booked)], least=few.value * Fraction(999, 1000)),
    ]
    for question in questions:
        whole = all_.ask(question)
        monkeypatch.setattr("optimizer.planning.near.MANY", 0)
        monkeypatch.setattr("optimizer.planning.near._FEW", 60)
        found = few.ask(question)
        monkeypatch.undo()
        assert whole.value is not None
        assert found.value is not None
        assert found.bound is not None
        assert found.value <= whole.value <= found.bound
        assert found.plan is not None
        assert few.program.value(found.plan) >= (question.least or 0)


def of_whole(near: Near, question: Question) -> Found:
    """The answer over all columns."""
    return near.over(question, np.arange(near.program.bookings), gap=0.0, rounds=20_000)


@pytest.mark.parametrize("seed", range(2))
def test_of_a_larger_pool_few_columns_give_the_answer_of_all(seed: int) -> None:
    near = near_of(*larger(seed))
    assert near is not None
    creators = near.estimates.columns.creator
    inside = near.plan.columns[:4]
    assert len(near.columns(near.value * Fraction(999, 1000))) < near.program.bookings // 2
    for column in inside.tolist():
        out = Question(out=np.flatnonzero(creators == creators[column]))
        assert near.ask(out).value == of_whole(near, out).value
    outside = np.setdiff1d(np.arange(near.program.bookings), near.plan.columns)[::61]
    for column in outside.tolist():
        into = Question(counts=[Count(np.array([column]), at_least=1)])
        assert near.ask(into).value == of_whole(near, into).value
