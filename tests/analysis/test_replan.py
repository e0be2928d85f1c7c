"""Planning again: what is signed stays, as few names change as can be, and money adds up to the cent."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from optimizer import DocumentError, NoPlan, Plan, ScenarioError, load_scenario, optimize, replan, to_json, verify
from optimizer.results.stated import digest
from tests.support.amounts import times
from tests.support.replanning import Story, by_looking, rows_of, story

COUNT = 18


@cache
def stories() -> tuple[Story, ...]:
    return tuple(told for told in map(story, range(times(COUNT))) if told is not None)


def test_no_plan_that_keeps_as_much_changes_fewer_names_or_offers_and_none_of_those_is_better() -> None:
    wrong, planned, impossible, apart = [], 0, 0, 0
    for told in stories():
        best, after = by_looking(told), told.after
        if isinstance(after, NoPlan) or best is None:
            impossible += 1
            assert best is None
            assert after.outcome == "infeasible"
            continue
        planned += 1
        assert after.replan is not None
        offers = sum(one.what == "changed" and one.before != one.offer for one in after.changes)
        value = (after.goals[-1] if after.goals else after.objective).value
        apart += value != after.replan.best
        found = after.replan.names, offers, value
        if found != (best.names, best.offers, best.value) or not after.replan.fewest:
            wrong.append((told.said["name"], after.replan, found, best))
    assert wrong == []
    assert planned >= COUNT // 3
    assert impossible >= 1
    assert apart >= 1


def test_the_reason_to_drop_somebody_is_true() -> None:
    told_of = {"breaks": 0, "is worth": 0}
    for told in stories():
        best = by_looking(told)
        if best is None or isinstance(told.after, NoPlan) or told.loaded.segments or told.loaded.goals:
            continue
        for change in told.after.changes:
            if change.what == "dropped" and change.why != "declined":
                kind = "is worth" if best.stands else "breaks"
                assert f"without a change the plan {kind}" in change.why
                told_of[kind] += 1
    assert min(told_of.values()) >= 1


def test_what_is_planned_again_is_verified_and_adds_up_to_the_cent() -> None:
    verified = 0
    for told in stories():
        after = told.after
        if verified < 6:
            verified += 1
            found = verify(after, told.again())
            assert found.holds, found
        assert after.committed is not None
        if isinstance(after, NoPlan) or "spend" not in after.totals:
            continue
        agreed = {one.creator for one in after.committed.bookings}
        coins = 10**after.decimals
        spends = {name: Fraction(0) for name in (True, False)}
        for one in after.allocations:
            spends[one.creator in agreed] += round(one.values["spend"] * coins)
        assert spends[True] == round((after.committed.spend or 0) * coins)
        assert sum(spends.values()) == round(after.totals["spend"] * coins)
        assert Plan.from_json(to_json(after)) == after
    assert verified == 6


@pytest.mark.parametrize(
    ("change", "where"),
    [
        (lambda said: said["committed"].update(spend=said["committed"]["spend"] + 0.01), "committed > spend"),
        (lambda said: said["committed"].update(creators=2), "committed > creators"),
        (lambda said: said["committed"]["bookings"][0].update(spend=1.0), "committed > bookings > spend"),
        (lambda said: said["committed"]["bookings"][0].update(creator="@gus"), "committed"),
        (lambda said: said["committed"].update(declined=[said["allocations"][-1]["creator"]]), "committed > declined"),
    ],
)
def test_what_is_said_to_be_committed_is_verified(change: Callable[[dict[str, Any]], None], where: str) -> None:
    after = again({names(spring())[0]: ("signed", 151.37)})
    said = json.loads(to_json(after))
    change(said)
    said["digest"] = digest(said)
    found = verify(said, loaded(**after.scenario.changes))
    assert any(one.where.startswith(where) for one in found.differences)


# --- one campaign ---

CAMPAIGN: dict[str, Any] = {
    "format": 1,
    "name": "Spring",
    "currency": "EUR",
    "budget": 500,
    "objective": {"maximize": "engagements"},
    "pay": {
        "gift": {"model": "gift", "product": {"cost": 12}, "post_rate": "100%"},
        "half": {"model": "hybrid", "fee": "50%", "per_conversion": 0},
    },
    "offers": {"post": {"deliver": {"post": 1}}, "present": {"deliver": {"post": 1}, "pay": "gift"}},
    "forecast": {"rates": "measured"},
}
POOL: dict[str, list[Any]] = {
    "creator": ["@ana", "@bea", "@cem", "@dov", "@eva", "@fay", "@gus"],
    "niche": ["food", "food", "home", "home", "food", "home", "food"],
    "average_engagements": [900, 800, 700, 650, 600, 590, 10],
    "fee": [150, 140, 130, 120, 118, 117, 300],
}
PAID = {**CAMPAIGN, "offers": {"post": {"deliver": {"post": 1}}}}
PAID.pop("pay")


def loaded(**changes: Any) -> Any:
    return load_scenario(PAID, creators=POOL, changes=changes)


@cache
def spring() -> Plan:
    return optimize(loaded(), gap=0)


def again(answers: dict[str, tuple[str, float | None]], before: Plan | None = None, **more: Any) -> Plan:
    before = before or spring()
    after = replan(before, rows_of(before, answers), scenario=more.pop("scenario", loaded()), gap=0, **more)
    assert isinstance(after, Plan)
    return after


def timeless(plan: Plan | NoPlan) -> dict[str, Any]:
    said = plan.to_dict()
    return {**said, "solver": {key: value for key, value in said["solver"].items() if key != "seconds"}}


def names(plan: Plan) -> list[str]:
    return [one.creator for one in plan.allocations]


def what(plan: Plan, kind: str) -> dict[str, str]:
    return {one.creator: one.why for one in plan.changes if one.what == kind}


def test_where_nothing_happened_the_plan_is_the_same() -> None:
    for answers in ({}, {"@ana": ("", None)}):
        after = again(answers)
        assert after.allocations == spring().allocations
        assert {one.what for one in after.changes} == {"kept"}
        assert after.scenario == spring().scenario
        assert after.committed is not None
        assert (after.committed.spend, after.committed.creators) == (0, 0)
        assert verify(after, loaded()).holds


def test_who_declined_is_out_and_who_comes_in_is_told() -> None:
    first = names(spring())[0]
    after = again({first: ("declined", None)})
    assert first not in names(after)
    assert what(after, "dropped")[first] == "declined"
    (new,) = what(after, "added").items()
    assert re.fullmatch(rf"brings \d+ engagements for [\d.]+ EUR, in place of {first}", new[1])
    assert verify(after, loaded(**after.scenario.changes)).holds


def test_an_agreed_fee_is_paid_to_the_cent_and_lowers_what_is_left() -> None:
    first = names(spring())[0]
    after = again({first: ("signed", 151.37)})
    (mine,) = [one for one in after.allocations if one.creator == first]
    assert mine.values["spend"] == 151.37
    assert after.committed is not None
    assert after.committed.spend == 151.37
    assert after.totals["spend"] <= 500
    assert what(after, "kept")[first] == "signed for 151.37 EUR"


def test_a_fee_on_terms_that_pay_a_share_of_it_is_what_is_paid() -> None:
    said = {**CAMPAIGN, "offers": {"shared": {"deliver": {"post": 1}, "pay": "half"}}}
    said["economics"] = {"order_value": 10}
    said["assume"] = {"conversions_per_engagement": "1%"}
    scenario = load_scenario(said, creators=POOL)
    before = optimize(scenario, gap=0)
    after = replan(before, rows_of(before, {"@ana": ("signed", 33.33)}), scenario=scenario, gap=0)
    assert after.committed is not None
    assert after.committed.spend == 33.33


def test_everybody_may_sign_or_decline() -> None:
    signed = again(dict.fromkeys(names(spring()), ("Signed", None)) | {})
    assert signed.allocations == spring().allocations
    assert signed.committed is not None
    assert signed.committed.spend == spring().totals["spend"]
    gone = again(dict.fromkeys(names(spring()), ("DECLINED", None)))
    assert not set(names(gone)) & set(names(spring()))


def test_the_order_of_rows_does_not_matter_and_reading_twice_gives_the_same_bytes() -> None:
    answers = {
        name: (status, None) for name, status in zip(names(spring()), ("signed", "declined", "paid"), strict=False)
    }
    rows = rows_of(spring(), answers)
    plans = []
    for seed in range(3):
        order = list(range(len(answers)))
        random.Random(seed).shuffle(order)
        shuffled = {column: [cells[at] for at in order] for column, cells in rows.items()}
        plans.append(timeless(replan(spring(), shuffled, scenario=loaded(), gap=0)))
    assert plans[0] == plans[1] == plans[2]


def test_a_file_that_was_read_already_changes_nothing() -> None:
    first, second = names(spring())[:2]
    rows = rows_of(spring(), {first: ("signed", 160), second: ("declined", None)})
    once = replan(spring(), rows, scenario=loaded(), gap=0)
    assert isinstance(once, Plan)
    twice = replan(once, rows, scenario=loaded(**once.scenario.changes), gap=0)
    assert isinstance(twice, Plan)
    assert twice.allocations == once.allocations
    assert twice.scenario == once.scenario
    assert twice.committed == once.committed
    assert {one.what for one in twice.changes} == {"kept"}
    assert twice.replan is not None
    assert twice.replan.earlier == (rows["plan_id"][0],)


def test_who_is_committed_stays_so_without_the_old_rows_and_may_still_step_back() -> None:
    first = names(spring())[0]
    once = again({first: ("signed", 160)})
    still = again({first: ("paid", None)}, once, scenario=loaded())
    assert still.committed is not None
    assert (still.committed.spend, still.committed.bookings[0].status) == (160, "paid")
    gone = again({first: ("declined", None)}, once)
    assert first not in names(gone)
    assert "include" not in gone.scenario.changes or first not in gone.scenario.changes["include"]


def test_who_declined_may_sign_after_all() -> None:
    first = names(spring())[0]
    once = again({first: ("declined", None)})
    rows = {"plan_id": [once.to_dict()["digest"]], "creator": [first], "offer": ["post"], "status": ["signed"]}
    back = replan(once, rows, scenario=loaded(), gap=0)
    assert isinstance(back, Plan)
    assert first in names(back)
    assert back.committed is not None
    assert back.committed.declined == ()
    assert verify(back, loaded(**back.scenario.changes)).holds


def test_somebody_who_was_not_planned_may_be_signed() -> None:
    rows = {"plan_id": [""], "creator": ["@gus"], "status": ["signed"], "fee": [20]}
    after = replan(spring(), rows, scenario=loaded(), gap=0)
    assert isinstance(after, Plan)
    assert what(after, "added")["@gus"] == "signed, and was not in the plan before"


def test_all_of_the_best_value_is_kept_on_request() -> None:
    after = again({names(spring())[0]: ("declined", None)}, keep=1)
    assert after.replan is not None
    assert after.objective.value == after.replan.best
    for keep in (-0.1, 1.1):
        with pytest.raises(ValueError, match="from 0 to 1"):
            again({}, keep=keep)


def test_what_is_kept_of_people_reached_counts_each_once() -> None:
    """The plan stands with more than nine tenths of the best, but not of the contacts that the best one has."""
    said = {**PAID, "objective": {"maximize": "reach"}, "audience": {"cells": [], "sizes": 30_000, "overlap": 0.3}}
    frame = {**POOL, "followers": [50_000] * 7, "average_views": [20_000, 19_000, 18_000, 17_000, 16_000, 15_000, 100]}
    scenario = load_scenario(said, creators=frame)
    before = optimize(scenario, gap=0)
    first = max(before.allocations, key=lambda one: one.values["spend"]).creator
    after = again({first: ("signed", 30)}, before, scenario=scenario, keep=0.9)
    assert names(after) == names(before)
    assert after.replan is not None
    assert after.replan.names == 0
    assert (
        after.totals["gross_reach"]
        < 0.9 * again({first: ("signed", 30)}, before, scenario=scenario, keep=1).totals["gross_reach"]
    )


def test_money_that_is_promised_beyond_the_budget_is_a_conflict_about_what_was_signed() -> None:
    first, second = names(spring())[:2]
    after = replan(spring(), rows_of(spring(), {first: ("signed", 300), second: ("signed", 260)}), scenario=loaded())
    assert isinstance(after, NoPlan)
    assert after.outcome == "infeasible"
    assert set(after.conflict) == {"budget", "include"}
    assert after.committed is not None
    assert after.committed.spend == 560
    said = str(after)
    assert "among them 2 who agreed for 560.00 EUR" in said
    assert f"release {first}, who has signed" in said
    assert "raise budget to 560.00 EUR" in said
    assert NoPlan.from_json(to_json(after)) == after
    assert verify(after, loaded(**after.scenario.changes)).holds


def test_the_reason_to_drop_somebody_is_what_no_longer_fits() -> None:
    first, *others = names(spring())
    after = again({first: ("signed", 290)}, keep=0.9)
    dropped = what(after, "dropped")
    assert set(dropped) <= set(others)
    assert dropped
    assert all(
        re.match(r"frees [\d.]+ EUR: without a change the plan breaks budget by [\d.]+ EUR", why)
        for why in dropped.values()
    )


def test_the_order_of_creators_in_the_file_does_not_matter() -> None:
    turned = {column: cells[::-1] for column, cells in POOL.items()}
    rows = rows_of(spring(), {names(spring())[0]: ("declined", None)})
    plans = [
        timeless(replan(spring(), rows, scenario=load_scenario(PAID, creators=frame), gap=0))
        for frame in (POOL, turned)
    ]
    assert plans[0]["allocations"] == plans[1]["allocations"]
    assert plans[0]["changes"] == plans[1]["changes"]


def test_another_file_of_creators_is_told_and_planned_with(tmp_path: Path) -> None:
    path = tmp_path / "s.yaml"
    path.write_text("format: 1\ncurrency: EUR\nbudget: 300\nobjective: {maximize: engagements}\ncreators: p.csv\n")
    (tmp_path / "p.csv").write_text("creator,average_engagements,fee\n@a,50,100\n@b,60,100\n@c,40,100\n@d,30,100\n")
    before = optimize(load_scenario(path), gap=0)
    (tmp_path / "p.csv").write_text("creator,average_engagements,fee\n@a,50,100\n@b,60,100\n@d,30,100\n")
    after = replan(before, rows_of(before, {}), scenario=load_scenario(path), gap=0)
    assert isinstance(after, Plan)
    assert what(after, "dropped") == {"@c": "can no longer be booked"}
    assert any("these files have changed since the plan was made: p.csv" in one for one in after.warnings)


def test_what_is_no_plan_or_of_another_variant_is_refused() -> None:
    with pytest.raises(DocumentError):
        replan("{}", {}, scenario=loaded())
    said = {**PAID, "variants": {"lean": {"budget": 300}}}
    other = load_scenario(said, creators=POOL, variant="lean")
    with pytest.raises(ScenarioError, match="was loaded with variant lean"):
        replan(spring(), rows_of(spring(), {}), scenario=other)


def test_an_account_a_ladder_and_a_price_of_the_scenario_are_meant_as_the_plan_has_them() -> None:
    said = {
        **PAID,
        "objective": {"maximize": "impressions"},
        "boost": {"spark": {"cpm": 6}},
        "offers": {"loud": {"deliver": {"post": 1}, "boost": {"spark": [0, 50, 100]}}},
        "assume": {"average_views": 3000},
        "include": [{"creator": "@ana on tiktok", "offer": "loud", "price": 99}],
    }
    pool = {
        "creator": ["@ana", "@ana", "@cem", "@dov"],
        "platform": ["tiktok", "instagram", "tiktok", "tiktok"],
        "average_engagements": [900, 800, 700, 100],
        "fee": [150, 640, 130, 120],
    }
    scenario = load_scenario(said, creators=pool)
    before = optimize(scenario, gap=0)
    rows = {"plan_id": [""], "creator": ["ana"], "offer": ["LOUD"], "status": ["posted"]}
    after = replan(before, rows, scenario=scenario, gap=0)
    assert after.committed is not None
    (mine,) = after.committed.bookings
    planned = next(one for one in before.allocations if one.creator == "@ana on tiktok")
    assert (mine.creator, mine.offer, mine.spend) == (planned.creator, planned.offer, planned.values["spend"])


def test_in_parts_who_signed_is_booked_whole_and_segments_have_no_names() -> None:
    returns = [{"up_to": 2, "keep": "100%"}, {"up_to": 4, "keep": "50%"}]
    others = {"name": "others", "average_engagements": 300, "fee": 90, "available": 4, "returns": returns}
    said = {**PAID, "whole": False, "segments": [others]}
    scenario = load_scenario(said, creators=POOL)
    before = optimize(scenario)
    first = names(before)[0]
    after = replan(before, rows_of(before, {first: ("signed", 170.01)}), scenario=scenario)
    assert isinstance(after, Plan)
    assert next(one.count for one in after.allocations if one.creator == first) == 1
    assert verify(after, load_scenario(said, creators=POOL, changes=after.scenario.changes)).holds


def test_a_plan_of_an_older_version_is_named_by_its_own_digest() -> None:
    folder = Path(__file__).parents[1] / "stored" / "format1" / "0.1.0"
    path = folder / "plans" / "cases.json"
    said = json.loads(path.read_text(encoding="utf-8"))
    scenario = load_scenario(folder / "cases.yaml")
    gone = said["allocations"][0]["creator"]
    rows = {"plan_id": [said["digest"]], "creator": [gone], "status": ["declined"]}
    for given in (path, said, path.read_text(encoding="utf-8")):
        after = replan(given, rows, scenario=scenario)
        assert isinstance(after, Plan)
        assert what(after, "dropped")[gone] == "declined"
        assert after.replan is not None
        assert after.replan.of == said["digest"]
