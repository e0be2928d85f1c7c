"""A search ends when it is told to, with the best plan so far or the word that none was found."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any

import polars as pl
import pytest

from optimizer import NoPlan, Plan, load_scenario, try_optimize
from optimizer.domain.scenario import Scenario
from optimizer.planning.optimize import Terms
from optimizer.solving.clock import Clock

CREATORS = 8_000


def large(seed: int, count: int = CREATORS, **more: Any) -> Scenario:
    rng = random.Random(seed)
    frame = pl.DataFrame(
        {
            "creator": [f"c{at}" for at in range(count)],
            "followers": [rng.randint(1_000, 99_999) for _ in range(count)],
            "niche": [f"niche {rng.randint(0, 19)}" for _ in range(count)],
            "platform": [rng.choice(["tiktok", "instagram"]) for _ in range(count)],
            "fee": [f"{rng.lognormvariate(5, 1):.2f}" for _ in range(count)],
            "engagement_rate": [rng.uniform(0.005, 0.15) for _ in range(count)],
            "average_views": [rng.uniform(100, 40_000) for _ in range(count)],
        }
    )
    mapping = {
        "format": 1,
        "currency": "EUR",
        "budget": "250_000",
        "objective": {"maximize": "engagements"},
        "offers": {
            "one": {"deliver": {"video": 1}},
            "two": {"deliver": {"video": 2}, "discount": "10%"},
            "three": {"deliver": {"video": 3}, "discount": "15%"},
        },
        "assume": {"repeat_keeps": "80%"},
        "constraints": {
            "no niche dominates": {"quantity": "spend", "per": "niche", "at_most": "9%"},
            "nano keep a third": {"quantity": "spend", "group": {"tier": "nano"}, "at_least": "33.3%"},
            "heads": {"quantity": "creators", "at_most": "700"},
            "cost per thousand": {"quantity": "cpm", "at_most": "9"},
        },
    }
    return load_scenario({**mapping, **more}, creators=frame)


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return large(1)


@pytest.fixture(scope="module")
def middle() -> Scenario:
    return large(3, 2_000, budget="30_000")


@pytest.fixture(scope="module")
def hard() -> Scenario:
    """Floors and an equality to the last cent, over sixty thousand bookings."""
    rules = {
        "exact": {"quantity": "spend", "group": {"platform": "tiktok"}, "exactly": "123_456.78"},
        "niches": {"quantity": "spend", "per": "niche", "at_least": "4.9%"},
        "views": {"quantity": "impressions", "at_least": "10_000_000"},
    }
    return large(2, constraints=rules)


def checked(result: Plan | NoPlan) -> None:
    """Within limits every answer is honest: a plan with a bound above it, or the word that none was found."""
    if isinstance(result, Plan):
        assert result.objective.value <= result.objective.bound
    else:
        assert result.outcome == "no_plan"


@dataclass
class Ticking:
    """A clock that goes on by itself: each look at it takes so many seconds."""

    tick: float
    now: float = 0.0

    def __call__(self) -> float:
        self.now += self.tick
        return self.now


@pytest.mark.parametrize("looks", [1, 10, 100, 300])
@pytest.mark.parametrize("name", ["scenario", "hard"])
def test_a_search_ends_when_its_time_is_over_with_what_it_has(
    name: str, looks: int, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    time = Ticking(1.0)
    clock = Clock(deadline=looks, now=time)
    monkeypatch.setattr(Terms, "clocks", lambda terms, started, goals: [clock])
    result = try_optimize(request.getfixturevalue(name), gap=0)
    assert result.solver.stopped
    assert clock.stopped
    assert clock.counted <= looks
    assert result.solver.rounds == clock.counted
    checked(result)


@pytest.mark.parametrize("seconds", [1e-9, 0.01])
def test_a_limit_too_short_for_anything_still_ends_in_an_honest_answer(scenario: Scenario, seconds: float) -> None:
    result = try_optimize(scenario, gap=0, time_limit_s=seconds)
    checked(result)


@pytest.mark.parametrize("asked", [0, 1, 25])
def test_a_cancelled_search_ends_with_what_it_has(hard: Scenario, asked: int) -> None:
    left = iter(range(asked))
    result = try_optimize(hard, gap=0, cancel=lambda: next(left, None) is None)
    assert result.solver.stopped
    assert (result.solver.rounds or 0) <= asked + 1
    checked(result)


def test_a_gap_of_a_thousandth_is_proved_where_not_all_bookings_are_searched(middle: Scenario) -> None:
    result = try_optimize(middle, gap=1e-3)
    assert isinstance(result, Plan)
    assert result.claim in ("optimal", "within_gap")
    assert result.objective.gap <= 1e-3


def test_progress_is_told_with_values_that_only_improve(middle: Scenario) -> None:
    seen: list[tuple[float | None, float | None]] = []
    try_optimize(middle, gap=1e-3, on_progress=lambda step: seen.append((step.value, step.bound)))
    values = [value for value, _ in seen if value is not None]
    assert values
    assert values == sorted(values)
    assert all(value <= bound for value, bound in seen if value is not None and bound is not None)
