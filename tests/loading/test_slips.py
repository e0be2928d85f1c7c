"""Slips that planners make: each is told once, at its place, with the cure."""

from __future__ import annotations

import pytest

from tests.loading.desk import Desk, text_of

GIFT = "pay: {box: {model: gift, product: {cost: 14}, post_rate: 70%}}\n"
SEGMENT = "segments: [{name: food nano, tier: nano, niche: food, followers: 4_000, fee: 60, available: 10}]\n"


def rule(text: str) -> str:
    return f"constraints: {{a rule: {text}}}\n"


SLIPS = [
    # numbers
    ("assume: {engagement_rate: '3,5%', fee: 100}\n", "write the decimals with a point: 3.5%"),
    ("assume: {engagement_rate: 3%, fee: [{tier: nano, is: 60}, {is: 400,50}]}\n", "400.50"),
    ("economics: {order_value: 17,90, margin: 45%}\n", "17.90"),
    ("wallets: {spend: 10,000, hours: 80}\n", "10_000"),
    (rule("{quantity: spend, per: platform, at_most: {tiktok: 3,000, instagram: 4,000}}"), "25_000"),
    ("budget: {spend: 5_000, hours: 80}\n", "wallets"),
    ("exclude: [{engagement_rate: {below: 60}}]\n", "write 60% or 0.6"),
    ("segments: [{name: a, tier: nano, followers: 4_000, engagement_rate: 4, fee: 60, available: 1}]\n", "4% or 0.04"),
    # words of other tools
    (rule("{quantity: creators, min: 5}"), "write at_least"),
    (rule("{quantity: creators, '<=': 5}"), "write at_most"),
    (rule("{quantity: likes, at_least: 5}"), "write engagements"),
    (rule("{quantity: influencers, at_least: 5}"), "write creators"),
    ("pay: {link: {model: affiliate, rate: 12%}}\n", "write commission"),
    ("pay: {link: {model: commission, commission: 12%}}\n", "write rate"),
    ("creators: {path: pool.csv}\n", "write file"),
    ("segments: [{creator: a, tier: nano, followers: 4_000, fee: 60, available: 1}]\n", 'in place of "creator"'),
    ("segments: [{name: a, tier: nano, followers: 4_000, fee: 60, count: 1}]\n", 'in place of "count"'),
    ("currency: €\n", "write EUR"),
    ("currency: dollars\n", "write USD"),
    ("exchange: {US: 0.92}\n", "write USD"),
    # what stands in the wrong place or form
    (GIFT + "offers: {paid: {deliver: {post: 1}, pay: {model: fee}}}\n", "under the top key pay"),
    ("offers: {paid: {deliver: {1: post}}}\n", "write {post: 1}"),
    ("offers: {paid: {deliverables: {post: 1}}}\n", 'did you mean "deliver"?'),
    ("pay: {half: {model: hybrid, fee: 200, rate: 6%}}\n", "minimum_fee"),
    (rule("{quantity: gross_reach, people: FR, at_least: 1_000}"), "{country: FR}"),
    ("share of food: {quantity: spend, group: {niche: food}, at_least: 30%}\n", "stands under constraints:"),
    (rule("{quantity: deliverables.live, exactly: 2}"), "deliver: {live: 1}"),
    ("quantities: {mine: {column: niche}}\n", "add a column of numbers"),
    ('include: ["@ana, @bea"]\n', "quotes of its own"),
    # segments
    (SEGMENT + rule("{quantity: creators, group: {name: food nano}, at_least: 1}"), "a segment by segment:"),
    (SEGMENT + rule("{quantity: creators, group: {segments: food nano}, at_least: 1}"), 'did you mean "segment"?'),
    (SEGMENT.replace("tier: nano", "tier: naon"), 'did you mean "nano"?'),
    (SEGMENT.replace("}]", "}, {name: Food Nano, followers: 4_000, fee: 60, available: 1}]"), "another name"),
    # tiers and logic
    (rule("{quantity: spend, group: {tier: macro}, at_least: 30%}"), "its bounds under tiers:"),
    (rule('{at_most_one: ["@ana", "@bea"]}'), 'did you mean "at_most_one_of"?'),
    (rule('{at_most_one_of: ["@ana"]}'), "name another one"),
    (rule("{if: {niche: food}, then: {niche: home}, at_least: 5}"), "a separate rule"),
    (rule("{if: food, then: {niche: home}}"), "write {niche: food}"),
    (rule("{quantity: spend, per: creators, at_most: 100}"), 'did you mean "creator"?'),
]


@pytest.mark.parametrize(("text", "cure"), SLIPS)
def test_a_slip_is_told_with_its_cure(desk: Desk, text: str, cure: str) -> None:
    key = text.partition(":")[0]
    problems = desk.faults(text_of(**({key: None} if key in ("assume", "creators", "currency") else {})) + text)
    assert cure in problems[0].mend or cure in problems[-1].mend
    assert all(problem.place is not None for problem in problems)


@pytest.mark.parametrize("text", [text for text, _ in SLIPS if "{path" not in text])
def test_a_slip_is_told_once(desk: Desk, text: str) -> None:
    key = text.partition(":")[0]
    desk.fault(text_of(**({key: None} if key in ("assume", "creators", "currency") else {})) + text)


def test_a_fault_of_pay_terms_does_not_make_an_offer_faulty_too(desk: Desk) -> None:
    offers = "offers: {gifted: {deliver: {post: 1}, pay: box}}\n"
    problem = desk.fault(text_of() + GIFT.replace("70%", "70") + offers)
    assert problem.code == "share-above-one"


def test_a_number_that_stands_alone_in_a_table_is_told_where_it_stands(desk: Desk) -> None:
    problem = desk.fault(text_of(assume="{engagement_rate: 3, fee: 100}"))
    assert problem.place is not None
    assert (problem.place.line, problem.place.column) == (5, 27)


def test_a_gift_without_a_product_is_worth_a_warning(desk: Desk) -> None:
    text = GIFT.replace("product: {cost: 14}, ", "") + "offers: {gifted: {deliver: {post: 1}, pay: box}}\n"
    assert any("name no product" in warning for warning in desk.load(text_of() + text).warnings)


def test_a_blank_segment_column_is_no_news(desk: Desk) -> None:
    text = SEGMENT + rule("{quantity: creators, group: {segment: food nano}, at_least: 1}")
    assert not any("segment" in warning for warning in desk.load(text_of() + text).warnings)


@pytest.mark.parametrize(
    ("text", "cure"),
    [
        ("a: {b: 1}}\n", "remove it, or open it with { before"),
        ("a: [b, 1]]\n", "remove it, or open it with [ before"),
        ("name:x\nb: 1\n", "put a space after the colon: name: x"),
    ],
)
def test_yaml_that_is_broken_is_told_with_its_cure(desk: Desk, text: str, cure: str) -> None:
    assert cure in desk.fault(text + text_of()).mend


def test_a_blank_that_is_missing_after_a_colon_is_told(desk: Desk) -> None:
    problems = desk.faults(text_of() + rule("{quantity: creators, at_least:5}"))
    assert "put a space after the colon: at_least: 5" in [problem.mend for problem in problems]


def test_a_segment_at_fault_is_not_missed_where_rules_speak_of_it(desk: Desk) -> None:
    rules = """constraints:
  a: {quantity: creators, group: {segment: food nano}, at_least: 3}
  b: {at_most_one_of: [food nano, "@ana"]}
include: [food nano]
"""
    assert desk.fault(text_of() + SEGMENT.replace(", available: 10", "") + rules).code == "missing-key"
    assert desk.fault(text_of(objective="{minimize: cpa}") + SEGMENT + rules).code == "ratio-objective"
