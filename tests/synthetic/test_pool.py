"""Invented pools: as spread as measured, the same for the same seed, without a fault."""

from __future__ import annotations

import hashlib

import numpy as np
import polars as pl
import pyarrow as pa
import pytest

from optimizer import generate_pool, load_scenario
from optimizer.domain.accounts import handle_key
from optimizer.synthetic import handles, market
from optimizer.synthetic.draws import Draws
from optimizer.synthetic.places import COUNTRIES, PLACES

TIERS = {"nano": (1_000, 9_999), "micro": (10_000, 99_999)}
AUDIENCES = [f"audience_{country}" for country in COUNTRIES]


def polars(creators: int, **how: object) -> pl.DataFrame:
    """The same pool as a frame of polars, whose words are short."""
    return pl.DataFrame(pl.from_arrow(generate_pool(creators, **how)))


@pytest.fixture(scope="module")
def pool() -> pl.DataFrame:
    return polars(200_000)


def part(pool: pl.DataFrame, platform: str, tier: str) -> pl.DataFrame:
    return pool.filter(pl.col("platform") == platform, pl.col("followers").is_between(*TIERS[tier]))


def quantiles(values: pl.Series, *shares: float) -> list[float]:
    return [values.quantile(share, "linear") for share in shares]


# --- as spread as measured ---


@pytest.mark.parametrize(("tier", "measured"), [("nano", [0.011, 0.041, 0.114]), ("micro", [0.008, 0.029, 0.079])])
def test_engagement_rates_on_instagram_have_the_measured_quantiles_within_four_percent(pool, tier, measured):
    rates = part(pool, "instagram", tier)["engagement_rate"].drop_nulls()
    assert quantiles(rates, 0.1, 0.5, 0.9) == pytest.approx(measured, rel=0.04)


def test_engagement_rates_on_tiktok_have_the_stated_means(pool):
    assert 0.103 < part(pool, "tiktok", "nano")["engagement_rate"].mean() < 0.18
    assert part(pool, "tiktok", "micro")["engagement_rate"].mean() == pytest.approx(0.087, rel=0.04)


@pytest.mark.parametrize(("platform", "nano"), [("instagram", 0.759), ("tiktok", 0.8768)])
def test_nano_creators_have_their_stated_share_of_the_creators_above_1000_followers(pool, platform, nano):
    above = pool.filter(pl.col("platform") == platform, pl.col("followers") >= 1_000)
    assert part(above, platform, "nano").height / above.height == pytest.approx(nano, abs=0.005)


def test_creators_from_10000_to_50000_followers_have_their_stated_share_on_instagram(pool):
    above = pool.filter(pl.col("platform") == "instagram", pl.col("followers") >= 1_000)
    share = above["followers"].is_between(10_000, 49_999).mean()
    assert share == pytest.approx(0.136, abs=0.005)


@pytest.mark.parametrize(
    ("tier", "measured"),
    [("nano", [1_200, 1_700, 3_200, 5_900, 8_260]), ("micro", [11_000, 15_000, 26_000, 43_000, 69_000])],
)
def test_followers_within_a_tier_have_the_measured_quantiles_within_six_percent(pool, tier, measured):
    followers = part(pool, "instagram", tier)["followers"]
    assert quantiles(followers, 0.1, 0.25, 0.5, 0.75, 0.9) == pytest.approx(measured, rel=0.06)


def test_a_small_share_of_the_creators_lies_outside_the_tiers(pool):
    inside = pool["followers"].is_between(1_000, 99_999).mean()
    assert 0.92 < inside < 0.95
    assert pool["followers"].min() < 1_000
    assert pool["followers"].max() > 100_000


def test_the_first_niches_have_the_measured_shares(pool):
    first = pool["niche"].str.split("|").list.first().value_counts(normalize=True)
    assert dict(first.iter_rows()) == pytest.approx(market.NICHES, abs=0.004)


def test_some_creators_have_two_niches_which_differ(pool):
    two = pool["niche"].str.split("|").list
    assert pool["niche"].str.contains("|", literal=True).mean() == pytest.approx(0.15 * (1 - 0.172), abs=0.005)
    assert (two.n_unique() == two.len()).all()


def test_views_on_tiktok_are_nearly_flat_in_followers_and_elsewhere_follow_them(pool):
    def elasticity(platform: str) -> float:
        chosen = pool.filter(pl.col("platform") == platform, pl.col("followers").is_between(1_000, 99_999))
        return np.polyfit(np.log(chosen["followers"]), np.log(chosen["average_views"]), 1)[0]

    assert elasticity("tiktok") == pytest.approx(0.10, abs=0.02)
    assert elasticity("instagram") == pytest.approx(1, abs=0.1)


def test_nobody_has_more_interactions_than_views(pool):
    assert (pool["engagement_rate"] * pool["followers"] <= pool["average_views"]).all()


def test_fees_are_about_20_for_1000_followers_whatever_the_size(pool):
    for tier in TIERS:
        chosen = part(pool, "instagram", tier)
        assert (chosen["fee"] / chosen["followers"] * 1000).median() == pytest.approx(20, rel=0.03)


def test_followers_are_doubted_more_often_for_micro_than_for_nano_creators(pool):
    nano, micro = (part(pool, "instagram", tier)["authenticity"] for tier in TIERS)
    assert (nano < 0.75).mean() == pytest.approx(0.07, abs=0.01)
    assert (micro < 0.75).mean() == pytest.approx(0.15, abs=0.01)


def test_each_city_lies_in_its_country_and_speaks_its_language(pool):
    said = set(pool.select("country", "city", "language").unique().iter_rows())
    assert said == {(city.country, city.name, city.language) for city in PLACES}


def test_the_own_country_dominates_the_audience_and_no_audience_is_over_1(pool):
    thousandths = pool.select((pl.col(AUDIENCES) * 1000).round().cast(pl.Int64), "country")
    assert thousandths.select(pl.sum_horizontal(AUDIENCES).max()).item() <= 1000
    for country in COUNTRIES:
        own = thousandths.filter(country=country)
        others = [name for name in AUDIENCES if name != f"audience_{country}"]
        assert own[f"audience_{country}"].min() >= 500
        assert own.select(pl.max_horizontal(others).max()).item() < 500


def test_fees_and_rates_are_blank_as_often_as_documented(pool):
    assert pool["engagement_rate"].null_count() / len(pool) == pytest.approx(market.WITHOUT_RATE, abs=0.005)
    assert pool["fee"].null_count() / len(pool) == pytest.approx(market.WITHOUT_FEE, abs=0.005)
    assert pool.drop("engagement_rate", "fee").null_count().sum_horizontal().item() == 0


def test_the_share_of_blanks_can_be_chosen_and_changes_nothing_else():
    whole, bare = polars(50, without_rate=0, without_fee=0), polars(50, without_rate=1, without_fee=1)
    assert whole.null_count().sum_horizontal().item() == 0
    assert bare["fee"].null_count() == bare["engagement_rate"].null_count() == 50
    assert whole.drop("engagement_rate", "fee").equals(bare.drop("engagement_rate", "fee"))


# --- handles ---


def test_no_handle_is_there_twice_among_200000(pool):
    assert pool["creator"].n_unique() == len(pool)
    assert len({handle_key(handle) for handle in pool["creator"].head(20_000)}) == 20_000


def test_no_two_rows_get_the_same_of_all_two_million_handles():
    spots = handles._shuffled(np.arange(2**handles.SPACE_BITS, dtype=np.uint64), Draws(5, 1))
    assert np.array_equal(np.sort(spots), np.arange(2**handles.SPACE_BITS))


def test_no_two_pairs_of_words_read_the_same():
    words = [f"{first}{second}" for first in handles.FIRST for second in handles.SECOND]
    assert len(set(words)) == 64 * 64
    assert all(word.isascii() and word.isalpha() and word.islower() for word in words)


def test_handles_are_short_and_readable(pool):
    assert pool["creator"].str.contains(r"^@(the\.)?[a-z]+[._]?[a-z]+\d{0,3}$").all()
    assert pool["creator"].str.len_chars().max() <= 30


# --- the same again ---


def test_a_seed_gives_this_pool_on_every_machine():
    rows = "\n".join(map(repr, polars(500, seed=3).iter_rows()))
    assert hashlib.sha256(rows.encode()).hexdigest()[:32] == "bea3441bc351e692adfff7d96bc0b2e9"


def test_the_same_seed_gives_the_same_pool_whatever_numpy_drew_before():
    first = generate_pool(1_000, seed=9)
    np.random.seed(4)
    before = np.random.random()
    np.random.seed(4)
    second = generate_pool(1_000, seed=9)
    assert first.equals(second)
    assert np.random.random() == before


def test_another_seed_gives_other_creators():
    one, other = polars(1_000, seed=1), polars(1_000, seed=2)
    assert len(set(one["creator"]) & set(other["creator"])) < 10
    assert one["followers"].to_list() != other["followers"].to_list()


@pytest.mark.parametrize("size", [1, 2, 77])
def test_a_larger_pool_begins_with_the_smaller_one(size):
    assert generate_pool(100, seed=5).slice(0, size).equals(generate_pool(size, seed=5))


# --- it loads ---


def load(frame: pa.Table, currency: str = "EUR"):
    return load_scenario(
        {
            "format": 1,
            "currency": currency,
            "budget": 5_000,
            "objective": {"maximize": "engagements"},
            "assume": {"engagement_rate": "3%", "fee": 100},
            "creators": {"file": "pool.csv", "where": {"followers": {"from": 0}}},
            "constraints": {
                "here": {"quantity": "gross_reach", "people": {"country": "FR"}, "at_least": 100},
                "views": {"quantity": "impressions", "group": {"language": "fr", "city": "Liège"}, "at_least": 0},
            },
        },
        creators=frame,
    )


@pytest.mark.parametrize("currency", ["EUR", "JPY", "KWD"])
def test_a_pool_loads_without_fault_in_any_currency(currency):
    scenario = load(generate_pool(3_000, currency=currency), currency)
    assert 2_600 < len(scenario.pool) < 3_000


@pytest.mark.parametrize(("currency", "decimals"), [("JPY", 0), ("EUR", 2), ("KWD", 3)])
def test_fees_have_the_decimals_of_the_currency_and_make_use_of_them(currency, decimals):
    fees = polars(2_000, currency=currency)["fee"].drop_nulls()
    parts = {len(str(fee).partition(".")[2].rstrip("0")) for fee in fees}
    assert max(parts) == decimals
    assert fees.dtype == (pl.Int64 if not decimals else pl.Float64)


# --- edges and refusals ---


@pytest.mark.parametrize("size", [1, 2])
def test_the_smallest_pools_have_all_columns(size):
    small = generate_pool(size)
    assert small.num_rows == size
    assert small.schema == generate_pool(10).schema


@pytest.mark.parametrize(
    ("size", "options", "said"),
    [
        (0, {}, "creators is 0"),
        (-3, {}, "creators is -3"),
        (1_000_001, {}, "1,000,000"),
        (5, {"seed": -1}, "seed is -1"),
        (5, {"currency": "EURO"}, '"EURO" is not an ISO 4217'),
        (5, {"without_fee": 1.5}, "without_fee is 1.5"),
        (5, {"without_rate": float("nan")}, "without_rate is nan"),
    ],
)
def test_what_is_out_of_range_is_refused(size, options, said):
    with pytest.raises(ValueError, match=said):
        generate_pool(size, **options)
