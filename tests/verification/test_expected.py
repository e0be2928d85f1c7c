"""Expected figures are verified by the plan's fit, applied again in plain Python."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from optimizer import Plan, load_scenario, try_optimize, verify
from optimizer.results.stated import digest
from tests.support.amounts import seeded, times

OFFERS = {"one": {"deliver": {"video": 1}}, "three": {"deliver": {"video": 2, "story": 1}, "discount": "10%"}}


def question(number: int) -> tuple[dict[str, Any], dict[str, list[Any]]]:  # noqa: C901  one word after the other
    rng = np.random.default_rng(int.from_bytes(seeded(f"{number} expected").encode()[:8], "little"))
    size = (35, 60, 20)[number % 3]

    def blanks(values: Any, share: float = 0.15) -> list[Any]:
        return [None if rng.random() < share else value for value in values]

    frame: dict[str, list[Any]] = {
        "creator": [f"@c{at}" for at in range(size)],
        "platform": blanks(rng.choice(["TikTok", "ig", "YouTube|x"], size).tolist()),
        "niche": blanks(rng.choice(["food", "Food|pets", "pets"], size).tolist()),
        "followers": rng.integers(1_000, 99_000, size).tolist(),
        "fee": rng.integers(20, 900, size).tolist(),
    }
    views = np.exp(rng.normal(7, 2, size)).round(1)
    if rng.random() < 0.7:
        frame["average_views"] = blanks(views.tolist())
    if rng.random() < 0.4:
        frame["average_views_story"] = blanks((views / 3).round().tolist(), 0.5)
    kind = rng.choice(["rate", "mean", "both"])
    if kind != "mean":
        frame["engagement_rate"] = blanks(rng.uniform(0, 0.4, size).round(4).tolist())
    if kind != "rate":
        frame["average_engagements"] = blanks(np.exp(rng.normal(5, 1.5, size)).round(2).tolist())
    if rng.random() < 0.5:
        frame["posts_measured"] = blanks(rng.integers(1, 30, size).tolist())
    if rng.random() < 0.3:
        frame["posts_measured_average_views"] = blanks(rng.integers(1, 5, size).tolist(), 0.5)
    if rng.random() < 0.5:
        frame["conversion_rate"] = rng.uniform(0, 0.1, size).round(4).tolist()
        frame["clicks_measured"] = blanks(rng.integers(1, 900, size).tolist())
    asked: dict[str, Any] = {
        "format": 1,
        "currency": "EUR",
        "budget": 3_000,
        "objective": {"maximize": {"engagements": 1, "impressions": 0.01, "conversions": 5}},
        "offers": OFFERS,
        "assume": {"engagement_rate": "3%", "view_rate": "20%", "click_rate": "1%", "fee": 50},
        "constraints": {
            "some": {"quantity": "creators", "at_least": 2},
            "cheap": {"quantity": "cpe", "at_most": 9},
            "food": {"quantity": "engagements", "group": {"niche": "food"}, "at_least": "10%"},
        },
        "forecast": {
            "rates": ("expected", "pooled", "cautious", "measured")[number % 4],
            "unmeasured": str(rng.choice(["assumed", "expected"])),
        },
    }
    asked["assume"]["conversion_rate"] = "2%"
    if number % 5 == 2:
        del frame["followers"]
        frame.pop("engagement_rate", None)
        asked["objective"] = {"maximize": {"engagements": 1}}
        frame["average_engagements"] = np.exp(rng.normal(5, 1.5, size)).round(2).tolist()
    if rng.random() < 0.3:
        asked["assume"]["posts_measured"] = [{"platform": "TikTok", "is": 3}, {"is": 9}]
    if rng.random() < 0.3:
        asked["segments"] = [
            {
                "name": "typical",
                "platform": "TikTok",
                "followers": 5_000,
                "average_views": 900,
                "available": 3,
                "fee": 60,
            }
        ]
    return asked, frame


def posts_of(number: int, size: int) -> str:
    """A file of single posts of some of the creators."""
    rng = np.random.default_rng(int.from_bytes(seeded(f"{number} posts").encode()[:8], "little"))
    figures = [name for name in ("views", "likes", "comments") if rng.random() < 0.7] or ["interactions"]
    most = int(rng.choice([4, 9, 40]))
    lines = ["creator," + ",".join([*figures, "date", "sponsored", "paid"])]
    for at in range(size):
        for _ in range(rng.integers(0, most)):
            counts = ["" if rng.random() < 0.1 else str(int(np.exp(rng.normal(5, 2)))) for _ in figures]
            date = "" if rng.random() < 0.1 else f"{rng.choice([1980, 2023, 2025, 2026])}-{rng.integers(1, 13):02d}"
            flags = [str(rng.choice(["yes", "no", ""])), "1" if rng.random() < 0.05 else ""]
            lines.append(",".join([f"@c{at}", *counts, date, *flags]))
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("number", range(times(12)))
def test_a_plan_by_single_posts_is_verified(number: int, tmp_path: Path) -> None:
    asked, frame = question(number)
    asked["forecast"] |= {"rates": ("expected", "pooled", "cautious")[number % 3], "past_posts": "posts.csv"}
    (tmp_path / "posts.csv").write_text(posts_of(number, len(frame["creator"])))
    scenario = load_scenario(asked, creators=frame, root=tmp_path)
    result = try_optimize(scenario, gap=0.05, rounds=60)
    found = verify(json.dumps(result.to_dict()), scenario)
    assert found.holds, found


def by_posts(folder: Path) -> tuple[dict[str, Any], Any]:
    asked, frame = question(1)
    asked["forecast"] = {"rates": "expected", "past_posts": "posts.csv"}
    frame["average_engagements"] = [100.0 + 7 * at for at in range(len(frame["creator"]))]
    frame.pop("engagement_rate", None)
    rng = np.random.default_rng(3)
    rows = [f"@c{rng.integers(0, 20)},{rng.integers(1, 999)},2026-0{rng.integers(1, 9)}" for _ in range(300)]
    (folder / "posts.csv").write_text("creator,likes,date\n" + "\n".join(rows) + "\n")
    scenario = load_scenario(asked, creators=frame, root=folder)
    result = try_optimize(scenario, gap=0.05, rounds=60)
    assert isinstance(result, Plan)
    return result.to_dict(), scenario


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("half_life", 6.0),
        ("half_life", 0.0),
        ("half_life", -1.0),
        ("half_life", None),
        ("sponsored", 0.1),
        ("post", 2.0),
    ],
)
def test_a_plan_with_another_reading_of_the_posts_is_refused(name: str, value: float | None, tmp_path: Path) -> None:
    said, scenario = by_posts(tmp_path)
    assert verify(said, scenario).holds
    for fit in said["forecast"]["fit"]["average_engagements"].values():
        del fit[name]
        fit.update({} if value is None else {name: value})
    assert not verify(said | {"digest": digest(said)}, scenario).holds


def test_a_plan_with_other_posts_is_refused(tmp_path: Path) -> None:
    said, scenario = by_posts(tmp_path)
    assert verify(said, scenario).holds
    past = scenario.past_posts
    other = replace(scenario, past_posts=replace(past, interactions=past.interactions * 2))
    found = verify(said, other)
    assert not found.holds


@pytest.mark.parametrize("number", range(times(24)))
def test_a_plan_by_expected_figures_is_verified(number: int) -> None:
    asked, frame = question(number)
    scenario = load_scenario(asked, creators=frame)
    result = try_optimize(scenario, gap=0.05, rounds=60)
    found = verify(result, scenario)
    assert found.holds, found
    said = result.to_dict()
    assert ("forecast" in said) == (asked["forecast"]["rates"] != "measured")
    assert verify(json.dumps(said), scenario).holds


def planned() -> tuple[dict[str, Any], Any]:
    asked, frame = question(1)
    asked["forecast"] = {"rates": "expected"}
    frame["average_engagements"] = [100.0 + 7 * at for at in range(len(frame["creator"]))]
    frame.pop("engagement_rate", None)
    scenario = load_scenario(asked, creators=frame)
    result = try_optimize(scenario, gap=0.05, rounds=60)
    assert isinstance(result, Plan)
    return result.to_dict(), scenario


def test_a_plan_with_another_fit_is_refused() -> None:
    said, scenario = planned()
    fits = said["forecast"]["fit"]["average_engagements"]
    for platform in fits:
        fits[platform]["level"] += 0.5
    assert not verify(said | {"digest": digest(said)}, scenario).holds


def test_a_plan_with_the_rates_of_another_question_is_refused() -> None:
    said, scenario = planned()
    said["forecast"]["rates"] = "cautious"
    found = verify(said | {"digest": digest(said)}, scenario)
    assert not found.holds


@pytest.mark.parametrize(
    ("name", "value"),
    [("level", "x"), ("between", 0), ("scale", -1), ("outliers", 1), ("post", float("inf")), ("niches", 3)],
)
def test_a_fit_that_is_none_is_refused_without_a_traceback(name: str, value: Any) -> None:
    said, scenario = planned()
    said["forecast"]["fit"]["average_engagements"][""][name] = value
    assert not verify(said, scenario).holds


@pytest.mark.parametrize("number", [number for number in range(times(4)) if number % 5 != 2])  # commission needs views
def test_the_ranges_of_a_plan_are_drawn_again(number: int) -> None:
    asked, frame = question(number)
    asked["forecast"] |= {"rates": "expected", "draws": 1_000}
    asked["pay"] = {"sold": {"model": "hybrid", "fee": "40%", "rate": "10%", "cap": 40, "post_rate": "80%"}}
    asked["offers"] = {**OFFERS, "sold": {"deliver": {"video": 1}, "pay": "sold"}}
    asked["economics"] = {"order_value": 30, "margin": "50%"}
    scenario = load_scenario(asked, creators=frame)
    result = try_optimize(scenario, gap=0.05, rounds=60)
    said = result.to_dict()
    found = verify(said, scenario, ranges=True)
    assert found.holds, found
    if said["outcome"] == "plan":
        said["forecast"]["engagements"]["p90"] += 0.001
        again = said | {"digest": digest(said)}
        assert verify(again, scenario).holds
        assert not verify(again, scenario, ranges=True).holds


def test_another_seed_or_more_draws_than_were_asked_are_refused() -> None:
    said, scenario = planned()
    for name, value in (("seed", 2), ("draws", 10_001), ("draws", 10**9)):
        other = said | {"forecast": said["forecast"] | {name: value}}
        assert not verify(other | {"digest": digest(other)}, scenario).holds


def test_posts_that_fall_further_apart_than_can_be_drawn_are_planned_and_verified(tmp_path: Path) -> None:
    rows = [f"@c{at},{1 if turn % 2 else 10_000_000}" for at in range(40) for turn in range(6)]
    (tmp_path / "posts.csv").write_text("\n".join(["creator,views", *rows]) + "\n", encoding="utf-8")
    size = range(40)
    frame = {"creator": [f"@c{at}" for at in size], "followers": [5_000 + at for at in size], "fee": [50] * 40}
    asked = {
        "format": 1,
        "currency": "EUR",
        "budget": 400,
        "objective": {"maximize": "impressions"},
        "forecast": {"past_posts": "posts.csv", "draws": 1_000},
    }
    scenario = load_scenario(asked, creators=frame, root=tmp_path)
    plan = try_optimize(scenario, gap=0.1, rounds=60)
    assert isinstance(plan, Plan)
    assert plan.forecast is not None
    assert plan.forecast.fit["average_views"][""]["post"] == 9
    found = verify(plan, scenario, ranges=True)
    assert found.holds, found


def test_names_with_the_mark_that_parts_them_are_bookings_apart() -> None:
    frame = {"creator": ["a|b", "a", "a\\"], "average_engagements": [100, 90, 80], "fee": [10, 10, 10]}
    asked = {
        "format": 1,
        "currency": "EUR",
        "budget": 40,
        "objective": {"maximize": "engagements"},
        "offers": {"c": {"deliver": {"post": 1}}, "b|c": {"deliver": {"post": 1}}, "|b|c": {"deliver": {"post": 1}}},
        "include": [
            {"creator": "a|b", "offer": "c"},
            {"creator": "a", "offer": "b|c"},
            {"creator": "a\\", "offer": "|b|c"},
        ],
        "forecast": {"draws": 1_000},
    }
    scenario = load_scenario(asked, creators=frame)
    plan = try_optimize(scenario)
    assert isinstance(plan, Plan)
    assert len(plan.allocations) == 3
    assert verify(plan, scenario, ranges=True).holds
