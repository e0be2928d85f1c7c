"""The figures that invented creators are drawn from, each with its source.

Sources:

- **measured**: 19,007 real Instagram creators (public research set, posts of 2012 to 2019; likes and comments over
  followers), and of 2,000 of them the niches and followers one by one
- **PAP**: Post Affiliate Pro, 28 Dec 2025
- **A26**: an unsigned article on micro creators, set in 2026
- **Stellar**, **GRIN**, **Modash**: their help centres
- **Tian**: Tian, Dew and Iyengar 2024, Journal of Marketing Research
- **ours**: no source; chosen so that a pool looks like one. No conclusion should rest on it

Sources contradict each other. None were averaged: each figure says whose it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

BELOW, NANO, MICRO, ABOVE = range(4)  # bands of followers: under 1,000, to 9,999, to 99,999, and over

# How the creators spread over the platforms: ours. The sources name these five, without shares.
PLATFORMS: Final = {"instagram": 0.60, "tiktok": 0.30, "youtube": 0.08, "pinterest": 0.01, "linkedin": 0.01}
FLAT: Final = "tiktok"  # where views hardly follow the followers

# Share of nano creators on a platform. PAP; platforms that it does not name take Instagram's.
NANO_SHARE: Final = {"instagram": 0.759, "tiktok": 0.8768}
# Share of creators from 10,000 to 50,000 on Instagram (PAP), over the share of micro creators who lie there (measured).
MICRO_SHARE: Final = 0.136 / 0.80
# The rest has 100,000 or more. What is not nano on TikTok is parted as on Instagram. 1 % below 1,000 come on top. Ours.
BELOW_SHARE: Final = 0.01


@dataclass(frozen=True)
class Spread:
    """Followers of one band: `low` * `times`^x, where x has the Kumaraswamy distribution with `a` and `b`."""

    low: float
    times: float
    a: float
    b: float


# Nano and micro: fitted to the measured 10, 25, 50, 75 and 90 % (1,200, 1,700, 3,200, 5,900 and 8,260; 11,000, 15,000,
# 26,000, 43,000 and 69,000). The other two: ours.
FOLLOWERS: Final = {
    BELOW: Spread(300, 1000 / 300, 1.0, 1.0),
    NANO: Spread(1_000, 10, 0.862, 0.863),
    MICRO: Spread(10_000, 10, 0.892, 1.210),
    ABOVE: Spread(100_000, 10, 0.6, 1.5),
}

# Share of the first niche of a creator: measured (2,000 creators).
NICHES: Final = {
    "fashion": 0.3025,
    "other": 0.1720,
    "family": 0.1365,
    "travel": 0.1265,
    "food": 0.1250,
    "beauty": 0.0520,
    "interior": 0.0435,
    "fitness": 0.0265,
    "pet": 0.0155,
}
SECOND_NICHE: Final = 0.15  # share of those with a named niche who have another one as well: ours


@dataclass(frozen=True)
class Rate:
    """Engagement rates of one band on one platform: Burr XII with `scale`, `c` and `k`, cut off at HIGHEST_RATE."""

    scale: float
    c: float
    k: float


HIGHEST_RATE: Final = 0.4  # the highest of the 2,000 (measured)
# Nano and micro on Instagram: three parameters that go through the three measured quantiles (10, 50, 90 %: nano 1.1,
# 4.1, 11.4 %; micro 0.8, 2.9, 7.9 %). Quantiles that were not fitted agree as well (1, 25, 75, 99 % of nano: drawn 0.2,
# 2.2, 7.1, 24 %, measured 0.2, 2.2, 7.3, 23 %). A log-normal distribution misses the outer two of the three by 15 %.
RATES: Final = {NANO: Rate(0.08582, 1.5248, 2.4683), MICRO: Rate(0.05948, 1.5583, 2.4533)}
# TikTok: the same shapes, so much wider that the means are PAP's: nano 10.3 to 18 %, here 14.15 %; micro 8.7 %.
FLAT_RATES: Final = {NANO: Rate(0.28043, 1.5248, 2.4683), MICRO: Rate(0.14234, 1.5583, 2.4533)}
# Below 1,000 as nano, from 100,000 as micro; other platforms as Instagram: ours.

# Views of one piece, but on TikTok: a post reaches 30 % of the followers, and views are 1.19 times the reach (Stellar).
VIEWS_PER_FOLLOWER: Final = 0.30 * 1.19
VIEWS_SPREAD: Final = 0.6  # standard deviation of the logarithm: ours
# TikTok: FLAT_VIEWS * (followers / 1,000)^FLAT_ELASTICITY. The elasticity is Tian's. The level is ours: high enough
# that few creators would have more interactions than views.
FLAT_VIEWS: Final = 5_000
FLAT_ELASTICITY: Final = 0.10
FLAT_SPREAD: Final = 0.8  # ours
# Who is engaged with more is seen more: correlation of the logarithms of views and engagement rates beyond that. Ours.
VIEWS_FOLLOW_RATE: Final = 0.7

# Over how many posts figures were measured, from the fewest to the most: ours, around what tools state (12 to 30).
POSTS: Final = (8, 24)
FLAT_POSTS: Final = (15, 60)

# Share of followers who are not real: log-normal, with this median. Ours; so that 7 % of the nano and 15 % of the micro
# creators have under 75 % real ones, which Modash flags. The followers of micro creators deserve more doubt (A26).
FAKES: Final = {BELOW: 0.12, NANO: 0.12, MICRO: 0.15, ABOVE: 0.15}
FAKES_SPREAD: Final = 0.5
FAKES_MOST: Final = 0.6

# Fee for one piece: so much for 1,000 followers, log-normal around it. A26's 200 to 2,000 EUR for 10,000 to 100,000
# followers is 20 EUR for 1,000 at both ends. It is the one range of fees in EUR, and lies between GRIN's rule (4 to
# 9 USD for 1,000) and PAP's fees (50 to 200 USD for 1,000). Nano creators get 20 to 200 EUR by it.
FEE_PER_1000: Final = 20
FEE_SPREAD: Final = 0.5  # standard deviation of the logarithm: ours
FEE_FOLLOWS_RATE: Final = 0.4  # who engages more asks for more: correlation with the engagement rate, ours
FEE_LEAST: Final = 10  # ours

# Cells left blank. No rate: measured (400 of 2,000). No fee: ours, about as in the shipped pools.
WITHOUT_RATE: Final = 0.20
WITHOUT_FEE: Final = 0.10


def bands(platform: str) -> tuple[float, ...]:
    """Shares of the four bands of followers on a platform."""
    first = NANO_SHARE["instagram"]
    nano = NANO_SHARE.get(platform, first)
    micro = MICRO_SHARE * (1 - nano) / (1 - first)
    return (BELOW_SHARE, *((1 - BELOW_SHARE) * share for share in (nano, micro, 1 - nano - micro)))


def niches() -> dict[str, float]:
    """What may stand in the column niche, alone or in pairs as `food|family`, with its share."""
    named = {niche: share for niche, share in NICHES.items() if niche != "other"}
    alone = {niche: share * (1 - SECOND_NICHE if niche in named else 1) for niche, share in NICHES.items()}
    total = sum(named.values())
    pairs = {
        f"{niche}|{other}": share * SECOND_NICHE * named[other] / (total - share)
        for niche, share in named.items()
        for other in named
        if other != niche
    }
    return alone | pairs
