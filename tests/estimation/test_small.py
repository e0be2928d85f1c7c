"""Quantities that are too small to be counted in millionths are refused, with what makes them small."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from optimizer import Plan, ScenarioError, load_scenario, try_optimize
from optimizer.domain.constraints import Measure
from optimizer.errors import Problem
from optimizer.estimation.counting import Counting
from tests.loading.desk import Desk

SCORES = "creator,followers,fee,score\na,2000,50,4e-7\nb,3000,50,3e-7\nc,4000,50,0.0000009\n"
OWN = "format: 1\ncurrency: EUR\nbudget: 100\ncreators: pool.csv\nquantities: {s: {column: score}}\n"
FRAME: dict[str, list[Any]] = {"creator": ["a", "b"], "followers": [2_001, 4_001], "fee": ["50", "60"]}
ASSUME = {"view_rate": "50%", "click_rate": "1%", "conversion_rate": "0.001%", "engagement_rate": "3%"}


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def told(said: dict[str, Any], frame: dict[str, list[Any]] = FRAME) -> Problem:
    base = {"format": 1, "currency": "EUR", "assume": ASSUME}
    with pytest.raises(ScenarioError) as error:
        try_optimize(load_scenario(base | said, creators=frame))
    (problem,) = error.value.problems
    assert problem.code == "too-small"
    return problem


@pytest.mark.parametrize(
    "used",
    [
        "objective: {maximize: s}",
        "objective: {maximize: creators}\nconstraints: {x: {quantity: s, at_least: 0.000001}}",
    ],
)
def test_an_own_quantity_is_refused_with_file_column_and_row(desk: Desk, used: str) -> None:
    with pytest.raises(ScenarioError) as error:
        try_optimize(desk.load(OWN + used + "\n", SCORES))
    (problem,) = error.value.problems
    assert problem.place is not None
    assert (problem.place.file.endswith("pool.csv"), problem.place.line) == (True, 4)
    assert "s is too small to be counted: the largest value of its column score that counts is 9e-07, of c (row 4)" in (
        problem.cause
    )
    assert "smaller unit" in problem.mend


def test_the_cure_cures(desk: Desk) -> None:
    larger = SCORES.replace("4e-7", "0.4").replace("3e-7", "0.3").replace("0.0000009", "0.9")
    plan = try_optimize(desk.load(OWN + "objective: {maximize: s}\n", larger), gap=0)
    assert isinstance(plan, Plan)
    assert [booking.creator for booking in plan.allocations] == ["a", "c"]


def test_a_quantity_that_nothing_uses_may_be_as_small_as_it_is(desk: Desk) -> None:
    assert isinstance(try_optimize(desk.load(OWN + "objective: {maximize: creators}\n", SCORES)), Plan)


@pytest.mark.parametrize("scores", [("4e-6", "3e-6", "9e-6"), ("0.0004", "0.0001", "0.0009"), ("0", "0", "0")])
def test_small_values_that_are_whole_millionths_are_counted_as_they_are(desk: Desk, scores: tuple[str, ...]) -> None:
    rows = "".join(f"{name},2000,50,{score}\n" for name, score in zip("abc", scores, strict=True))
    scenario = desk.load(OWN + "objective: {maximize: s}\n", f"creator,followers,fee,score\n{rows}")
    assert isinstance(try_optimize(scenario, gap=0), Plan)


def test_small_values_beside_a_large_one_are_counted(desk: Desk) -> None:
    pool = SCORES + "d,5000,50,0.01\n"
    assert isinstance(try_optimize(desk.load(OWN + "objective: {maximize: s}\n", pool)), Plan)


@pytest.mark.parametrize(
    "said",
    [
        {"objective": {"maximize": "conversions"}},
        {"objective": {"maximize": "creators"}, "constraints": {"x": {"quantity": "conversions", "at_least": 1}}},
        {"objective": {"maximize": "creators"}, "constraints": {"x": {"quantity": "cpa", "at_most": 9}}},
    ],
)
def test_a_computed_quantity_is_refused_with_what_makes_it_small(said: dict[str, Any]) -> None:
    problem = told(said)
    assert "conversions is too small to be counted: the largest of all bookings is 0.00020005, of b" in problem.cause
    assert problem.mend.startswith(
        "check what makes it small: conversion_rate 1e-05, click_rate 0.01, view_rate_post 0.5"
    )


def test_people_may_be_too_few() -> None:
    rule = {"quantity": "gross_reach", "people": {"country": "FR"}, "at_least": 1}
    frame = FRAME | {"audience_FR": ["0.000000123", "0.0000004"]}
    problem = told({"objective": {"maximize": "creators"}, "constraints": {"x": rule}}, frame)
    assert problem.cause.startswith("gross_reach of country FR is too small to be counted")


def test_conversions_that_a_great_sum_rests_on_are_held_as_well() -> None:
    said = {"objective": {"maximize": "revenue"}, "economics": {"order_value": 50_000}}
    assert "conversions is too small" in told(said).cause
    cheap = {"format": 1, "currency": "EUR", "assume": ASSUME, **said, "economics": {"order_value": 17.90}}
    assert isinstance(try_optimize(load_scenario(cheap, creators=FRAME)), Plan)


def test_only_what_is_small_is_looked_at_value_by_value() -> None:
    """A million values cost one look for the largest."""
    counting, at = Counting(), np.arange(1_000_000)
    counting.note(Measure("clicks"), np.full(1_000_000, 0.0123456), at)
    counting.note(Measure("posts"), np.full(1_000_000, 4e-7), at)
    counting.note(Measure("posts"), np.full(1_000_000, 5.0), at)
    counting.note(Measure("hours"), np.full(1_000_000, 4e-7), at)
    assert counting.too_small() == [(Measure("hours"), 4e-7, 0)]
