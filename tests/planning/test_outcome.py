"""What is stated of a plan beside its bookings: the names of its rows, and what its prices prove by themselves."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

from optimizer import load_scenario
from optimizer.estimation.estimate import estimate
from optimizer.formulation.build import build
from optimizer.planning import certificate, outcome
from optimizer.planning.goals import Steps
from optimizer.solving.highs import Clock
from tests.support.programs import program_of, solved


def test_rows_of_one_name_are_numbered_in_their_order() -> None:
    said: dict[str, Any] = {
        "format": 1,
        "currency": "EUR",
        "objective": {"maximize": "creators"},
        "constraints": {"either": {"at_most_one_of": [{"niche": "food"}, {"niche": "home"}]}},
    }
    frame = {"creator": list("abcd"), "niche": ["food", "food", "home", "home"], "fee": ["1", "2", "3", "4"]}
    names = certificate.row_names(program_of(said, frame))
    alike = [name for name in names if name.startswith("either: only if booked")]
    assert alike == ["either: only if booked", *(f"either: only if booked #{number}" for number in (2, 3, 4))]
    assert max(Counter(names).values()) == 1


def test_naming_a_row_looks_at_no_other_row(monkeypatch: pytest.MonkeyPatch) -> None:
    """A rule of logic over filters makes a row for each creator: naming them must not take the square of that."""
    said: dict[str, Any] = {
        "format": 1,
        "currency": "EUR",
        "objective": {"maximize": "creators"},
        "constraints": {"either": {"at_most_one_of": [{"niche": "food"}, {"niche": "home"}]}},
    }
    count = 300
    niches = ["food", "home"] * (count // 2)
    program = program_of(said, {"creator": [f"c{at}" for at in range(count)], "niche": niches, "fee": ["1"] * count})
    calls = 0
    named = certificate._row_name

    def counting(*arguments: Any) -> str:
        nonlocal calls
        calls += 1
        return named(*arguments)

    monkeypatch.setattr(certificate, "_row_name", counting)
    certificate.row_names(program)
    assert calls == len(program.rows)


def test_a_bound_of_nothing_that_prices_prove_is_shown_as_nothing() -> None:
    """Prices may prove only that spend is not below 0, and cases the rest."""
    said = {
        "format": 1,
        "currency": "EUR",
        "objective": {"minimize": "spend"},
        "constraints": {"some": {"quantity": "creators", "at_least": 1}},
    }
    frame = {"creator": ["a", "b"], "followers": [2_000, 3_000], "fee": ["100", "300"]}
    scenario = load_scenario(said, creators=frame)
    estimates = estimate(scenario)
    solution = replace(solved(build(estimates)), bound=Fraction(-10_000), root_bound=Fraction(0))
    asked, clock = outcome.Asked("highs", 0.0, 0.0), Clock(float("inf"), lambda: False)
    plan = outcome.plan(estimates, Steps((solution,)), asked, clock)
    assert (plan.objective.bound, plan.certificate.root_bound) == (100, 0)
