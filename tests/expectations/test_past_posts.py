"""Single posts: what they say of creators, of one post, and of sponsored ones."""

from __future__ import annotations

from dataclasses import replace
from decimal import ROUND_HALF_EVEN, Decimal

import numpy as np
import pytest

from optimizer.domain.forecast import Fitted, Forecast, PastPosts
from optimizer.domain.pool import Pool
from optimizer.expectations import single
from optimizer.expectations.expect import Expectations, fitted
from tests.expectations.pools import drawn, pool

NOBODY = np.zeros(0, dtype=np.int64)
ENGAGEMENTS = "average_engagements"


def of(creator: list[int], interactions: list[float], age: list[int] | None = None, sponsored=None) -> PastPosts:
    size = len(creator)
    return PastPosts(
        np.array(creator, dtype=np.int64),
        np.full(size, np.nan),
        np.array(interactions, dtype=np.float64),
        np.array(age or [0] * size, dtype=np.int64),
        np.array(sponsored or [False] * size, dtype=np.bool_),
        frozenset({"interactions"}),
    )


def drawn_posts(
    size: int, *, post: float = 0.5, effect: float = 1.0, share: float = 0.0, seed: int = 7, old: int = 0
) -> tuple[Pool, PastPosts, np.ndarray]:
    """A pool with its creators' posts; and the true mean of each, over organic posts."""
    made, true, _ = drawn(size, seed)
    rng = np.random.default_rng(seed)
    creator = np.repeat(np.arange(size), rng.integers(2, 9, size))
    sponsored = rng.random(len(creator)) < share
    noise = np.exp(np.sqrt(post) * rng.standard_normal(len(creator)) - post / 2)
    posts = PastPosts(
        creator,
        np.full(len(creator), np.nan),
        np.rint(true[creator] * noise * np.where(sponsored, effect, 1.0)),
        rng.integers(0, old + 1, len(creator)),
        sponsored,
        frozenset({"interactions"}),
    ).sorted()
    sums = np.bincount(posts.creator, posts.interactions, size) / np.bincount(posts.creator, minlength=size)
    columns = {**made.columns, ENGAGEMENTS: pool(a=sums).columns["a"]}
    return replace(made, columns=columns), posts, true


def expecting(made: Pool, posts: PastPosts | None, forecast: Forecast = Forecast()) -> Expectations:  # noqa: B008
    return Expectations(made, forecast, {}, fitted(made, forecast, {}, posts), NOBODY, posts)


def values(made: Pool, posts: PastPosts | None) -> np.ndarray:
    found = expecting(made, posts).outlook(ENGAGEMENTS, np.arange(len(made)))
    assert found is not None
    return found.values


@pytest.mark.parametrize("old", [0, 30])
@pytest.mark.parametrize("post", [0.2, 1.4])
def test_the_variance_of_one_post_is_found_from_posts(post: float, old: int) -> None:
    made, posts, _ = drawn_posts(3_000, post=post, effect=0.6, share=0.3, old=old)
    many = replace(posts, interactions=posts.interactions * 100)  # so that the 2 that is added to each is little
    assert fitted(made, Forecast(), {}, many).fits[ENGAGEMENTS]["instagram"].post == pytest.approx(post, rel=0.04)


def test_of_few_posts_the_variance_is_that_of_our_table() -> None:
    made, posts, _ = drawn_posts(3_000)
    few, more = (posts.take(np.flatnonzero(posts.creator < many)) for many in (15, 60))
    assert fitted(made, Forecast(), {}, few).fits[ENGAGEMENTS]["instagram"].post == pytest.approx(0.3364)
    told = fitted(made, Forecast(), {}, more).fits[ENGAGEMENTS]
    assert told["instagram"].post == pytest.approx(0.48, abs=0.1)
    assert told[""].post == pytest.approx(0.64)


def test_equal_posts_have_the_least_variance() -> None:
    made = pool(followers=[1_000.0] * 40, average_engagements=[50.0] * 40)
    posts = of(np.repeat(np.arange(40), 5).tolist(), [50.0] * 200)
    assert fitted(made, Forecast(), {}, posts).fits[ENGAGEMENTS][""].post == 0.01


@pytest.mark.parametrize("effect", [0.5, 1.5])
def test_the_effect_of_sponsored_posts_is_found(effect: float) -> None:
    made, posts, _ = drawn_posts(3_000, effect=effect, share=0.4)
    found = fitted(made, Forecast(), {}, posts).fits[ENGAGEMENTS]["instagram"].sponsored
    assert np.exp(found) == pytest.approx(effect, rel=0.04)


def test_the_effect_that_few_posts_show_is_shrunk_to_what_is_usual() -> None:
    made = pool(followers=[1_000.0] * 40, average_engagements=[50.0] * 40, platform=["Instagram"] * 40)
    posts = of([0, 0, 1, 1, 1, 2], [98.0, 8.0, 98.0, 8.0, 8.0, 500.0], [0] * 6, [False, True, False, True, True, False])
    precision = (1 / 2 + 1 / 1.5) / 0.3364  # two posts against one say more than one against one
    shrunk = (precision * np.log(10 / 100) + 100 * np.log(0.97)) / (precision + 100)
    found = fitted(made, Forecast(), {}, posts).fits[ENGAGEMENTS]["instagram"].sponsored
    assert found == pytest.approx(shrunk, abs=1e-6)


def test_the_effect_is_that_of_our_table_where_no_post_is_sponsored_and_none_without_posts() -> None:
    made, posts, _ = drawn_posts(100)
    fits = fitted(made, Forecast(), {}, posts).fits[ENGAGEMENTS]
    assert {fit.sponsored for fit in fits.values()} == {round(float(np.log(0.97)), 6)}
    assert {(fit.sponsored, fit.half_life) for fit in fitted(made, Forecast(), {}).fits[ENGAGEMENTS].values()} == {
        (0.0, 0.0)
    }


@pytest.mark.parametrize("effect", [0.6, 1.4])
@pytest.mark.parametrize("share", [0.1, 0.5, 1.0])
def test_expected_figures_are_those_of_sponsored_posts(share: float, effect: float) -> None:
    made, posts, true = drawn_posts(3_000, effect=effect, share=share)
    assert values(made, posts).sum() == pytest.approx(effect * true.sum(), rel=0.05)


def test_the_scale_keeps_the_sum_of_the_pool_before_the_effect() -> None:
    made, posts, _ = drawn_posts(2_000)
    measured = made.columns[ENGAGEMENTS].values.sum()
    assert values(made, posts).sum() == pytest.approx(0.97 * measured, rel=0.03)


def test_old_posts_count_less() -> None:
    made = pool(followers=[10_000.0] * 40, average_engagements=[500.0] * 40)
    usual = [500.0, 500.0] * 40
    both = np.repeat(np.arange(40), 2).tolist()
    figures = {}
    for name, ages in {"new": [0, 0], "first is old": [36, 0], "second is old": [0, 36]}.items():
        one = of(both, [100.0, 3_000.0, *usual[2:]], [*ages, *[0] * 78]).sorted()
        found = expecting(made, one).outlook(ENGAGEMENTS, np.array([0]))
        figures[name] = (float(found.values[0]), float(found.posts[0]))
    assert figures["second is old"][0] < figures["new"][0] < figures["first is old"][0]
    assert [posts for _, posts in figures.values()] == [2.0, 1.25, 1.25]


def test_weights_are_halves_and_ties_go_to_the_even_digit() -> None:
    ages = np.array([0, 18, 36, 126, 9, 400])
    assert single.weights(ages, 18.0).tolist() == [1_000_000, 500_000, 250_000, 7_812, 707_107, 0]


def test_who_has_only_posts_too_old_to_count_has_no_single_posts() -> None:
    found = single.summed(of([0], [5.0], [400]), ENGAGEMENTS, np.array([100.0]), np.array([True]), 18.0, 0.0)
    assert found.posts.tolist() == [0.0]
    assert np.isnan(found.logs).all()


def test_mean_logs_are_those_of_decimals() -> None:
    rng = np.random.default_rng(2)
    size = 400
    followers = np.rint(np.exp(rng.uniform(0, 18, size)))
    creator = np.repeat(np.arange(size), 6)
    posts = of(
        creator.tolist(),
        np.rint(np.exp(rng.normal(6, 3, len(creator)))).tolist(),
        rng.integers(0, 60, len(creator)).tolist(),
        (rng.random(len(creator)) < 0.3).tolist(),
    )
    found = single.summed(posts, ENGAGEMENTS, followers, np.ones(size, dtype=np.bool_), 18.0, -0.123457)
    weight = single.weights(posts.age, 18.0).tolist()
    for at in range(size):
        mine = range(at * 6, at * 6 + 6)
        total = sum(weight[one] for one in mine)
        logs = [
            (Decimal(float(posts.interactions[one])) + 2).ln()
            - Decimal(float(followers[at])).ln()
            - (Decimal("-0.123457") if posts.sponsored[one] else 0)
            for one in mine
        ]
        exact = sum(log * weight[one] for log, one in zip(logs, mine, strict=True)) / total
        assert found.logs[at] == float(exact.quantize(Decimal("1e-6"), ROUND_HALF_EVEN))
        assert found.posts[at] == total / 1_000_000


def test_a_mean_near_a_tie_is_left_to_the_decimals(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[float] = []
    monkeypatch.setattr(single, "in_decimals", lambda followers, _: asked.append(followers) or 7.0)
    monkeypatch.setattr(single, "_NEAR", 0.6)
    found = single.summed(
        of([0, 2], [5.0, 9.0]), ENGAGEMENTS, np.array([100.0, 200.0, 300.0]), np.ones(3, dtype=np.bool_), 18.0, 0.0
    )
    assert asked == [100.0, 300.0]
    assert found.logs[[0, 2]].tolist() == [7.0, 7.0]


def test_the_order_of_the_posts_changes_nothing() -> None:
    made, posts, _ = drawn_posts(300, share=0.3, old=20)
    shuffled = posts.take(np.random.default_rng(1).permutation(len(posts))).sorted()
    assert fitted(made, Forecast(), {}, shuffled) == fitted(made, Forecast(), {}, posts)
    assert values(made, shuffled).tolist() == values(made, posts).tolist()


def test_creators_who_are_left_have_the_posts_that_are_theirs() -> None:
    made, posts, _ = drawn_posts(300, share=0.3, old=20)
    rows = np.flatnonzero(np.arange(300) % 3 == 1)
    known = fitted(made, Forecast(), {}, posts)
    left = Expectations(made.take(rows), Forecast(), {}, known, NOBODY, posts.among(rows, 300))
    found = left.outlook(ENGAGEMENTS, np.arange(len(rows)))
    assert found.values.tolist() == values(made, posts)[rows].tolist()


def test_posts_tell_more_than_their_mean() -> None:
    made, posts, true = drawn_posts(3_000, post=1.5)
    errors = [
        float(np.abs(np.log(values(made, some) / true)).mean())
        for some in (replace(posts, sponsored=np.ones(len(posts), dtype=np.bool_)), None)
    ]
    assert errors[0] < errors[1]


def test_columns_of_a_kind_and_figures_that_the_file_does_not_tell_have_no_single_posts() -> None:
    made = pool(
        followers=[10_000.0] * 40,
        average_engagements=[500.0] * 40,
        average_views=[2_000.0] * 40,
        average_views_story=[900.0] * 40,
    )
    found = fitted(made, Forecast(), {}, of(list(range(40)), [400.0] * 40))
    assert {column: fits[""].half_life for column, fits in found.fits.items()} == {
        "average_engagements": 18.0,
        "average_views": 0.0,
        "average_views_story": 0.0,
    }


def test_a_rate_rests_on_the_interactions_of_posts() -> None:
    made, posts, _ = drawn_posts(300)
    followers = made.columns["followers"].values
    rates = pool(rate=made.columns[ENGAGEMENTS].values / followers).columns["rate"]
    columns = {name: column for name, column in made.columns.items() if name != ENGAGEMENTS}
    by_rate = expecting(replace(made, columns={**columns, "engagement_rate": rates}), posts)
    found = by_rate.outlook("engagement_rate", np.arange(300))
    below = found.values < 1
    assert (found.values * followers)[below] == pytest.approx(values(made, posts)[below], rel=1e-4)


def test_nothing_is_asked_of_how_many_posts_where_single_posts_say_it() -> None:
    made, posts, _ = drawn_posts(300)
    columns = {name: column for name, column in made.columns.items() if name != "posts_measured"}
    bare = replace(made, columns=columns)
    assert fitted(bare, Forecast(), {}).unsaid == ((ENGAGEMENTS, 300),)
    assert fitted(bare, Forecast(), {}, posts).unsaid == ()


def test_measured_figures_need_no_fit_of_posts() -> None:
    made, posts, _ = drawn_posts(300)
    assert fitted(made, Forecast(rates="measured"), {}, posts) == Fitted()
