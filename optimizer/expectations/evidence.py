"""What was measured of the creators of a pool: figures over followers, over how many posts, on which platform."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from optimizer.domain.accounts import platform_key
from optimizer.domain.exact import Flags, Floats, Ints
from optimizer.domain.figures import POSTS_MEASURED
from optimizer.domain.filters import fold
from optimizer.domain.pool import PLATFORM, Labels, Numbers, Pool, values_of
from optimizer.domain.scenario import Assumption
from optimizer.expectations.formula import BASE, Evidence
from optimizer.expectations.single import Single

RATE = "engagement_rate"
_NICHE = "niche"


@dataclass(frozen=True, eq=False)
class Measured:
    """A column of some creators, arrays of shape (n,). `usable`: it can be pooled, for followers and figure are known;
    `sized`: followers are known. `said`: something says over how many posts it was measured. `logs`: the mean logarithm
    of single posts, which then are the evidence, and `posts` the sum of their weights; else NaN.

    `platform` and `niche` are positions in the vocabularies of names, -1 where there is none.
    """

    followers: Floats
    measured: Floats
    posts: Floats
    said: Flags
    sized: Flags
    usable: Flags
    platform: Ints
    platforms: tuple[str, ...]
    niche: Ints
    niches: tuple[str, ...]
    logs: Floats

    def on(self, rows: Ints, posts: float, effects: Mapping[str, float]) -> Evidence:
        """The evidence of some rows: over so many posts where nothing says it; `effects` are those of niches."""
        table = np.array([*(effects.get(name, 0.0) for name in self.niches), 0.0])
        measured_over = np.maximum(np.where(self.said[rows], self.posts[rows], posts), 1.0)
        return Evidence(
            self.followers[rows],
            self.measured[rows],
            np.where(np.isnan(self.logs[rows]), measured_over, self.posts[rows]),
            table[self.niche[rows]],
            self.logs[rows],
        )


def has_sizes(pool: Pool) -> bool:
    """Whether the followers of anybody are known."""
    return bool(sizes(pool, np.arange(len(pool), dtype=np.int64))[1].any())


def sizes(pool: Pool, rows: Ints, *, by_followers: bool = True) -> tuple[Floats, Flags]:
    """The followers of some creators, and whose are known; 1 where they are not. Without a size, all have 10,000."""
    if not by_followers:
        return np.full(len(rows), BASE), np.ones(len(rows), dtype=np.bool_)
    followers, sized = _numbers(pool, "followers", rows)
    sized &= followers > 0
    return np.where(sized, followers, 1.0), sized


def platforms(pool: Pool, rows: Ints) -> tuple[Ints, tuple[str, ...]]:
    """The platforms of some creators as positions in the vocabulary of names, -1 where there is none."""
    return _groups(pool, PLATFORM, rows)


def measured(
    pool: Pool,
    column: str,
    rows: Ints,
    assume: Mapping[str, Sequence[Assumption]],
    single: Single | None = None,
    *,
    by_followers: bool = True,
) -> Measured:
    """What the pool says of a column, of some creators by position; `single`: what their single posts say of it.

    `by_followers`: whether followers count; of a pool that has none they do not, but for rates over followers.
    """
    followers, sized = sizes(pool, rows, by_followers=by_followers or column == RATE)
    values, known = _numbers(pool, column, rows)
    if column == RATE:
        values = values * followers
    platform, names = platforms(pool, rows)
    niche, niches = _groups(pool, _NICHE, rows)
    posts, said = _posts(pool, column, rows, assume)
    usable = known & sized & (values >= 0)
    logs = np.full(len(rows), np.nan)
    if single is not None:
        told = usable & single.known
        logs[told], posts[told], said[told] = single.logs[told], single.posts[told], True
        values = np.where(told, single.means, values)  # so that the fit keeps the sum of what it rests on
    return Measured(
        followers,
        np.where(usable, values, np.nan),
        posts,
        said,
        sized,
        usable,
        platform,
        names,
        niche,
        niches,
        logs,
    )


def _numbers(pool: Pool, column: str, rows: Ints) -> tuple[Floats, Flags]:
    found = pool.columns.get(column)
    if not isinstance(found, Numbers):
        return np.zeros(len(rows)), np.zeros(len(rows), dtype=np.bool_)
    mine = found.take(rows)
    return mine.values.astype(np.float64), mine.known.copy()


def _groups(pool: Pool, column: str, rows: Ints) -> tuple[Ints, tuple[str, ...]]:
    """A column of texts as groups: by the first of several values, folded; -1 where it is blank."""
    found = pool.columns.get(column)
    if not isinstance(found, Labels):
        return np.full(len(rows), -1, dtype=np.int64), ()
    as_key = platform_key if column == PLATFORM else fold
    firsts = [as_key(next(iter(values_of(entry)), "")) for entry in found.vocabulary]
    names = sorted({name for name in firsts if name})
    at = {name: place for place, name in enumerate(names)}
    codes = np.array([*(at.get(name, -1) for name in firsts), -1], dtype=np.int64)
    return codes[found.codes[rows]], tuple(names)


def _posts(pool: Pool, column: str, rows: Ints, assume: Mapping[str, Sequence[Assumption]]) -> tuple[Floats, Flags]:
    """Over how many posts: by the column for this figure, by that for all, else as the scenario assumes."""
    posts, said = np.zeros(len(rows)), np.zeros(len(rows), dtype=np.bool_)
    for name in (f"{POSTS_MEASURED}_{column}", POSTS_MEASURED):
        values, known = _numbers(pool, name, rows)
        new = known & ~said & (values > 0)
        posts[new], said[new] = values[new], True
    for line in assume.get(POSTS_MEASURED, ()):
        new = pool.matches(line.where)[rows] & ~said
        posts[new], said[new] = float(line.value), True
    return posts, said
