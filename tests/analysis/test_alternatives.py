"""Plans near the best one: against all plans of small programs."""

from __future__ import annotations

import json
import random
import re
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from optimizer import Alternatives, InfeasibleError, alternatives, load_scenario
from optimizer.analysis.marks import marks
from optimizer.analysis.most_different import Different, most_different
from optimizer.analysis.near_best import NearBest, without_indicators
from optimizer.analysis.reserves import MOST, reserves
from optimizer.domain.exact import Ints
from optimizer.estimation.estimate import estimate
from optimizer.formulation.build import build
from optimizer.formulation.terms import Booked
from optimizer.planning import stand_ins
from optimizer.planning.near import Near
from optimizer.solving.clock import Clock
from optimizer.solving.engine import solve
from tests.support.amounts import times
from tests.support.proofs import MOST_POINTS, plans_of
from tests.support.scenarios import scenario
from tests.support.small import FRAME, SAID, SEGMENT, small

COUNT = 24
SHARES = ("0", "0.05", "0.3")


@dataclass(frozen=True, eq=False)
class Drawn:
    """A random program, with all plans that keep its rules (plans, bookings) and their values."""

    near: Near
    points: Ints
    values: Ints

    @property
    def plan(self) -> Booked:
        return without_indicators(self.near, self.near.plan)

    @property
    def who(self) -> Ints:
        return self.near.estimates.columns.creator

    def near_best(self, share: str, *, listing: bool = True) -> NearBest:
        found = NearBest(self.near, Fraction(share), 2_000)
        if not listing:
            found.__dict__["listed"] = None  # as if there were too many
        return found

    def booked(self, points: Ints) -> Ints:
        """How often each plan books each creator (plans, creators)."""
        found = np.zeros((len(points), len(self.near.program.ids)), dtype=np.int64)
        np.add.at(found.T, self.who, points.T)
        return found

    def point(self, plan: Booked) -> tuple[int, ...]:
        found = np.zeros(self.points.shape[1], dtype=np.int64)
        found[plan.columns] = plan.counts
        return tuple(found.tolist())


@cache
def drawn(number: int) -> Drawn | None:
    words = [(), ("logic", "segments"), ("each", "talents", "logic"), ("segments",)][number % 4]
    said, frame = scenario(f"alternatives {number}", sizes=(3, 7), words=words)
    estimates = estimate(load_scenario(said, creators=frame))
    program = build(estimates)
    ways = np.prod(program.available.astype(float) + 1) * 2.0 ** (program.bookings / 3)
    if not program.all_whole or program.parts != 1 or ways > 10 * MOST_POINTS:
        return None
    solution = solve(program, gap=0.0, clock=Clock(rounds=2_000))
    if solution.plan is None:
        return None
    plans = plans_of(program.with_all_rows())
    points = plans.points[:, : program.bookings]
    return Drawn(Near(estimates, solution, Clock()), points, np.array(plans.values))


def every() -> list[tuple[int, Drawn]]:
    return [(number, found) for number in range(times(COUNT)) if (found := drawn(number)) is not None]


def cases() -> list[tuple[int, Drawn, str]]:
    return [(number, found, SHARES[number % len(SHARES)]) for number, found in every()]


# --- against all plans ---


def test_enough_programs_are_drawn() -> None:
    assert len(every()) >= COUNT // 2


@pytest.mark.parametrize("listing", [True, False])
def test_marks_are_those_of_all_plans_near_the_best(listing: bool) -> None:
    wrong, seen = [], set()
    for number, found, share in cases():
        near_best = found.near_best(share, listing=listing)
        booked = found.booked(found.points[found.values >= near_best.least]) > 0
        marked = marks(near_best, [found.plan])
        seen |= {"core"} if marked.core.any() else set()
        seen |= {"swappable"} if marked.swappable.any() else set()
        right = (marked.core == booked.all(axis=0)) & ((marked.core | marked.swappable) == booked.any(axis=0))
        if not right.all() or marked.open.any():
            wrong.append((number, marked))
    assert wrong == []
    assert seen == {"core", "swappable"}


@pytest.mark.parametrize("listing", [True, False])
def test_each_next_plan_shares_as_few_names_as_any_could(listing: bool) -> None:
    wrong, found_any, none = [], 0, 0
    for number, found, share in cases():
        near_best = found.near_best(share, listing=listing)
        good = found.booked(found.points[found.values >= near_best.least])
        plans = [found.plan]
        for _ in range(3):
            former = [found.booked(np.array([found.point(plan)]))[0] for plan in plans]
            shared = np.stack([good[:, one > 0].sum(axis=1) for one in former], axis=1)
            drops = (shared < np.array([one.sum() for one in former])).all(axis=1)
            new = good[:, sum(former) == 0].any(axis=1)
            asked = drops if drops.any() else new
            other = most_different(near_best, plans)
            if isinstance(other, Different):
                found_any += 1
                at = [tuple(one) for one in found.points.tolist()].index(found.point(other.plan))
                right = other.proved and found.values[at] >= near_best.least
                if not right or other.shared != shared[asked].sum(axis=1).min():
                    wrong.append((number, other.shared, other.proved))
                plans.append(other.plan)
            else:
                none += 1
                if asked.any() or not other.proved:
                    wrong.append((number, "none", other.proved))
                break
    assert wrong == []
    assert found_any >= COUNT // 3
    assert none >= COUNT // 6


@pytest.mark.parametrize("listing", [True, False])
def test_a_plan_that_books_nobody_is_given_once(listing: bool) -> None:
    nobody, seen = Booked(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)), 0
    for _, found, _ in cases():
        near_best = found.near_best("10", listing=listing)  # where plans may be worth nothing
        if found.point(nobody) in {tuple(one) for one in found.points.tolist()} and near_best.has(nobody):
            everybody = max(found.points[found.values >= near_best.least].tolist(), key=sum)
            columns = np.flatnonzero(everybody)
            other = most_different(near_best, [nobody, Booked(columns, np.array(everybody)[columns])])
            assert not isinstance(other, Different) or len(other.plan)
            seen += 1
    assert seen >= 3


def test_plans_that_share_the_fewest_are_worth_as_much_as_any_with_the_same_names() -> None:
    for _, found, share in cases():
        near_best = found.near_best(share)
        other = most_different(near_best, [found.plan])
        if isinstance(other, Different) and other.dropped and near_best.listed is not None:
            booked = found.booked(found.points)
            mine = found.booked(np.array([found.point(found.plan)]))[0] > 0
            alike = booked[:, mine].sum(axis=1) == other.shared
            fewer = booked[:, mine].sum(axis=1) < mine.sum()
            assert found.near.program.value(other.plan) == found.values[alike & fewer].max()


def without_include(found: Drawn, creator: int) -> Drawn:
    """The same where a creator need not be booked."""
    program = found.near.program
    required = program.required.copy()
    required[: len(program.creator)][program.creator == creator] = 0
    if (required == program.required).all():
        return found
    plans = plans_of(replace(build(found.near.estimates), required=required).with_all_rows())
    return Drawn(found.near, plans.points[:, : program.bookings], np.array(plans.values))


def single_ones(found: Drawn, rest: Ints, lost: int) -> list[int]:
    """The values of the best plans with one stand-in of each creator, the best first."""
    values = {tuple(point): value for point, value in zip(found.points.tolist(), found.values.tolist(), strict=True)}
    best: dict[int, int] = {}
    held = found.near.program.available[: len(found.near.program.creator)]
    most = np.bincount(found.near.program.creator, weights=held, minlength=len(found.near.program.ids))
    taken = np.bincount(found.who, weights=rest, minlength=len(most))
    for column in range(len(rest)):
        creator = int(found.who[column])
        if creator == lost and taken[creator] + 1 >= most[creator]:
            continue
        more = rest.copy()
        more[column] += 1
        value = values.get(tuple(more.tolist()))
        if value is not None:
            best[creator] = max(best.get(creator, value), value)
    return sorted(best.values(), reverse=True)


@pytest.mark.parametrize("first", [4_000, 5])
def test_stand_ins_are_the_best_that_keep_all_rules(first: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stand_ins, "_FIRST", first)
    wrong, kinds = [], {"single": 0, "together": 0, "none": 0, "nobody": 0}
    for number, whole in every():
        for reserve in reserves(whole.near_best("0.1"), whole.plan):
            found = without_include(whole, reserve.creator)
            known = {tuple(point) for point in found.points.tolist()}
            rest = np.array(found.point(found.plan))
            rest[reserve.column] -= 1
            singles = single_ones(found, rest, reserve.creator)
            mine = [int(value) for _, value in reserve.steps_in]
            if bool(reserve.breaks) != (tuple(rest.tolist()) not in known) and reserve.breaks:
                wrong.append((number, reserve, "breaks"))
            if singles:
                kinds["single"] += 1
                if mine != singles[:MOST] or not reserve.keeps or reserve.together:
                    wrong.append((number, reserve, singles))
                continue
            held = (found.points >= rest).all(axis=1)
            program = found.near.program
            units = program.available[: len(program.creator)][program.creator == reserve.creator].sum()
            held &= found.booked(found.points)[:, reserve.creator] < units
            if tuple(rest.tolist()) in known:
                kinds["nobody"] += 1
                right = reserve.keeps and not mine
            elif held.any():
                kinds["together"] += 1
                best = found.values[held].max()
                right = reserve.together and reserve.keeps and {*mine} == {int(best)} and reserve.proved
            else:
                kinds["none"] += 1
                right = not reserve.keeps and not reserve.together and reserve.proved
            if not right:
                wrong.append((number, reserve, held.any()))
    assert wrong == []
    assert kinds["single"] >= COUNT // 4
    assert kinds["together"] + kinds["none"] >= 3


# --- as it is asked ---


def found_of(creators: dict[str, list[Any]] | None = None, **more: Any) -> Alternatives:
    asked = {key: more.pop(key) for key in ("within", "count", "everybody") if key in more}
    return alternatives(small(creators, **more), gap=0, **asked)


def marks_of(found: Alternatives) -> dict[str, str]:
    return {one.creator: one.mark for one in found.creators}


def test_names_are_marked_and_plans_differ_by_names() -> None:
    pool = {"creator": ["@ana", "@bea", "@cleo", "@dan"], "average_engagements": [600, 150, 149, 20], "fee": [100] * 4}
    found = found_of(pool, budget=200, within=0.02)
    assert marks_of(found) == {"@ana": "core", "@bea": "swappable", "@cleo": "swappable", "@dan": "never"}
    assert all(one.proved for one in found.creators)
    (other,) = found.plans
    assert (other.value, other.comes_in, other.leaves) == (749.0, ("@cleo",), ("@bea",))
    assert (other.differs, other.shared, other.proved) == (1, 1, True)
    assert other.loss == pytest.approx(1 / 750)
    assert found.no_other == "proved"
    assert found.counts == {"core": 1, "swappable": 2, "never": 1, "open": 0}


def test_another_offer_of_the_same_creators_is_no_other_plan() -> None:
    offers = {"one": {"deliver": {"video": 1}}, "two": {"deliver": {"video": 2}, "discount": "40%"}}
    found = found_of(offers=offers, budget=5_000, within=0.6)
    assert {booking.offer for booking in found.best.allocations} == {"two"}
    assert all(one.leaves for one in found.plans)


def test_of_equal_creators_all_are_swappable_and_each_steps_in() -> None:
    pool = {"creator": [f"@c{at}" for at in range(8)], "average_engagements": [100] * 8, "fee": [50] * 8}
    found = found_of(pool, budget=150, within=0, count=5)
    assert found.counts == {"core": 0, "swappable": 8, "never": 0, "open": 0}
    assert [one.shared for one in found.plans][:1] == [0]
    assert all(one.value == found.best.objective.value for one in found.plans)
    assert all(len(one.stand_ins) == 5 and one.stand_ins[0].loss == 0 for one in found.reserves)


def test_nobody_booked_and_a_single_creator_have_answers_too() -> None:
    nobody = found_of(budget=10)
    assert nobody.best.empty
    assert (nobody.plans, nobody.reserves, nobody.no_other) == ((), (), "proved")
    assert {*marks_of(nobody).values()} == {"never"}
    alone = found_of({"creator": ["@ana"], "average_engagements": [100], "fee": [50]}, budget=100, within=0.5)
    assert marks_of(alone) == {"@ana": "core"}
    assert alone.plans == ()
    assert [(one.creator, one.stand_ins, one.keeps) for one in alone.reserves] == [("@ana", (), True)]


def test_who_must_be_booked_is_core_and_has_stand_ins() -> None:
    found = found_of(budget=500, within=0.9, include=["@bob"])
    assert marks_of(found)["@bob"] == "core"
    assert found.plans
    assert all(any(booking.creator == "@bob" for booking in one.allocations) for one in found.plans)
    reserve = next(one for one in found.reserves if one.creator == "@bob")
    assert [one.creator for one in reserve.stand_ins] == ["@cyd"]


def test_a_floor_that_no_single_creator_keeps_takes_several() -> None:
    pool = {
        "creator": ["@big", "@one", "@two", "@six"],
        "average_engagements": [900, 300, 290, 50],
        "fee": [200, 100, 90, 10],
    }
    rules = {"promised": {"quantity": "engagements", "at_least": 580}}
    found = found_of(pool, budget=200, constraints=rules)
    (reserve,) = found.reserves
    assert (reserve.creator, reserve.breaks, reserve.together, reserve.keeps) == ("@big", ("promised",), True, True)
    assert [one.creator for one in reserve.stand_ins] == ["@one", "@two", "@six"]
    assert reserve.proved
    harder = {"promised": {"quantity": "engagements", "at_least": 800}}
    (reserve,) = found_of(pool, budget=200, constraints=harder).reserves
    assert (reserve.keeps, reserve.together, reserve.proved) == (False, False, True)
    assert [one.creator for one in reserve.stand_ins] == ["@one", "@two", "@six"]


def test_segments_are_counted_and_named_creators_beside_them_are_names() -> None:
    found = alternatives(load_scenario({**SAID, "budget": 600, "segments": [SEGMENT]}, creators=FRAME), within=0.3)
    assert marks_of(found)["food nano"] in ("core", "swappable")
    for one in found.plans:
        assert {one.comes_in, one.leaves} != {()} or one.differs
    step_in = next(one for one in found.reserves if one.creator == "food nano")
    assert step_in.stand_ins[0].creator == "food nano"
    assert step_in.stand_ins[0].loss == 0


def test_bookings_in_parts_have_plans_and_marks_and_no_stand_ins() -> None:
    found = alternatives(load_scenario({**SAID, "budget": 620, "whole": False}, creators=FRAME), within=0.5, count=2)
    assert found.reserves == ()
    assert any("parts" in warning for warning in found.warnings)
    assert found.plans
    assert all(one.value >= found.least for one in found.plans)


def test_later_goals_keep_their_value_in_proportion() -> None:
    goals = [{"maximize": "engagements", "keep": "60%"}, {"minimize": "spend"}]
    found = found_of(objective=goals, within=0.1, count=5, budget=500)
    spend = found.best.totals["spend"]
    assert all(one.totals["spend"] <= spend * 1.1 for one in found.plans)
    assert all(one.value >= found.best.objective.value * 0.9 for one in found.plans)


def rows(seed: int, many: int = 30) -> dict[str, list[Any]]:
    rng = random.Random(seed)
    reach = [rng.randint(1_000, 60_000) for _ in range(many)]
    return {
        "creator": [f"@c{at:03}" for at in range(many)],
        "city": [rng.choice(["Lyon", "Paris"]) for _ in range(many)],
        "average_engagements": [int(one * rng.uniform(0.01, 0.08)) for one in reach],
        "fee": [round(one / 200 * rng.uniform(0.5, 2) + 20) for one in reach],
    }


RULES = {"Lyon": {"quantity": "spend", "group": {"city": "Lyon"}, "at_least": "30%"}}


def test_the_order_of_the_file_changes_no_byte() -> None:
    frame, order = rows(1), list(range(30))
    random.Random(2).shuffle(order)
    shuffled = {name: [cells[at] for at in order] for name, cells in frame.items()}
    texts = []
    for one in (frame, shuffled):
        said = found_of(one, budget=1_000, constraints=RULES, within=0.01).to_json()
        texts.append(re.sub(r'"seconds": [\d.]+', "", said))
    assert texts[0] == texts[1]


def test_each_plan_keeps_the_rules_and_differs_from_all_before_it() -> None:
    found = found_of(rows(3), budget=1_500, constraints=RULES, within=0.03, count=5)
    sets = [{booking.creator for booking in one.allocations} for one in (found.best, *found.plans)]
    assert len(found.plans) == 5
    for at, one in enumerate(found.plans, 1):
        assert one.value >= found.least
        assert one.totals["spend"] <= 1_500
        assert all(sets[at] != before for before in sets[:at])
        assert one.shared == sum(len(sets[at] & before) for before in sets[:at])
        assert one.differs == len(sets[at] - sets[0])
        assert one.range is not None
        assert one.behind is not None
        assert one.behind.p10 <= one.behind.mean <= one.behind.p90
    assert all(one.proved for one in found.plans)
    core = {one.creator for one in found.marked("core")}
    assert all(core <= names for names in sets)


def test_more_may_be_given_up_and_fewer_are_core() -> None:
    cores = [
        {one.creator for one in found_of(rows(4), budget=1_200, within=share).marked("core")} for share in (0.002, 0.02)
    ]
    assert all(more <= fewer for fewer, more in pairwise(cores))


def test_within_the_forecast_are_plans_that_draws_do_not_tell_from_the_best() -> None:
    found = found_of(rows(5), budget=700, constraints=RULES, within="forecast", count=2)
    assert found.by == "forecast"
    assert found.within > 0.01
    assert found.plans
    assert all(one.behind is not None and one.behind.p10 <= 0 for one in found.plans)
    with pytest.raises(ValueError, match="taken as measured"):
        found_of(rows(5), budget=1_500, forecast={"rates": "measured"}, within="forecast")


def people(**more: Any) -> Alternatives:
    """Plans near one that reaches the most people, each counted once; or that has the most of something else."""
    rng = random.Random(3)
    followers = [rng.randint(2_000, 60_000) for _ in range(40)]
    frame = {
        "creator": [f"@c{at:02}" for at in range(40)],
        "niche": [rng.choice(["food", "pets", "home", "food|pets"]) for _ in range(40)],
        "followers": followers,
        "average_views": [round(many * rng.uniform(0.2, 0.6)) for many in followers],
        "average_engagements": [round(many * rng.uniform(0.01, 0.05)) for many in followers],
        "fee": [round(many / 200 * rng.uniform(0.5, 2) + 20) for many in followers],
    }
    said = {"objective": {"maximize": "reach"}, "audience": {"cells": [], "sizes": 150_000, "overlap": 0.8}} | more
    within = said.pop("within", 0.03)
    said = {"format": 1, "currency": "EUR", "budget": 900, **said}
    return alternatives(load_scenario(said, creators=frame), within=within, count=3, gap=1e-4)


@pytest.mark.parametrize(
    "goal",
    [
        {"maximize": "reach"},
        {"maximize": {"reach": 1, "engagements": 2}},
        {"maximize": {"distinct.niche": 9_000, "engagements": 1}},
        [{"maximize": "engagements", "keep": "80%"}, {"maximize": "reach"}],
    ],
    ids=["reach", "a mix", "different values", "a later goal"],
)
def test_plans_near_the_best_are_worth_what_their_totals_say(goal: Any) -> None:
    """Also where what they are worth is no sum over bookings: people are counted once, and so are values."""
    found = people(objective=goal, audience={"cells": [], "sizes": 150_000, "overlap": 0.8})
    of = {"engagements": 1} if isinstance(goal, list) else goal["maximize"]
    weights = {of: 1} if isinstance(of, str) else of
    assert found.plans
    for one in found.plans:
        value = sum(weight * one.totals[name] for name, weight in weights.items())
        assert one.value == pytest.approx(value, rel=1e-7)
        assert one.value >= found.least
        assert one.loss is not None
        assert one.loss <= 0.03
        if isinstance(goal, list):  # by the first goal the best plan is no longer the best one
            assert one.totals["reach"] >= 0.97 * found.best.totals["reach"] - 1
        else:
            assert one.loss >= -2e-4


def test_a_goal_of_people_is_compared_draw_by_draw() -> None:
    found = people(within="forecast", forecast={"rates": "pooled"})
    assert found.by == "forecast"
    assert found.within > 0.003
    assert found.plans
    for one in found.plans:
        assert one.range is not None
        assert one.range.expected == one.totals["reach"]
        assert one.behind is not None
        assert one.behind.p10 <= 0


def test_no_plan_is_an_error_with_its_reasons() -> None:
    rule = {"many": {"quantity": "creators", "at_least": 4}}
    with pytest.raises(InfeasibleError, match="many"):
        found_of(budget=100, constraints=rule)


@pytest.mark.parametrize(
    ("asked", "says"), [({"within": 1}, "within"), ({"count": 0}, "count"), ({"within": "x"}, "x")]
)
def test_numbers_outside_their_range_are_refused(asked: dict[str, Any], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        found_of(**asked)


def test_a_search_that_is_stopped_says_what_is_open() -> None:
    calls = 0

    def cancel() -> bool:
        nonlocal calls
        calls += 1
        return calls > 40

    found = alternatives(small(rows(6), budget=1_500, constraints=RULES), within=0.03, cancel=cancel)
    assert found.stopped
    assert any("stopped" in warning for warning in found.warnings)


def test_the_json_has_the_names_of_who_steps_in() -> None:
    found = found_of(budget=300)
    value = json.loads(found.to_json())
    assert value["format"] == "creatormix/alternatives/1"
    assert value["reserves"] == {one.creator: [by.creator for by in one.stand_ins] for one in found.reserves}
    assert value["best"]["value"] == found.best.objective.value
    assert [one["value"] for one in value["plans"]] == [one.value for one in found.plans]
