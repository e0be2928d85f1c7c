"""People of two dimensions: the joint share of an audience where it is known, else the product of both shares."""

from __future__ import annotations

from typing import Any

import pytest

from optimizer import Plan, ScenarioError, load_scenario, optimize, verify
from optimizer.domain.scenario import Scenario

POOL: dict[str, list[Any]] = {
    "creator": ["@a", "@b"],
    "followers": [10_000, 10_000],
    "average_views": [5_000, 5_000],
    "fee": [100, 100],
    "audience_FR": [0.5, 0.5],
    "audience_BE": [0.2, 0.2],
    "audience_18-24": [0.4, 0.4],
}
YOUNG = {"country": "FR", "age": "18-24"}


def asked(people: dict[str, Any], **columns: list[Any]) -> Scenario:
    said = {
        "format": 1,
        "currency": "EUR",
        "objective": {"maximize": "creators"},
        "constraints": {"young": {"quantity": "gross_reach", "people": people, "at_least": 1}},
    }
    return load_scenario(said, creators=POOL | columns)


def reached(people: dict[str, Any], **columns: list[Any]) -> float:
    """How many of these people the two creators reach, of 5,000 each; as the verifier finds it too."""
    scenario = asked(people, **columns)
    plan = optimize(scenario)
    assert isinstance(plan, Plan)
    assert len(plan.allocations) == 2
    verification = verify(plan, scenario)
    assert verification.holds, str(verification)
    value = plan.constraints[0].value
    assert value is not None
    return value


def test_shares_are_multiplied_and_a_warning_says_so() -> None:
    assert reached(YOUNG) == 2 * 5_000 * 0.5 * 0.4
    assert asked(YOUNG).warnings == (
        "young: shares of country and age are multiplied for every creator, as if they were independent; "
        "a column audience_FR_18-24 would give the joint share",
    )


@pytest.mark.parametrize("name", ["audience_FR_18-24", "audience_18-24_FR", "Audience_fr_18-24", "AUDIENCE_18-24_fr"])
@pytest.mark.parametrize("people", [YOUNG, dict(reversed(YOUNG.items()))])
def test_a_joint_column_is_used_in_either_order_and_any_case(name: str, people: dict[str, Any]) -> None:
    assert reached(people, **{name: [0.3, 0.1]}) == 5_000 * 0.3 + 5_000 * 0.1
    assert asked(people, **{name: [0.3, 0.1]}).warnings == ()


def test_who_has_no_joint_share_is_reached_by_the_product() -> None:
    column = {"audience_FR_18-24": [0.3, None]}
    assert reached(YOUNG, **column) == 5_000 * 0.3 + 5_000 * 0.2
    assert "are multiplied for 1 of 2 creators" in asked(YOUNG, **column).warnings[0]


def test_several_values_need_the_joint_share_of_each() -> None:
    people = {"country": ["FR", "BE"], "age": "18-24"}
    one = {"audience_FR_18-24": [0.3, 0.3]}
    assert reached(people, **one) == pytest.approx(2 * 5_000 * 0.7 * 0.4)
    both = one | {"audience_18-24_BE": [0.1, None]}
    assert reached(people, **both) == pytest.approx(5_000 * 0.4 + 5_000 * 0.7 * 0.4)


def test_joint_shares_alone_are_enough() -> None:
    for name in ("audience_FR", "audience_BE", "audience_18-24"):
        assert name in POOL
    scenario = {name: cells for name, cells in POOL.items() if not name.startswith("audience_")}
    said = {
        "format": 1,
        "currency": "EUR",
        "objective": {"maximize": "creators"},
        "constraints": {"young": {"quantity": "gross_reach", "people": YOUNG, "at_least": 1}},
    }
    plan = optimize(load_scenario(said, creators=scenario | {"audience_FR_18-24": [0.3, 0.1]}))
    assert plan.constraints[0].value == 2_000
    with pytest.raises(ScenarioError, match="no creator is known to reach people of age"):
        load_scenario(said, creators=scenario | {"country": ["FR", "FR"]})


def test_joint_shares_of_more_than_the_whole_audience_are_refused() -> None:
    people = {"country": ["FR", "BE"], "age": "18-24"}
    columns = {"audience_FR_18-24": [0.6, 0.1], "audience_BE_18-24": [0.6, 0.1]}
    with pytest.raises(ScenarioError, match="audience shares of country and age add up to more than 100 % for 1 creat"):
        optimize(asked(people, **columns))


def test_three_dimensions_have_a_joint_column_too() -> None:
    people = {**YOUNG, "gender": "f"}
    more = {"audience_f": [0.5, 0.5]}
    assert reached(people, **more) == 2 * 5_000 * 0.5 * 0.4 * 0.5
    assert reached(people, **more, **{"audience_f_FR_18-24": [0.25, 0.25]}) == 2_500
