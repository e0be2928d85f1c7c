"""Frontiers: no plan is as good in both goals and better in one; checked by enumeration of small pools."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import pytest

from optimizer import load_scenario, sweep
from optimizer.analysis.frontier import second_goal
from optimizer.errors import ScenarioError
from tests.analysis.sweeping import loaded, small


def every_plan(said: dict[str, Any], pool: dict[str, list[Any]], team: int) -> list[tuple[int, int, int]]:
    """Engagements, views and fees of every plan within budget and team."""
    found = []
    rows = list(zip(pool["average_engagements"], pool["average_views"], pool["fee"], strict=True))
    for size in range(team + 1):
        for some in combinations(rows, size):
            if sum(row[2] for row in some) <= said["budget"]:
                found.append((sum(row[0] for row in some), sum(row[1] for row in some), sum(row[2] for row in some)))
    return found


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(("second", "at"), [("impressions", 1), ("minimize spend", 2)])
def test_each_point_is_not_dominated_and_the_ends_are_the_two_optima(seed: int, second: str, at: int) -> None:
    said, pool = small(seed, 8)
    said["constraints"] = {"team": {"quantity": "creators", "at_least": 0, "at_most": 4}}
    plans = every_plan(said, pool, 4)
    sign = -1 if at == 2 else 1
    found = sweep(load_scenario(said, creators=pool), frontier=second, points=6, gap=0.0)
    name = second.rsplit(maxsplit=1)[-1]
    reached = [(point.value or 0, sign * point.totals[name]) for point in found.points]
    others = [(one[0], sign * one[at]) for one in plans]
    for mine in reached:
        assert mine in others
        assert not any(other != mine and other[0] >= mine[0] and other[1] >= mine[1] for other in others)
    assert reached[0][0] == max(one[0] for one in others)
    assert reached[-1][1] == max(one[1] for one in others)
    assert reached == sorted(set(reached), reverse=True)
    assert all(point.proved and point.value == point.bound for point in found.points)


def test_many_points_find_the_whole_frontier_of_a_small_pool() -> None:
    said, pool = small(2, 6)
    said["constraints"] = {}
    others = {(one[0], one[1]) for one in every_plan(said, pool, 6)}
    whole = {one for one in others if not any(b != one and b[0] >= one[0] and b[1] >= one[1] for b in others)}
    found = sweep(load_scenario(said, creators=pool), frontier="impressions", points=200, gap=0.0)
    assert {(point.value, point.totals["impressions"]) for point in found.points} == whole


def test_a_cost_is_minimized_and_all_else_maximized() -> None:
    scenario = loaded(1)
    senses = [
        second_goal(scenario, said).sense for said in ("spend", "impressions", "maximize spend", "minimize posts")
    ]
    assert senses == ["minimize", "maximize", "maximize", "minimize"]


@pytest.mark.parametrize(
    ("said", "code"),
    [("reech", "frontier-quantity"), ("least spend", "frontier-quantity"), ("engagements", "frontier-same")],
)
def test_a_second_goal_that_is_none_is_refused(said: str, code: str) -> None:
    with pytest.raises(ScenarioError) as raised:
        sweep(loaded(1), frontier=said)
    assert raised.value.problems[0].code == code


def test_goals_in_order_have_no_frontier() -> None:
    scenario = loaded(1, objective="[{maximize: engagements}, {minimize: spend}]")
    with pytest.raises(ScenarioError, match="several goals"):
        sweep(scenario, frontier="impressions")


def test_a_scenario_without_a_plan_has_one_point_that_says_why() -> None:
    found = sweep(loaded(1, **{"constraints.team.at_least": 900, "constraints.team.at_most": 950}), frontier="spend")
    assert [point.outcome for point in found.points] == ["infeasible"]
    assert "team" in found.points[0].conflict


def test_a_frontier_of_which_a_weighted_goal_is_the_first() -> None:
    said, pool = small(4, 7)
    said |= {"constraints": {}, "objective": {"maximize": {"engagements": 2, "impressions": 0.5}}}
    found = sweep(load_scenario(said, creators=pool), frontier="spend", points=4, gap=0.0)
    best = max(2 * one[0] + 0.5 * one[1] for one in every_plan(said, pool, 7))
    assert found.points[0].value == best
    assert found.points[-1].totals["spend"] == 0
