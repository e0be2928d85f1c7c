"""Every quantity of every possible booking, as integers, against formulas written out in plain Python."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from optimizer import load_scenario
from optimizer.domain.constraints import Measure
from optimizer.domain.quantities import QUANTITIES
from optimizer.errors import ScenarioError
from optimizer.estimation.estimate import Estimates, bookable, estimate, trace
from tests.support.brute import Question
from tests.support.scenarios import scenario

COUNT = 80


def traced(said: dict[str, Any], frame: dict[str, list[Any]]) -> Estimates:
    loaded = load_scenario(said, creators=frame)
    return trace(loaded, bookable(loaded))


def one(quantity: str, row: dict[str, Any] | None = None, **said: Any) -> int:
    """A quantity of the only booking of a small scenario."""
    frame = {"creator": ["@a"], "followers": [5_000]} | {name: [cell] for name, cell in (row or {}).items()}
    base: dict[str, Any] = {"format": 1, "currency": "EUR", "objective": {"maximize": "creators"}}
    estimates = traced(base | said, frame)
    return int(estimates.values[Measure(quantity)][0])


def test_every_quantity_of_every_booking_is_the_integer_that_plain_python_gives() -> None:
    wrong, compared = [], 0
    for number in range(COUNT):
        said, frame = scenario(f"estimates {number}")
        question, estimates = Question(said, frame), traced(said, frame)
        for name in (name for name, quantity in QUANTITIES.items() if quantity.additive):
            ours = estimates.values.get(Measure(name))
            true = [column.amounts[name] for column in question.columns]
            if ours is None:
                assert None in true
                continue
            compared += len(true)
            if ours.tolist() != true:
                wrong.append((number, name, ours.tolist(), true))
    assert wrong == []
    assert compared > 10_000


def test_bookings_are_those_of_plain_python_in_order_of_creator_then_offer() -> None:
    for number in range(COUNT):
        said, frame = scenario(f"bookings {number}")
        loaded = load_scenario(said, creators=frame)
        columns = bookable(loaded)
        found = zip(columns.creator, columns.offer, strict=True)
        pairs = [(loaded.pool.ids[int(c)], loaded.offers[int(o)].name) for c, o in found]
        assert pairs == [(column.creator, column.offer) for column in Question(said, frame).columns]


def test_the_reach_of_some_people_is_the_integer_that_plain_python_gives() -> None:
    compared = 0
    for number in range(3 * COUNT):
        said, frame = scenario(f"people {number}")
        question = Question(said, frame)
        rules = [rule for rule in said.get("constraints", {}).items() if rule[1].get("people")]
        if rules:
            estimates = estimate(load_scenario(said, creators=frame))
            for name, rule in rules:
                (true,) = question.rules_of(name, rule)
                measure = next(c.measure for c in estimates.scenario.constraints if c.name == name)
                assert estimates.values[measure].tolist() == true.measured
                compared += 1
    assert compared > COUNT / 10


def test_what_we_pay_after_a_discount_is_rounded_up() -> None:
    offers = {"one": {"deliver": {"video": 1}, "discount": "33.3333%"}}
    assert one("spend", {"fee": "0.01"}, offers=offers) == 1
    assert one("spend", {"fee": "100"}, offers=offers) == 6667


def test_what_we_earn_is_rounded_half_to_even() -> None:
    def revenue(views: float) -> int:
        economics = {"order_value": "0.01"}
        assume = {"click_rate": "100%", "conversion_rate": "100%"}
        return one("revenue", {"average_views": views}, economics=economics, assume=assume)

    assert [revenue(0.5), revenue(1.5), revenue(2.5), revenue(2.500001)] == [0, 2, 2, 3]


def test_profit_takes_the_spend_off_the_margin_of_revenue() -> None:
    said = {"economics": {"order_value": "10", "margin": "45%"}, "assume": {"click_rate": "1", "conversion_rate": "1"}}
    assert one("profit", {"average_views": 3.0, "fee": "20"}, **said) == 1350 - 2000


def test_each_further_piece_keeps_its_part_of_the_engagements() -> None:
    offers = {"three": {"deliver": {"video": 3}}}
    row = {"average_engagements": 100.0, "repeat_keeps": 0.5}
    assert one("engagements", row, offers=offers) == 175_000_000


def test_contacts_never_pass_the_people_who_can_see_a_creator() -> None:
    offers = {"three": {"deliver": {"video": 3}}}
    assert one("gross_reach", {"average_views": 80_000.0}, offers=offers) == 5_000_000_000
    assert one("impressions", {"average_views": 80_000.0}, offers=offers) == 240_000_000_000


def test_a_creator_without_an_audience_reaches_nobody() -> None:
    assert one("gross_reach", {"average_views": 80.0, "viewers": 0.0}) == 0


def test_the_share_who_post_thins_outcomes_but_not_costs() -> None:
    pay = {"sent": {"model": "gift", "product": {"cost": "10"}, "shipping": "2", "post_rate": "50%"}}
    said = {"pay": pay, "offers": {"gift": {"deliver": {"video": 2}, "pay": "sent"}}}
    row = {"average_views": 100.0}
    values = {
        name: one(name, row, **said) for name in ("spend", "cash", "gifts", "deliverables", "posts", "impressions")
    }
    assert values == {
        "spend": 1_200,
        "cash": 200,
        "gifts": 1_000_000,
        "deliverables": 2_000_000,
        "posts": 1_000_000,
        "impressions": 100_000_000,
    }


@pytest.mark.parametrize(
    ("terms", "spend"),
    [({}, 27_000), ({"fee": "50"}, 13_500), ({"price": "210.05"}, 21_005), ({"offer": "three"}, 27_000)],
)
def test_terms_that_a_client_fixed_replace_the_creators_fee(terms: dict[str, str], spend: int) -> None:
    offers = {"three": {"deliver": {"video": 3}, "discount": "10%"}}
    assert one("spend", {"fee": "100"}, offers=offers, include=[{"creator": "a", **terms}]) == spend


def test_a_fee_that_the_client_fixed_beats_the_offers_price() -> None:
    offers = {"flat": {"deliver": {"video": 2}, "price": "999"}}
    assert one("spend", offers=offers) == 99_900
    assert one("spend", offers=offers, include=[{"creator": "a", "fee": "5"}]) == 1_000


def test_the_creators_own_figure_comes_before_what_is_assumed() -> None:
    assume = {"engagement_rate": "10%"}
    assert one("engagements", {"engagement_rate": 0.02}, assume=assume) == 100_000_000
    assert one("engagements", {"engagement_rate": None, "fee": "1"}, assume=assume) == 500_000_000


def test_the_first_line_of_a_table_that_matches_counts() -> None:
    table = [{"tier": "micro", "is": "1%"}, {"followers": {"from": 5000}, "is": "2%"}, {"is": "3%"}]
    assert one("engagements", {"fee": "1"}, assume={"engagement_rate": table}) == 100_000_000


def test_a_figure_that_nothing_gives_is_refused_and_never_zero() -> None:
    said = {"format": 1, "currency": "EUR", "objective": {"maximize": "engagements"}}
    frame = {"creator": ["a", "b"], "followers": [5_000, 6_000], "engagement_rate": [0.1, None]}
    with pytest.raises(ScenarioError) as error:
        estimate(load_scenario(said, creators=frame))
    assert [problem.code for problem in error.value.problems] == ["missing-figure"]


def test_only_figures_that_are_used_are_asked_for() -> None:
    said = {"format": 1, "currency": "EUR", "objective": {"maximize": "spend"}}
    frame = {"creator": ["a", "b"], "fee": ["1.10", "2"]}
    estimates = estimate(load_scenario(said, creators=frame))
    assert {str(measure): values.tolist() for measure, values in estimates.values.items()} == {"spend": [110, 200]}


def test_money_of_a_currency_without_decimals_is_counted_whole() -> None:
    said = {"format": 1, "currency": "JPY", "objective": {"maximize": "spend"}}
    estimates = estimate(load_scenario(said, creators={"creator": ["a"], "fee": ["9000"]}))
    assert estimates.values[Measure("spend")].tolist() == [9_000]
    assert Fraction(9_000, estimates.scenario.scale("spend")) == 9_000
