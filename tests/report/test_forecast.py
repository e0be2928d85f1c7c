"""The forecast in every place where a plan is shown: text, JSON, CSV, workbook, comparison, notebook."""

from __future__ import annotations

import csv
import io
import json
import re
from functools import cache
from typing import Any

import numpy as np
import pytest

from optimizer import Plan, compare, load_scenario, optimize
from optimizer.domain.forecast import Common
from optimizer.report.as_csv import to_csv
from optimizer.report.as_html import to_fragment
from optimizer.report.sheets import plan_sheets
from optimizer.report.text import render

SIZE = 60
QUESTION: dict[str, Any] = {
    "format": 1,
    "currency": "EUR",
    "budget": 900,
    "objective": {"maximize": "conversions"},
    "assume": {"click_rate": "0.5%", "conversion_rate": "2%"},
    "constraints": {
        "enough": {"quantity": "conversions", "at_least": 55},
        "cheap": {"quantity": "cpa", "at_most": 17},
        "few": {"quantity": "creators", "at_most": 20},
        "each": {"quantity": "spend", "per": "creator", "at_most": 200},
    },
}


def frame() -> dict[str, list[Any]]:
    rng = np.random.default_rng(8)
    followers = rng.integers(2_000, 60_000, SIZE)
    views = np.rint(followers * 0.4 * np.exp(rng.normal(0, 1, SIZE))) + 50
    return {
        "creator": [f"@c{at:02}" for at in range(SIZE)],
        "platform": ["Instagram", "TikTok"] * (SIZE // 2),
        "niche": ["food", "pets", "travel"] * (SIZE // 3),
        "followers": followers.tolist(),
        "average_views": views.tolist(),
        "posts_measured": rng.integers(1, 12, SIZE).tolist(),
        "fee": rng.integers(30, 150, SIZE).tolist(),
    }


@cache
def planned(rates: str = "expected") -> Plan:
    question = QUESTION | {"forecast": {"rates": rates, "draws": 2_000}}
    if rates == "cautious":  # which cannot keep these rules
        question = {**question, "constraints": {}}
    return optimize(load_scenario(question, creators=frame()))


def test_the_goal_is_told_with_its_range_before_the_proof_which_is_about_expected_figures() -> None:
    first, second, third, *_ = render(planned(), 100).splitlines()
    assert first == "scenario"
    found = re.fullmatch(r"maximize conversions: ([\d.]+), most likely ([\d.]+) to ([\d.]+)", second)
    assert found is not None
    value, low, high = map(float, found.groups())
    assert low < value < high
    assert ", by the expected figures" in third


def test_by_measured_figures_nothing_is_forecast() -> None:
    plan = planned("measured")
    assert plan.forecast is None
    assert "forecast" not in plan.to_dict()
    assert not any("forecast" in one for one in plan.to_dict()["allocations"])
    text = render(plan, 100)
    assert "most likely" not in text
    assert "expected figures" not in text


def test_ranges_without_common_errors_are_narrower_and_without_them_all_is_alone() -> None:
    ranges = planned().forecast.ranges["conversions"]
    assert ranges.p10 < ranges.alone[0] < ranges.alone[1] < ranges.alone[2] < ranges.p90
    alone = _without_common()
    assert alone.forecast.ranges["conversions"].p90 == alone.forecast.ranges["conversions"].alone[2]


def _without_common() -> Plan:
    none = dict.fromkeys(Common.__slots__, 0)
    question = QUESTION | {"forecast": {"common": none, "draws": 1_000}}
    return optimize(load_scenario(question, creators=frame()))


def test_a_rule_that_rests_on_what_is_drawn_has_its_chance_and_a_sure_one_is_sure() -> None:
    plan = planned()
    chances = {one.name: one.chance for one in plan.forecast.rules}
    assert chances["few"] == 1
    assert chances["each"] is None
    assert 0.05 < chances["enough"] < 0.95
    assert 0.05 < chances["cheap"] < 0.95
    assert re.search(r"^ enough .* \d+ %$", render(plan, 120), re.MULTILINE)
    assert re.search(r"^ few .* sure$", render(plan, 120), re.MULTILINE)


def test_the_chance_is_the_share_of_draws_in_which_the_goal_reaches_the_floor() -> None:
    plan = planned()
    low = plan.forecast.ranges["conversions"].p10
    question = QUESTION | {"constraints": {"floor": {"quantity": "conversions", "at_least": low}}}
    again = optimize(load_scenario(question | {"forecast": {"draws": 2_000}}, creators=frame()))
    assert {one.creator for one in again.allocations} != set()
    same = again.forecast.ranges["conversions"]
    (_, rule) = again.forecast.rules
    if same == plan.forecast.ranges["conversions"]:
        assert rule.chance == pytest.approx(0.91, abs=0.02)  # several draws are at the floor
    assert rule.chance > 0.5


def test_every_booking_says_what_was_measured_over_how_many_posts_and_what_is_expected() -> None:
    plan = planned()
    for one in plan.allocations:
        said = one.forecast["conversions"]
        assert said.expected == one.values["conversions"]
        assert said.p10 <= said.p50 <= said.p90
        assert said.posts is not None
        assert said.why.startswith(f"{said.posts:.0f} post")
    lucky = max(plan.allocations, key=lambda one: one.forecast["impressions"].measured / one.values["impressions"])
    assert "far above its kind" in lucky.forecast["impressions"].why
    block = render(plan, 120).split("\nExpected conversions of each\n")[1]
    assert re.search(rf"^ {lucky.creator} .* posts?, far above its kind", block, re.MULTILINE)


def test_the_json_comes_back_as_it_was() -> None:
    plan = planned()
    assert Plan.from_json(plan.to_json()) == plan
    said = json.loads(plan.to_json())["forecast"]
    assert list(said)[:9] == ["rates", "unmeasured", "fit", "counts", "draws", "seed", "common", "rules", "conversions"]
    assert said["objective"]["p10"] == said["conversions"]["p10"]


def test_csv_and_workbook_have_the_range_of_each_booking() -> None:
    plan = planned()
    rows = list(csv.DictReader(io.StringIO(to_csv(plan, raw=True))))
    by_name = {one.creator: one.forecast["conversions"] for one in plan.allocations}
    for row in rows:
        one = by_name[row["creator"]]
        assert float(row["posts measured"]) == one.posts
        assert float(row["conversions measured"]) == pytest.approx(one.measured)
        assert float(row["conversions p90"]) == pytest.approx(one.p90)
        assert row["why"] == one.why
    sheets = {view.title: view for view in plan_sheets(plan)}
    assert "conversions" in sheets["Forecast"].column("quantity")
    assert "conversions p10" in [column.name for column in sheets["Booked"].columns]


def test_a_comparison_sets_the_ranges_side_by_side() -> None:
    found = compare({"expected": planned(), "measured": planned("measured")})
    assert re.search(r"^ +most likely +[\d.]+ to [\d.]+", str(found), re.MULTILINE)
    first, second = found.to_dict()["cases"]
    assert second["forecast"] is None
    assert first["forecast"]["objective"]["p10"] < first["objective"]["value"]


def test_a_notebook_shows_the_same() -> None:
    html = to_fragment(planned())
    assert "most likely" in html
    assert "<caption>Forecast</caption>" in html


def test_cautious_plans_promise_less_than_they_are_expected_to_bring() -> None:
    cautious, usual = planned("cautious"), planned()
    assert cautious.objective.value < usual.objective.value
    assert cautious.totals["spend"] > 0


def test_a_segment_that_is_booked_often_adds_up_to_its_budget_in_every_draw() -> None:
    segment = {"name": "typical", "platform": "tiktok", "followers": 5_000, "available": 700, "fee": "19.99"}
    question = {
        "format": 1,
        "currency": "EUR",
        "budget": 7_000,
        "objective": {"maximize": "impressions"},
        "segments": [segment],
        "assume": {"view_rate": "30%"},
    }
    plan = optimize(load_scenario(question))
    assert plan.allocations[0].count == 350
    (budget,) = plan.forecast.rules
    assert budget.chance == 1
    ranges = plan.forecast.ranges["impressions"]
    assert ranges.p10 < ranges.expected < ranges.p90
    assert plan.allocations[0].forecast == {}
