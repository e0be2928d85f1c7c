"""Posts of creators, split at random: one post of each is kept back, the others are what was measured.

The file is a CSV with the columns creator, niche, followers, month, video, likes, comments, sponsored, one row for each
post. A creator has the niche and the followers of the first row; creators with a single post are left out. The same
number draws the same split, and the same fees.
"""

from __future__ import annotations

import csv
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from optimizer.domain.exact import Flags, Floats, Ints
from optimizer.domain.forecast import Fitted, Forecast, Outlook, Rates
from optimizer.domain.pool import Labels, Numbers, Pool
from optimizer.expectations import fitting, usual
from optimizer.expectations.evidence import measured
from optimizer.expectations.expect import Expectations, fitted
from optimizer.expectations.formula import OFFSET, error, expected
from optimizer.expectations.formula import usual as middle
from optimizer.expectations.usual import Usual

COLUMN = "average_engagements"
PLATFORM = "instagram"
NAMES: Final = (12, 45, 180)
SMALL: Final[tuple[tuple[int, int, Rates], ...]] = ((200, 12, "expected"), (20, 4, "pooled"))
_SPLITS, _FEES, _SMALL = 1, 2, 8  # streams of random numbers
Part = tuple[str, float, float]  # the name of a figure, and what one split adds above and below its line
_NOBODY = np.zeros(0, dtype=np.int64)


@dataclass(frozen=True, eq=False)
class Posts:
    """Posts (m,) in the order of their creators (n,): likes and comments, and whose they are."""

    creators: tuple[str, ...]
    niches: tuple[str, ...]
    followers: Floats
    engagements: Floats
    owner: Ints


@dataclass(frozen=True, eq=False)
class Split:
    """Creators, arrays of shape (n,): the mean of all posts but one, over how many, and what that one brought.

    `logs` is the mean logarithm of (post + 2) over followers of the same posts, and `within` its variance from post to
    post, over all creators. `fees` are drawn.
    """

    creators: tuple[str, ...]
    niches: tuple[str, ...]
    followers: Floats
    means: Floats
    posts: Floats
    logs: Floats
    within: float
    outcomes: Floats
    fees: Floats

    def take(self, rows: Ints, means: Floats | None = None) -> Split:
        """Some of the creators; `means` of theirs instead of those that were measured."""
        return Split(
            tuple(self.creators[at] for at in rows.tolist()),
            tuple(self.niches[at] for at in rows.tolist()),
            self.followers[rows],
            self.means[rows] if means is None else means,
            self.posts[rows],
            self.logs[rows],
            self.within,
            self.outcomes[rows],
            self.fees[rows],
        )

    def with_means(self, means: Floats) -> Split:
        return self.take(np.arange(len(means), dtype=np.int64), means)


def read(path: Path) -> Posts:
    """The posts of all creators who have two or more."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    mine: dict[str, list[dict[str, str]]] = {}
    for row in rows:
        mine.setdefault(row["creator"], []).append(row)
    mine = {creator: mine[creator] for creator in sorted(mine) if len(mine[creator]) > 1}
    made = [float(row["likes"]) + float(row["comments"]) for of in mine.values() for row in of]
    return Posts(
        tuple(mine),
        tuple(of[0]["niche"] for of in mine.values()),
        np.array([float(of[0]["followers"]) for of in mine.values()]),
        np.array(made),
        np.repeat(np.arange(len(mine), dtype=np.int64), [len(of) for of in mine.values()]),
    )


def split(posts: Posts, number: int) -> Split:
    """One random post of each creator kept back, and fees of 20 + 1.2 % of followers, log-normal by 0.35."""
    size = len(posts.creators)
    count = np.bincount(posts.owner, minlength=size)
    back = np.cumsum(count) - count + np.floor(np.random.default_rng([_SPLITS, number]).random(size) * count)
    stays = np.ones(len(posts.owner), dtype=np.bool_)
    stays[back.astype(np.int64)] = False
    owner, values = posts.owner[stays], posts.engagements[stays]
    logs = np.log((values + OFFSET) / posts.followers[owner])
    left = (count - 1).astype(np.float64)
    middle = np.bincount(owner, logs, minlength=size) / left
    spread = np.random.default_rng([_FEES, number]).standard_normal(size)
    return Split(
        posts.creators,
        posts.niches,
        posts.followers,
        np.bincount(owner, values, minlength=size) / left,
        left,
        middle,
        float(((logs - middle[owner]) ** 2).sum() / max((left - 1.0).sum(), 1.0)),
        posts.engagements[~stays],
        np.round((20 + 0.012 * posts.followers) * np.exp(0.35 * spread), 2),
    )


def pool_of(one: Split) -> Pool:
    """The creators as the program holds them, with means over so many posts."""
    size = len(one.creators)

    def numbers(values: Floats) -> Numbers:
        return Numbers(values, np.ones(size, dtype=np.bool_))

    words = tuple(sorted(set(one.niches)))
    at = {word: place for place, word in enumerate(words)}
    columns = {
        "followers": numbers(one.followers),
        COLUMN: numbers(one.means),
        "posts_measured": numbers(one.posts),
        "niche": Labels(np.array([at[word] for word in one.niches], dtype=np.int64), words),
        "platform": Labels(np.zeros(size, dtype=np.int64), (PLATFORM,)),
    }
    return Pool(list(one.creators), list(one.creators), columns, np.arange(1, size + 1, dtype=np.int64))


def from_means(one: Split, rates: Rates = "expected") -> tuple[Outlook, Fitted]:
    """What is expected of all creators by their means, as the program does it, and what is usual."""
    forecast = Forecast(rates=rates)
    pool, every = pool_of(one), np.arange(len(one.creators), dtype=np.int64)
    found = fitted(pool, forecast, {})
    outlook = Expectations(pool, forecast, {}, found, _NOBODY).outlook(COLUMN, every)
    assert outlook is not None, "too few creators"
    return outlook, found


def distances(one: Split, found: Fitted) -> Floats:
    """How far each mean lies above what is usual for its kind, in standard deviations of such means."""
    every, fit = np.arange(len(one.creators), dtype=np.int64), found.fits[COLUMN][PLATFORM]
    evidence = measured(pool_of(one), COLUMN, every, {}).on(every, fit.posts, fit.niches)
    z, v = error(fit.post, evidence)
    far: Floats = (z - middle(fit, evidence.followers, evidence.effect)) / np.sqrt(fit.between + v)
    return far


def from_posts(one: Split) -> Floats:
    """What is expected by the single posts: by the mean of logarithms, and the spread of posts in this pool."""
    pool, every = pool_of(one), np.arange(len(one.creators), dtype=np.int64)
    seen = measured(pool, COLUMN, every, {})
    single = replace(seen, logs=one.logs)
    table = usual.usual(PLATFORM, COLUMN)
    mine = Usual(table.level, table.slope, table.curve, table.between, round(one.within, 6), table.source)
    fit, _ = fitting.fitted(single, mine, 0, usual.posts(PLATFORM), pooled=False)
    return expected(fit, single.on(every, fit.posts, fit.niches), over=False, cautious=False)[0]


def chosen(values: Floats, fees: Floats, budget: float) -> Ints:
    """Who is booked: by value over fee, the best first, whoever still fits into the budget."""
    order, left, least = np.argsort(-values / fees, kind="stable"), budget, float(fees.min())
    mine = []
    for at, fee in zip(order.tolist(), fees[order].tolist(), strict=True):
        if left < least:
            break
        if fee <= left:
            mine.append(at)
            left -= fee
    return np.array(mine, dtype=np.int64)


@dataclass(frozen=True)
class Budgets:
    """What so many names cost by measured value over fee, in the middle of the splits; `small`: in pools of few.

    They are the same for all splits. A budget that were the cost of those names in the same split would leave nothing
    over if they are chosen, and something if others are.
    """

    names: tuple[float, ...]
    small: dict[int, float]


def budgets_of(splits: list[Split]) -> Budgets:
    """The budgets of all choices."""
    small_ones = {
        size: [cost(few, names) for number, one in enumerate(splits) for few in parted(one, number, size)]
        for size, names, _ in SMALL
    }
    return Budgets(
        tuple(round(float(np.median([cost(one, names) for one in splits])), 2) for names in NAMES),
        {size: float(np.median(found)) for size, found in small_ones.items()},
    )


def cost(one: Split, names: int) -> float:
    """What the first names cost."""
    return float(one.fees[np.argsort(-one.means / one.fees, kind="stable")[:names]].sum())


def parted(one: Split, number: int, size: int) -> list[Split]:
    """Ten disjoint pools of so many creators, or as many as there are."""
    order = np.random.default_rng([_SMALL, number]).permutation(len(one.fees))
    return [one.take(np.sort(order[at : at + size])) for at in range(0, min(len(order) - size + 1, 10 * size), size)]


def inside(outcomes: Floats, one: Outlook) -> tuple[Flags, Flags]:
    """Whether outcomes of single posts lie below, or above, the range in which eight in ten should lie."""
    variance = one.creator + one.post
    apart = np.log(np.maximum(outcomes, 1e-9) / one.values) + variance / 2.0
    far = 1.281552 * np.sqrt(variance)
    return apart < -far, apart > far
