"""Sweeps: each point is the plan that would be made there alone, and what is said about neighbours follows from it."""

from __future__ import annotations

import os
import random
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import active_children
from signal import SIGKILL
from typing import Any

import pytest

from optimizer import InfeasibleError, Plan, Sweep, load_scenario, optimize, sweep, try_optimize
from optimizer.analysis import fan_out, points
from optimizer.errors import ScenarioError
from tests.analysis.sweeping import loaded, small

TEAM = 'constraints."team".at_most'
ANA = {"creator": ["@ana", "@bea"], "average_engagements": [150, 600], "fee": [100, 250]}
SAID = {"format": 1, "currency": "EUR", "budget": 250, "objective": {"maximize": "engagements"}}


def two() -> Any:
    return load_scenario(SAID, creators=ANA)


@pytest.mark.parametrize("seed", range(6))
def test_each_point_equals_a_fresh_plan(seed: int) -> None:
    varied = [{"budget": "100:900:400"}, {"constraints.books.at_most": "20%:100%:40%", "budget": [300, 700]}][seed % 2]
    found = sweep(loaded(seed), varied, gap=0.0)
    assert not found.failed
    for point in found.points:
        fresh = try_optimize(loaded(seed, **point.changes), gap=0.0)
        assert point.outcome == fresh.outcome
        if isinstance(fresh, Plan):
            assert point.value == fresh.objective.value == point.bound
            assert point.claim == "optimal"
            assert point.totals["engagements"] == fresh.totals["engagements"]


@pytest.mark.parametrize("seed", [1, 2, 4])
def test_more_budget_never_lowers_the_value_and_the_value_never_passes_the_bound(seed: int) -> None:
    values = [point for point in sweep(loaded(seed, 40), {"budget": "200:2000:300"}, gap=0.0).points if point.value]
    assert [point.value for point in values] == sorted(point.value or 0 for point in values)
    rough = sweep(loaded(seed, 40), {"budget": "200:2000:300"}, gap=0.05)
    assert all((point.value or 0) <= (point.bound or 0) for point in rough.points)
    assert all((rough_.bound or 0) >= (best.value or 0) for rough_, best in zip(rough.points, values, strict=True))


def test_what_a_plan_shows_is_what_is_booked() -> None:
    scenario = loaded(3, budget=700)
    point = sweep(scenario, {"budget": [700]}, gap=0.0).points[0]
    plan = optimize(scenario, gap=0.0)
    assert point.totals == plan.totals
    assert sorted(point.creators) == sorted(booking.creator for booking in plan.allocations)
    priced = {f"{rule.name}" + (f" ({rule.per_value})" if rule.per_value else ""): rule for rule in plan.constraints}
    assert point.prices == {name: rule.shadow_price for name, rule in priced.items() if rule.shadow_price}


def test_who_comes_in_and_who_leaves_is_against_the_point_before() -> None:
    found = sweep(two(), {"budget": [100, 240, 250]}).points
    assert [(one.comes_in, one.leaves) for one in found] == [(None, None), ((), ()), (("@bea",), ("@ana",))]
    assert [one.roster_changes for one in found] == [False, False, True]


def test_a_marginal_value_is_the_difference_to_the_proved_point_before() -> None:
    one, other, last = (point.marginal for point in sweep(two(), {"budget": [100, 250, 350]}, gap=0.0).points)
    assert one is not None
    assert (one.per, one.difference) == ("EUR", None)
    assert other is not None
    assert (other.difference, other.low, other.high) == (3.0, 3.0, 3.0)
    assert last is not None
    assert last.difference == pytest.approx(1.5)


def test_a_marginal_value_by_price_has_the_sign_of_what_the_input_does() -> None:
    said, pool = small(0, 30)
    said["constraints"] = {"food": {"quantity": "spend", "group": {"niche": "food"}, "at_least": "90%"}}
    found = sweep(load_scenario(said, creators=pool), {"constraints.food.at_least": "88%:92%:2%"}, gap=0.0)
    for point in found.points:
        assert point.marginal is not None
        assert point.marginal.per == "point"
        assert point.marginal.price == -point.prices["food"] < 0
        assert point.marginal.difference is None or point.marginal.difference <= 0


def test_a_price_is_not_given_where_the_budget_also_moves_shares_of_it() -> None:
    said, pool = small(0)
    said["constraints"]["food"] = {"quantity": "spend", "group": {"niche": "food"}, "of": "budget", "at_most": "50%"}
    for point in sweep(load_scenario(said, creators=pool), {"budget": [300, 600]}).points:
        assert point.marginal is None or point.marginal.price is None


def test_two_inputs_make_a_grid_with_neighbours_along_the_last() -> None:
    found = sweep(loaded(1), {TEAM: [1, 2], "budget": [200, 400]})
    assert [(one.at[TEAM], one.at["budget"]) for one in found.points] == [(1, 200), (1, 400), (2, 200), (2, 400)]
    assert [one.comes_in is None for one in found.points] == [True, False, True, False]


def test_a_weight_of_the_goal_is_varied_and_values_of_other_goals_are_not_compared() -> None:
    said, pool = small(2)
    said["objective"] = {"maximize": {"engagements": 1, "impressions": 0.1}}
    found = sweep(load_scenario(said, creators=pool), {"objective.maximize.impressions": [0.01, 0.1, 10]}, gap=0.0)
    assert [point.of["impressions"] for point in found.points] == [0.01, 0.1, 10]
    assert all(point.of["engagements"] == 1 for point in found.points)
    assert all(point.marginal is None for point in found.points)
    for point in found.points:
        assert point.value == pytest.approx(sum(weight * point.totals[name] for name, weight in point.of.items()))


def test_an_assumed_figure_is_varied() -> None:
    said, pool = small(2)
    said |= {"objective": {"maximize": "clicks"}, "assume": {"click_rate": "1%"}}
    found = sweep(load_scenario(said, creators=pool), {"assume.click_rate": "1%:3%:1%"}, gap=0.0)
    first = found.points[0].value or 0
    assert [point.value for point in found.points] == pytest.approx([first, 2 * first, 3 * first])
    assert [point.at["assume.click_rate"] for point in found.points] == [0.01, 0.02, 0.03]


def test_each_point_begins_over_bookings_that_are_known(monkeypatch: pytest.MonkeyPatch) -> None:
    whole, begun = points.pointed, []

    def seen(scenario: Any, terms: Any, known: Any, beginning: Any, **more: Any) -> Any:
        if known is not None and beginning is not None and beginning.plan and beginning.bookings == len(known):
            ids = known.scenario.pool.ids
            begun.append(sorted(ids[at] for at in known.columns.creator[beginning.plan.columns].tolist()))
        found = whole(scenario, terms, known, beginning, **more)
        planned.append(sorted(found.point.creators))
        return found

    planned: list[list[str]] = []
    monkeypatch.setattr(points, "pointed", seen)
    frame = {"creator": ["@ana", "@bea", "@cia"], "average_engagements": [10, 150, 600], "fee": [20, 100, 250]}
    scenario = load_scenario({**SAID, "creators": {"where": {"fee": {"from": 0}}}}, creators=frame)
    sweep(scenario, {"creators.where.fee.from": [0, 90, 200, 30]}, gap=0.0)
    assert planned
    assert all(names in planned for names in begun), (begun, planned)


def test_a_point_without_a_plan_says_what_it_lacks_and_the_repair_works() -> None:
    said, pool = small(0)
    said["constraints"] = {"seen": {"quantity": "impressions", "at_least": 4_000}}
    scenario = load_scenario(said, creators=pool)
    dear, enough = sweep(scenario, {"budget": [20, 800]}).points
    assert (dear.outcome, enough.outcome) == ("infeasible", "plan")
    assert dear.proof == "prices"
    assert enough.comes_in is None
    (raised,) = [one for one in dear.lacks if one.constraint == "budget" and one.option == 1]
    mended = load_scenario(said, creators=pool, changes={"budget": raised.to})
    assert isinstance(try_optimize(mended), Plan)
    with pytest.raises(InfeasibleError):
        optimize(load_scenario(said, creators=pool, changes={"budget": (raised.to or 0) - 1}))


def test_a_point_that_fails_does_not_lose_the_others() -> None:
    found = sweep(two(), {"budget": ["100", "some", "250"]})
    assert [point.value for point in found.points] == [150, 600]
    (failed,) = found.failed
    assert failed.at == {"budget": "some"}
    assert "is not a number" in failed.cause
    assert found.points[1].comes_in is None  # its neighbour is not there


def test_a_point_that_fails_by_our_own_fault_does_not_lose_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    real = points.pointed

    def faulty(scenario: Any, *more: Any, **named: Any) -> Any:
        if scenario.changes["budget"] == "100":
            raise RuntimeError("broken")
        return real(scenario, *more, **named)

    monkeypatch.setattr(points, "pointed", faulty)
    found = sweep(two(), {"budget": [50, 100, 250]})
    assert [point.value for point in found.points] == [0, 600]
    assert "broken" in found.failed[0].cause


def test_an_input_that_no_scenario_has_is_refused() -> None:
    with pytest.raises(ScenarioError, match="bugdet"):
        sweep(two(), {"bugdet": [1, 2, 3]})


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({}, "say either"),
        ({"vary": {"budget": "1:2:1"}, "frontier": "spend"}, "say either"),
        ({"vary": {"budget": []}}, "no values"),
        ({"vary": {"budget": [1]}, "workers": 0}, "workers"),
        ({"vary": {"budget": [1]}, "gap": 1.0}, "gap"),
        ({"frontier": "spend", "points": 1}, "points"),
    ],
)
def test_a_wrong_call_is_refused(more: dict[str, Any], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        sweep(two(), **more)


def test_a_sweep_that_is_cancelled_keeps_what_is_done() -> None:
    done = [0]

    def progress(count: int, total: int) -> None:
        assert total == 9
        done[0] = count

    found = sweep(loaded(1), {"budget": "100:900:100"}, on_progress=progress, cancel=lambda: done[0] >= 3)
    assert len(found.points) == 3
    assert len(found.not_planned) == 6
    alone = {one.at["budget"]: one.value for one in sweep(loaded(1), {"budget": "100:900:100"}).points}
    assert all(alone[one.at["budget"]] == one.value for one in found.points)


def test_the_same_question_has_the_same_bytes_also_of_a_shuffled_pool_and_on_threads() -> None:
    said, pool = small(5, 60)
    varied = {"budget": "300:3000:300"}
    order = random.Random(7).sample(range(60), 60)
    shuffled = {name: [column[at] for at in order] for name, column in pool.items()}
    alone = sweep(load_scenario(said, creators=pool), varied).to_json()
    assert sweep(load_scenario(said, creators=shuffled), varied).to_json() == alone
    with ThreadPoolExecutor(2) as executor:
        there = sweep(load_scenario(said, creators=pool), varied, executor=executor)
    assert there.to_json() == alone


def test_a_worker_process_that_is_killed_half_way_loses_nothing() -> None:
    scenario, varied = loaded(5, 60), {"budget": "300:3000:150"}
    killed = []

    def progress(count: int, total: int) -> None:
        if count > 1 and not killed:
            victim = next(child.pid for child in active_children() if child.pid)  # of pid 0, this process would die too
            killed.append(victim)
            os.kill(victim, SIGKILL)

    found = sweep(scenario, varied, workers=2, on_progress=progress)
    assert killed
    assert found.to_json() == sweep(scenario, varied).to_json()


class _Deadly:
    """An executor whose process dies of one chunk, and takes all that waits with it."""

    def __init__(self, place: int) -> None:
        self.place, self.broken = place, False

    def submit(self, run: Any, work: Any = None, chunk: Any = None) -> Future[Any]:
        if self.broken:
            raise BrokenProcessPool
        self.broken = chunk is not None and self.place in [place for place, _ in chunk.points]
        future: Future[Any] = Future()
        if self.broken:
            future.set_exception(BrokenProcessPool())
        else:
            future.set_result(None if chunk is None else points.plan_chunk(work, chunk))
        return future

    def shutdown(self, **_: object) -> None:
        pass


def test_a_chunk_that_kills_each_worker_fails_and_the_others_are_planned(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fan_out.Crew, "_new", lambda crew, workers: _Deadly(6))
    real = fan_out.crew
    monkeypatch.setattr(
        fan_out, "crew", lambda workers, work, one: (points.has(work.key, one), real(workers, work, one))[1]
    )
    found = sweep(loaded(1), {"budget": "100:900:50"}, workers=2)
    assert {one.at["budget"] for one in found.failed} >= {400}
    assert all("died" in one.cause for one in found.failed)
    assert len(found.points) + len(found.failed) == 17
    assert len(found.failed) <= 3


def test_an_executor_that_fails_costs_only_its_points() -> None:
    class Failing(ThreadPoolExecutor):
        def submit(self, run: Any, /, *arguments: Any, **more: Any) -> Future[Any]:  # type: ignore[override]
            if 0 in [place for place, _ in arguments[1].points]:
                return super().submit(lambda: 1 // 0)
            return super().submit(run, *arguments, **more)

    with Failing(2) as executor:
        found = sweep(loaded(1), {"budget": "100:900:50"}, executor=executor)
    assert 100 in {one.at["budget"] for one in found.failed}
    assert all("ZeroDivisionError" in one.cause for one in found.failed)
    assert len(found.points) + len(found.failed) == 17


def test_another_version_on_a_worker_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("optimizer.__version__", "9.9")
    work = points.Work("x", 0.1, None, 1, False, "1.0")
    with pytest.raises(RuntimeError, match=r"has creatormix 9\.9"):
        points.plan_chunk(work, points.Chunk((), None))


def test_ranges_of_the_goal_are_those_of_the_plan() -> None:
    said, pool = small(4, 40)
    del said["forecast"]
    scenario = load_scenario(said, creators=pool)
    (point,) = sweep(scenario, {"budget": [800]}, gap=0.0, ranges=True).points
    plan = optimize(scenario, gap=0.0)
    assert plan.forecast is not None
    goal = plan.forecast.ranges["objective"]
    assert point.likely == (goal.p10, goal.p90)
    assert sweep(scenario, {"budget": [800]}).points[0].likely is None


def test_a_sweep_is_a_table_for_programs() -> None:
    found = sweep(two(), {"budget": [100, 250]})
    assert isinstance(found, Sweep)
    table = found.to_polars()
    assert table["budget"].to_list() == [100, 250]
    assert table["value"].to_list() == [150, 600]
    assert table["comes in"].to_list() == [None, "@bea"]
    assert found.to_pandas()["total spend"].tolist() == [100, 250]
