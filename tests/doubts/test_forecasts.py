"""What is asked about expected figures: over how many posts, of lists that were cut, of figures that stay as given."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from optimizer import load_scenario
from optimizer.domain.doubts import Doubt

MINE = ("posts-not-said", "cut-pool", "as-given")


def asked(
    size: int, *, goal: Any = "engagements", frame: dict[str, list[Any]] | None = None, **more: Any
) -> list[Doubt]:
    rng = np.random.default_rng(3)
    followers = rng.integers(1_000, 90_000, size)
    columns = {
        "creator": [f"@c{at:03}" for at in range(size)],
        "platform": ["instagram", "tiktok"] * (size // 2) + ["tiktok"] * (size % 2),
        "followers": followers.tolist(),
        "average_engagements": np.rint(followers * np.exp(rng.normal(-3.4, 0.8, size))).tolist(),
        "fee": [50] * size,
        **(frame or {}),
    }
    said = {"format": 1, "currency": "EUR", "budget": 500, "objective": {"maximize": goal}, **more}
    return [doubt for doubt in load_scenario(said, creators=columns).doubts if doubt.code in MINE]


def test_over_how_many_posts_is_asked_where_nothing_says_it_with_what_is_taken() -> None:
    (doubt,) = asked(60)
    assert doubt.code == "posts-not-said"
    assert doubt.what == (
        "nothing says over how many posts average_engagements of 60 creators is measured:"
        " taken as 12 on instagram, 10 on tiktok"
    )
    assert asked(60, frame={"posts_measured": [3] * 60}) == []
    assert asked(60, assume={"posts_measured": 3}) == []
    (half,) = asked(60, frame={"posts_measured": [3, None] * 30})
    assert " of 30 creators is measured" in half.what


def test_nothing_is_asked_of_figures_that_nothing_counts_or_that_are_not_pooled() -> None:
    assert asked(60, goal="creators") == []
    assert asked(60, forecast={"rates": "measured"}) == []
    accepted = [{"doubt": "posts-not-said", "because": "the tool takes twelve"}]
    assert asked(60, accepted=accepted) == []


@pytest.mark.parametrize(("size", "codes"), [(9, []), (10, ["as-given"]), (29, ["as-given"]), (30, ["posts-not-said"])])
def test_figures_of_ten_to_twenty_nine_creators_are_asked_about(size: int, codes: list[str]) -> None:
    found = asked(size)
    assert [doubt.code for doubt in found] == codes
    if codes == ["as-given"]:
        assert f"average_engagements, which {size} creators have, is taken as measured" in found[0].what
        assert "forecast: {rates: pooled}" in found[0].mend
        assert [doubt.code for doubt in asked(size, forecast={"rates": "pooled"})] == ["posts-not-said"]


def test_an_own_quantity_in_the_goal_of_many_creators_is_asked_about() -> None:
    sales = {"sales": list(range(40))}
    (doubt,) = asked(40, goal="sales", frame=sales, quantities=["sales"])
    assert (doubt.code, doubt.what.partition(",")[0]) == ("as-given", "sales")
    assert asked(40, goal="sales", frame=sales, quantities=["sales"], forecast={"rates": "measured"}) == []


def test_a_list_that_was_cut_by_rate_is_asked_about() -> None:
    rng = np.random.default_rng(5)
    followers = rng.integers(1_000, 90_000, 900)
    rate = np.exp(rng.normal(-3.4, 0.8, 900))
    kept = rate >= np.median(rate)
    frame = {
        "creator": [f"@k{at}" for at in range(int(kept.sum()))],
        "followers": followers[kept].tolist(),
        "average_engagements": (rate * followers)[kept].round(2).tolist(),
        "fee": [50] * int(kept.sum()),
        "posts_measured": [5] * int(kept.sum()),
    }
    said = {"format": 1, "currency": "EUR", "budget": 500, "objective": {"maximize": "engagements"}}
    (doubt,) = [one for one in load_scenario(said, creators=frame).doubts if one.code in MINE]
    assert doubt.code == "cut-pool"
    assert doubt.what.startswith("average_engagements over followers begins at an edge")
