"""Filters: every place of them may ask for every column of the file."""

from __future__ import annotations

import json

import pytest

from optimizer import optimize, to_json, verify
from tests.loading.desk import Desk, text_of

MONEY_POOL = """creator,followers,engagement_rate,Fee,price,offer,Rate card
ana,5000,0.03,100.00,7,a,10
bea,6000,0.03,40.00,8,b,20
cia,7000,0.03,55.00,9,a,300
"""
ABOVE = {"fee": 90, "price": 8.5, "rate card": 90}  # which some have


@pytest.mark.parametrize(
    ("asked", "left"),
    [
        ("{fee: {above: 55}}", ["bea", "cia"]),
        ("{fee: {from: 55}}", ["bea"]),
        ("{Fee: [40, 55.00]}", ["ana"]),
        ("{price: {above: 7.5}}", ["ana"]),
        ("{offer: [a]}", ["bea"]),
        ("{rate card: {below: 25}}", ["cia"]),
        ("{fee: {above: 55}, price: {below: 8}}", ["bea", "cia"]),
    ],
)
def test_a_filter_may_ask_for_columns_that_are_named_like_terms(desk: Desk, asked: str, left: list[str]) -> None:
    text = text_of(assume=None) + f"exclude: [{asked}]\n"
    assert list(desk.load(text, MONEY_POOL).pool.ids) == left


@pytest.mark.parametrize("columns", ["", ", columns: {fee: Rate card}"], ids=["own name", "mapped"])
@pytest.mark.parametrize(
    "place",
    [
        "creators: {{file: pool.csv{columns}, where: {asked}}}",
        "exclude: [{asked}]",
        "include: [{asked}]",
        "offers: {{a: {{deliver: {{post: 1}}, to: {asked}}}}}",
        "assume: {{click_rate: [{line}]}}",
        "constraints: {{a: {{quantity: spend, group: {asked}, at_most: 500}}}}",
        "constraints: {{a: {{quantity: spend, group: {{tier: nano}}, of: {asked}, at_most: 50%}}}}",
        "constraints: {{a: {{if: {asked}, then: ana}}}}",
    ],
)
@pytest.mark.parametrize("column", ABOVE)
def test_every_filter_may_ask_for_any_column_of_numbers(desk: Desk, place: str, columns: str, column: str) -> None:
    asked = f"{{{column}: {{above: {ABOVE[column]}}}}}"
    text = place.format(asked=asked, columns=columns, line=asked.removesuffix("}") + ", is: 1%}")
    creators = None if place.startswith("creators") else f"{{file: pool.csv{columns}}}"
    assert desk.load(text_of(assume=None, creators=creators) + text + "\n", MONEY_POOL).pool


@pytest.mark.parametrize("term", ["fee: 55", "price: 55", "offer: booking"])
def test_a_term_without_a_creator_is_told_how_a_filter_is_written(desk: Desk, term: str) -> None:
    problem = desk.fault(text_of() + f"include: [{{{term}}}]\n", MONEY_POOL)
    assert problem.code == "terms-without-creator"
    assert f"a column {term.split(':', maxsplit=1)[0]}, write a range or a list" in problem.mend


CLASH = "creator,average_engagements,fee,model,offer\n@ana,100,500,x,y\n@bea,90,500,,\n"  # columns as offers have them


def test_a_line_of_figures_may_ask_for_creators_by_name(desk: Desk) -> None:
    pool = "creator,average_engagements\nana,100\nbea,90\n"
    said = text_of(assume="{fee: [{creator: [ana], is: 80}, {offer: booking, creator: bea, is: 30}, {is: 50}]}")
    scenario = desk.load(said, pool)
    plan = optimize(scenario, gap=0)
    assert {booking.creator: booking.values["spend"] for booking in plan.allocations} == {"ana": 80, "bea": 30}
    assert verify(json.loads(to_json(plan)), scenario).holds


@pytest.mark.parametrize("column", ["model", "offer"])
def test_what_offers_have_is_theirs_although_the_pool_has_such_a_column(desk: Desk, column: str) -> None:
    rule = f"{{quantity: spend, per: {column}, at_most: 900}}"
    value = {"model": "fee", "offer": "booking"}[column]
    of_one = f"{{quantity: spend, group: {{{column}: {value}}}, at_most: 900}}"
    counted = f"{{quantity: distinct.{column}, at_most: 1}}"
    scenario = desk.load(text_of(assume=None, constraints=f"{{a: {rule}, b: {of_one}, c: {counted}}}"), CLASH)
    assert scenario.warnings == ()
    assert column not in scenario.pool.columns
    plan = optimize(scenario, gap=0)
    assert [(one.name, one.per_value, one.value) for one in plan.constraints] == [
        ("a", value, 500),
        ("b", None, 500),
        ("c", None, 1),
    ]
    assert verify(json.loads(to_json(plan)), scenario).holds


def test_a_column_that_both_have_is_that_of_the_pool_where_creators_are_chosen(desk: Desk) -> None:
    rule = "{a: {quantity: spend, per: model, at_most: 900}}"
    scenario = desk.load(text_of(assume=None, constraints=rule) + "exclude: [{model: x}]\n", CLASH)
    assert list(scenario.pool.ids) == ["@bea"]
    plan = optimize(scenario, gap=0)
    assert [(one.per_value, one.value) for one in plan.constraints] == [("fee", 500)]
    assert verify(json.loads(to_json(plan)), scenario).holds


def test_over_how_many_posts_a_creator_was_measured_does_not_hang_on_the_offer(desk: Desk) -> None:
    said = text_of(assume="{fee: 100, engagement_rate: 3%, posts_measured: [{model: fee, is: 5}, {is: 20}]}")
    problem = desk.fault(said)
    assert (problem.code, problem.cause) == ("unknown-column", 'there is no column "model"')


def test_a_word_that_is_near_a_value_is_no_tier(desk: Desk) -> None:
    pool = "creator,average_engagements,fee,niche\n@ana,100,50,megan\n"
    rule = "{a: {quantity: spend, group: {niche: mega}, at_most: 900}}"
    assert desk.fault(text_of(assume=None, constraints=rule), pool).mend == 'did you mean "megan"?'
