"""What a search over random scenarios once found wrong, each reduced to a few lines."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from optimizer import Plan, ScenarioError, load_scenario, try_optimize
from optimizer.solving import branch, exact_basis

TYPICAL = {"followers": "5_000", "platform": "tiktok", "niche": "yoga"}


def segment(name: str, available: str, *returns: tuple[str, str], **more: Any) -> dict[str, Any]:
    steps = {"returns": [{"up_to": end, "keep": keep} for end, keep in returns]} if returns else {}
    return {"name": name, "available": available, **TYPICAL, **steps, **more}


def planned(*segments: dict[str, Any], **more: Any) -> Plan:
    said = {
        "format": 1,
        "currency": "EUR",
        "objective": {"maximize": "engagements"},
        "assume": {"fee": "100", "engagement_rate": "4%", "view_rate": "50%", "click_rate": "1%"},
        "segments": list(segments),
    }
    result = try_optimize(load_scenario(said | more), gap=0)
    assert isinstance(result, Plan), result
    return result


def counts(plan: Plan) -> dict[tuple[str, int | None], float]:
    return {(one.creator, one.step): one.count for one in plan.allocations}


def test_a_rule_for_each_booking_counts_no_switch_of_a_rule_about_who_is_booked() -> None:
    rules = {
        "each": {"quantity": "spend", "per": "creator", "at_most": "100"},
        "not both": {"at_most_one_of": ["a", "b"]},
    }
    plan = planned(segment("a", "2"), segment("b", "3"), constraints=rules)
    assert counts(plan) == {("b", None): 3}
    assert plan.constraints[0].per_value == "b"


def test_an_own_quantity_below_zero_is_held_for_each_booking_beside_a_rule_about_who_is_booked() -> None:
    rules = {
        "each": {"quantity": "score", "per": "creator", "at_most": "-1"},
        "both": {"together": ["a", "b"]},
    }
    segments = segment("a", "2", score="-1"), segment("b", "2", score="-2")
    assert len(planned(*segments, quantities=["score"], constraints=rules).allocations) == 2


def test_a_share_for_each_booking_holds_on_every_step_of_a_segment() -> None:
    rules = {"each": {"quantity": "engagements", "per": "creator", "group": {"creator": "a"}, "at_most": "20%"}}
    plan = planned(
        segment("a", "2", ("1", "100%"), ("2", "90%"), followers="9_000"),
        segment("b", "4", followers="4_000"),
        constraints=rules,
    )
    assert counts(plan) == {("b", None): 4}  # each booking of `a` alone would be more than a fifth


def test_among_a_value_without_a_bound_of_its_own_is_refused() -> None:
    rule = {"quantity": "spend", "per": "platform", "at_most": {"tiktok": "100"}, "among": ["tiktok", "instagram"]}
    with pytest.raises(ScenarioError, match="instagram has no bound"):
        planned(segment("a", "2"), segment("b", "2", platform="instagram"), constraints={"rule": rule})


def test_a_segment_of_which_none_is_available_is_left_out() -> None:
    segments = segment("a", "0"), segment("b", "2"), segment("c", "1", fee="70")
    assert counts(planned(*segments, budget="250")) == {("b", None): 1, ("c", None): 1}


def test_what_is_worth_little_beside_the_rest_of_the_objective_still_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(branch, "prove", lambda *_, **__: None)
    goal = {"maximize": {"gross_reach": "-1", "score": "0.01"}}
    small = [
        segment(name, "1", average_views="0", score=score, fee=fee)
        for name, score, fee in (("a", "2", "110"), ("b", "2", "90"), ("c", "3", "151"))
    ]
    far = segment("far", "1", followers="99_999", viewers="900_000_000", average_views="900_000_000", score="1")
    plan = planned(*small, far, objective=goal, quantities=["score"], budget="251")
    assert counts(plan) == {("b", None): 1, ("c", None): 1}


def test_a_bound_missed_by_less_than_a_solver_sees_takes_one_booking_of_several_away(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(branch, "prove", lambda *_, **__: None)
    views = {"quantity": "impressions", "at_most": "1600000000.000007"}
    segments = [
        segment(name, "2", followers="9_999", average_views=average, viewers="900_000_000")
        for name, average in (("a", "400000000.000001"), ("b", "400000000.000003"))
    ]
    plan = planned(*segments, constraints={"views": views})
    assert plan.totals["creators"] == 3
    assert plan.solver_claim == "optimal"


# --- bookings in parts ---


def test_the_next_step_of_a_segment_in_parts_opens_where_another_one_is_booked_in_wholes() -> None:
    plan = planned(
        segment("parts", "2", ("1", "60%"), ("2", "30%")),
        segment("whole", "3", ("1", "60%"), ("4", "0%"), whole="true"),
        objective={"maximize": "spend"},
        whole="false",
    )
    assert plan.totals["spend"] == 500


def test_who_is_included_is_booked_once_over_steps_of_less_than_one_booking() -> None:
    plan = planned(
        segment("a", "1.25", ("0.5", "60%"), ("2.75", "30%")),
        objective={"minimize": "spend"},
        include=["a"],
        whole="false",
    )
    assert counts(plan) == {("a", 1): 0.5, ("a", 2): 0.5}


def test_counts_with_longer_fractions_than_a_machine_number_holds_are_checked_too() -> None:
    figures = [("9312600.77", "0.812345678901234"), ("8706019.11", "0.712345678901239"), ("7912345.67", "0.55555555")]
    segments = [
        segment(f"s{at}", "1", fee=fee, view_rate=rate, followers="99_999") for at, (fee, rate) in enumerate(figures)
    ]
    plan = planned(
        *segments,
        budget="12_345_678.91",
        constraints={"views": {"quantity": "impressions", "exactly": "100_000.000001"}},
        whole="false",
    )
    longest = max(Fraction(one.exact_count or one.count).denominator for one in plan.allocations)
    assert longest > 2**63


def test_a_bound_missed_by_less_than_a_solver_sees_leaves_room_for_a_part() -> None:
    plan = planned(
        segment("a", "1", fee="4_075_161_315.19"),
        objective={"maximize": "spend"},
        budget="4075161315.18",
        whole="false",
    )
    assert plan.totals["spend"] == 4_075_161_315.18


def test_plans_in_parts_of_a_large_pool_may_book_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exact_basis, "_FEW", 0)
    assert planned(segment("a", "2"), objective={"minimize": "spend"}, whole="false").allocations == ()
