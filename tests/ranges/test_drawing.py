"""What is drawn for a plan: means are kept, each booking has draws of its own, and nothing else matters."""

from __future__ import annotations

import os

import numpy as np
import pytest

from optimizer.ranges.drawing import drawn, draws_for
from optimizer.ranges.outlook import MONEY, QUANTITIES, Common, Group, Outlook, unit
from optimizer.ranges.percentiles import percentiles
from tests.support.outlooks import ALONE, alike, mixed, taken


def mean_kept(values: np.ndarray, expected: float, quantity: str) -> bool:
    """Within 4.5 standard errors, and what rounding and tables may add: 0.4 %."""
    error = values.std() / np.sqrt(values.size)
    return abs(values.mean() - expected * unit(quantity)) <= 4.5 * error + 0.004 * abs(expected) * unit(quantity) + 1


def expected_totals(outlook: Outlook) -> dict[str, float]:
    sold = outlook.post_rate * outlook.conversions
    commission = sold * (outlook.order_value * outlook.rate / 1e6 + outlook.per_conversion)
    cash = outlook.fee + outlook.fixed_cash + commission
    spend = cash + outlook.product
    revenue, agency = sold * outlook.order_value, cash * outlook.agency / 1e6
    each = {
        "impressions": outlook.post_rate * (outlook.impressions + outlook.paid),
        "impressions.organic": outlook.post_rate * outlook.impressions,
        "impressions.paid": outlook.post_rate * outlook.paid,
        "engagements": outlook.post_rate * outlook.engagements,
        "clicks": outlook.post_rate * outlook.clicks,
        "conversions": sold,
        "posts": outlook.post_rate * outlook.pieces.sum(axis=1),
        "revenue": revenue,
        "commission": commission,
        "cash": cash,
        "spend": spend,
        "agency": agency,
        "cost": spend + agency,
        "profit": revenue * outlook.margin / 1e6 - spend,
    }
    return {name: float(values.sum()) for name, values in each.items()}


@pytest.mark.parametrize("common", [ALONE, Common()], ids=["alone", "with shared errors"])
def test_the_means_of_all_quantities_are_kept(common: Common) -> None:
    outlook = mixed(60)
    outlook.cap[:] = -1
    ranges = drawn(outlook, common, draws=6_000)
    for name, expected in expected_totals(outlook).items():
        assert mean_kept(ranges.totals[name], expected, name), name
        assert mean_kept(ranges.alone[name], expected, name), name


def test_without_errors_only_posts_and_counts_vary() -> None:
    ranges = drawn(alike(fixed={"hours": 1.5}), ALONE, draws=2_000)
    assert set(ranges.totals["impressions"].tolist()) == {10_000_000}
    assert set(ranges.totals["gross_reach"].tolist()) == {4_000_000}
    assert set(ranges.totals["spend"].tolist()) == {20_000}
    assert set(ranges.totals["hours"].tolist()) == {1_500}
    assert ranges.bookings["hours"].tolist() == [[1_500] * 3]
    clicks = ranges.totals["clicks"] / 1000
    assert clicks.var() == pytest.approx(100, rel=0.15)
    assert (ranges.totals["revenue"] == ranges.totals["conversions"] // 1000 * 2_500).all()


def test_a_booking_is_posted_as_often_as_its_rate_says_and_else_brings_nothing() -> None:
    ranges = drawn(alike(post_rate=0.3, pieces=[2]), ALONE, draws=20_000)
    posted = ranges.totals["posts"] > 0
    assert posted.mean() == pytest.approx(0.3, abs=0.015)
    assert set(ranges.totals["posts"].tolist()) == {0, 2_000}
    for name in ("impressions", "gross_reach", "engagements", "clicks", "conversions", "revenue"):
        assert not ranges.totals[name][~posted].any()
    assert ranges.totals["clicks"][posted].mean() == pytest.approx(100_000, rel=0.01)
    assert set(ranges.totals["spend"].tolist()) == {20_000}


def test_what_follows_engagements_moves_with_them() -> None:
    said = {"conversions": 1e6, "views_sd": (0.5, 0.5), "engagements_sd": (0.9, 0.0)}
    by_views = drawn(alike(**said), draws=2_000)
    by_engagements = drawn(alike(**said, by_engagements=True), draws=2_000)
    for ranges, driver, other in (
        (by_views, "impressions", "engagements"),
        (by_engagements, "engagements", "impressions"),
    ):
        logs = {name: np.log(ranges.totals[name]) for name in ("conversions", "impressions", "engagements")}
        assert np.corrcoef(logs["conversions"], logs[driver])[0, 1] > 0.9999
        assert np.corrcoef(logs["conversions"], logs[other])[0, 1] < 0.99


def test_one_creators_views_and_engagements_are_drawn_together() -> None:
    common = Common(bias=0, campaign=0.5, platform=0.5, niche=0.5)
    ranges = drawn(alike(views_sd=(0.5, 0.8), engagements_sd=(0.5, 0.8)), common, draws=500)
    assert ranges.totals["engagements"] / ranges.totals["impressions"] == pytest.approx(0.05, rel=1e-3)


def test_the_sds_of_creator_and_posts_and_of_shared_errors_add_up() -> None:
    outlook = alike(views_sd=(0.5, 0.8), engagements_sd=(0.3, 0.4))
    ranges = drawn(outlook, Common(0.3, 0.2, 0.1, 0.15), draws=20_000)
    shared = 0.3**2 + 0.2**2 + 0.1**2 + 0.15**2
    for name, own in (("impressions", 0.5**2 + 0.8**2), ("engagements", 0.3**2 + 0.4**2)):
        assert np.log(ranges.alone[name]).var() == pytest.approx(own, rel=0.04)
        assert np.log(ranges.totals[name]).var() == pytest.approx(own + shared, rel=0.04)


def test_bookings_share_the_errors_of_their_names_and_of_nothing_else() -> None:
    outlook = alike(4)
    rows = {"platform": np.array([0, 1, 2, 1]), "niche": np.array([0, 0, 1, 1])}
    names = {"platforms": ("tiktok", "instagram", "tiktok"), "niches": ("", "tiktok")}
    outlook = Outlook(**{name: getattr(outlook, name) for name in outlook.__slots__} | rows | names)
    groups = [Group(np.array([at]), ("impressions",)) for at in range(4)]
    logs = [
        np.log(totals["impressions"]) for totals in drawn(outlook, Common(0, 0, 0.5, 0.5), groups, draws=4_000).groups
    ]
    correlations = np.corrcoef(logs)
    assert correlations[0, 1] == pytest.approx(0.5, abs=0.06)  # the niche
    assert correlations[0, 2] == pytest.approx(0.5, abs=0.06)  # the platform's name, not its position
    assert correlations[1, 2] == pytest.approx(0, abs=0.06)
    same = drawn(outlook, Common(0, 0.5, 0, 0), groups, draws=100).groups
    assert len({tuple(totals["impressions"].tolist()) for totals in same}) == 1


def test_commission_is_capped_in_every_draw() -> None:
    said = {"conversions": 40.0, "rate": 100_000, "per_conversion": 150, "views_sd": (0.8, 0.8)}
    free = drawn(alike(**said), draws=2_000).totals["commission"]
    capped = drawn(alike(**said, cap=9_000), draws=2_000)
    assert (free > 9_000).any()
    assert (capped.totals["commission"] == np.minimum(free, 9_000)).all()
    assert (capped.totals["cash"] == 20_000 + capped.totals["commission"]).all()


def test_money_adds_up_in_every_draw() -> None:
    said = {"fixed_cash": 700, "product": 3_000, "rate": 100_000, "agency": 150_000, "views_sd": (1.0, 0.0)}
    totals = drawn(alike(**said), draws=2_000).totals
    assert (totals["cash"] == 20_700 + totals["commission"]).all()
    assert (totals["spend"] == totals["cash"] + 3_000).all()
    assert (totals["agency"] == np.rint(totals["cash"] * 0.15)).all()
    assert (totals["cost"] == totals["spend"] + totals["agency"]).all()
    assert (totals["profit"] == np.rint(totals["revenue"] * 0.4) - totals["spend"]).all()


def test_impressions_that_are_bought_vary_only_with_whether_the_booking_is_posted() -> None:
    said = {"paid": 30_000.0, "views_sd": (0.5, 0.8), "post_rate": 0.6}
    totals = drawn(alike(**said), draws=4_000).totals
    assert set(totals["impressions.paid"].tolist()) == {0, 30_000_000}
    assert ((totals["impressions.paid"] > 0) == (totals["posts"] > 0)).all()
    assert (totals["impressions"] == totals["impressions.organic"] + totals["impressions.paid"]).all()
    assert len(set(totals["impressions.organic"].tolist())) > 1_000


def test_clicks_follow_what_is_bought_as_far_as_it_is_a_part_of_all_impressions() -> None:
    said = {"clicks": 1_000.0, "impressions": 1_000.0, "views_sd": (0.5, 0.8)}
    organic, bought = (drawn(alike(**said, paid=paid), draws=2_000).totals["clicks"] for paid in (0.0, 1e9))
    assert organic.std() > 300_000
    assert bought.std() == pytest.approx(1000 * 1000**0.5, rel=0.1)  # what counts vary by
    assert (drawn(alike(**said), draws=99).totals["clicks"] == organic[:99]).all()


def test_mean_reach_is_at_most_the_curve_at_the_mean() -> None:
    seen, pieces = [4_000.0, 1_000.0], [2, 3]
    curve = 8_000 * (1 - (1 - 4_000 / 8_000) ** 2 * (1 - 1_000 / 8_000) ** 3)
    exact = drawn(alike(seen=seen, pieces=pieces), ALONE, draws=8).totals["gross_reach"]
    assert exact.tolist() == [round(curve * 1000)] * 8
    drawn_reach = drawn(alike(seen=seen, pieces=pieces, views_sd=(0.6, 0.6)), draws=10_000).totals["gross_reach"]
    assert drawn_reach.mean() < curve * 1000
    assert drawn_reach.max() <= 8_000_000


@pytest.mark.parametrize("quantity", QUANTITIES)
def test_the_order_of_rows_changes_nothing(quantity: str) -> None:
    outlook, order = mixed(30), np.random.default_rng(2).permutation(30)
    one, other = (
        drawn(each, groups=[Group(each.niche == 2, (quantity,))], draws=300)
        for each in (outlook, taken(outlook, order))
    )
    assert (one.totals[quantity] == other.totals[quantity]).all()
    assert (one.groups[0][quantity] == other.groups[0][quantity]).all()
    assert (one.bookings[quantity][order] == other.bookings[quantity]).all()


@pytest.mark.parametrize("draws", [1, 7, 1_000, 4_097])
def test_blocks_do_not_matter(draws: int) -> None:
    outlook = mixed(23)
    group = Group(np.arange(0, 23, 2), QUANTITIES)
    one, other, usual = (drawn(outlook, groups=[group], draws=draws, block=block) for block in (1, 1_000, None))
    for name in (*QUANTITIES, "hours"):
        for ranges in (other, usual):
            assert (one.totals[name] == ranges.totals[name]).all()
            assert (one.alone[name] == ranges.alone[name]).all()
            assert (one.bookings[name] == ranges.bookings[name]).all()
            assert (one.bookings_alone[name] == ranges.bookings_alone[name]).all()
    assert all((one.groups[0][name] == other.groups[0][name]).all() for name in QUANTITIES)


def test_threads_do_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    outlook, results = mixed(100), []
    for processors in (1, 2):
        monkeypatch.setattr(os, "cpu_count", lambda processors=processors: processors)
        results.append(drawn(outlook, draws=5_000, quantities=("profit", "clicks")))
    for name in ("profit", "clicks"):
        assert (results[0].totals[name] == results[1].totals[name]).all()
        assert (results[0].bookings[name] == results[1].bookings[name]).all()


def test_more_draws_begin_with_the_fewer() -> None:
    fewer, more = (drawn(mixed(5), draws=draws) for draws in (101, 1_000))
    assert all((fewer.totals[name] == more.totals[name][:101]).all() for name in QUANTITIES)


def test_another_seed_gives_other_draws() -> None:
    one, other, again = (drawn(mixed(5), draws=50, seed=seed).totals["impressions"] for seed in (1, 2**32 + 1, 1))
    assert (one != other).any()
    assert (one == again).all()


def test_only_what_is_asked_is_given_and_is_the_same() -> None:
    outlook = mixed(6)
    everything = drawn(outlook, draws=200)
    assert set(everything.totals) == {*QUANTITIES, "creators", "hours"}
    for name in (*QUANTITIES, "hours"):
        part = drawn(outlook, draws=200, quantities=(name,))
        assert set(part.totals) == set(part.alone) == set(part.bookings) == set(part.bookings_alone) == {name}
        assert (part.totals[name] == everything.totals[name]).all()
        assert (part.bookings[name] == everything.bookings[name]).all()


def test_a_group_has_the_totals_of_its_bookings_in_the_same_draws() -> None:
    outlook = mixed(12)
    mask = outlook.platform == 0
    names = (*QUANTITIES, "hours")
    groups = [Group(mask, names), Group(np.flatnonzero(~mask), names), Group(np.zeros(12, np.bool_), ("spend",))]
    ranges = drawn(outlook, groups=groups, draws=500, quantities=names)
    for name in names:
        assert (ranges.groups[0][name] + ranges.groups[1][name] == ranges.totals[name]).all()
    assert not ranges.groups[2]["spend"].any()
    group = ranges.groups[0]
    chance = np.mean(group["spend"] * 1000 <= 18_00 * group["conversions"])  # cost per conversion at most 18.00
    assert 0 <= chance <= 1


def test_percentiles_of_a_booking_are_those_of_its_draws() -> None:
    outlook = mixed(9)
    for draws in (500, 5_000):
        ranges = drawn(outlook, groups=[Group(np.array([at]), QUANTITIES) for at in range(9)], draws=draws)
        for at, totals in enumerate(ranges.groups):
            for name in QUANTITIES:
                assert tuple(ranges.bookings[name][at].tolist()) == percentiles(totals[name]), name


@pytest.mark.parametrize(
    ("bookings", "asked", "used"),
    [
        (0, 10_000, 10_000),
        (2_000, 10_000, 2_496),
        (3_000, 10_000, 1_664),
        (20_000, 10_000, 1_000),
        (10**6, 10_000, 1_000),
        (10**6, 200, 200),
        (1, 10**9, 10**6),
    ],
)
def test_draws_are_lowered_where_there_would_be_too_many(bookings: int, asked: int, used: int) -> None:
    assert draws_for(bookings, asked) == used


def test_the_draws_that_were_used_are_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("optimizer.ranges.drawing.MOST_DRAWN", 10_000)
    ranges = drawn(alike(7), draws=5_000)
    assert ranges.draws == 1_424
    assert ranges.totals["clicks"].shape == (1_424,)


@pytest.mark.parametrize(
    "said",
    [
        {"views_sd": (3.0, 3.0), "engagements_sd": (3.0, 3.0)},
        dict.fromkeys(("impressions", "engagements", "clicks", "conversions", "reach_scale"), 0.0),
        dict.fromkeys(("impressions", "engagements", "clicks", "conversions", "viewers"), 1e12),
        {"post_rate": 0.01, "views_sd": (3.0, 0.0)},
        {"viewers": 0.0},
        {"post_rate": 1e-9},
        {"order_value": 10**14, "rate": 10**6, "margin": -(10**9), "agency": 10**6, "fee": 9 * 10**15},
    ],
)
def test_extremes_stay_within_bounds(said: dict[str, object]) -> None:
    ranges = drawn(alike(3, **said), Common(3, 3, 3, 3) if "views_sd" in said else None, draws=999)
    for name in QUANTITIES:
        assert np.abs(ranges.totals[name]).max() <= 9 * 10**15
        if name != "profit":
            assert ranges.totals[name].min() >= 0
        assert (np.diff(ranges.bookings[name], axis=1) >= 0).all()


def test_nothing_expected_is_nothing_drawn() -> None:
    names = ("impressions", "engagements", "clicks", "conversions", "reach_scale")
    totals = drawn(alike(3, **dict.fromkeys(names, 0.0), views_sd=(1.0, 1.0)), draws=200).totals
    for name in ("impressions", "engagements", "clicks", "conversions", "gross_reach", "revenue"):
        assert not totals[name].any()
    assert not drawn(alike(viewers=0.0), draws=200).totals["gross_reach"].any()


def test_large_expectations_without_errors_are_drawn_exactly() -> None:
    assert set(drawn(alike(impressions=1e12), ALONE, draws=9).totals["impressions"].tolist()) == {10**15}


def test_a_rare_post_keeps_its_mean() -> None:
    ranges = drawn(alike(400, post_rate=0.01, clicks=50.0), ALONE, draws=5_000)
    assert mean_kept(ranges.totals["clicks"], 400 * 0.5, "clicks")
    assert mean_kept(ranges.totals["posts"], 4, "posts")


def test_a_plan_without_bookings_has_nothing_to_draw() -> None:
    ranges = drawn(taken(mixed(3), np.array([], np.int64)), groups=[Group(np.array([], np.int64), MONEY)], draws=10)
    assert all(not ranges.totals[name].any() and ranges.bookings[name].shape == (0, 3) for name in QUANTITIES)


def test_an_unknown_quantity_is_refused() -> None:
    with pytest.raises(ValueError, match="hours: neither drawn nor fixed"):
        drawn(alike(), groups=[Group(np.array([0]), ("hours",))])
    with pytest.raises(ValueError, match="cpm: neither drawn nor fixed"):
        drawn(alike(), quantities=("cpm",))
    with pytest.raises(ValueError, match="draws"):
        drawn(alike(), draws=0)
