"""Ladders and boost through everything that plans go through: a planner, comparisons, repairs, and every way out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from optimizer import (
    NoPlan,
    Plan,
    Planner,
    compare,
    load_scenario,
    optimize,
    to_json,
    try_optimize,
    verify,
    write_model,
)
from optimizer.cli.main import main
from optimizer.domain.scenario import Scenario
from optimizer.results.from_json import from_json

POOL: dict[str, list[Any]] = {
    "creator": [f"@c{at:02}" for at in range(14)],
    "followers": [1_500 + 417 * at for at in range(14)],
    "average_views": [200 + (at * 613) % 5_000 for at in range(14)],
    "average_engagements": [20 + (at * 37) % 400 for at in range(14)],
    "fee": [30 + (at * 53) % 310 for at in range(14)],
}
SAID: dict[str, Any] = {
    "format": 1,
    "name": "Launch",
    "currency": "EUR",
    "budget": 1_100,
    "wallets": {"boost": 400},
    "objective": {"maximize": "conversions"},
    "assume": {"click_rate": "1%", "conversion_rate": "5%"},
    "boost": {
        "spark": {"cpm": 6, "rights": "10%", "keeps": [{"up_to": 100, "keep": "100%"}, {"up_to": 300, "keep": "50%"}]}
    },
    "offers": {
        "booktok": {"deliver": {"video": [1, 2]}, "boost": {"spark": [0, 100, 300]}},
        "story": {"deliver": {"story": 1}},
    },
    "constraints": {
        "team": {"quantity": "creators", "at_most": 7},
        "bought": {"quantity": "impressions.paid", "at_least": 30_000},
        "some stories": {"quantity": "creators", "group": {"offer": "story"}, "at_least": 2},
    },
}
PLAIN = {"offers.booktok.boost": None, "wallets": None, "constraints.bought": None}


def scenario(changes: dict[str, Any] | None = None) -> Scenario:
    return load_scenario(SAID, creators=POOL, changes=changes)


@pytest.fixture(scope="module")
def plan() -> Plan:
    return optimize(scenario(), gap=0)


def test_a_planner_finds_for_each_change_of_a_ladder_what_a_fresh_start_finds() -> None:
    planner = Planner(scenario(), gap=0)
    for changes in (
        {},
        {"wallets.boost": 250},
        {"offers.booktok.boost.spark": "[0, 50, 100, 200]"},
        {"offers.booktok.deliver.video": "2"},
        {"boost.spark.cpm": 4},
        {"objective.maximize": "impressions.organic"},
        PLAIN,
    ):
        found, fresh = planner.plan(changes), optimize(scenario(changes), gap=0)
        assert isinstance(found, Plan)
        assert (found.claim, found.objective.value) == ("optimal", fresh.objective.value), changes
        assert verify(found, scenario(changes)).holds, changes


def test_plans_with_and_without_a_boost_are_compared() -> None:
    cases = {"plain": scenario(PLAIN), "boosted": scenario(), "dearer": scenario({"boost.spark.cpm": 9})}
    comparison = compare(cases, gap=0)
    values = [case.result.objective.value for case in comparison.cases if isinstance(case.result, Plan)]
    assert len(values) == 3
    assert values[0] < values[2] < values[1]
    said = json.loads(to_json(comparison))
    assert "booktok, video 2, spark 100" in json.dumps(said)
    assert all(verify(case.result, cases[case.name]).holds for case in comparison.cases)


def test_each_repair_of_a_boost_that_no_plan_can_buy_mends_it() -> None:
    changes = {"constraints.bought.at_least": 400_000}
    result = try_optimize(scenario(changes), gap=0)
    assert isinstance(result, NoPlan)
    assert {"bought"} < set(result.conflict)
    assert verify(result, scenario(changes)).holds
    mended = 0
    for repair in result.repairs:
        if repair.constraint == "bought":
            assert repair.to is not None
            again = try_optimize(scenario({"constraints.bought.at_least": repair.to}), gap=0)
            assert isinstance(again, Plan)
            mended += 1
    assert mended == 1


def test_a_plan_with_a_boost_can_be_read_again_and_holds_with_its_ranges(plan: Plan) -> None:
    assert plan.totals["boost"] > 0
    assert from_json(to_json(plan), Plan) == plan
    assert verify(json.loads(to_json(plan)), scenario(), ranges=True).holds


@pytest.mark.parametrize(
    "change",
    [
        ("boost", 1.0),
        ("impressions.paid", 1.0),
        ("impressions.organic", -0.5),
    ],
)
def test_a_boost_that_is_stated_otherwise_is_found(plan: Plan, change: tuple[str, float]) -> None:
    name, more = change
    said = json.loads(to_json(plan))
    said["totals"][name] += more
    assert not verify(said, scenario()).holds
    said = json.loads(to_json(plan))
    said["allocations"][0][name] += more
    assert not verify(said, scenario()).holds


def test_a_plan_of_another_price_or_ladder_does_not_hold(plan: Plan) -> None:
    for changes in ({"boost.spark.cpm": "6.01"}, {"boost.spark.rights": "11%"}, {"boost.spark.keeps": None}):
        assert not verify(plan, scenario(changes)).holds, changes


def test_the_written_program_names_the_steps(tmp_path: Path) -> None:
    write_model(scenario(), tmp_path / "model.lp")
    assert "booktok, video 2, spark 300" in (tmp_path / "model.lp").read_text(encoding="utf-8")


def test_files_hold_the_steps_and_what_they_buy(tmp_path: Path) -> None:
    (tmp_path / "pool.csv").write_text(
        "\n".join([",".join(POOL), *(",".join(map(str, row)) for row in zip(*POOL.values(), strict=True))]), "utf-8"
    )
    (tmp_path / "s.yaml").write_text(json.dumps(SAID | {"creators": "pool.csv"}), encoding="utf-8")
    for name in ("plan.csv", "plan.json", "plan.txt"):
        made = CliRunner().invoke(
            main, ["plan", str(tmp_path / "s.yaml"), "--gap", "0.01", "--out", str(tmp_path / name)]
        )
        assert made.exit_code == 0, made.output
        text = (tmp_path / name).read_text(encoding="utf-8")
        assert "booktok, video 2, spark 100" in text, name
        assert "boost" in text, name
