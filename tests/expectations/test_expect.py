"""Expected figures of pools: what they rest on, who has them, and that they hold."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from optimizer.domain.forecast import Fitted, Forecast
from optimizer.domain.scenario import Assumption
from optimizer.expectations import expect, fitting
from optimizer.expectations.expect import Expectations, fitted
from tests.expectations.pools import drawn, pool

EVERY = np.arange
NOBODY = np.zeros(0, dtype=np.int64)


def of(made, forecast=Forecast(), assume=None, segments=NOBODY) -> Expectations:  # noqa: B008  frozen
    assume = assume or {}
    return Expectations(made, forecast, assume, fitted(made, forecast, assume), segments)


def values(made, column="average_engagements", **more) -> np.ndarray:
    outlook = of(made, **more).outlook(column, EVERY(len(made)))
    assert outlook is not None
    return outlook.values


def test_the_fit_finds_what_the_pool_was_drawn_from() -> None:
    made, _, _ = drawn(20_000)
    fit = fitted(made, Forecast(), {}).fits["average_engagements"]["instagram"]
    assert (fit.rows, fit.source) == (20_000, "pool")
    assert fit.slope == pytest.approx(-0.2, abs=0.02)
    assert fit.between == pytest.approx(0.45, abs=0.04)
    assert fit.niches["food"] - fit.niches["beauty"] == pytest.approx(0.2, abs=0.04)
    assert fit.scale == pytest.approx(1, abs=0.04)


def test_the_best_of_a_pool_bring_what_is_expected_and_not_what_was_measured() -> None:
    made, _, brought = drawn(4_000, posts=2)
    measured, expecting = made.columns["average_engagements"].values, values(made)
    followers = made.columns["followers"].values
    for figure, low, high in ((measured, 1.15, 3), (expecting, 0.88, 1.07)):
        best = np.argsort(-figure / followers)[:400]
        assert low < figure[best].sum() / brought[best].sum() < high


def test_eight_in_ten_posts_lie_in_the_range_of_their_creator() -> None:
    made, _, brought = drawn(6_000)
    found = of(made).outlook("average_engagements", EVERY(6_000))
    sd = np.sqrt(found.creator + found.post)
    middle = np.log(found.values) - sd**2 / 2
    assert 0.08 < (np.log(brought) < middle - 1.2816 * sd).mean() < 0.12
    assert 0.08 < (np.log(brought) > middle + 1.2816 * sd).mean() < 0.12


def test_the_order_of_the_rows_and_the_ids_change_nothing() -> None:
    made, _, _ = drawn(700)
    order = np.random.default_rng(3).permutation(700)
    shuffled = made.take(order)
    assert values(shuffled).tolist() == values(made)[order].tolist()


def test_a_figure_is_the_same_for_one_creator_and_for_all() -> None:
    made, _, _ = drawn(900)
    every, one = of(made), of(made)
    rows = np.array([5, 700, 5])
    alone = one.figure("average_engagements", rows)
    assert alone.values.tolist() == every.figure("average_engagements", EVERY(900)).values[rows].tolist()
    assert alone.values.tolist() == every.figure("average_engagements", rows).values.tolist()


def test_blocks_of_creators_make_no_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    made, _, _ = drawn(400)
    whole = values(made)
    monkeypatch.setattr(expect, "_BLOCK", 7)
    assert values(made).tolist() == whole.tolist()


def test_of_fewer_than_thirty_creators_figures_stay_as_measured_and_are_told() -> None:
    made, _, _ = drawn(29)
    found = fitted(made, Forecast(), {})
    assert found == Fitted(few=(("average_engagements", 29),))
    assert "average_engagements" in fitted(drawn(30)[0], Forecast(), {}).fits


def test_few_creators_are_pooled_with_our_table_if_asked() -> None:
    made, _, _ = drawn(8, posts=1)
    found = of(made, Forecast(rates="pooled"))
    fit = found.fitted.fits["average_engagements"]["instagram"]
    assert fit.rows == 8
    assert fit.slope == pytest.approx(-0.2, abs=0.05)
    measured = np.log(made.columns["average_engagements"].values / made.columns["followers"].values)
    expecting = np.log(found.outlook("average_engagements", EVERY(8)).values / made.columns["followers"].values)
    assert expecting.std() < measured.std()


def test_measured_figures_are_planned_with_if_asked() -> None:
    assert fitted(drawn(100)[0], Forecast(rates="measured"), {}) == Fitted()


def test_a_rate_is_expected_as_the_interactions_that_it_stands_for() -> None:
    made, _, _ = drawn(300)
    followers = made.columns["followers"].values
    rate = made.columns["average_engagements"].values / followers
    rates = pool(followers=followers, engagement_rate=rate, posts_measured=made.columns["posts_measured"].values)
    both = pool(
        followers=followers,
        average_engagements=rate * followers,
        posts_measured=made.columns["posts_measured"].values,
    )
    assert values(rates, "engagement_rate") * followers == pytest.approx(values(both), rel=1e-5)


def test_posts_are_those_of_the_row_then_of_the_scenario_then_of_our_table() -> None:
    size = 60
    posts = [4.0] * 20 + [None] * 40
    made = pool(
        followers=[10_000.0] * size,
        average_views=np.linspace(1_000, 9_000, size),
        posts_measured=posts,
        posts_measured_average_views=[2.0] * 10 + [None] * 50,
        platform=["TikTok"] * 40 + ["Instagram"] * 20,
    )
    found = of(made).outlook("average_views", EVERY(size))
    assert found.posts.tolist() == [2.0] * 10 + [4.0] * 10 + [10.0] * 20 + [12.0] * 20
    assert of(made).fitted.unsaid == (("average_views", 40),)
    said = of(made, assume={"posts_measured": (Assumption(7.0),)})
    assert said.outlook("average_views", EVERY(size)).posts.tolist() == [2.0] * 10 + [4.0] * 10 + [7.0] * 40
    assert said.fitted.unsaid == ()


def test_a_pool_without_followers_is_pooled_by_what_is_usual_in_it() -> None:
    made, _, _ = drawn(400, posts=2)
    bare = replace(made, columns={name: column for name, column in made.columns.items() if name != "followers"})
    fit = fitted(bare, Forecast(), {}).fits["average_engagements"]["instagram"]
    assert (fit.by_followers, fit.slope, fit.curve, fit.rows) == (False, pytest.approx(0, abs=1e-6), 0, 400)
    own = made.columns["average_engagements"].values
    expecting = values(bare)
    best = np.argsort(-own)[:20]
    assert (expecting[best] < own[best]).all()
    assert np.corrcoef(np.log(expecting), np.log(own))[0, 1] > 0.98
    few = of(replace(bare.take(np.arange(8))), Forecast(rates="pooled")).outlook("average_engagements", EVERY(8))
    assert np.log(few.values).std() < np.log(own[:8]).std()


def test_segments_and_creators_without_followers_keep_their_figures() -> None:
    made, _, _ = drawn(50)
    blank = replace(
        made, columns={**made.columns, "followers": pool(followers=[None, *[5_000.0] * 49]).columns["followers"]}
    )
    own = made.columns["average_engagements"].values
    assert values(blank)[0] == own[0]
    found = of(made, segments=np.array([3])).outlook("average_engagements", EVERY(50))
    assert found.values[3] == own[3]
    assert (found.values[4], found.posts[3]) != (own[4], 1.0)


def test_who_has_no_figure_gets_what_is_usual_only_if_asked() -> None:
    made, _, _ = drawn(60)
    own = made.columns["average_engagements"]
    columns = {
        **made.columns,
        "average_engagements": pool(a=[None, None, *own.values[2:].tolist()]).columns["a"],
        "engagement_rate": pool(a=[None, 0.05, *[None] * 58]).columns["a"],
    }
    blank = replace(made, columns=columns)
    assert np.isnan(values(blank)[:2]).all()
    filled = values(blank, forecast=Forecast(unmeasured="expected"))
    assert filled[0] > 0
    assert np.isnan(filled[1])  # the rate is known, which leads to the same


@pytest.mark.parametrize("share", [0.25, 0.5, 0.75])
def test_a_pool_that_was_cut_by_rate_is_told_and_takes_our_table(share: float) -> None:
    made, _, _ = drawn(3_000)
    rate = made.columns["average_engagements"].values / made.columns["followers"].values
    cut = made.take(np.flatnonzero(rate >= np.quantile(rate, share)))
    found = fitted(cut, Forecast(), {})
    assert found.cut == (("average_engagements", "instagram"),)
    assert found.fits["average_engagements"]["instagram"].source == "pack"
    assert fitted(made, Forecast(), {}).cut == ()


def test_rates_of_counts_are_drawn_to_what_is_usual_by_how_many_they_rest_on() -> None:
    rng = np.random.default_rng(4)
    clicks = rng.choice([20.0, 2_000.0], 400)
    true = rng.beta(40, 960, 400)
    rate = rng.binomial(clicks.astype(int), true) / clicks
    made = pool(conversion_rate=rate, clicks_measured=clicks)
    found = of(made)
    fit = found.fitted.counts["conversion_rate"]
    assert fit.mean == pytest.approx(0.04, abs=0.004)
    assert 300 < fit.weight < 3_000
    expecting = found.outlook("conversion_rate", EVERY(400)).values
    zero = (rate == 0) & (clicks == 20)
    assert zero.any()
    assert (expecting[zero] > 0.02).all()
    large = clicks == 2_000
    assert np.abs(expecting - true)[~large].mean() < 0.5 * np.abs(rate - true)[~large].mean()
    assert np.corrcoef(expecting[large], rate[large])[0, 1] > 0.99


def test_rates_without_their_counts_stay_as_measured() -> None:
    assert fitted(pool(conversion_rate=np.full(50, 0.03)), Forecast(), {}) == Fitted()


def test_a_fit_of_many_looks_at_some_by_their_ids(monkeypatch: pytest.MonkeyPatch) -> None:
    from optimizer.loading import forecasting

    monkeypatch.setattr(forecasting, "LARGEST", 50)
    made, _, _ = drawn(400)
    every = np.ones(400, dtype=np.bool_)
    rows = forecasting.population(made, every)
    assert len(rows) == 50
    order = np.random.default_rng(3).permutation(400)
    again = forecasting.population(made.take(order), every)
    assert sorted(made.keys[at] for at in rows) == sorted(made.keys[order[at]] for at in again)
    assert fitting.LARGEST == 50_000
