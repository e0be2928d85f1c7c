"""Figures in a wrong unit, or far from those of comparable creators, are asked about; good ones are not."""

from __future__ import annotations

import pytest

from tests.doubts.pools import Columns, asked, invented, small


def changed(columns: Columns, figure: str, at: int, factor: float) -> Columns:
    value = columns[figure][at] * factor
    cells = list(columns[figure])
    cells[at] = (
        round(value) if figure in ("followers", "average_views") else round(value, 2) if figure == "fee" else value
    )
    return columns | {figure: cells}


def known(columns: Columns, figure: str) -> int:
    """A creator with all figures, none of them special."""
    names = ("followers", "engagement_rate", "average_views", "fee")
    rows = [at for at, who in enumerate(columns["creator"]) if all(columns[name][at] for name in names)]
    middle = sorted(rows, key=lambda at: columns[figure][at] / columns["followers"][at] ** (figure != "followers"))
    return middle[len(middle) // 2]


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_at_most_one_good_row_in_a_thousand_is_asked_about(seed: int) -> None:
    assert len(asked(invented(4_000, seed))) <= 4


@pytest.mark.parametrize("figure", ["followers", "average_views", "fee"])
@pytest.mark.parametrize("factor", [0.001, 0.01, 100, 1_000])
def test_a_slip_by_a_hundred_or_more_is_named(figure: str, factor: float) -> None:
    pool = invented()
    at = known(pool, figure)
    before = {doubt.creator for doubt in asked(pool)}
    doubts = asked(changed(pool, figure, at, factor), "far-out", tiers={"all": [1, 10**9]})
    (doubt,) = [doubt for doubt in doubts if doubt.creator not in before]
    assert doubt.creator == pool["creator"][at]
    assert doubt.what.startswith(f"{figure} of {doubt.creator} is ")
    assert doubt.place is not None
    assert doubt.place.line is not None


@pytest.mark.parametrize("factor", [0.1, 10])
@pytest.mark.parametrize("figure", ["followers", "engagement_rate", "average_engagements"])
def test_a_slip_by_ten_is_named_where_two_figures_contradict_each_other(figure: str, factor: float) -> None:
    pool = invented()
    pool["engagement_rate"] = [rate or 0.03 for rate in pool["engagement_rate"]]
    rates = zip(pool["followers"], pool["engagement_rate"], strict=True)
    pool["average_engagements"] = [float(round(followers * rate + 0.5)) for followers, rate in rates]
    rate_at = next(at for at, rate in enumerate(pool["engagement_rate"]) if 0.01 < rate < 0.09)
    doubts = asked(changed(pool, figure, rate_at, factor), "contradiction", tiers={"all": [1, 10**9]})
    assert pool["creator"][rate_at] in [doubt.creator for doubt in doubts]


def test_a_typo_of_900_000_views_in_a_small_pool_is_named() -> None:
    views = [2_100.0, 2_600.0, 4_800.0, 900_000.0, 7_300.0, 2_900.0, 4_100.0, 3_700.0]
    assert "@dan" in [doubt.creator for doubt in asked(small(average_views=views), "far-out")]


def test_an_ordinary_small_pool_raises_no_doubt() -> None:
    assert asked(small()) == []


@pytest.mark.parametrize(
    ("figure", "factor"),
    [("engagement_rate", 0.01), ("engagement_rate", 15), ("fee", 100), ("followers", 0.001)],
)
def test_a_whole_column_in_another_unit_is_asked_about_once(figure: str, factor: float) -> None:
    pool = small()
    cells = [round(cell * factor) if figure == "followers" else cell * factor for cell in pool[figure]]
    doubts = asked(pool | {figure: cells}, tiers={"all": [1, 10**9]})
    assert [doubt.code for doubt in doubts if doubt.what.startswith(("half of", figure))] == ["column-unit"]
    assert [doubt.creator for doubt in doubts] == [None]


def test_shares_of_fake_followers_are_not_taken_for_authenticity() -> None:
    fake = [0.08, 0.12, 0.15, 0.09, 0.21, 0.11, 0.17, 0.1]
    (doubt,) = asked(small(authenticity=fake))
    assert (doubt.code, "fake" in doubt.what) == ("column-unit", True)


def test_an_accepted_figure_is_not_asked_about_again() -> None:
    pool = invented()
    at = known(pool, "fee")
    wrong, who = changed(pool, "fee", at, 1_000), pool["creator"][at]
    assert who in [doubt.creator for doubt in asked(wrong)]
    settled = [{"doubt": "far-out", "creator": who, "because": "a star"}]
    assert who not in [doubt.creator for doubt in asked(wrong, accepted=settled)]
