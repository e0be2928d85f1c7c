"""A data file with a mistake is refused, with the file and the key."""

from __future__ import annotations

from decimal import Decimal

import pytest

from optimizer.packs import PackError
from optimizer.packs.read import parse

GOOD = """
title: A guide
source: Some Agency, "A guide"
date: 2025-12-28
platform: tiktok
currency: USD
tiers: {nano: [0, 9_999], micro: [10_000, 99_999], mega: [1_000_000]}
figures:
  engagement_rate:
    denominator: interactions over followers
    values:
      - {tier: [nano, micro], model: gift, is: 2.8%}
      - {tier: nano, low: 10%, high: 18%}
  fee:
    denominator: per post
    platform: any
    values:
      - {tier: nano, low: 200, high: 1_000}
      - {any_size: a rule of thumb, deliverable: story, is: "99.5"}
shown:
  - {text: return, value: 5 USD, reason: an average}
"""


def test_a_good_file_gives_a_line_for_each_tier_in_the_order_of_the_file() -> None:
    pack = parse(GOOD, "guide.yaml")
    lines = [(b.figure, b.tier, b.platform, b.model, b.deliverable, b.base) for b in pack.benchmarks]
    assert lines == [
        ("engagement_rate", "nano", "tiktok", ("gift",), None, Decimal("0.028")),
        ("engagement_rate", "micro", "tiktok", ("gift",), None, Decimal("0.028")),
        ("engagement_rate", "nano", "tiktok", None, None, Decimal("0.14")),
        ("fee", "nano", None, None, None, Decimal("447.21")),
        ("fee", None, None, None, "story", Decimal("99.5")),
    ]
    assert pack.name == "guide"
    assert pack.figures == ("engagement_rate", "fee")
    assert pack.tiers["mega"] == (1_000_000, None)


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ("title: A guide\n", "", "title: is missing"),
        ("title: A guide", "title: [A, guide]", "title: is a text"),
        ("title: A guide", "titel: A guide", "titel: is not a key"),
        ("title: A guide", "title: A guide\ntitle: Another", '"title" stands twice'),
        ("date: 2025-12-28", "date: lately", "date: is a day"),
        ("date: 2025-12-28\n", "", "date: is a day"),
        ("currency: USD", "currency: dollars", "currency: is a currency"),
        ("currency: USD\n", "", "figures.fee: money needs the currency"),
        ("nano: [0, 9_999]", "nano: [9_999, 0]", "tiers.nano: write [low, high]"),
        ("nano: [0, 9_999]", "nano: small", "tiers.nano: is a list of whole numbers"),
        ("engagement_rate:", "engagement_rat:", 'figures.engagement_rat: "engagement_rat" is no figure'),
        ("    denominator: per post\n", "", "figures.fee.denominator: is missing"),
        ("platform: any", "platfrom: any", "figures.fee.platfrom: is not a key"),
        ("platform: any", "per_thousand_followers: maybe", "figures.fee.per_thousand_followers: is true or false"),
        ("is: 2.8%", "is: 2.8", 'figures.engagement_rate.values[0].is: "2.8" is no number'),
        ("is: 2.8%", "is: about 2.8%", 'values[0].is: "about 2.8%" is no number'),
        ("is: 2.8%", 'is: "0.028"', "values[0].is: is written in percent"),
        ("is: 2.8%", "is: 280%", "values[0].is: 280% is out of bounds"),
        ("is: 2.8%", "is: 0%", "values[0].is: 0% is out of bounds"),
        ("is: 2.8%", "is: 2.8%, low: 1%", "values[0].is: stands alone"),
        ("is: 2.8%", "iz: 2.8%", "values[0].iz: is not a key"),
        ("low: 10%, high: 18%", "low: 10%", "values[1].is: give one number, or low and high"),
        ("low: 10%, high: 18%", "low: 18%, high: 10%", "values[1].low: low, base and high do not rise"),
        ("low: 10%, high: 18%", "low: 10%, base: 20%, high: 18%", "values[1].low: low, base and high do not rise"),
        ("low: 200,", "low: 20%,", "figures.fee.values[0].low: is no percentage"),
        ("{tier: nano, low: 10%", "{tier: giant, low: 10%", 'values[1].tier: "giant" is not among the tiers'),
        ("{tier: nano, low: 10%", "{low: 10%", "values[1].tier: give the tier, or under any_size the reason"),
        ("any_size: a rule of thumb", "any_size: so, tier: nano", "values[1].tier: give the tier, or under any_size"),
        ("reason: an average", "figure: fee", "shown[0].reason: is missing"),
        ("reason: an average", "reason: so, figure: fees", 'shown[0].figure: "fees" is no figure'),
        ("tiers: {", "tiers: [", "guide.yaml: "),
        ("shown:\n  - {text", "shown:\n    {text", "shown: is a list"),
    ],
)
def test_a_mistake_in_a_data_file_is_refused_with_the_file_and_the_key(old: str, new: str, key: str) -> None:
    assert GOOD.count(old) >= 1
    with pytest.raises(PackError) as raised:
        parse(GOOD.replace(old, new, 1), "guide.yaml")
    assert str(raised.value).startswith("guide.yaml: ")
    assert key in str(raised.value)


@pytest.mark.parametrize("text", ["", "just words", "- a list", "12"])
def test_a_file_that_is_no_mapping_is_refused(text: str) -> None:
    with pytest.raises(PackError, match=r"^guide\.yaml: the file: is a mapping"):
        parse(text, "guide.yaml")


def test_a_figure_without_values_is_refused() -> None:
    text = GOOD[: GOOD.index("figures:")] + "figures: {fee: {denominator: per post}}\n"
    with pytest.raises(PackError, match=r"figures\.fee\.values: is empty"):
        parse(text, "guide.yaml")
