"""Answers that do not fit the plan, the scenario, or each other."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from optimizer import Plan, ScenarioError, load_scenario, optimize, replan

SAID: dict[str, Any] = {
    "format": 1,
    "currency": "EUR",
    "budget": 900,
    "objective": {"maximize": "engagements"},
    "pay": {"gift": {"model": "gift", "product": {"cost": 12}, "post_rate": "100%"}},
    "boost": {"spark": {"cpm": 6}},
    "offers": {
        "post": {"deliver": {"post": 1}},
        "present": {"deliver": {"post": 1}, "pay": "gift"},
        "loud": {"deliver": {"post": 1}, "boost": {"spark": [50, 100]}},
    },
    "assume": {"engagement_rate": "3%"},
    "constraints": {"all": {"quantity": "creators", "group": {"niche": "food"}, "at_least": 1}},
    "segments": [{"name": "others", "average_engagements": 5, "fee": 500, "available": 2, "followers": 5_000}],
    "include": [{"niche": "home"}],
    "exclude": [{"niche": "cars"}],
}
POOL: dict[str, list[Any]] = {
    "creator": ["@ana", "@bea", "@cem", "@dov", "@eva", "@fay"],
    "niche": ["food", "food", "home", "cars", "food", "food"],
    "followers": [5_000, 6_000, 7_000, 8_000, 9_000, 2_000_000],
    "average_engagements": [900, 800, 700, 650, 600, 100],
    "fee": [150, 140, 130, 120, 118, 100],
}


@cache
def planned() -> tuple[Any, Plan]:
    scenario = load_scenario(SAID, creators=POOL)
    return scenario, optimize(scenario, gap=0.05)


def refused(*rows: tuple[str, str, str, object], plan_id: str | None = None) -> list[tuple[str, str, int | None]]:
    """The faults of rows of creator, offer, status and fee: code, text, row."""
    scenario, plan = planned()
    named = plan.to_dict()["digest"] if plan_id is None else plan_id
    columns = dict(zip(("creator", "offer", "status", "fee"), zip(*rows, strict=True), strict=True))
    with pytest.raises(ScenarioError) as raised:
        replan(plan, {"plan_id": [named] * len(rows), **columns}, scenario=scenario)
    return [
        (problem.code, f"{problem.cause}; {problem.mend}", problem.place.line if problem.place else None)
        for problem in raised.value.problems
    ]


@pytest.mark.parametrize(
    ("rows", "code", "words"),
    [
        ([("@anna", "", "signed", None)], "results-unknown-creator", 'did you mean "@ana"'),
        ([("@anna", "", "", None)], "results-unknown-creator", "is not in the file of creators"),
        ([("@anna", "", "declined", None)], "results-unknown-creator", 'did you mean "@ana"'),
        ([("@ana", "pots", "signed", None)], "results-offer", 'did you mean "post"'),
        ([("@eva", "loud", "signed", None)], "results-offer", "may be several offers"),
        ([("@ana", "present", "signed", 80)], "results-fee", "pays no fee"),
        ([("others", "", "signed", None)], "results-segment", "is a segment"),
        ([("@dov", "post", "signed", None)], "results-not-bookable", "`exclude` leaves this creator out"),
        ([("@fay", "post", "signed", None)], "results-not-bookable", "in no tier"),
        ([("@cem", "", "declined", None)], "results-declined", "narrow the filter"),
        ([("@ana", "post", "signed", 90), ("@ana", "post", "paid", 95)], "results-contradiction", "two fees"),
        (
            [("@ana", "post", "signed", 90), ("@ana", "post", "declined", None)],
            "results-contradiction",
            "declined here",
        ),
        ([("@ana", "post", "signed", None), ("ANA", "present", "paid", None)], "results-contradiction", "another row"),
    ],
)
def test_what_does_not_fit_is_refused_at_its_row(
    rows: list[tuple[str, str, str, object]], code: str, words: str
) -> None:
    ((found, text, line),) = refused(*rows)
    assert found == code
    assert words in text
    assert line in {2, 3}


def test_rows_of_another_plan_are_refused_if_they_are_all_there_is() -> None:
    ((code, text, line),) = refused(("@ana", "", "signed", None), plan_id="0123456789abcdef")
    assert (code, line) == ("results-other-plan", 2)
    assert "0123456789abcdef" in text


def test_some_rows_of_another_plan_are_passed_over_and_told() -> None:
    scenario, plan = planned()
    digest = plan.to_dict()["digest"]
    rows = {"plan_id": [digest[:16], "f" * 64], "creator": ["@ana", "@bea"], "status": ["signed", "declined"]}
    after = replan(plan, rows, scenario=scenario)
    assert after.committed is not None
    assert (after.committed.creators, after.committed.declined) == (1, ())
    assert "results: 1 row is of another plan and passed over, the first one in row 3" in after.warnings


def test_who_cannot_be_booked_anyway_may_decline() -> None:
    scenario, plan = planned()
    rows = {"plan_id": [plan.to_dict()["digest"]], "creator": ["@dov"], "status": ["declined"]}
    after = replan(plan, rows, scenario=scenario)
    said = "results: @dov cannot be booked anyway (`exclude` leaves this creator out): row 2 is passed over"
    assert said in after.warnings


def test_the_same_row_twice_is_one_and_a_later_status_counts() -> None:
    scenario, plan = planned()
    digest = plan.to_dict()["digest"]
    rows = {
        "plan_id": [digest] * 4,
        "creator": ["@ana", "@ana", "https://www.tiktok.com/@ana", "ana"],
        "offer": ["post", "post", "POST", "present"],
        "status": ["signed", "signed", "posted", "declined"],
        "fee": [120, 120, None, None],
    }
    after = replan(plan, rows, scenario=scenario)
    assert after.committed is not None
    (mine,) = after.committed.bookings
    assert (mine.creator, mine.offer, mine.status, mine.fee, mine.spend) == ("@ana", "post", "posted", 120, 120)


def test_every_row_that_does_not_fit_is_told_at_once() -> None:
    found = refused(("@anna", "", "signed", None), ("@ana", "pots", "signed", None), ("others", "", "paid", None))
    assert [code for code, _, _ in found] == ["results-unknown-creator", "results-offer", "results-segment"]
