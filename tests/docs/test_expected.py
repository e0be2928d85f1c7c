"""The page on expected figures says what the program does."""

from __future__ import annotations

import math
import re

import pytest

from optimizer.domain.forecast import LEAST, Common
from optimizer.expectations import usual
from tests.docs.pages import read, tool

expected = tool("expected")
PAGE = " ".join(read("explanation/expectations.md").split())


def test_the_worked_example_is_what_the_formula_gives() -> None:
    said = usual.usual("instagram", "average_engagements")
    assert f"usually bring {10_000 * math.exp(said.level):.0f} engagements" in PAGE
    assert f"by a factor of {math.exp(math.sqrt(said.between)):.1g}" in PAGE
    assert f"by a factor of {math.exp(math.sqrt(said.post)):.2g}" in PAGE
    for posts, words in ((2, "two posts decide {:.0%}"), (12, "these would decide {:.0%}")):
        v = math.log1p(math.expm1(said.post) / posts)
        assert words.format(said.between / (said.between + v)).replace("%", " %") in PAGE
    assert f"expected to bring {expected.expected_of(1_000, 2):.0f} engagements" in PAGE
    assert f"and {expected.expected_of(1_000, 12):.0f} would be expected" in PAGE
    assert f"If nothing was measured, {expected.expected_of(math.nan, 1):.0f} would be" in PAGE


def test_the_shared_errors_and_the_fewest_creators_are_those_of_the_program() -> None:
    kinds = {"bias": "the figure", "campaign": "the campaign", "platform": "each platform", "niche": "each niche"}
    said = ".*".join(f"{getattr(Common(), name):g} for {words}" for name, words in kinds.items())
    assert re.search(said, PAGE)
    assert f"fewer than {LEAST} creators" in PAGE
    assert f"{usual.posts('instagram'):g} are taken on Instagram and {usual.posts('tiktok'):g} on TikTok" in PAGE


def test_more_posts_bring_what_is_expected_nearer_to_what_was_measured() -> None:
    for measured in expected.MEASURED[:3]:
        found = [abs(expected.expected_of(measured, posts) - measured) for posts in expected.POSTS]
        assert found == sorted(found, reverse=True)


@pytest.mark.parametrize("name", ["Instagram", "TikTok", "YouTube", "others"])
def test_every_platform_of_the_table_is_on_the_page_with_its_source(name: str) -> None:
    rows = [row for row in expected.usual_rows() if row[0] == name]
    assert [row[1] for row in rows] == ["views", "engagements"]
    assert all(" ".join(row[-1].split()) in PAGE for row in rows)


def test_the_shipped_table_has_no_other_platforms() -> None:
    parts = {key for key, part in expected.table().items() if "views" in part}
    assert parts == set(expected.PLATFORMS)
