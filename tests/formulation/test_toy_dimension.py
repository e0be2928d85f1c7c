"""A dimension that only this file knows: bookings in one of several periods, each of which has a month and a length.

It is made of its columns and of which booking is in which period. Filters, `per`, counts of different values, figures
and messages ask it as they ask creators and offers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np
import pytest

from optimizer import Plan, load_scenario, to_json, try_optimize
from optimizer.domain.dimensions import Dimensions, dimensions_of
from optimizer.domain.filters import AnyOf, Filter
from optimizer.domain.offers import Offer
from optimizer.domain.pool import Dimension, Labels, Numbers, Pool
from optimizer.domain.scenario import Scenario
from optimizer.errors import ScenarioError
from optimizer.estimation import estimate
from optimizer.estimation.booking_table import BookingTable
from optimizer.loading import assemble

MONTHS = ("May", "June", "July")
PERIODS = Dimension(
    {
        "month": Labels(np.array([0, 1, 2]), MONTHS),
        "weeks": Numbers(np.array([2.0, 4.0, 4.0]), np.ones(3, dtype=np.bool_)),
    }
)
SAID: dict[str, Any] = {"format": 1, "currency": "EUR", "budget": 1_000, "objective": {"maximize": "engagements"}}
FRAME: dict[str, list[Any]] = {
    "creator": ["@ana", "@bea", "@cia"],
    "followers": [2_000] * 3,
    "average_engagements": [50, 30, 20],
}
FEES = {"fee": [{"month": "june", "is": 70}, {"weeks": {"from": 4}, "creator": "@cia", "is": 10}, {"is": 50}]}


def with_periods(pool: Pool, offers: Sequence[Offer]) -> Dimensions:
    return Dimensions({"period": PERIODS, **dimensions_of(pool, offers).every})


def bookable(scenario: Scenario, once: Any = estimate.bookable) -> BookingTable:
    """Every booking in each of the periods."""
    table: BookingTable = once(scenario)
    size = len(table)
    crossed = table.take(np.repeat(np.arange(size), len(PERIODS)))
    at = {**crossed.at, "period": np.tile(np.arange(len(PERIODS)), size)}
    return replace(crossed, dimensions=with_periods(scenario.pool, scenario.offers), at=at)


@pytest.fixture(autouse=True)
def _known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assemble, "dimensions_of", with_periods)
    monkeypatch.setattr(estimate, "bookable", bookable)


def loaded(**rules: Any) -> Scenario:
    return load_scenario({**SAID, "assume": FEES, "constraints": rules}, creators=FRAME)


def planned(**rules: Any) -> Plan:
    plan = try_optimize(loaded(**rules), gap=0)
    assert isinstance(plan, Plan)
    return plan


def fee(creator: int, month: str) -> int:
    """What `FEES` say."""
    return 70 if month == "June" else 10 if creator == 2 and month == "July" else 50


def best(keeps: Any) -> int:
    """The most engagements of any choice of a month, or none, for each creator."""
    choices = [
        {creator: month for creator, month in enumerate(chosen) if month}
        for chosen in product(("", *MONTHS), repeat=len(FRAME["creator"]))
    ]
    return max(sum(FRAME["average_engagements"][at] for at in chosen) for chosen in choices if keeps(chosen))


def spend(chosen: dict[int, str]) -> int:
    return sum(fee(creator, month) for creator, month in chosen.items())


def test_a_group_and_the_lines_of_figures_ask_for_it() -> None:
    plan = planned(
        cheap={"quantity": "spend", "at_most": 110},
        long={"quantity": "creators", "group": {"month": ["may", "july"]}, "at_most": 1},
        short={"quantity": "creators", "group": {"weeks": {"below": 4}}, "at_least": 1},
    )
    assert plan.objective.value == best(
        lambda chosen: (
            spend(chosen) <= 110
            and sum(month in ("May", "July") for month in chosen.values()) <= 1
            and "May" in chosen.values()
        )
    )
    assert {rule.name: rule.value for rule in plan.constraints}["short"] == 1


def test_a_group_may_ask_for_it_beside_creators_and_offers() -> None:
    group = {"month": "june", "creator": "@ana", "offer": "booking"}
    plan = planned(ana={"quantity": "spend", "group": group, "at_least": 70})
    assert {rule.name: rule.value for rule in plan.constraints}["ana"] == 70


def test_per_makes_a_rule_for_each_of_its_values() -> None:
    plan = planned(each={"quantity": "spend", "per": "month", "at_most": 60})
    told = {rule.per_value: rule.value for rule in plan.constraints if rule.name == "each"}
    assert list(told) == ["July", "June", "May"]
    assert told["June"] == 0
    assert plan.objective.value == best(
        lambda chosen: all(spend({at: one for at, one in chosen.items() if one == month}) <= 60 for month in MONTHS)
    )


def test_among_names_some_of_its_values() -> None:
    plan = planned(each={"quantity": "creators", "per": "month", "among": ["june", "May"], "at_least": 1})
    assert {rule.per_value: rule.value for rule in plan.constraints if rule.name == "each"} == {"june": 1, "May": 1}


def test_its_different_values_are_counted() -> None:
    three, low = {"quantity": "distinct.month", "at_least": 3}, {"quantity": "spend", "at_most": 130}
    plan = planned(three=three, low=low)
    assert plan.totals["distinct.month"] == 3
    assert plan.objective.value == 100
    assert plan.totals["spend"] == 130
    assert "distinct.month month May" in to_json(plan)


def test_what_is_wrong_is_told_with_what_is_near() -> None:
    with pytest.raises(ScenarioError) as error:
        loaded(
            a={"quantity": "spend", "group": {"month": "mya"}, "at_most": 9},
            b={"quantity": "spend", "per": "months", "at_most": 9},
            c={"quantity": "distinct.weeks", "at_least": 1},
        )
    told = {problem.cause: problem.mend for problem in error.value.problems}
    assert told['no period has month "mya"'] == 'did you mean "May"?'
    assert told['there is no column "months"'] == 'did you mean "month"?'
    assert '"weeks" holds numbers' in told


def test_entries_are_as_many_as_the_dimension_has() -> None:
    table = bookable(loaded())
    labels, entry = table.labels("month")
    assert (len(labels.codes), len(entry)) == (3, len(table))
    assert table.members(Filter((("month", AnyOf(("june",))),))).sum() == len(table) / 3
