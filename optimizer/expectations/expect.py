"""Expected figures of the creators of a scenario: which columns are pooled, by which fit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any

import numpy as np

from optimizer.domain.exact import Flags, Ints
from optimizer.domain.figures import FIGURES
from optimizer.domain.forecast import COUNTED, LEAST, POOLED, CountFit, Fit, Fits, Fitted, Forecast, Outlook, PastPosts
from optimizer.domain.pool import Numbers, Pool
from optimizer.domain.scenario import Assumption
from optimizer.expectations import counts, fitting, single, usual
from optimizer.expectations.evidence import RATE, has_sizes, measured, platforms, sizes
from optimizer.expectations.formula import expected
from optimizer.expectations.single import Single, Spread

_BLOCK = 65_536  # creators at a time, so that what is between stays small
_PARTS = tuple(part.name for part in fields(Outlook))
_PART = 8  # below this part of the pool, a figure is reckoned for those alone that are asked for


def pooled_columns(pool: Pool) -> list[str]:
    """The columns of a pool that are means over posts."""
    of_kinds = [f"{name}_" for name in POOLED if FIGURES[name].per_deliverable]
    names = [name for name in pool.columns if name in POOLED or any(name.startswith(start) for start in of_kinds)]
    return [name for name in sorted(names) if isinstance(pool.columns[name], Numbers)]


def fitted(
    population: Pool,
    forecast: Forecast,
    assume: Mapping[str, Sequence[Assumption]],
    past: PastPosts | None = None,
) -> Fitted:
    """What is usual among the creators of a file, those included who are not planned with; `past` are their posts."""
    if forecast.rates == "measured":
        return Fitted()
    every = np.arange(len(population), dtype=np.int64)
    fits: dict[str, dict[str, Fit]] = {}
    cut, few, unsaid = [], [], []
    by_followers = has_sizes(population)
    for column in pooled_columns(population):
        posts = single.of_column(past, column)
        spread = None if posts is None else _spread(population, posts, column)
        known = (
            None
            if posts is None or spread is None
            else _single(population, posts, column, spread.sponsored, by_followers)
        )
        seen = measured(population, column, every, assume, known, by_followers=by_followers)
        size = int(seen.usable.sum())
        if not size:
            continue
        if size < LEAST and forecast.rates != "pooled":
            few.append((column, size))
            continue
        if not_said := int((seen.usable & ~seen.said).sum()):
            unsaid.append((column, not_said))
        fits[column] = {}
        for at, platform in [*enumerate(seen.platforms), (-1, usual.OTHER)]:
            table = usual.usual(platform, column)
            own = None if spread is None else spread.post[at]
            fit, edge = fitting.fitted(
                seen,
                table if own is None else replace(table, post=own),
                at,
                usual.posts(platform),
                pooled=size < LEAST,
                by_followers=by_followers,
            )
            if spread is not None:
                fit = replace(fit, sponsored=spread.sponsored, half_life=usual.half_life_months())
            fits[column][platform] = fit
            cut += [(column, platform)] if edge else []
    return Fitted(fits, _counts(population, forecast), tuple(cut), tuple(few), tuple(unsaid))


def _spread(pool: Pool, posts: PastPosts, column: str) -> Spread:
    """What single posts say of the figure on each platform, the last being that of creators without one."""
    platform, names = platforms(pool, np.arange(len(pool), dtype=np.int64))
    table = [usual.usual(name, column).post for name in (*names, usual.OTHER)]
    half_life = usual.half_life_months()
    return single.spread(posts, column, platform, len(names), table, half_life, usual.sponsored())


def _single(pool: Pool, posts: PastPosts, column: str, sponsored: float, by_followers: bool) -> Single:
    """What single posts say of each creator of a pool."""
    followers, sized = sizes(pool, np.arange(len(pool), dtype=np.int64), by_followers=by_followers)
    return single.summed(posts, column, followers, sized, usual.half_life_months(), sponsored)


def _counts(population: Pool, forecast: Forecast) -> dict[str, CountFit]:
    found = {}
    for column, over in COUNTED.items():
        rates, of = population.columns.get(column), population.columns.get(over)
        if not isinstance(rates, Numbers) or not isinstance(of, Numbers):
            continue
        known = rates.known & of.known & (of.values > 0) & (rates.values <= 1)
        if int(known.sum()) < (LEAST if forecast.rates != "pooled" else 1):
            continue
        fit = counts.fitted(rates.values[known].astype(np.float64), of.values[known].astype(np.float64))
        if fit is not None:
            found[column] = fit
    return found


_EITHER = (("average_engagements", "engagement_rate"), ("average_views", "view_rate"))


def alternatives(column: str, names: Iterable[str]) -> list[str]:
    """The columns that lead to the same quantity as this one: views of any kind, or engagements."""
    family = next(pair for pair in _EITHER if column.startswith(pair))
    return [name for name in names if name in family or (family is _EITHER[1] and name.startswith(family))]


def fills(column: str, fits: Fits) -> bool:
    """Whether this column is the one that creators without any of them get: that of all kinds, else each of a kind;
    interactions before their rate.
    """
    if column == RATE:
        return "average_engagements" not in fits
    return column in ("average_engagements", "average_views") or "average_views" not in fits


@dataclass(frozen=True, eq=False)
class Expectations:
    """Expected figures of a pool by position, made when they are asked for, and kept where all are."""

    pool: Pool
    forecast: Forecast
    assume: Mapping[str, Sequence[Assumption]]
    fitted: Fitted
    segments: Ints  # positions of those who are not named: their figures stay as given
    past: PastPosts | None = None
    _single: dict[str, Single | None] = field(default_factory=dict)
    _kept: dict[str, Outlook] = field(default_factory=dict)

    def __getstate__(self) -> dict[str, Any]:
        return {
            "pool": self.pool,
            "forecast": self.forecast,
            "assume": self.assume,
            "fitted": self.fitted,
            "segments": self.segments,
            "past": self.past,
            "_single": {},
            "_kept": {},
        }

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)

    def figure(self, column: str, rows: Ints) -> Numbers | None:
        """The figure that is planned with, for some creators by position; None where the file's own is."""
        if column not in self.fitted.fits and column not in self.fitted.counts:
            return None
        values = self._outlook(column, rows).values
        known = ~np.isnan(values)
        return Numbers(np.where(known, values, 0.0), known)

    def outlook(self, column: str, rows: Ints) -> Outlook | None:
        """The same with what it rests on; values are NaN of creators without the figure."""
        return (
            None if column not in self.fitted.fits and column not in self.fitted.counts else self._outlook(column, rows)
        )

    def _outlook(self, column: str, rows: Ints) -> Outlook:
        if column not in self._kept and len(rows) * _PART < len(self.pool):
            return self._made(column, rows)
        if column not in self._kept:
            every = np.arange(len(self.pool), dtype=np.int64)
            blocks = [self._made(column, every[at : at + _BLOCK]) for at in range(0, len(every), _BLOCK)]
            self._kept[column] = Outlook(*(np.concatenate([getattr(one, part) for one in blocks]) for part in _PARTS))
        found = self._kept[column]
        return Outlook(*(getattr(found, part)[rows] for part in _PARTS))

    def _made(self, column: str, rows: Ints) -> Outlook:
        return self._of_counts(column, rows) if column in self.fitted.counts else self._of_posts(column, rows)

    def _of_posts(self, column: str, rows: Ints) -> Outlook:
        known_of_posts = self._of_single(column)
        single_of = None if known_of_posts is None else known_of_posts.take(rows)
        fits = self.fitted.fits[column]
        by_followers = fits[usual.OTHER].by_followers
        seen = measured(self.pool, column, rows, self.assume, single_of, by_followers=by_followers)
        own = self.pool.columns.get(column)
        values = own.take(rows).values.astype(np.float64) if isinstance(own, Numbers) else np.zeros(len(rows))
        known = own.known[rows] if isinstance(own, Numbers) else np.zeros(len(rows), dtype=np.bool_)
        values = np.where(known, values, np.nan)  # without followers, a figure stays as measured
        creator, post, posts, pooled = (np.zeros(len(rows)) for _ in range(4))
        wanted = (seen.usable | (seen.sized & self._unmeasured(column, rows))) & ~np.isin(rows, self.segments)
        for at in range(-1, len(seen.platforms)):
            name = seen.platforms[at] if at >= 0 else usual.OTHER
            fit = fits.get(name, fits[usual.OTHER])
            mine = np.flatnonzero(wanted & (seen.platform == at))
            if not len(mine):
                continue
            evidence = seen.on(mine, fit.posts, fit.niches)
            expecting, known_of = expected(
                fit, evidence, over=column == RATE, cautious=self.forecast.rates == "cautious"
            )
            values[mine], creator[mine], post[mine] = expecting, known_of.variance, fit.post
            pooled[mine], posts[mine] = 1.0 - known_of.weight, np.where(seen.usable[mine], evidence.posts, 0.0)
        return Outlook(values, creator, post, posts, pooled)

    def _of_single(self, column: str) -> Single | None:
        """What single posts say of a column, of all creators; made once."""
        if column not in self._single:
            posts = single.of_column(self.past, column)
            fit = self.fitted.fits[column][usual.OTHER]
            made = None if posts is None else _single(self.pool, posts, column, fit.sponsored, fit.by_followers)
            self._single[column] = made
        return self._single[column]

    def _unmeasured(self, column: str, rows: Ints) -> Flags:
        """Who gets the pool's expectation, if that is asked for: who has none of the figures that lead to the same."""
        none = np.zeros(len(rows), dtype=np.bool_)
        if self.forecast.unmeasured != "expected" or not fills(column, self.fitted.fits):
            return none
        for name in alternatives(column, self.pool.columns):
            other = self.pool.columns[name]
            none |= other.known[rows] if isinstance(other, Numbers) else False
        return ~none

    def _of_counts(self, column: str, rows: Ints) -> Outlook:
        rates, of = self.pool.columns[column], self.pool.columns.get(COUNTED[column])
        assert isinstance(rates, Numbers)
        values = np.where(rates.known[rows], rates.values[rows].astype(np.float64), np.nan)
        count = np.zeros(len(rows))
        if isinstance(of, Numbers):
            count = np.where(of.known[rows], of.values[rows].astype(np.float64), 0.0)
        known = ~np.isnan(values) & (count > 0) & ~np.isin(rows, self.segments)
        variance, pooled = np.zeros(len(rows)), np.zeros(len(rows))
        fit = self.fitted.counts[column]
        found, spread = counts.expected(fit, values[known], count[known], cautious=self.forecast.rates == "cautious")
        values[known], variance[known] = found, spread
        pooled[known] = fit.weight / (fit.weight + count[known])
        return Outlook(values, variance, np.zeros(len(rows)), count, pooled)
