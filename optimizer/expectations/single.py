"""Single posts of creators: what they say of a creator, of one post, and of sponsored posts against organic ones.

A post that came out `age` months before the newest of its file has the weight w = 2^(-age / half-life), rounded to six
decimals. Of a creator with F followers, with posts that brought x each:

    n = sum of w        logs = sum of w (ln((x + 2) / F) - d [the post is sponsored]) / n, rounded to six decimals

d is what a sponsored post brings against an organic one of the same creator, in logs: so `logs` is that of organic
posts. The logarithms of real posts have heavy tails; none is cut off, as that would understate the means.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Context, Decimal, localcontext
from math import log

import numpy as np

from optimizer.domain.exact import Flags, Floats, Ints
from optimizer.domain.forecast import SINGLE, PastPosts
from optimizer.expectations.formula import OFFSET

_MILLION = 1_000_000  # weights are counted in millionths
_NEAR = 1e-3  # of the last digit: floats are wrong by far less
_LEAST_DEGREES, _LEAST_POST = 100.0, 0.01
_MOST_POST = 9.0  # a standard deviation of 3: two posts in three within a factor of 20
_PRIOR_SD = 0.1  # of the log of what sponsored posts bring


@dataclass(frozen=True, eq=False)
class Single:
    """What single posts say of some creators, arrays of shape (n,): the sum of their weights, the mean logarithm over
    followers, and the mean; 0 and NaN where there are none. Sponsored posts are taken for the organic ones that would
    have brought as much without their effect."""

    posts: Floats
    logs: Floats
    means: Floats

    @property
    def known(self) -> Flags:
        found: Flags = self.posts > 0
        return found

    def take(self, rows: Ints) -> Single:
        return Single(self.posts[rows], self.logs[rows], self.means[rows])


@dataclass(frozen=True)
class Spread:
    """What single posts say of a figure: the log variance of one post by platform, None where too few tell it; and the
    log of what sponsored posts bring."""

    post: tuple[float | None, ...]
    sponsored: float


def weights(age: Ints, half_life: float) -> Ints:
    """The weights of posts, in millionths; decided in decimals, as halves of a millionth do occur."""
    ages, where = np.unique(age, return_inverse=True)
    with localcontext(Context(prec=40)):
        life = Decimal(repr(half_life))
        found = [int((Decimal(2) ** (-Decimal(one) / life) * _MILLION).to_integral_value()) for one in ages.tolist()]
    table: Ints = np.array(found, dtype=np.int64)
    return table[where.reshape(-1)] if len(table) else table


def of_column(past: PastPosts | None, column: str) -> PastPosts | None:
    """The posts whose figure is known that a column is the mean of; None where the file does not tell it of anyone."""
    if past is None or SINGLE.get(column) not in past.told:
        return None
    return past.take(np.flatnonzero(~np.isnan(figures(past, column))))


def figures(past: PastPosts, column: str) -> Floats:
    """What each post brought, of what a column is the mean of."""
    found: Floats = getattr(past, SINGLE[column])
    return found


def summed(past: PastPosts, column: str, followers: Floats, sized: Flags, half_life: float, sponsored: float) -> Single:
    """What posts with a known figure say of each creator of a pool, those without followers excepted."""
    size = len(followers)
    weight = weights(past.age, half_life)
    kept = np.flatnonzero(sized[past.creator] & (weight > 0))
    creator, weight, effect = past.creator[kept], weight[kept], np.where(past.sponsored[kept], sponsored, 0.0)
    values = figures(past, column)[kept]
    log_of = np.log((values + OFFSET) / followers[creator]) - effect
    total = np.zeros(size, dtype=np.int64)
    np.add.at(total, creator, weight)
    told = np.flatnonzero(total)
    logs, means = np.full(size, np.nan), np.full(size, np.nan)
    means[told] = np.bincount(creator, weight * values * np.exp(-effect), size)[told] / total[told]
    millionths = np.bincount(creator, weight * log_of, size)[told] / total[told] * _MILLION
    logs[told] = np.rint(millionths) / _MILLION
    near = np.abs(millionths - np.floor(millionths) - 0.5) < _NEAR
    for at in told[near].tolist():
        mine = slice(*np.searchsorted(creator, [at, at + 1]).tolist())
        parts = zip(values[mine].tolist(), weight[mine].tolist(), effect[mine].tolist(), strict=True)
        logs[at] = in_decimals(float(followers[at]), list(parts))
    return Single(total / _MILLION, logs, means)


def in_decimals(followers: float, posts: Sequence[tuple[float, int, float]]) -> float:
    """The mean logarithm of a creator's posts (figure, weight in millionths, effect), in decimals of 40 digits."""
    with localcontext(Context(prec=40)):
        size, total = Decimal(repr(followers)), Decimal(sum(weight for _, weight, _ in posts))
        each = (
            weight * (((Decimal(repr(value)) + 2) / size).ln() - Decimal(repr(effect)))
            for value, weight, effect in posts
        )
        return float((sum(each, Decimal(0)) / total).quantize(Decimal("1e-6")))


def spread(
    past: PastPosts, column: str, platform: Ints, count: int, usual: Sequence[float], half_life: float,
    table: tuple[float, float],
) -> Spread:  # fmt: skip
    """The variance of one post, and the effect of sponsored ones, from posts of the same creator.

    Parameters
    ----------
    platform
        Of each creator, from -1 for none to `count` - 1; the last entry of the result, and of `usual`, is for none.
    usual
        The variance of one post where fewer than 100 degrees of freedom tell it, of each platform.
    table
        What sponsored posts usually bring, and the log error of that.

    Notes
    -----
    The variance is that within a creator's organic posts and within the sponsored ones, so that it does not depend on
    the effect. With weights w in a group, of total W, the degrees of freedom are W - sum w^2 / W.
    """
    weight = weights(past.age, half_life) / _MILLION
    kept = weight > 0
    weight, values = weight[kept], np.log(figures(past, column)[kept] + OFFSET)
    group = past.creator[kept] * 2 + past.sponsored[kept]
    groups, of = np.unique(group, return_inverse=True)
    of = of.reshape(-1)
    total = np.bincount(of, weight)
    mean = np.bincount(of, weight * values) / total
    squares = np.bincount(of, weight * (values - mean[of]) ** 2)
    own_degrees = total - np.bincount(of, weight * weight) / total
    where = platform[groups // 2] % (count + 1)  # the last is for none
    apart_by, degrees = (np.bincount(where, part, count + 1) for part in (squares, own_degrees))
    post = tuple(
        min(max(round(float(apart_by[at] / degrees[at]), 6), _LEAST_POST), _MOST_POST)
        if degrees[at] >= _LEAST_DEGREES
        else None
        for at in range(count + 1)
    )
    error = np.array([own if own is not None else common for own, common in zip(post, usual, strict=True)])
    both = np.flatnonzero((groups[1:] == groups[:-1] + 1) & (groups[1:] % 2 == 1))
    apart = mean[both + 1] - mean[both]
    precision = 1.0 / (error[where[both]] * (1.0 / total[both] + 1.0 / total[both + 1]))
    own = _PRIOR_SD**-2
    shrunk = (float((precision * apart).sum()) + own * log(table[0])) / (float(precision.sum()) + own)
    return Spread(post, round(shrunk, 6))
