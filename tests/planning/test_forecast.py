"""What a plan states of people reached in draws: ranges, chances of rules, and the goal; and that it is verified."""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from optimizer import Plan, compare, load_scenario, optimize, sweep, to_dict, try_optimize, verify
from optimizer.domain.forecast import Common
from optimizer.domain.scenario import Scenario
from optimizer.estimation.estimate import estimate, trace
from optimizer.estimation.outlook import outlook
from optimizer.formulation.build import build
from optimizer.formulation.terms import Booked
from optimizer.planning.forecast import Forecasting
from optimizer.ranges.drawing import drawn
from optimizer.ranges.outlook import Common as Errors
from optimizer.ranges.outlook import Group
from tests.support import audiences
from tests.support.amounts import seeded, times
from tests.support.audiences import sealed

DRAWS = 120
PEOPLE = ("reach", "frequency", "cost_per_person", "objective")
SAID: dict[str, Any] = {
    "format": 1,
    "currency": "EUR",
    "budget": 900,
    "objective": {"maximize": "reach"},
    "audience": {
        "cells": ["country", "niche"],
        "sizes": {"FR": {"food": 40_000, "pets": 60_000}, "DE": {"food": 70_000, "pets": 50_000}},
        "overlap": {"FR": 1.5, "DE": "chance"},
    },
    "assume": {"post_rate": [{"platform": "TikTok", "is": "70%"}, {"is": 1}]},
    "constraints": {
        "enough": {"quantity": "reach", "at_least": 20_000},
        "in France": {"quantity": "reach", "people": {"country": "FR"}, "at_least": 8_000},
        "French by TikTok": {
            "quantity": "reach",
            "people": {"country": "FR"},
            "group": {"platform": "TikTok"},
            "at_least": 1_000,
        },
        "by each": {"quantity": "reach", "per": "platform", "at_least": 2_000},
        "often": {"quantity": "frequency", "at_most": 3},
        "dear in France": {"quantity": "cost_per_person", "people": {"country": "FR"}, "at_most": 0.1},
        "dear": {"quantity": "cost_per_person", "at_most": 0.05},
        "each face": {"quantity": "spend", "per": "creator", "at_most": 300},
    },
}


def frame(size: int = 40) -> dict[str, list[Any]]:
    rng = np.random.default_rng(4)
    followers = rng.integers(2_000, 40_000, size)
    return {
        "creator": [f"@c{at:02}" for at in range(size)],
        "platform": ["Instagram", "TikTok"] * (size // 2),
        "niche": rng.choice(["food", "pets"], size).tolist(),
        "country": rng.choice(["FR", "DE"], size).tolist(),
        "audience_FR": rng.choice(["20%", "50%", "80%"], size).tolist(),
        "audience_DE": ["20%"] * size,
        "followers": followers.tolist(),
        "average_views": np.rint(followers * rng.uniform(0.1, 0.6, size)).tolist(),
        "average_engagements": np.rint(followers * 0.03).tolist(),
        "fee": rng.integers(40, 150, size).tolist(),
    }


def fewer(scenario: Scenario, draws: int = DRAWS, **more: Any) -> Scenario:
    """With fewer draws than a file may ask for, and other settings of the forecast."""
    return replace(scenario, forecast=replace(scenario.forecast, draws=draws, **more))


def campaign(**more: Any) -> Scenario:
    return fewer(load_scenario(SAID | more, creators=frame()))


@cache
def planned() -> Plan:
    return optimize(campaign(), gap=0.02)


def forecasting(scenario: Scenario, said: dict[str, Any]) -> Forecasting:
    """The bookings of a plan as they are drawn; all of them are single."""
    estimates = estimate(scenario)
    rules = build(estimates).rules
    names = {one["creator"] for one in said["allocations"]}
    columns = np.array([at for at, who in enumerate(estimates.columns.creator) if scenario.pool.ids[who] in names])
    plan = Booked(columns, np.ones(len(columns), dtype=np.int64))
    return Forecasting(trace(scenario, estimates.columns.take(columns)), plan, rules)


def test_reach_and_what_is_made_of_it_have_ranges() -> None:
    plan = planned()
    assert plan.forecast is not None
    ranges = plan.forecast.ranges
    for name in ("reach", "frequency", "cost_per_person"):
        assert ranges[name].expected == pytest.approx(plan.totals[name], rel=1e-12)
        assert ranges[name].p10 < ranges[name].p50 < ranges[name].p90
        assert ranges[name].p90 - ranges[name].p10 > ranges[name].alone[2] - ranges[name].alone[0]
    assert ranges["objective"] == ranges["reach"]
    assert list(ranges).index("reach") == list(ranges).index("gross_reach") + 1
    assert ranges["reach"].p90 < ranges["gross_reach"].p90
    assert str(plan).count("most likely") >= 1


def test_frequency_over_some_people_is_kept_and_verified_and_has_no_chance() -> None:
    rules = {"often in France": {"quantity": "frequency", "people": {"country": "FR"}, "at_most": 1.3}}
    scenario = campaign(constraints=rules)
    plan = optimize(scenario, gap=0.02)
    said = to_dict(plan)
    at, rule = next((at, one) for at, one in enumerate(said["constraints"]) if one["name"] == "often in France")
    assert rule["people"] == {"country": "FR"}
    assert 1.25 < rule["value"] <= 1.3 < plan.totals["frequency"]
    assert said["forecast"]["rules"][at] == {"name": "often in France", "per_value": None, "chance": None}
    assert verify(said, scenario, ranges=True).holds
    wrong = [*said["constraints"][:at], rule | {"value": rule["value"] * 0.99}, *said["constraints"][at + 1 :]]
    assert not verify(sealed(said | {"constraints": wrong}), scenario).holds


def test_chances_are_how_often_the_draws_keep_a_rule() -> None:
    """Of what each booking brings in each draw, by hand."""
    scenario, said = campaign(), to_dict(planned())
    mine = forecasting(scenario, said)
    columns = mine.traced.columns
    rows, *_ = outlook(scenario, columns, [1] * len(columns))
    audience, pool = scenario.audience, scenario.pool
    assert audience is not None
    french = np.array([values["country"] == "fr" for values in audience.values])
    tiktok = pool.matches(scenario.constraints[3].group)[columns.creator]
    assert 0 < tiktok.sum() < len(tiktok)
    every = np.ones_like(tiktok)
    groups = [
        Group(every, ("reach", "impressions", "spend")),
        Group(every, ("reach",), french),
        Group(tiktok, ("reach",), french),
        Group(~tiktok, ("reach",)),
        Group(tiktok, ("reach",)),
    ]
    found = drawn(rows, Errors(), groups, DRAWS, scenario.forecast.seed, (), each=()).groups
    reach = [group["reach"] / 1000 for group in found]
    impressions, spend = found[0]["impressions"] / 1000, found[0]["spend"] / 100
    kept = {
        ("enough", None): reach[0] >= 20_000,
        ("in France", None): reach[1] >= 8_000,
        ("French by TikTok", None): reach[2] >= 1_000,
        ("by each", "Instagram"): reach[3] >= 2_000,
        ("by each", "TikTok"): reach[4] >= 2_000,
        ("often", None): impressions <= 3 * reach[0],
        ("dear in France", None): spend <= 0.1 * reach[1],
        ("dear", None): spend <= 0.05 * reach[0],
    }
    chances = {(one["name"], one["per_value"]): one["chance"] for one in said["forecast"]["rules"]}
    assert {name: chances[name] for name in kept} == {name: float(one.mean()) for name, one in kept.items()}
    assert sum(0 < chance < 1 for name, chance in chances.items() if name in kept) >= 3
    assert chances["each face", None] is None


def test_without_errors_the_range_of_reach_is_the_reach_of_the_plan() -> None:
    """Where all post, and views are as expected: nothing then differs from draw to draw."""
    mine = forecasting(campaign(assume={}), to_dict(planned()))
    assert mine._people is not None
    rows, _ = mine._rows()
    zero = (np.zeros(len(rows)), np.zeros(len(rows)))
    sure = replace(rows, views_sd=zero, engagements_sd=zero)
    found = drawn(sure, Errors(0, 0, 0, 0), (), 20, 1, ("reach",), each=()).totals["reach"]
    assert len(set(found.tolist())) == 1
    assert found[0] / 1000 == pytest.approx(mine._people.exact / 1e6, abs=0.01)


def test_the_goal_is_known_in_each_draw() -> None:
    scenario, said = campaign(), to_dict(planned())
    mixed = campaign(objective={"maximize": {"reach": 2, "engagements": 3}})
    goals = []
    for one in (scenario, mixed):
        mine = forecasting(one, said)
        found = mine.goal()
        assert found is not None
        draws, ends = found
        stated, _ = mine.result()
        assert stated is not None
        assert stated.ranges["objective"] == ends
        ordered = np.sort(draws)
        assert (ends.p10, ends.p50, ends.p90) == tuple(ordered[[DRAWS // 10, DRAWS // 2, DRAWS * 9 // 10]])
        goals.append((draws, stated))
    rows, _ = forecasting(scenario, said)._rows()
    totals = drawn(rows, Errors(), (), DRAWS, 1, ("reach", "engagements"), each=()).totals
    assert np.allclose(goals[1][0], 2 * totals["reach"] / 1000 + 3 * totals["engagements"] / 1000, rtol=1e-12)


@pytest.mark.parametrize("seen", ["all", "views"])
def test_a_sample_has_ranges_that_are_verified(seen: str, tmp_path: Path) -> None:
    """Seen by all it needs no views, and then varies only by who posts."""
    rng = np.random.default_rng(1)
    names = [f"@c{at:02}" for at in range(12)]
    follows = [(name, f"p{person}") for name in names for person in rng.choice(300, 60, replace=False)]
    (tmp_path / "people.csv").write_text("creator,person\n" + "".join(f"{who},{person}\n" for who, person in follows))
    pool: dict[str, list[Any]] = {"creator": names, "fee": [100] * 12, "post_rate": ["60%"] * 12}
    pool |= {} if seen == "all" else {"average_views": [1_300] * 12, "followers": [2_000] * 12}
    said = {
        "format": 1,
        "currency": "EUR",
        "budget": 500,
        "objective": {"maximize": "reach"},
        "constraints": {"some": {"quantity": "reach", "at_least": 50 if seen == "views" else 100}},
        "audience": {"sample": "people.csv", "seen": seen},
    }
    scenario = fewer(load_scenario(said, creators=pool, root=tmp_path), 200)
    plan = optimize(scenario, gap=0.05)
    assert plan.forecast is not None
    assert verify(plan, scenario, ranges=True).holds
    reach = plan.forecast.ranges["reach"]
    assert 0 < reach.p10 < reach.p90 <= 300
    assert reach.expected == plan.totals["reach"]
    assert (reach.alone == (reach.p10, reach.p50, reach.p90)) == (seen == "all")
    assert ("frequency" in plan.forecast.ranges) == (seen == "views")
    assert "cost_per_person" in plan.forecast.ranges
    if seen == "all":  # what is expected counts people of all who are booked; three in five of these post
        assert reach.p90 < reach.expected


def test_a_segment_that_is_booked_often_reaches_by_its_parts() -> None:
    crowd = {"name": "crowd", "followers": 3_000, "fee": 10, "available": 400, "average_views": 900, "platform": "x"}
    said = SAID | {"budget": 3_000, "segments": [crowd | {"post_rate": "80%"}], "constraints": {}}
    said |= {"audience": {"cells": [], "sizes": 2_000_000, "overlap": 2}}
    scenario = fewer(load_scenario(said), 40)
    plan = optimize(scenario)
    assert plan.forecast is not None
    assert plan.allocations[0].count == 300
    assert verify(plan, scenario, ranges=True).holds
    reach = plan.forecast.ranges["reach"]
    assert reach.alone[0] < reach.expected * 1.02
    assert reach.alone[2] > reach.expected * 0.95


def test_sweeps_and_comparisons_know_the_range_of_people() -> None:
    scenario = load_scenario(SAID, creators=frame())
    plan = optimize(scenario, gap=0.02)
    assert plan.forecast is not None
    goal = plan.forecast.ranges["reach"]
    (point,) = sweep(scenario, {"budget": [900]}, gap=0.02, ranges=True).points
    assert point.likely is not None
    assert point.likely[0] == pytest.approx(goal.p10, rel=0.1)  # its plan need not be the same one
    assert point.likely[1] == pytest.approx(goal.p90, rel=0.1)
    found = compare({"now": scenario, "less": load_scenario(SAID | {"budget": 600}, creators=frame())}, gap=0.02)
    now, less = (case.forecast for case in found.cases)
    assert now is not None
    assert less is not None
    assert now["reach"] == now["objective"] == goal
    assert less["reach"].p90 < now["reach"].p90


# --- verified ---


@cache
def verified() -> list[tuple[Scenario, dict[str, Any]]]:
    """Plans of random scenarios, with few draws."""
    found = []
    for number in range(times(30)):
        scenario = audiences.drawn(seeded(f"forecast {number}"))
        scenario = fewer(scenario, 60, seed=number, common=Common(0.4))
        said = audiences.answer(scenario)
        if said["outcome"] == "plan" and said["allocations"]:
            found.append((scenario, said))
    return found


def test_both_draw_the_same_people() -> None:
    seen = Counter[str]()
    for number, (scenario, said) in enumerate(verified()):
        verification = verify(said, scenario, ranges=True)
        assert verification.holds, f"{number}: {verification}"
        seen.update(name for name in PEOPLE if name in said["forecast"])
        seen["chances"] += sum(0 < one["chance"] < 1 for one in said["forecast"]["rules"] if one["chance"] is not None)
    assert min(seen.values()) > times(30) // 3


def changed(said: dict[str, Any], path: Sequence[str | int], value: Any) -> dict[str, Any]:
    """A plan with one other value, and a digest that fits."""
    found = copy.deepcopy(said)
    inner: Any = found
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = value
    return sealed(found)


def test_another_figure_of_people_is_found_in_every_place() -> None:
    scenario, said = campaign(), to_dict(planned())
    assert verify(said, scenario, ranges=True).holds
    forecast = said["forecast"]
    for name in PEOPLE:
        ends = [("expected",), ("p10",), ("p50",), ("p90",), *(("alone", end) for end in ("p10", "p50", "p90"))]
        for end in ends:
            value = forecast[name][end[0]] if len(end) == 1 else forecast[name][end[0]][end[1]]
            other = value * (1 + 1e-5)
            found = verify(changed(said, ("forecast", name, *end), other), scenario, ranges=True)
            assert not found.holds, (name, end)
    for at, rule in enumerate(forecast["rules"]):
        for other in {None, 0.5} - {rule["chance"]}:
            found = verify(changed(said, ("forecast", "rules", at, "chance"), other), scenario, ranges=True)
            assert not found.holds, (rule, other)
    for name in ("frequency", "cost_per_person", "objective"):
        left = {key: value for key, value in forecast.items() if key != name}
        found = verify(changed(said, ("forecast",), left), scenario)
        assert f"forecast > {name}: is not stated" in map(str, found.differences)


def test_a_plan_of_before_states_no_people_in_draws_and_is_verified() -> None:
    scenario, said = campaign(), to_dict(planned())
    older = {key: value for key, value in said["forecast"].items() if key not in PEOPLE}
    about = [one["quantity"] in PEOPLE for one in said["constraints"]]
    assert sum(about) == 8
    older["rules"] = [one | ({"chance": None} if new else {}) for one, new in zip(older["rules"], about, strict=True)]
    found = changed(said, ("forecast",), older)
    assert verify(found, scenario, ranges=True).holds
    older["rules"][0] |= {"chance": 0.5}
    assert not verify(changed(said, ("forecast",), older), scenario, ranges=True).holds


def test_a_range_of_people_is_refused_where_there_is_no_audience() -> None:
    scenario = campaign(audience=None, objective={"maximize": "engagements"}, constraints={})
    plan = try_optimize(scenario, gap=0.02)
    said = to_dict(plan)
    assert "reach" not in said["forecast"]
    assert verify(said, scenario, ranges=True).holds
    more = said["forecast"] | {"reach": said["forecast"]["gross_reach"]}
    assert not verify(changed(said, ("forecast",), more), scenario, ranges=True).holds
