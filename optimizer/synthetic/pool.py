"""A pool of invented creators, column by column."""

from __future__ import annotations

from math import sqrt
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from optimizer.domain.exact import CURRENCIES, Currency, Flags, Floats, Ints
from optimizer.domain.figures import AUDIENCE
from optimizer.synthetic import market
from optimizer.synthetic.draws import Draws, burr, choose, kumaraswamy, normal
from optimizer.synthetic.handles import handles
from optimizer.synthetic.places import PLACES, audiences

MOST_CREATORS: Final = 1_000_000


def generate_pool(
    creators: int,
    *,
    seed: int = 1,
    currency: str = "EUR",
    without_rate: float = market.WITHOUT_RATE,
    without_fee: float = market.WITHOUT_FEE,
) -> pa.Table:
    """Make a pool of invented creators, spread as real ones were measured to be.

    Nobody in it is real. The same arguments give the same pool, and a larger pool begins with the smaller one.

    Parameters
    ----------
    creators
        How many, from 1 to 1,000,000.
    seed
        A whole number, 0 or more; another seed gives other creators.
    currency
        ISO 4217 code. It decides the decimals of the fees; their level is the same number in every currency,
        without an exchange rate.
    without_rate, without_fee
        Shares of creators whose engagement_rate and whose fee are left blank, as in real files.

    Returns
    -------
    pyarrow.Table
        One row for each creator, with the columns below. What a source measured or states is marked with it; the
        constants, all of their sources, and what is a mere choice of ours stand in `optimizer.synthetic.market`.

        - creator: two words and a number, as in @moon.thimble50; never twice.
        - platform: instagram 60 %, tiktok 30 %, youtube 8 %, pinterest and linkedin 1 % each (ours).
        - niche: nine of them, shares measured on 2,000 real creators; of those with a named one, 15 % have two,
          separated by a bar (ours).
        - country, city, language: cities weigh as their inhabitants within their country, FR 40 %, DE and ES 14 %,
          BE and CA 12 %, CH 8 % (ours); the language is that of the city.
        - followers: nano 75.9 % on Instagram, 87.7 % on TikTok (Post Affiliate Pro), micro 17.0 % and 8.7 % (13.6 % to
          50,000, the same source), the rest above; 1 % of all below 1,000 (ours). Within nano and micro, ln(followers)
          follows a Kumaraswamy distribution, fitted to five quantiles measured on 2,000 real creators.
        - average_views: on TikTok 5,000 * (followers / 1,000)^0.10 (elasticity: Tian, Dew and Iyengar 2024; level:
          ours), elsewhere 0.357 * followers (Stellar), times log-normal noise of 0.8 and 0.6 that goes along with the
          engagement rate (correlation 0.7); never fewer than the interactions (ours).
        - engagement_rate: a Burr XII distribution through the quantiles measured on 19,007 real Instagram creators
          (10, 50, 90 %: nano 1.1, 4.1, 11.4 %; micro 0.8, 2.9, 7.9 %); on TikTok scaled to a mean of 14.15 % and
          8.7 % (Post Affiliate Pro); at most 40 % (measured); blank for `without_rate` of them.
        - posts_measured: 15 to 60 on TikTok, 8 to 24 elsewhere, evenly spread (ours).
        - authenticity: 1 less a log-normal share of fake followers, median 12 % for nano, 15 % for micro, noise of
          0.5 (ours).
        - audience_<country>: 50 to 95 % in the own country, evenly spread (ours); 60 % of the rest in the other
          countries of the pool, most where the language is spoken; together at most 1.
        - fee: 20 for each 1,000 followers (an article of 2026: micro 200 to 2,000 EUR) times log-normal noise of 0.5
          that goes along with the engagement rate (correlation 0.4; ours), at least 10, in the decimals of the
          currency; blank for `without_fee` of them.

    Raises
    ------
    ValueError
        If an argument is out of range, or the currency is not known.

    Examples
    --------
    >>> generate_pool(3, seed=7).column_names[:4]
    ['creator', 'platform', 'niche', 'country']
    """
    _check(creators, seed, currency, without_rate, without_fee)
    draws = Draws(seed, creators)
    platforms = list(market.PLATFORMS)
    platform = choose(draws.uniform("platform"), list(market.PLATFORMS.values()))
    flat = platform == platforms.index(market.FLAT)
    band = _bands(draws, platform)
    followers = _followers(draws, band)
    uniform = draws.uniform("rate")  # views and fees go along with it
    rate = _rates(uniform, band, flat)
    place = choose(draws.uniform("place"), [city.share for city in PLACES])
    fee = _fees(draws, uniform, followers, Currency(currency))
    columns: dict[str, pa.Array] = {
        "creator": handles(draws, creators),
        "platform": _labels(platforms, platform),
        "niche": _niches(draws),
        "country": _labels([city.country for city in PLACES], place),
        "city": _labels([city.name for city in PLACES], place),
        "language": _labels([city.language for city in PLACES], place),
        "followers": pa.array(followers),
        "average_views": pa.array(_views(draws, uniform, followers, rate, flat)),
        "engagement_rate": pa.array(rate, mask=draws.uniform("no rate") < without_rate),
        "posts_measured": pa.array(_posts(draws, flat)),
        "authenticity": pa.array(_authenticity(draws, band)),
    }
    for country, share in audiences(place, draws.uniform("home")).items():
        columns[AUDIENCE + country] = pa.array(share)
    columns["fee"] = pa.array(fee, mask=draws.uniform("no fee") < without_fee)
    return pa.table(columns)


def bookable(pool: pa.Table, niche: str) -> int:
    """How many nano creators of this niche the pool has whose followers are mostly real."""
    followers, authenticity = (pool.column(name).to_numpy() for name in ("followers", "authenticity"))
    named = pc.match_substring_regex(pool.column("niche"), rf"(?:^|\|){niche}(?:\||$)").to_numpy()
    return int(np.count_nonzero((followers >= 1_000) & (followers <= 9_999) & (authenticity >= 0.6) & named))


def _check(creators: int, seed: int, currency: str, without_rate: float, without_fee: float) -> None:
    if not 1 <= creators <= MOST_CREATORS:
        raise ValueError(f"creators is {creators:,}; a pool has from 1 to {MOST_CREATORS:,}")
    if seed < 0:
        raise ValueError(f"seed is {seed}; it is a whole number, 0 or more")
    if currency not in CURRENCIES:
        raise ValueError(f'"{currency}" is not an ISO 4217 currency code')
    for name, share in (("without_rate", without_rate), ("without_fee", without_fee)):
        if not 0 <= share <= 1:
            raise ValueError(f"{name} is {share}; a share lies between 0 and 1")


def _labels(values: list[str], chosen: Ints) -> pa.Array:
    return pa.array(values).take(pa.array(chosen))


def _niches(draws: Draws) -> pa.Array:
    listed = market.niches()
    return _labels(list(listed), choose(draws.uniform("niche"), list(listed.values())))


def _bands(draws: Draws, platform: Ints) -> Ints:
    """Which band of followers each creator lies in."""
    uniform = draws.uniform("tier")
    band = np.zeros(len(platform), np.int64)
    for at, name in enumerate(market.PLATFORMS):
        here = platform == at
        band[here] = choose(uniform[here], market.bands(name))
    return band


def _by_band(values: dict[int, float], band: Ints) -> Floats:
    """The value of each creator's band; without one of their own, below 1,000 as nano and from 100,000 as micro."""
    nano, micro = values[market.NANO], values[market.MICRO]
    return np.array([values.get(market.BELOW, nano), nano, micro, values.get(market.ABOVE, micro)])[band]


def _followers(draws: Draws, band: Ints) -> Ints:
    low, times, a, b = (
        _by_band({at: getattr(spread, name) for at, spread in market.FOLLOWERS.items()}, band)
        for name in ("low", "times", "a", "b")
    )
    exact = low * times ** kumaraswamy(draws.uniform("followers"), a, b)
    return exact.astype(np.int64)


def _rates(uniform: Floats, band: Ints, flat: Flags) -> Floats:
    """Engagement rates with four decimals, before any is left blank."""
    scale, c, k = (
        np.where(
            flat,
            _by_band({at: getattr(rate, name) for at, rate in market.FLAT_RATES.items()}, band),
            _by_band({at: getattr(rate, name) for at, rate in market.RATES.items()}, band),
        )
        for name in ("scale", "c", "k")
    )
    exact = burr(uniform, scale, c, k, market.HIGHEST_RATE)
    rounded: Floats = np.maximum(np.rint(exact * 10_000), 1) / 10_000
    return rounded


def _views(draws: Draws, rate_uniform: Floats, followers: Ints, rate: Floats, flat: Flags) -> Ints:
    """Views of one piece; never fewer than the interactions, since nobody likes what they have not seen."""
    noise = _together(market.VIEWS_FOLLOW_RATE, normal(rate_uniform), draws.normal("views"))
    steady = market.VIEWS_PER_FOLLOWER * followers * np.exp(market.VIEWS_SPREAD * noise)
    level = market.FLAT_VIEWS * (followers / 1000) ** market.FLAT_ELASTICITY
    views = np.where(flat, level * np.exp(market.FLAT_SPREAD * noise), steady)
    most: Floats = np.maximum(np.rint(views), rate * followers)
    return np.ceil(most).astype(np.int64)


def _together(correlation: float, one: Floats, other: Floats) -> Floats:
    """Normal noise that has this correlation with the first of two."""
    return correlation * one + sqrt(1 - correlation**2) * other


def _posts(draws: Draws, flat: Flags) -> Ints:
    """Over how many posts the figures were measured."""
    low, high = (np.where(flat, *ends) for ends in zip(market.FLAT_POSTS, market.POSTS, strict=True))
    found: Ints = (low + np.floor(draws.uniform("posts") * (high - low + 1))).astype(np.int64)
    return found


def _authenticity(draws: Draws, band: Ints) -> Floats:
    fakes = _by_band(dict(market.FAKES), band) * np.exp(market.FAKES_SPREAD * draws.normal("fakes"))
    thousandths: Floats = np.rint(np.clip(fakes, 0.01, market.FAKES_MOST) * 1000)
    return (1000 - thousandths) / 1000


def _fees(draws: Draws, rate_uniform: Floats, followers: Ints, currency: Currency) -> Floats | Ints:
    """Fees in the decimals of the currency, and so whole numbers where it has none."""
    noise = _together(market.FEE_FOLLOWS_RATE, normal(rate_uniform), draws.normal("fee"))
    exact = market.FEE_PER_1000 * (followers / 1000) * np.exp(market.FEE_SPREAD * noise)
    minor: Ints = np.rint(np.maximum(exact, market.FEE_LEAST) * currency.scale).astype(np.int64)
    return minor / currency.scale if currency.decimals else minor
