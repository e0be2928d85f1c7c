"""Rows say the same as the rules that they come from, in integers."""

from __future__ import annotations

import random
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from optimizer.formulation.program import Program
from optimizer.formulation.terms import Booked, Row
from tests.support.brute import Question
from tests.support.programs import program_of
from tests.support.scenarios import scenario

COUNT = 80


def plans(question: Question, rng: random.Random, count: int = 25) -> list[list[int]]:
    ways = [[[], *([at] for at in columns)] for _, columns in question.units()]
    return [[at for way in ways for at in rng.choice(way)] for _ in range(count)]


def as_plan(chosen: list[int]) -> Booked:
    return Booked(np.array(sorted(chosen), dtype=np.int64), np.ones(len(chosen), dtype=np.int64))


def test_a_plan_breaks_a_row_exactly_where_it_breaks_the_rule() -> None:
    wrong, broken, kept = [], 0, 0
    for number in range(COUNT):
        said, frame = scenario(f"rows {number}")
        question, program = Question(said, frame), program_of(said, frame)
        for chosen in plans(question, random.Random(number)):
            failing = {row.rule for row, _ in program.failures(as_plan(chosen))}
            true = {at for at, rule in enumerate(question.rules) if not rule.holds(chosen)}
            broken, kept = broken + len(true), kept + len(question.rules) - len(true)
            if failing != true:
                wrong.append((number, chosen, failing, true))
    assert wrong == []
    assert min(broken, kept) > 1_000


def test_a_plan_breaks_a_row_of_a_talent_exactly_where_it_breaks_the_rule() -> None:
    wrong, broken, lazily = [], 0, 0
    for number in range(COUNT):
        said, frame = scenario(f"talents {number}", words=("talents", "own"))
        question, program = Question(said, frame), program_of(said, frame)
        for chosen in plans(question, random.Random(number)):
            plan = as_plan(chosen)
            true = {at for at, rule in enumerate(question.rules) if not rule.holds(chosen)}
            added = {row.rule for row in program.rows_against(plan)}
            failing = {row.rule for row, _ in program.failures(plan)}
            every = {row.rule for row, _ in program.with_all_rows().failures(plan)}
            measured = {at for at, rule in enumerate(program.rules) if rule.failure(plan)}
            broken, lazily = broken + len(true), lazily + len(added - failing)
            if not failing | added == every == measured == true:
                wrong.append((number, chosen, failing, added, every, measured, true))
    assert wrong == []
    assert min(broken, lazily) > 100


def test_the_value_of_a_plan_is_the_exact_sum_of_the_objective() -> None:
    for number in range(COUNT):
        said, frame = scenario(f"values {number}")
        question, program = Question(said, frame), program_of(said, frame)
        for chosen in plans(question, random.Random(number), 10):
            value = Fraction(question.sign * program.value(as_plan(chosen)), program.denominator)
            assert value == question.value(chosen)


def test_every_rule_is_named_after_its_constraint_and_value() -> None:
    for number in range(COUNT):
        said, frame = scenario(f"names {number}")
        question, program = Question(said, frame), program_of(said, frame)
        names = [(rule.constraint.name, rule.label) for rule in program.rules]
        assert names == [(rule.name, rule.label) for rule in question.rules]


FRAME: dict[str, list[Any]] = {
    "creator": ["a", "b", "c"],
    "followers": [2_000, 4_000, 20_000],
    "niche": ["yoga", "chess", "yoga|chess"],
    "fee": ["10", "20", "30.50"],
    "average_engagements": [100.0, 200.0, 300.5],
}


def rows(rule: dict[str, Any], **more: Any) -> list[tuple[list[int], int | None, int | None]]:
    """The rows of one rule, each as coefficients with bounds."""
    said = {"format": 1, "currency": "EUR", "objective": {"maximize": "creators"}, "constraints": {"it": rule}, **more}
    program: Program = program_of(said, FRAME)

    def row_of(row: Row) -> tuple[list[int], int | None, int | None]:
        return [int(value) for value in row.coefficients(len(program))], row.lower, row.upper

    return [row_of(row) for row in program.rows if program.rules[row.rule].constraint.name == "it"]


M = 10**6


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        pytest.param({"quantity": "spend", "at_most": "45.5"}, [([1000, 2000, 3050], None, 4550)], id="at most"),
        pytest.param(
            {"quantity": "engagements", "at_least": "0.0000005"},
            [([100 * M, 200 * M, 300_500_000], 500_000, None)],
            id="a floor is lifted to what totals can be",
        ),
        pytest.param(
            {"quantity": "spend", "at_least": "10", "at_most": "20"},
            [([1000, 2000, 3050], 1000, 2000)],
            id="both bounds in one row",
        ),
        pytest.param(
            {"quantity": "spend", "group": {"tier": "nano"}, "at_least": "10.01", "at_most": "19.99"},
            [([1000, 2000, 0], 2000, None), ([1000, 2000, 0], None, 1000)],
            id="bounds between which no total lies part into two rows",
        ),
        pytest.param({"quantity": "creators", "exactly": "2"}, [([M, M, M], 2 * M, 2 * M)], id="exactly"),
        pytest.param(
            {"quantity": "spend", "group": {"niche": "yoga"}, "at_least": "30%"},
            [([7000, -6000, 21350], 0, None)],
            id="share of the plan: 10 group - 3 all",
        ),
        pytest.param(
            {"quantity": "spend", "group": {"niche": "yoga"}, "of": {"tier": "nano"}, "at_most": "50%"},
            [([1000, -2000, 6100], None, 0)],
            id="share of a group: 2 group - 1 other",
        ),
        pytest.param(
            {"quantity": "spend", "group": {"tier": "micro"}, "of": "budget", "at_most": "25%"},
            [([0, 0, 3050], None, 0)],
            id="share of the budget, cut to what totals can be",
        ),
        pytest.param(
            {"quantity": "creators", "per": "tier", "at_most": "1"},
            [([0, 0, M], None, M), ([M, M, 0], None, M)],
            id="one row per value, sorted",
        ),
        pytest.param(
            {"quantity": "creators", "per": "niche", "among": ["chess"], "at_least": "1"},
            [([0, M, M], M, None)],
            id="only the values named; a creator of two niches counts in both",
        ),
        pytest.param(
            {"quantity": "creators", "per": "niche", "group": {"tier": "nano"}, "at_most": "1"},
            [([0, M, 0], None, M), ([M, 0, 0], None, M)],
            id="only the values in the group",
        ),
        pytest.param(
            {"quantity": "spend", "per": "niche", "of": {"tier": "nano"}, "at_most": "50%"},
            [([-1000, 2000, 6100], None, 0), ([1000, -2000, 6100], None, 0)],
            id="every value against the same group",
        ),
    ],
)
def test_a_rule_becomes_these_rows(
    rule: dict[str, Any], expected: list[tuple[list[int], int | None, int | None]]
) -> None:
    budget = {"budget": "100.09"} if rule.get("of") == "budget" else {}
    assert rows(rule, **budget) == expected


def test_each_value_has_its_bookings_however_often_and_however_it_is_written() -> None:
    niches = ["Yoga|yoga", "chess|YOGA", None, "chess", "yoga", None]
    frame = {"creator": list("abcdef"), "niche": niches, "followers": [2_000] * 6, "fee": ["1"] * 6}
    said = {"format": 1, "currency": "EUR", "objective": {"maximize": "creators"}}
    rule = {"quantity": "creators", "per": "niche", "at_most": "2"}
    program = program_of({**said, "constraints": {"it": rule}}, frame)
    found = {rule.label: row.coefficients(6).tolist() for rule, row in zip(program.rules, program.rows, strict=True)}
    assert found == {"YOGA": [M, M, 0, 0, M, 0], "chess": [0, M, 0, M, 0, 0], "(none)": [0, 0, M, 0, 0, M]}


def test_a_ratio_at_most_is_broken_by_the_one_booking_that_is_too_dear() -> None:
    """cpe of a and b is 0.10, of c 30.50 / 300.5 = 0.1015."""
    ((found, low, high),) = rows({"quantity": "cpe", "at_most": "0.1"})
    assert (found[0], found[1], found[2] > 0, low, high) == (0, 0, True, None, 0)
